//! The bytes of evidence (spec 16.1, 16.2): a header, entries, a receipt.

use crate::codec::{Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::{EvidenceFault, PeerFault, Place};
use crate::identity::PeerId;
use crate::ids::FrameDigest;
use crate::policy::shape::Role;
use crate::receipt::RECEIPT_BYTES;
use crate::round::commitment::Commitment;
use crate::suite::{CURRENT, Suite};
use crate::transcript::{Chain, frame_digest};
use crate::wire::body::CommitBody;
use crate::wire::hello::{HEAD_BYTES, Hello, VERSION};
use crate::{labels, limits};

/// First bytes.
pub(super) const MAGIC: &[u8; 21] = b"blindlink-evidence/2\n";
/// A frame that this side sent, by its digest. No two of the three kinds differ in one bit only.
pub(super) const SENT: u8 = 1;
/// A frame that it received.
pub(super) const RECEIVED: u8 = 2;
/// The receipt, after the last entry.
pub(super) const RECEIPT: u8 = 4;

/// Bytes in order, such as a file's. A node reads large evidence piece by piece.
pub trait EvidenceReader {
    /// The next `n` bytes; fewer only where the source ends.
    fn take(&mut self, n: usize) -> Vec<u8>;
}

impl<S: EvidenceReader + ?Sized> EvidenceReader for &mut S {
    fn take(&mut self, n: usize) -> Vec<u8> {
        (**self).take(n)
    }
}

impl EvidenceReader for &[u8] {
    fn take(&mut self, n: usize) -> Vec<u8> {
        let (head, rest) = self.split_at(n.min(self.len()));
        *self = rest;
        head.to_vec()
    }
}

/// What was fixed before the first frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceHeader {
    /// The side whose evidence it is.
    pub role: Role,
    /// The suite of the round.
    pub suite: &'static Suite,
    /// Its identity.
    pub own: PeerId,
    /// Its peer's.
    pub peer: PeerId,
    /// Nonce of its hello.
    pub nonce: [u8; 32],
    /// Channel binding of its hello.
    pub binding: [u8; 32],
    /// Its commitment to its seed.
    pub seed_commitment: [u8; 32],
    /// Its commitment to its records.
    pub root: [u8; 32],
    /// Head of its audit log that its hello showed.
    pub log_head: Box<[u8; HEAD_BYTES]>,
    /// Canonical policy bytes.
    pub policy: Vec<u8>,
    /// Canonical agreement bytes; none in training.
    pub agreement: Vec<u8>,
}

impl EvidenceHeader {
    /// Of a round in which `own` has made this commitment and shown this head of its audit log.
    #[must_use]
    pub fn new(
        role: Role,
        [own, peer]: [PeerId; 2],
        commitment: &Commitment,
        binding: [u8; 32],
        log_head: Box<[u8; HEAD_BYTES]>,
    ) -> Self {
        let Commitment { seed, root, nonce } = *commitment;
        let (policy, agreement) = (vec![], vec![]);
        Self {
            role,
            suite: CURRENT,
            own,
            peer,
            nonce,
            binding,
            seed_commitment: seed,
            root,
            log_head,
            policy,
            agreement,
        }
    }

    /// The same of another suite than the one that this release computes in training.
    #[must_use]
    pub const fn of_suite(mut self, suite: &'static Suite) -> Self {
        self.suite = suite;
        self
    }

    /// The same with canonical policy and agreement bytes.
    #[must_use]
    pub fn under(mut self, policy: &[u8], agreement: &[u8]) -> Self {
        (self.policy, self.agreement) = (policy.to_vec(), agreement.to_vec());
        self
    }

    /// The hello that this side sent.
    #[must_use]
    pub fn hello(&self) -> Hello {
        Hello {
            version: VERSION,
            suite: self.suite.number,
            role: self.role.code(),
            identity: *self.own.as_bytes(),
            nonce: self.nonce,
            binding: self.binding,
            policy: self.policy.clone(),
            agreement: self.agreement.clone(),
            log_head: self.log_head.clone(),
        }
    }

    /// The commitment that it sent.
    #[must_use]
    pub const fn commit(&self) -> CommitBody {
        CommitBody { seed: self.seed_commitment, root: self.root }
    }

