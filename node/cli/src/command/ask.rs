//! `blindlink ask`: an urgent question about one to eight persons (spec 14.9).

use crate::args::{Patience, Show, default_result, open_for_rounds};
use crate::exit::{Exit, Failure};
use crate::office::{ActingArgs, Office, random};
use crate::output;
use crate::output::printed;
use crate::runtime::{block_on, stop_signal};
use blindlink::agreement::current;
use blindlink::agreement::time::DAY;
use blindlink::crypto::hash::hash;
use blindlink::explain::own_fields;
use blindlink::ids::AgreementDigest;
use blindlink::labels;
use blindlink::policy::CheckedPolicy;
use blindlink::session::{self, Role};
use blindlink_node::admission::{Admission, ApprovedAsk, BasisChoice, asked};
use blindlink_node::driver::Pool;
use blindlink_node::event::{Event, Sink};
use blindlink_node::own_list::{self, Input, OwnFiles};
use blindlink_node::round::{CallOptions, RoundOptions, Rounds, Summary};
use blindlink_node::store::agreements::Store;
use blindlink_node::store::database::{AboutAsk, Database, KeptAsk};
use blindlink_node::store::error::StoreError;
use blindlink_node::store::peers::{Peer, Peers};
use blindlink_node::store::results::check_new;
use blindlink_node::store::{DataDir, desk, policies};
use blindlink_node::sys::clock;
use blindlink_review::{Actor, Log, What as Step};
use blindlink_sources::{Format, Reading};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest file with persons, in bytes.
const MAX_FILE: u64 = 64 << 10;
/// Longest reason, in bytes.
const MAX_REASON: usize = 1_000;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = "Somebody asks, two approvers look and approve, then the question is sent:\n  \
        blindlink ask --peer south --record child.csv --reason 'missing since this morning, case 4711' --as anna\n  \
        blindlink ask show 1 --as ben\n  \
        blindlink ask approve 1 --as ben\n  \
        blindlink ask approve 1 --as carla\n  \
        blindlink ask send 1"
)]
pub(super) struct Ask {
    #[command(subcommand)]
    what: Option<What>,
    /// Name of the peer
    #[arg(long, value_name = "NAME", required = true)]
    peer: Option<String>,
    /// File with one to eight persons, written like a list
    #[arg(long, value_name = "FILE", required = true)]
    record: Option<PathBuf>,
    /// Why it cannot wait for the next round; the approvers read it, and an auditor may
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,
    /// Name of the agreement [default: the only one in force with the peer]
    #[arg(long, value_name = "NAME")]
    agreement: Option<String>,
    #[command(flatten)]
    acting: ActingArgs,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the questions, and what each waits for.
    #[command(after_help = "Example:\n  blindlink ask list --json")]
    List,
    /// Show who is asked about, and why. That you have read it is logged.
    #[command(after_help = "Example:\n  blindlink ask show 1 --as ben")]
    Show {
        /// Number of the question
        number: i64,
    },
    /// Let a question of another person be asked; it takes two.
    #[command(after_help = "Example:\n  blindlink ask approve 1 --as ben")]
    Approve {
        /// Number of the question
        number: i64,
    },
    /// Ask, and wait for the answer.
    #[command(after_help = "Example:\n  blindlink ask send 1")]
    Send(Box<Send>),
}

#[derive(Debug, Args)]
struct Send {
    /// Number of the question
    number: i64,
    /// Where the graded pairs go, as CSV; a file that is not there yet [default: results/DATE-urgent-PEER-ROUND.csv in the
    /// node's folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    show: ProgressArgs,
}

/// [`Show`] without what the command above has.
#[derive(Clone, Copy, Debug, Args)]
struct ProgressArgs {
    /// No bars
    #[arg(long)]
    no_progress: bool,
}

/// A question, for people and machines. Whom it is about is not in it.
#[derive(Serialize)]
struct Question {
    number: i64,
    peer: String,
    agreement: String,
    persons: usize,
    made: String,
    state: &'static str,
    approvals: usize,
    sent: Option<String>,
    answered: Option<String>,
}

