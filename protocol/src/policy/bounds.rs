//! Bounds of the score over honest pairs (spec 6.5). Exact: once the presence bits are fixed, every bit position adds one
//! of four values, and the extremes lie where each takes the better one.

use super::shape::SegmentShape;

/// Smallest and largest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Smallest.
    pub low: i64,
    /// Largest.
    pub high: i64,
}

/// Range of the score over pairs of records whose absent fields set no bit. What noise or a dishonest side gives may lie
/// outside it: such a sum is taken modulo 2^k, and the list makes what it says worthless (V-COMPARE-001).
#[must_use]
pub fn score_range(segments: &[SegmentShape], constant: i32) -> Range {
    let start = Range { low: constant.into(), high: constant.into() };
    segments.iter().fold(start, |sum, segment| {
        let (alpha, beta, nu) = (i64::from(segment.alpha), i64::from(segment.beta), i64::from(segment.nu));
        let (bits, both) = (i64::from(segment.bits), alpha + 2 * beta);
        // A field that one side lacks adds nothing: hence the zero outside.
        let low = 0.min(nu + bits * 0.min(beta).min(both));
        let high = 0.max(nu + bits * 0.max(beta).max(both));
        Range { low: sum.low + low, high: sum.high + high }
    })
}
