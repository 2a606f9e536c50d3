//! What does not hold in a round's evidence, and where.

use thiserror::Error;

/// Where in a round's evidence something does not hold (spec chapter 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Before the first entry.
    Header,
    /// In an entry; numbered from 0.
    Entry(u64),
    /// In the receipt at the end.
    Receipt,
    /// After the receipt.
    End,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Header => f.write_str("header"),
            Self::Entry(n) => write!(f, "entry {n}"),
            Self::Receipt => f.write_str("receipt"),
            Self::End => f.write_str("end"),
        }
    }
}

/// What does not hold in a round's evidence, its re-execution or a sample of its records (spec chapter 16).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceFault {
    /// The bytes are not in the format.
    #[error("{at}: {what} is not in its format")]
    Format {
        /// Where.
        at: Place,
        /// Which field.
        what: &'static str,
    },
    /// The header has not the digest that follows it.
    #[error("header: it was changed, its digest is another")]
    Header,
    /// The policy is not one that this release accepts.
    #[error("header: the policy is not one that this release accepts (`{field}`)")]
    Policy {
        /// Path of the field.
        field: String,
    },
    /// The agreement is not canonical, or not one for this policy and these two nodes.
    #[error("header: the agreement does not fit (`{field}`)")]
    Agreement {
        /// Path of the field.
        field: &'static str,
    },
    /// A frame is not the next of its sender's schedule.
    #[error("entry {entry}: the frame is not the next that its sender had to send")]
    Schedule {
        /// Number of the entry.
        entry: u64,
    },
    /// The value after an entry does not follow from the entry and the value before.
    #[error("entry {entry}: it was changed, the chain breaks here")]
    Chain {
        /// Number of the entry.
        entry: u64,
    },
    /// The own hello, commit or receipt is not the one that follows from the header and the receipt.
    #[error("entry {entry}: the frame that was sent is another than header and receipt say")]
    OwnFrame {
        /// Number of the entry.
        entry: u64,
    },
    /// The peer's hello does not fit the header.
    #[error("entry {entry}: the peer's hello does not fit (error {code})")]
    PeerHello {
        /// Number of the entry.
        entry: u64,
        /// Code of the error that a party had to stop with.
        code: u16,
    },
    /// The receipt does not say what the entries say.
    #[error("receipt: `{field}` is not what header and entries give")]
    Receipt {
        /// Which field.
        field: &'static str,
    },
    /// A signature on the receipt does not verify.
    #[error("receipt: the signature of the {by} does not verify")]
    Signature {
        /// Whose.
        by: &'static str,
    },
    /// The evidence ends before the receipt: the peer has signed nothing of it.
    #[error("entry {entries}: the round was not finished, so the peer has signed nothing of this")]
    Unfinished {
        /// How many entries there are.
        entries: u64,
    },
    /// The seed is not the one that was committed to.
    #[error("the seed is not the one that was committed to")]
    Seed,
    /// The records are not those that were committed to.
    #[error("the records are not those that were committed to")]
    Records,
    /// The re-executed side sends another frame.
    #[error("entry {entry}: from this seed and these records comes another frame (kind {kind:#04x}, chunk {chunk})")]
    Differs {
        /// Number of the entry.
        entry: u64,
        /// Kind of the frame.
        kind: u8,
        /// Its chunk.
        chunk: u32,
    },
    /// A frame was sent before the frames that it depends on had come.
    #[error("entry {entry}: it was sent before what it depends on had come")]
    Early {
        /// Number of the entry.
        entry: u64,
    },
    /// The re-executed side refuses a frame of the peer's.
    #[error("entry {entry}: this frame of the peer had to be refused (error {code})")]
    Refused {
        /// Number of the entry.
        entry: u64,
        /// Code of the error (spec section 10).
        code: u16,
    },
    /// The openings are not for the records that were drawn.
    #[error("the openings are not for the records that were drawn")]
    Positions,
    /// A record, its salt and its path do not lead to the committed root.
    #[error("record {position}: record, salt and path do not lead to the committed root")]
    Opening {
        /// Position in the committed list, from 0.
        position: u32,
    },
}

impl EvidenceFault {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Format { .. } => 800,
            Self::Header => 801,
            Self::Policy { .. } => 802,
            Self::Agreement { .. } => 803,
            Self::Schedule { .. } => 804,
            Self::Chain { .. } => 805,
            Self::OwnFrame { .. } => 806,
            Self::PeerHello { .. } => 807,
            Self::Receipt { .. } => 808,
            Self::Signature { .. } => 809,
            Self::Unfinished { .. } => 810,
            Self::Seed => 820,
            Self::Records => 821,
            Self::Differs { .. } => 822,
            Self::Early { .. } => 823,
            Self::Refused { .. } => 824,
            Self::Positions => 830,
            Self::Opening { .. } => 831,
        }
    }

    /// Where in the evidence it lies, if it lies there.
    #[must_use]
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::Format { at, .. } => Some(*at),
            Self::Header | Self::Policy { .. } | Self::Agreement { .. } => Some(Place::Header),
            Self::Schedule { entry }
            | Self::Chain { entry }
            | Self::OwnFrame { entry }
            | Self::PeerHello { entry, .. }
            | Self::Differs { entry, .. }
            | Self::Early { entry }
            | Self::Refused { entry, .. } => Some(Place::Entry(*entry)),
            Self::Unfinished { entries } => Some(Place::Entry(*entries)),
            Self::Receipt { .. } | Self::Signature { .. } => Some(Place::Receipt),
            Self::Seed | Self::Records | Self::Positions | Self::Opening { .. } => None,
        }
    }

    /// What a person should do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unfinished { .. } => "re-execute it: that shows what this side did, not what the peer did",
            Self::Refused { .. } => "the peer, or whoever wrote this evidence, broke the protocol in this frame",
            Self::Differs { .. } | Self::Early { .. } => {
                "the side whose evidence this is did something else than the protocol demands"
            }
            Self::Seed | Self::Records | Self::Positions | Self::Opening { .. } => {
                "ask the party for what it committed to; if it cannot give it, the round is in dispute"
            }
            _ => "ask for another copy; if all copies say the same, the round is in dispute",
        }
    }
}
