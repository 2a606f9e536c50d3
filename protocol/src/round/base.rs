//! What both sides do alike with base OTs and trees: one chooses and later sends in the extension, the other offers and
//! later receives (spec section 8.5).

use super::commitment::{Randomness, RoundContext};
use super::ot::{BaseOtContext, BaseOtMessages, Direction, OtReceiver, OtSender, base_ot, ot_extension};
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
    delta: Zeroizing<u128>,
    answer: Vec<u8>,
}

impl core::fmt::Debug for Chooser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Chooser(..)")
    }
}

impl Chooser {
    /// Draws Delta and answers, before any offer is here (V-OT-005). `context` is what the randomness depends on besides
    /// the round and the own inputs.
    pub(super) fn new(round: &RoundContext, random: &Randomness, direction: Direction, context: &[&[u8]]) -> Self {
        let randomness = base_randomness(random, b"choose", direction, context);
        let mut delta = u128::from_le_bytes(randomness.bytes(&[u64::MAX]));
        if direction == Direction::Shares {
            // The colour that tells the two labels of a wire apart.
            delta |= 1;
        }
        let base = BaseOtContext { round: &round.id, direction };
        let answer = base_ot(round.plan.suite).answer(&base, &randomness, !delta);
        Self { direction, randomness, delta: Zeroizing::new(delta), answer }
    }

    /// The answer.
    pub(super) fn answer(&self) -> &[u8] {
        &self.answer
    }

    /// Opens the other side's trees with its offer: the sender of the extension.
    ///
    /// # Errors
    /// Faults of the peer.
    pub(super) fn open(&self, round: &RoundContext, offer: &[u8], trees: &[u8]) -> Result<Arc<dyn OtSender>, Error> {
        let context = BaseOtContext { round: &round.id, direction: self.direction };
        let sent = BaseOtMessages { answer: &self.answer, offer };
        let keys = base_ot(round.plan.suite).chosen(&context, &self.randomness, !*self.delta, sent)?;
        Ok(ot_extension(round.plan.suite).sender(&context, sent, *self.delta, &keys, trees)?)
    }
}

/// What the offerer of one direction has and sends.
pub(super) struct Offered {
    pub(super) receiver: Arc<dyn OtReceiver>,
    pub(super) offer: Vec<u8>,
    pub(super) trees: Vec<u8>,
}

/// Offers in one direction to who has answered already, and grows the trees: the receiver of the extension. `context` is as
/// for [`Chooser::new`].
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
    let randomness = base_randomness(random, b"offer", direction, context);
    let base = base_ot(round.plan.suite);
    let offer = base.offer(&randomness);
    let context = BaseOtContext { round: &round.id, direction };
    let keys = base.accept(&context, &randomness, answer)?;
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
