//! Offering: the keys of the round, and the base OTs.

use super::{Answering, Offered, Responder};
use crate::encode::EncodedRecord;
use crate::error::Error;
use crate::labels;
use crate::round::commitment::{Randomness, RoundContext};
use crate::round::derive::{choosing, offering};
use crate::round::oprf;
use crate::round::ot::{BaseOtContext, Direction, base_ot, ot_extension};
use crate::round::settle::{RoundKey, commit_key};
use crate::wire::body::{BaseRequesterBody, BaseResponderBody, KeysBody};
use std::sync::Arc;

impl Responder<Offered> {
    /// Draws the keys of the round. Returns the keys message.
    #[must_use]
    pub fn offer(round: Arc<RoundContext>, random: Randomness, records: Arc<[EncodedRecord]>) -> (Self, KeysBody) {
        let oprf = oprf::server(&round, &random);
        let round_key = RoundKey::new(random.stream(labels::ROUND_KEY).bytes(&[0]));
        let body = KeysBody {
            oprf_key: oprf.key(),
            key_commitment: commit_key(&round_key, &round.id),
            offer: base_ot(round.plan.suite).offer(&offering(&random)),
        };
        let masks = random.stream(labels::BIN_MASK);
        let pseudonyms = random.stream(labels::PSEUDONYM);
        (Self { round, random, records, oprf, masks, pseudonyms, round_key, state: Offered(()) }, body)
    }

    /// Does the base OTs with the requester's message. Returns the answer, own trees included.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn base(self, body: &BaseRequesterBody) -> Result<(Responder<Answering>, BaseResponderBody), Error> {
        let (base, extension) = (base_ot(self.round.plan.suite), ot_extension(self.round.plan.suite));
        let context = BaseOtContext { round: &self.round.id, direction: Direction::Masks };
        let keys = base.accept(&context, &offering(&self.random), &body.answer)?;
        let masks = self.random.stream(labels::OT_MASK);
        let (receiver, trees) = extension.receiver(&context, &body.answer, &keys, masks);
        // The low bit of Delta is set: it is the colour that tells the two labels of a wire apart.
        let delta = u128::from_le_bytes(choosing(&self.random).bytes(&[u64::MAX])) | 1;
        let context = BaseOtContext { round: &self.round.id, direction: Direction::Shares };
        let (answer, keys) = base.choose(&context, &choosing(&self.random), !delta, &body.offer)?;
        let pending_sender = extension.pending_sender(&context, &answer, delta, keys);
        Ok((self.with(Answering { receiver, pending_sender }), BaseResponderBody { answer, trees }))
    }
}
