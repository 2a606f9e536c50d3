//! `blindlink policy train`: a policy's weights and thresholds from pairs of lists whose truth is known (spec 6.8).

pub mod fit;
pub mod integers;
pub mod write;

use crate::error::LabError;
use crate::evaluate::candidates::{Candidates, candidates};
use crate::evaluate::sweep::{Curve, Point};
use crate::evaluate::{Truth, seeds};
use blindlink::limits::MAX_WEIGHT;
use blindlink::policy::shape::Shape;
use blindlink::policy::{CheckedPolicy, Policy, Score, Weights};
use blindlink::record::Record;
use blindlink::round::ideal::{counts, score};
use fit::{Bound, Sample};
use integers::Integers;
use serde::Serialize;

/// Name of the report's schema.
pub const SCHEMA: &str = "blindlink.train/v1";
/// Pairs of different persons beyond which only a sample of them enters the regression, with its weight.
const MAX_OTHERS: usize = 300_000;
/// L2 penalty of the coefficients in units of their features' standard deviations, divided by the number of rows: a
/// coefficient of three is expected, one of ten needs some evidence.
const L2: f64 = 0.1;
/// Most log-odds of two records that share no field: well below every threshold (V-POLICY-013).
const NO_EVIDENCE: Bound = Bound { low: f64::NEG_INFINITY, high: -4.0 };

/// Records of the lists for which wrong pairs are stated.
pub const AGREED_RECORDS: u32 = 20_000;

/// Most wrong pairs that a round between lists of [`AGREED_RECORDS`] each may have, averaged over the training lists.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MaxWrong {
    /// Of grade *strong*.
    pub strong: f64,
    /// Of either grade.
    pub possible: f64,
}

impl Default for MaxWrong {
    fn default() -> Self {
        Self { strong: 2.0, possible: 50.0 }
    }
}

/// Two lists and their truth.
#[derive(Debug)]
pub struct Example {
    /// The responder's list.
    pub a: Vec<Record>,
    /// The requester's list.
    pub b: Vec<Record>,
    /// Pairs that are one person.
    pub truth: Truth,
}

/// What was learnt.
#[derive(Debug)]
pub struct Learnt {
    /// Weights and constant.
    pub integers: Integers,
    /// Threshold `possible`.
    pub possible: i32,
    /// Threshold `strong`.
    pub strong: Option<i32>,
    /// The report.
    pub report: TrainReport,
}

/// The report of `policy train`; figures are those on the training lists.
#[derive(Clone, Debug, Serialize)]
pub struct TrainReport {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Pairs of lists.
    pub examples: usize,
    /// Pairs that are one person.
    pub true_pairs: usize,
    /// Pairs that meet in a table.
    pub candidates: usize,
    /// True ones among them.
    pub true_candidates: usize,
    /// Mean loss (nats) of the model before it was rounded.
    pub loss: f64,
    /// The same for the integers.
    pub loss_of_integers: f64,
    /// Units of the score that one unit of log-odds has.
    pub scale: f64,
    /// Most wrong pairs that were allowed to `strong` and to either grade.
    pub max_wrong: [usize; 2],
    /// Wrong pairs to expect in a round between lists of [`AGREED_RECORDS`] each: of grade *strong*, of either grade.
    pub expected_wrong: [u32; 2],
    /// At threshold `possible`.
    pub possible: Point,
    /// At threshold `strong`.
    pub strong: Option<Point>,
}

/// Learns weights and thresholds for a policy's segments and tables.
///
/// # Errors
/// If the lists are larger than a policy allows, if no two records meet, or the regression fails.
#[allow(clippy::cast_precision_loss)]
pub fn train(policy: &Policy, examples: &[Example], max_wrong: MaxWrong) -> Result<Learnt, LabError> {
    let mut met = Vec::with_capacity(examples.len());
    for example in examples {
        let checked = sized(policy, example)?;
        met.push(candidates(&checked, &example.a, &example.b, &example.truth, &seeds()));
    }
    let shape = sized(policy, examples.first().ok_or(LabError::Lists("no lists"))?)?.shape().clone();
    let sample = sample(&shape, &met);
    let bounds: Vec<Bound> =
        shape.segments.iter().flat_map(|_| [Bound::NOT_NEGATIVE, Bound::NOT_POSITIVE, Bound::FREE]).collect();
    let l2 = L2 / sample.total_weight().max(1.0);
    let model = fit::fit(&sample, &bounds, NO_EVIDENCE, l2)?;
    let integers = integers::round(&sample, &model, NO_EVIDENCE, l2)?;

    let scored = rescored(&shape, &integers, &met);
    let true_pairs = examples.iter().map(|example| example.truth.len()).sum();
    let curve = Curve::new(scored.iter().copied(), true_pairs);
    // Scores at or below the constant are no evidence (V-POLICY-013).
    let floor = i64::from(integers.constant);
    // V-POLICY-027, V-POLICY-014: where `possible` is that good already, `strong` is the next score that somebody has.
    let rounds = rounds(examples);
    let allowed = [max_wrong.strong, max_wrong.possible].map(|wrong| whole(wrong * rounds));
    let [allowed_strong, allowed_possible] = allowed;
    let best = curve.with_at_most(allowed_possible, floor).ok_or(LabError::Lists("no pair has any evidence"))?;
    let possible = threshold(best.threshold)?;
    let above = curve.with_at_most(allowed_strong, best.threshold);
    let strong = above.map(|point| threshold(point.threshold)).transpose()?;
    let expected = |wrong: usize| u32::try_from(whole(wrong as f64 / rounds + 0.5)).unwrap_or(u32::MAX);
    let report = TrainReport {
        schema: SCHEMA,
        examples: examples.len(),
        true_pairs,
        candidates: scored.len(),
        true_candidates: scored.iter().filter(|(_, correct)| *correct).count(),
        loss: sample.loss(&model.coefficients, model.constant),
        loss_of_integers: integers.loss,
        scale: integers.scale,
        max_wrong: allowed,
        expected_wrong: [expected(above.map_or(0, |point| point.wrong)), expected(best.wrong)],
        possible: best,
        strong: above,
    };
    Ok(Learnt { integers, possible, strong, report })
}

