//! Offering: the keys of the round, and the base OTs.

use super::{Answering, Based, Offered, Responder};
use crate::encode::EncodedRecord;
use crate::error::Error;
use crate::labels;
use crate::round::base::{self, Chooser};
use crate::round::commitment::{LateId, Randomness, RoundContext};
use crate::round::oprf;
use crate::round::ot::{Direction, base_ot};
use crate::round::settle::StrongTags;
use crate::wire::body::{BaseRequesterBody, BaseResponderBody, KeysBody};
use std::sync::Arc;

impl Responder<Offered> {
    /// Draws the keys of the round and answers base OTs before the requester has offered. Returns the keys message.
    #[must_use]
    pub fn offer(round: Arc<RoundContext>, random: Randomness, records: Arc<[EncodedRecord]>) -> (Self, KeysBody) {
        let oprf = oprf::server(&round, &random);
        let chooser = Chooser::new(&round, &random, Direction::Shares, &[]);
        let body = KeysBody { oprf_key: oprf.key(), answer: chooser.answer().to_vec() };
        (Self { round, random, records, oprf, state: Offered { chooser } }, body)
    }

    /// Checks the requester's base OTs: its answers, its offers, its trees. `to_keys` is the chain of the own frames up to the
    /// keys.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn base(mut self, body: &BaseRequesterBody, to_keys: &[u8; 32]) -> Result<Responder<Based>, Error> {
        base_ot(self.round.plan.suite).check(Direction::Masks, &body.answer)?;
        let sender = self.state.chooser.open(&self.round, &body.offer, &body.trees)?;
        if let Some(opened) = self.oprf.opened(&body.oprf, to_keys)? {
            self.oprf = opened;
        }
        Ok(self.with(Based { sender, answer: body.answer.clone() }))
    }
}

impl Responder<Based> {
    /// Goes on with the late round id, from which everything is drawn from here on. Returns the own base OTs.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn late(self, late: LateId) -> Result<(Responder<Answering>, BaseResponderBody), Error> {
        let random = self.random.late(&late);
        let base::Offered { receiver, offer, trees } =
            base::offer(&self.round, &random, Direction::Masks, &[], &self.state.answer)?;
        let state = Answering {
            late,
            sender: Arc::clone(&self.state.sender),
            receiver,
            masks: random.stream(labels::BIN_MASK),
            pseudonyms: random.stream(labels::PSEUDONYM),
            tags: StrongTags::new(&late),
            random,
        };
        Ok((self.with(state), BaseResponderBody { offer, trees }))
    }
}
