//! Stages of a round, and which kind of frame belongs to which.

use super::Kind;

/// Stage of a round, for progress and reports. The order is that of the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Hello and commitments.
    Agree,
    /// Blinded queries and their evaluation.
    Oprf,
    /// The responder's encoded table (OKVS).
    Table,
    /// Hidden comparison: OT extension, corrections, garbled signs.
    Compare,
    /// Round key, claims, receipt.
    Settle,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [Self::Agree, Self::Oprf, Self::Table, Self::Compare, Self::Settle];

    /// Stable name for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Oprf => "oprf",
            Self::Table => "table",
            Self::Compare => "compare",
            Self::Settle => "settle",
        }
    }
}

impl Kind {
    /// The kind with this code; `None` for a byte that no kind has.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }

    /// The stage to which a frame of this kind belongs; `None` for an abort, which may come in any.
    #[must_use]
    pub const fn stage(self) -> Option<Stage> {
        Some(match self {
            Self::Hello | Self::Commit => Stage::Agree,
            Self::Keys | Self::BaseRequester | Self::BaseResponder => Stage::Oprf,
            Self::QueryDigests | Self::Query | Self::Evaluation => Stage::Oprf,
            Self::Table => Stage::Table,
            Self::Trees | Self::Choice | Self::Correction | Self::Garbled => Stage::Compare,
            Self::Reveal | Self::Claims | Self::Receipt => Stage::Settle,
            Self::Abort => return None,
        })
    }

    /// Whether a frame of this kind is the last that a side sends: its part of the receipt.
    #[must_use]
    pub const fn ends_direction(self) -> bool {
        matches!(self, Self::Receipt)
    }
}

/// The kind of a received frame; `None` if it has none that is known.
#[must_use]
pub fn kind_of(frame: &[u8]) -> Option<Kind> {
    Kind::from_code(*frame.first()?)
}
