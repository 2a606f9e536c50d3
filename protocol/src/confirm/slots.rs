//! The mathematics of all slots at once (spec section 18.4): encrypted answers, their blinded sums, shares.

use crate::crypto::dleq::{Evaluations, PROOF_BYTES, Proof, ScaledPair};
use crate::crypto::group::{ELEMENT_BYTES, Element, Scalar};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::error::PeerFault;
use crate::labels;
use subtle::Choice;
use zeroize::Zeroizing;

/// Bytes of an encrypted answer.
pub(super) const ANSWER_BYTES: usize = 2 * ELEMENT_BYTES;
/// Bytes of a blinded slot with its proof.
pub(super) const BLINDED_BYTES: usize = 2 * ELEMENT_BYTES + PROOF_BYTES;
/// Bytes of the salt of a set.
pub(super) const SALT_BYTES: usize = 32;

/// What the randomness of a run is used for: the first number of its points.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Key = 0,
    Encryption = 1,
    No = 2,
    Salt = 3,
    Blind = 4,
}

/// Two elements of a slot.
#[derive(Clone, Debug)]
pub(super) struct Two(pub(super) Element, pub(super) Element);

/// A party's randomness in a run. It is used for one attempt (V-CONFIRM-011).
#[derive(Debug)]
pub(super) struct Random {
    stream: Prf,
    nonces: Prf,
}

impl Random {
    pub(super) fn new(seed: &[u8; 32], run: &[u8; 32], role: u8) -> Self {
        let parts: [&[u8]; 3] = [seed, run, &[role]];
        Self { stream: Prf::derive(labels::CONFIRM_RANDOM, &parts), nonces: Prf::derive(labels::CONFIRM_NONCE, &parts) }
    }

    pub(super) fn key(&self) -> Scalar {
        Scalar::from_wide(&Zeroizing::new(self.stream.bytes(&[Use::Key as u64])))
    }

    fn salt(&self) -> [u8; SALT_BYTES] {
        self.stream.bytes(&[Use::Salt as u64])
    }

    fn scalar(&self, of: Use, slot: u32) -> Scalar {
        Scalar::from_wide(&Zeroizing::new(self.stream.bytes(&[of as u64, u64::from(slot)])))
    }

    #[cfg(test)]
    pub(super) fn secret_of_a_no(&self, slot: usize) -> Scalar {
        self.scalar(Use::No, u32::try_from(slot).unwrap_or(u32::MAX))
    }

    #[cfg(test)]
    pub(super) fn blind_of(&self, slot: usize) -> Scalar {
        self.scalar(Use::Blind, u32::try_from(slot).unwrap_or(u32::MAX))
    }

    pub(super) fn nonce(&self, digest: &[u8; 32]) -> Scalar {
        let mut wide = Zeroizing::new([0; 64]);
        self.nonces.fill_at(digest, wide.as_mut_slice());
        Scalar::from_wide(&wide)
    }
}

/// An element that is canonical and not the identity (V-CONFIRM-005).
pub(super) fn element(bytes: &[u8], position: usize) -> Result<Element, PeerFault> {
    let bytes = bytes.first_chunk().ok_or(PeerFault::Truncated)?;
    Element::decode(bytes).ok_or(PeerFault::BadElement { position })
}

/// A proof whose scalars are reduced.
pub(super) fn proof(bytes: &[u8]) -> Result<Proof, PeerFault> {
    Proof::decode(bytes.first_chunk().ok_or(PeerFault::Truncated)?).ok_or(PeerFault::BadScalar)
}

fn not_identity(element: Element, position: usize) -> Result<Element, PeerFault> {
    if element.is_identity() { Err(PeerFault::BadElement { position }) } else { Ok(element) }
}

fn numbers(slots: usize) -> impl Iterator<Item = u32> {
    (0..).take(slots)
}

/// The body of a set: salt and an encrypted answer a slot. It takes the same steps for a yes and a no.
pub(super) fn encrypt(random: &Random, joint: &Element, yes: &[bool], slots: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(SALT_BYTES + ANSWER_BYTES * slots);
    body.extend_from_slice(&random.salt());
    for (slot, at) in numbers(slots).zip(0..) {
        let r = random.scalar(Use::Encryption, slot);
        let zero = joint.mul(&r);
        let other = zero.add(&Element::base_mul(&random.scalar(Use::No, slot)));
        let is_yes = Choice::from(u8::from(yes.get(at).copied().unwrap_or(false)));
        body.extend_from_slice(&Element::base_mul(&r).encode());
        body.extend_from_slice(&Element::select(&other, &zero, is_yes).encode());
    }
    body
}

/// Commitment to a set.
pub(super) fn commit(id: &[u8; 32], role: u8, set: &[u8]) -> [u8; 32] {
    let (salt, answers) = set.split_at_checked(SALT_BYTES).unwrap_or((set, &[]));
    hash(labels::CONFIRM_COMMITMENT, &[id, &[role], salt, answers])
}

/// The sums of both sides' answers (V-CONFIRM-005).
pub(super) fn sums(own: &[u8], theirs: &[u8]) -> Result<Vec<Two>, PeerFault> {
    let own = own[SALT_BYTES..].chunks_exact(ANSWER_BYTES);
    let theirs = theirs[SALT_BYTES..].chunks_exact(ANSWER_BYTES);
    let one = |i: usize, own: &[u8], theirs: &[u8]| not_identity(element(theirs, i)?.add(&element(own, i)?), i);
    let both = |(i, (own, theirs)): (usize, (&[u8], &[u8]))| {
        Ok(Two(one(i, own, theirs)?, one(i, &own[ELEMENT_BYTES..], &theirs[ELEMENT_BYTES..])?))
    };
    own.zip(theirs).enumerate().map(both).collect()
}