    /// Canonical bytes, digest included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.bytes(MAGIC)
            .u8(self.role.code())
            .u16(self.suite.number)
            .bytes(self.own.as_bytes())
            .bytes(self.peer.as_bytes());
        w.bytes(&self.nonce).bytes(&self.binding).bytes(&self.seed_commitment).bytes(&self.root).bytes(&*self.log_head);
        w.vec16(&self.policy).vec16(&self.agreement);
        let mut bytes = w.finish();
        let digest = hash(labels::EVIDENCE_HEADER, &[&bytes]);
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// Reads a header: bounded, and then checked against its digest before anything is made of it (V-EVIDENCE-001).
    pub(super) fn read(source: &mut impl EvidenceReader) -> Result<Self, EvidenceFault> {
        const FIXED: usize = MAGIC.len() + 1 + 2 + 6 * 32 + HEAD_BYTES;
        let odd = |what| EvidenceFault::Format { at: Place::Header, what };
        let mut bytes = source.take(FIXED);
        if bytes.len() < FIXED {
            return Err(odd("length"));
        }
        if !bytes.starts_with(MAGIC) {
            return Err(odd("format"));
        }
        for (what, max) in [("policy", limits::MAX_POLICY_BYTES), ("agreement", limits::MAX_AGREEMENT_BYTES)] {
            let length = source.take(2);
            let Ok(n) = <[u8; 2]>::try_from(length.as_slice()) else { return Err(odd("length")) };
            let n = usize::from(u16::from_be_bytes(n));
            if n > max {
                return Err(odd(what));
            }
            let part = source.take(n);
            if part.len() < n {
                return Err(odd("length"));
            }
            bytes.extend_from_slice(&length);
            bytes.extend_from_slice(&part);
        }
        if source.take(32) != hash(labels::EVIDENCE_HEADER, &[&bytes]) {
            return Err(EvidenceFault::Header);
        }
        let fields = bytes.get(MAGIC.len()..).unwrap_or_default();
        Self::parse(fields).map_err(|fault| match fault {
            PeerFault::BadField(what) => odd(what),
            _ => odd("length"),
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, PeerFault> {
        let mut r = Reader::new(bytes);
        let header = Self {
            role: Role::from_code(r.u8()?).ok_or(PeerFault::BadField("role"))?,
            suite: Suite::by_number(r.u16()?).ok_or(PeerFault::BadField("suite"))?,
            own: PeerId::from_bytes(r.array()?)?,
            peer: PeerId::from_bytes(r.array()?)?,
            nonce: r.array()?,
            binding: r.array()?,
            seed_commitment: r.array()?,
            root: r.array()?,
            log_head: Box::new(r.array()?),
            policy: r.vec16(limits::MAX_POLICY_BYTES, "policy")?.to_vec(),
            agreement: r.vec16(limits::MAX_AGREEMENT_BYTES, "agreement")?.to_vec(),
        };
        r.finish()?;
        Ok(header)
    }
}

/// An entry as read; nothing of it is checked but its bounds.
pub(super) enum EvidenceEntry {
    Sent { digest: FrameDigest, chain: [u8; 32] },
    Received { frame: Vec<u8>, chain: [u8; 32] },
    Receipt(Vec<u8>),
}

impl EvidenceEntry {
    /// Reads entry number `number`; `None` where the evidence ends. A received frame has at most `max` bytes.
    pub(super) fn read(
        source: &mut impl EvidenceReader,
        number: u64,
        max: usize,
    ) -> Result<Option<Self>, EvidenceFault> {
        let at = Place::Entry(number);
        let cut = EvidenceFault::Format { at, what: "length" };
        let array = |source: &mut dyn FnMut(usize) -> Vec<u8>| <[u8; 32]>::try_from(source(32)).ok();
        let mut take = |n| source.take(n);
        match take(1).first() {
            None => Ok(None),
            Some(&SENT) => {
                let (Some(digest), Some(chain)) = (array(&mut take), array(&mut take)) else { return Err(cut) };
                Ok(Some(Self::Sent { digest: FrameDigest::from_bytes(digest), chain }))
            }
            Some(&RECEIVED) => {
                let Ok(length) = <[u8; 4]>::try_from(take(4)) else { return Err(cut) };
                let length = u32::from_be_bytes(length) as usize;
                if length > max {
                    return Err(EvidenceFault::Schedule { entry: number });
                }
                let frame = take(length);
                let chain = array(&mut take).filter(|_| frame.len() == length).ok_or(cut)?;
                Ok(Some(Self::Received { frame, chain }))
            }
            Some(&RECEIPT) => {
                let receipt = take(RECEIPT_BYTES);
                if receipt.len() < RECEIPT_BYTES {
                    return Err(EvidenceFault::Format { at: Place::Receipt, what: "length" });
                }
                if !take(1).is_empty() {
                    return Err(EvidenceFault::Format { at: Place::End, what: "length" });
                }
                Ok(Some(Self::Receipt(receipt)))
            }
            Some(_) => Err(EvidenceFault::Format { at, what: "kind" }),
        }
    }
}

/// Writes evidence piece by piece: the header's bytes, then those that each call gives.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    sent: Chain,
    received: Chain,
}

impl Recorder {
    /// An entry for a frame that was sent, by its digest.
    pub fn sent(&mut self, digest: &FrameDigest) -> Vec<u8> {
        self.sent.push(digest);
        [&[SENT][..], digest.as_bytes(), self.sent.value()].concat()
    }

    /// An entry for a frame that was received.
    pub fn received(&mut self, frame: &[u8]) -> Vec<u8> {
        self.received.push(&frame_digest(frame));
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX); // at most MAX_FRAME
        [&[RECEIVED][..], &length.to_be_bytes(), frame, self.received.value()].concat()
    }

    /// The end of a finished round's evidence.
    #[must_use]
    pub fn receipt(self, receipt: &[u8]) -> Vec<u8> {
        [&[RECEIPT][..], receipt].concat()
    }
}
