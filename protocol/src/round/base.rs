//! What both sides do alike with base OTs and trees: one chooses and later sends in the extension, the other offers and
//! later receives (spec section 8.5).

use super::commitment::{Randomness, RoundContext};
use super::ot::{BaseOtContext, BaseOtKey, BaseOtMessages, Direction, OtReceiver, OtSender, base_ot, ot_extension};
use crate::crypto::hash::Prf;
use crate::error::Error;
use crate::labels;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The chooser of one direction between its answer and the other side's offer.
#[derive(Clone)]
pub(super) struct Chooser {
    direction: Direction,
    randomness: Prf,
    delta: Zeroizing<Vec<u8>>,
    answer: Vec<u8>,
}

impl core::fmt::Debug for Chooser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Chooser(..)")
    }
}

/// The choices behind a Delta: its complement.
fn choices(delta: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(delta.iter().map(|byte| !byte).collect())
}

impl Chooser {
    /// Draws Delta and answers, before any offer is here (V-OT-005). `context` is what the randomness depends on besides
    /// the round and the own inputs.
    pub(super) fn new(round: &RoundContext, random: &Randomness, direction: Direction, context: &[&[u8]]) -> Self {
        let randomness = base_randomness(random, b"choose", direction, context);
        let mut delta = Zeroizing::new(vec![0; direction.instances().div_ceil(8)]);
        randomness.fill(&[u64::MAX], &mut delta);
        if let (Direction::Shares, Some(first)) = (direction, delta.first_mut()) {
            // The colour that tells the two labels of a wire apart.
            *first |= 1;
        }
        let base = BaseOtContext { round: &round.id, direction };
        let answer = base_ot(round.plan.suite).answer(&base, &randomness, &choices(&delta));
        Self { direction, randomness, delta, answer }
    }

    /// The answer.
    pub(super) fn answer(&self) -> &[u8] {
        &self.answer
    }

    /// Delta: as many bits as there are base OTs.
    pub(super) fn delta(&self) -> &[u8] {
        &self.delta
    }

    /// The keys that open the other side's trees, with its offer.
    ///
    /// # Errors
    /// Faults of the peer.
    pub(super) fn keys(&self, round: &RoundContext, offer: &[u8]) -> Result<Vec<BaseOtKey>, Error> {
        let context = BaseOtContext { round: &round.id, direction: self.direction };
        let sent = BaseOtMessages { answer: &self.answer, offer };
        base_ot(round.plan.suite).chosen(&context, &self.randomness, &choices(&self.delta), sent)
    }

    /// Opens the other side's trees with its offer: the sender of the extension.
    ///
    /// # Errors
    /// Faults of the peer.
    pub(super) fn open(&self, round: &RoundContext, offer: &[u8], trees: &[u8]) -> Result<Arc<dyn OtSender>, Error> {
        let context = BaseOtContext { round: &round.id, direction: self.direction };
        let sent = BaseOtMessages { answer: &self.answer, offer };
        let delta = Zeroizing::new(self.delta.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes)));
        let keys = self.keys(round, offer)?;
        Ok(ot_extension(round.plan.suite).sender(&context, sent, *delta, &keys, trees)?)
    }
}

/// An offer with both keys of every instance.
pub(super) struct OfferedKeys {
    pub(super) keys: Vec<[BaseOtKey; 2]>,
    pub(super) offer: Vec<u8>,
}

/// Offers in one direction to who has answered already. `context` is as for [`Chooser::new`].
///
/// # Errors
/// Faults of the peer.
pub(super) fn offer_keys(
    round: &RoundContext,
    random: &Randomness,
    direction: Direction,
    context: &[&[u8]],
    answer: &[u8],
) -> Result<OfferedKeys, Error> {
    let randomness = base_randomness(random, b"offer", direction, context);
    let base = base_ot(round.plan.suite);
    let offer = base.offer(direction, &randomness);
    let context = BaseOtContext { round: &round.id, direction };
    Ok(OfferedKeys { keys: base.accept(&context, &randomness, answer)?, offer })
}

/// What the offerer of one direction has and sends.
pub(super) struct Offered {
    pub(super) receiver: Arc<dyn OtReceiver>,
    pub(super) offer: Vec<u8>,
    pub(super) trees: Vec<u8>,
}

/// Offers in one direction, and grows the trees: the receiver of the extension. `context` is as for [`Chooser::new`].
///
/// # Errors
/// Faults of the peer.
pub(super) fn offer(
    round: &RoundContext,
    random: &Randomness,
    direction: Direction,
    context: &[&[u8]],
    answer: &[u8],
) -> Result<Offered, Error> {
    let OfferedKeys { keys, offer } = offer_keys(round, random, direction, context, answer)?;
    let context = BaseOtContext { round: &round.id, direction };
    let sent = BaseOtMessages { answer, offer: &offer };
    let masks = random.stream(labels::OT_MASK);
    let (receiver, trees) = ot_extension(round.plan.suite).receiver(&context, sent, &keys, masks);
    Ok(Offered { receiver, offer, trees })
}

fn base_randomness(random: &Randomness, part: &[u8], direction: Direction, context: &[&[u8]]) -> Prf {
    let direction = [direction as u8];
    let parts: Vec<&[u8]> = [part, &direction].into_iter().chain(context.iter().copied()).collect();
    Prf::new(random.bound(labels::BASE_OT, &parts))
}
