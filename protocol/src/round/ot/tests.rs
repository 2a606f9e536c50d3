//! Base OT, trees and extension by themselves: correct, bound to their context, and checked.
use super::endemic::{self, accept, answer, check, chosen};
use super::softspoken::extend::{SoftSpokenReceiver, SoftSpokenSender};
use super::softspoken::tree::{self, LEAVES, LeafKey, Leaves, TreeBinding};
use super::{BaseOtContext, BaseOtKey, BaseOtMessages, Direction, OtChunk, OtReceiver, OtSender};
use crate::crypto::cipher::LeafStreams;
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::PeerFault;
use crate::ids::RoundId;
use crate::labels;
use crate::suite::{TREE_LEVELS, TREES, TREES_BYTES};

const DELTA: u128 = 0x0123_4567_89ab_cdef_1122_3344_5566_7788;

const ROUND: RoundId = RoundId::from_bytes([3; 32]);

fn context(round: &RoundId, direction: Direction) -> BaseOtContext<'_> {
    BaseOtContext { round, direction }
}

fn offer(randomness: &Prf) -> Vec<u8> {
    endemic::offer(Direction::Masks, randomness)
}

/// Answer and keys of the chooser. The answer comes before the offer and does not depend on it (V-OT-005).
fn choose(context: &BaseOtContext<'_>, b: &Prf, choices: u128, offer: &[u8]) -> (Vec<u8>, Vec<BaseOtKey>) {
    let choices = choices.to_le_bytes();
    let answer = answer(context, b, &choices);
    check(context.direction, &answer).unwrap();
    let keys = chosen(context, b, &choices, BaseOtMessages { answer: &answer, offer }).unwrap();
    (answer, keys)
}

