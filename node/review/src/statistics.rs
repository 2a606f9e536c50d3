//! Numbers about a quarter, for who sees numbers only (V-REVIEW-006, V-REVIEW-007).
//!
//! Every pair that came in the quarter is in one cell of each of two tables: what became of it, and whether it was decided in
//! time. Each cell gets noise of its own, and a cell that is small after the noise is left out.

use crate::desk::Desk;
use crate::noise::{Words, noise};
use crate::pair::{Pair, Stage};
use blindlink::agreement::time::{DAY, days};
use blindlink::schema::kinds::Lane;
use core::fmt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pair moves one cell of each table by one, and each table has half of the epsilon of a quarter, which is 1: the noise of a
/// cell has scale 1 / (1 / 2).
pub(crate) const SCALE: u32 = 2;
/// A cell that is below this after the noise is not published.
pub(crate) const LEAST: i64 = 10;

/// A quarter of a year, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Quarter {
    year: u16,
    number: u8,
}

impl Quarter {
    /// The quarter of a time in seconds since 1970.
    #[must_use]
    pub fn of(seconds: u64) -> Option<Self> {
        let text = blindlink::agreement::time::text(seconds);
        let (year, month) = (text.get(..4)?.parse().ok()?, text.get(5..7)?.parse::<u8>().ok()?);
        Some(Self { year, number: month.checked_sub(1)? / 3 + 1 })
    }

    /// Reads `2026-Q3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, number) = text.split_once("-Q")?;
        let quarter = Self { year: year.parse().ok()?, number: number.parse().ok()? };
        (quarter.to_string() == text && quarter.year >= 1970 && (1..=4).contains(&quarter.number)).then_some(quarter)
    }

    /// The quarter after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.number {
            4 => Self { year: self.year.saturating_add(1), number: 1 },
            number => Self { year: self.year, number: number + 1 },
        }
    }

    /// Its first second.
    #[must_use]
    pub fn begin(self) -> u64 {
        days(self.year.into(), u64::from(self.number) * 3 - 2, 1) * DAY
    }

    /// The first second after it.
    #[must_use]
    pub fn end(self) -> u64 {
        self.next().begin()
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

/// What is counted of a pair: one of each table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Not decided yet.
    Open,
    /// Closed: another person.
    OtherPerson,
    /// Not decidable.
    NotDecidable,
    /// Asked; the other authority has not said yes.
    Asked,
    /// Confirmed by both.
    Confirmed,
    /// The case reference was sent.
    Disclosed,
    /// Taken back.
    Withdrawn,
    /// Its time ran out.
    Expired,
    /// Judged by two persons in time.
    InTime,
    /// Judged by two persons, too late.
    Late,
    /// Never judged by two persons.
    Unjudged,
}

impl Measure {
    /// All of them: the first eight are what became of a pair, the last three whether it was judged in time.
    pub const ALL: [Self; 11] = [
        Self::Open,
        Self::OtherPerson,
        Self::NotDecidable,
        Self::Asked,
        Self::Confirmed,
        Self::Disclosed,
        Self::Withdrawn,
        Self::Expired,
        Self::InTime,
        Self::Late,
        Self::Unjudged,
    ];

    /// Name in a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OtherPerson => "other_person",
            Self::NotDecidable => "not_decidable",
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Disclosed => "disclosed",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::InTime => "in_time",
            Self::Late => "late",
            Self::Unjudged => "unjudged",
        }
    }

    /// The cells of a pair.
    fn of(pair: &Pair) -> [Self; 2] {
        let became = match pair.stage {
            Stage::Candidate | Stage::JudgedOnce | Stage::JudgedTwice => Self::Open,
            Stage::ClosedOtherPerson => Self::OtherPerson,
            Stage::NotDecidable => Self::NotDecidable,
            Stage::ConfirmedHere => Self::Asked,
            Stage::ConfirmedThere => Self::Confirmed,
            Stage::Disclosed => Self::Disclosed,
            Stage::Withdrawn => Self::Withdrawn,
            Stage::Expired => Self::Expired,
        };
        let pace = match pair.judged_at {
            None => Self::Unjudged,
            Some(at) if at <= pair.decide_until() => Self::InTime,
            Some(_) => Self::Late,
        };
        [became, pace]
    }
}

/// A published number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    lane: u8,
    /// What is counted.
    pub measure: Measure,
    /// With noise; none if it is small.
    pub n: Option<u32>,
}

impl Cell {
    /// The lane of the own records.
    #[must_use]
    pub const fn lane(&self) -> Option<Lane> {
        Lane::from_code(self.lane)
    }
}

/// All cells, in the order of lanes and measures.
pub type Figures = Vec<Cell>;

/// Whether the cells are all cells, once each and in their order, and none of them is small.
pub(crate) fn are_whole(figures: &[Cell]) -> bool {
    let small = |cell: &Cell| cell.n.is_some_and(|n| i64::from(n) < LEAST);
    figures.iter().map(|cell| (cell.lane, cell.measure)).eq(places()) && !figures.iter().any(small)
}

fn places() -> impl Iterator<Item = (u8, Measure)> {
    Lane::ALL.into_iter().flat_map(|lane| Measure::ALL.map(|measure| (lane.code(), measure)))
}

impl Desk {
    /// The figures of a quarter, with fresh noise; none if there are no random words. They are what may be published once:
    /// a second draw would tell more than the first.
    pub fn figures(&self, quarter: Quarter, words: &mut Words<'_>) -> Option<Figures> {
        let within = quarter.begin()..quarter.end();
        let mut counts: BTreeMap<(u8, Measure), i64> = BTreeMap::new();
        for pair in self.pairs.values().filter(|pair| within.contains(&pair.received)) {
            for measure in Measure::of(pair) {
                *counts.entry((pair.candidate.lane().map_or(0, Lane::code), measure)).or_default() += 1;
            }
        }
        let cell = |(lane, measure): (u8, Measure)| {
            let noisy = counts.get(&(lane, measure)).unwrap_or(&0).saturating_add(noise(SCALE, words)?);
            let n = (noisy >= LEAST).then(|| u32::try_from(noisy).unwrap_or(u32::MAX));
            Some(Cell { lane, measure, n })
        };
        places().map(cell).collect()
    }

    /// What was published of a quarter.
    #[must_use]
    pub fn published(&self, quarter: Quarter) -> Option<&Figures> {
        self.published.get(&quarter)
    }

    /// The quarters that are over and in which a pair came, or of which figures were published, the latest first.
    #[must_use]
    pub fn quarters(&self, now: u64) -> Vec<Quarter> {
        let came = self.pairs.values().filter_map(|pair| Quarter::of(pair.received));
        let all: std::collections::BTreeSet<Quarter> = came.chain(self.published.keys().copied()).collect();
        all.into_iter().rev().filter(|quarter| quarter.end() <= now).collect()
    }
}
