//! Puncturable trees behind the OT extension (Boneh and Waters; Boyle and others; SoftSpokenOT section 6; spec section
//! 8.6).
//!
//! A tree has 2^k leaves and is grown from k base OTs. Its owner knows every leaf; its opener every leaf but the one
//! at its k bits of Delta, for it chose the sums that leave out its own path. A check makes the owner commit to one set
//! of leaves: if it sends other sums it passes only for the Deltas that it guessed.

use crate::crypto::hash::{Labelled, hash};
use crate::error::PeerFault;
use crate::labels;
use crate::round::ot::{BaseOtContext, BaseOtKey, BaseOtMessages, bit_of};
use crate::suite::{TREE_LEVELS, trees_bytes};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Leaves of a tree.
pub const LEAVES: usize = 1 << TREE_LEVELS;

/// Key of a leaf.
pub type LeafKey = [u8; 32];

/// Keys of a tree's leaves.
pub type Leaves = Zeroizing<[LeafKey; LEAVES]>;

type Nodes = Zeroizing<[u128; LEAVES]>;

const CHECK_BYTES: usize = 32;
const SUMS_BYTES: usize = 32 * (TREE_LEVELS - 1);

/// What the trees are bound to: all answers and offers of the base OTs. A chooser that gets a second run with other choices
/// in some instances meets unrelated trees, not the same ones punctured elsewhere (V-OT-005).
#[derive(Clone, Copy, Debug)]
pub struct TreeBinding([u8; 32]);

impl TreeBinding {
    /// From what crossed in the base OTs.
    #[must_use]
    pub fn new(context: &BaseOtContext<'_>, sent: BaseOtMessages<'_>) -> Self {
        Self(hash(labels::OT_TREES, &[context.round.as_bytes(), &[context.direction as u8], sent.answer, sent.offer]))
    }

    /// What the key of a base OT's branch opens: a first node, or the pad of a level's sum.
    fn pad(&self, instance: usize, branch: u8, key: &BaseOtKey) -> u128 {
        let [.., high, low] = instance.to_be_bytes(); // below 2^16
        let full = Zeroizing::new(hash(labels::OT_TREE_PAD, &[&self.0, &[high, low, branch], key.expose()]));
        half(&full[..16])
    }

    /// Both children, which are nodes of level `level`, of node `position` of the level above.
    fn children(&self, tree: usize, level: usize, position: usize, node: u128) -> [u128; 2] {
        let place = [tree as u8, level as u8, position as u8];
        let node = Zeroizing::new(node.to_le_bytes());
        let both = Zeroizing::new(hash(labels::OT_TREE_NODE, &[&self.0, &place, &*node]));
        [half(&both[..16]), half(&both[16..])]
    }

    /// Key and check of a leaf.
    fn leaf(&self, tree: usize, position: usize, node: u128) -> (LeafKey, [u8; CHECK_BYTES]) {
        let place = [tree as u8, position as u8];
        let node = Zeroizing::new(node.to_le_bytes());
        let mut out = Zeroizing::new([0; 32 + CHECK_BYTES]);
        Labelled::new(labels::OT_TREE_LEAF).part(&self.0).part(&place).part(&*node).fill(&mut *out);
        let (mut key, mut check) = ([0; 32], [0; CHECK_BYTES]);
        key.copy_from_slice(&out[..32]);
        check.copy_from_slice(&out[32..]);
        (key, check)
    }

    fn checks(&self) -> Labelled {
        Labelled::new(labels::OT_TREE_CHECK).part(&self.0)
    }
}

/// `b` if `choice`, else `a`.
fn select(a: u128, b: u128, choice: Choice) -> u128 {
    a ^ (u128::from(choice.unwrap_u8()).wrapping_neg() & (a ^ b))
}

fn half(bytes: &[u8]) -> u128 {
    bytes.first_chunk().map_or(0, |b| u128::from_le_bytes(*b))
}

/// Grows all trees from both keys of every base OT. Returns the leaves and the message for the opener.
#[must_use]
pub fn grow(binding: &TreeBinding, keys: &[[BaseOtKey; 2]]) -> (Vec<Leaves>, Vec<u8>) {
    let count = keys.len() / TREE_LEVELS;
    let mut message = Vec::with_capacity(trees_bytes(count));
    let mut checks = binding.checks();
    let mut trees = Vec::with_capacity(count);
    for (tree, keys) in keys.chunks_exact(TREE_LEVELS).enumerate() {
        let mut nodes = Nodes::new([0; LEAVES]);
        let mut leaves = Leaves::new([[0; 32]; LEAVES]);
        let mut total = [0; CHECK_BYTES];
        // The first level splits by the highest bit of a leaf's position.
        for (level, (bit, pair)) in keys.iter().enumerate().rev().enumerate() {
            let pads = [0u8, 1].map(|x| binding.pad(tree * TREE_LEVELS + bit, x, &pair[usize::from(x)]));
            if level == 0 {
                nodes[..2].copy_from_slice(&pads);
                continue;
            }
            let mut sums = pads;
            for position in (0..1 << level).rev() {
                let pair = binding.children(tree, level, position, nodes[position]);
                nodes[2 * position..2 * position + 2].copy_from_slice(&pair);
                sums.iter_mut().zip(pair).for_each(|(sum, child)| *sum ^= child);
            }
            sums.iter().for_each(|sum| message.extend_from_slice(&sum.to_le_bytes()));
        }
        for (position, (node, leaf)) in nodes.iter().zip(leaves.iter_mut()).enumerate() {
            let (key, check) = binding.leaf(tree, position, *node);
            *leaf = key;
            xor(&mut total, &check);
            checks = checks.part(&check);
        }
        message.extend_from_slice(&total);
        trees.push(leaves);
    }
    message.extend_from_slice(&checks.finish());
    (trees, message)
}