#[test]
fn base_ot_gives_the_chosen_key_and_not_the_other() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&ROUND, Direction::Masks);
    let (answer, chosen) = choose(&context, &b, DELTA, &offer(&a));
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
    let right = context(&ROUND, Direction::Masks);
    let (answer, chosen) = choose(&right, &b, DELTA, &offer(&a));
    for wrong in [context(&RoundId::from_bytes([4; 32]), Direction::Masks), context(&ROUND, Direction::Shares)] {
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

/// What the opener of trees has.
struct Opener {
    binding: TreeBinding,
    delta: u128,
    keys: Vec<BaseOtKey>,
}

impl Opener {
    fn open(&self, setup: &[u8]) -> Result<SoftSpokenSender, PeerFault> {
        SoftSpokenSender::open(&self.binding, self.delta, &self.keys, setup)
    }
}

fn binding(context: &BaseOtContext<'_>, answer: &[u8], offer: &[u8]) -> TreeBinding {
    TreeBinding::new(context, BaseOtMessages { answer, offer })
}

/// What both sides hold after base OT: binding, both keys of every instance, and the keys that open the trees.
fn base(delta: u128, choosing: u8) -> (TreeBinding, Vec<[BaseOtKey; 2]>, Opener) {
    let (a, b) = (Prf::new([1; 32]), Prf::new([choosing; 32]));
    let context = context(&ROUND, Direction::Masks);
    let (answer, chosen) = choose(&context, &b, !delta, &offer(&a));
    let binding = binding(&context, &answer, &offer(&a));
    (binding, accept(&context, &a, &answer).unwrap(), Opener { binding, delta, keys: chosen })
}

fn extension() -> (SoftSpokenReceiver, SoftSpokenSender) {
    let (binding, keys, opener) = base(DELTA, 2);
    let (receiver, trees) = SoftSpokenReceiver::grow(&binding, &keys, Prf::new([5; 32]));
    assert_eq!(trees.len(), TREES_BYTES);
    (receiver, opener.open(&trees).unwrap())
}

/// Delta's element of GF(2^k) in a tree.
const fn punctured(delta: u128, tree: usize) -> usize {
    (delta >> (tree * TREE_LEVELS)) as usize % LEAVES
}

const CHUNK: OtChunk<'_> = OtChunk { direction: Direction::Masks, index: 7, beta: &[3; 32] };

#[test]
fn rows_differ_by_delta_where_the_choice_is_one() {
    let (receiver, sender) = extension();
    for bits in [1usize, 127, 128, 1000] {
        let choices: Vec<u8> = Prf::new([9; 32]).bytes::<125>(&[bits as u64])[..bits.div_ceil(8)].to_vec();
        let (message, t) = receiver.extend(&CHUNK, &choices, bits);
        let q = sender.extend(&CHUNK, &message, bits).unwrap();
        assert_eq!((t.len(), q.len()), (bits, bits));
        for i in 0..bits {
            let x = choices[i / 8] >> (i % 8) & 1 == 1;
            assert_eq!(q[i] ^ t[i], if x { DELTA } else { 0 });
        }
    }
}

/// V-OT-001: bits changed on the way fail the check; so does what was made for another chunk or direction, or
/// under another beta.
#[test]
fn damaged_extensions_are_refused() {
    let (receiver, sender) = extension();
    let refused = Err(PeerFault::InconsistentOt { chunk: 7 }.into());
    let (message, _) = receiver.extend(&CHUNK, &[0x5a; 32], 256);
    for at in [0, 1000, TREES * 64, TREES * 64 + 31, message.len() - 32, message.len() - 1] {
        let mut bad = message.clone();
        bad[at] ^= 1;
        assert_eq!(sender.extend(&CHUNK, &bad, 256), refused, "byte {at}");
    }
    let others = [
        OtChunk { index: 8, ..CHUNK },
        OtChunk { direction: Direction::Shares, ..CHUNK },
        OtChunk { beta: &[4; 32], ..CHUNK },
    ];
    for other in others {
        let (other_message, _) = receiver.extend(&other, &[0x5a; 32], 256);
        assert_eq!(sender.extend(&CHUNK, &other_message, 256), refused, "{other:?}");
    }
    let mut columns = message.clone();
    let (first, second) = columns.split_at_mut(64);
    first.swap_with_slice(&mut second[..64]);
    assert_eq!(sender.extend(&CHUNK, &columns, 256), refused, "two columns exchanged");
    for wrong in [&message[1..], &message[..message.len() - 1], &[&message[..], &[0]].concat(), &[]] {
        let fault = PeerFault::Length { expected: message.len(), got: wrong.len() };
        assert_eq!(sender.extend(&CHUNK, wrong, 256), Err(fault.into()));
    }
}

/// For a message in which all columns have the same choices.
const NO_COLUMN: usize = TREES + 1;

/// Seed of the stream of a leaf in [`CHUNK`] (V-OT-007).
fn seed(leaf: &LeafKey) -> [u8; 16] {
    let mut seed = [0; 16];
    Prf::new(*leaf).fill_at(CHUNK.beta, &mut seed);
    seed
}

/// The message of a receiver that uses other choices in one tree's column, and computes the check as well as it can.
fn cheat(trees: &[Leaves], setup: &[u8], column: usize) -> Vec<u8> {
    let size = 64;
    let choices = |j: usize| if j == column { [0xa5; 64] } else { [0x5a; 64] };
    let (mut own, mut message) = (Vec::new(), Vec::new());
    for (j, leaves) in trees.iter().enumerate() {
        let streams = LeafStreams::new(&leaves.each_ref().map(seed));
        let (mut t, mut u) = (vec![0; TREE_LEVELS * size], vec![0; size]);
        streams.columns(0, true, CHUNK.index, &mut t, &mut u);
        own.append(&mut t);
        message.extend(u.iter().zip(choices(j)).map(|(u, x)| u ^ x));
    }
    let (trees, place) = (&setup[setup.len() - 32..], CHUNK.index.to_be_bytes());
    let parts: [&[u8]; 5] = [trees, &[CHUNK.direction as u8], &place, CHUNK.beta, &message];
    let check = ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts), size / 16);
    let columns = own.chunks_exact(size).map(|t| check.column(t));
    let digest = columns.fold(Labelled::new(labels::OT_COLUMNS), |h, t| h.part(&t)).finish();
    message.extend(check.column(&choices(TREES)));
    message.extend(digest);
    message
}

/// V-OT-001: other choices in one column are seen unless Delta's element there is zero: a cheat passes only by guessing
/// all k bits of it.
#[test]
fn inconsistent_choices_pass_only_where_delta_is_guessed() {
    // Every third element of Delta is zero.
    let delta = (0..TREES).filter(|tree| tree % 3 != 0).fold(0, |d, tree| d | 5u128 << (tree * TREE_LEVELS));
    let (binding, keys, opener) = base(delta, 2);
    let (trees, setup) = tree::grow(&binding, &keys);
    let sender = opener.open(&setup).unwrap();
    for column in 0..TREES {
        let result = sender.extend(&CHUNK, &cheat(&trees, &setup, column), 256);
        assert_eq!(result.is_ok(), punctured(delta, column) == 0, "column {column}");
    }
}

