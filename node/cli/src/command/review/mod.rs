//! `blindlink review list | show | decide | approve | confirm | disclose | withdraw | reopen`

mod confirm;
mod letter;
mod show;

use crate::exit::{Exit, Failure};
use crate::office::{ActingArgs, Office};
use crate::output;
use crate::output::printed;
use blindlink_console::{Language, LetterKind};
use blindlink_node::round::confirmation::{Disclosure, disclose};
use blindlink_node::store::error::read_text;
use blindlink_node::sys::clock;
use blindlink_review::{Actor, Judgement, Pair, PairId, PersonId, Reason, Refusal, Stage, Verdict, What as Step};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Review {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    acting: ActingArgs,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the pairs of your lists at a stage, what is due first at the top.
    #[command(
        after_help = "Examples:\n  blindlink review list --as anna\n  blindlink review list --as anna --stage confirmed_here"
    )]
    List {
        /// Stage, such as candidate, judged_once, judged_twice, confirmed_here, confirmed_there [default: where a pair waits for you]
        #[arg(long, value_name = "STAGE", value_parser = stage)]
        stage: Option<Stage>,
        /// Those that come after this pair
        #[arg(long, value_name = "PAIR")]
        after: Option<String>,
        /// So many at most
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        most: u16,
    },
    /// Show a pair with the own record. That you read it is in the log.
    #[command(after_help = "Example:\n  blindlink review show 1a2b3c4d --as anna")]
    Show {
        /// First digits of the pair's pseudonym; `-N` with the number of the own record if there are several
        pair: String,
    },
    /// Judge a pair.
    #[command(
        after_help = "Example:\n  blindlink review decide 1a2b3c4d --as anna --seen 0 --verdict worth_asking --reason document"
    )]
    Decide {
        #[command(flatten)]
        seen: Seen,
        /// worth_asking, other_person or not_decidable
        #[arg(long, value_name = "VERDICT", value_parser = verdict)]
        verdict: Verdict,
        #[command(flatten)]
        why: Why,
    },
    /// Put a pair that two others found worth asking to the other authority.
    Approve {
        #[command(flatten)]
        seen: Seen,
    },
    /// Compute with a peer which pairs both sides say yes to, and exchange notices. At the agreed times, whether anything
    /// was decided or not: let a timer run it, on the side that calls the other.
    #[command(after_help = "Example:\n  blindlink review confirm south")]
    Confirm {
        /// Name of the peer
        peer: String,
        /// First digits of a round's id [default: all rounds with the peer whose pairs are kept]
        #[arg(long, value_name = "ROUND")]
        round: Option<String>,
        /// Exchange notices alone
        #[arg(long)]
        notices_only: bool,
    },
    /// Disclose a pair that both authorities confirmed: a case reference and whom to call, and nothing of a person. It
    /// leaves with the next `confirm`.
    #[command(
        after_help = "Example:\n  blindlink review disclose 1a2b3c4d --as carla --seen 4 --case-reference UTO-17 --desk \"desk 4, +999 555 0100\" --handling 1"
    )]
    Disclose {
        #[command(flatten)]
        seen: Seen,
        /// The own case reference
        #[arg(long, value_name = "TEXT")]
        case_reference: String,
        /// Whom to call
        #[arg(long, value_name = "TEXT")]
        desk: String,
        /// 0 for police and judicial use, 1 not as evidence without consent, 2 not to be passed on, 3 for the named desk only
        #[arg(long, value_name = "CODE", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
        handling: u8,
    },
    /// Print a letter about a pair, for your own channel: references and desks, and nothing of a person. The node sends none.
    #[command(
        after_help = "Example:\n  blindlink review letter 1a2b3c4d --as carla --kind request --language fr > letter.txt"
    )]
    Letter {
        /// First digits of the pair's pseudonym, as `review show` takes them
        pair: String,
        /// request, once both references are known; withdrawal, once the pair was taken back
        #[arg(long, value_name = "KIND", default_value = "request", value_parser = letter::kind)]
        kind: LetterKind,
        /// ar, zh, en, fr, ru or es
        #[arg(long, value_name = "CODE", default_value = "en", value_parser = letter::language)]
        language: Language,
    },
    /// Take a pair back.
    Withdraw {
        #[command(flatten)]
        seen: Seen,
        #[command(flatten)]
        why: Why,
    },
    /// Open a closed pair again.
    Reopen {
        #[command(flatten)]
        seen: Seen,
        #[command(flatten)]
        why: Why,
    },
}

