//! `blindlink rounds list | show | result | new`

pub(crate) mod report;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::identity::PeerId;
use blindlink::session::Role;
use blindlink_node::store::database::{Database, KeptPair, KeptRound, RoundFilter};
use blindlink_node::store::journal::StorageKey;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, StoreError, results, rounds as journals};
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_new;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Rounds {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the rounds, the latest first; those that are open come before all others.
    #[command(after_help = "Example:\n  blindlink rounds list --peer south --most 5")]
    List {
        /// Those with this peer only
        #[arg(long, value_name = "NAME")]
        peer: Option<String>,
        /// So many at most
        #[arg(long, value_name = "N", default_value_t = 20)]
        most: u32,
    },
    /// Show one round.
    #[command(after_help = "Example:\n  blindlink rounds show 1a2b3c4d")]
    Show {
        /// The round's id, or its beginning
        round: String,
    },
    /// Write the result of a round again, as CSV.
    #[command(after_help = "Example:\n  blindlink rounds result 1a2b3c4d --out matches.csv")]
    Result {
        /// The round's id, or its beginning
        round: String,
        /// Where it goes: a file that is not there yet [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write a round as one HTML page: from the list to the result, where pairs come from, what each side learnt. No value of
    /// a person is on it.
    #[command(after_help = "Example:\n  blindlink rounds report 1a2b3c4d --out round.html\n\n\
        `serve`, `link` and `run` write it into the folder of results by themselves.")]
    Report {
        /// The round's id, or its beginning
        round: String,
        /// Where it goes: a file that is not there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the pairs of a round that earlier rounds with the same peer and lists did not report.
    #[command(after_help = "Example:\n  blindlink rounds new --peer south --out new.csv\n\n\
        The column `new` says why: `record`, the own record was in no pair before; `more_pairs`, it is in more pairs than \
        before, and one of them is new; `grade`, it was in pairs before, none of this grade.")]
    New {
        /// The round's id, or its beginning [default: the latest that ended well]
        round: Option<String>,
        /// The latest with this peer
        #[arg(long, value_name = "NAME", conflicts_with = "round")]
        peer: Option<String>,
        /// Where they go: a file that is not there yet [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A round for machines.
#[derive(Serialize)]
struct Shown {
    /// `open`, `done` or `failed`.
    state: &'static str,
    round: Option<String>,
    peer: String,
    role: &'static str,
    lanes: &'static str,
    begun: String,
    ended: Option<String>,
    training: bool,
    agreement: Option<String>,
    policy: String,
    records: Option<usize>,
    pairs: Option<usize>,
    strong: Option<usize>,
    saved: bool,
    failure: Option<&'static str>,
    out: Option<PathBuf>,
    keep_until: Option<String>,
    erased: Option<String>,
    transcript: Option<String>,
    bytes_sent: Option<u64>,
    bytes_received: Option<u64>,
    seconds: Option<f64>,
    list: Option<List>,
}

#[derive(Serialize)]
struct List {
    file: PathBuf,
    records: usize,
    rejected_rows: usize,
    values_left_out: usize,
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    rounds: Vec<Shown>,
}

#[derive(Serialize)]
struct One {
    schema: &'static str,
    #[serde(flatten)]
    round: Shown,
}

#[derive(Serialize)]
struct Written {
    schema: &'static str,
    round: String,
    out: PathBuf,
}

#[derive(Serialize)]
struct Pair {
    own_id: String,
    peer_pseudonym: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'static str>,
    tables: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'static str>,
}

#[derive(Serialize)]
struct Pairs {
    schema: &'static str,
    round: String,
    peer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<usize>,
    pairs: Vec<Pair>,
}

/// What a round of this node is looked up in.
struct Archive {
    data: DataDir,
    storage: StorageKey,
    db: Database,
    peers: Peers,
}

impl Archive {
    fn open(dir: Option<PathBuf>) -> Result<Self, Failure> {
        Self::of(DataDir::locate(dir)?)
    }

    fn of(data: DataDir) -> Result<Self, Failure> {
        data.identity()?;
        let storage = data.storage()?;
        let (db, peers) = (Database::open(&data, &storage)?, Peers::load(&data)?);
        Ok(Self { data, storage, db, peers })
    }

    /// The present name of a peer, else the one that it had.
    fn name(&self, peer: &PeerId, then: &str) -> String {
        self.peers.by_id(peer).map_or_else(|| then.to_owned(), |peer| peer.name.clone())
    }

    fn peer(&self, name: Option<&str>) -> Result<Option<PeerId>, Failure> {
        Ok(name.map(|name| self.peers.get(name)).transpose()?.map(|peer| peer.id))
    }

    /// The one round whose id begins so.
    fn find(&self, digits: &str) -> Result<KeptRound, Failure> {
        let hexadecimal = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !hexadecimal {
            return Err(Failure::new(Exit::Usage, "a round is named by the first hexadecimal digits of its id"));
        }
        let mut found = self.db.rounds_by_id(digits)?;
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => {
                Err(StoreError::NoRound("no round that is over begins so: see `blindlink rounds list`").into())
            }
            _ => Err(StoreError::NoRound("more than one round begins so: write more of its id").into()),
        }
    }

    /// The latest round that ended well.
    fn latest(&self, peer: Option<&str>) -> Result<KeptRound, Failure> {
        let filter = RoundFilter { peer: self.peer(peer)?, finished: true, most: Some(1) };
        let none = StoreError::NoRound("no round has ended well yet");
        Ok(self.db.rounds(&filter)?.pop().ok_or(none)?)
    }

    fn shown(&self, round: &KeptRound) -> Result<Shown, Failure> {
        let about = &round.about;
        let list = round.list.map(|row| self.db.list(row)).transpose()?;
        let ended_well = round.failure.is_none();
        #[allow(clippy::cast_precision_loss)]
        let seconds = about.milliseconds as f64 / 1000.0;
        Ok(Shown {
            state: if ended_well { "done" } else { "failed" },
            round: round.round.map(hex::encode),
            peer: self.name(&round.peer, &about.peer),
            role: round.role.name(),
            lanes: round.lanes.name(),
            begun: clock::date(round.begun),
            ended: Some(clock::date(round.ended)),
            training: round.agreement.is_none(),
            agreement: round.agreement.map(hex::encode),
            policy: hex::encode(round.policy),
            records: Some(about.records),
            pairs: ended_well.then_some(about.pairs),
            strong: (ended_well && round.role == Role::Requester).then_some(about.strong),
            saved: about.saved && round.erased.is_none(),
            failure: round.failure.map(failure_code),
            out: about.out.clone(),
            keep_until: round.keep_until.map(clock::date),
            erased: round.erased.map(clock::date),
            transcript: Some(about.transcript.clone()).filter(|text| !text.is_empty()),
            bytes_sent: ended_well.then_some(about.bytes.0),
            bytes_received: ended_well.then_some(about.bytes.1),
            seconds: ended_well.then_some(seconds),
            list: list.map(|list| List {
                file: list.file,
                records: list.records,
                rejected_rows: list.rejected_rows,
                values_left_out: list.values_left_out,
            }),
        })
    }

    /// The rounds that may go on.
    fn open_rounds(&self, peer: Option<PeerId>) -> Result<Vec<Shown>, Failure> {
        let open = journals::look_at_open(&self.data, &self.storage)?;
        let of_peer = open.into_iter().filter(|open| peer.is_none_or(|peer| peer == open.header.peer));
        let shown = |open: journals::OpenJournal| {
            let policy = blindlink::policy::Policy::from_canonical_bytes(&open.header.policy).ok();
            Shown {
                state: "open",
                round: open.summary.round.map(hex::encode),
                peer: self.name(&open.header.peer, ""),
                role: open.header.role.name(),
                lanes: policy.as_ref().map_or("", |policy| policy.context.lanes.name()),
                begun: clock::date(open.header.begun),
                ended: None,
                training: open.header.agreement.is_empty(),
                agreement: None,
                policy: policy.map(|policy| hex::encode(policy.digest())).unwrap_or_default(),
                records: None,
                pairs: None,
                strong: None,
                saved: false,
                failure: None,
                out: None,
                keep_until: None,
                erased: None,
                transcript: None,
                bytes_sent: None,
                bytes_received: None,
                seconds: None,
                list: None,
            }
        };
        Ok(of_peer.map(shown).collect())
    }
}

/// The name of a failure's exit code.
fn failure_code(number: u8) -> &'static str {
    Exit::ALL.iter().find(|exit| exit.exit() == number).copied().unwrap_or(Exit::Unexpected).code()
}

/// What became of a round, in a few words.
fn outcome(round: &Shown) -> String {
    match (round.failure, round.pairs) {
        (Some(code), _) => code.to_owned(),
        (None, None) => String::new(),
        (None, Some(pairs)) => match round.strong {
            Some(strong) => format!("{pairs} pairs, {strong} strong"),
            None => format!("{pairs} claimed"),
        },
    }
}

impl Rounds {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let archive = Archive::open(dir)?;
        match self.what {
            What::List { peer, most } => list(&archive, peer.as_deref(), most, self.json),
            What::Show { round } => {
                let round = archive.shown(&archive.find(&round)?)?;
                let shown = One { schema: "blindlink.kept-round/v1", round };
                printed(output::print(self.json, &shown, || in_words(&shown.round)))
            }
            What::Result { round, out } => {
                let round = archive.find(&round)?;
                let pairs = archive.db.pairs(round.row, 0, usize::MAX)?;
                has_result(&round)?;
                let text = results::text(round.role, &pairs);
                let pairs = pairs.into_iter().map(|pair| self::pair(pair, None)).collect();
                let (peer, round) = (archive.name(&round.peer, &round.about.peer), id(&round));
                let schema = "blindlink.result/v1";
                let shown = Pairs { schema, round, peer, compared: None, unknown: None, pairs };
                give(self.json, out.as_deref(), &shown, text)
            }
            What::Report { round, out } => {
                results::check_new(&out)?;
                let round = archive.find(&round)?;
                report::give(&out, &report::page(&archive, &round, None)?)?;
                let shown = Written { schema: "blindlink.report/v1", round: id(&round), out };
                printed(output::print(self.json, &shown, || format!("written to {}", shown.out.display())))
            }
            What::New { round, peer, out } => {
                let round = match round {
                    Some(digits) => archive.find(&digits)?,
                    None => archive.latest(peer.as_deref())?,
                };
                has_result(&round)?;
                let news = archive.db.news(&round)?;
                let text = results::news_text(round.role, &news);
                let pairs = news.pairs.into_iter().map(|(pair, why)| self::pair(pair, Some(why.name()))).collect();
                let (peer, round) = (archive.name(&round.peer, &round.about.peer), id(&round));
                let (compared, unknown) = (Some(news.compared), Some(news.unknown));
                if news.unknown > 0 && !self.json {
                    eprintln!(
                        "the results of {} earlier rounds are not here any more, or were not saved: what only they \
                         reported is told as new",
                        news.unknown
                    );
                }
                let schema = "blindlink.news/v1";
                give(self.json, out.as_deref(), &Pairs { schema, round, peer, compared, unknown, pairs }, text)
            }
        }
    }
}

fn id(round: &KeptRound) -> String {
    round.round.map(hex::encode).unwrap_or_default()
}

fn pair(pair: KeptPair, new: Option<&'static str>) -> Pair {
    let grade = pair.grade.map(blindlink::session::Grade::name);
    Pair { own_id: pair.own_id, peer_pseudonym: hex::encode(pair.pseudonym), grade, tables: pair.tables, new }
}

/// A result that is not here is told, not written as an empty file.
fn has_result(round: &KeptRound) -> Result<(), Failure> {
    let why = match (round.failure, round.erased, round.about.saved) {
        (Some(code), ..) => format!("the round failed with {}: it has no result", failure_code(code)),
        (_, Some(time), _) => format!("its agreement no longer kept the result; deleted at {}", clock::date(time)),
        (_, _, false) => "its result was not saved: this side learns none in this mode, or wanted none".to_owned(),
        (None, None, true) => return Ok(()),
    };
    Err(Failure::new(Exit::NoInput, why))
}

/// Prints pairs, or writes them to a new file.
fn give(json: bool, out: Option<&Path>, shown: &Pairs, text: Vec<u8>) -> Result<(), Failure> {
    let Some(path) = out else {
        return printed(output::print(json, shown, || String::from_utf8_lossy(&text).into_owned()));
    };
    results::check_new(path)?;
    write_new(path, &text).map_err(StoreError::output(format!("cannot write {}", path.display())))?;
    let said = || format!("{} pairs written to {}", shown.pairs.len(), path.display());
    printed(output::print(json, shown, said))
}

fn list(archive: &Archive, peer: Option<&str>, most: u32, json: bool) -> Result<(), Failure> {
    let peer = archive.peer(peer)?;
    let mut rounds = archive.open_rounds(peer)?;
    for round in archive.db.rounds(&RoundFilter { peer, finished: false, most: Some(most) })? {
        rounds.push(archive.shown(&round)?);
    }
    let shown = Listed { schema: "blindlink.rounds/v1", rounds };
    printed(output::print(json, &shown, || {
        if shown.rounds.is_empty() {
            return "no round yet".to_owned();
        }
        let row = |round: &Shown| {
            let id = round.round.as_deref().and_then(|id| id.get(..12)).unwrap_or("-");
            let cells = [id, &round.begun, &round.peer, round.role, round.state, &outcome(round)];
            cells.map(str::to_owned).to_vec()
        };
        output::table(&["round", "begun", "peer", "role", "state", "outcome"], shown.rounds.iter().map(row))
    }))
}

/// A round for people.
fn in_words(round: &Shown) -> String {
    in_lines(round).iter().map(|(name, value)| format!("{name:<11}{value}\n")).collect()
}

/// What there is to tell of a round, each with its name.
fn in_lines(round: &Shown) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("round", round.round.clone().unwrap_or_else(|| "-".into())),
        ("peer", format!("{} ({} here, {})", round.peer, round.role, round.lanes)),
        ("state", [round.state, &outcome(round)].join(" ").trim_end().to_owned()),
        ("begun", round.begun.clone()),
    ];
    let text = |name, value: &Option<String>| value.clone().map(|value| (name, value));
    lines.extend(text("ended", &round.ended));
    lines.push(("agreement", round.agreement.clone().unwrap_or_else(|| "none: training".into())));
    lines.push(("policy", round.policy.clone()));
    lines.extend(round.list.as_ref().map(|list| {
        let List { file, records, rejected_rows, values_left_out } = list;
        let left_out = format!("{rejected_rows} rows left out, {values_left_out} values left out");
        ("list", format!("{}: {records} records used, {left_out}", file.display()))
    }));
    lines.extend(round.out.as_ref().map(|path| ("result", path.display().to_string())));
    lines.extend(text("kept until", &round.keep_until));
    lines.extend(text("deleted", &round.erased));
    lines.extend(text("transcript", &round.transcript));
    let bytes = round.bytes_sent.zip(round.bytes_received).zip(round.seconds);
    lines.extend(bytes.map(|((sent, received), seconds)| {
        ("took", format!("{seconds:.1} s, {} sent, {} received", output::bytes(sent), output::bytes(received)))
    }));
    lines
}
