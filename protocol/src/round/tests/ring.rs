//! The size of the ring, and labels that no honest evaluation gives.

use super::{Flow, flow_of, in_both_suites, record, shape};
use crate::encode::{EncodedRecord, Filter};
use crate::policy::shape::{Shape, ShapeFields};
use crate::round::commitment::LateId;
use crate::round::settle::{SealKey, Sealing, StrongTags};

/// Attack 23 of the design of suite 2 (V-POLICY-017): with one bit less an honest pair that lies far below both thresholds
/// comes round from above.
#[test]
fn a_ring_one_bit_too_small_lets_an_honest_pair_wrap() {
    in_both_suites(|suite| {
        let found = |ring_bits| {
            let shape = Shape::unchecked(ShapeFields { ring_bits, ..(*shape(4)).clone() });
            // What one side has in full, the other has not at all: -20 - 2 * 40 + 1 - 3 * 22 = -165.
            let with = |full: bool| {
                let mut filter = Filter::zero(shape.filter_bits() + shape.segments.len());
                let first = if full { 0 } else { shape.filter_bits() };
                (first..shape.filter_bits() + shape.segments.len()).for_each(|bit| filter.set(bit));
                let mut fields = (*record(&shape, 1, 1)).clone();
                fields.filter = filter;
                EncodedRecord::unchecked(fields)
            };
            let flow: Flow = flow_of(suite, &shape, &[with(true)], &[with(false)]);
            flow.compare(|_, _| ()).len()
        };
        assert_eq!(found(9), 0, "180 below the upper threshold needs nine bits");
        assert_eq!(found(8), 1, "and wraps with eight");
    });
}

/// Attack 13 of the design of suite 2 (V-SETTLE-010): with coefficients that wrap, a requester reaches the upper threshold
/// and not the lower one. It opens nothing, and it does not see that it reached, even where it knows the token.
#[test]
fn strong_without_possible_opens_nothing() {
    let late = LateId::from_bytes([1; 32]);
    let sealing = Sealing::new(&late, 0, &SealKey::new([2; 32]), true);
    let (bin, token, delta, reached) = (5, [3; 16], 0x77_u128 << 64 | 1, [1234_u128, 5678]);
    let tag = StrongTags::new(&late).tag(&token, bin);
    let mask: Vec<u8> = (0..24).map(|i| i * 9 + 1).collect();
    let share: Vec<u8> = mask.iter().zip(token.iter().chain(&tag)).map(|(m, c)| m ^ c).collect();
    let mut sealed = Vec::new();
    sealing.seal(bin, &mask, &reached, delta, &mut sealed);
    let open = |lower: u128, upper: u128| sealing.open(bin, &sealed, &share, &[lower, upper]);

    let both = open(reached[0], reached[1]);
    assert!(both.checked && both.token == token && both.tag == Some(tag));
    let lower = open(reached[0], reached[1] ^ delta);
    assert!(lower.checked && lower.token == token && lower.tag != Some(tag));
    for upper in [reached[1], reached[1] ^ delta] {
        let not_reached = open(reached[0] ^ delta, upper);
        assert!(not_reached.token != token && not_reached.tag != Some(tag));
    }
}
