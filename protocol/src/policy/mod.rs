//! The policy: everything that shapes the computation (spec section 6).
//!
//! A [`Policy`] is what a file or a peer says; a [`CheckedPolicy`] is one whose inequalities the validator has proved.
//! Only the latter can encode records or run a round.

pub mod bounds;
mod canonical;
mod checked;
mod compile;
mod difference;
mod encoded_list;
pub(crate) mod file;
pub mod inequalities;
pub mod related;
pub mod shape;
mod validate;

#[cfg(test)]
mod tests;

pub use crate::schema::declared::{Declared, FeatureOf, KeyPartOf};
pub use crate::schema::encoding::{LinkageContext, SegmentSpec, Slots, TableSpec, Weights};
pub use crate::schema::kinds::{FeatureKind, FieldType, KeyPart, Lane, LanePair};
pub use checked::CheckedPolicy;
pub use difference::first_difference;
pub use encoded_list::{EncodedList, ListFields};
pub use inequalities::{Check, Measure};
pub use shape::OutputMode;
pub use validate::bins;
pub(crate) use validate::{asked, tried};

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
    pub context: LinkageContext,
    /// Padded sizes, copies and output.
    pub round: RoundParameters,
    /// Score and thresholds.
    pub score: Score,
    /// Wrong pairs to expect of a round, if somebody measured them. For people only: it enters no computation and not
    /// the canonical bytes (V-POLICY-040).
    #[serde(default)]
    pub expected_wrong: Option<ExpectedWrong>,
    /// Fields beyond the person schema, in order.
    #[serde(rename = "field", default)]
    pub fields: Vec<Declared>,
    /// Segments of the filter, in the order of their bits.
    #[serde(rename = "segment")]
    pub segments: Vec<SegmentSpec>,
    /// Token tables, in order.
    #[serde(rename = "table")]
    pub tables: Vec<TableSpec>,
}

/// Version of the normalisation and digest of its tables.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// [`crate::normalise::VERSION`].
    pub version: String,
    /// [`crate::normalise::tables_digest`]; a file may leave it out and gets that of this library.
    #[serde(default = "crate::normalise::tables_digest", deserialize_with = "file::hex_32")]
    pub tables: [u8; 32],
}

/// Sizes of a round. All of them are public.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundParameters {
    /// Padded number of the requester's records (n_R*).
    pub records_requester: u32,
    /// Padded number of the responder's records (n_S*).
    pub records_responder: u32,
    /// Copies kept per token value on the requester's side (d_R).
    pub copies_requester: u8,
    /// Copies kept per token value on the responder's side (d_S).
    pub copies_responder: u8,
    /// The sides that learn the result.
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

/// Wrong pairs of a round between two lists of [`ExpectedWrong::records`] each, as measured on training lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedWrong {
    /// Records of each list.
    pub records: u32,
    /// Wrong pairs of grade *strong*.
    pub strong: u32,
    /// Wrong pairs of either grade.
    pub possible: u32,
}

impl ExpectedWrong {
    /// Wrong pairs of grade *strong* and of either grade in a round between lists of these sizes (V-POLICY-040): as many
    /// times more as there are pairs of records. They hardly depend on how many persons both lists have.
    #[must_use]
    pub fn between(self, requester: u32, responder: u32) -> [f64; 2] {
        let [own, peer, trained] = [requester, responder, self.records.max(1)].map(f64::from);
        [self.strong, self.possible].map(|wrong| f64::from(wrong) * (own / trained) * (peer / trained))
    }
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
