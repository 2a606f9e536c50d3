//! Queries: blinded inputs, and the outputs of their evaluation.

use super::{Asking, Comparing, Keyed, Requester, Store, Table};
use crate::error::Error;
use crate::round::commitment::LateId;
use crate::round::okvs;
use crate::round::oprf::{OprfOutput, QueryChunk};
use crate::wire::body::{BaseResponderBody, QueryBody};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

impl Requester<Keyed> {
    /// The query of a chunk.
    #[must_use]
    pub fn query(&self, chunk: u32) -> QueryBody {
        let range = self.round.plan.query_range(chunk);
        let place = QueryChunk { index: chunk, first_bin: range.0 };
        QueryBody { query: self.state.oprf.blind(place, self.inputs(range)) }
    }

    /// Opens the responder's trees, once the late round id is known.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn base(self, late: LateId, body: &BaseResponderBody) -> Result<Requester<Asking>, Error> {
        let sender = self.state.chooser.open(&self.round, &body.offer, &body.trees)?;
        let Keyed { oprf, receiver, .. } = self.state.clone();
        Ok(self.with(Asking { oprf, receiver, late, sender }))
    }
}

impl Requester<Asking> {
    /// The outputs of a chunk, from the evaluation of its query; in a suite without evaluation frames from an empty one.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn finalize(&self, chunk: u32, query: &QueryBody, evaluation: &[u8]) -> Result<Vec<OprfOutput>, Error> {
        let range = self.round.plan.query_range(chunk);
        let place = QueryChunk { index: chunk, first_bin: range.0 };
        self.state.oprf.finalize(&self.state.late, place, self.inputs(range), &query.query, evaluation)
    }

    /// Begins the comparison, with all outputs in bin order and the columns of each group of each table.
    #[must_use]
    pub fn compare(self, outputs: Vec<OprfOutput>, stores: Vec<Vec<Vec<u8>>>) -> Requester<Comparing> {
        let late = &self.state.late;
        let store = |id: u16| move |(group, columns)| Store { context: okvs::row_context(late, id, group), columns };
        let stores = self.round.plan.tables.iter().zip(stores);
        let stores = stores.map(|(plan, groups)| Table {
            groups: Mutex::new(Arc::new((0..).zip(groups).map(store(plan.id)).collect())),
            left: AtomicU32::new(plan.bins),
        });
        let stores: Vec<Table> = stores.collect();
        let (outputs, stores) = (Arc::new(outputs), Arc::new(stores));
        let asking = self.state.clone();
        self.with(Comparing { asking, outputs, stores })
    }
}
