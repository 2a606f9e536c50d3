//! Records to keyed Bloom filters and tokens (spec section 5).

pub mod bloom;
pub mod keep;
pub mod keys;
pub mod tokens;
pub mod values;

pub use bloom::Filter;
pub use keys::LinkageKeys;
pub use tokens::Token;

use crate::record::Record;
use crate::schema::encoding::Encoding;

/// One record as the round sees it. Its position in the list is its only name there.
#[derive(Clone)]
pub struct EncodedRecord {
    /// Digest of the record's canonical bytes, its identifier and case reference included: what the commitment covers.
    pub digest: [u8; 32],
    /// Filter and presence bits.
    pub filter: Filter,
    /// Tokens, one list a table in policy order, distinct within a list, at most `slots` of them.
    pub tokens: Vec<Vec<Token>>,
}

/// Shows nothing: the digest has no salt, so whoever sees it can test guesses of the person.
impl core::fmt::Debug for EncodedRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("EncodedRecord(..)")
    }
}

/// Encodes records, in their order. A checked policy gives the encoding:
/// [`encoding`](crate::policy::CheckedPolicy::encoding).
#[must_use]
pub fn encode(encoding: &Encoding<'_>, records: &[Record]) -> Vec<EncodedRecord> {
    let keys = LinkageKeys::derive(encoding);
    records.iter().map(|record| encode_one(encoding, &keys, record)).collect()
}

/// Encodes one record.
#[must_use]
pub fn encode_one(encoding: &Encoding<'_>, keys: &LinkageKeys, record: &Record) -> EncodedRecord {
    let values = values::values(record);
    EncodedRecord {
        digest: record.digest(),
        filter: bloom::filter(encoding.segments, keys, &values),
        tokens: encoding.tables.iter().map(|table| tokens::tokens(table, keys, &values)).collect(),
    }
}

#[cfg(test)]
mod tests;
