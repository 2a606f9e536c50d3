//! Each form equals the portable one, on random inputs and at the edges.

use crate::{Bin, ColumnHash, Form, Kernels, Key, LEAVES, LEVELS, Leaves};
use proptest::prelude::*;

/// The forms of this processor besides the portable one.
fn forms() -> Vec<Kernels> {
    [Form::Narrow, Form::Wide].into_iter().filter_map(Kernels::of).collect()
}

/// Bytes that follow from a seed.
fn bytes(seed: u64, n: usize) -> Vec<u8> {
    let mut out = vec![0; n.next_multiple_of(16)];
    Key::new(Kernels::portable(), &u128::from(seed).to_le_bytes()).stream(u32::MAX, 7, &mut out);
    out.truncate(n);
    out
}

fn rows(seed: u64, n: usize) -> Vec<u128> {
    bytes(seed, 16 * n).as_chunks::<16>().0.iter().map(|b| u128::from_le_bytes(*b)).collect()
}

fn key(seed: u64) -> [u8; 16] {
    (u128::from(seed) << 64 | u128::from(seed.rotate_left(17))).to_le_bytes()
}

fn streams(seed: u64, chunk: u32, first: u64, blocks: usize) {
    let run = |kernels| {
        let mut out = vec![0xaa; 16 * blocks];
        Key::new(kernels, &key(seed)).stream(chunk, first, &mut out);
        out
    };
    let expected = run(Kernels::portable());
    forms().into_iter().for_each(|form| assert_eq!(run(form), expected, "{form:?} {blocks} blocks"));
}

fn columns(seed: u64, chunk: u32, first: bool, blocks: usize) {
    let keys: Vec<[u8; 16]> = (0..2 * LEAVES as u64).map(|i| key(seed ^ i << 32)).collect();
    let run = |kernels| {
        let (mut bits, mut sum) = (vec![0x55; LEVELS * 16 * blocks], vec![0x55; 16 * blocks]);
        Leaves::new(kernels, &keys).columns(1, first, chunk, &mut bits, &mut sum);
        (bits, sum)
    };
    let expected = run(Kernels::portable());
    forms().into_iter().for_each(|form| assert_eq!(run(form), expected, "{form:?} {blocks} blocks"));
}

fn transposition(seed: u64, blocks: usize, count: usize) {
    let all = bytes(seed, 128 * 16 * blocks);
    let run = |kernels: Kernels| {
        let mut out = vec![u128::MAX; count];
        kernels.transpose(&all, &mut out);
        out
    };
    let expected = run(Kernels::portable());
    for (i, row) in expected.iter().enumerate() {
        for (j, column) in all.chunks_exact(16 * blocks).enumerate() {
            let bit = column.get(i / 8).map_or(1, |byte| byte >> (i % 8) & 1);
            assert_eq!((row >> j & 1) as u8, bit, "row {i} column {j}");
        }
    }
    forms().into_iter().for_each(|form| assert_eq!(run(form), expected, "{form:?} {blocks} blocks {count} rows"));
}

fn hashes(seed: u64, n: usize, tweaks: usize) {
    let (xs, tweaks) = (rows(seed, n), rows(!seed, tweaks));
    let run = |kernels| {
        let mut xs = xs.clone();
        Key::new(kernels, &key(seed)).hash(&mut xs, &tweaks);
        xs
    };
    let expected = run(Kernels::portable());
    forms().into_iter().for_each(|form| assert_eq!(run(form), expected, "{form:?} {n} blocks"));
}

/// Corrections and shares of a bin: equal in all forms, and both shares together are the score.
fn scores(seed: u64, ring_bits: u32, width: usize, first: u64, coefficients: &[u32]) {
    let kept = (1u32 << ring_bits) - 1;
    let (q, delta) = (rows(seed, width), rows(!seed, 1)[0]);
    let (decoded, mask) = (bytes(seed ^ 1, width / 8), bytes(seed ^ 2, width / 8));
    let bit = |bytes: &[u8], i: usize| u32::from(bytes[i / 8] >> (i % 8) & 1);
    let t: Vec<u128> = q.iter().enumerate().map(|(i, q)| q ^ if bit(&mask, i) == 1 { delta } else { 0 }).collect();
    let run = |kernels| {
        let key = Key::new(kernels, &key(seed));
        let mut out = vec![0xee; width * ring_bits as usize / 8];
        let requester = Bin { first, rows: &q, ring_bits };
        let one = key.correct(&requester, delta, &decoded, coefficients, &mut out);
        let other = key.absorb(&Bin { rows: &t, ..requester }, &mask, &out);
        (out, one & kept, other & kept)
    };
    let expected = run(Kernels::portable());
    let score = (0..width)
        .fold(0u32, |sum, i| sum.wrapping_add(coefficients[i].wrapping_mul(bit(&decoded, i) ^ bit(&mask, i))));
    assert_eq!(expected.1.wrapping_add(expected.2) & kept, score & kept, "{ring_bits} bits, width {width}");
    forms().into_iter().for_each(|form| assert_eq!(run(form), expected, "{form:?} {ring_bits} bits, width {width}"));
}

