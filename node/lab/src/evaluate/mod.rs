//! Linkage of two lists in the clear against a known truth: what a round would report, and how good that is.

pub mod assign;
pub mod breakdown;
pub mod candidates;
pub mod sweep;

use blindlink::agreement::Basis;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::identity::IdentityKey;
use blindlink::ids::Pseudonym;
use blindlink::policy::CheckedPolicy;
use blindlink::policy::shape::{Grade, Shape};
use blindlink::record::Record;
use blindlink::round::commitment::Commitment;
use blindlink::round::ideal::{IdealPair, ideal};
use blindlink::secret::Seed;
use blindlink::session::{Config, Event, Job, JobResult, LogExchange, Role, Session, SessionInputs, Stage, in_process};
use blindlink::suite::Suite;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

/// Name of the report's schema.
pub const SCHEMA: &str = "blindlink.evaluate/v1";

/// Pairs that are one person, by position in the two lists.
pub type Truth = HashSet<(usize, usize)>;

/// Quality of a set of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Pairs reported.
    pub reported: usize,
    /// Share of the reported pairs that are true; 1 if none is reported.
    pub precision: f64,
    /// Share of the true pairs that are reported; 1 if there is none.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

/// The report of `evaluate`.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Whether the pairs came out of a sealed round.
    pub sealed: bool,
    /// Records of the first list (the responder's).
    pub records_a: usize,
    /// Records of the second list (the requester's).
    pub records_b: usize,
    /// What was read of lists a and b.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<[ListFigures; 2]>,
    /// Pairs that are one person.
    pub true_pairs: usize,
    /// True pairs that count as missed because a row of theirs was left out.
    pub true_pairs_left_out: usize,
    /// Pairs of either grade.
    pub reported_pairs: usize,
    /// Of the reported pairs.
    pub precision: f64,
    /// Of the reported pairs.
    pub recall: f64,
    /// Of the reported pairs.
    pub f1: f64,
    /// Share of the true pairs that meet in a table, whatever their score; a sealed round does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_recall: Option<f64>,
    /// Wrong pairs of grade *strong* and of either grade that the policy expects, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wrong: Option<[f64; 2]>,
    /// The same for the pairs of grade *strong* alone.
    pub strong: Quality,
    /// For each table: pairs that met in it, and how many of them are true, whatever their grade.
    pub tables: BTreeMap<String, TableFigures>,
    /// Recall by culture and corruption, if the truth names them and it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<breakdown::Breakdown>,
    /// Seconds in all.
    pub wall_seconds: f64,
    /// Seconds of each stage.
    pub stages: BTreeMap<&'static str, f64>,
    /// Bytes sent by the requester; 0 in the clear.
    pub bytes_requester_to_responder: u64,
    /// Bytes sent by the responder; 0 in the clear.
    pub bytes_responder_to_requester: u64,
    /// Peak memory of this process, where the system tells it.
    pub peak_rss_bytes: Option<u64>,
}

/// What was read of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ListFigures {
    /// Rows.
    pub rows: usize,
    /// Records used.
    pub used: usize,
    /// Rows left out.
    pub left_out: usize,
    /// Values left out of records that are used.
    pub values_left_out: usize,
}

impl Evaluation {
    /// Counts true pairs of which a row was left out as missed.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn count_left_out(&mut self, pairs: usize) {
        if pairs == 0 {
            return;
        }
        let correct = |recall: f64, of: usize| if of == 0 { 0 } else { (recall * of as f64).round() as usize };
        let all = Quality::of(self.reported_pairs, correct(self.recall, self.true_pairs), self.true_pairs + pairs);
        let strong =
            Quality::of(self.strong.reported, correct(self.strong.recall, self.true_pairs), self.true_pairs + pairs);
        (self.precision, self.recall, self.f1, self.strong) = (all.precision, all.recall, all.f1, strong);
        let met = self.token_recall.map(|recall| share(correct(recall, self.true_pairs), self.true_pairs + pairs));
        self.token_recall = met;
        self.true_pairs += pairs;
        self.true_pairs_left_out = pairs;
    }
}

