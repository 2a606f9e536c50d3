//! Kinds of frames, and the stage of a round that each belongs to (spec section 7.1).

/// Kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FrameKind {
    /// Versions, policy, identity, nonce, channel binding.
    Hello = 0x01,
    /// Seed commitment and Merkle root.
    Commit = 0x02,
    /// Responder: OPRF key, base OT answers.
    Keys = 0x03,
    /// Requester: base OT answers and offers, and the trees of its extension.
    BaseRequester = 0x04,
    /// Responder: base OT offers, and the trees of its extension.
    BaseResponder = 0x05,
    /// Requester: digests of all query chunks.
    QueryDigests = 0x06,
    /// Requester: blinded elements.
    Query = 0x07,
    /// Responder: evaluated elements and their proof.
    Evaluation = 0x08,
    /// Responder: OKVS columns.
    Table = 0x09,
    /// Responder: OT extension with the bin masks as choices.
    Choice = 0x0a,
    /// Requester: corrections, and OT extension with its score shares as choices.
    Correction = 0x0b,
    /// Responder: garbled comparisons.
    Garbled = 0x0c,
    /// Responder: the seal keys of the comparison chunks.
    SealKeys = 0x0d,
    /// Requester, mutual mode: pseudonym tokens of the records it claims.
    Claims = 0x0e,
    /// Transcript hash and signature.
    Receipt = 0x0f,
    /// Both: cosignature of the peer's audit log.
    Cosignature = 0x11,
    /// Responder: pseudonyms of its records.
    Pseudonyms = 0x12,
    /// Error code; ends the round.
    Abort = 0x7f,
}

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
    /// Seal keys, pseudonyms, claims, cosignature, receipt.
    Settle,
}

impl FrameKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 18] = [
        Self::Hello,
        Self::Commit,
        Self::Keys,
        Self::BaseRequester,
        Self::BaseResponder,
        Self::QueryDigests,
        Self::Query,
        Self::Evaluation,
        Self::Table,
        Self::Choice,
        Self::Correction,
        Self::Garbled,
        Self::SealKeys,
        Self::Claims,
        Self::Receipt,
        Self::Cosignature,
        Self::Pseudonyms,
        Self::Abort,
    ];

    /// The kind with this code; `None` for a byte that no kind has.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }

    /// The stage that frames of this kind belong to; `None` if they belong to any.
    #[must_use]
    pub const fn stage(self) -> Option<Stage> {
        Some(match self {
            Self::Hello | Self::Commit => Stage::Agree,
            Self::Keys | Self::BaseRequester | Self::BaseResponder => Stage::Oprf,
            Self::QueryDigests | Self::Query | Self::Evaluation => Stage::Oprf,
            Self::Table => Stage::Table,
            Self::Choice | Self::Correction | Self::Garbled => Stage::Compare,
            Self::SealKeys | Self::Pseudonyms | Self::Claims => Stage::Settle,
            Self::Cosignature | Self::Receipt => Stage::Settle,
            Self::Abort => return None,
        })
    }

    /// Whether a frame of this kind is the last of its direction.
    #[must_use]
    pub const fn ends_direction(self) -> bool {
        matches!(self, Self::Receipt)
    }

    /// The kind of frame that one of this kind answers, with the same index (V-WIRE-006).
    #[must_use]
    pub const fn question(self) -> Option<Self> {
        match self {
            Self::Evaluation => Some(Self::Query),
            Self::Correction => Some(Self::Choice),
            Self::Garbled => Some(Self::Correction),
            _ => None,
        }
    }
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

/// The kind of a received frame; `None` if it has none that is known.
#[must_use]
pub fn kind_of(frame: &[u8]) -> Option<FrameKind> {
    FrameKind::from_code(*frame.first()?)
}
