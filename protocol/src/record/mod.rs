//! Records of persons (spec section 4): checked, local, wiped on drop, never printed.

mod attributes;
mod check;
mod column;
mod declared;
mod digest;
mod raw;
mod read;
mod row;

pub use attributes::{
    Birth, BirthBasis, BirthPlace, Contact, ContactKind, ContactOwner, CountryCode, Document, IdentityStatus, Minor,
    Name, NameKind, NameRole, PersonIdentity, Sex,
};
pub use column::{Column, FieldError, Reason};
pub use declared::DeclaredValues;
pub use raw::RawRecord;
pub use read::tables::column_names;
pub use read::{DateRules, DayOrder, ReadRules, WrittenCalendar};
pub use row::RowId;

use crate::normalise::date::{Day, is_minor};
use crate::schema::declared::Declared;
use crate::schema::kinds::Lane;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A record, and the values that were left out of it or read otherwise than they are written.
#[derive(Debug)]
pub struct CheckedRecord {
    /// The record.
    pub record: Record,
    /// Column and reason of each such value, in the order of spec 4.5.
    pub told: Vec<FieldError>,
}

/// A person as one list knows them. Checked: what a check had to normalise it keeps, so that no value is normalised twice.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Record {
    /// Position in its source.
    #[zeroize(skip)]
    pub row: RowId,
    /// Identifier in its own list.
    pub id: String,
    /// Lane, if the list says it.
    #[zeroize(skip)]
    pub lane: Option<Lane>,
    /// Reference of the case in the own files, if the list says it. Local.
    pub case_ref: Option<String>,
    /// Identities, at least one.
    pub identities: Vec<PersonIdentity>,
    /// Values of the declared fields, in the order of the policy.
    pub declared: Vec<Vec<String>>,
    /// The values of the declared fields as they are compared.
    pub(crate) read_declared: Vec<DeclaredValues>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("row", &self.row).finish_non_exhaustive()
    }
}

impl Record {
    /// Reads and checks the values of a record without declared fields (spec 4.1, 4.5), in any lane. Records for a round
    /// are checked with [`crate::policy::CheckedPolicy::record`]. A value that cannot be used is left out.
    ///
    /// # Errors
    /// A `record_id` or lane that cannot be used: without them there is no record.
    pub fn check(row: RowId, raw: &RawRecord) -> Result<Self, FieldError> {
        Self::check_with(row, raw, &[])
    }

    /// As [`Record::check`], with the fields that a policy declares.
    ///
    /// # Errors
    /// As [`Record::check`].
    pub fn check_with(row: RowId, raw: &RawRecord, fields: &[Declared]) -> Result<Self, FieldError> {
        Self::read(row, raw, fields, &ReadRules::default()).map(|checked| checked.record)
    }

    /// As [`Record::check_with`], and what was left out, under the rules of a mapping (V-READ-001).
    ///
    /// # Errors
    /// As [`Record::check`].
    pub fn read(
        row: RowId,
        raw: &RawRecord,
        fields: &[Declared],
        rules: &ReadRules,
    ) -> Result<CheckedRecord, FieldError> {
        check::record(row, raw, fields, rules)
    }

    /// Whether the person is under 18 on a day, by all dates of birth of identities that are their own (V-RECORD-015).
    /// A date whose month or day is not known counts with all days that it can mean.
    #[must_use]
    pub fn minor(&self, on: Day) -> Minor {
        let own = self.identities.iter().filter(|identity| identity.status != IdentityStatus::Misused);
        let (mut some, mut all, mut any) = (false, true, false);
        for birth in own.flat_map(|identity| &identity.births) {
            any = true;
            some |= is_minor(birth.date.latest, on);
            all &= is_minor(birth.date.earliest, on);
        }
        match (any, some, all) {
            (false, ..) => Minor::Unknown,
            (true, _, true) => Minor::Yes,
            (true, true, false) => Minor::Possible,
            (true, false, false) => Minor::No,
        }
    }
}

#[cfg(test)]
mod tests;
