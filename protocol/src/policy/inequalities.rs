//! What the validator demands of a policy, as data (spec 6.6): the same list refuses a policy and explains it to people.

use core::fmt;

/// One demand of the validator on one policy, with the numbers on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Requirement ID in `spec/06-policy.md`.
    pub requirement: &'static str,
    /// Path of the field at fault if it does not hold.
    pub field: String,
    /// What must hold, in words.
    pub words: String,
    /// What was found; whether the check holds follows from it alone.
    pub measure: Measure,
}

/// What a check compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A property that holds or does not hold.
    Fact(bool),
    /// left <= right.
    AtMost(i64, i64),
    /// left < right.
    Below(i64, i64),
    /// low <= value <= high, in this order.
    Within(i64, i64, i64),
}

impl Measure {
    /// Whether it holds.
    #[must_use]
    pub const fn holds(self) -> bool {
        match self {
            Self::Fact(fact) => fact,
            Self::AtMost(left, right) => left <= right,
            Self::Below(left, right) => left < right,
            Self::Within(low, value, high) => low <= value && value <= high,
        }
    }
}

/// The numbers alone; nothing for a fact.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(_) => Ok(()),
            Self::AtMost(left, right) => write!(f, "{left} <= {right}"),
            Self::Below(left, right) => write!(f, "{left} < {right}"),
            Self::Within(low, value, high) => write!(f, "{low} <= {value} <= {high}"),
        }
    }
}

impl Check {
    /// Whether it holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.measure.holds()
    }

    /// The words, with the numbers where there are some.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.measure {
            Measure::Fact(_) => self.words.clone(),
            measure => format!("{}: {measure}", self.words),
        }
    }
}

/// The checks of one policy, in the order of the validator.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    /// Adds one.
    pub(super) fn demand(
        &mut self,
        requirement: &'static str,
        field: impl Into<String>,
        words: impl Into<String>,
        measure: Measure,
    ) {
        self.0.push(Check { requirement, field: field.into(), words: words.into(), measure });
    }

    /// Whether all that were added so far hold.
    pub(super) fn hold(&self) -> bool {
        self.0.iter().all(Check::holds)
    }

    pub(super) fn into_vec(self) -> Vec<Check> {
        self.0
    }
}
