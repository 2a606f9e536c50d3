//! Hard bounds, checked before anything is allocated (spec sections 3.3 and 6). A policy may only tighten them.

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
/// Bits of a filter, presence bits not counted.
pub const MAX_FILTER_BITS: u32 = 4096;
/// Bits of the ring in which scores are computed.
pub const MAX_RING_BITS: u8 = 31;
/// Bits of the ring of scores, at least.
pub const MIN_RING_BITS: u8 = 4;
/// A frame on the wire and in files, its header included (V-FRAME-005).
pub const MAX_FRAME: usize = 4 << 20;
/// Parts of the match key of one table.
pub const MAX_KEY_PARTS: usize = 6;
/// Feature kinds of one segment.
pub const MAX_FEATURE_KINDS: usize = 8;
/// Bytes of a name in a policy (policy, agreement, purpose).
pub const MAX_POLICY_NAME: usize = 128;
/// Bytes of an identifier in a policy (segment, table).
pub const MAX_POLICY_ID: usize = 32;
/// Absolute value of a weight, constant or threshold in a policy.
pub const MAX_WEIGHT: i32 = 1 << 20;
/// Bit positions that one feature sets in its segment.
pub const MAX_HASHES: u8 = 64;
/// Bins of one round, all tables together.
pub const MAX_BINS: u64 = 1 << 26;
/// Rows of one token table.
pub const MAX_ROWS: u64 = 1 << 28;
/// The key domain of a table must be at least this many times the bins, and in mutual mode the tokens, of all tables
/// whose keys are related to its key: one round can ask for at most 1/8 of a key's values.
pub const SWEEP_FACTOR: u64 = 8;
/// Denominator of a Dice threshold.
pub const MAX_DICE_DENOMINATOR: u16 = 1000;
/// Bytes of a record's identifier.
pub const MAX_RECORD_ID: usize = 64;
/// Values of one field of a record.
pub const MAX_VALUES: usize = 16;
/// Bytes of one value of a field.
pub const MAX_VALUE: usize = 256;
/// Names of a record besides the first; further ones are not used.
pub const MAX_OTHER_NAMES: usize = 8;
/// Parts of one name of a record; further ones are not used.
pub const MAX_NAME_PARTS: usize = 24;
/// Match keys of one record and table that are looked at; further ones are not used.
pub const MAX_KEY_FORMS: usize = 1 << 16;
/// Fields that a policy declares.
pub const MAX_FIELDS: usize = 16;
/// Identities of one record.
pub const MAX_IDENTITIES: usize = 8;
/// Canonical bytes of an agreement.
pub const MAX_AGREEMENT_BYTES: usize = 8192;
/// Bytes of the name of a party or signer.
pub const MAX_PARTY_NAME: usize = 128;
/// Bytes of a legal basis.
pub const MAX_LEGAL_BASIS: usize = 512;
/// Longest validity of an agreement, in days: five years.
pub const MAX_VALIDITY_DAYS: u64 = 1830;
/// Longest period of a budget and of a retention, in days: ten years.
pub const MAX_PERIOD_DAYS: u16 = 3660;
/// Bins a table and period that an agreement can allow.
pub const MAX_BUDGET: u64 = 1 << 40;
/// Statements of signers that a node keeps for one agreement.
pub const MAX_STATEMENTS: usize = 256;