fn scale_context(id: &[u8; 32], role: u8, slot: u32, from: &Two, to: &Two) -> [u8; 32] {
    let encoded = [&from.0, &to.0, &from.1, &to.1].map(Element::encode);
    let head = Labelled::new(labels::CONFIRM_SCALE).part(id).part(&[role]).part(&slot.to_be_bytes());
    encoded.iter().fold(head, |h, element| h.part(element)).finish()
}

/// The own blinded slots with their proofs.
pub(super) fn blind(random: &Random, id: &[u8; 32], role: u8, sums: &[Two]) -> Vec<u8> {
    let mut body = Vec::with_capacity(BLINDED_BYTES * sums.len());
    for (slot, from) in numbers(sums.len()).zip(sums) {
        let w = random.scalar(Use::Blind, slot);
        let to = Two(from.0.mul(&w), from.1.mul(&w));
        let context = scale_context(id, role, slot, from, &to);
        let claim = ScaledPair { from: [&from.0, &from.1], to: [&to.0, &to.1] };
        let proof = claim.prove(&w, &context, &random.nonce(&context));
        body.extend_from_slice(&to.0.encode());
        body.extend_from_slice(&to.1.encode());
        body.extend_from_slice(&proof.encode());
    }
    body
}

/// Checks the other's blinded slots (V-CONFIRM-008) and adds the own.
pub(super) fn blinded(id: &[u8; 32], role: u8, sums: &[Two], own: &[u8], theirs: &[u8]) -> Result<Vec<Two>, PeerFault> {
    let slots = own.chunks_exact(BLINDED_BYTES).zip(theirs.chunks_exact(BLINDED_BYTES));
    let mut both = Vec::with_capacity(sums.len());
    for ((i, from), (own, theirs)) in sums.iter().enumerate().zip(slots) {
        let to = Two(element(theirs, i)?, element(&theirs[ELEMENT_BYTES..], i)?);
        let proof = proof(&theirs[2 * ELEMENT_BYTES..])?;
        let slot = u32::try_from(i).unwrap_or(u32::MAX);
        let context = scale_context(id, role, slot, from, &to);
        let claim = ScaledPair { from: [&from.0, &from.1], to: [&to.0, &to.1] };
        if !claim.verify(&context, &proof) {
            return Err(PeerFault::BadProof { chunk: slot });
        }
        let first = not_identity(to.0.add(&element(own, i)?), i)?;
        both.push(Two(first, to.1.add(&element(&own[ELEMENT_BYTES..], i)?)));
    }
    Ok(both)
}

/// Who opens what: the digest that a share's proof is bound to.
fn share_digest(id: &[u8; 32], role: u8, public: &Element, blinded: &[Two], shares: &[u8]) -> [u8; 32] {
    let first: Vec<u8> = blinded.iter().flat_map(|two| two.0.encode()).collect();
    Labelled::new(labels::CONFIRM_SHARE)
        .part(id)
        .part(&[role])
        .part(&public.encode())
        .part(&first)
        .part(shares)
        .finish()
}

fn zeros(n: usize) -> Vec<Scalar> {
    vec![Scalar::from_wide(&[0; 64]); n]
}

/// A party's key in a run.
#[derive(Debug)]
pub(super) struct KeyPair {
    pub(super) secret: Scalar,
    pub(super) public: Element,
}

/// The own share of each slot, and the body of its frame.
pub(super) fn share(
    random: &Random,
    id: &[u8; 32],
    role: u8,
    key: &KeyPair,
    blinded: &[Two],
) -> (Vec<Element>, Vec<u8>) {
    let shares: Vec<Element> = blinded.iter().map(|two| two.0.mul(&key.secret)).collect();
    let mut body: Vec<u8> = shares.iter().flat_map(Element::encode).collect();
    let digest = share_digest(id, role, &key.public, blinded, &body);
    let first: Vec<Element> = blinded.iter().map(|two| two.0.clone()).collect();
    let all = Evaluations { blinded: &shares, evaluated: &first, tweaks: &zeros(first.len()) };
    let proof = all.prove(&key.secret, &key.public, &digest, &random.nonce(&digest));
    body.extend_from_slice(&proof.encode());
    (shares, body)
}

/// Checks the other's shares (V-CONFIRM-009).
pub(super) fn shares(
    id: &[u8; 32],
    role: u8,
    public: &Element,
    blinded: &[Two],
    body: &[u8],
) -> Result<Vec<Element>, PeerFault> {
    let (encoded, end) = body.split_last_chunk::<PROOF_BYTES>().ok_or(PeerFault::Truncated)?;
    let decoded = encoded.chunks_exact(ELEMENT_BYTES).enumerate().map(|(i, share)| element(share, i));
    let shares = decoded.collect::<Result<Vec<_>, _>>()?;
    let proof = proof(end)?;
    let digest = share_digest(id, role, public, blinded, encoded);
    let first: Vec<Element> = blinded.iter().map(|two| two.0.clone()).collect();
    let all = Evaluations { blinded: &shares, evaluated: &first, tweaks: &zeros(first.len()) };
    if all.verify(public, &digest, &proof) { Ok(shares) } else { Err(PeerFault::BadProof { chunk: 0 }) }
}

/// Which slots have two yeses.
pub(super) fn open(blinded: &[Two], own: &[Element], theirs: &[Element]) -> Vec<bool> {
    let opened = blinded.iter().zip(own.iter().zip(theirs));
    opened.map(|(two, (own, theirs))| two.1.sub(own).sub(theirs).is_identity()).collect()
}