#[derive(Serialize)]
struct Questions {
    schema: &'static str,
    questions: Vec<Question>,
}

/// What an approver reads.
#[derive(Serialize)]
struct Content {
    schema: &'static str,
    number: i64,
    peer: String,
    reason: String,
    persons: Vec<Vec<(String, String)>>,
}

impl Ask {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let (json, acting) = (self.json, self.acting.clone());
        match self.what {
            Some(What::Send(send)) => {
                let summary = block_on(send.send(dir.clone(), json))??;
                return crate::summary::tell(&DataDir::locate(dir)?, json, &summary);
            }
            Some(What::Show { number }) => {
                let content = show(&mut Office::open(dir.clone())?, &acting, number, dir)?;
                return printed(output::print(json, &content, || content.in_words()));
            }
            Some(What::Approve { number }) => {
                let mut office = Office::open(dir.clone())?;
                let by = Actor::Person(office.log_in(&acting)?);
                let kept = found(&office.db()?, number)?;
                office.take(by, Step::QuestionApproved { ask: kept.ask })?;
            }
            Some(What::List) => {}
            None => self.new_question(dir.clone())?,
        }
        let office = Office::open(dir)?;
        let questions = questions(&office)?;
        printed(output::print(json, &questions, || in_words(&questions)))
    }

    /// Writes a new question.
    fn new_question(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let (Some(peer), Some(file), Some(reason)) = (&self.peer, &self.record, self.reason) else {
            return Err(Failure::new(Exit::Usage, "--peer, --record and --reason are needed"));
        };
        let reason = checked_reason(&reason)?;
        let mut office = Office::open(dir.clone())?;
        let by = office.log_in(&self.acting)?;
        let data = DataDir::locate(dir)?;
        let peer = office.peers()?.get(peer)?.clone();
        let content = read(file)?;
        let ground = Ground::find(&data, &peer, self.agreement.as_deref())?;
        let input = ground.load(file, &content)?;
        let about = AboutAsk {
            peer: peer.name.clone(),
            agreement: ground.name,
            version: ground.version,
            reason,
            by: by.0,
            file: file.clone(),
            content: hex::encode(&content),
            records: asked(&input.list),
            nonce: random()?.first_chunk().copied().unwrap_or_default(),
        };
        let lanes = input.policy.policy().context.lanes;
        let ask = digest(&about, peer.id.as_bytes());
        let made = clock::now();
        let kept = KeptAsk { row: 0, ask, peer: peer.id, lanes, made, begun: None, answered: None, about };
        office.take(Actor::Person(by), Step::Asked { ask, lane: ground.lane })?;
        office.db()?.keep_ask(&kept, made + ground.keep_days * DAY)?;
        Ok(())
    }
}

fn checked_reason(reason: &str) -> Result<String, Failure> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > MAX_REASON || reason.chars().any(char::is_control) {
        let text = format!("a reason has 1 to {MAX_REASON} bytes and no control characters");
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(reason.to_owned())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = || StoreError::reading(format!("cannot read the persons {}", file.display()));
    if fs::metadata(file).map_err(failed())?.len() > MAX_FILE {
        return Err(Failure::new(Exit::BadInput, format_args!("{} is too long for eight persons", file.display())));
    }
    Ok(fs::read(file).map_err(failed())?)
}

/// What an urgent question rests on.
struct Ground {
    path: PathBuf,
    policy: CheckedPolicy,
    name: String,
    version: AgreementDigest,
    lane: u8,
    keep_days: u64,
}

