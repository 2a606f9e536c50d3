//! `blindlink policy plan`: what a policy would cost and find, measured on one's own list before anything is sent
//! (spec 6.10). Nothing here leaves the machine, and no figure holds a name, a token or an identifier.

pub mod cost;
pub mod keys;
pub mod second_view;

use crate::error::LabError;
use crate::synth::rng::Rng;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::explain::words;
use blindlink::plan::Plan as RoundPlan;
use blindlink::policy::shape::Shape;
use blindlink::policy::{CheckedPolicy, Policy, Slots};
use blindlink::record::Record;
use blindlink::round::ideal::score;
use blindlink::schema::encoding::Encoding;
use cost::Cost;
use keys::{Groups, Keys, groups, measure, ratio};
use second_view::second_view;
use serde::Serialize;
use std::collections::BTreeSet;

/// Name of the report's schema.
pub const SCHEMA: &str = "blindlink.policy-plan/v1";
/// Records of which a second view is made.
const MAX_VIEWS: usize = 5_000;
/// Pairs of the own list that are compared.
const MAX_PAIRS: usize = 1_000_000;

/// What is planned.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Records of the peer's list.
    pub peer_records: u32,
    /// Whether the own list is the responder's.
    pub responds: bool,
}

/// The report of `policy plan`.
#[derive(Clone, Debug, Serialize)]
pub struct PlanReport {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Records of the own list.
    pub records: usize,
    /// Records that the peer's list is assumed to have.
    pub peer_records: u32,
    /// Demands of the validator that these sizes break, in words.
    pub broken: Vec<String>,
    /// Cost of a round, if the validator accepts these sizes.
    pub cost: Option<Cost>,
    /// One entry a table.
    pub tables: Vec<Keys>,
    /// What the own list has twice, and what would come of strangers.
    pub strangers: Strangers,
    /// What would be found again.
    pub recall: Vec<ExpectedRecall>,
}

/// Pairs of different records of the own list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Strangers {
    /// Pairs that share a token.
    pub pairs_meeting: f64,
    /// Of these, pairs that reach *possible*.
    pub pairs_possible: f64,
    /// Of these, pairs that reach *strong*: probable duplicates.
    pub pairs_strong: f64,
    /// False candidates to expect with the peer: pairs of strangers that meet, out of anybody's sight.
    pub expected_meeting: f64,
    /// Wrong pairs of either grade to expect at most.
    pub expected_possible: f64,
    /// Wrong pairs of grade *strong* to expect at most.
    pub expected_strong: f64,
}

/// Shares of the own records that would be found again in another list.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectedRecall {
    /// `moderate` or `hard`.
    pub difficulty: &'static str,
    /// Share that meets its second view in a table, after slots and copies.
    pub meets: f64,
    /// Share that also reaches *possible*.
    pub possible: f64,
    /// Share that also reaches *strong*, if the policy has that grade.
    pub strong: Option<f64>,
}

/// Plans a linkage of the own list.
///
/// # Errors
/// If the policy is refused whatever the sizes.
pub fn plan(policy: &Policy, records: &[Record], question: Question) -> Result<PlanReport, LabError> {
    // Encoding and score do not depend on sizes; with one record a side no size can be at fault.
    let small = policy.clone().with_records(1, 1).validate()?;
    let own = u32::try_from(records.len()).unwrap_or(u32::MAX).max(1);
    let (requester, responder) =
        if question.responds { (question.peer_records, own) } else { (own, question.peer_records) };
    let sized = policy.clone().with_records(requester, responder);
    let broken = sized.checks().into_iter().filter(|check| !check.holds());
    let broken = broken.map(|check| format!("{} {}: {}", check.requirement, check.field, check.sentence())).collect();
    let cost = sized.validate().ok().and_then(|checked| {
        let plan = RoundPlan::new(checked.shape().clone()).ok()?;
        Some(Cost::of(&plan, checked.canonical_bytes().len()))
    });

    let kept = encode(&small.encoding(), records);
    let all = all_keys(&small, records);
    let round = &policy.round;
    let copies = if question.responds { round.copies_responder } else { round.copies_requester };
    let tables = policy.tables.iter().enumerate().map(|(at, table)| {
        let ceiling: u32 = table.key.iter().map(|part| u32::from(part.kind.max_domain_bits())).sum();
        let table = keys::Table {
            name: table.name.clone(),
            key: words::key(table),
            slots: if question.responds { table.slots.responder } else { table.slots.requester },
            domain_bits: table.domain_bits,
            ceiling: u8::try_from(ceiling.min(60)).unwrap_or(60),
        };
        measure(&table, at, &all, &kept, copies)
    });
    Ok(PlanReport {
        schema: SCHEMA,
        records: records.len(),
        peer_records: question.peer_records,
        broken,
        cost,
        tables: tables.collect(),
        strangers: strangers(small.shape(), &kept, question.peer_records),
        recall: [("moderate", 0.5), ("hard", 1.0)]
            .map(|(difficulty, h)| recall(&small, records, &kept, question, difficulty, h))
            .into(),
    })
}

/// The records with all their match keys, as if there were slots for all.
fn all_keys(policy: &CheckedPolicy, records: &[Record]) -> Vec<EncodedRecord> {
    let encoding = policy.encoding();
    let tables: Vec<_> = encoding
        .tables
        .iter()
        .cloned()
        .map(|mut table| {
            table.slots = Slots::both(u16::MAX);
            table
        })
        .collect();
    encode(&Encoding { tables: &tables, ..encoding }, records)
}

