//! Whether a round may run (spec 14.6): the one way from an agreement to a session.

use super::statement::{SignedAgreement, State};
use super::urgent::MOST_ASKED;
use crate::error::Refusal;
use crate::identity::PeerId;
use crate::ids::{AgreementDigest, PolicyDigest};
use crate::policy::CheckedPolicy;
use crate::policy::shape::{OutputMode, Role};
use crate::suite::Suite;

/// A round may run under this agreement. Made by [`admit`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    bytes: Vec<u8>,
    digest: AgreementDigest,
    policy: PolicyDigest,
    claims: u32,
    matches: u32,
    left_out_percent: u8,
    urgent: bool,
    suite: &'static Suite,
    own: PeerId,
    peer: PeerId,
    role: Role,
}

impl Admitted {
    /// Canonical bytes of the agreement, for the hello.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of the agreement.
    #[must_use]
    pub const fn digest(&self) -> &AgreementDigest {
        &self.digest
    }

    /// Digest of the policy that was admitted.
    #[must_use]
    pub const fn policy(&self) -> &PolicyDigest {
        &self.policy
    }

    /// Whether it admits a round between these two, in this role and under this policy (V-AGREE-023).
    ///
    /// # Errors
    /// [`Refusal::Party`], [`Refusal::Role`] or [`Refusal::Policy`].
    pub fn covers(&self, own: &PeerId, peer: &PeerId, role: Role, policy: &PolicyDigest) -> Result<(), Refusal> {
        if (*own, *peer) != (self.own, self.peer) {
            return Err(Refusal::Party);
        }
        if role != self.role {
            return Err(Refusal::Role);
        }
        if *policy == self.policy { Ok(()) } else { Err(Refusal::Policy) }
    }

    /// The suite of rounds under it.
    #[must_use]
    pub const fn suite(&self) -> &'static Suite {
        self.suite
    }

    /// Whether the round is urgent (V-URGENT-003).
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// Matches that the requester returns at most.
    #[must_use]
    pub const fn claims(&self) -> u32 {
        self.claims
    }

    /// Different matches of a round in mutual mode above which it ends without claims (V-SETTLE-012).
    #[must_use]
    pub const fn matches(&self) -> u32 {
        self.matches
    }

    /// Per cent of a list's rows that may be left out (V-READ-012).
    #[must_use]
    pub const fn left_out_percent(&self) -> u8 {
        self.left_out_percent
    }
}

/// On what a round rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// On nothing: invented persons only, and both sides say so, and compute the same suite.
    Training(&'static Suite),
    /// On an agreement.
    Agreement(Box<Admitted>),
}

impl Basis {
    /// The suite of rounds on it.
    #[must_use]
    pub const fn suite(&self) -> &'static Suite {
        match self {
            Self::Training(suite) => suite,
            Self::Agreement(admitted) => admitted.suite(),
        }
    }

    /// Canonical bytes of the agreement; empty in training.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        match self {
            Self::Training(_) => &[],
            Self::Agreement(admitted) => admitted.canonical_bytes(),
        }
    }

    /// Digest of the agreement; none in training.
    #[must_use]
    pub fn digest(&self) -> Option<AgreementDigest> {
        match self {
            Self::Training(_) => None,
            Self::Agreement(admitted) => Some(*admitted.digest()),
        }
    }
}

/// Decides whether `own` may run a round with `peer` in this role, under this policy, at `now` (seconds since 1970).
/// Budgets are another matter: [`super::budget`].
///
/// # Errors
/// The first [`Refusal`] in the order of spec 14.6.
pub fn admit(
    sealed: &SignedAgreement,
    now: u64,
    own: &PeerId,
    peer: &PeerId,
    role: Role,
    policy: &CheckedPolicy,
) -> Result<Admitted, Refusal> {
    let checked = sealed.agreement();
    let agreement = checked.agreement();
    // V-AGREE-020
    let (ours, theirs) = agreement.seen_from(own).ok_or(Refusal::Party)?;
    if theirs.node != *peer {
        return Err(Refusal::Party);
    }
    if !ours.role.allow(role) {
        return Err(Refusal::Role);
    }
    // V-AGREE-021
    match sealed.state(now) {
        State::Draft | State::PartlySigned => {
            let missing = u8::try_from(sealed.missing().len()).unwrap_or(4);
            return Err(Refusal::MissingSignature { missing });
        }
        State::NotYetValid => return Err(Refusal::NotYetValid),
        State::Expired => return Err(Refusal::Expired),
        State::Suspended => return Err(Refusal::Suspended),
        State::InForce => {}
    }
    // V-AGREE-022: what differs in words first, so that it is named; then the digest, which leaves nothing open.
    let (context, round) = (&policy.policy().context, &policy.policy().round);
    // V-URGENT-003
    let urgent = agreement.is_urgent(policy.digest());
    let caps = agreement.caps_of(urgent);
    let (output, asks) = match urgent {
        true => (OutputMode::Requester, MOST_ASKED),
        false => (agreement.output, caps.records_requester),
    };
    for (same, refusal) in [
        (context.agreement == agreement.name, Refusal::Name),
        (context.lanes == agreement.lanes, Refusal::Lanes),
        (context.purpose == agreement.purpose, Refusal::Purpose),
        (context.epoch == agreement.epoch, Refusal::Epoch),
        (round.output == output, Refusal::Output),
        (round.records_requester <= asks, Refusal::Size),
        (round.records_responder <= caps.records_responder, Refusal::Size),
        (agreement.names_policy(policy.digest()), Refusal::Policy),
    ] {
        if !same {
            return Err(refusal);
        }
    }
    Ok(Admitted {
        bytes: checked.canonical_bytes().to_vec(),
        digest: *checked.digest(),
        policy: *policy.digest(),
        claims: caps.claims,
        matches: caps.matches,
        left_out_percent: caps.left_out_percent,
        urgent,
        suite: checked.suite(),
        own: *own,
        peer: *peer,
        role,
    })
}