impl Ground {
    fn find(data: &DataDir, peer: &Peer, agreement: Option<&str>) -> Result<Self, Failure> {
        let now = clock::now();
        let path = policies::agreed(data, agreement, Some(&peer.id), now)?;
        let agreed = own_list::load_policy(&path)?;
        let none = || {
            let text = format!("the agreement with {} has no urgent part: it knows ordinary rounds only", peer.name);
            Failure::new(Exit::NoAgreement, text)
        };
        let policy = policies::urgent(data, &agreed, agreement, now)?.ok_or_else(none)?;
        let name = agreement.unwrap_or(&agreed.policy().context.agreement).to_owned();
        let versions = Store::of(data).versions(&name)?;
        let sealed = current(&versions, now).ok_or_else(none)?;
        let (version, terms) = (*sealed.agreement().digest(), sealed.agreement().agreement());
        let own = data.identity()?.key().id();
        let lane = terms.seen_from(&own).map_or(0, |(party, _)| party.lane.code());
        let again = terms.urgent.map_or(0, |urgent| urgent.again_days);
        let keep_days = u64::from(again.max(terms.retention.results_days));
        Ok(Self { path, policy, name, version, lane, keep_days })
    }

    /// The persons, every one of whom must be usable.
    fn load(&self, file: &Path, content: &[u8]) -> Result<Input, Failure> {
        let files = OwnFiles { left_out_at_most: Some(0.0), ..OwnFiles::new(file, &self.path) };
        let told = crate::progress::Reporter::new(crate::progress::Style::None, crate::log::Level::default(), false);
        Ok(own_list::load_under(self.policy.clone(), files, Some(content), Role::Requester, &told)?)
    }
}

fn digest(about: &AboutAsk, peer: &[u8]) -> [u8; 32] {
    let mut parts: Vec<&[u8]> = vec![&about.nonce, about.reason.as_bytes(), peer, about.version.as_bytes()];
    about.records.iter().for_each(|(record, encoding)| parts.extend([&record[..], &encoding[..]]));
    hash(labels::URGENT_QUESTION, &parts)
}

fn found(db: &Database, number: i64) -> Result<KeptAsk, Failure> {
    let kept = db.asks()?.into_iter().find(|kept| kept.row == number);
    kept.ok_or_else(|| Failure::new(Exit::Config, format_args!("there is no question {number}")))
}

fn content(kept: &KeptAsk) -> Result<Vec<u8>, Failure> {
    let bytes = hex::decode(&kept.about.content).unwrap_or_default();
    if bytes.is_empty() {
        let text = format!("question {} has its answer, and the persons are no longer kept with it", kept.row);
        return Err(Failure::new(Exit::Config, text));
    }
    Ok(bytes)
}

fn show(office: &mut Office, acting: &ActingArgs, number: i64, dir: Option<PathBuf>) -> Result<Content, Failure> {
    let by = Actor::Person(office.log_in(acting)?);
    let kept = found(&office.db()?, number)?;
    office.take(by, Step::QuestionOpened { ask: kept.ask })?;
    let data = DataDir::locate(dir)?;
    let agreed = own_list::load_policy(&policies::agreed(&data, Some(&kept.about.agreement), None, clock::now())?)?;
    let bytes = content(&kept)?;
    let source = blindlink_sources::read(&bytes[..], Format::of(&kept.about.file), &Reading::new(&agreed))
        .map_err(Failure::because(Exit::BadInput, "the persons of the question"))?;
    let declared = &agreed.policy().fields;
    let persons = source.records.iter().map(|record| own_fields(record, declared)).collect();
    let KeptAsk { row, about, .. } = kept;
    Ok(Content { schema: "blindlink.question/v1", number: row, peer: about.peer, reason: about.reason, persons })
}

impl Content {
    fn in_words(&self) -> String {
        let mut text = format!("Question {} to {}: {}\n", self.number, self.peer, self.reason);
        for (number, fields) in (1..).zip(&self.persons) {
            text += &format!("\nperson {number}\n");
            fields.iter().for_each(|(name, value)| text += &format!("  {name}: {value}\n"));
        }
        text
    }
}

