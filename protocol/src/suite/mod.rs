//! Suites: what two sides must have in common besides the policy (spec sections 7.1, 8).
//!
//! A [`Suite`] states in one place its number, its engines, its parameters and the lengths of the message parts that
//! its engines make. `plan` computes the sizes of a round from it, `wire` the schedule, and `round` chooses the engines
//! by it. A new suite is a new file here, and its engines behind the traits of `round::oprf` and `round::ot`.

mod suite_1;
mod suite_2;

pub use suite_1::SUITE_1;
pub use suite_2::SUITE_2;

use core::fmt;

/// Base OTs of one extension: the bits of Delta.
pub const BASE_OTS: usize = 128;
/// Levels of a puncturable tree: k of SoftSpokenOT. A message has 1 / k of the bytes of IKNP's, for 2^k / k blocks of
/// AES a choice instead of two.
pub const TREE_LEVELS: usize = 4;
/// Trees of one extension.
pub const TREES: usize = BASE_OTS / TREE_LEVELS;
/// Bytes of the trees of one extension.
pub const TREES_BYTES: usize = trees_bytes(TREES);

/// Bytes of some trees: two sums of 16 bytes a level after the first and 32 bytes of check a tree, then the digest of all
/// leaves' checks.
#[must_use]
pub const fn trees_bytes(trees: usize) -> usize {
    trees * (32 * (TREE_LEVELS - 1) + 32) + 32
}

/// Symbols of four bits of a codeword of the OPRF from trees: a tree each.
pub const CODE_SYMBOLS: usize = 93;
/// Bits of a codeword: base OTs of the OPRF from trees, and bits of its Delta.
pub const CODE_BITS: usize = CODE_SYMBOLS * TREE_LEVELS;

/// Bytes of an extension of `bits` choices: one column of whole blocks and two mask blocks a tree, then the hash of the
/// choices and the digest of the hashed columns.
#[must_use]
pub const fn extension_bytes(bits: usize) -> usize {
    TREES * 16 * (bits.div_ceil(128) + 2) + 32 + 32
}

/// Width of the OKVS band, in columns.
pub const BAND: u32 = 256;
/// Bins of each token.
pub const HASHES: u32 = 3;
/// Bytes of a pseudonym token and of its shares.
pub const PSEUDONYM_BYTES: usize = 16;
/// Bytes of the tag of a strong pair, and of its shares.
pub const TAG_BYTES: usize = 8;
/// Bytes of a seal key, and of a commitment to one.
pub const SEAL_KEY_BYTES: usize = 32;
/// Seal keys of one frame.
pub const SEAL_KEYS_OF_FRAME: u32 = 65_536;
/// Pseudonyms, or claims, of one frame.
pub const TOKENS_OF_FRAME: u32 = 131_072;

/// The oblivious pseudo-random function of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OprfEngine {
    /// POPRF of RFC 9497 over ristretto255, with the bin as public info.
    Poprf,
    /// One evaluation a bin from trees and a linear code, as in KKRT16 and OOS17.
    Tree,
}

/// The base oblivious transfer of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseOtEngine {
    /// Endemic OT from Diffie-Hellman over ristretto255.
    Endemic,
}

/// The OT extension of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtEngine {
    /// SoftSpokenOT.
    SoftSpoken,
}

/// Bytes of the message parts that the engines make.
#[derive(Clone, Copy)]
pub struct Layout {
    /// What the OPRF server sends first: its key with its proof, or its base OT answers.
    pub oprf_key: usize,
    /// What the OPRF client answers before its queries: nothing, or base OT offers and trees.
    pub oprf_base: usize,
    /// A query for a number of bins.
    pub query: fn(u32) -> usize,
    /// The evaluation of a query for a number of bins; `None` if the suite has no evaluation frames.
    pub evaluation: Option<fn(u32) -> usize>,
    /// The base OT offers of one direction.
    pub base_offer: usize,
    /// The base OT answers of one direction.
    pub base_answer: usize,
    /// The trees of one direction.
    pub trees: usize,
    /// An OT extension of a number of choices.
    pub extension: fn(usize) -> usize,
}

/// Engines and parameters of a suite.
#[derive(Clone, Copy)]
pub struct Suite {
    /// Number, in hellos and agreements.
    pub number: u16,
    /// OPRF engine.
    pub oprf: OprfEngine,
    /// Base OT engine.
    pub base_ot: BaseOtEngine,
    /// OT extension engine.
    pub ot: OtEngine,
    /// Lengths of the parts that the engines make.
    pub layout: Layout,
    /// Bins in one query chunk.
    pub query_chunk: u32,
    /// OKVS columns in one table chunk.
    pub table_chunk: u32,
    /// Bins in one comparison chunk.
    pub compare_chunk: u32,
    /// Choice chunks that the responder sends ahead of the corrections, over a connection.
    pub window: u32,
    /// OKVS columns for a number of rows.
    pub columns: fn(u64) -> u64,
    /// OKVS rows of one group of bins, about, in a table that has several groups.
    pub group_rows: u64,
}

/// The suite of new agreements, of demonstrations and of rounds in training, where nobody chooses another.
pub const CURRENT: &Suite = &SUITE_2;

impl Suite {
    /// The suite with this number, if this release computes it.
    #[must_use]
    pub fn by_number(number: u16) -> Option<&'static Self> {
        [&SUITE_1, &SUITE_2].into_iter().find(|suite| suite.number == number)
    }
}

impl PartialEq for Suite {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Suite {}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Suite({})", self.number)
    }
}
