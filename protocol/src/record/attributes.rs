//! What a record says of a person.

use crate::code_points::code_points;
use crate::normalise::country;
use crate::normalise::date::ReadDate;
use zeroize::{Zeroize, ZeroizeOnDrop};

code_points! {
    /// Status of an identity.
    #[derive(Zeroize)]
    IdentityStatus {
        /// Confirmed, by documents or otherwise.
        Confirmed = 1, "confirmed";
        /// Claimed and neither confirmed nor refuted.
        Unconfirmed = 2, "unconfirmed";
        /// Known to be an alias.
        Alias = 3, "alias";
        /// Belongs to another real person, whose identity was misused.
        Misused = 4, "misused";
    }
}

code_points! {
    /// What kind of name.
    #[derive(Zeroize)]
    NameKind {
        /// The name in use.
        Primary = 1, "primary";
        /// An alias.
        Alias = 2, "alias";
        /// An earlier name.
        Previous = 3, "previous";
        /// As in a machine-readable zone.
        Mrz = 4, "mrz";
        /// A nickname or another name that many have.
        Weak = 5, "weak";
    }
}

code_points! {
    /// Which part of a person's name a name is.
    #[derive(Zeroize)]
    NameRole {
        /// Given names.
        Given = 1, "given";
        /// Name of the father, or patronymic.
        Father = 2, "father";
        /// Family names.
        Family = 3, "family";
        /// A whole name, its order unknown.
        Whole = 4, "whole";
    }
}

code_points! {
    /// What a date of birth rests on.
    #[derive(Zeroize)]
    BirthBasis {
        /// A document.
        Document = 1, "document";
        /// The person's or another's word.
        Statement = 2, "statement";
        /// A medical or other assessment of the age: only the year means something.
        AgeAssessment = 3, "age_assessment";
        /// Inferred from something else: only the year means something.
        Inferred = 4, "inferred";
    }
}

code_points! {
    /// Who uses a contact.
    #[derive(Zeroize)]
    ContactOwner {
        /// The person.
        Own = 1, "own";
        /// The person and others.
        Shared = 2, "shared";
        /// Another who controls the person.
        ControlledByOther = 3, "controlled_by_other";
        /// Not known.
        Unknown = 4, "unknown";
    }
}

code_points! {
    /// What kind of contact.
    #[derive(Zeroize)]
    ContactKind {
        /// A telephone number.
        Phone = 1, "phone";
        /// An e-mail address.
        Email = 2, "email";
    }
}

code_points! {
    /// Whether a person is under age.
    #[derive(Zeroize)]
    Minor {
        /// Certainly.
        Yes = 1, "yes";
        /// Certainly not.
        No = 2, "no";
        /// By some of the dates of birth, or some days within them.
        Possible = 3, "possible";
        /// Without any date of birth.
        Unknown = 4, "unknown";
    }
}

/// Sex. `X` of a list is no value here: it says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// `F` or `M`.
    #[must_use]
    pub const fn letter(self) -> u8 {
        match self {
            Self::Female => b'F',
            Self::Male => b'M',
        }
    }
}

/// A code of one to three letters as written, upper case, filled up with `<`.
pub type CountryCode = [u8; 3];

/// A name, or a part of one.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Name {
    /// Kind.
    pub kind: NameKind,
    /// Which part of the person's name.
    pub role: NameRole,
    /// As written.
    pub text: String,
}

/// A date of birth and what it rests on.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Birth {
    /// Date, in the Gregorian calendar.
    pub date: ReadDate,
    /// Basis.
    pub basis: BirthBasis,
}

/// A place.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum BirthPlace {
    /// A country.
    Country(CountryCode),
    /// A town or village, as written.
    Locality(String),
}

/// A document.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Document {
    /// Type as written; may be empty.
    pub kind: String,
    /// Issuing state, if known.
    pub issuer: Option<CountryCode>,
    /// Number as written.
    pub number: String,
    /// Number as it is compared.
    pub(crate) compared: String,
}

/// A contact.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Contact {
    /// Kind.
    pub kind: ContactKind,
    /// Who uses it.
    pub owner: ContactOwner,
    /// As written.
    pub value: String,
    /// As it is compared.
    pub(crate) compared: String,
}

/// One identity of a person.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PersonIdentity {
    /// Status.
    pub status: IdentityStatus,
    /// Names.
    pub names: Vec<Name>,
    /// Dates of birth.
    pub births: Vec<Birth>,
    /// Sexes.
    pub sexes: Vec<Sex>,
    /// Nationalities.
    pub nationalities: Vec<CountryCode>,
    /// Places of birth.
    pub birth_places: Vec<BirthPlace>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// The nationalities as they are compared.
    pub(crate) read_nationalities: Vec<country::Country>,
    /// The countries among the places of birth, as they are compared.
    pub(crate) read_birth_countries: Vec<country::Country>,
}
