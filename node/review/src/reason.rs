//! The short list of reasons. A judgement without a reason that fits it is none.

use crate::pair::Verdict;
use serde::{Deserialize, Serialize};

/// Why somebody decided so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A document's number agrees.
    Document,
    /// Name and date of birth agree, and are rare together.
    RareNameAndDate,
    /// Name and date agree with what the case file says besides.
    CaseFile,
    /// A contact that is the person's own agrees.
    OwnContact,
    /// The name is common and nothing else agrees.
    CommonName,
    /// The date of birth cannot be right for the person.
    OtherDate,
    /// A relative, or a namesake who is known.
    KnownOther,
    /// The contact belongs to another, perhaps to a trafficker.
    ContactOfAnother,
    /// The identity was stolen: the person is a victim of that.
    MisusedIdentity,
    /// The own record is too thin.
    TooLittle,
    /// The own record is wrong or contested.
    OwnRecordContested,
    /// The person does not consent.
    NoConsent,
    /// It would endanger a person.
    Danger,
    /// It would harm an investigation.
    Investigation,
    /// The law does not allow it.
    NoLegalBasis,
    /// The record was erased or corrected.
    Erased,
    /// Something new is known.
    NewInformation,
    /// A mistake in the console.
    Mistake,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Document,
        Self::RareNameAndDate,
        Self::CaseFile,
        Self::OwnContact,
        Self::CommonName,
        Self::OtherDate,
        Self::KnownOther,
        Self::ContactOfAnother,
        Self::MisusedIdentity,
        Self::TooLittle,
        Self::OwnRecordContested,
        Self::NoConsent,
        Self::Danger,
        Self::Investigation,
        Self::NoLegalBasis,
        Self::Erased,
        Self::NewInformation,
        Self::Mistake,
    ];

    /// Name in a file and in a form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::RareNameAndDate => "rare_name_and_date",
            Self::CaseFile => "case_file",
            Self::OwnContact => "own_contact",
            Self::CommonName => "common_name",
            Self::OtherDate => "other_date",
            Self::KnownOther => "known_other",
            Self::ContactOfAnother => "contact_of_another",
            Self::MisusedIdentity => "misused_identity",
            Self::TooLittle => "too_little",
            Self::OwnRecordContested => "own_record_contested",
            Self::NoConsent => "no_consent",
            Self::Danger => "danger",
            Self::Investigation => "investigation",
            Self::NoLegalBasis => "no_legal_basis",
            Self::Erased => "erased",
            Self::NewInformation => "new_information",
            Self::Mistake => "mistake",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The reasons that can stand for a verdict.
    #[must_use]
    pub const fn of(verdict: Verdict) -> &'static [Self] {
        match verdict {
            Verdict::WorthAsking => &[Self::Document, Self::RareNameAndDate, Self::CaseFile, Self::OwnContact],
            Verdict::OtherPerson => &[
                Self::CommonName,
                Self::OtherDate,
                Self::KnownOther,
                Self::ContactOfAnother,
                Self::MisusedIdentity,
                Self::CaseFile,
            ],
            Verdict::NotDecidable => &[Self::TooLittle, Self::OwnRecordContested, Self::ContactOfAnother],
        }
    }

    /// The reasons for which a confirmed pair is not disclosed, or is withdrawn.
    pub const WITHDRAWING: &[Self] = &[
        Self::NoConsent,
        Self::Danger,
        Self::Investigation,
        Self::NoLegalBasis,
        Self::Erased,
        Self::OwnRecordContested,
        Self::MisusedIdentity,
        Self::Mistake,
    ];

    /// The reasons for which a pair is looked at again.
    pub const REOPENING: &[Self] = &[Self::NewInformation, Self::Mistake];
}
