//! A list of records encoded under a policy: the input of a session.

use super::CheckedPolicy;
use super::shape::Shape;
use crate::encode::{EncodedRecord, encode};
use crate::record::Record;
use std::sync::Arc;

/// A side's records, encoded, together with what they were encoded for. [`CheckedPolicy::encode`] makes it. The two stay
/// together because records encoded under another policy, or in another epoch, would look like "nobody in common".
#[derive(Clone, Debug)]
pub struct EncodedList {
    /// The computation of a round under the policy.
    pub shape: Shape,
    /// Canonical bytes of the policy, which the peer must have too.
    pub policy: Vec<u8>,
    /// The records, in their order.
    pub records: Arc<[EncodedRecord]>,
}

impl CheckedPolicy {
    /// Encodes a list for a round under this policy.
    #[must_use]
    pub fn encode(&self, records: &[Record]) -> EncodedList {
        EncodedList {
            shape: self.shape().clone(),
            policy: self.canonical_bytes().to_vec(),
            records: encode(&self.encoding(), records).into(),
        }
    }
}
