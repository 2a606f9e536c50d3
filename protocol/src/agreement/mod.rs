//! The linkage agreement: the law around a policy (spec section 14).
//!
//! An [`Agreement`] is what a file or a peer says; a [`CheckedAgreement`] is one that the validator accepts; an
//! [`Admitted`] says that a round may run under it, now, between these two nodes. Only [`admit()`] makes the last.

pub mod admit;
pub mod budget;
mod canonical;
mod file;
pub mod list_history;
pub mod statement;
pub mod time;
pub mod urgent;
mod validate;
pub mod versions;

#[cfg(test)]
mod tests;

use crate::ids::{AgreementDigest, PolicyDigest};
pub use admit::{Admitted, Basis, admit};
pub use canonical::first_difference;
pub use list_history::ListHistory;
pub use statement::{SignedAgreement, SignerStatement, StatementKind};
pub use urgent::Urgent;
pub use validate::CheckedAgreement;
pub use versions::{coming, current, for_policy};

use crate::code_points::code_points;
use crate::identity::PeerId;
use crate::policy::shape::{OutputMode, Role};
use crate::schema::kinds::{Lane, LanePair};
use serde::Deserialize;

code_points! {
    /// What kind of authority a party is.
    PartyType {
        /// Police and other investigators.
        LawEnforcement = 1, "law_enforcement";
        /// Prosecution.
        Prosecution = 2, "prosecution";
        /// Courts.
        Judiciary = 3, "judiciary";
        /// Identification and support of victims.
        VictimSupport = 4, "victim_support";
        /// Protection of children.
        ChildProtection = 5, "child_protection";
        /// Search for missing persons.
        MissingPersons = 6, "missing_persons";
        /// Register of persons.
        CivilRegistry = 7, "civil_registry";
        /// Border control.
        BorderControl = 8, "border_control";
        /// Enforcement of immigration law: never with a list of victims (V-AGREE-007).
        ImmigrationEnforcement = 9, "immigration_enforcement";
        /// An international organisation.
        InternationalOrganisation = 10, "international_organisation";
    }
}

code_points! {
    /// Which roles a party may take.
    Roles {
        /// It asks.
        Requester = 1, "requester";
        /// It answers.
        Responder = 2, "responder";
        /// Either, from round to round.
        Either = 3, "either";
    }
}

impl Roles {
    /// Whether a party may take this role.
    #[must_use]
    pub const fn allow(self, role: Role) -> bool {
        matches!(
            (self, role),
            (Self::Either, _) | (Self::Requester, Role::Requester) | (Self::Responder, Role::Responder)
        )
    }
}

/// A linkage agreement as written in a file. Not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Its name: `context.agreement` of the policy.
    pub name: String,
    /// From 1; an amendment has the next number.
    pub version: u32,
    /// Digest of the version before; none for version 1.
    #[serde(default, deserialize_with = "file::previous")]
    pub previous: Option<AgreementDigest>,
    /// `context.purpose` of the policy.
    pub purpose: String,
    /// Which lists are compared.
    pub lanes: LanePair,
    /// Number of the key epoch.
    pub epoch: u32,
    /// Digest of the policy's canonical bytes.
    #[serde(deserialize_with = "file::policy")]
    pub policy: PolicyDigest,
    /// Cipher suite.
    pub suite: u16,
    /// The sides that learn the result.
    pub output: OutputMode,
    /// From when until when.
    pub valid: Validity,
    /// How much.
    pub caps: Caps,
    /// How long things are kept.
    pub retention: Retention,
    /// What may be asked urgently; without it nothing.
    #[serde(default)]
    pub urgent: Option<Urgent>,
    /// The two parties.
    #[serde(rename = "party")]
    pub parties: [Party; 2],
}

/// Seconds since 1970, UTC; the end is not within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// First second.
    #[serde(deserialize_with = "time::from_toml")]
    pub from: u64,
    /// First second after it.
    #[serde(deserialize_with = "time::from_toml")]
    pub until: u64,
}

/// Upper bounds, and one lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Padded number of the requester's records.
    pub records_requester: u32,
    /// Padded number of the responder's records.
    pub records_responder: u32,
    /// Rounds in 24 hours, each direction.
    pub rounds_per_day: u16,
    /// Length of a budget period, in days.
    pub period_days: u16,
    /// What one match key, with those related to it, may cost in a period (V-BUDGET-001), each direction.
    pub bins_per_table: u64,
    /// Matches that the requester returns in mutual mode; 0 otherwise. If a file leaves it out, it follows from the
    /// number of the requester's records.
    #[serde(default)]
    pub claims: u32,
    /// Matches in mutual mode above which a round ends without claims (V-SETTLE-012); 0 otherwise. If a file leaves it
    /// out, it follows from the claims.
    #[serde(default)]
    pub matches: u32,
    /// Records by which a list differs from that of the round before, at least, if it differs at all.
    pub delta_records: u32,
    /// Changes of what a policy looks at in a period.
    pub policy_changes: u16,
    /// Per cent of a list's rows that may be left out; with more no round begins (V-READ-012).
    #[serde(default = "usual_left_out")]
    pub left_out_percent: u8,
}

/// Days for which things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Round journals.
    pub journal_days: u16,
    /// Result files.
    pub results_days: u16,
    /// The audit log.
    pub audit_days: u16,
}

/// One of the two parties.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Name of the authority.
    pub name: String,
    /// What kind of authority it is.
    #[serde(rename = "type")]
    pub kind: PartyType,
    /// Which roles it may take.
    pub role: Roles,
    /// What its list is about.
    pub lane: Lane,
    /// Identity of its node.
    #[serde(deserialize_with = "file::key")]
    pub node: PeerId,
    /// On what law it acts.
    pub legal_basis: String,
    /// The two persons who sign for it.
    #[serde(rename = "signer")]
    pub signers: [Signer; 2],
}

/// A person who signs for a party.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Name or office.
    pub name: String,
    /// Its public key.
    #[serde(deserialize_with = "file::key")]
    pub key: PeerId,
}

/// Per cent of a list's rows that may be left out, if nothing else is agreed.
pub const USUAL_LEFT_OUT: u8 = 2;

const fn usual_left_out() -> u8 {
    USUAL_LEFT_OUT
}

impl Caps {
    /// Claims if nothing else is agreed: far below the number of records, because a dishonest responder learns one of
    /// the requester's records from each.
    #[must_use]
    pub fn usual_claims(output: OutputMode, records_requester: u32) -> u32 {
        if output == OutputMode::Mutual { (records_requester / 16).max(1) } else { 0 }
    }

    /// Matches if nothing else is agreed.
    #[must_use]
    pub fn usual_matches(claims: u32, records_requester: u32) -> u32 {
        claims.saturating_mul(2).min(records_requester)
    }
}

impl Agreement {
    /// The four signers, those of the first party first.
    pub fn signers(&self) -> impl Iterator<Item = &Signer> {
        self.parties.iter().flat_map(|party| &party.signers)
    }

    /// The side whose signer has this key.
    #[must_use]
    pub fn side_of(&self, key: &PeerId) -> Option<usize> {
        self.parties.iter().position(|party| party.signers.iter().any(|signer| signer.key == *key))
    }

    /// The party with this node, and the other one.
    #[must_use]
    pub fn seen_from(&self, node: &PeerId) -> Option<(&Party, &Party)> {
        let [first, second] = &self.parties;
        match node {
            node if *node == first.node => Some((first, second)),
            node if *node == second.node => Some((second, first)),
            _ => None,
        }
    }
}