/// The opener knows every leaf but Delta's, which stands at distance 0.
#[test]
fn trees_open_everywhere_but_at_delta() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&ROUND, Direction::Masks);
    let (answer, chosen) = choose(&context, &b, !DELTA, &offer(&a));
    let binding = binding(&context, &answer, &offer(&a));
    let (grown, message) = tree::grow(&binding, &accept(&context, &a, &answer).unwrap());
    let opened = tree::open(&binding, &DELTA.to_le_bytes(), &chosen, &message).unwrap();
    assert_eq!((grown.len(), opened.len()), (TREES, TREES));
    for (tree, (grown, opened)) in grown.iter().zip(&opened).enumerate() {
        let missing = punctured(DELTA, tree);
        for leaf in 0..LEAVES {
            assert_eq!(grown[leaf] == opened[leaf ^ missing], leaf != missing, "tree {tree} leaf {leaf}");
        }
    }
    let leaves: std::collections::BTreeSet<LeafKey> = grown.iter().flat_map(|leaves| leaves.iter().copied()).collect();
    assert_eq!(leaves.len(), TREES * LEAVES, "all leaves differ");
}

/// V-OT-004: another sum is noticed exactly where Delta's path takes it, so that a cheat passes only by guessing; a
/// changed check, digest or length always.
#[test]
fn inconsistent_trees_pass_only_where_delta_is_guessed() {
    let (binding, keys, opener) = base(DELTA, 2);
    let (_, message) = tree::grow(&binding, &keys);
    let part = 32 * TREE_LEVELS;
    for tree in 0..TREES {
        for level in 1..TREE_LEVELS {
            for branch in 0..2 {
                let mut bad = message.clone();
                bad[tree * part + 32 * (level - 1) + 16 * branch + 3] ^= 0x10;
                // The opener takes the sum of the branch that Delta leaves.
                let bit = DELTA >> (tree * TREE_LEVELS + TREE_LEVELS - 1 - level) & 1;
                let unused = bit == branch as u128;
                let result = opener.open(&bad).map(|_| ());
                assert_eq!(result, if unused { Ok(()) } else { Err(PeerFault::InconsistentTree) });
            }
        }
        let mut bad = message.clone();
        bad[tree * part + part - 1] ^= 1;
        assert_eq!(opener.open(&bad).err(), Some(PeerFault::InconsistentTree), "check of tree {tree}");
    }
    let mut bad = message.clone();
    bad[message.len() - 1] ^= 1;
    assert_eq!(opener.open(&bad).err(), Some(PeerFault::InconsistentTree));
    let mut bad = message.clone();
    let (first, second) = bad.split_at_mut(part);
    first.swap_with_slice(&mut second[..part]);
    assert_eq!(opener.open(&bad).err(), Some(PeerFault::InconsistentTree), "two trees exchanged");
    for wrong in [&message[1..], &[&message[..], &[0]].concat()] {
        let fault = PeerFault::Length { expected: TREES_BYTES, got: wrong.len() };
        assert_eq!(opener.open(wrong).err(), Some(fault));
    }
}

/// V-OT-005: a chooser that runs the base OTs again with one other choice meets other trees. Were they the same, the
/// two punctured points together would open every leaf, and with the leaves all choices.
#[test]
fn a_second_run_with_another_delta_opens_unrelated_trees() {
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let context = context(&ROUND, Direction::Masks);
    let run = |delta: u128, bound: Option<TreeBinding>| {
        let (answer, chosen) = choose(&context, &b, !delta, &offer(&a));
        let binding = bound.unwrap_or_else(|| binding(&context, &answer, &offer(&a)));
        let (grown, message) = tree::grow(&binding, &accept(&context, &a, &answer).unwrap());
        (binding, grown, tree::open(&binding, &delta.to_le_bytes(), &chosen, &message).unwrap())
    };
    // The lowest bit of an element decides on the last level only.
    let other = DELTA ^ 1;
    let (binding, grown, _) = run(DELTA, None);
    let missing = grown[0][punctured(DELTA, 0)];
    // With trees that are not bound to the answers, the second run's first subtree is that of the first run.
    let (_, _, unbound) = run(other, Some(binding));
    assert_eq!(unbound[0][1], missing, "the attack works where the binding is left out");
    let (_, _, bound) = run(other, None);
    assert!(bound.iter().flat_map(|leaves| leaves.iter()).all(|leaf| *leaf != missing));
    assert!(grown.iter().zip(&bound).all(|(a, b)| a.iter().all(|leaf| !b.contains(leaf))));
}

