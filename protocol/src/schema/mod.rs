//! The record schema `person/1` (spec section 4.1): the columns and what their values may be.

pub mod declared;
pub mod encoding;
mod forbidden;
pub mod kinds;

pub use forbidden::forbidden;

use crate::code_points::code_points;

code_points! {
    /// A field of a record, in the order of the schema.
    Field {
        /// Identifier of the record in its own list; the only field that may not be empty.
        RecordId = "record_id";
        /// The lane of the list that holds the record.
        Lane = "lane";
        /// Reference of the case in the own files.
        CaseRef = "case_ref";
        /// The status of the identity that the next fields describe.
        IdentityStatus = "identity_status";
        /// Given names, each with all its parts.
        GivenNames = "given_names";
        /// Names of the father, or patronymics.
        FatherNames = "father_names";
        /// Family names.
        FamilyNames = "family_names";
        /// Whole names, the order of whose parts is not known.
        FullNames = "full_names";
        /// Aliases, as whole names.
        OtherNames = "other_names";
        /// Earlier names (at birth, before a marriage), as whole names.
        PreviousNames = "previous_names";
        /// Nicknames and other names that many persons have: they never find a person, they only support.
        WeakNames = "weak_names";
        /// Names as in the machine-readable zone of a document (ICAO Doc 9303): `FAMILY<NAME<<GIVEN<NAMES`.
        MrzNames = "mrz_names";
        /// Dates of birth: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        BirthDate = "birth_date";
        /// What the dates of birth rest on, one for each date, or none at all.
        BirthBasis = "birth_basis";
        /// Sex: `F`, `M` or `X` (ICAO Doc 9303); `X` says nothing.
        Sex = "sex";
        /// Nationalities: three letters (ISO 3166-1 alpha-3, ICAO Doc 9303).
        Nationality = "nationality";
        /// Countries of birth: three letters.
        BirthCountry = "birth_country";
        /// Places of birth: towns or villages.
        BirthPlace = "birth_place";
        /// Types of the documents, one for each number, or none at all.
        DocumentType = "document_type";
        /// Issuing states of the documents, one for each number, or none at all.
        DocumentIssuer = "document_issuer";
        /// Numbers of the documents.
        DocumentNumber = "document_number";
        /// Telephone numbers.
        Phone = "phone";
        /// Who uses the telephone numbers, one for each number, or none at all.
        PhoneOwner = "phone_owner";
        /// E-mail addresses.
        Email = "email";
        /// Who uses the e-mail addresses, one for each address, or none at all.
        EmailOwner = "email_owner";
    }
}

impl Field {
    /// Whether the field belongs to the record as a whole and not to one of its identities.
    #[must_use]
    pub const fn is_of_record(self) -> bool {
        matches!(self, Self::RecordId | Self::Lane | Self::CaseRef)
    }
}
