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
    /// What the record is under its other names.
    pub others: Vec<OtherName>,
}

/// A record under another of its names (V-ENCODE-015).
#[derive(Clone, PartialEq, Eq)]
pub struct OtherName {
    /// Filter and presence bits, with this name in place of the first.
    pub filter: Filter,
    /// Those of the record's tokens that lead to this filter, one list a table.
    pub tokens: Vec<Vec<Token>>,
}

impl core::fmt::Debug for OtherName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OtherName(..)")
    }
}

impl EncodedFields {
    /// Digest of what was encoded: filter and presence bits, and the tokens of each table, whose numbers are given, then
    /// the same of each other name (spec 9.1). A commitment covers it, so that nobody can claim later to have asked with
    /// other tokens; and lists are compared by it.
    #[must_use]
    pub fn digest_of_encoding(&self, tables: impl IntoIterator<Item = u16>) -> [u8; 32] {
        let tables: Vec<u16> = tables.into_iter().collect();
        let of_table = |(table, tokens): (&u16, &Vec<Token>)| {
            let mut tokens: Vec<&[u8]> = tokens.iter().map(|token| &token.as_bytes()[..]).collect();
            tokens.sort_unstable();
            let mut part = Zeroizing::new(table.to_be_bytes().to_vec());
            tokens.into_iter().for_each(|token| part.extend_from_slice(token));
            part
        };
        let own = core::iter::once((&self.filter, &self.tokens));
        let mut parts: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for (filter, tokens) in own.chain(self.others.iter().map(|other| (&other.filter, &other.tokens))) {
            parts.push(Zeroizing::new(filter.as_bytes().to_vec()));
            parts.extend(tables.iter().zip(tokens).map(of_table));
        }
        hash(labels::ENCODING, &parts.iter().map(|part| &part[..]).collect::<Vec<_>>())
    }

    /// The number of the name that a token of a table leads to: 0 is the first.
    #[must_use]
    pub fn name_of(&self, table: usize, token: &Token) -> u8 {
        let has = |other: &OtherName| other.tokens.get(table).is_some_and(|tokens| tokens.contains(token));
        self.others.iter().position(has).and_then(|at| u8::try_from(at + 1).ok()).unwrap_or(0)
    }

    /// The filter under a name by its number.
    #[must_use]
    pub fn filter_of(&self, name: u8) -> &Filter {
        let other = usize::from(name).checked_sub(1).and_then(|at| self.others.get(at));
        other.map_or(&self.filter, |other| &other.filter)
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
        let mut tokens = self.tokens(&values);
        let filter = self.filters.filter(&values);
        let others = self.other_names(&values, &mut tokens);
        EncodedRecord(EncodedFields { digest: record.digest(), filter, tokens, others })
    }

    fn tokens(&mut self, values: &normalised::Values) -> Vec<Vec<Token>> {
        self.parts.fill(values);
        let mut message = Zeroizing::new(Vec::with_capacity(128));
        let tokens = self.tables.iter().map(|table| table.tokens(&self.parts, &mut message)).collect();
        self.parts.clear();
        tokens
    }

    /// The filters of the other names, with what each adds to the tokens: in turn the smallest that is not there
    /// yet, as long as there are slots (V-ENCODE-015).
    fn other_names(&mut self, values: &normalised::Values, tokens: &mut [Vec<Token>]) -> Vec<OtherName> {
        let mut found = Vec::with_capacity(values.other_names.len());
        for name in &values.other_names {
            let values = values.under(name);
            found.push((self.tokens(&values), self.filters.filter(&values)));
        }
        let mut others: Vec<OtherName> = found
            .iter()
            .map(|(own, filter)| OtherName { filter: filter.clone(), tokens: vec![Vec::new(); own.len()] })
            .collect();
        for ((at, tokens), table) in tokens.iter_mut().enumerate().zip(&self.tables) {
            let mut left: Vec<_> = found.iter().map(|(own, _)| own.get(at).into_iter().flatten()).collect();
            for _ in 0..table.slots() {
                for (own, other) in left.iter_mut().zip(&mut others) {
                    if tokens.len() == table.slots() {
                        break;
                    }
                    let token = own.find(|token| !tokens.contains(token));
                    if let (Some(token), Some(kept)) = (token, other.tokens.get_mut(at)) {
                        kept.push(token.clone());
                        tokens.push(token.clone());
                    }
                }
            }
        }
        others.retain(|other| other.tokens.iter().any(|tokens| !tokens.is_empty()));
        others
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