fn questions(office: &Office) -> Result<Questions, Failure> {
    let now = clock::now();
    let question = |kept: KeptAsk| {
        let known = office.desk().question(&kept.ask);
        let approvals = known.map_or(0, |question| question.approvers(now).count());
        let state = match (kept.answered, kept.begun) {
            (Some(_), _) => "answered",
            (None, Some(_)) => "sent",
            (None, None) if office.desk().may_ask(&kept.ask, now) => "approved",
            (None, None) => "waiting",
        };
        Question {
            number: kept.row,
            peer: kept.about.peer,
            agreement: kept.about.agreement,
            persons: kept.about.records.len(),
            made: clock::date(kept.made),
            state,
            approvals,
            sent: kept.begun.map(clock::date),
            answered: kept.answered.map(clock::date),
        }
    };
    let questions = office.db()?.asks()?.into_iter().map(question).collect();
    Ok(Questions { schema: "blindlink.questions/v1", questions })
}

fn in_words(questions: &Questions) -> String {
    let row = |one: &Question| {
        vec![
            one.number.to_string(),
            one.peer.clone(),
            one.persons.to_string(),
            one.made.clone(),
            format!("{} of 2", one.approvals),
            one.state.to_owned(),
        ]
    };
    match questions.questions.is_empty() {
        true => "nobody has asked urgently yet".to_owned(),
        false => output::table(
            &["question", "peer", "persons", "asked", "approvals", "state"],
            questions.questions.iter().map(row),
        ),
    }
}

impl Send {
    async fn send(self, dir: Option<PathBuf>, json: bool) -> Result<Summary, Failure> {
        let style = crate::progress::Style::default();
        let show =
            Show { json, progress: style, no_progress: self.show.no_progress, log: crate::log::Level::default() };
        let reporter = show.reporter();
        let data = DataDir::locate(dir)?;
        let (identity, storage) = (data.identity()?, data.storage()?);
        open_for_rounds(&data)?;
        self.out.as_deref().map_or(Ok(()), check_new)?;
        let kept = found(&Database::open(&data, &storage)?, self.number)?;
        let peer = Peers::load(&data)?.by_id(&kept.peer).cloned();
        let peer =
            peer.ok_or_else(|| Failure::new(Exit::Config, format_args!("{} is no peer any more", kept.about.peer)))?;
        let approved = desk::approval(&data, &storage, &mut Log::default(), &kept.ask)?;
        if approved.is_none() && kept.begun.is_none() {
            let text = format!("question {} is not approved by two persons, or no longer", kept.row);
            return Err(Failure::new(Exit::Review, text));
        }
        let bytes = content(&kept)?;
        let ground = Ground::find(&data, &peer, Some(&kept.about.agreement))?;
        let input = ground.load(&kept.about.file, &bytes)?;
        let choice = BasisChoice::Agreement(Some(kept.about.agreement.clone()));
        let file = kept.about.file.clone();
        let ask = ApprovedAsk { kept, approved, storage: storage.clone() };
        let admission = Admission {
            data: &data,
            identity: &identity,
            input: &input,
            role: Role::Requester,
            ground: &choice,
            ask: Some(&ask),
        };
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let default = || default_result(&data, &format!("urgent-{}", peer.name));
        let options = RoundOptions {
            records: file,
            mapping: None,
            content: Some(bytes.into()),
            one_to_one: false,
            out: Some(self.out.clone().map_or_else(default, Ok)?),
            out_by_round: self.out.is_none(),
            first_frame: self.patience.handshake(),
            frame_timeout: self.patience.frame(),
            give_up: self.patience.give_up(),
            given_up: Arc::default(),
        };
        let observe = |event: &session::Event| reporter.take(&Event::Progress(event));
        let stop = stop_signal();
        let round = Rounds { admission, storage, options, pool: &pool, stop, sink: &reporter, observe: &observe };
        let addr = peer.addr.as_deref();
        let addr =
            addr.ok_or_else(|| Failure::new(Exit::Config, format_args!("peer `{}` has no address", peer.name)))?;
        let (settings, abandon) = (self.patience.settings(), self.patience.abandon);
        let summary = round.call(&CallOptions { peer: &peer, addr, settings, abandon }).await?;
        // The desk hears of the answer.
        desk::catch_up(&data, &ask.storage, &mut Log::default())?;
        Ok(summary)
    }
}
