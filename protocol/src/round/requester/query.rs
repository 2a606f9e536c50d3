//! Queries: blinded inputs, and the outputs of their evaluation.

use super::{Comparing, Keyed, Requester};
use crate::error::Error;
use crate::labels;
use crate::round::derive::offering;
use crate::round::oprf::{OprfOutput, QueryChunk};
use crate::round::ot::{BaseOtContext, Direction, base_ot, ot_extension};
use crate::wire::body::{BaseResponderBody, QueryBody, TreesBody};
use std::sync::Arc;

impl Requester<Keyed> {
    /// The query of a chunk.
    #[must_use]
    pub fn query(&self, chunk: u32) -> QueryBody {
        let range = self.round.plan.query_range(chunk);
        let place = QueryChunk { index: chunk, first_bin: range.0 };
        QueryBody { query: self.state.oprf.blind(place, self.inputs(range)) }
    }

    /// The outputs of a chunk, from the evaluation of its query; in a suite without evaluation frames from an empty one.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn finalize(&self, chunk: u32, query: &QueryBody, evaluation: &[u8]) -> Result<Vec<OprfOutput>, Error> {
        let range = self.round.plan.query_range(chunk);
        let place = QueryChunk { index: chunk, first_bin: range.0 };
        self.state.oprf.finalize(place, self.inputs(range), &query.query, evaluation)
    }

    /// Begins the comparison, with the responder's base OTs, all outputs in bin order and the tables. Returns the own
    /// trees.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn compare(
        self,
        base: &BaseResponderBody,
        outputs: Vec<OprfOutput>,
        tables: Vec<Vec<u8>>,
    ) -> Result<(Requester<Comparing>, TreesBody), Error> {
        let suite = self.round.plan.suite;
        let sender = self.state.pending_sender.open(&base.trees)?;
        let context = BaseOtContext { round: &self.round.id, direction: Direction::Shares };
        let keys = base_ot(suite).accept(&context, &offering(&self.random), &base.answer)?;
        let masks = self.random.stream(labels::OT_MASK);
        let (receiver, trees) = ot_extension(suite).receiver(&context, &base.answer, &keys, masks);
        let state = Comparing {
            keyed: self.state.clone(),
            sender,
            receiver,
            outputs: Arc::new(outputs),
            tables: Arc::new(tables),
        };
        Ok((self.with(state), TreesBody { trees }))
    }
}
