//! `blindlink peer check`: whether a round with a peer could begin, step by step, without one.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use crate::runtime::block_on;
use crate::wording;
use blindlink_node::error::NodeError;
use blindlink_node::failure_code::FailureCode;
use blindlink_node::round::inquiry::{self, InquiryAnswer};
use blindlink_node::store::DataDir;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::database::Database;
use blindlink_node::store::peers::{Peer, Peers};
use blindlink_node::sys::clock;
use blindlink_node::transport::Settings;
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// Longest handshake, and longest wait for the answer.
pub(in crate::command) const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds by which two clocks may differ.
const CLOCK: i64 = 60;

#[derive(Debug, Args)]
#[command(after_help = "Nothing is debited, and the peer begins no round.\n\nExample:\n  blindlink peer check south")]
pub(super) struct Check {
    /// Name of the peer here
    name: String,
    /// Seconds for the handshake, and for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs(), value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// One step of the way to a peer.
#[derive(Serialize)]
struct Step {
    step: &'static str,
    /// Whether it holds; unknown if it was not reached.
    holds: Option<bool>,
    what: String,
}

/// An agreement of the two sides.
#[derive(Serialize)]
struct Agreed {
    /// Its name, if it is here.
    name: Option<String>,
    digest: String,
    policy: String,
    in_force_here: bool,
    in_force_there: bool,
}

#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    peer: String,
    addr: String,
    holds: bool,
    steps: Vec<Step>,
    remote: Option<String>,
    round_trip_ms: Option<u64>,
    datagram_bytes: Option<u16>,
    clock_ahead: Option<i64>,
    closed_until: Option<String>,
    agreements: Vec<Agreed>,
}

/// The steps in their order, with what a failure at each is.
const STEPS: [(&str, &[FailureCode]); 5] = [
    ("name", &[FailureCode::Address]),
    ("udp", &[FailureCode::Unreachable, FailureCode::Io, FailureCode::Vanished]),
    ("pin", &[FailureCode::WrongPin, FailureCode::Admission]),
    ("version", &[FailureCode::Alpn, FailureCode::Version]),
    ("answer", &[]),
];

/// Calls a peer, and remembers whether it answered.
pub(in crate::command) async fn called(
    data: &DataDir,
    peer: &Peer,
    patience: Duration,
) -> Result<InquiryAnswer, Failure> {
    let Some(addr) = peer.addr.as_deref() else {
        return Err(Failure::new(Exit::Config, format_args!("peer `{}` has no address", peer.name)));
    };
    Ok(asked(data, peer, addr, patience).await?)
}

async fn asked(data: &DataDir, peer: &Peer, addr: &str, patience: Duration) -> Result<InquiryAnswer, NodeError> {
    let settings = Settings { handshake: patience, ..Settings::default() };
    let answer = inquiry::ask(data, &data.identity()?, (peer, addr), &settings).await;
    let mut db = Database::open(data, &data.storage()?)?;
    db.contact(&peer.id, clock::now(), answer.as_ref().err().map(|error| error.code().number()))?;
    if let Ok(answer) = &answer {
        db.clock_ahead(&peer.id, answer.clock_ahead)?;
    }
    answer
}

impl Check {
    pub(super) fn run(&self, data: &DataDir) -> Result<(), Failure> {
        data.identity()?;
        let peers = Peers::load(data)?;
        let peer = peers.get(&self.name)?;
        let Some(addr) = peer.addr.as_deref() else {
            let what = format!("peer `{}` has no address: it calls this node, so let its operator check", peer.name);
            return Err(Failure::new(Exit::Config, what));
        };
        let answer = block_on(asked(data, peer, addr, Duration::from_secs(self.patience)))?;
        let mut shown = Checked {
            schema: "blindlink.peer-check/v1",
            peer: peer.name.clone(),
            addr: addr.to_owned(),
            holds: false,
            steps: Vec::new(),
            remote: None,
            round_trip_ms: None,
            datagram_bytes: None,
            clock_ahead: None,
            closed_until: None,
            agreements: Vec::new(),
        };
        let failure = match &answer {
            Ok(answer) => shown.answered(data, answer)?,
            Err(error) => Some(shown.failed(error)),
        };
        shown.holds = failure.is_none();
        printed(output::print(self.json, &shown, || shown.in_words()))?;
        match failure {
            None => Ok(()),
            Some(failure) if self.json => Err(Failure::told(failure.exit)),
            Some(failure) => Err(failure),
        }
    }
}

