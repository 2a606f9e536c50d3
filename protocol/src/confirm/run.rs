//! A run as a state machine: the peer's frames in, own frames out (spec section 18.4).

use super::slots::{self, KeyPair, Random, Two};
use super::{Checked, RunConfig};
use crate::codec::Writer;
use crate::crypto::dleq::{PROOF_BYTES, prove_key, verify_key};
use crate::crypto::group::{ELEMENT_BYTES, Element};
use crate::crypto::hash::{Labelled, hash};
use crate::error::{Error, Misuse, PeerFault};
#[cfg(feature = "testkit")]
use crate::ids::AgreementDigest;
use crate::ids::Pseudonym;
use crate::labels;
use crate::policy::shape::Role;
use subtle::ConstantTimeEq;

/// Kinds of frames.
const HELLO: u8 = 1;
const COMMIT: u8 = 2;
const SET: u8 = 3;
const BLIND: u8 = 4;
const SHARE: u8 = 5;
const RECEIPT: u8 = 6;

const SIGNATURE_BYTES: usize = 64;

/// What a run gives, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutput {
    /// A frame for the peer.
    Send(Vec<u8>),
    /// The items to which both sides said yes. They must be durable before what follows is sent (V-CONFIRM-010).
    Confirmed(Vec<Pseudonym>),
    /// The peer has signed the run too: it is over.
    Receipt(RunReceipt),
}

/// What both sides signed of a run. Nothing in it depends on what was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReceipt {
    /// Canonical bytes of what the run was about.
    pub statement: Vec<u8>,
    /// Id of the run.
    pub id: [u8; 32],
    /// Transcript hash.
    pub transcript: [u8; 32],
    /// Signature of the requester.
    pub by_requester: [u8; 64],
    /// Signature of the responder.
    pub by_responder: [u8; 64],
}

/// What is known once both keys are.
#[derive(Debug)]
struct Joint {
    id: [u8; 32],
    theirs: Element,
    /// NoticeBody of the own set.
    set: Vec<u8>,
}

/// What the next frame is, with what it is judged by.
#[derive(Debug)]
enum Next {
    Hello,
    Commit(Joint),
    Set(Joint, [u8; 32]),
    Blind(Joint, Vec<Two>),
    Share(Joint, Vec<Two>, Option<Vec<Element>>),
    Receipt { id: [u8; 32], transcript: [u8; 32], own: [u8; 64] },
    Over,
}

/// One side of a run of mutual confirmation.
#[derive(Debug)]
pub struct Run {
    about: Checked,
    /// Digest of the statement.
    digest: [u8; 32],
    random: Random,
    key: KeyPair,
    sent: Vec<Vec<u8>>,
    got: Vec<Vec<u8>>,
    next: Next,
}

impl Run {
    /// Begins a run; the output is the hello.
    ///
    /// # Errors
    /// A [`crate::error::Refusal`] if the agreement does not admit the round or the round was not mutual, and
    /// [`Misuse::TooManyRecords`] for items that do not fit.
    pub fn new(config: RunConfig) -> Result<(Self, Vec<RunOutput>), Error> {
        Ok(Self::begin(config.check()?))
    }

    /// Begins a run under an agreement of which there is only the digest: for vectors.
    ///
    /// # Errors
    /// As [`Run::new`].
    #[cfg(feature = "testkit")]
    pub fn under(config: RunConfig, agreement: AgreementDigest) -> Result<(Self, Vec<RunOutput>), Error> {
        let mut about = config.check()?;
        about.statement.agreement = Some(agreement);
        Ok(Self::begin(about))
    }

    fn begin(about: Checked) -> (Self, Vec<RunOutput>) {
        let digest = about.statement.digest();
        let random = Random::new(about.seed.expose(), &digest, about.role.code());
        let secret = random.key();
        let key = KeyPair { public: Element::base_mul(&secret), secret };
        let mut run = Self { about, digest, random, key, sent: Vec::new(), got: Vec::new(), next: Next::Hello };
        let context = run.key_context(run.about.role);
        let proof = prove_key(&run.key.secret, &run.key.public, &context, &run.random.nonce(&context));
        let hello = run.send(HELLO, &[&digest[..], &run.key.public.encode(), &proof.encode()].concat());
        (run, vec![hello])
    }

