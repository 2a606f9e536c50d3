//! Who may do what: people, their roles and the lanes that they work in.

use blindlink::schema::kinds::Lane;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Number of a person. It is never given to another person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonId(pub u32);

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs rounds, and sees no pair.
    Operator,
    /// Judges a pair first.
    Reviewer,
    /// Judges a pair after another person has.
    SecondReviewer,
    /// Puts a judged pair to the other authority, and discloses.
    Approver,
    /// Does what an approver does, for victims and children.
    VictimSupport,
    /// Names people and their roles, and sees no pair.
    Security,
    /// Looks after data protection: sees what was done and when, and no record.
    DataProtection,
    /// Checks the log: sees what was done and when, and no record.
    Auditor,
    /// Sees numbers only.
    Statistics,
}

/// Roles that one person may hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Rounds.
    Operation,
    /// Pairs.
    Cases,
    /// People.
    Security,
    /// Oversight.
    Oversight,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Operator,
        Self::Reviewer,
        Self::SecondReviewer,
        Self::Approver,
        Self::VictimSupport,
        Self::Security,
        Self::DataProtection,
        Self::Auditor,
        Self::Statistics,
    ];

    /// Name in a file and in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Reviewer => "reviewer",
            Self::SecondReviewer => "second_reviewer",
            Self::Approver => "approver",
            Self::VictimSupport => "victim_support",
            Self::Security => "security",
            Self::DataProtection => "data_protection",
            Self::Auditor => "auditor",
            Self::Statistics => "statistics",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The group that the role is of.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::Operator => Group::Operation,
            Self::Reviewer | Self::SecondReviewer | Self::Approver | Self::VictimSupport => Group::Cases,
            Self::Security => Group::Security,
            Self::DataProtection | Self::Auditor | Self::Statistics => Group::Oversight,
        }
    }
}

/// Roles and lanes of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What the person does.
    pub roles: BTreeSet<Role>,
    /// Codes of the lanes that the person works in.
    lanes: BTreeSet<u8>,
}

impl Standing {
    /// These roles in these lanes.
    #[must_use]
    pub fn new(roles: impl IntoIterator<Item = Role>, lanes: impl IntoIterator<Item = Lane>) -> Self {
        Self { roles: roles.into_iter().collect(), lanes: lanes.into_iter().map(Lane::code).collect() }
    }

    /// The lanes.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.lanes.iter().filter_map(|code| Lane::from_code(*code))
    }

    /// Whether the person works in the lane.
    #[must_use]
    pub fn works_in(&self, lane: Lane) -> bool {
        self.lanes.contains(&lane.code())
    }

    /// Whether one person may have this standing: roles of one group, lanes for cases only, and each lane is one.
    #[must_use]
    pub(crate) fn is_sound(&self) -> bool {
        let mut groups = self.roles.iter().map(|role| role.group());
        let Some(group) = groups.next() else { return false };
        groups.all(|other| other == group)
            && (group == Group::Cases || self.lanes.is_empty())
            && self.lanes.iter().all(|code| Lane::from_code(*code).is_some())
    }
}

/// A person at this desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Roles and lanes.
    pub standing: Standing,
    /// Whether the person still works here.
    pub active: bool,
}

impl Person {
    /// Whether the person works here in the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.active && self.standing.roles.contains(&role)
    }

    /// Whether the person works here in the role and in the lane.
    #[must_use]
    pub fn has_in(&self, role: Role, lane: Lane) -> bool {
        self.has(role) && self.standing.works_in(lane)
    }
}
