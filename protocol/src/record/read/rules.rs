//! What a mapping says of the values of a column (spec 4.6).

use std::collections::BTreeMap;

/// The order of day and month where a date alone does not tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// Day first.
    DayMonth,
    /// Month first.
    MonthDay,
}

/// A calendar in which a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenCalendar {
    /// Gregorian.
    Gregorian,
    /// Hijri, of the moon.
    Hijri,
    /// Solar Hijri.
    SolarHijri,
    /// Ethiopian.
    Ethiopian,
    /// Buddhist.
    Buddhist,
    /// Hebrew.
    Hebrew,
    /// Bikram Sambat, of Nepal: only the year is used.
    Nepali,
}

impl WrittenCalendar {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Gregorian, Self::Hijri, Self::SolarHijri, Self::Ethiopian, Self::Buddhist, Self::Hebrew, Self::Nepali];

    /// Its name in mappings and before dates.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gregorian => "gregorian",
            Self::Hijri => "hijri",
            Self::SolarHijri => "solar_hijri",
            Self::Ethiopian => "ethiopian",
            Self::Buddhist => "buddhist",
            Self::Hebrew => "hebrew",
            Self::Nepali => "nepali",
        }
    }

    /// The calendar of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|calendar| calendar.name() == name)
    }
}

/// How dates of a column are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRules {
    /// Order of day and month, if it is declared.
    pub order: Option<DayOrder>,
    /// Calendar, if it is declared.
    pub calendar: Option<WrittenCalendar>,
    /// Whether numbers of five digits are days of a spreadsheet.
    pub excel: bool,
    /// The present year: a later one is left out.
    pub year: Option<u16>,
    /// The year in which ages of the column were true.
    pub age_on: Option<u16>,
}

/// How the values of a list are read.
#[derive(Clone, Debug, Default)]
pub struct ReadRules {
    /// Of columns that have none of their own.
    pub other: DateRules,
    /// By the name of the field.
    pub columns: BTreeMap<String, DateRules>,
}

impl ReadRules {
    pub(super) fn of(&self, column: &str) -> DateRules {
        self.columns.get(column).copied().unwrap_or(self.other)
    }
}
