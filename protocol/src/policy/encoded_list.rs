//! A list of records encoded under a policy: the input of a session.

use super::CheckedPolicy;
use super::shape::Shape;
use crate::encode::{EncodedRecord, encode};
use crate::record::Record;
use std::sync::Arc;

/// The fields of an encoded list.
#[derive(Clone, Debug)]
pub struct ListFields {
    /// The computation of a round under the policy.
    pub shape: Shape,
    /// Canonical bytes of the policy, which the peer must have too.
    pub policy: Vec<u8>,
    /// The records, in their order.
    pub records: Arc<[EncodedRecord]>,
}

/// A side's records, encoded, together with the policy for which they were encoded: only [`CheckedPolicy::encode`] makes it.
/// The two stay together because records encoded under another policy, or in another epoch, would look like "nobody in
/// common".
#[derive(Clone, Debug)]
pub struct EncodedList(ListFields);

impl ListFields {
    /// Of each record the digest of what was encoded of it.
    pub fn digests_of_encodings(&self) -> impl Iterator<Item = [u8; 32]> {
        let ids = || self.shape.tables.iter().map(|table| table.id);
        self.records.iter().map(move |record| record.digest_of_encoding(ids()))
    }
}

impl core::ops::Deref for EncodedList {
    type Target = ListFields;

    fn deref(&self) -> &ListFields {
        &self.0
    }
}

/// For benchmarks, vectors and tests that need a list that no policy makes.
#[cfg(any(test, feature = "testkit"))]
impl EncodedList {
    /// Takes the fields as they are.
    #[must_use]
    pub const fn unchecked(fields: ListFields) -> Self {
        Self(fields)
    }
}

#[cfg(any(test, feature = "testkit"))]
impl core::ops::DerefMut for EncodedList {
    fn deref_mut(&mut self) -> &mut ListFields {
        &mut self.0
    }
}

impl CheckedPolicy {
    /// Encodes a list for a round under this policy.
    #[must_use]
    pub fn encode(&self, records: &[Record]) -> EncodedList {
        EncodedList(ListFields {
            shape: self.shape().clone(),
            policy: self.canonical_bytes().to_vec(),
            records: encode(&self.encoding(), records).into(),
        })
    }
}
