//! What happens at a desk.

use crate::pair::{Candidate, Judgement, Meeting, PairId};
use crate::people::{PersonId, Standing};
use crate::reason::Reason;
use crate::statistics::{Figures, Quarter};
use blindlink::ids::AgreementDigest;
use core::fmt;
use serde::{Deserialize, Serialize};

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person who has logged in.
    Person(PersonId),
    /// The node, from a round, a run or its clock.
    Node,
    /// The other authority, by a signed message.
    Peer,
    /// Who sets the node up: names the first person, and nothing else.
    Installer,
}

/// A step, whoever does it and whenever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds since 1970. Never before the step before it.
    pub at: u64,
    /// Who.
    pub by: Actor,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A person begins to work here.
    PersonAdded {
        /// Who.
        person: PersonId,
        /// Roles and lanes.
        standing: Standing,
    },
    /// A person gets other roles or lanes.
    PersonChanged {
        /// Who.
        person: PersonId,
        /// Roles and lanes.
        standing: Standing,
    },
    /// A person works here no more.
    PersonLeft {
        /// Who.
        person: PersonId,
    },
    /// An agreement is in force, or again in force.
    AgreementBegan {
        /// Its digest.
        agreement: AgreementDigest,
        /// Whether the grade is hidden until a person has judged.
        grade_hidden: bool,
        /// How long an undecided pair is kept, in seconds.
        keep: u64,
    },
    /// An agreement has ended, or is suspended.
    AgreementStopped {
        /// Its digest.
        agreement: AgreementDigest,
    },
    /// A round found a pair.
    Received {
        /// Which.
        pair: PairId,
        /// What the round says.
        candidate: Candidate,
    },
    /// A person read the own record of a pair.
    Opened {
        /// Which.
        pair: PairId,
    },
    /// A person judged.
    Judged {
        /// Which.
        pair: PairId,
        /// The pair's version that the person saw.
        seen: u32,
        /// Verdict and reason.
        judgement: Judgement,
    },
    /// An approver puts the pair to the other authority.
    Approved {
        /// Which.
        pair: PairId,
        /// The pair's version that the person saw.
        seen: u32,
    },
    /// An approver opens a closed pair again.
    Reopened {
        /// Which.
        pair: PairId,
        /// The pair's version that the person saw.
        seen: u32,
        /// Why.
        reason: Reason,
        /// In own words.
        note: String,
    },
    /// A run of mutual confirmation ended.
    RunEnded {
        /// Its id.
        run: [u8; 32],
        /// The agreement that it ran under.
        agreement: AgreementDigest,
        /// What both sides said yes to.
        confirmed: Vec<Meeting>,
    },
    /// An approver sends the case reference.
    Released {
        /// Which.
        pair: PairId,
        /// The pair's version that the person saw.
        seen: u32,
        /// Digest of what is sent.
        sent: [u8; 32],
    },
    /// An approver takes the pair back, or refuses to disclose it; or the other authority does so.
    Withdrawn {
        /// Which.
        pair: PairId,
        /// The pair's version that the person saw; the peer and the node see none.
        seen: Option<u32>,
        /// Why.
        reason: Reason,
        /// In own words; of the peer none.
        note: String,
    },
    /// The pair's time is over.
    Expired {
        /// Which.
        pair: PairId,
    },
    /// A person published the numbers of a quarter.
    Published {
        /// Which.
        quarter: Quarter,
        /// The numbers, with noise.
        figures: Figures,
    },
    /// The data-protection officer lets what decided pairs say of an agreement's keys leave the desk (V-REVIEW-009).
    Calibrated {
        /// The agreement.
        agreement: AgreementDigest,
        /// Digest of the rounded shares.
        figures: [u8; 32],
    },
    /// A person wants to ask the other authority urgently (V-URGENT-007).
    Asked {
        /// Digest of the question: who is asked about, why, whom, under which agreement.
        ask: [u8; 32],
        /// Code of the lane of the list that is asked with.
        lane: u8,
    },
    /// A person read who is asked about, and why.
    QuestionOpened {
        /// Digest of the question.
        ask: [u8; 32],
    },
    /// An approver lets the question be asked.
    QuestionApproved {
        /// Its digest.
        ask: [u8; 32],
    },
    /// The question has its answer.
    Answered {
        /// Its digest.
        ask: [u8; 32],
    },
}

impl fmt::Debug for What {
    /// Without what a person wrote: it may name somebody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("What").field("pair", &self.pair()).finish_non_exhaustive()
    }
}

impl What {
    /// The pair that the step is about, if it is about one.
    #[must_use]
    pub const fn pair(&self) -> Option<PairId> {
        match self {
            Self::Received { pair, .. }
            | Self::Opened { pair }
            | Self::Judged { pair, .. }
            | Self::Approved { pair, .. }
            | Self::Reopened { pair, .. }
            | Self::Released { pair, .. }
            | Self::Withdrawn { pair, .. }
            | Self::Expired { pair } => Some(*pair),
            _ => None,
        }
    }
}