/// What one table contributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableFigures {
    /// Reported pairs that met in the table.
    pub reported: usize,
    /// True ones among them.
    pub correct: usize,
    /// Reported pairs that met in no other table.
    pub alone: usize,
}

/// Precision, recall and F1 of pairs.
#[must_use]
pub fn quality<'a>(pairs: impl Iterator<Item = &'a IdealPair>, truth: &Truth) -> Quality {
    let (mut reported, mut correct) = (0, 0);
    for pair in pairs {
        reported += 1;
        correct += usize::from(truth.contains(&(pair.peer, pair.own)));
    }
    Quality::of(reported, correct, truth.len())
}

/// `part` of `whole`; 1 if there is no whole.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl Quality {
    /// From counts: pairs reported, true ones among them, true ones in all.
    #[must_use]
    pub fn of(reported: usize, correct: usize, true_pairs: usize) -> Self {
        let (precision, recall) = (share(correct, reported), share(correct, true_pairs));
        let f1 = if correct == 0 && true_pairs > 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        Self { reported, precision, recall, f1 }
    }
}

/// Seeds of an evaluation, the requester's and the responder's. They are public and always the same: one process holds
/// both lists, so nobody is there from whom anything would have to be hidden, and the same command gives the same pairs,
/// sealed or in the clear.
#[must_use]
pub const fn seeds() -> [Seed; 2] {
    [Seed::new([1; 32]), Seed::new([2; 32])]
}

/// The keys with which the requester and the responder choose among records that share a token, as in a round with
/// these seeds.
fn keep_keys(
    shape: &Shape,
    requester: &[EncodedRecord],
    responder: &[EncodedRecord],
    seeds: &[Seed; 2],
) -> [[u8; 32]; 2] {
    let [seed_r, seed_s] = seeds;
    let keep = |seed, records: &[EncodedRecord], padded| Commitment::new(seed, shape, records, padded).keep_key(seed);
    [keep(seed_r, requester, shape.records_requester), keep(seed_s, responder, shape.records_responder)]
}

/// Links two lists in the clear: `a` answers, `b` asks. Among records that share a token the same ones are kept as in
/// a sealed round with these seeds.
#[must_use]
pub fn in_the_clear(policy: &CheckedPolicy, a: &[Record], b: &[Record], seeds: &[Seed; 2]) -> Linked {
    let start = Instant::now();
    let (encoded_a, encoded_b) = (encode(&policy.encoding(), a), encode(&policy.encoding(), b));
    let encoded = Instant::now();
    let shape = policy.shape();
    let [requester, responder] = keep_keys(shape, &encoded_b, &encoded_a, seeds);
    let pairs = ideal(shape, &encoded_b, &encoded_a, &requester, &responder);
    let stages = [("encode", seconds(start, encoded)), ("compare", seconds(encoded, Instant::now()))];
    Linked { pairs, stages: stages.into(), bytes: [0, 0], sealed: false }
}

