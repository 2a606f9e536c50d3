//! What encoding needs to know of a policy: context, segments, tables (spec sections 5 and 6.2).

use super::declared::{Declared, FeatureOf, KeyPartOf};
use super::kinds::LanePair;
use serde::Deserialize;

/// What shapes filters and tokens, and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Encoding<'a> {
    /// Name of the record schema.
    pub schema: &'a str,
    /// Version of the normalisation.
    pub normalisation: &'a str,
    /// Digest of the normalisation's tables.
    pub normalisation_tables: &'a [u8; 32],
    /// What separates this linkage from all others.
    pub context: &'a LinkageContext,
    /// Declared fields, in the order in which records hold them.
    pub fields: &'a [Declared],
    /// Segments of the filter, in the order of their bits.
    pub segments: &'a [SegmentSpec],
    /// Token tables, in order.
    pub tables: &'a [TableSpec],
}

/// What enters the derivation of every linkage key: filters and tokens of two contexts have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkageContext {
    /// Name of the agreement under which records are compared.
    pub agreement: String,
    /// Which lists are compared.
    pub lanes: LanePair,
    /// Purpose of the comparison.
    pub purpose: String,
    /// Number of the key epoch.
    pub epoch: u32,
}

/// One segment of the filter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// Identifier, unique in the policy; enters the segment's key.
    pub id: String,
    /// The values that are hashed into the segment.
    pub features: Vec<FeatureOf>,
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
pub struct TableSpec {
    /// Number, unique in the policy and ascending; enters every token.
    pub id: u16,
    /// Name, for people.
    pub name: String,
    /// Parts of the match key, in order; a record that lacks one emits no token.
    pub key: Vec<KeyPartOf>,
    /// Most tokens of one record (c_t).
    pub slots: u16,
    /// log2 of the number of values that the key takes in practice (its collision entropy), to the nearest whole bit.
    pub domain_bits: u8,
}
