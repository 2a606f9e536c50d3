//! Base OT and extension by themselves: correct, bound to their context, and checked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::Direction;
use super::base::{Context, Key, accept, choose, offer};
use super::extend::{Chunk, Receiver, Sender};
use crate::crypto::cipher::Stream;
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::{Error, PeerFault};
use crate::labels;

const DELTA: u128 = 0x0123_4567_89ab_cdef_1122_3344_5566_7788;

fn context(round: &[u8; 32], direction: Direction) -> Context<'_> {
    Context { round, direction }
}

#[test]
fn base_ot_gives_the_chosen_key_and_not_the_other() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&[3; 32], Direction::Masks);
    let (answer, chosen) = choose(&context, &b, DELTA, &offer(&a)).unwrap();
    let both = accept(&context, &a, &answer).unwrap();
    for (i, (pair, key)) in both.iter().zip(&chosen).enumerate() {
        let bit = usize::from(DELTA >> i & 1 == 1);
        assert!(pair[bit] == *key && pair[1 - bit] != *key, "instance {i}");
    }
}

/// V-OT-002: keys of another round, direction or instance are unrelated, whatever else is the same.
#[test]
fn base_ot_is_bound_to_round_direction_and_instance() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let right = context(&[3; 32], Direction::Masks);
    let (answer, chosen) = choose(&right, &b, DELTA, &offer(&a)).unwrap();
    for wrong in [context(&[4; 32], Direction::Masks), context(&[3; 32], Direction::Shares)] {
        let keys = accept(&wrong, &a, &answer).unwrap();
        assert!(keys.iter().zip(&chosen).all(|(pair, key)| pair.iter().all(|k| k != key)));
    }
    // The answer of instance 0 put in place of instance 1's does not give instance 0's keys again.
    let honest = accept(&right, &a, &answer).unwrap();
    let mut moved = answer;
    moved.copy_within(..64, 64);
    let keys = accept(&right, &a, &moved).unwrap();
    assert!(keys[1].iter().all(|k| honest[0].iter().all(|h| h != k)));
    let offers = offer(&a);
    assert!(offers.chunks(32).enumerate().all(|(i, x)| offers.chunks(32).skip(i + 1).all(|y| x != y)));
}

fn extension() -> (Receiver, Sender) {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&[3; 32], Direction::Masks);
    let (answer, chosen) = choose(&context, &b, DELTA, &offer(&a)).unwrap();
    (Receiver::new(&accept(&context, &a, &answer).unwrap(), Prf::new([5; 32])), Sender::new(DELTA, &chosen))
}

#[test]
fn rows_differ_by_delta_where_the_choice_is_one() {
    let (receiver, sender) = extension();
    let chunk = Chunk { round: &[3; 32], direction: Direction::Masks, index: 7 };
    for bits in [1usize, 127, 128, 1000] {
        let choices: Vec<u8> = Prf::new([9; 32]).bytes::<125>(&[bits as u64])[..bits.div_ceil(8)].to_vec();
        let (message, t) = receiver.extend(&chunk, &choices, bits);
        let q = sender.extend(&chunk, &message, bits).unwrap();
        assert_eq!((t.len(), q.len()), (bits, bits));
        for i in 0..bits {
            let x = choices[i / 8] >> (i % 8) & 1 == 1;
            assert_eq!(q[i] ^ t[i], if x { DELTA } else { 0 });
        }
    }
}

/// V-OT-001: bits changed on the way fail the check.
#[test]
fn damaged_extensions_are_refused() {
    let (receiver, sender) = extension();
    let chunk = Chunk { round: &[3; 32], direction: Direction::Masks, index: 7 };
    let (message, _) = receiver.extend(&chunk, &[0x5a; 32], 256);
    for at in [0, 5000, 128 * 64, message.len() - 1] {
        let mut bad = message.clone();
        bad[at] ^= 1;
        assert_eq!(sender.extend(&chunk, &bad, 256), Err(PeerFault::InconsistentOt { chunk: 7 }.into()));
    }
    let other = Chunk { index: 8, ..chunk };
    assert!(sender.extend(&other, &message, 256).is_err(), "another chunk");
    assert!(matches!(sender.extend(&chunk, &message[1..], 256), Err(Error::Peer(PeerFault::Length { .. }))));
}

/// The message of a receiver that uses other choices in one column, and computes the check as well as it can.
fn cheat(keys: &[[Key; 2]], chunk: &Chunk<'_>, column: usize) -> Vec<u8> {
    let blocks = 4;
    let choices = |j: usize| if j == column { [0xa5; 64] } else { [0x5a; 64] };
    let fill = |key: &Key| {
        let mut out = vec![0; blocks * 16];
        Stream::new(key.expose()).fill(chunk.index, &mut out);
        out
    };
    let own: Vec<Vec<u8>> = keys.iter().map(|k| fill(&k[0])).collect();
    let mut message = Vec::new();
    for (j, (t, k)) in own.iter().zip(keys).enumerate() {
        message.extend(t.iter().zip(fill(&k[1])).zip(choices(j)).map(|((t, u), x)| t ^ u ^ x));
    }
    let parts: [&[u8]; 4] = [chunk.round, &[chunk.direction as u8], &chunk.index.to_be_bytes(), &message];
    let check = ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts));
    let digest = own.iter().fold(Labelled::new(labels::OT_COLUMNS), |h, t| h.part(&check.column(t))).finish();
    message.extend(check.column(&choices(128)));
    message.extend(digest);
    message
}

/// V-OT-001: other choices in one column are seen where Delta has a one, and do nothing where it has a zero: a cheat
/// passes only by guessing bits of Delta.
#[test]
fn inconsistent_choices_pass_only_where_delta_is_guessed() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&[3; 32], Direction::Masks);
    let (answer, chosen) = choose(&context, &b, DELTA, &offer(&a)).unwrap();
    let keys = accept(&context, &a, &answer).unwrap();
    let sender = Sender::new(DELTA, &chosen);
    let chunk = Chunk { round: &[3; 32], direction: Direction::Masks, index: 7 };
    for column in 0..128 {
        let result = sender.extend(&chunk, &cheat(&keys, &chunk, column), 256);
        assert_eq!(result.is_ok(), DELTA >> column & 1 == 0, "column {column}");
    }
}
