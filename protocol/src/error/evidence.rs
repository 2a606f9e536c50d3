//! What does not hold in a round's evidence, and where: codes 8xx.

use super::faults;

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

faults! {
    /// What does not hold in a round's evidence, its re-execution or a sample of its records (spec chapter 16).
    EvidenceFault, hint "ask for another copy; if all copies say the same, the round is in dispute";

    /// The bytes are not in the format.
    Format {
        /// Where.
        at: Place,
        /// Which field.
        what: &'static str,
    } = 800, "{at}: {what} is not in its format";
    /// The header has not the digest that follows it.
    Header = 801, "header: it was changed, its digest is another";
    /// The policy is not one that this release accepts.
    Policy {
        /// Path of the field.
        field: String,
    } = 802, "header: the policy is not one that this release accepts (`{field}`)";
    /// The agreement is not canonical, or not one for this policy and these two nodes.
    Agreement {
        /// Path of the field.
        field: &'static str,
    } = 803, "header: the agreement does not fit (`{field}`)";
    /// A frame is not the next of its sender's schedule.
    Schedule {
        /// Number of the entry.
        entry: u64,
    } = 804, "entry {entry}: the frame is not the next that its sender had to send";
    /// The value after an entry does not follow from the entry and the value before.
    Chain {
        /// Number of the entry.
        entry: u64,
    } = 805, "entry {entry}: it was changed, the chain breaks here";
    /// The own hello, commit or receipt is not the one that follows from the header and the receipt.
    OwnFrame {
        /// Number of the entry.
        entry: u64,
    } = 806, "entry {entry}: the frame that was sent is another than header and receipt say";
    /// The peer's hello does not fit the header.
    PeerHello {
        /// Number of the entry.
        entry: u64,
        /// Code of the error that a party had to stop with.
        code: u16,
    } = 807, "entry {entry}: the peer's hello does not fit (error {code})";
    /// The receipt does not say what the entries say.
    Receipt {
        /// Which field.
        field: &'static str,
    } = 808, "receipt: `{field}` is not what header and entries give";
    /// A signature on the receipt does not verify.
    Signature {
        /// Whose.
        by: &'static str,
    } = 809, "receipt: the signature of the {by} does not verify";
    /// The evidence ends before the receipt: the peer has signed nothing of it.
    Unfinished {
        /// How many entries there are.
        entries: u64,
    } = 810, "entry {entries}: the round was not finished, so the peer has signed nothing of this", "re-execute it: that shows what this side did, not what the peer did";
    /// The seed is not the one that was committed to.
    Seed = 820, "the seed is not the one that was committed to", "ask the party for what it committed to; if it cannot give it, the round is in dispute";
    /// The records are not those that were committed to.
    Records = 821, "the records are not those that were committed to", "ask the party for what it committed to; if it cannot give it, the round is in dispute";
    /// The re-executed side sends another frame.
    Differs {
        /// Number of the entry.
        entry: u64,
        /// Kind of the frame.
        kind: u8,
        /// Its chunk.
        chunk: u32,
    } = 822, "entry {entry}: from this seed and these records comes another frame (kind {kind:#04x}, chunk {chunk})", "the side whose evidence this is did something else than the protocol demands";
    /// A frame was sent before the frames that it depends on had come.
    Early {
        /// Number of the entry.
        entry: u64,
    } = 823, "entry {entry}: it was sent before what it depends on had come", "the side whose evidence this is did something else than the protocol demands";
    /// The re-executed side refuses a frame of the peer's.
    Refused {
        /// Number of the entry.
        entry: u64,
        /// Code of the error (spec section 10).
        code: u16,
    } = 824, "entry {entry}: this frame of the peer had to be refused (error {code})", "the peer, or whoever wrote this evidence, broke the protocol in this frame";
    /// The openings are not for the records that were drawn.
    Positions = 830, "the openings are not for the records that were drawn", "ask the party for what it committed to; if it cannot give it, the round is in dispute";
    /// A record, its salt and its path do not lead to the committed root.
    Opening {
        /// Position in the committed list, from 0.
        position: u32,
    } = 831, "record {position}: record, salt and path do not lead to the committed root", "ask the party for what it committed to; if it cannot give it, the round is in dispute";
}

impl EvidenceFault {
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
}