    /// Takes the peer's next frame. After an error the run is over.
    ///
    /// # Errors
    /// A [`PeerFault`]; [`Misuse::SessionOver`] if it was over before.
    pub fn receive(&mut self, frame: &[u8]) -> Result<Vec<RunOutput>, Error> {
        let next = core::mem::replace(&mut self.next, Next::Over);
        let kind = match next {
            Next::Hello => HELLO,
            Next::Commit(..) => COMMIT,
            Next::Set(..) => SET,
            Next::Blind(..) => BLIND,
            Next::Share(..) => SHARE,
            Next::Receipt { .. } => RECEIPT,
            Next::Over => return Err(Misuse::SessionOver.into()),
        };
        let body = self.body(kind, frame)?;
        self.got.push(frame.to_vec());
        match next {
            Next::Hello => self.on_hello(body),
            Next::Commit(joint) => self.on_commit(joint, body),
            Next::Set(joint, commitment) => self.on_set(joint, &commitment, body),
            Next::Blind(joint, sums) => self.on_blind(joint, &sums, body),
            Next::Share(joint, blinded, own) => self.on_share(joint, &blinded, own, body),
            Next::Receipt { id, transcript, own } => self.on_receipt(id, transcript, own, body),
            Next::Over => Err(Misuse::SessionOver.into()),
        }
    }

    /// Whether the peer had everything to open the result when the run stopped, and this side did not get it: the
    /// operator is told (18.5).
    #[must_use]
    pub fn peer_can_open_alone(&self) -> bool {
        let [ours, theirs] = [&self.sent, &self.got].map(|frames| frames.iter().any(|f| f.first() == Some(&SHARE)));
        ours && !theirs
    }

    /// Id of the run, once both hellos are here.
    #[must_use]
    pub fn id(&self) -> Option<[u8; 32]> {
        match &self.next {
            Next::Commit(joint) | Next::Set(joint, _) | Next::Blind(joint, _) | Next::Share(joint, ..) => {
                Some(joint.id)
            }
            Next::Receipt { id, .. } => Some(*id),
            Next::Hello | Next::Over => None,
        }
    }

    /// Whether this side has sent its share: then the number of the run is used up (V-CONFIRM-016).
    #[must_use]
    pub fn has_sent_share(&self) -> bool {
        self.sent.iter().any(|frame| frame.first() == Some(&SHARE))
    }

    /// Length of the next frame of the peer, at most: what a carrier reads without allocating more (V-FRAME-002).
    #[must_use]
    pub fn expects(&self) -> usize {
        [HELLO, COMMIT, SET, BLIND, SHARE, RECEIPT].map(|kind| self.length(kind)).into_iter().max().unwrap_or(0)
    }

    /// The signed promise of the peer: what shows afterwards that it had all it needed (18.5).
    #[must_use]
    pub fn promise_of_peer(&self) -> Option<&[u8]> {
        self.got.iter().find(|frame| frame.first() == Some(&BLIND)).map(Vec::as_slice)
    }

    fn slots(&self) -> usize {
        usize::try_from(self.about.statement.slots).unwrap_or(usize::MAX)
    }

    /// Length of a frame of this kind: it follows from the number of slots alone (V-CONFIRM-004).
    fn length(&self, kind: u8) -> usize {
        let n = self.slots();
        1 + match kind {
            HELLO => 32 + ELEMENT_BYTES + PROOF_BYTES,
            COMMIT => 32,
            SET => slots::SALT_BYTES + slots::ANSWER_BYTES * n,
            BLIND => slots::BLINDED_BYTES * n + SIGNATURE_BYTES,
            SHARE => ELEMENT_BYTES * n + PROOF_BYTES,
            _ => 32 + SIGNATURE_BYTES,
        }
    }