fn column_hashes(keys: &[u8; 32], announced: usize, column: &[u8]) {
    let expected = ColumnHash::new(Kernels::portable(), keys, announced).column(column);
    for form in forms() {
        let got = ColumnHash::new(form, keys, announced).column(column);
        assert_eq!(got, expected, "{form:?} {announced} announced, {} bytes", column.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn forms_agree_on_streams(seed: u64, chunk: u32, first in 0u64..1 << 40, blocks in 0usize..70) {
        streams(seed, chunk, first, blocks);
    }

    #[test]
    fn forms_agree_on_columns(seed: u64, chunk: u32, first: bool, blocks in 0usize..80) {
        columns(seed, chunk, first, blocks);
    }

    #[test]
    fn forms_agree_on_transposition(seed: u64, blocks in 1usize..12, less in 0usize..300) {
        transposition(seed, blocks, (128 * blocks).saturating_sub(less));
    }

    #[test]
    fn forms_agree_on_the_hash(seed: u64, n in 0usize..100, less in 0usize..3) {
        hashes(seed, n, n.saturating_sub(less));
    }

    #[test]
    fn forms_agree_on_scores(seed: u64, ring_bits in 4u32..=31, bytes in 1usize..40, first in 0u64..1 << 30) {
        let coefficients: Vec<u32> = rows(seed ^ 3, 8 * bytes).iter().map(|r| *r as u32).collect();
        scores(seed, ring_bits, 8 * bytes, first, &coefficients);
    }

    #[test]
    fn forms_agree_on_columns_of_the_check(seed: u64, blocks in 0usize..40, more in 0usize..3) {
        let keys = bytes(seed, 32).try_into().unwrap_or([0; 32]);
        column_hashes(&keys, blocks + more, &bytes(!seed, 16 * blocks));
    }
}

#[test]
fn forms_agree_at_the_edges() {
    for blocks in [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128] {
        streams(u64::MAX, u32::MAX, 0, blocks);
        columns(0, u32::MAX, false, blocks);
        columns(u64::MAX, 0, true, blocks);
        hashes(0, blocks, blocks);
    }
    for blocks in [1, 2, 3, 4, 5, 8, 9] {
        for count in [0, 1, 127, 128 * blocks - 1, 128 * blocks, 128 * blocks + 5] {
            transposition(u64::MAX, blocks, count);
        }
    }
    for ring_bits in [4, 11, 12, 16, 18, 31] {
        for width in [8, 16, 24, 264, 520] {
            for extreme in [0, 1, u32::MAX, 1 << (ring_bits - 1)] {
                scores(5, ring_bits, width, u64::from(u32::MAX), &vec![extreme; width]);
            }
        }
    }
    for keys in [[0; 32], [0xff; 32], [1; 32]] {
        for column in [vec![0; 32], vec![0xff; 16 * 522], vec![0; 16 * 9], vec![1; 16 * 3]] {
            // A column that is longer than announced, or no whole number of blocks, is hashed all the same.
            for announced in [0, 2, 3, column.len() / 16] {
                column_hashes(&keys, announced, &column);
            }
        }
        column_hashes(&keys, 5, &[7; 16 * 4 + 3]);
    }
}

/// What is not there is left alone: no form writes beyond what it is given.
#[test]
fn a_tree_that_is_not_there_changes_nothing() {
    for kernels in forms().into_iter().chain([Kernels::portable()]) {
        let leaves = Leaves::new(kernels, &[[1; 16]; LEAVES]);
        let (mut bits, mut sum) = ([3; 64], [3; 16]);
        leaves.columns(1, true, 0, &mut bits, &mut sum);
        leaves.columns(0, true, 0, &mut bits[..63], &mut sum);
        assert_eq!((bits, sum), ([3; 64], [3; 16]));
    }
}

/// FIPS 197, appendix C.1: whatever the oracle is made of, it is AES.
#[test]
fn the_cipher_is_aes_128() {
    let key: [u8; 16] = core::array::from_fn(|i| i as u8);
    let plain = u128::from_le_bytes(core::array::from_fn(|i| 0x11 * i as u8));
    let cipher = 0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a_u128.swap_bytes();
    for kernels in forms().into_iter().chain([Kernels::portable()]) {
        // With the tweak p(x) + x the hash is p(x) + p(x).
        let mut x = [plain, plain];
        Key::new(kernels, &key).hash(&mut x, &[cipher ^ plain, 0]);
        assert_eq!(x[0], 0, "{kernels:?}");
        assert_ne!(x[1], 0);
    }
}

/// RFC 8452, appendix A.
#[test]
fn the_column_hash_is_polyval() {
    let block = |hex: u128| hex.swap_bytes().to_le_bytes();
    let h = block(0x2562_9347_5892_4276_1d31_f826_ba4b_757b);
    let x = [block(0x4f4f95668c83dfb6401762bb2d01a262), block(0xd1a24ddd2721d006bbe45f20d3c9f362)];
    let expected = block(0xf7a3b47b846119fae5b7866cf5e5b77e);
    let keys: [u8; 32] = [h, h].concat().try_into().unwrap_or([0; 32]);
    let column = [x.as_flattened(), &[0; 32]].concat();
    for kernels in forms().into_iter().chain([Kernels::portable()]) {
        let out = ColumnHash::new(kernels, &keys, 4).column(&column);
        assert_eq!(out, *[expected, expected].as_flattened(), "{kernels:?}");
    }
}
