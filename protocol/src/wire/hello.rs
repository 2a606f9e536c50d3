//! The hello: received form and checked form (spec section 7.4).

use super::{FrameKind, frame};
use crate::agreement;
use crate::codec::{DecodeError, Reader, Writer};
use crate::error::{Error, Incompatible, PeerFault};
use crate::identity::PeerId;
use crate::limits;
use crate::policy;
use crate::suite::{CURRENT, Suite};

/// Version of the wire format.
pub const VERSION: u16 = 2;

/// Bytes of the head of the sender's audit log (spec section 7.5): size, root, signature, size cosigned last, and a
/// consistency proof of at most 64 hashes.
pub const HEAD_BYTES: usize = 8 + 32 + 64 + 8 + 1 + 64 * 32;

/// Role byte of the requester.
pub const REQUESTER: u8 = 1;
/// Role byte of the responder.
pub const RESPONDER: u8 = 2;

/// A hello as sent, or as received and not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Version of the wire format.
    pub version: u16,
    /// Cipher suite.
    pub suite: u16,
    /// Role byte.
    pub role: u8,
    /// Ed25519 public key of the sender.
    pub identity: [u8; 32],
    /// Fresh in every round, and with every change of the inputs.
    pub nonce: [u8; 32],
    /// Exporter of the connection.
    pub binding: [u8; 32],
    /// Canonical policy bytes.
    pub policy: Vec<u8>,
    /// Canonical agreement bytes; none in training.
    pub agreement: Vec<u8>,
    /// Head of the sender's audit log: what it holds is checked after everything else (`audit::LogHead`).
    pub log_head: Box<[u8; HEAD_BYTES]>,
}

/// A hello that fits ours.
#[derive(Clone, Debug)]
pub struct CheckedHello(());

impl Hello {
    /// The frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.policy.len() + self.agreement.len() + 128 + HEAD_BYTES);
        w.u16(self.version).u16(self.suite).u8(self.role);
        w.bytes(&self.identity).bytes(&self.nonce).bytes(&self.binding).vec16(&self.policy).vec16(&self.agreement);
        w.bytes(&*self.log_head);
        let mut out = frame(FrameKind::Hello, 0, 0);
        out.extend_from_slice(&w.finish());
        out
    }

    /// Reads the body of a frame. A hello of another version or of an unknown suite is read no further than that.
    ///
    /// # Errors
    /// A [`PeerFault`] if it is malformed; [`Incompatible::Version`], [`Incompatible::Suite`] if it is of another.
    pub fn decode(body: &[u8]) -> Result<Self, Error> {
        let mut r = Reader::new(body);
        let version = r.u16().map_err(PeerFault::from)?;
        // V-HELLO-001.
        if version != VERSION {
            return Err(Incompatible::Version { ours: VERSION, theirs: version }.into());
        }
        let suite = r.u16().map_err(PeerFault::from)?;
        // V-HELLO-002.
        if Suite::by_number(suite).is_none() {
            return Err(Incompatible::Suite { ours: CURRENT.number, theirs: suite }.into());
        }
        Ok(Self::decode_rest(version, suite, r).map_err(PeerFault::from)?)
    }

    fn decode_rest(version: u16, suite: u16, mut r: Reader<'_>) -> Result<Self, DecodeError> {
        let hello = Self {
            version,
            suite,
            role: r.u8()?,
            identity: r.array()?,
            nonce: r.array()?,
            binding: r.array()?,
            policy: r.vec16(limits::MAX_POLICY_BYTES, "policy")?.to_vec(),
            agreement: r.vec16(limits::MAX_AGREEMENT_BYTES, "agreement")?.to_vec(),
            log_head: Box::new(r.array()?),
        };
        r.finish()?;
        Ok(hello)
    }

    /// Compares the peer's hello with ours, field by field, but for the log head.
    ///
    /// # Errors
    /// [`Incompatible`] with the differing field, or a [`PeerFault`] for values that no honest peer sends.
    pub fn check(&self, ours: &Self, peer: PeerId) -> Result<CheckedHello, Error> {
        if self.suite != ours.suite {
            return Err(Incompatible::Suite { ours: ours.suite, theirs: self.suite }.into());
        }
        // V-HELLO-003.
        if self.identity != *peer.as_bytes() {
            return Err(PeerFault::BadField("identity").into());
        }
        // V-HELLO-004.
        match (self.role, ours.role) {
            (REQUESTER, REQUESTER) => return Err(Incompatible::Role("requester").into()),
            (RESPONDER, RESPONDER) => return Err(Incompatible::Role("responder").into()),
            (REQUESTER, RESPONDER) | (RESPONDER, REQUESTER) => {}
            _ => return Err(PeerFault::BadField("role").into()),
        }
        // V-HELLO-005.
        if self.nonce == ours.nonce {
            return Err(PeerFault::BadField("nonce").into());
        }
        // V-HELLO-006.
        if self.binding != ours.binding {
            return Err(Incompatible::ChannelBinding.into());
        }
        // V-HELLO-007.
        if self.policy != ours.policy {
            return Err(Incompatible::Policy { field: policy::first_difference(&ours.policy, &self.policy) }.into());
        }
        // V-HELLO-008.
        if self.agreement != ours.agreement {
            let field = agreement::first_difference(&ours.agreement, &self.agreement);
            return Err(Incompatible::Agreement { field }.into());
        }
        Ok(CheckedHello(()))
    }
}
