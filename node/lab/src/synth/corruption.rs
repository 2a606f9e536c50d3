//! What registers do to a person's data, and how often. The rates were fixed before anything was measured
//! (docs/synthetic.md gives the reasons); each holds for one list on its own, so a pair of records meets it twice.

/// Of what a rate is the share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Of all records.
    Records,
    /// Of the records of list B.
    RecordsOfB,
    /// Of the parts of names.
    Parts,
    /// Of the records for which it can happen at all (two family names, a particle, a short form, ...).
    Concerned,
}

impl Of {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::RecordsOfB => "records of list B",
            Self::Parts => "parts of names",
            Self::Concerned => "records for which it can happen",
        }
    }
}

macro_rules! corruptions {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $rate:literal $scaled:ident $of:ident;)*) => {
        /// One way in which a record differs from the person.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Corruption { $($(#[doc = $doc])* $variant,)* }

        impl Corruption {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in the truth file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*),)* }
            }

            /// Its rate at difficulty `h`.
            #[must_use]
            pub const fn rate(self, h: f64) -> f64 {
                match self { $(Self::$variant => $rate * corruptions!(@$scaled h),)* }
            }

            /// Of what that is the share.
            #[must_use]
            pub const fn of(self) -> Of {
                match self { $(Self::$variant => Of::$of,)* }
            }

            /// Whether the rate grows with the difficulty.
            #[must_use]
            pub const fn is_scaled(self) -> bool {
                match self { $(Self::$variant => corruptions!(@is $scaled),)* }
            }
        }
    };
    (@h $h:ident) => { $h };
    (@fixed $h:ident) => { 1.0 };
    (@is h) => { true };
    (@is fixed) => { false };
}

corruptions! {
    /// names in the native script
    NativeScript = "native_script", 0.20 h RecordsOfB;
    /// names with the marks and letters of the native alphabet (Latin cultures)
    NativeLetters = "native_letters", 0.20 h RecordsOfB;
    /// names in another romanisation or spelling
    Romanisation = "romanisation", 0.30 h Records;
    /// another spelling from the published groups of names (level `variants` only)
    Variant = "variant", 0.25 fixed Parts;
    /// a letter added, lost, changed or swapped
    Typo = "typo", 0.045 h Parts;
    /// a letter read as a similar one
    Ocr = "ocr", 0.015 h Parts;
    /// second family name left out
    SecondFamilyDropped = "second_family_dropped", 0.35 h Concerned;
    /// all given names but one left out
    SecondGivenDropped = "second_given_dropped", 0.30 h Concerned;
    /// patronymic, father's or grandfather's name left out
    PatronymicDropped = "patronymic_dropped", 0.60 fixed Concerned;
    /// father's name in place of a family name that the person does not have
    FatherAsFamily = "father_as_family", 0.20 h Concerned;
    /// particle left out
    ParticleDropped = "particle_dropped", 0.10 h Concerned;
    /// family and given names swapped
    NamesSwapped = "names_swapped", 0.08 h Concerned;
    /// husband's family name
    MarriedName = "married_name", 0.04 h Concerned;
    /// short form of the given name
    ShortForm = "short_form", 0.03 h Concerned;
    /// two parts of a name written as one
    PartsJoined = "parts_joined", 0.05 h Concerned;
    /// names cut off at the 30 places of a card's machine-readable zone
    Truncated = "truncated", 0.05 h Concerned;
    /// one whole name, without saying which part is which
    FullNameOnly = "full_name_only", 0.05 h Records;
    /// other names by which this list alone knows the person
    Alias = "alias", 0.075 fixed Records;
    /// a day that stands for a whole year: the first of January, seldom of July, or the last of December
    DatePlaceholder = "date_placeholder", 0.06 h Records;
    /// year of birth only
    DateYearOnly = "date_year_only", 0.03 h Records;
    /// day and month swapped
    DateSwapped = "date_swapped", 0.03 h Records;
    /// one digit of the date wrong
    DateDigit = "date_digit", 0.03 h Records;
    /// year off by one or two
    DateYearOff = "date_year_off", 0.03 h Records;
    /// no date of birth
    DateMissing = "date_missing", 0.03 h Records;
    /// date of birth in the calendar of the country (records in its script)
    DateCalendar = "date_calendar", 0.50 fixed Concerned;
    /// no sex
    SexMissing = "sex_missing", 0.02 fixed Records;
    /// wrong sex
    SexWrong = "sex_wrong", 0.01 h Records;
    /// no country of birth
    CountryMissing = "country_missing", 0.10 fixed Records;
    /// another nationality
    NationalityOther = "nationality_other", 0.03 h Concerned;
    /// country where the person lived, or which the place now belongs to
    CountryWrong = "country_wrong", 0.04 h Concerned;
    /// place where the person lived
    PlaceWrong = "place_wrong", 0.05 h Concerned;
    /// another document of the person
    DocumentOther = "document_other", 0.20 fixed Concerned;
    /// one digit of the document number wrong
    DocumentDigit = "document_digit", 0.04 h Concerned;
    /// another telephone of the person
    PhoneOther = "phone_other", 0.30 fixed Concerned;
    /// telephone number as written at home, without the country code
    PhoneNational = "phone_national", 0.25 h Concerned;
    /// one digit of the telephone number wrong
    PhoneDigit = "phone_digit", 0.02 h Concerned;
    /// another e-mail address of the person
    EmailOther = "email_other", 0.20 fixed Concerned;
}

/// Shares of the records in which a field has a value at all, whatever the difficulty.
pub mod present {
    /// Nationality.
    pub const NATIONALITY: f64 = 0.90;
    /// Place of birth.
    pub const PLACE: f64 = 0.50;
    /// Document.
    pub const DOCUMENT: f64 = 0.35;
    /// Telephone.
    pub const PHONE: f64 = 0.30;
    /// E-mail address.
    pub const EMAIL: f64 = 0.10;
    /// Another spelling of the whole name as an alias.
    pub const OTHER_NAME: f64 = 0.10;
    /// Of persons with two nationalities: the records that have both.
    pub const BOTH_NATIONALITIES: f64 = 0.50;
    /// Of the records: those that are written as their office writes names; the others follow the document at hand.
    pub const OFFICE: f64 = 0.50;
    /// The same at level `variants`.
    pub const OFFICE_OF_VARIANTS: f64 = 0.90;
    /// Of an office's cultures, at level `variants`, those that it writes in another way than the usual one.
    pub const OTHER_OF_VARIANTS: f64 = 0.60;
    /// Of the records with a controller's telephone: those that say so.
    pub const CONTROLLER_KNOWN: f64 = 0.50;
}

/// Corruptions that really happened to a record, each once, in the order of [`Corruption::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied(Vec<Corruption>);

impl Applied {
    /// Notes one.
    pub fn add(&mut self, corruption: Corruption) {
        if let Err(at) = self.0.binary_search(&corruption) {
            self.0.insert(at, corruption);
        }
    }

    /// Whether it happened.
    #[must_use]
    pub fn has(&self, corruption: Corruption) -> bool {
        self.0.contains(&corruption)
    }

    /// Those that happened.
    pub fn iter(&self) -> impl Iterator<Item = Corruption> + '_ {
        self.0.iter().copied()
    }
}
