//! Base OT: the endemic OT of Masny and Rindal (eprint 2019/706) from Diffie-Hellman over ristretto255.
//!
//! Every instance has its own sender key, and round, direction, instance and branch enter both random oracles: naive
//! batching is insecure (eprint 2021/682).

use super::{BaseOt, BaseOtContext, BaseOtKey};
use crate::crypto::group::{ELEMENT_BYTES, Element, Scalar};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::suite::BASE_OTS;
use subtle::Choice;
use zeroize::{Zeroize, Zeroizing};

/// Endemic OT as the base OT of a suite.
#[derive(Clone, Copy, Debug)]
pub struct EndemicOt;

impl BaseOt for EndemicOt {
    fn offer(&self, randomness: &Prf) -> Vec<u8> {
        offer(randomness)
    }

    fn choose(
        &self,
        context: &BaseOtContext<'_>,
        randomness: &Prf,
        choices: u128,
        offer: &[u8],
    ) -> Result<(Vec<u8>, Vec<BaseOtKey>), Error> {
        choose(context, randomness, choices, offer)
    }

    fn accept(
        &self,
        context: &BaseOtContext<'_>,
        randomness: &Prf,
        answer: &[u8],
    ) -> Result<Vec<[BaseOtKey; 2]>, Error> {
        accept(context, randomness, answer)
    }
}

impl BaseOtContext<'_> {
    /// The random oracle to the group for branch `branch` of an instance, at the other branch's element.
    fn oracle(&self, instance: u8, branch: u8, other: &[u8; 32]) -> Element {
        let mut wide = [0; 64];
        Labelled::new(labels::BASE_OT_GROUP)
            .part(self.round)
            .part(&[self.direction as u8, instance, branch])
            .part(other)
            .fill(&mut wide);
        Element::from_uniform_bytes(&wide)
    }

    fn key(&self, instance: u8, branch: u8, sent: &[u8; 32], received: &[u8; 64], shared: &Element) -> BaseOtKey {
        let shared = Zeroizing::new(shared.encode());
        let parts: [&[u8]; 5] = [self.round, &[self.direction as u8, instance, branch], sent, received, &*shared];
        let full = Zeroizing::new(hash(labels::BASE_OT_KEY, &parts));
        let mut half = [0; 16];
        half.copy_from_slice(&full[..16]);
        BaseOtKey::new(half)
    }
}

fn secret_scalar(prf: &Prf, instance: u8, use_byte: u64) -> Scalar {
    let mut wide = prf.bytes::<64>(&[u64::from(instance), use_byte]);
    let scalar = Scalar::from_wide(&wide);
    wide.zeroize();
    scalar
}

/// The sender's elements A_i, 32 bytes each.
#[must_use]
pub fn offer(randomness: &Prf) -> Vec<u8> {
    (0..128).flat_map(|i| Element::base_mul(&secret_scalar(randomness, i, 0)).encode()).collect()
}

/// The receiver's answer to an offer, 64 bytes an instance, and the keys of its choices (bit i of `choices`).
///
/// # Errors
/// [`PeerFault::BadElement`] or [`PeerFault::Length`].
pub fn choose(
    context: &BaseOtContext<'_>,
    randomness: &Prf,
    choices: u128,
    offer: &[u8],
) -> Result<(Vec<u8>, Vec<BaseOtKey>), Error> {
    let offered = elements::<32>(offer)?;
    let mut answer = Vec::with_capacity(BASE_OTS * 64);
    let mut keys = Vec::with_capacity(BASE_OTS);
    for (i, sent) in (0u8..).zip(offered) {
        let a = decode(sent, usize::from(i))?;
        let bit = u8::from(choices >> i & 1 == 1);
        let choice = Choice::from(bit);
        let b = secret_scalar(randomness, i, 0);
        let other = Element::from_uniform_bytes(&randomness.bytes(&[u64::from(i), 1]));
        let own = Element::base_mul(&b).sub(&context.oracle(i, bit, &other.encode()));
        let mut received = [0; 64];
        received[..32].copy_from_slice(&Element::select(&own, &other, choice).encode());
        received[32..].copy_from_slice(&Element::select(&other, &own, choice).encode());
        answer.extend_from_slice(&received);
        keys.push(context.key(i, bit, sent, &received, &a.mul(&b)));
    }
    Ok((answer, keys))
}

/// The sender's two keys of every instance.
///
/// # Errors
/// [`PeerFault::BadElement`] or [`PeerFault::Length`].
pub fn accept(context: &BaseOtContext<'_>, randomness: &Prf, answer: &[u8]) -> Result<Vec<[BaseOtKey; 2]>, Error> {
    let answers = elements::<64>(answer)?;
    let mut keys = Vec::with_capacity(BASE_OTS);
    for (i, received) in (0u8..).zip(answers) {
        let a = secret_scalar(randomness, i, 0);
        let sent = Element::base_mul(&a).encode();
        let (halves, _) = received.as_chunks::<32>();
        let [zero, one] = halves else { return Err(Error::Internal("halves of an answer")) };
        let at = usize::from(i);
        let (r0, r1) = (decode(zero, at)?, decode(one, at)?);
        let b0 = r0.add(&context.oracle(i, 0, one));
        let b1 = r1.add(&context.oracle(i, 1, zero));
        keys.push([context.key(i, 0, &sent, received, &b0.mul(&a)), context.key(i, 1, &sent, received, &b1.mul(&a))]);
    }
    Ok(keys)
}

fn elements<const N: usize>(bytes: &[u8]) -> Result<&[[u8; N]], PeerFault> {
    match bytes.as_chunks::<N>() {
        (all, []) if all.len() == BASE_OTS => Ok(all),
        _ => Err(PeerFault::Length { expected: BASE_OTS * N, got: bytes.len() }),
    }
}

fn decode(bytes: &[u8; ELEMENT_BYTES], position: usize) -> Result<Element, PeerFault> {
    Element::decode(bytes).ok_or(PeerFault::BadElement { position })
}