/// The policy for the sizes of an example, with weights that it may lack.
fn sized(policy: &Policy, example: &Example) -> Result<CheckedPolicy, LabError> {
    let size = |records: &[Record]| u32::try_from(records.len()).unwrap_or(u32::MAX).max(1);
    let mut policy = policy.clone().with_records(size(&example.b), size(&example.a));
    if matches!(policy.score, Score::Dice { .. }) || policy.segments.iter().any(|segment| segment.weights.is_none()) {
        policy.score = Score::Weighted { constant: -1, possible: 0, strong: None };
        policy.segments.iter_mut().for_each(|s| s.weights = Some(Weights { alpha: 1, beta: 0, nu: 0 }));
    }
    Ok(policy.validate()?)
}

/// The features of all candidates; of many different persons a sample, every n-th with n times the weight.
#[allow(clippy::cast_precision_loss)]
fn sample(shape: &Shape, met: &[Candidates]) -> Sample {
    let others: usize = met.iter().map(|list| list.pairs.iter().filter(|pair| !pair.correct).count()).sum();
    let step = others.div_ceil(MAX_OTHERS).max(1);
    let mut sample = Sample::new(3 * shape.segments.len());
    let mut seen = 0_usize;
    for list in met {
        for pair in &list.pairs {
            let (Some(x), Some(y)) = (list.requester.get(pair.own), list.responder.get(pair.peer)) else { continue };
            if !pair.correct {
                seen += 1;
                if !seen.is_multiple_of(step) {
                    continue;
                }
            }
            let row: Vec<f64> =
                counts(shape, x.filter_of(pair.names[0]), y.filter_of(pair.names[1])).flat_map(features).collect();
            sample.push(&row, pair.correct, if pair.correct { 1.0 } else { step as f64 });
        }
    }
    sample
}

/// What alpha, beta and nu multiply in V-POLICY-020.
fn features(c: blindlink::round::ideal::Counts) -> [f64; 3] {
    let counted = |ones: u32, other: bool| if other { ones } else { 0 };
    let ones = counted(c.ones_requester, c.in_responder) + counted(c.ones_responder, c.in_requester);
    [f64::from(c.common), f64::from(ones), f64::from(u8::from(c.in_requester && c.in_responder))]
}

/// Scores of all candidates with the new weights.
fn rescored(shape: &Shape, integers: &Integers, met: &[Candidates]) -> Vec<(i64, bool)> {
    let mut shape = (**shape).clone();
    shape.constant = integers.constant;
    for (segment, weights) in shape.segments.iter_mut().zip(&integers.weights) {
        (segment.alpha, segment.beta, segment.nu) = (weights.alpha, weights.beta, weights.nu);
    }
    let of = |list: &Candidates| {
        let score = |pair: &crate::evaluate::candidates::Candidate| {
            let (x, y) = (list.requester.get(pair.own)?, list.responder.get(pair.peer)?);
            let [own, peer] = pair.names;
            Some((score(&shape, x.filter_of(own), y.filter_of(peer)), pair.correct))
        };
        list.pairs.iter().filter_map(score).collect::<Vec<_>>()
    };
    met.iter().flat_map(of).collect()
}

/// Rounds between lists of [`AGREED_RECORDS`] that have as many pairs of records as all these lists.
#[allow(clippy::cast_precision_loss)]
fn rounds(examples: &[Example]) -> f64 {
    let agreed = f64::from(AGREED_RECORDS);
    examples.iter().map(|lists| lists.a.len() as f64 / agreed * (lists.b.len() as f64 / agreed)).sum()
}

/// A count, rounded down.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(x: f64) -> usize {
    x.max(0.0) as usize
}

fn threshold(score: i64) -> Result<i32, LabError> {
    if score.abs() > i64::from(MAX_WEIGHT) {
        return Err(LabError::Lists("the scores are too large"));
    }
    i32::try_from(score).map_err(|_| LabError::Lists("the scores are too large"))
}

#[cfg(test)]
mod tests;
