//! A pair and where it stands.

use crate::people::PersonId;
use crate::reason::Reason;
use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What both sides can name: a record of the responder's, by its pseudonym in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Meeting {
    /// The round's id.
    pub round: RoundId,
    /// The pseudonym.
    pub pseudonym: Pseudonym,
}

/// A pair of this side: an own record and a meeting. Two own records can have one meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PairId {
    /// What the peer can name too.
    pub meeting: Meeting,
    /// Position of the own record in the round's list.
    pub own: u32,
}

/// What a round says of a pair, and what the own list says of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Digest of the agreement of the round.
    pub agreement: AgreementDigest,
    /// Code of the lane of the own list.
    lane: u8,
    /// Whether the own record may be of a child.
    pub child: bool,
    /// The grade, where this side learnt one.
    pub grade: Option<u8>,
    /// Tables through which the records met, where this side learnt them.
    pub tables: u32,
}

impl Candidate {
    /// A candidate of a lane.
    #[must_use]
    pub const fn new(agreement: AgreementDigest, lane: Lane, child: bool, grade: Option<u8>, tables: u32) -> Self {
        Self { agreement, lane: lane.code(), child, grade, tables }
    }

    /// The lane, if its code is that of one.
    #[must_use]
    pub const fn lane(&self) -> Option<Lane> {
        Lane::from_code(self.lane)
    }
}

/// What a person thinks of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be the same person: worth asking the other authority.
    WorthAsking,
    /// It is another person.
    OtherPerson,
    /// The own record does not suffice to tell.
    NotDecidable,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WorthAsking, Self::OtherPerson, Self::NotDecidable];

    /// Name in a file and in a form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorthAsking => "worth_asking",
            Self::OtherPerson => "other_person",
            Self::NotDecidable => "not_decidable",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

/// A verdict with its reason.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// In the person's own words; may be empty. It stays here.
    pub note: String,
}

impl fmt::Debug for Judgement {
    /// Without the note: it may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judgement")
            .field("verdict", &self.verdict)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Where a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has judged it.
    Candidate,
    /// One person has.
    JudgedOnce,
    /// A second person has too, and both find it worth asking.
    JudgedTwice,
    /// An approver has put it to the other authority: this side says yes.
    ConfirmedHere,
    /// The other authority says yes too.
    ConfirmedThere,
    /// The case reference has left.
    Disclosed,
    /// Two persons found that it is another person.
    ClosedOtherPerson,
    /// The two judgements differ, or neither could tell.
    NotDecidable,
    /// Taken back, by this side or the other.
    Withdrawn,
    /// Its time is over.
    Expired,
}

impl Stage {
    /// All of them, in the order of a pair's life.
    pub const ALL: [Self; 10] = [
        Self::Candidate,
        Self::JudgedOnce,
        Self::JudgedTwice,
        Self::ConfirmedHere,
        Self::ConfirmedThere,
        Self::Disclosed,
        Self::ClosedOtherPerson,
        Self::NotDecidable,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Name in a file and in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::JudgedOnce => "judged_once",
            Self::JudgedTwice => "judged_twice",
            Self::ConfirmedHere => "confirmed_here",
            Self::ConfirmedThere => "confirmed_there",
            Self::Disclosed => "disclosed",
            Self::ClosedOtherPerson => "closed_other_person",
            Self::NotDecidable => "not_decidable",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Whether this side says yes to the pair when it is asked.
    #[must_use]
    pub const fn says_yes(self) -> bool {
        matches!(self, Self::ConfirmedHere | Self::ConfirmedThere | Self::Disclosed)
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Candidate | Self::JudgedOnce | Self::JudgedTwice | Self::ConfirmedHere | Self::ConfirmedThere
        )
    }
}

/// A pair, with what was decided since it came or was opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What the round says.
    pub candidate: Candidate,
    /// When it came, in seconds since 1970.
    pub received: u64,
    /// Where it stands.
    pub stage: Stage,
    /// Number of steps so far. A decision names the number that its person saw.
    pub version: u32,
    /// The judgements, at most two, by different persons.
    pub judged: Vec<(PersonId, Judgement)>,
    /// When the second judgement was made.
    pub judged_at: Option<u64>,
    /// Who put it to the other authority.
    pub approved: Option<PersonId>,
    /// When and in which run the other authority confirmed it.
    pub confirmed: Option<Agreed>,
    /// Who disclosed it.
    pub released: Option<PersonId>,
}

/// That both sides said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Id of the run.
    pub run: [u8; 32],
    /// When it ended.
    pub at: u64,
}

impl Pair {
    pub(crate) fn new(candidate: Candidate, received: u64) -> Self {
        Self {
            candidate,
            received,
            stage: Stage::Candidate,
            version: 0,
            judged: Vec::new(),
            judged_at: None,
            approved: None,
            confirmed: None,
            released: None,
        }
    }

    /// Whether the person is one of the two who judged it.
    #[must_use]
    pub fn was_judged_by(&self, person: PersonId) -> bool {
        self.judged.iter().any(|(judge, _)| *judge == person)
    }
}
