//! Hard bounds, checked before anything is allocated (spec section 4.3). A policy may only tighten them.

/// Records of one side in one round.
pub const MAX_RECORDS: u32 = 1 << 20;
/// Canonical policy bytes.
pub const MAX_POLICY_BYTES: usize = 65_536 - 1;
/// Token tables of a policy.
pub const MAX_TABLES: usize = 32;
/// Slots of one table.
pub const MAX_SLOTS: u16 = 16;
/// Copies of one token value.
pub const MAX_COPIES: u8 = 8;
/// Filter segments of a policy.
pub const MAX_SEGMENTS: usize = 32;
/// Bits of a filter, presence and check bits not counted.
pub const MAX_FILTER_BITS: u32 = 4096;
/// Bits of the ring in which scores are computed.
pub const MAX_RING_BITS: u8 = 31;
/// A frame on the wire, its header included.
pub const MAX_FRAME: usize = 16 << 20;
/// Bins, OKVS rows or columns of one round.
pub const MAX_BINS: u32 = 1 << 27;
