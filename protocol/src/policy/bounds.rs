//! Bounds of the score (spec 6.5). Exact: the score is linear in every single bit once the presence bits are fixed, so
//! its extremes lie where every bit takes the better of its values.

use super::shape::SegmentShape;

/// Smallest and largest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Smallest.
    pub low: i64,
    /// Largest.
    pub high: i64,
}

/// Over which filters a bound holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequesterModel {
    /// A field that is absent (u = 0) sets no bit.
    Honest,
    /// Any bits whatever.
    Arbitrary,
}

/// Range of the score over arbitrary payloads y, v (check bits zero) and the given kind of requester.
#[must_use]
pub fn score_range(segments: &[SegmentShape], constant: i32, requester: RequesterModel) -> Range {
    let start = Range { low: constant.into(), high: constant.into() };
    segments.iter().fold(start, |sum, segment| {
        let part = segment_range(segment, requester);
        Range { low: sum.low + part.low, high: sum.high + part.high }
    })
}

fn segment_range(segment: &SegmentShape, requester: RequesterModel) -> Range {
    let (alpha, beta, nu) = (i64::from(segment.alpha), i64::from(segment.beta), i64::from(segment.nu));
    let bits = i64::from(segment.bits);
    let mut range: Option<Range> = None;
    for u in [0, 1] {
        for v in [0, 1] {
            // What one bit position adds for (x, y) = (0,0), (0,1), (1,0), (1,1).
            let all = [0, u * beta, v * beta, alpha + v * beta + u * beta];
            let possible = if requester == RequesterModel::Honest && u == 0 { &all[..2] } else { &all[..] };
            let low = bits * possible.iter().copied().min().unwrap_or(0) + u * v * nu;
            let high = bits * possible.iter().copied().max().unwrap_or(0) + u * v * nu;
            range = Some(range.map_or(Range { low, high }, |r| Range { low: r.low.min(low), high: r.high.max(high) }));
        }
    }
    range.unwrap_or(Range { low: 0, high: 0 })
}