impl Checked {
    /// The way ended before an answer.
    fn failed(&mut self, error: &NodeError) -> Failure {
        let code = error.code();
        let at = STEPS.iter().position(|(_, codes)| codes.contains(&code)).unwrap_or(STEPS.len() - 1);
        let step = |(n, (step, _)): (usize, &(&'static str, &[FailureCode]))| {
            let (holds, what) = match n.cmp(&at) {
                std::cmp::Ordering::Less => (Some(true), String::new()),
                std::cmp::Ordering::Equal => (Some(false), wording::node(error)),
                std::cmp::Ordering::Greater => (None, "not reached".to_owned()),
            };
            Step { step, holds, what }
        };
        self.steps = STEPS.iter().enumerate().map(step).collect();
        Failure::new(code.into(), wording::node(error))
    }

    /// The peer answered; what does not fit, if anything.
    fn answered(&mut self, data: &DataDir, answer: &InquiryAnswer) -> Result<Option<Failure>, Failure> {
        let (ours, theirs) = (&answer.ours, &answer.theirs);
        let round_trip = u64::try_from(answer.round_trip.as_millis()).unwrap_or(u64::MAX);
        self.remote = Some(answer.remote.to_string());
        self.round_trip_ms = Some(round_trip);
        self.datagram_bytes = Some(answer.datagram);
        self.clock_ahead = Some(answer.clock_ahead);
        self.closed_until = (theirs.closed_until > 0).then(|| clock::date(theirs.closed_until));
        let mut step = |step, holds, what: String| self.steps.push(Step { step, holds: Some(holds), what });
        step("name", true, answer.remote.to_string());
        step("udp", true, format!("{round_trip} ms, datagrams of {} bytes at least", answer.datagram));
        step("pin", true, "the pinned key".into());
        step("version", theirs.version == ours.version, format!("wire format {}", theirs.version));
        step("answer", true, String::new());
        let ahead = answer.clock_ahead;
        let clock_holds = ahead.abs() <= CLOCK;
        step("clock", clock_holds, format!("{ahead} seconds ahead of this one"));
        let open = theirs.closed_until == 0;
        let closed = self.closed_until.as_ref().map(|until| format!("the peer takes no rounds until {until}"));
        step("open", open, closed.unwrap_or_default());
        let all = Store::of(data).all()?;
        let mut agreed: Vec<_> = ours.agreements.iter().chain(&theirs.agreements).collect();
        agreed.sort_unstable();
        agreed.dedup();
        self.agreements = agreed
            .into_iter()
            .map(|one| {
                let known = all.iter().find(|sealed| *sealed.agreement().digest() == one.agreement);
                Agreed {
                    name: known.map(|sealed| sealed.agreement().agreement().name.clone()),
                    digest: hex::encode(one.agreement),
                    policy: hex::encode(one.policy),
                    in_force_here: ours.agreements.contains(one),
                    in_force_there: theirs.agreements.contains(one),
                }
            })
            .collect();
        let common = self.agreements.iter().any(|one| one.in_force_here && one.in_force_there);
        let alone = self.agreements.iter().find(|one| one.in_force_here != one.in_force_there);
        let said = match alone {
            Some(one) if one.in_force_here => "an agreement is in force here and not there",
            Some(_) => "an agreement is in force there and not here",
            None if common => "the same are in force on both sides",
            None => "none is in force on either side: only training is possible",
        };
        let said = match answer.statements {
            0 => said.to_owned(),
            1 => format!("{said}; a statement of a signer came that was not here"),
            n => format!("{said}; {n} statements of signers came that were not here"),
        };
        let agreements_hold = alone.is_none();
        self.steps.push(Step { step: "agreements", holds: Some(agreements_hold), what: said.clone() });
        Ok(if theirs.version != ours.version {
            Some(Failure::new(Exit::Version, "the peer speaks another wire format"))
        } else if !agreements_hold {
            Some(Failure::new(Exit::AgreementDiffers, said))
        } else if !clock_holds {
            Some(Failure::new(Exit::Clock, format_args!("the peer's clock is {ahead} seconds ahead of this one")))
        } else {
            None
        })
    }

    fn in_words(&self) -> String {
        let mark = |holds| match holds {
            Some(true) => "ok",
            Some(false) => "NO",
            None => "-",
        };
        let steps = self.steps.iter().map(|step| {
            format!("  {:<11} {:<3} {}", step.step, mark(step.holds), step.what).trim_end().to_owned() + "\n"
        });
        let agreements = self.agreements.iter().map(|one| {
            let name = one.name.as_deref().unwrap_or("unknown here");
            let digest = one.digest.get(..12).unwrap_or_default();
            let policy = one.policy.get(..12).unwrap_or_default();
            let (here, there) = (mark(Some(one.in_force_here)), mark(Some(one.in_force_there)));
            format!("    {name} {digest} with policy {policy}: here {here}, there {there}\n")
        });
        let lines: String = steps.chain(agreements).collect();
        format!("{} at {}\n{lines}", self.peer, self.addr)
    }
}
