//! Mutual confirmation (spec chapter 18): two sides find the pairs to which both say yes, and neither learns of a no.
//!
//! A [`Run`] takes the peer's frames and gives its own; it does no I/O, and its seed is an argument. What crosses is
//! the same for any bits: sizes follow from the number of slots alone (V-CONFIRM-004). When a run takes place is for
//! the node: at the agreed times, whether anything was decided or not. [`notice`] is what may be sent afterwards about
//! a confirmed pair.

pub mod line;
pub mod notice;
mod run;
mod slots;

#[cfg(test)]
mod tests;

use crate::ids::{AgreementDigest, PolicyDigest, Pseudonym, RoundId};
pub use run::{Run, RunOutput, RunReceipt};

use crate::agreement::Basis;
use crate::codec::Writer;
use crate::crypto::hash::{Labelled, hash};
use crate::error::{Error, Misuse, Refusal};
use crate::identity::{IdentityKey, PeerId};
use crate::labels;
use crate::policy::shape::{OutputMode, Role};
use crate::secret::Seed;
use core::fmt;

/// Greatest number of slots.
pub const MOST_SLOTS: u32 = 1 << 16;

/// Everything that a party brings to a run.
pub struct RunConfig {
    /// The agreement that admitted the round and is in force now.
    pub basis: Basis,
    /// Digest of the round's policy.
    pub policy: PolicyDigest,
    /// What the round gave to the responder.
    pub output: OutputMode,
    /// The round's id.
    pub round: RoundId,
    /// Number of the run, from 0.
    pub number: u32,
    /// Entries of the round's claims message.
    pub slots: u32,
    /// The pseudonyms that were claimed, each with this side's yes.
    pub items: Vec<(Pseudonym, bool)>,
    /// Own role in the round.
    pub role: Role,
    /// Own identity.
    pub identity: IdentityKey,
    /// The pinned peer.
    pub peer: PeerId,
    /// Fresh random bytes for this attempt (V-CONFIRM-011).
    pub seed: Seed,
}

impl fmt::Debug for RunConfig {
    /// Without the judgements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunConfig").field("number", &self.number).field("slots", &self.slots).finish_non_exhaustive()
    }
}

/// What a run is about (spec section 18.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// None in training.
    agreement: Option<AgreementDigest>,
    round: RoundId,
    requester: PeerId,
    responder: PeerId,
    number: u32,
    slots: u32,
    items: [u8; 32],
}

impl Statement {
    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(169);
        w.u8(1).bytes(&AgreementDigest::or_zeros(self.agreement)).bytes(self.round.as_bytes());
        w.bytes(self.requester.as_bytes()).bytes(self.responder.as_bytes());
        w.u32(self.number).u32(self.slots).bytes(&self.items);
        w.finish()
    }

    fn digest(&self) -> [u8; 32] {
        hash(labels::CONFIRM_RUN, &[&self.encode()])
    }
}

/// A config that was checked: items are sorted and distinct, and fit into the slots.
pub(crate) struct Checked {
    statement: Statement,
    items: Vec<(Pseudonym, bool)>,
    role: Role,
    identity: IdentityKey,
    peer: PeerId,
    seed: Seed,
}

impl fmt::Debug for Checked {
    /// Without the judgements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked").field("statement", &self.statement).finish_non_exhaustive()
    }
}

impl RunConfig {
    fn check(self) -> Result<Checked, Error> {
        let Self { basis, policy, output, round, number, slots, mut items, role, identity, peer, seed } = self;
        let own = identity.id();
        // V-CONFIRM-012.
        if let Basis::Agreement(admitted) = &basis {
            admitted.covers(&own, &peer, role, &policy)?;
        }
        // V-CONFIRM-001.
        if output != OutputMode::Mutual {
            return Err(Refusal::Output.into());
        }
        items.sort_unstable();
        let distinct = items.windows(2).all(|two| two[0].0 != two[1].0);
        let most = usize::try_from(slots.min(MOST_SLOTS)).unwrap_or(usize::MAX);
        // V-CONFIRM-002.
        if items.len() > most || slots > MOST_SLOTS || !distinct {
            return Err(Misuse::TooManyRecords { got: items.len(), max: most }.into());
        }
        let (requester, responder) = match role {
            Role::Requester => (own, peer),
            Role::Responder => (peer, own),
        };
        let joined: Vec<u8> = items.iter().flat_map(|(item, _)| *item.as_bytes()).collect();
        let digest = Labelled::new(labels::CONFIRM_ITEMS).part(&joined).finish();
        let agreement = basis.digest();
        let statement = Statement { agreement, round, requester, responder, number, slots, items: digest };
        Ok(Checked { statement, items, role, identity, peer, seed })
    }
}