/// Links two lists through a sealed round of two sessions in this process: `a` answers, `b` asks. The policy must be in
/// mutual mode, or nobody could tell which of a's records was found. `seeds` are the requester's and the responder's.
///
/// # Errors
/// The first error of either session.
pub fn sealed(
    policy: &CheckedPolicy,
    a: &[Record],
    b: &[Record],
    seeds: [Seed; 2],
    suite: &'static Suite,
) -> Result<Linked, blindlink::Error> {
    let start = Instant::now();
    let (encoded_a, encoded_b) = (policy.encode(a), policy.encode(b));
    let encoded = Instant::now();
    let [identity_r, identity_s] = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
    let (id_r, id_s) = (identity_r.id(), identity_s.id());
    let session = |role, list, seed, identity, peer| {
        let inputs = SessionInputs::new(role, Arc::new(list), seed)?;
        let (log, basis) = (LogExchange::without_log(&identity), Basis::Training(suite));
        Session::new(Config { inputs, basis, identity, peer, binding: [0; 32], log })
    };
    let [seed_r, seed_s] = seeds;
    let requester = session(Role::Requester, encoded_b, seed_r, identity_r, id_s)?;
    let responder = session(Role::Responder, encoded_a, seed_s, identity_s, id_r)?;
    let mut begun: BTreeMap<Stage, Instant> = BTreeMap::new();
    let note = |event| {
        if let Event::Progress { stage, .. } = event {
            begun.entry(stage).or_insert_with(Instant::now);
        }
    };
    let (outcome, claimed, traffic) = in_process::run(requester, responder, on_all_cores, |_, _| {}, note)?;
    let ends = begun.values().skip(1).copied().chain([Instant::now()]);
    let mut stages: BTreeMap<&'static str, f64> =
        begun.iter().zip(ends).map(|((stage, begin), end)| (stage.name(), seconds(*begin, end))).collect();
    stages.insert("encode", seconds(start, encoded));
    let of: BTreeMap<Pseudonym, usize> = claimed.claims.iter().map(|c| (c.pseudonym, c.own)).collect();
    let pairs = outcome
        .matches
        .into_iter()
        .filter_map(|m| Some(IdealPair { own: m.own, peer: *of.get(&m.pseudonym)?, grade: m.grade, tables: m.tables }))
        .collect();
    Ok(Linked { pairs, stages, bytes: [traffic.from_requester, traffic.from_responder], sealed: true })
}

/// Runs a batch of jobs on all cores.
fn on_all_cores(jobs: Vec<Job>) -> Vec<JobResult> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let queue = Mutex::new(jobs.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || core::iter::from_fn(next).map(Job::run).collect::<Vec<_>>();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        // A job that panics loses its worker's results; the sessions then wait in vain and say so.
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}

/// Pairs and what it took to find them.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Pairs.
    pub pairs: Vec<IdealPair>,
    /// Seconds of each stage.
    pub stages: BTreeMap<&'static str, f64>,
    /// Bytes from requester to responder and back.
    pub bytes: [u64; 2],
    /// Whether a sealed round found them.
    pub sealed: bool,
}

/// Compares pairs with the truth. `sizes` are those of lists a and b.
#[must_use]
pub fn report(policy: &CheckedPolicy, linked: &Linked, truth: &Truth, sizes: [usize; 2]) -> Evaluation {
    let all = quality(linked.pairs.iter(), truth);
    let strong = quality(linked.pairs.iter().filter(|p| p.grade == Grade::Strong), truth);
    let mut tables = BTreeMap::new();
    for table in &policy.policy().tables {
        let mut figures = TableFigures::default();
        for pair in linked.pairs.iter().filter(|p| p.tables.contains(&table.id)) {
            figures.reported += 1;
            figures.correct += usize::from(truth.contains(&(pair.peer, pair.own)));
            figures.alone += usize::from(pair.tables.len() == 1);
        }
        tables.insert(table.name.clone(), figures);
    }
    let [records_a, records_b] = sizes;
    let [bytes_requester_to_responder, bytes_responder_to_requester] = linked.bytes;
    Evaluation {
        schema: SCHEMA,
        sealed: linked.sealed,
        records_a,
        records_b,
        lists: None,
        true_pairs: truth.len(),
        true_pairs_left_out: 0,
        reported_pairs: all.reported,
        precision: all.precision,
        recall: all.recall,
        f1: all.f1,
        token_recall: None,
        expected_wrong: policy.policy().expected_wrong.map(|e| e.between(size(records_b), size(records_a))),
        strong,
        tables,
        breakdown: None,
        wall_seconds: linked.stages.values().sum(),
        stages: linked.stages.clone(),
        bytes_requester_to_responder,
        bytes_responder_to_requester,
        peak_rss_bytes: None,
    }
}

fn size(records: usize) -> u32 {
    u32::try_from(records).unwrap_or(u32::MAX)
}

fn seconds(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[cfg(test)]
pub(crate) mod tests;
