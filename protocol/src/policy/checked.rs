//! A policy whose inequalities are proved.

use super::Policy;
use super::shape::Shape;
use crate::ids::PolicyDigest;
use crate::record::{FieldError, RawRecord, Reason, Record, RowId};
use crate::schema::Field;
use crate::schema::encoding::Encoding;

/// A policy that the validator has accepted, with the shape of its computation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPolicy {
    policy: Policy,
    shape: Shape,
    bytes: Vec<u8>,
    digest: PolicyDigest,
}

impl CheckedPolicy {
    /// A policy that the validator has proved, with the shape that it compiled.
    pub(super) fn new(policy: Policy, shape: Shape) -> Self {
        let (bytes, digest) = (policy.to_canonical_bytes(), policy.digest());
        Self { policy, shape, bytes, digest }
    }

    /// The sizes, weights and thresholds of a round.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The policy as it was written.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The part of the policy that encoding uses.
    #[must_use]
    pub fn encoding(&self) -> Encoding<'_> {
        let Policy { schema, normalisation, context, fields, segments, tables, .. } = &self.policy;
        Encoding {
            schema,
            normalisation: &normalisation.version,
            normalisation_tables: &normalisation.tables,
            context,
            fields,
            segments,
            tables,
        }
    }

    /// Checks the values of a record that is to be encoded under this policy: with the fields that it declares, and in a
    /// lane that it compares if the record names one (V-RECORD-009). A victim's record never gets into a suspects' round.
    ///
    /// # Errors
    /// The first field that cannot be used: those of the schema first, the lane last.
    ///
    /// ```
    /// use blindlink::policy::Policy;
    /// use blindlink::record::{RawRecord, RowId};
    /// use blindlink::schema::Field;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = Policy::default_policy()?.with_records(2, 2).validate()?;
    /// let mut raw = RawRecord::default();
    /// raw.push(Field::RecordId, "r-1");
    /// raw.push(Field::GivenNames, "Oksana");
    /// raw.push(Field::FamilyNames, "Shevchenko");
    /// raw.push(Field::BirthDate, "1999-03-14");
    /// let record = policy.record(RowId::new(0), &raw).map_err(|error| error.to_string())?;
    /// assert_eq!(policy.encode(&[record]).records.len(), 1);
    ///
    /// // A record in a lane that this policy does not compare.
    /// raw.push(Field::Lane, "victim");
    /// assert!(policy.record(RowId::new(1), &raw).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn record(&self, row: RowId, raw: &RawRecord) -> Result<Record, FieldError> {
        let record = Record::check_with(row, raw, &self.policy.fields)?;
        if self.policy.context.lanes.compares(record.lane) {
            Ok(record)
        } else {
            Err(FieldError::new(Field::Lane, Reason::OtherLane))
        }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of the canonical bytes.
    #[must_use]
    pub const fn digest(&self) -> &PolicyDigest {
        &self.digest
    }
}
