//! Answering: the own tokens become rows of a table, and queries are evaluated.

use super::{Offered, Responder};
use crate::encode::copies::select_copies_padded;
use crate::error::Error;
use crate::labels;
use crate::round::oprf::{Input, QueryChunk};
use crate::round::{cuckoo, okvs};
use crate::wire::body::{CheckedQuery, EvaluationBody};
use zeroize::Zeroizing;

/// An own token with its bins, and the record it stands for unless it is a dummy.
#[derive(Clone)]
pub struct Item {
    record: Option<u32>,
    input: Input,
    bins: [u32; 3],
}

impl core::fmt::Debug for Item {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Item(..)")
    }
}

impl<S> Responder<S> {
    /// All own tokens of a table, padded with dummies to the agreed number. Dummies take the same path as tokens, so
    /// that time does not tell how many there are (V-OKVS-001).
    #[must_use]
    pub fn items(&self, table: usize, keep_key: &[u8; 32]) -> Vec<Item> {
        let Some(plan) = self.round.plan.tables.get(table) else { return Vec::new() };
        let shape = &self.round.plan.shape;
        let function = cuckoo::bin_function(&self.round, plan.id);
        let dummies = self.random.stream(labels::DUMMY);
        let most = plan.tokens.checked_div(shape.copies_requester.into()).unwrap_or(0) as usize;
        let kept = select_copies_padded(&self.records, table, shape.copies_responder, keep_key, most);
        let own =
            kept.iter().flat_map(|k| (0..shape.copies_requester).map(|i| (k.record, Input::new(&k.token, i, k.copy))));
        cuckoo::padded(own, &dummies, plan.id, plan.tokens)
            .into_iter()
            .map(|(record, input)| {
                let bins = cuckoo::bins_of(&function, &input, plan.bins).map(|b| b + plan.first_bin);
                Item { record, input, bins }
            })
            .collect()
    }

    /// OKVS rows of some items of a table.
    #[must_use]
    pub fn rows(&self, table: usize, items: &[Item]) -> okvs::Rows {
        let plan = &self.round.plan;
        let width = plan.value_bytes();
        let mut rows = okvs::Rows::new(width, items.len() * 3);
        let Some(table) = plan.tables.get(table) else { return rows };
        let context = okvs::row_context(&self.round, table.id);
        let inputs: Vec<(Input, [u32; 3])> = items.iter().map(|i| (i.input.clone(), i.bins)).collect();
        let mut value = Zeroizing::new(vec![0; width]);
        let mut mask = Zeroizing::new(vec![0; width]);
        let mut content = Zeroizing::new(vec![0; width]);
        for (item, outputs) in items.iter().zip(self.oprf.evaluate_own(&inputs)) {
            // A dummy keeps the plain masks, nobody can form its key, but takes the steps of a token (V-OKVS-001).
            let record = item.record.and_then(|r| self.records.get(r as usize));
            let filter = record.map_or(&[][..], |r| r.filter.as_bytes());
            let (payload, share) = content.split_at_mut(plan.payload_bytes());
            payload.iter_mut().zip(filter.iter().chain(core::iter::repeat(&0))).for_each(|(c, f)| *c = *f);
            let keep = if record.is_some() { 0xff } else { 0 };
            let pseudonym = self.pseudonym(item.record.unwrap_or(u32::MAX));
            share.iter_mut().zip(pseudonym).for_each(|(c, p)| *c = p & keep);
            for (output, bin) in outputs.iter().zip(item.bins) {
                let band = okvs::row(&context, output, table.columns, &mut value);
                self.mask(bin, &mut mask);
                value.iter_mut().zip(mask.iter().zip(&*content)).for_each(|(v, (m, c))| *v ^= m ^ c);
                rows.push(band, &value);
            }
        }
        rows
    }

    /// Columns of a table from all its rows.
    #[must_use]
    pub fn encode(&self, table: usize, rows: &okvs::Rows) -> Vec<u8> {
        let Some(plan) = self.round.plan.tables.get(table) else { return Vec::new() };
        rows.encode(plan.columns, &self.random.stream(labels::OKVS_FREE), plan.id)
    }
}

impl Responder<Offered> {
    /// Evaluates a query; `None` in a suite without evaluation frames.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn evaluate(&self, chunk: u32, query: &CheckedQuery) -> Result<Option<EvaluationBody>, Error> {
        let place = QueryChunk { index: chunk, first_bin: self.round.plan.query_range(chunk).0 };
        let evaluation = self.oprf.blind_evaluate(place, query.message())?;
        Ok(evaluation.map(|evaluation| EvaluationBody { evaluation }))
    }
}
