//! Columns of a list, and the reasons why a value in one cannot be used.

use crate::schema::Field;
use thiserror::Error;

/// Why a value is left out, or read otherwise than it is written (spec 4.5). Never the value itself.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The field needs a value.
    #[error("is empty")]
    Empty,
    /// Longer than [`crate::limits::MAX_VALUE`] bytes, or [`crate::limits::MAX_RECORD_ID`] for the identifier.
    #[error("is too long")]
    TooLong,
    /// More values than the field may have.
    #[error("has more values than fit; the first sixteen are used")]
    TooMany,
    /// A control character.
    #[error("has a control character that is no line break or tab")]
    Control,
    /// Letters that were lost.
    #[error("has signs in the place of letters that were lost when the file was saved; export it again as UTF-8")]
    Broken,
    /// UTF-8 that was read as something else, mended.
    #[error("was saved with a wrong encoding and is read as it was before; export the file again as UTF-8")]
    Mojibake,
    /// Several names in one cell.
    #[error("holds several names, which are read one by one; `|` separates values of one cell")]
    Several,
    /// A placeholder.
    #[error("is a word for an unknown person, no name or number; leave the cell empty")]
    Nobody,
    /// No date that exists.
    #[error("is no date that can be read; write YYYY, YYYY-MM or YYYY-MM-DD")]
    Date,
    /// Day and month cannot be told apart: the year is used.
    #[error("may be day and month or month and day: only its year is used; say `order` in a mapping")]
    DayOrMonth,
    /// A day that its month does not have: the rest is used.
    #[error("names a day that its month does not have: the month is used")]
    Day,
    /// A year of two digits.
    #[error("has a year of two digits; write four")]
    TwoDigitYear,
    /// An age without the date at which it was true.
    #[error(
        "is an age, no date; give the date at which it was true, by a column `age_on` or by `age_on` in a mapping, and it is read as a year of basis age_assessment"
    )]
    Age,
    /// A serial number.
    #[error("is the number of a day of a spreadsheet; write a date, or say `excel = true` in a mapping")]
    Excel,
    /// A long range.
    #[error("is a range of more than two years")]
    Range,
    /// Before or after a date.
    #[error("says only before or after a date")]
    Vague,
    /// A date of birth to come.
    #[error("is in the future")]
    Future,
    /// A date that registers write for unknown.
    #[error("stands for an unknown date; leave the cell empty")]
    FillerDate,
    /// A year of the Hijri or the solar Hijri calendar, undeclared.
    #[error(
        "has a year of the Hijri or the solar Hijri calendar; write `hijri:` or `solar_hijri:` before it, or say `calendar` in a mapping"
    )]
    Hijri,
    /// A year of the Buddhist calendar, undeclared.
    #[error("has a year of the Buddhist calendar; write `buddhist:` before it, or say `calendar` in a mapping")]
    Buddhist,
    /// A year of the Hebrew calendar, undeclared.
    #[error("has a year of the Hebrew calendar; write `hebrew:` before it, or say `calendar` in a mapping")]
    Hebrew,
    /// A year in which no living person was born.
    #[error("has a year outside 1850 to 2100")]
    Year,
    /// No basis of a date.
    #[error("is none of document, statement, age_assessment, inferred")]
    Basis,
    /// No word for a sex.
    #[error("is no word for a sex that the tables know; write F, M or X, or leave the cell empty if it is not known")]
    Sex,
    /// No code and no name of a country.
    #[error("is no country that the tables know; write its three-letter code")]
    Country,
    /// A code in no table: used as it stands.
    #[error("is a three-letter code that no table knows; it is compared as it stands")]
    UnknownCountry,
    /// No lane.
    #[error("is none of suspect, convicted, victim, missing, unidentified")]
    Lane,
    /// A lane that the policy does not compare.
    #[error("is a lane that this policy does not compare")]
    OtherLane,
    /// No status of an identity.
    #[error("is none of confirmed, unconfirmed, alias, misused")]
    Status,
    /// No owner of a contact.
    #[error("is none of own, shared, controlled_by_other, unknown")]
    Owner,
    /// Neither one value for each value beside it nor none.
    #[error("does not have one value for each value that it belongs to")]
    Unpaired,
    /// A document number of fewer than four letters and digits.
    #[error("is no document number: fewer than four letters and digits, or more than 64")]
    Document,
    /// A telephone number of fewer than seven digits.
    #[error("is no telephone number: fewer than seven digits")]
    Phone,
    /// A telephone number of more than fifteen digits.
    #[error("is no telephone number: more than fifteen digits")]
    PhoneLong,
    /// A telephone number with an extension: used without it.
    #[error("has an extension, which is left out; the number before it is used")]
    Extension,
    /// A number in scientific notation.
    #[error("is a number that a spreadsheet has shortened (4.41E+11); export the column as text")]
    Scientific,
    /// A filler number.
    #[error("is one digit again and again, or all digits in order")]
    Repeated,
    /// No e-mail address.
    #[error("is no e-mail address")]
    Email,
    /// A code or identifier without letter or digit.
    #[error("has neither letter nor digit")]
    Code,
}

impl Reason {
    /// Its name in reports and vectors (spec 4.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Control => "control",
            Self::Broken => "broken",
            Self::Mojibake => "mojibake",
            Self::Several => "several",
            Self::Nobody => "nobody",
            Self::Date => "date",
            Self::DayOrMonth => "day_or_month",
            Self::Day => "day",
            Self::TwoDigitYear => "two_digit_year",
            Self::Age => "age",
            Self::Excel => "excel",
            Self::Range => "range",
            Self::Vague => "vague",
            Self::Future => "future",
            Self::FillerDate => "filler_date",
            Self::Hijri => "hijri",
            Self::Buddhist => "buddhist",
            Self::Hebrew => "hebrew",
            Self::Year => "year",
            Self::Basis => "basis",
            Self::Sex => "sex",
            Self::Country => "country",
            Self::UnknownCountry => "unknown_country",
            Self::Lane => "lane",
            Self::OtherLane => "other_lane",
            Self::Status => "status",
            Self::Owner => "owner",
            Self::Unpaired => "unpaired",
            Self::Document => "document",
            Self::Phone => "phone",
            Self::PhoneLong => "phone_long",
            Self::Extension => "extension",
            Self::Scientific => "scientific",
            Self::Repeated => "repeated",
            Self::Email => "email",
            Self::Code => "code",
        }
    }

    /// Whether something of the value is used all the same.
    #[must_use]
    pub const fn is_used(self) -> bool {
        matches!(
            self,
            Self::Several | Self::Mojibake | Self::DayOrMonth | Self::Day | Self::UnknownCountry | Self::Extension
        )
    }
}

/// A column of a list: a field of the schema, or one that the policy declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Of the schema.
    Person(Field),
    /// Declared, with this name.
    Declared(String),
}

impl Column {
    /// Name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(field) => field.name(),
            Self::Declared(name) => name,
        }
    }
}

/// One field that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{}` {reason}", column.name())]
pub struct FieldError {
    /// Field.
    pub column: Column,
    /// Reason.
    pub reason: Reason,
}

impl FieldError {
    /// Of a field of the schema.
    #[must_use]
    pub const fn new(field: Field, reason: Reason) -> Self {
        Self { column: Column::Person(field), reason }
    }

    /// Of a declared field.
    #[must_use]
    pub fn declared(name: &str, reason: Reason) -> Self {
        Self { column: Column::Declared(name.to_owned()), reason }
    }
}
