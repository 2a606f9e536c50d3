//! The closed lists of a policy, each with its code point in the canonical bytes and its name in a file (spec 6.2).

use serde::Deserialize;

macro_rules! code_points {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $text:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// All of them, in the order of their code points.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Code point in the canonical bytes.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one with this code point, if there is one.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// Name in a policy file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

code_points! {
    /// Which two lists are compared (V-POLICY-003). Victims against suspects cannot be expressed: a person whom
    /// traffickers forced into crime must not be found through such a comparison.
    LanePair {
        /// Suspects with suspects.
        SuspectSuspect = 1, "suspect-suspect";
        /// Suspects with convicted persons.
        SuspectConvicted = 2, "suspect-convicted";
        /// Victims with victims.
        VictimVictim = 3, "victim-victim";
        /// Victims with missing persons.
        VictimMissing = 4, "victim-missing";
        /// Missing persons with unidentified persons.
        MissingUnidentified = 5, "missing-unidentified";
    }
}

code_points! {
    /// What a list is about.
    Lane {
        /// Suspects.
        Suspect = 1, "suspect";
        /// Convicted persons.
        Convicted = 2, "convicted";
        /// Victims.
        Victim = 3, "victim";
        /// Missing persons.
        Missing = 4, "missing";
        /// Unidentified persons.
        Unidentified = 5, "unidentified";
    }
}

impl LanePair {
    /// The two lanes, in the order of the pair's name. Either role may hold either of them.
    #[must_use]
    pub const fn lanes(self) -> (Lane, Lane) {
        match self {
            Self::SuspectSuspect => (Lane::Suspect, Lane::Suspect),
            Self::SuspectConvicted => (Lane::Suspect, Lane::Convicted),
            Self::VictimVictim => (Lane::Victim, Lane::Victim),
            Self::VictimMissing => (Lane::Victim, Lane::Missing),
            Self::MissingUnidentified => (Lane::Missing, Lane::Unidentified),
        }
    }
}

code_points! {
    /// What is hashed into a filter segment (spec 5.2).
    FeatureKind {
        /// Padded bigrams of every name part, given and family names in one namespace.
        NameBigrams = 1, "name_bigrams";
        /// Five-character consonant skeleton (K5) of every name part.
        NameSkeletons = 2, "name_skeletons";
        /// Year of birth: the year, its last two digits, its last digit.
        BirthYear = 16, "birth_year";
        /// Month and day of birth: both numbers under one tag, and the unordered pair.
        BirthMonthDay = 17, "birth_month_day";
        /// Sex.
        Sex = 32, "sex";
        /// Nationalities.
        Nationality = 33, "nationality";
        /// Countries of birth.
        BirthCountry = 34, "birth_country";
        /// Padded bigrams of every document number.
        DocumentNumber = 48, "document_number";
        /// Padded bigrams of the last nine digits of every phone number.
        Phone = 49, "phone";
        /// Padded bigrams of the local part of every e-mail address.
        Email = 50, "email";
    }
}

code_points! {
    /// One part of a match key (spec 5.4).
    KeyPart {
        /// Each name part's skeleton K4: one value a part.
        NamePartK4 = 1, "name_part_k4";
        /// Each name part's skeleton K5.
        NamePartK5 = 2, "name_part_k5";
        /// Each unordered pair of different K4 skeletons.
        NamePairK4 = 3, "name_pair_k4";
        /// Each unordered pair of different K5 skeletons.
        NamePairK5 = 4, "name_pair_k5";
        /// All different K4 skeletons, sorted; at least two.
        NameAllK4 = 5, "name_all_k4";
        /// All different K5 skeletons, sorted; at least two.
        NameAllK5 = 6, "name_all_k5";
        /// Full date of birth, month and day unordered.
        BirthDate = 16, "birth_date";
        /// Year of birth.
        BirthYear = 17, "birth_year";
        /// Month and day of birth, unordered.
        BirthMonthDay = 18, "birth_month_day";
        /// Sex.
        Sex = 32, "sex";
        /// Each nationality.
        Nationality = 33, "nationality";
        /// Each country of birth.
        BirthCountry = 34, "birth_country";
        /// Each document number, with neither type nor issuer (both are often wrong or missing).
        Document = 48, "document";
        /// Each phone number, its last nine digits.
        Phone = 49, "phone";
        /// Each e-mail address.
        Email = 50, "email";
    }
}

impl KeyPart {
    /// Most bits of entropy that a policy may claim for this part (V-POLICY-010). Figures: measured collision
    /// entropies of name skeletons and of dates of birth of a population of 12 to 90 years, rounded up.
    #[must_use]
    pub const fn max_domain_bits(self) -> u8 {
        match self {
            Self::NamePartK4 => 10,
            Self::NamePartK5 => 11,
            Self::NamePairK4 => 19,
            Self::NamePairK5 => 21,
            Self::NameAllK4 | Self::NameAllK5 => 24,
            Self::BirthDate => 15,
            Self::BirthYear => 7,
            Self::BirthMonthDay => 8,
            Self::Sex => 1,
            Self::Nationality | Self::BirthCountry => 6,
            Self::Document | Self::Phone | Self::Email => 30,
        }
    }

    /// Whether this is one of the name parts, of which a key has at most one.
    #[must_use]
    pub const fn is_name(self) -> bool {
        self.code() < 16
    }

    /// Whether this is one of the date parts, of which a key has at most one.
    #[must_use]
    pub const fn is_date(self) -> bool {
        matches!(self.code(), 16..32)
    }
}
