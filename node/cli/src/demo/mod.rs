//! The demonstration: synthetic lists, two nodes as two processes on loopback, a sealed round, and how good it was.

mod child;
pub(crate) mod html;
mod outcome;

pub(crate) use outcome::{Found, Numbers};

use crate::exit::{Exit, Failure};
use crate::progress::Reporter;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::suite::Suite;
use blindlink_lab::synth::{Lists, Plan, generate, write_list};
use blindlink_node::store::DataDir;
use blindlink_node::store::peers::{Peer, Peers};
use blindlink_node::sys::files::{create_private_folder, write_whole};
use child::Child;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::sync::watch;

/// What to show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Records of each list.
    pub(crate) records: u32,
    /// Share of the records that both lists have.
    pub(crate) overlap: f64,
    /// Seed of the lists.
    pub(crate) seed: u64,
    /// How the round is computed.
    pub(crate) suite: &'static Suite,
    /// Seconds that a child waits for a silent peer.
    pub(crate) frame_timeout: u64,
}

/// A finished demonstration.
#[derive(Debug)]
pub(crate) struct Demonstration {
    /// The lists.
    pub(crate) lists: Lists,
    /// The policy.
    pub(crate) policy: CheckedPolicy,
    /// Pairs that the round reported, by identifier.
    pub(crate) found: Vec<Found>,
    /// Figures.
    pub(crate) numbers: Numbers,
}

fn io_failed(error: io::Error) -> Failure {
    Failure::new(Exit::Io, format_args!("the demonstration's folder: {error}"))
}

/// A policy for lists of this size, as a file.
fn policy_text(given: Option<&str>, records: u32) -> Result<String, Failure> {
    let failed = |_| Failure::new(Exit::BadPolicy, "the policy cannot be resized");
    let mut policy: toml::Table = given.unwrap_or(Policy::default_text()).parse().map_err(failed)?;
    if let Some(round) = policy.get_mut("round").and_then(toml::Value::as_table_mut) {
        for side in ["records_requester", "records_responder"] {
            round.insert(side.into(), i64::from(records.max(1)).into());
        }
    }
    toml::to_string(&policy).map_err(|_| Failure::new(Exit::Internal, "the default policy cannot be resized"))
}

/// One side's files.
struct Side {
    data: DataDir,
    records: PathBuf,
    out: PathBuf,
}

impl Side {
    fn create(folder: &Path, name: &str, rows: &[blindlink_lab::synth::Row]) -> Result<Self, Failure> {
        let folder = folder.join(name);
        create_private_folder(&folder).map_err(io_failed)?;
        let records = folder.join("records.csv");
        let mut text = Vec::new();
        write_list(rows, &mut text).and_then(|()| write_whole(&records, &text)).map_err(io_failed)?;
        Ok(Self { data: DataDir::locate(Some(folder.join("node")))?, records, out: folder.join("matches.csv") })
    }
}

/// Runs it. Both children are gone when it returns, and so are all files.
///
/// # Errors
/// Whatever either side says.
pub(crate) async fn run(
    options: Options,
    policy: Option<&str>,
    reporter: &Reporter,
    stop: watch::Receiver<bool>,
) -> Result<Demonstration, Failure> {
    let begun = Instant::now();
    let lists = generate(&Plan::new(options.records, options.overlap, options.seed));
    let folder = tempfile::Builder::new().prefix("blindlink-demo-").tempdir().map_err(io_failed)?;
    let policy_path = folder.path().join("policy.toml");
    let policy_text = policy_text(policy, options.records)?;
    write_whole(&policy_path, policy_text.as_bytes()).map_err(io_failed)?;
    let policy = Policy::from_toml(&policy_text)?.validate()?;
    let responder = Side::create(folder.path(), "responder", &lists.a)?;
    let requester = Side::create(folder.path(), "requester", &lists.b)?;
    let responder_id = responder.data.init()?.key().id();
    let requester_id = requester.data.init()?.key().id();
    let synth_seconds = begun.elapsed().as_secs_f64();
    reporter.log(
        crate::log::Level::Info,
        &format!(
            "two lists of {} invented persons, {} of them in both; starting two nodes",
            options.records,
            lists.truth.len()
        ),
    );

    know(&responder.data, "requester", requester_id, None)?;
    let once = ["--listen", "127.0.0.1:0", "--once"].map(String::from);
    let mut serve = Child::start("responder", "serve", &responder, &policy_path, options, &once)?;
    let addr = serve.listening().await?;
    know(&requester.data, "responder", responder_id, Some(addr))?;
    let mut link = Child::start("requester", "link", &requester, &policy_path, options, &["responder".into()])?;

    let mut stop = stop;
    let round = async { tokio::join!(serve.finish(None), link.finish(Some(reporter))) };
    let (served, linked) = tokio::select! {
        results = round => results,
        _ = stop.changed() => return Err(Failure::new(Exit::Interrupted, "interrupted")),
    };
    reporter.clear();
    // The side that found the fault tells more than the one that only heard of it.
    let (served, linked) = match (served, linked) {
        (Ok(served), Ok(linked)) => (served, linked),
        (Err(first), Err(second)) if first.exit == Exit::PeerAborted => return Err(second),
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let found = outcome::join(&requester.out, &responder.out)?;
    let mut numbers = Numbers::new(options, &lists, &found, &linked, &served)?;
    numbers.synth_seconds = synth_seconds;
    numbers.wall_seconds = begun.elapsed().as_secs_f64();
    Ok(Demonstration { lists, policy, found, numbers })
}

fn know(data: &DataDir, name: &str, id: blindlink::identity::PeerId, addr: Option<String>) -> Result<(), Failure> {
    let mut peers = Peers::default();
    peers.insert(Peer { name: name.into(), id, addr })?;
    Ok(peers.save(data)?)
}

/// The first `most` shared persons: as the responder's list has them, as the requester's has them, grade, tables.
#[must_use]
pub(crate) fn shown(demo: &Demonstration, most: usize) -> Vec<(String, String, &str, &str)> {
    use std::collections::HashMap;
    fn index(rows: &[blindlink_lab::synth::Row]) -> HashMap<&str, &blindlink_lab::synth::Row> {
        rows.iter().map(|row| (row.id.as_str(), row)).collect()
    }
    let (a, b) = (index(&demo.lists.a), index(&demo.lists.b));
    let person = |row: Option<&&blindlink_lab::synth::Row>| {
        row.map_or_else(String::new, |row| {
            let (name, birth) = (row.cells.whole_name(), &row.cells.born);
            // A name that is written from right to left must not drag the date along: isolate it (UAX 9).
            let (open, close) = if name.is_ascii() { ("", "") } else { ("\u{2068}", "\u{2069}") };
            format!("{} {open}{name}{close}, {birth}", row.id).replace('|', "/")
        })
    };
    let line = |found: &'_ Found| {
        let responder = found.a_id.as_deref().map_or_else(|| "not claimed".into(), |id| person(a.get(id)));
        (responder, person(b.get(found.b_id.as_str())))
    };
    let pairs = demo.found.iter().take(most);
    pairs
        .map(|found| {
            let (a, b) = line(found);
            (a, b, found.grade.as_str(), found.tables.as_str())
        })
        .collect()
}
