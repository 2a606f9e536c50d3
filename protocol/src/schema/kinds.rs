//! The closed lists of a policy, each with its code point in the canonical bytes and its name in a file (spec 6.2).

use crate::code_points::code_points;

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

    /// Whether records of this lane may be in a round of the pair. A record that names no lane belongs to any.
    #[must_use]
    pub fn compares(self, lane: Option<Lane>) -> bool {
        let (one, other) = self.lanes();
        lane.is_none_or(|lane| lane == one || lane == other)
    }
}

code_points! {
    /// How the values of a declared field are read (spec 4.1.2).
    FieldType {
        /// A name of a person: romanised parts.
        Name = 1, "name";
        /// A date.
        Date = 2, "date";
        /// A code: letters and digits, compared as a whole.
        Code = 3, "code";
        /// Words: romanised, with digits.
        Text = 4, "text";
        /// A number of a document or the like: letters and digits.
        Identifier = 5, "identifier";
    }
}

code_points! {
    /// A kind of value that is hashed into a filter segment (spec 5.2).
    FeatureKind {
        /// Padded bigrams of every name part, given and family names in one namespace.
        NameBigrams = 1, "name_bigrams";
        /// Five-character consonant skeleton (K5) of every name part.
        NameSkeletons = 2, "name_skeletons";
        /// The first three letters of every skeleton.
        NameK3 = 3, "name_k3";
        /// Padded bigrams of the sounds of every name part.
        NameSounds = 4, "name_sounds";
        /// Padded bigrams of the uncut skeleton of every name part.
        NameConsonants = 5, "name_consonants";
        /// Year of birth: the year, its last two digits, its last digit.
        BirthYear = 16, "birth_year";
        /// Month and day of birth: both numbers under one tag, and the unordered pair.
        BirthMonthDay = 17, "birth_month_day";
        /// Year of birth, digit by digit, each with its place.
        BirthYearDigits = 18, "birth_year_digits";
        /// Month and day of birth, digit by digit, each with its place.
        BirthMonthDayDigits = 19, "birth_month_day_digits";
        /// Sex.
        Sex = 32, "sex";
        /// Nationalities.
        Nationality = 33, "nationality";
        /// Countries of birth.
        BirthCountry = 34, "birth_country";
        /// Padded bigrams of every word of a place of birth.
        BirthPlace = 35, "birth_place";
        /// Padded bigrams of every document number.
        DocumentNumber = 48, "document_number";
        /// Padded bigrams of the last nine digits of every phone number.
        Phone = 49, "phone";
        /// Padded bigrams of the local part of every e-mail address.
        Email = 50, "email";
        /// Of a declared name, text or identifier: padded bigrams of every word.
        Bigrams = 64, "bigrams";
        /// Of a declared code, text or identifier: the whole value.
        Exact = 65, "exact";
        /// Of a declared name: the skeletons (K5) of its parts.
        Skeletons = 66, "skeletons";
        /// Of a declared date: as `birth_year`.
        Year = 67, "year";
        /// Of a declared date: as `birth_month_day`.
        MonthDay = 68, "month_day";
    }
}

impl FeatureKind {
    /// Whether values of a declared field of this type have this feature (V-POLICY-022).
    #[must_use]
    pub const fn of_type(self, field: FieldType) -> bool {
        match self {
            Self::Bigrams => matches!(field, FieldType::Name | FieldType::Text | FieldType::Identifier),
            Self::Exact => matches!(field, FieldType::Code | FieldType::Text | FieldType::Identifier),
            Self::Skeletons => matches!(field, FieldType::Name),
            Self::Year | Self::MonthDay => matches!(field, FieldType::Date),
            _ => false,
        }
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
        /// The first three letters of each name part.
        NamePartP3 = 7, "name_part_p3";
        /// Each unordered pair of different first three letters.
        NamePairP3 = 8, "name_pair_p3";
        /// The first letter of each name part.
        NameInitial = 9, "name_initial";
        /// The first three letters of each skeleton K4.
        NamePartK3 = 10, "name_part_k3";
        /// The last three letters of each uncut skeleton.
        NamePartS3 = 11, "name_part_s3";
        /// Each unordered pair of different K3.
        NamePairK3 = 12, "name_pair_k3";
        /// Full date of birth, month and day unordered.
        BirthDate = 16, "birth_date";
        /// Year of birth.
        BirthYear = 17, "birth_year";
        /// Month and day of birth, unordered.
        BirthMonthDay = 18, "birth_month_day";
        /// Year and month of birth.
        BirthYearMonth = 19, "birth_year_month";
        /// Sex.
        Sex = 32, "sex";
        /// Each nationality.
        Nationality = 33, "nationality";
        /// Each country of birth.
        BirthCountry = 34, "birth_country";
        /// Each word of a place of birth, as its skeleton K5.
        BirthPlace = 35, "birth_place";
        /// Each nationality and each country of birth: either may be the one that the other side has.
        CountryAny = 36, "country_any";
        /// Each document number, with neither type nor issuer (both are often wrong or missing).
        Document = 48, "document";
        /// Each phone number, its last nine digits.
        Phone = 49, "phone";
        /// Each e-mail address.
        Email = 50, "email";
        /// Each document number and each phone number: one table for whatever identifies a person alone.
        DocumentOrPhone = 51, "document_or_phone";
        /// Each document number, each phone number and each e-mail address.
        AnyContact = 52, "any_contact";
        /// Of a declared code, text or identifier: the whole value.
        Exact = 64, "exact";
        /// Of a declared text: each word.
        Word = 65, "word";
        /// Of a declared name: the skeleton K4 of each part.
        K4 = 66, "k4";
        /// Of a declared date: as `birth_date`.
        Date = 67, "date";
        /// Of a declared date: as `birth_year`.
        Year = 68, "year";
        /// Of a declared date: as `birth_month_day`.
        MonthDay = 69, "month_day";
    }
}

impl KeyPart {
    /// Most bits of entropy that a policy may claim for this part (V-POLICY-010). Figures: measured collision
    /// entropies of name skeletons and of dates of birth of a population of 12 to 90 years, rounded up.
    #[must_use]
    pub const fn max_domain_bits(self) -> u8 {
        match self {
            Self::NameInitial => 4,
            Self::NamePartP3 | Self::NamePartK3 | Self::NamePartS3 => 9,
            Self::NamePairP3 | Self::NamePairK3 => 17,
            Self::NamePartK4 | Self::K4 => 10,
            Self::NamePartK5 => 11,
            Self::NamePairK4 => 19,
            Self::NamePairK5 => 21,
            Self::NameAllK4 | Self::NameAllK5 => 24,
            Self::BirthDate | Self::Date => 15,
            Self::BirthYear | Self::Year => 7,
            Self::BirthYearMonth => 10,
            Self::BirthMonthDay | Self::MonthDay => 8,
            Self::BirthPlace | Self::Word => 12,
            Self::Exact => 24,
            Self::Sex => 1,
            Self::Nationality | Self::BirthCountry | Self::CountryAny => 6,
            Self::Document | Self::Phone | Self::Email | Self::DocumentOrPhone | Self::AnyContact => 30,
        }
    }

    /// Whether values of a declared field of this type have this part (V-POLICY-022).
    #[must_use]
    pub const fn of_type(self, field: FieldType) -> bool {
        match self {
            Self::Exact => matches!(field, FieldType::Code | FieldType::Text | FieldType::Identifier),
            Self::Word => matches!(field, FieldType::Text),
            Self::K4 => matches!(field, FieldType::Name),
            Self::Date | Self::Year | Self::MonthDay => matches!(field, FieldType::Date),
            _ => false,
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