/// The pair, as the person saw it.
#[derive(Debug, Args)]
struct Seen {
    /// First digits of the pair's pseudonym, as `review show` takes them
    pair: String,
    /// The number of steps that `review show` told: if the pair has changed since, nothing is decided
    #[arg(long, value_name = "N")]
    seen: u32,
}

#[derive(Debug, Args)]
struct Why {
    /// Reason from the list that fits, such as document, common_name, too_little; `review show` lists them
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Reason,
    /// File with your own words; they stay here. Not on the command line, where others could read them
    #[arg(long, value_name = "FILE")]
    note_file: Option<PathBuf>,
}

fn one_of<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| format!("one of {}", all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ")))
}

fn stage(text: &str) -> Result<Stage, String> {
    one_of(text, &Stage::ALL, Stage::name)
}

fn verdict(text: &str) -> Result<Verdict, String> {
    one_of(text, &Verdict::ALL, Verdict::name)
}

fn reason(text: &str) -> Result<Reason, String> {
    one_of(text, &Reason::ALL, Reason::name)
}

/// A pair in a list.
#[derive(Clone, Serialize)]
struct Row {
    pair: String,
    round: String,
    list: &'static str,
    child: bool,
    stage: &'static str,
    received: String,
    due: Option<String>,
    overdue: bool,
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    pairs: Vec<Row>,
}

fn row(id: PairId, pair: &Pair, now: u64) -> Row {
    let due = pair.due();
    Row {
        pair: format!("{}-{}", hex::encode(id.meeting.pseudonym), id.own),
        round: hex::encode(id.meeting.round),
        list: pair.candidate.lane().map_or("", blindlink::schema::kinds::Lane::name),
        child: pair.candidate.child,
        stage: pair.stage.name(),
        received: clock::date(pair.received),
        due: due.map(|(_, until)| clock::date(until)),
        overdue: due.is_some_and(|(_, until)| until <= now),
    }
}

impl Review {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let mut office = Office::open(dir)?;
        if let What::Confirm { peer, round, notices_only } = self.what {
            return confirm::confirm(&mut office, &peer, round.as_deref(), !notices_only, self.json);
        }
        let person = office.log_in(&self.acting)?;
        match self.what {
            What::Confirm { .. } => Ok(()),
            What::Disclose { seen, case_reference, desk, handling } => {
                let disclosure = Disclosure { case_reference, desk, handling };
                let id = find(&office, person, &seen.pair)?;
                office.confirming(|node, log| disclose(node, log, (person, id, seen.seen), disclosure))???;
                told(&office, person, id, self.json)
            }
            What::List { stage, after, most } => list(&office, person, self.json, (stage, after, most)),
            What::Show { pair } => {
                let pair = find(&office, person, &pair)?;
                office.take(Actor::Person(person), Step::Opened { pair })?;
                show::show(&mut office, person, pair, self.json)
            }
            What::Letter { pair, kind, language } => {
                let pair = find(&office, person, &pair)?;
                office.take(Actor::Person(person), Step::Opened { pair })?;
                letter::print(&office, person, pair, (kind, language), self.json)
            }
            What::Decide { seen, verdict, why } => {
                let note = note(why.note_file.as_deref())?;
                let judgement = Judgement { verdict, reason: why.reason, note };
                step(&mut office, person, self.json, &seen, |pair, seen| Step::Judged { pair, seen, judgement })
            }
            What::Approve { seen } => {
                step(&mut office, person, self.json, &seen, |pair, seen| Step::Approved { pair, seen })
            }
            What::Withdraw { seen, why } => {
                let (reason, note) = (why.reason, note(why.note_file.as_deref())?);
                let taken_back = |pair, seen| Step::Withdrawn { pair, seen: Some(seen), reason, note };
                step(&mut office, person, self.json, &seen, taken_back)
            }
            What::Reopen { seen, why } => {
                let (reason, note) = (why.reason, note(why.note_file.as_deref())?);
                step(&mut office, person, self.json, &seen, |pair, seen| Step::Reopened { pair, seen, reason, note })
            }
        }
    }
}

