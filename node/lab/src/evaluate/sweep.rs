//! Precision and recall over all thresholds (`evaluate --sweep`), from the scores in the clear of all pairs that meet.

use super::candidates::Candidate;
use super::{Quality, share};
use blindlink::assignment::one_to_one;
use blindlink::policy::CheckedPolicy;
use blindlink::policy::shape::Grade;
use serde::Serialize;
use std::collections::BTreeMap;

/// Name of the report's schema.
pub const SCHEMA: &str = "blindlink.sweep/v1";
/// Most points of the printed curve.
pub const MAX_POINTS: usize = 200;
/// Pairs a record beyond which a one-to-one assignment is not tried: there is no list to read.
const MAX_PAIRS_A_RECORD: usize = 8;

/// What a threshold gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Threshold: pairs of this score or more are reported.
    pub threshold: i64,
    /// Reported pairs that are not true.
    pub wrong: usize,
    /// All reported pairs.
    #[serde(flatten)]
    pub quality: Quality,
    /// What one-to-one assignment leaves of them, by grade and tables only; absent where too many are reported.
    pub one_to_one: Option<Quality>,
}

/// How many pairs are reported and how many of them are true, for every threshold.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// Threshold, pairs reported, true ones among them; thresholds descend.
    points: Vec<(i64, usize, usize)>,
    true_pairs: usize,
}

impl Curve {
    /// The curve of scored pairs, of which each is true or not, against that many true pairs in all.
    #[must_use]
    pub fn new(scored: impl Iterator<Item = (i64, bool)>, true_pairs: usize) -> Self {
        let mut by_score: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
        for (score, correct) in scored {
            let entry = by_score.entry(score).or_default();
            entry.0 += 1;
            entry.1 += usize::from(correct);
        }
        let (mut reported, mut right) = (0, 0);
        let points = by_score.into_iter().rev().map(|(score, (pairs, correct))| {
            reported += pairs;
            right += correct;
            (score, reported, right)
        });
        Self { points: points.collect(), true_pairs }
    }

    /// Every threshold above `floor` at which the reported pairs change, from the highest down.
    pub fn above(&self, floor: i64) -> impl Iterator<Item = Point> + '_ {
        let used = self.points.iter().take_while(move |(score, ..)| *score > floor);
        used.map(|&(threshold, reported, correct)| self.point(threshold, reported, correct))
    }

    fn point(&self, threshold: i64, reported: usize, correct: usize) -> Point {
        let quality = Quality::of(reported, correct, self.true_pairs);
        Point { threshold, wrong: reported - correct, quality, one_to_one: None }
    }

    /// What a given threshold reports.
    #[must_use]
    pub fn at(&self, threshold: i64) -> Point {
        let below = self.points.partition_point(|(score, ..)| *score >= threshold);
        let (_, reported, correct) =
            below.checked_sub(1).and_then(|at| self.points.get(at)).copied().unwrap_or_default();
        self.point(threshold, reported, correct)
    }

    /// The threshold above `floor` with the best F1; of equals the highest.
    #[must_use]
    pub fn best(&self, floor: i64) -> Option<Point> {
        self.above(floor).fold(None, |best: Option<Point>, point| match best {
            Some(best) if best.quality.f1 >= point.quality.f1 => Some(best),
            _ => Some(point),
        })
    }

    /// The lowest threshold above `floor` with at most that many wrong pairs.
    #[must_use]
    pub fn with_at_most(&self, wrong: usize, floor: i64) -> Option<Point> {
        self.above(floor).take_while(|point| point.wrong <= wrong).last()
    }
}

/// The report of `evaluate --sweep`.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Records of the first list (the responder's).
    pub records_a: usize,
    /// Records of the second list (the requester's).
    pub records_b: usize,
    /// Pairs that are one person.
    pub true_pairs: usize,
    /// Pairs that meet in a table.
    pub candidates: usize,
    /// True pairs among them.
    pub true_candidates: usize,
    /// Share of the true pairs that meet in a table, after slots and copies, whatever their score.
    pub token_recall: f64,
    /// For each table, pairs that meet in it and true ones among them.
    pub tables: BTreeMap<String, [usize; 2]>,
    /// The policy's own thresholds, by grade.
    pub policy: BTreeMap<&'static str, Point>,
    /// Best F1.
    pub best: Option<Point>,
    /// Most wrong pairs asked for.
    pub max_wrong: usize,
    /// The lowest threshold with at most that many.
    pub at_most_wrong: Option<Point>,
    /// The curve, thinned to at most [`MAX_POINTS`], thresholds descending.
    pub curve: Vec<Point>,
}

/// Sweeps the thresholds (V-POLICY-029). `sizes` are those of lists a and b.
#[must_use]
pub fn sweep(
    policy: &CheckedPolicy,
    pairs: &[Candidate],
    true_pairs: usize,
    sizes: [usize; 2],
    max_wrong: usize,
) -> Sweep {
    let [records_a, records_b] = sizes;
    let shape = policy.shape();
    let floor = i64::from(shape.constant);
    let curve = Curve::new(pairs.iter().map(|pair| (pair.score, pair.correct)), true_pairs);
    let assign = |point: Point| {
        let few = point.quality.reported <= MAX_PAIRS_A_RECORD * records_a.max(records_b);
        let strong = shape.strong.map_or(i64::MAX, i64::from);
        Point { one_to_one: few.then(|| assigned_at(pairs, point.threshold, strong, true_pairs)), ..point }
    };
    let mut grades = BTreeMap::from([("possible", assign(curve.at(shape.possible.into())))]);
    if let Some(strong) = shape.strong {
        grades.insert("strong", assign(curve.at(strong.into())));
    }
    let all: Vec<Point> = curve.above(floor).collect();
    let step = all.len().div_ceil(MAX_POINTS).max(1);
    let true_candidates = pairs.iter().filter(|pair| pair.correct).count();
    let met_in = |id| {
        let met = pairs.iter().filter(move |pair: &&Candidate| pair.tables.contains(&id));
        [met.clone().count(), met.filter(|pair| pair.correct).count()]
    };
    Sweep {
        schema: SCHEMA,
        records_a,
        records_b,
        true_pairs,
        candidates: pairs.len(),
        true_candidates,
        token_recall: share(true_candidates, true_pairs),
        tables: policy.policy().tables.iter().map(|table| (table.name.clone(), met_in(table.id))).collect(),
        policy: grades,
        best: curve.best(floor).map(assign),
        max_wrong,
        at_most_wrong: curve.with_at_most(max_wrong, floor).map(assign),
        curve: all.into_iter().step_by(step).map(assign).collect(),
    }
}

/// What one-to-one assignment leaves of the pairs above a threshold, by what a requester would know of them.
fn assigned_at(pairs: &[Candidate], threshold: i64, strong: i64, true_pairs: usize) -> Quality {
    let reported: Vec<&Candidate> = pairs.iter().filter(|pair| pair.score >= threshold).collect();
    let grade = |pair: &Candidate| if pair.score >= strong { Grade::Strong } else { Grade::Possible };
    let kept = one_to_one(&reported, |pair| (pair.own, pair.peer), |pair| (grade(pair), pair.tables.len()));
    let correct = kept.iter().filter(|&&at| reported.get(at).is_some_and(|pair| pair.correct)).count();
    Quality::of(kept.len(), correct, true_pairs)
}

#[cfg(test)]
mod tests;