/// V-OT-003: the random blocks depend on the choices, so that two messages of one chunk differ by more than the choices
/// do; chunks and directions have streams of their own.
#[test]
fn a_repetition_with_other_choices_has_other_random_blocks() {
    let (receiver, _) = extension();
    let (first, _) = receiver.extend(&CHUNK, &[0x5a; 32], 256);
    let (second, _) = receiver.extend(&CHUNK, &[0x5b; 32], 256);
    let (again, _) = receiver.extend(&CHUNK, &[0x5a; 32], 256);
    assert_eq!(first, again);
    for column in 0..TREES {
        let [a, b] = [&first, &second].map(|m| &m[column * 64..][..64]);
        let difference: Vec<u8> = a.iter().zip(b).map(|(a, b)| a ^ b).collect();
        assert_eq!(difference[..32], [1; 32]);
        assert!(difference[32..].iter().filter(|d| **d != 0).count() > 16);
    }
    let (next, _) = receiver.extend(&OtChunk { index: 8, ..CHUNK }, &[0x5a; 32], 256);
    assert!(first.chunks(16).zip(next.chunks(16)).all(|(a, b)| a != b));
}

/// V-OT-006 (N3): the same columns over other trees meet another challenge, so that no message passes for two sets of
/// trees.
#[test]
fn the_challenge_depends_on_the_trees() {
    let (receiver, sender) = extension();
    let (message, _) = receiver.extend(&CHUNK, &[0x5a; 32], 256);
    assert!(sender.extend(&CHUNK, &message, 256).is_ok());
    let matrix = &message[..TREES * 64];
    let hash = |trees: &[u8]| {
        let parts: [&[u8]; 5] = [trees, &[CHUNK.direction as u8], &CHUNK.index.to_be_bytes(), CHUNK.beta, matrix];
        ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts), 4).column(&matrix[..64])
    };
    assert_ne!(hash(&[1; 32]), hash(&[2; 32]));
    // The own trees' digest is what the parties put there: a cheat that computes with another one is refused.
    let (binding, keys, opener) = base(DELTA, 2);
    let (trees, setup) = tree::grow(&binding, &keys);
    let honest = cheat(&trees, &setup, NO_COLUMN);
    assert!(opener.open(&setup).unwrap().extend(&CHUNK, &honest, 256).is_ok(), "consistent choices pass");
    let mut other = setup.clone();
    *other.last_mut().unwrap() ^= 1;
    let refused = Err(PeerFault::InconsistentOt { chunk: 7 }.into());
    assert_eq!(opener.open(&setup).unwrap().extend(&CHUNK, &cheat(&trees, &other, NO_COLUMN), 256), refused);
}

/// V-OT-007: streams that are kept from chunk to chunk are used under the beta that they were made for, and under no other.
#[test]
fn kept_streams_are_those_of_their_beta() {
    let place = |beta: &'static [u8; 32], index| OtChunk { direction: Direction::Masks, index, beta };
    let choices = [0x5a; 64];
    let (receiver, sender) = extension();
    let (first, _) = receiver.extend(&place(&[1; 32], 0), &choices, 512);
    let (other, rows) = receiver.extend(&place(&[2; 32], 0), &choices, 512);
    let (fresh, _) = extension().0.extend(&place(&[2; 32], 0), &choices, 512);
    assert!(other == fresh && other != first);
    // The other side, which has seen the first beta too.
    assert!(sender.extend(&place(&[1; 32], 0), &first, 512).is_ok());
    let theirs = sender.extend(&place(&[2; 32], 0), &other, 512).unwrap();
    let bit = |i: usize| u128::from(choices[i / 8] >> (i % 8) & 1).wrapping_neg();
    assert!(rows.iter().zip(theirs.iter()).enumerate().all(|(i, (t, q))| *q == t ^ (bit(i) & DELTA)));
}
