use super::*;
use blindlink::encode::EncodedFields;
use blindlink::encode::Filter;

#[test]
fn collision_entropy_is_what_one_computes_by_hand() {
    // V-POLICY-028: groups of 3, 2 and 1: of 6 * 5 ordered pairs, 3 * 2 + 2 * 1 collide.
    let entropy = collision_entropy([3, 2, 1].into_iter()).unwrap();
    assert!((entropy - (30.0_f64 / 8.0).log2()).abs() < 1e-12);
    // 1,024 values of 3 tokens each: near ten bits, a little more, since a token does not meet itself.
    let even = collision_entropy(core::iter::repeat_n(3, 1024)).unwrap();
    assert!((even - (3072.0_f64 * 3071.0 / (1024.0 * 6.0)).log2()).abs() < 1e-12);
    assert_eq!(collision_entropy([1, 1, 1].into_iter()), None);
    assert_eq!(collision_entropy([].into_iter()), None);
}

fn record(tokens: &[u8]) -> EncodedRecord {
    let tokens = vec![tokens.iter().map(|t| Token::from_bytes([*t; 16])).collect()];
    EncodedRecord::unchecked(EncodedFields { digest: [0; 32], filter: Filter::zero(8), tokens, others: Vec::new() })
}

#[test]
fn a_table_is_measured() {
    // V-POLICY-028
    let table = Table { name: "t".into(), key: "k".into(), slots: 2, domain_bits: 9, ceiling: 20 };
    let all = [&[1, 2, 3][..], &[1, 2], &[1], &[], &[4]].map(record);
    let kept = [&[1, 2][..], &[1, 2], &[1], &[], &[4]].map(record);
    let keys = measure(&table, 0, &all, &kept, 1);
    assert_eq!((keys.records_with_key, keys.keys_per_record, keys.most_keys), (0.8, 7.0 / 4.0, 3));
    assert_eq!((keys.lost_to_slots, keys.recommended_slots), (1.0 / 7.0, 3));
    // Groups of 3, 2, 1 in slots; one copy of each leaves 3 of 6 tokens.
    assert_eq!((keys.largest_groups.as_slice(), keys.lost_to_copies, keys.recommended_copies), (&[3, 2][..], 0.5, 3));
    assert!((keys.entropy - (30.0_f64 / 8.0).log2()).abs() < 1e-12 && !keys.entropy_is_bound);
    assert_eq!(keys.recommended_domain_bits, 2);
    let alone = measure(&table, 0, &all[4..], &kept[4..], 1);
    assert!(alone.entropy_is_bound);
    assert_eq!((alone.recommended_domain_bits, alone.recommended_slots), (9, 1));
}
