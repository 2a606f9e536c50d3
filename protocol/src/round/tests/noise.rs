//! Noise never matches (V-COMPARE-001): simulated missed bins under the default policy.

use crate::crypto::hash::Prf;
use crate::encode::Filter;
use crate::policy::Policy;
use crate::policy::shape::Shape;
use crate::policy::shape::ShapeFields;
use crate::round::compare::score::coefficients;

/// Scores of uniform payloads by one table lookup a byte.
struct Scorer {
    tables: Vec<[i64; 256]>,
    constant: i64,
    ring: i64,
}

impl Scorer {
    fn new(shape: &Shape, filter: &Filter, bits: usize) -> Self {
        let weights = coefficients(shape, filter);
        let byte = |weights: &[u32]| {
            core::array::from_fn(|value| {
                let set = weights.iter().enumerate().filter(|(b, _)| value >> b & 1 == 1);
                set.map(|(_, a)| i64::from(a.cast_signed())).sum()
            })
        };
        Self {
            tables: weights[..bits].chunks(8).map(byte).collect(),
            constant: i64::from(shape.constant),
            ring: 1 << shape.ring_bits,
        }
    }

    /// The score as the circuit sees it: modulo 2^k, as a signed number.
    fn score(&self, payload: &[u8]) -> i64 {
        let d: i64 = self.constant + self.tables.iter().zip(payload).map(|(t, p)| t[usize::from(*p)]).sum::<i64>();
        (d + self.ring / 2).rem_euclid(self.ring) - self.ring / 2
    }
}

/// Bins of uniform noise that reach the lower threshold.
fn false_positives(shape: &Shape, filter: &Filter, bits: usize, bins: u64, key: u8) -> u64 {
    let scorer = Scorer::new(shape, filter, bits);
    let noise = Prf::new([key; 32]);
    let width = bits / 8;
    let mut block = vec![0; width * 1024];
    let mut count = 0;
    for i in 0..bins.div_ceil(1024) {
        noise.fill(&[i], &mut block);
        let reached = block.chunks_exact(width).filter(|p| scorer.score(p) >= i64::from(shape.possible));
        count += reached.count() as u64;
    }
    count
}

/// A filter with the bits of every segment set where `density` of 256 random values say so, `fields` present.
fn filter(shape: &Shape, density: u8, fields: &[usize]) -> Filter {
    let bits: Vec<u8> = {
        let mut out = vec![0; shape.filter_bits()];
        Prf::new([density; 32]).fill(&[0], &mut out);
        out
    };
    let mut filter = Filter::zero(shape.filter_bits() + shape.segments.len());
    let mut first = 0;
    for (f, segment) in shape.segments.iter().enumerate() {
        if fields.contains(&f) {
            let end = first + usize::from(segment.bits);
            (first..end).filter(|b| bits[*b] <= density).for_each(|b| filter.set(b));
            filter.set(shape.filter_bits() + f);
        }
        first += usize::from(segment.bits);
    }
    filter
}

#[test]
fn no_false_positive_over_ten_million_missed_bins() {
    let policy = Policy::default_policy().unwrap().validate().unwrap();
    let shape = policy.shape();
    let all: Vec<usize> = (0..shape.segments.len()).collect();
    let last = shape.segments.len() - 1;
    let w = shape.payload_bits();
    let kinds = [(70, &all[..]), (255, &all[..]), (90, &[last][..]), (0, &[][..])];
    for (key, (density, fields)) in (0..).zip(kinds) {
        let filter = filter(shape, density, fields);
        assert_eq!(false_positives(shape, &filter, w, 2_500_000, key), 0, "density {density}, fields {fields:?}");
    }
    // Without the check bits the same simulation does see noise pass.
    let dense = filter(shape, 255, &all);
    let bare = w - usize::from(shape.check_bits);
    let loose = Shape::unchecked(ShapeFields { constant: 0, ..(**shape).clone() });
    let sparse = filter(shape, 90, &[last]);
    let passed = false_positives(&loose, &sparse, bare / 8 * 8, 100_000, 9)
        + false_positives(&loose, &dense, bare / 8 * 8, 100_000, 9);
    assert!(passed > 0);
}
