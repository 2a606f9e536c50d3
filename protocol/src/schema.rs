//! The record schema `person/1` (spec section 4.1): the columns and what their values may be.

pub mod encoding;
pub mod kinds;

/// A field of a record, in the order of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Identifier of the record in its own list; the only field that may not be empty.
    RecordId,
    /// Given names, each with all its parts.
    GivenNames,
    /// Family names.
    FamilyNames,
    /// Dates of birth: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    BirthDate,
    /// Sex: `F`, `M` or `X` (ICAO Doc 9303); `X` says nothing.
    Sex,
    /// Nationalities: three letters (ISO 3166-1 alpha-3, ICAO Doc 9303).
    Nationality,
    /// Countries of birth: three letters.
    BirthCountry,
    /// Types of the documents, one for each number, or none at all.
    DocumentType,
    /// Issuing states of the documents, one for each number, or none at all.
    DocumentIssuer,
    /// Numbers of the documents.
    DocumentNumber,
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
}

impl Field {
    /// All fields, in the order of the schema.
    pub const ALL: [Self; 12] = [
        Self::RecordId,
        Self::GivenNames,
        Self::FamilyNames,
        Self::BirthDate,
        Self::Sex,
        Self::Nationality,
        Self::BirthCountry,
        Self::DocumentType,
        Self::DocumentIssuer,
        Self::DocumentNumber,
        Self::Phone,
        Self::Email,
    ];

    /// Name of the column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecordId => "record_id",
            Self::GivenNames => "given_names",
            Self::FamilyNames => "family_names",
            Self::BirthDate => "birth_date",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::BirthCountry => "birth_country",
            Self::DocumentType => "document_type",
            Self::DocumentIssuer => "document_issuer",
            Self::DocumentNumber => "document_number",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    /// The field with this column name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }
}
