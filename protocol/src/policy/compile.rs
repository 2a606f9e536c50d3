//! From a score to the shape of its computation (spec 6.4, 6.6), with what must hold of it.

use super::bounds::score_range;
use super::inequalities::{Checks, Measure};
use super::shape::{self, Shape, ShapeFields};
use super::{Policy, Score, SegmentSpec, Weights};
use crate::limits;

/// Weights, constant and thresholds, whatever the kind of score.
pub(super) struct Terms {
    segments: Vec<shape::SegmentShape>,
    constant: i32,
    possible: i32,
    strong: Option<i32>,
}

/// Nothing if a segment lacks its weights.
pub(super) fn terms(checks: &mut Checks, policy: &Policy) -> Option<Terms> {
    match policy.score {
        Score::Weighted { constant, possible, strong } => {
            weighted(checks, &policy.segments, constant, possible, strong)
        }
        Score::Dice { numerator, denominator } => Some(dice(checks, &policy.segments, numerator, denominator)),
    }
}

fn weighted(
    checks: &mut Checks,
    segments: &[SegmentSpec],
    constant: i32,
    possible: i32,
    strong: Option<i32>,
) -> Option<Terms> {
    const ID: &str = "V-POLICY-012";
    let within = |w: i32| Measure::Within((-limits::MAX_WEIGHT).into(), w.into(), limits::MAX_WEIGHT.into());
    checks.demand(ID, "score.constant", "constant", within(constant));
    checks.demand(ID, "score.possible", "threshold `possible`", within(possible));
    if let Some(strong) = strong {
        checks.demand(ID, "score.strong", "threshold `strong`", within(strong));
    }
    let mut compiled = Vec::with_capacity(segments.len());
    for (i, s) in segments.iter().enumerate() {
        let field = || format!("segment[{i}].weights");
        checks.demand(ID, field(), "the segment has weights", Measure::Fact(s.weights.is_some()));
        let Some(Weights { alpha, beta, nu }) = s.weights else { continue };
        checks.demand(
            ID,
            field(),
            "alpha is not negative",
            Measure::Within(0, alpha.into(), limits::MAX_WEIGHT.into()),
        );
        let beta_fits = Measure::Within((-limits::MAX_WEIGHT).into(), beta.into(), 0);
        checks.demand(ID, field(), "beta is not positive", beta_fits);
        checks.demand(ID, field(), "nu", within(nu));
        compiled.push(shape::SegmentShape { bits: s.bits, alpha, beta, nu });
    }
    (compiled.len() == segments.len()).then_some(Terms { segments: compiled, constant, possible, strong })
}

/// Dice >= p/q over the shared fields (spec 6.4.2): N D + P - 1 >= 0 with D = 2q|x and y| - p(|x| + |y|), P shared
/// fields and N >= P. D >= 0 gives N D + P - 1 >= 0 once P >= 1; D <= -1 gives at most P - N - 1 < 0; P = 0 gives -1.
fn dice(checks: &mut Checks, segments: &[SegmentSpec], p: u16, q: u16) -> Terms {
    const ID: &str = "V-POLICY-018";
    let words = "the numerator is at least 1 and at most the denominator";
    checks.demand(ID, "score.numerator", words, Measure::Within(1, p.into(), q.into()));
    let most = Measure::AtMost(q.into(), limits::MAX_DICE_DENOMINATOR.into());
    checks.demand(ID, "score.denominator", "denominator", most);
    for (i, s) in segments.iter().enumerate() {
        let none = Measure::Fact(s.weights.is_none());
        checks.demand("V-POLICY-012", format!("segment[{i}].weights"), "a Dice score has no weights", none);
    }
    let n = i32::try_from(segments.len()).unwrap_or(i32::MAX).min(i32::from(i16::MAX)); // at most MAX_SEGMENTS, checked
    let (alpha, beta) = ((2 * i32::from(q)).saturating_mul(n), (-i32::from(p)).saturating_mul(n));
    let compiled = segments.iter().map(|s| shape::SegmentShape { bits: s.bits, alpha, beta, nu: 1 }).collect();
    Terms { segments: compiled, constant: -1, possible: 0, strong: None }
}

/// The shape, if its numbers fit their types.
pub(super) fn compile(checks: &mut Checks, policy: &Policy, terms: Terms) -> Option<Shape> {
    let Terms { segments, constant, possible, strong } = terms;
    let [low_end, middle] = [constant, possible].map(i64::from);
    // x = u = 0 against any payload, or any x, u against y = v = 0, leaves nothing but the constant.
    let words = "no evidence, no match: the constant lies below `possible`";
    checks.demand("V-POLICY-013", "score.constant", words, Measure::Below(low_end, middle));
    if let Some(strong) = strong {
        let above = Measure::Below(middle, strong.into());
        checks.demand("V-POLICY-014", "score.strong", "`strong` lies above `possible`", above);
    }
    let honest = score_range(&segments, constant);
    let top = i64::from(strong.unwrap_or(possible));
    let field = if strong.is_some() { "score.strong" } else { "score.possible" };
    let words = "the greatest score of an honest pair reaches the upper threshold";
    checks.demand("V-POLICY-019", field, words, Measure::AtMost(top, honest.high));

    // No honest pair makes d - threshold wrap around. What noise makes, the responder's list catches.
    let reach = [Some(possible), strong].into_iter().flatten().map(i64::from);
    let largest = reach.flat_map(|t| [honest.low, honest.high].map(|end| (end - t).unsigned_abs())).max().unwrap_or(0);
    let least = 65 - largest.leading_zeros(); // the least k with largest < 2^(k-1)
    let ring_bits = least.max(limits::MIN_RING_BITS.into());
    let words = format!("bits of a ring in which no honest score wraps around (distances up to {largest})");
    let fits = Measure::AtMost(ring_bits.into(), limits::MAX_RING_BITS.into());
    checks.demand("V-POLICY-017", "segment", words, fits);

    Some(Shape::proved(ShapeFields {
        segments,
        constant,
        possible,
        strong,
        tables: policy.tables.iter().map(|t| shape::TableShape { id: t.id, slots: t.slots }).collect(),
        copies_requester: policy.round.copies_requester,
        copies_responder: policy.round.copies_responder,
        records_requester: policy.round.records_requester,
        records_responder: policy.round.records_responder,
        output: policy.round.output,
        ring_bits: u8::try_from(ring_bits).ok()?,
    }))
}