/// Opens the peer's trees at all leaves but Delta's ([`bit_of`] `delta`), a tree for every four keys. `keys` are those of the branches that Delta does not take.
/// Returns the leaves of every tree by their distance from Delta's: what stands at 0 is unknown and means nothing.
///
/// Time and memory access do not depend on Delta.
///
/// # Errors
/// [`PeerFault::Length`], or [`PeerFault::InconsistentTree`] if the check fails.
pub fn open(binding: &TreeBinding, delta: &[u8], keys: &[BaseOtKey], message: &[u8]) -> Result<Vec<Leaves>, PeerFault> {
    let count = keys.len() / TREE_LEVELS;
    let expected = trees_bytes(count);
    if message.len() != expected {
        return Err(PeerFault::Length { expected, got: message.len() });
    }
    let (parts, digest) = message.split_at(count * (SUMS_BYTES + CHECK_BYTES));
    let mut checks = binding.checks();
    let mut trees = Vec::with_capacity(count);
    for (tree, (keys, part)) in
        keys.chunks_exact(TREE_LEVELS).zip(parts.chunks_exact(SUMS_BYTES + CHECK_BYTES)).enumerate()
    {
        let bits: [Choice; TREE_LEVELS] = core::array::from_fn(|b| bit_of(delta, tree * TREE_LEVELS + b));
        let (sums, total) = part.split_at(SUMS_BYTES);
        let mut nodes = Nodes::new([0; LEAVES]);
        let mut leaves = Leaves::new([[0; 32]; LEAVES]);
        let mut path = 0usize;
        for (level, (bit, key)) in keys.iter().enumerate().rev().enumerate() {
            let other = !bits[bit];
            let pad = binding.pad(tree * TREE_LEVELS + bit, other.unwrap_u8(), key);
            let mut missing = pad;
            if level > 0 {
                let sent = sums.get(32 * (level - 1)..).unwrap_or(&[]);
                missing ^= select(half(sent), half(sent.get(16..).unwrap_or(&[])), other);
                for position in (0..1 << level).rev() {
                    let pair = binding.children(tree, level, position, nodes[position]);
                    nodes[2 * position..2 * position + 2].copy_from_slice(&pair);
                    missing ^= select(select(pair[0], pair[1], other), 0, path.ct_eq(&position));
                }
            }
            // The sibling of the path is what the sum leaves over.
            let sibling = path << 1 | usize::from(other.unwrap_u8());
            for (position, node) in nodes.iter_mut().take(2 << level).enumerate() {
                *node = select(*node, missing, position.ct_eq(&sibling));
            }
            path = path << 1 | usize::from(bits[bit].unwrap_u8());
        }
        // V-OT-004: the check of the leaf at Delta is what the total leaves over.
        let mut leaf_checks = [[0; CHECK_BYTES]; LEAVES];
        let mut missing = [0; CHECK_BYTES];
        missing.copy_from_slice(total);
        for (position, ((node, leaf), check)) in nodes.iter().zip(leaves.iter_mut()).zip(&mut leaf_checks).enumerate() {
            let unknown = path.ct_eq(&position);
            (*leaf, *check) = binding.leaf(tree, position, *node);
            check.iter_mut().for_each(|c| c.conditional_assign(&0, unknown));
            xor(&mut missing, check);
        }
        for (position, mut check) in leaf_checks.into_iter().enumerate() {
            let unknown = path.ct_eq(&position);
            check.iter_mut().zip(&missing).for_each(|(c, m)| c.conditional_assign(m, unknown));
            checks = checks.part(&check);
        }
        for (bit, set) in bits.iter().enumerate() {
            for pair in leaves.chunks_exact_mut(2 << bit) {
                let (low, high) = pair.split_at_mut(1 << bit);
                for (a, b) in low.iter_mut().flatten().zip(high.iter_mut().flatten()) {
                    u8::conditional_swap(a, b, *set);
                }
            }
        }
        trees.push(leaves);
    }
    let fits: bool = checks.finish().ct_eq(digest).into();
    fits.then_some(trees).ok_or(PeerFault::InconsistentTree)
}

fn xor(to: &mut [u8; CHECK_BYTES], from: &[u8; CHECK_BYTES]) {
    to.iter_mut().zip(from).for_each(|(t, f)| *t ^= f);
}