/// Compares the own list with itself. Pairs of large lists are sampled, by a hash of the pair, so that one that meets in
/// several tables is in or out once.
#[allow(clippy::cast_precision_loss)]
fn strangers(shape: &Shape, records: &[EncodedRecord], peer_records: u32) -> Strangers {
    let mut members: Vec<Vec<usize>> = Vec::new();
    for table in 0..shape.tables.len() {
        let mut by_token = std::collections::BTreeMap::<_, Vec<usize>>::new();
        for (i, record) in records.iter().enumerate() {
            record.tokens.get(table).into_iter().flatten().for_each(|token| by_token.entry(token).or_default().push(i));
        }
        members.extend(by_token.into_values().filter(|group| group.len() > 1));
    }
    let total: usize = members.iter().map(|group| group.len() * (group.len() - 1) / 2).sum();
    let step = total.div_ceil(MAX_PAIRS).max(1);
    let mut seen = BTreeSet::new();
    for group in &members {
        for (n, &i) in group.iter().enumerate() {
            let rest = group.iter().skip(n + 1).map(|&j| (i.min(j), i.max(j)));
            seen.extend(rest.filter(|&(i, j)| step == 1 || Rng::new((i as u64) << 32 | j as u64).below(step) == 0));
        }
    }
    let mut found = Strangers::default();
    let weight = step as f64;
    for (i, j) in seen {
        let (Some(x), Some(y)) = (records.get(i), records.get(j)) else { continue };
        let d = score(shape, &x.filter, &y.filter);
        found.pairs_meeting += weight;
        found.pairs_possible += if d >= i64::from(shape.possible) { weight } else { 0.0 };
        found.pairs_strong += if shape.strong.is_some_and(|strong| d >= i64::from(strong)) { weight } else { 0.0 };
    }
    // From the pairs within one list to the pairs between two.
    let within = records.len() as f64 * (records.len() as f64 - 1.0) / 2.0;
    let scale = if within > 0.0 { records.len() as f64 * f64::from(peer_records) / within } else { 0.0 };
    Strangers {
        expected_meeting: found.pairs_meeting * scale,
        expected_possible: found.pairs_possible * scale,
        expected_strong: found.pairs_strong * scale,
        ..found
    }
}

/// Second views of the own records, or of an even sample of them.
#[allow(clippy::cast_precision_loss)]
fn recall(
    policy: &CheckedPolicy,
    records: &[Record],
    encoded: &[EncodedRecord],
    question: Question,
    difficulty: &'static str,
    h: f64,
) -> ExpectedRecall {
    let shape = policy.shape();
    let groups: Vec<Groups<'_>> = (0..shape.tables.len()).map(|table| groups(encoded, table)).collect();
    let copies = match (question.responds, shape.copies_requester, shape.copies_responder) {
        (false, requester, responder) => [requester, responder],
        (true, requester, responder) => [responder, requester],
    };
    let mut rng = Rng::new(1);
    let step = records.len().div_ceil(MAX_VIEWS).max(1);
    let sample = records.iter().zip(encoded).step_by(step);
    let (own, views): (Vec<&EncodedRecord>, Vec<Record>) =
        sample.filter_map(|(record, own)| Some((own, second_view(record, h, &mut rng)?))).unzip();
    let peer = ratio(question.peer_records as usize, records.len());
    let (mut meets, mut possible, mut strong) = (0.0, 0.0, 0.0);
    for (own, other) in own.into_iter().zip(&encode(&policy.encoding(), &views)) {
        let chance = meeting_chance(copies, own, other, &groups, peer);
        let d = score(shape, &own.filter, &other.filter);
        meets += chance;
        possible += if d >= i64::from(shape.possible) { chance } else { 0.0 };
        strong += if shape.strong.is_some_and(|strong| d >= i64::from(strong)) { chance } else { 0.0 };
    }
    let share = |sum: f64| if views.is_empty() { 0.0 } else { sum / views.len() as f64 };
    let strong = shape.strong.map(|_| share(strong));
    ExpectedRecall { difficulty, meets: share(meets), possible: share(possible), strong }
}

/// Probability that two records with some equal tokens meet, given the copies kept: of a token that c records share, a
/// side keeps each with min(1, d / c). `copies` are the own side's and the peer's; the peer is assumed to have the same groups, in proportion to its size.
#[allow(clippy::cast_precision_loss)]
fn meeting_chance(
    copies: [u8; 2],
    own: &EncodedRecord,
    other: &EncodedRecord,
    groups: &[Groups<'_>],
    peer: f64,
) -> f64 {
    let mut missed = 1.0;
    for (table, groups) in groups.iter().enumerate() {
        let (Some(mine), Some(theirs)) = (own.tokens.get(table), other.tokens.get(table)) else { continue };
        for token in mine.iter().filter(|token| theirs.contains(token)) {
            let count = groups.get(token).copied().unwrap_or(1) as f64;
            let kept = |copies: u8, count: f64| (f64::from(copies) / count.max(1.0)).min(1.0);
            // The person themselves, and of the peer's others as many as here.
            let at_peer = 1.0 + (count - 1.0) * peer;
            let [ours, peers] = copies;
            missed *= 1.0 - kept(ours, count) * kept(peers, at_peer);
        }
    }
    1.0 - missed
}

#[cfg(test)]
mod tests;
