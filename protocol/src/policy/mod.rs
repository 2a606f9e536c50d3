//! The policy: everything that shapes the computation (spec section 6).
//!
//! A [`Policy`] is what a file or a peer says; a [`CheckedPolicy`] is one whose inequalities the validator has proved.
//! Only the latter can encode records or run a round.

pub mod bounds;
mod canonical;
pub mod kinds;
pub mod plan;
pub mod shape;
mod text;
mod validate;

#[cfg(test)]
mod tests;

pub use canonical::first_difference;
pub use kinds::{FeatureKind, KeyPart, Lane, LanePair};
pub use shape::OutputMode;
pub use validate::{CheckedPolicy, bins};

use serde::Deserialize;

/// Name of the record schema that this library computes with.
pub const SCHEMA: &str = "person/1";

/// Everything that shapes the computation, as written in a policy file. Not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name of the policy, for people.
    pub name: String,
    /// Record schema: [`SCHEMA`].
    pub schema: String,
    /// How values are made comparable.
    pub normalisation: Normalisation,
    /// What separates this linkage from all others.
    pub context: Context,
    /// Padded sizes, copies and output.
    pub round: Round,
    /// Score and thresholds.
    pub score: Score,
    /// Segments of the filter, in the order of their bits.
    #[serde(rename = "segment")]
    pub segments: Vec<Segment>,
    /// Token tables, in order.
    #[serde(rename = "table")]
    pub tables: Vec<Table>,
}

/// Version of the normalisation and digest of its tables.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// [`crate::normalise::VERSION`].
    pub version: String,
    /// [`crate::normalise::tables_digest`]; a file may leave it out and gets that of this library.
    #[serde(default = "crate::normalise::tables_digest", deserialize_with = "text::hex_32")]
    pub tables: [u8; 32],
}

/// What enters the derivation of every linkage key: filters and tokens of two contexts have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Name of the agreement under which records are compared.
    pub agreement: String,
    /// Which lists are compared.
    pub lanes: LanePair,
    /// Purpose of the comparison.
    pub purpose: String,
    /// Number of the key epoch.
    pub epoch: u32,
}

/// Sizes of a round. All of them are public.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Padded number of the requester's records (n_R*).
    pub records_requester: u32,
    /// Padded number of the responder's records (n_S*).
    pub records_responder: u32,
    /// Copies kept per token value on the requester's side (d_R).
    pub copies_requester: u8,
    /// Copies kept per token value on the responder's side (d_S).
    pub copies_responder: u8,
    /// Who learns the result.
    pub output: OutputMode,
}

/// The score and its thresholds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Score {
    /// Segments with weights of their own; a field that one side lacks counts nothing.
    Weighted {
        /// Constant term; below `possible`.
        constant: i32,
        /// Threshold of grade *possible*.
        possible: i32,
        /// Threshold of grade *strong*, if there are two grades.
        strong: Option<i32>,
    },
    /// Dice coefficient of at least `numerator / denominator`, exactly, over the fields that both records have.
    Dice {
        /// p.
        numerator: u16,
        /// q.
        denominator: u16,
    },
}

/// One segment of the filter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Identifier, unique in the policy; enters the segment's key.
    pub id: String,
    /// What is hashed into the segment.
    pub features: Vec<FeatureKind>,
    /// Bits of the segment.
    pub bits: u16,
    /// Positions that one feature sets (k).
    pub hashes: u8,
    /// Weights; absent when the score is Dice.
    pub weights: Option<Weights>,
}

/// Weights of one segment in a weighted score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Of a bit set on both sides; not negative.
    pub alpha: i32,
    /// Of a bit set on one side where the other side has the field; not positive.
    pub beta: i32,
    /// Of the field being present on both sides.
    pub nu: i32,
}

/// One token table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Number, unique in the policy and ascending; enters every token.
    pub id: u16,
    /// Name, for people.
    pub name: String,
    /// Parts of the match key, in order; a record that lacks one emits no token.
    pub key: Vec<KeyPart>,
    /// Most tokens of one record (c_t).
    pub slots: u16,
    /// log2 of the number of values that the key takes in practice (its collision entropy), rounded down.
    pub domain_bits: u8,
}

impl Policy {
    /// The same policy for other padded sizes.
    #[must_use]
    pub fn with_records(mut self, requester: u32, responder: u32) -> Self {
        self.round.records_requester = requester;
        self.round.records_responder = responder;
        self
    }
}