fn note(file: Option<&Path>) -> Result<String, Failure> {
    Ok(file.map(|path| read_text(path, "the note")).transpose()?.unwrap_or_default())
}

/// The one pair that begins so, among those that the person may see.
fn find(office: &Office, person: PersonId, text: &str) -> Result<PairId, Failure> {
    let (digits, own) = match text.split_once('-') {
        Some((digits, own)) => (digits, Some(own)),
        None => (text, None),
    };
    let hexadecimal = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let own = own.map(str::parse::<u32>).transpose().ok().filter(|_| hexadecimal);
    let Some(own) = own else {
        let text = "a pair is named by the first hexadecimal digits of its pseudonym, and `-N` if there are several";
        return Err(Failure::new(Exit::Usage, text));
    };
    let mut found = office.desk().find(person, digits, usize::MAX);
    found.retain(|id| own.is_none_or(|own| own == id.own));
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Refusal::NoSuchPair.into()),
        _ => Err(Failure::new(Exit::Review, "more than one pair begins so: write more of it")),
    }
}

fn list(
    office: &Office,
    person: PersonId,
    json: bool,
    (stage, after, most): (Option<Stage>, Option<String>, u16),
) -> Result<(), Failure> {
    let waits = || office.desk().next(person).map_or(Stage::Candidate, |(_, stage)| stage);
    let stage = stage.unwrap_or_else(waits);
    let after = after.map(|after| find(office, person, &after)).transpose()?;
    let now = clock::now();
    let pairs = office.desk().queue(person, stage, after, most.into())?;
    let listed = Listed {
        schema: "blindlink.pairs/v1",
        pairs: pairs.into_iter().map(|(id, pair)| row(id, pair, now)).collect(),
    };
    let cells = |row: &Row| {
        let child = if row.child { " (may be a child)" } else { "" };
        let overdue = if row.overdue { " overdue" } else { "" };
        let due = row.due.as_ref().map(|due| format!("{due}{overdue}")).unwrap_or_default();
        vec![row.pair.clone(), format!("{}{child}", row.list), row.received.clone(), due]
    };
    printed(output::print(json, &listed, || match listed.pairs.is_empty() {
        true => format!("nothing stands at the stage {}", stage.name()),
        false => {
            let table = output::table(&["pair", "list", "received", "due"], listed.pairs.iter().map(cells));
            format!("at the stage {}\n{table}", stage.name())
        }
    }))
}

/// Takes a step on a pair and says where it stands now.
fn step(
    office: &mut Office,
    person: PersonId,
    json: bool,
    seen: &Seen,
    make: impl FnOnce(PairId, u32) -> Step,
) -> Result<(), Failure> {
    let id = find(office, person, &seen.pair)?;
    office.take(Actor::Person(person), make(id, seen.seen))?;
    told(office, person, id, json)
}

/// Says where a pair stands now.
fn told(office: &Office, person: PersonId, id: PairId, json: bool) -> Result<(), Failure> {
    let now = row(id, office.desk().pair(person, id)?, clock::now());
    let text = format!("done: the pair is now at the stage {}", now.stage);
    printed(output::print(json, &Listed { schema: "blindlink.pairs/v1", pairs: vec![now] }, || text))
}
