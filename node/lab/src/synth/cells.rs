//! One row of a list, as text.

use blindlink::schema::Field;

/// Columns of the lists.
pub const COLUMNS: [Field; 18] = [
    Field::RecordId,
    Field::CaseRef,
    Field::GivenNames,
    Field::FatherNames,
    Field::FamilyNames,
    Field::FullNames,
    Field::OtherNames,
    Field::BirthDate,
    Field::Sex,
    Field::Nationality,
    Field::BirthCountry,
    Field::BirthPlace,
    Field::DocumentType,
    Field::DocumentIssuer,
    Field::DocumentNumber,
    Field::Phone,
    Field::PhoneOwner,
    Field::Email,
];

/// The mark of an invented record, in its case reference.
pub const MARK: &str = "SYNTHETIC";

/// The cells of a row, without the identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// Given names.
    pub given: String,
    /// Father's and grandfather's names.
    pub father: String,
    /// Family names.
    pub family: String,
    /// Whole name.
    pub full: String,
    /// Alias.
    pub other: String,
    /// Date of birth, `YYYY-MM-DD` or less.
    pub born: String,
    /// `F`, `M` or nothing.
    pub sex: String,
    /// Nationality.
    pub nationality: String,
    /// Country of birth.
    pub country: String,
    /// Place of birth.
    pub place: String,
    /// Document number.
    pub document: String,
    /// Telephone number.
    pub phone: String,
    /// Who uses it.
    pub phone_owner: String,
    /// E-mail address.
    pub email: String,
}

impl Cells {
    /// Cells in the order of [`COLUMNS`].
    #[must_use]
    pub fn row<'a>(&'a self, id: &'a str) -> [&'a str; COLUMNS.len()] {
        let (kind, issuer) = if self.document.is_empty() { ("", "") } else { ("passport", "UTO") };
        [
            id,
            MARK,
            &self.given,
            &self.father,
            &self.family,
            &self.full,
            &self.other,
            &self.born,
            &self.sex,
            &self.nationality,
            &self.country,
            &self.place,
            kind,
            issuer,
            &self.document,
            &self.phone,
            &self.phone_owner,
            &self.email,
        ]
    }

    /// The name as one would say it.
    #[must_use]
    pub fn whole_name(&self) -> String {
        if self.full.is_empty() { words([&self.given, &self.father, &self.family]) } else { self.full.clone() }
    }
}

/// Those that are not empty, with one space between them.
pub(super) fn words<'a>(pieces: impl IntoIterator<Item = &'a String>) -> String {
    pieces.into_iter().filter(|p| !p.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
}
