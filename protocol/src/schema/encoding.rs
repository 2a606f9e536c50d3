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
#[serde(from = "TableInFile")]
pub struct TableSpec {
    /// Number, unique in the policy and ascending; enters every token.
    pub id: u16,
    /// Name, for people.
    pub name: String,
    /// Parts of the match key, in order; a record that lacks one emits no token.
    pub key: Vec<KeyPartOf>,
    /// How many tokens each side has room for.
    pub slots: Slots,
    /// log2 of the number of values that the key takes in practice (its collision entropy), to the nearest whole bit.
    pub domain_bits: u8,
}

/// Tokens of a table that each side uses: most of one record, and how many of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Most tokens that the requester asks with for one record (c_R).
    pub requester: u16,
    /// Most tokens that the responder stores of one record (c_S).
    pub responder: u16,
    /// Tokens that the requester asks with, for 100 padded records (r_R).
    pub room_requester: u16,
    /// Tokens that the responder stores, for 100 padded records (r_S).
    pub room_responder: u16,
}

impl Slots {
    /// The same for both sides, with room for all of them.
    #[must_use]
    pub const fn both(slots: u16) -> Self {
        let room = slots.saturating_mul(100);
        Self { requester: slots, responder: slots, room_requester: room, room_responder: room }
    }

    /// Most tokens of a record that either side uses.
    #[must_use]
    pub fn most(&self) -> u16 {
        self.requester.max(self.responder)
    }

    /// Tokens that the requester asks with, if its list is padded to so many records; copies of the responder not counted.
    #[must_use]
    pub fn asked(&self, records: u32) -> u64 {
        (u64::from(self.room_requester) * u64::from(records)).div_ceil(100)
    }

    /// Tokens that the responder stores, if its list is padded to so many records; copies of the requester not counted.
    #[must_use]
    pub fn stored(&self, records: u32) -> u64 {
        (u64::from(self.room_responder) * u64::from(records)).div_ceil(100)
    }
}

/// A table as a policy file writes it: room for all slots may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableInFile {
    id: u16,
    name: String,
    key: Vec<KeyPartOf>,
    slots_requester: u16,
    slots_responder: u16,
    room_requester: Option<u16>,
    room_responder: Option<u16>,
    domain_bits: u8,
}

impl From<TableInFile> for TableSpec {
    fn from(t: TableInFile) -> Self {
        let room = |given: Option<u16>, slots: u16| given.unwrap_or_else(|| slots.saturating_mul(100));
        let slots = Slots {
            requester: t.slots_requester,
            responder: t.slots_responder,
            room_requester: room(t.room_requester, t.slots_requester),
            room_responder: room(t.room_responder, t.slots_responder),
        };
        Self { id: t.id, name: t.name, key: t.key, slots, domain_bits: t.domain_bits }
    }
}
