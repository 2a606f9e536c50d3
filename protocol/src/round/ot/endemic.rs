//! Base OT: the endemic OT of Masny and Rindal (eprint 2019/706) from Diffie-Hellman over ristretto255.
//!
//! The chooser answers before it sees an offer. Every instance has its own keys, and round, direction, instance and branch enter both random oracles: naive
//! batching is insecure (eprint 2021/682).

use super::{BaseOt, BaseOtContext, BaseOtKey, BaseOtMessages, Direction, bit_of};
use crate::crypto::group::{ELEMENT_BYTES, Element, Scalar};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::error::{Error, PeerFault};
use crate::labels;
use zeroize::{Zeroize, Zeroizing};

/// Endemic OT as the base OT of a suite.
#[derive(Clone, Copy, Debug)]
pub struct EndemicOt;

impl BaseOt for EndemicOt {
    fn answer(&self, context: &BaseOtContext<'_>, randomness: &Prf, choices: &[u8]) -> Vec<u8> {
        answer(context, randomness, choices)
    }

    fn check(&self, direction: Direction, answer: &[u8]) -> Result<(), PeerFault> {
        check(direction, answer)
    }

    fn offer(&self, direction: Direction, randomness: &Prf) -> Vec<u8> {
        offer(direction, randomness)
    }

    fn chosen(
        &self,
        context: &BaseOtContext<'_>,
        randomness: &Prf,
        choices: &[u8],
        sent: BaseOtMessages<'_>,
    ) -> Result<Vec<BaseOtKey>, Error> {
        chosen(context, randomness, choices, sent)
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

/// Bytes that name a branch of an instance.
const fn place(direction: Direction, instance: u16, branch: u8) -> [u8; 4] {
    let [high, low] = instance.to_be_bytes();
    [direction as u8, high, low, branch]
}

impl BaseOtContext<'_> {
    /// The random oracle to the group for branch `branch` of an instance, at the other branch's element.
    fn oracle(&self, instance: u16, branch: u8, other: &[u8; 32]) -> Element {
        let mut wide = [0; 64];
        Labelled::new(labels::BASE_OT_GROUP)
            .part(self.round.as_bytes())
            .part(&place(self.direction, instance, branch))
            .part(other)
            .fill(&mut wide);
        Element::from_uniform_bytes(&wide)
    }

    fn key(&self, instance: u16, branch: u8, offer: &[u8; 32], answer: &[u8; 64], shared: &Element) -> BaseOtKey {
        let shared = Zeroizing::new(shared.encode());
        let parts: [&[u8]; 5] =
            [self.round.as_bytes(), &place(self.direction, instance, branch), offer, answer, &*shared];
        let full = Zeroizing::new(hash(labels::BASE_OT_KEY, &parts));
        let mut half = [0; 16];
        half.copy_from_slice(&full[..16]);
        BaseOtKey::new(half)
    }
}

/// Numbers of the instances of a direction: below 2^16.
fn instances(direction: Direction) -> impl Iterator<Item = u16> {
    (0u16..).take(direction.instances())
}

fn secret_scalar(prf: &Prf, instance: u16, use_byte: u64) -> Scalar {
    let mut wide = prf.bytes::<64>(&[u64::from(instance), use_byte]);
    let scalar = Scalar::from_wide(&wide);
    wide.zeroize();
    scalar
}

/// The offerer's elements A_i, 32 bytes each.
#[must_use]
pub fn offer(direction: Direction, randomness: &Prf) -> Vec<u8> {
    instances(direction).flat_map(|i| Element::base_mul(&secret_scalar(randomness, i, 0)).encode()).collect()
}

/// The chooser's answer, 64 bytes an instance.
#[must_use]
pub fn answer(context: &BaseOtContext<'_>, randomness: &Prf, choices: &[u8]) -> Vec<u8> {
    let mut answer = Vec::with_capacity(context.direction.instances() * 64);
    for i in instances(context.direction) {
        let choice = bit_of(choices, i.into());
        let bit = choice.unwrap_u8();
        let b = secret_scalar(randomness, i, 0);
        let other = Element::from_uniform_bytes(&randomness.bytes(&[u64::from(i), 1]));
        let own = Element::base_mul(&b).sub(&context.oracle(i, bit, &other.encode()));
        answer.extend_from_slice(&Element::select(&own, &other, choice).encode());
        answer.extend_from_slice(&Element::select(&other, &own, choice).encode());
    }
    answer
}

/// Checks the elements of an answer.
///
/// # Errors
/// [`PeerFault::BadElement`] or [`PeerFault::Length`].
pub fn check(direction: Direction, answer: &[u8]) -> Result<(), PeerFault> {
    for (i, received) in elements::<64>(direction, answer)?.iter().enumerate() {
        for half in received.as_chunks::<32>().0 {
            decode(half, i)?;
        }
    }
    Ok(())
}

/// The keys of the choices ([`bit_of`] `choices`), once the offer is here.
///
/// # Errors
/// [`PeerFault::BadElement`] or [`PeerFault::Length`].
pub fn chosen(
    context: &BaseOtContext<'_>,
    randomness: &Prf,
    choices: &[u8],
    sent: BaseOtMessages<'_>,
) -> Result<Vec<BaseOtKey>, Error> {
    let direction = context.direction;
    let (answers, offers) = (elements::<64>(direction, sent.answer)?, elements::<32>(direction, sent.offer)?);
    let mut keys = Vec::with_capacity(answers.len());
    for ((i, answer), offer) in (0u16..).zip(answers).zip(offers) {
        let a = decode(offer, usize::from(i))?;
        let shared = a.mul(&secret_scalar(randomness, i, 0));
        keys.push(context.key(i, bit_of(choices, i.into()).unwrap_u8(), offer, answer, &shared));
    }
    Ok(keys)
}

/// The offerer's two keys of every instance.
///
/// # Errors
/// [`PeerFault::BadElement`] or [`PeerFault::Length`].
pub fn accept(context: &BaseOtContext<'_>, randomness: &Prf, answer: &[u8]) -> Result<Vec<[BaseOtKey; 2]>, Error> {
    let answers = elements::<64>(context.direction, answer)?;
    let mut keys = Vec::with_capacity(answers.len());
    for (i, received) in (0u16..).zip(answers) {
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

fn elements<const N: usize>(direction: Direction, bytes: &[u8]) -> Result<&[[u8; N]], PeerFault> {
    let expected = direction.instances();
    match bytes.as_chunks::<N>() {
        (all, []) if all.len() == expected => Ok(all),
        _ => Err(PeerFault::Length { expected: expected * N, got: bytes.len() }),
    }
}

fn decode(bytes: &[u8; ELEMENT_BYTES], position: usize) -> Result<Element, PeerFault> {
    Element::decode(bytes).ok_or(PeerFault::BadElement { position })
}