    /// The body of a frame, if kind and length are those that come next (V-CONFIRM-005).
    fn body<'a>(&self, kind: u8, frame: &'a [u8]) -> Result<&'a [u8], PeerFault> {
        let (got, body) = frame.split_first().ok_or(PeerFault::Truncated)?;
        if *got != kind {
            return Err(PeerFault::Unexpected { got: *got, index: u32::from(kind) - 1 });
        }
        let expected = self.length(kind);
        if frame.len() != expected {
            return Err(PeerFault::Length { expected, got: frame.len() });
        }
        Ok(body)
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> RunOutput {
        let mut frame = Writer::with_capacity(1 + body.len());
        frame.u8(kind).bytes(body);
        let frame = frame.finish();
        self.sent.push(frame.clone());
        RunOutput::Send(frame)
    }

    fn key_context(&self, role: Role) -> [u8; 32] {
        hash(labels::CONFIRM_KEY, &[&self.digest, &[role.code()]])
    }

    fn peer_role(&self) -> Role {
        match self.about.role {
            Role::Requester => Role::Responder,
            Role::Responder => Role::Requester,
        }
    }

    /// The requester's and the responder's of two things, own and the peer's.
    fn ordered<'a, T: ?Sized>(&self, own: &'a T, theirs: &'a T) -> [&'a T; 2] {
        match self.about.role {
            Role::Requester => [own, theirs],
            Role::Responder => [theirs, own],
        }
    }

    fn on_hello(&mut self, body: &[u8]) -> Result<Vec<RunOutput>, Error> {
        // V-CONFIRM-003.
        if !bool::from(body[..32].ct_eq(&self.digest)) {
            return Err(PeerFault::HistoryMismatch.into());
        }
        let theirs = slots::element(&body[32..], 0)?;
        let proof = slots::proof(&body[32 + ELEMENT_BYTES..])?;
        // V-CONFIRM-006.
        if !verify_key(&theirs, &self.key_context(self.peer_role()), &proof) {
            return Err(PeerFault::BadProof { chunk: 0 }.into());
        }
        let joint = self.key.public.add(&theirs);
        if joint.is_identity() {
            return Err(PeerFault::BadElement { position: 0 }.into());
        }
        let id = hash(labels::CONFIRM_ID, &self.ordered(&self.sent[0][..], &self.got[0][..]));
        let yes: Vec<bool> = self.about.items.iter().map(|(_, yes)| *yes).collect();
        let set = slots::encrypt(&self.random, &joint, &yes, self.slots());
        let commitment = slots::commit(&id, self.about.role.code(), &set);
        let commit = self.send(COMMIT, &commitment);
        self.next = Next::Commit(Joint { id, theirs, set });
        Ok(vec![commit])
    }

    fn on_commit(&mut self, joint: Joint, body: &[u8]) -> Result<Vec<RunOutput>, Error> {
        let commitment = *body.first_chunk().ok_or(PeerFault::Truncated)?;
        // V-CONFIRM-007: only now.
        let set = self.send(SET, &joint.set);
        self.next = Next::Set(joint, commitment);
        Ok(vec![set])
    }

    fn on_set(&mut self, joint: Joint, commitment: &[u8; 32], body: &[u8]) -> Result<Vec<RunOutput>, Error> {
        // V-CONFIRM-007.
        let made = slots::commit(&joint.id, self.peer_role().code(), body);
        if !bool::from(made.ct_eq(commitment)) {
            return Err(PeerFault::BrokenCommitment { chunk: 0 }.into());
        }
        let sums = slots::sums(&joint.set, body)?;
        let mut blind = slots::blind(&self.random, &joint.id, self.about.role.code(), &sums);
        let promise = self.promise(&joint.id, self.about.role, &blind);
        blind.extend_from_slice(&self.about.identity.sign(&promise));
        let blind = self.send(BLIND, &blind);
        self.next = Next::Blind(joint, sums);
        Ok(vec![blind])
    }

    /// What a party signs before the shares.
    fn promise(&self, id: &[u8; 32], role: Role, blinded: &[u8]) -> [u8; 32] {
        let [requester, responder] = self.ordered(&self.sent[2][..], &self.got[2][..]);
        hash(labels::CONFIRM_PROMISE, &[id, &[role.code()], requester, responder, blinded])
    }

    fn on_blind(&mut self, joint: Joint, sums: &[Two], body: &[u8]) -> Result<Vec<RunOutput>, Error> {
        let (theirs, signature) = body.split_last_chunk().ok_or(PeerFault::Truncated)?;
        let (kind_and_own, _) = self.sent[3].split_last_chunk::<SIGNATURE_BYTES>().ok_or(PeerFault::Truncated)?;
        let blinded = slots::blinded(&joint.id, self.peer_role().code(), sums, &kind_and_own[1..], theirs)?;
        self.about.peer.verify(&self.promise(&joint.id, self.peer_role(), theirs), signature)?;
        // V-CONFIRM-008: a share leaves only now. Who moves first changes from run to run.
        let first = self.about.statement.number.is_multiple_of(2) == (self.about.role == Role::Requester);
        let (mut out, mut own) = (Vec::new(), None);
        if first {
            let (shares, body) = self.share(&joint.id, &blinded);
            out.push(self.send(SHARE, &body));
            own = Some(shares);
        }
        self.next = Next::Share(joint, blinded, own);
        Ok(out)
    }

    fn share(&self, id: &[u8; 32], blinded: &[Two]) -> (Vec<Element>, Vec<u8>) {
        slots::share(&self.random, id, self.about.role.code(), &self.key, blinded)
    }

    fn on_share(
        &mut self,
        joint: Joint,
        blinded: &[Two],
        own: Option<Vec<Element>>,
        body: &[u8],
    ) -> Result<Vec<RunOutput>, Error> {
        let theirs = slots::shares(&joint.id, self.peer_role().code(), &joint.theirs, blinded, body)?;
        let mut out = Vec::new();
        let own = match own {
            Some(own) => own,
            None => {
                let (shares, body) = self.share(&joint.id, blinded);
                out.push(self.send(SHARE, &body));
                shares
            }
        };
        let opened = slots::open(blinded, &own, &theirs);
        let mut confirmed = Vec::new();
        for (slot, _) in opened.iter().enumerate().filter(|(_, opened)| **opened) {
            match self.about.items.get(slot) {
                Some((item, true)) => confirmed.push(*item),
                // V-CONFIRM-009.
                _ => return Err(PeerFault::BadField("confirmed").into()),
            }
        }
        let transcript = self.transcript();
        let signature = self.about.identity.sign(&self.receipt_text(&joint.id, &transcript));
        out.push(RunOutput::Confirmed(confirmed));
        out.push(self.send(RECEIPT, &[&transcript[..], &signature].concat()));
        self.next = Next::Receipt { id: joint.id, transcript, own: signature };
        Ok(out)
    }

    fn transcript(&self) -> [u8; 32] {
        let frames = self.sent.iter().zip(&self.got);
        let all = frames.flat_map(|(own, theirs)| self.ordered(&own[..], &theirs[..]));
        all.fold(Labelled::new(labels::CONFIRM_TRANSCRIPT), Labelled::part).finish()
    }

    fn receipt_text(&self, id: &[u8; 32], transcript: &[u8; 32]) -> [u8; 32] {
        hash(labels::CONFIRM_RECEIPT, &[&self.about.statement.encode(), id, transcript])
    }

    /// V-CONFIRM-010.
    fn on_receipt(
        &mut self,
        id: [u8; 32],
        transcript: [u8; 32],
        own: [u8; 64],
        body: &[u8],
    ) -> Result<Vec<RunOutput>, Error> {
        let (theirs, signature) = body.split_last_chunk::<SIGNATURE_BYTES>().ok_or(PeerFault::Truncated)?;
        if !bool::from(theirs.ct_eq(&transcript)) {
            return Err(PeerFault::TranscriptMismatch.into());
        }
        self.about.peer.verify(&self.receipt_text(&id, &transcript), signature)?;
        let [by_requester, by_responder] = self.ordered(&own, signature).map(|s| *s);
        let statement = self.about.statement.encode();
        Ok(vec![RunOutput::Receipt(RunReceipt { statement, id, transcript, by_requester, by_responder })])
    }
}
