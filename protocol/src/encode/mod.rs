//! Records to keyed Bloom filters and tokens (spec section 5).

pub mod copies;
mod features;
pub mod filter;
mod key_parts;
pub mod keys;
mod message;
pub mod normalised;
pub mod tokens;

pub use filter::Filter;
pub use keys::LinkageKeys;
pub use tokens::Token;

use crate::crypto::hash::hash;
use crate::labels;
use crate::record::Record;
use crate::schema::encoding::Encoding;
use zeroize::Zeroizing;

/// The fields of an encoded record.
#[derive(Clone)]
pub struct EncodedFields {
    /// Digest of the record's canonical bytes, its identifier and case reference included: what the commitment covers.
    pub digest: [u8; 32],
    /// Filter and presence bits.
    pub filter: Filter,
    /// Tokens, one list a table in policy order, distinct within a list, at most as many as the larger of its slots: a side uses the first of them.
    pub tokens: Vec<Vec<Token>>,
}

impl EncodedFields {
    /// Digest of what was encoded: filter and presence bits, and the tokens of each table, whose numbers are given (spec
    /// 9.1). A commitment covers
    /// it, so that nobody can claim later to have asked with other tokens; and lists are compared by it.
    #[must_use]
    pub fn digest_of_encoding(&self, tables: impl IntoIterator<Item = u16>) -> [u8; 32] {
        let of_table = |(table, tokens): (u16, &Vec<Token>)| {
            let mut tokens: Vec<&[u8]> = tokens.iter().map(|token| &token.as_bytes()[..]).collect();
            tokens.sort_unstable();
            let mut part = Zeroizing::new(table.to_be_bytes().to_vec());
            tokens.into_iter().for_each(|token| part.extend_from_slice(token));
            part
        };
        let of_tables: Vec<Zeroizing<Vec<u8>>> = tables.into_iter().zip(&self.tokens).map(of_table).collect();
        let parts = core::iter::once(self.filter.as_bytes()).chain(of_tables.iter().map(|part| &part[..]));
        hash(labels::ENCODING, &parts.collect::<Vec<_>>())
    }
}

/// One record as the round sees it. Its position in the list is its only name there. Only an [`Encoder`] makes it.
#[derive(Clone)]
pub struct EncodedRecord(EncodedFields);

impl core::ops::Deref for EncodedRecord {
    type Target = EncodedFields;

    fn deref(&self) -> &EncodedFields {
        &self.0
    }
}

/// For benchmarks, vectors and tests that need a record that no encoder makes.
#[cfg(any(test, feature = "testkit"))]
impl EncodedRecord {
    /// Takes the fields as they are.
    #[must_use]
    pub const fn unchecked(fields: EncodedFields) -> Self {
        Self(fields)
    }
}

#[cfg(any(test, feature = "testkit"))]
impl core::ops::DerefMut for EncodedRecord {
    fn deref_mut(&mut self) -> &mut EncodedFields {
        &mut self.0
    }
}

/// Shows nothing: the digest has no salt, so a reader could test guesses of the person.
impl core::fmt::Debug for EncodedRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("EncodedRecord(..)")
    }
}

/// Encodes records under one policy: keys are derived once, and what many records share is hashed once.
#[derive(Debug)]
pub struct Encoder<'a> {
    encoding: Encoding<'a>,
    filters: filter::Filters,
    tables: Vec<tokens::Tokens>,
    parts: key_parts::KeyPartValues,
}

impl<'a> Encoder<'a> {
    /// For a checked policy's encoding: [`encoding`](crate::policy::CheckedPolicy::encoding).
    #[must_use]
    pub fn new(encoding: Encoding<'a>) -> Self {
        let keys = LinkageKeys::derive(&encoding);
        let mut parts = key_parts::KeyPartValues::default();
        let tokens = |table| tokens::Tokens::new(table, encoding.fields, &keys, &mut parts);
        let tables = encoding.tables.iter().map(tokens).collect();
        Self { filters: filter::Filters::new(&encoding, &keys), tables, parts, encoding }
    }

    /// Encodes one record, in whatever lane: [`crate::policy::CheckedPolicy::record`] is what keeps those out that are not
    /// compared.
    #[must_use]
    pub fn encode(&mut self, record: &Record) -> EncodedRecord {
        let values = normalised::values(record, self.encoding.context.lanes);
        self.parts.fill(&values);
        let mut message = Zeroizing::new(Vec::with_capacity(128));
        let tokens = self.tables.iter().map(|table| table.tokens(&self.parts, &mut message)).collect();
        self.parts.clear();
        EncodedRecord(EncodedFields { digest: record.digest(), filter: self.filters.filter(&values), tokens })
    }
}

/// Encodes records, in their order.
#[must_use]
pub fn encode(encoding: &Encoding<'_>, records: &[Record]) -> Vec<EncodedRecord> {
    let mut encoder = Encoder::new(*encoding);
    records.iter().map(|record| encoder.encode(record)).collect()
}

#[cfg(test)]
mod tests;
