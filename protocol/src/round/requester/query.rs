//! Queries: blinded inputs, and the outputs of their evaluation.

use super::{Asking, Comparing, GroupValues, Keyed, Requester, Table};
use crate::error::Error;
use crate::round::commitment::LateId;
use crate::round::okvs;
use crate::round::oprf::{OprfOutput, QueryChunk};
use crate::wire::body::{BaseResponderBody, QueryBody};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

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

    /// Reads what the bins of a group of a table hold from its columns, with all outputs in bin order.
    #[must_use]
    pub fn read(&self, table: usize, group: usize, columns: &[u8], outputs: &[OprfOutput]) -> GroupValues {
        let width = self.round.plan.value_bytes();
        let Some(table) = self.round.plan.tables.get(table) else { return GroupValues(Zeroizing::default()) };
        let Some(plan) = table.groups.get(group) else { return GroupValues(Zeroizing::default()) };
        let context = okvs::row_context(&self.state.late, table.id, u32::try_from(group).unwrap_or(u32::MAX));
        let mut values = Zeroizing::new(vec![0; plan.bins as usize * width]);
        let outputs = outputs.iter().skip((table.first_bin + plan.first_bin) as usize);
        for (value, output) in values.chunks_exact_mut(width.max(1)).zip(outputs) {
            let band = okvs::row(&context, output, plan.columns, value);
            okvs::decode(columns, &band, value);
        }
        GroupValues(values)
    }

    /// Begins the comparison, with what the bins of each group of each table hold.
    #[must_use]
    pub fn compare(self, values: Vec<Vec<GroupValues>>) -> Requester<Comparing> {
        let tables = self.round.plan.tables.iter().zip(values);
        let tables = tables
            .map(|(plan, groups)| Table { groups: Mutex::new(Arc::new(groups)), left: AtomicU32::new(plan.bins) });
        let tables: Arc<Vec<Table>> = Arc::new(tables.collect());
        let asking = self.state.clone();
        self.with(Comparing { asking, tables })
    }
}
