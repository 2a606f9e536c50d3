//! Answering: the own tokens become rows of a table, and queries are evaluated.

use super::{Answering, ROW_PART, Responder};
use crate::encode::copies::{Holder, select_copies_padded};
use crate::error::Error;
use crate::labels;
use crate::plan::{GroupPlan, TablePlan};
use crate::policy::shape::Role;
use crate::round::oprf::{Input, OprfOutput, QueryChunk};
use crate::round::{cuckoo, okvs};
use crate::wire::body::{CheckedQuery, EvaluationBody};
use zeroize::Zeroizing;

/// An own token with its bins, and the record it stands for unless it is a dummy.
#[derive(Clone)]
pub struct Item {
    record: Option<Holder>,
    input: Input,
    bins: [u32; 3],
}

impl core::fmt::Debug for Item {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Item(..)")
    }
}

/// Rows of some items of a table, each with the group in which its bin lies.
pub struct GroupedRows {
    rows: okvs::Rows,
    groups: Vec<u32>,
}

impl core::fmt::Debug for GroupedRows {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "GroupedRows({})", self.groups.len())
    }
}

/// Where rows are put together, one after another: what a row holds, its mask stream, the mask of its bin.
struct RowScratch {
    content: Zeroizing<Vec<u8>>,
    value: Zeroizing<Vec<u8>>,
    mask: Zeroizing<Vec<u8>>,
}

impl RowScratch {
    fn new(width: usize) -> Self {
        let bytes = || Zeroizing::new(vec![0; width]);
        Self { content: bytes(), value: bytes(), mask: bytes() }
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
        let kept = select_copies_padded(&self.records, table, &shape.keep(Role::Responder, table), keep_key);
        let own = kept
            .iter()
            .flat_map(|k| (0..shape.copies_requester).map(|i| (k.holder(), Input::new(&k.token, i, k.copy))));
        cuckoo::padded(own, &dummies, plan.id, plan.tokens)
            .into_iter()
            .map(|(record, input)| {
                let bins = cuckoo::bins_of(&function, &input, plan.bins).map(|b| b + plan.first_bin);
                Item { record, input, bins }
            })
            .collect()
    }
}

impl Responder<Answering> {
    /// OKVS rows of some items of a table.
    ///
    /// # Errors
    /// As [`crate::round::oprf::OprfServer::evaluate_own`].
    pub fn rows(&self, table: usize, items: &[Item]) -> Result<GroupedRows, Error> {
        let plan = &self.round.plan;
        let width = plan.value_bytes();
        let mut out = GroupedRows { rows: okvs::Rows::new(width, items.len() * 3), groups: Vec::new() };
        let Some(table) = plan.tables.get(table) else { return Ok(out) };
        let contexts = self.row_contexts(table);
        let inputs: Vec<(&Input, &[u32])> = items.iter().map(|i| (&i.input, &i.bins[..])).collect();
        let outputs = self.oprf.evaluate_own(&self.state.late, &inputs)?;
        let mut content = Zeroizing::new(vec![0; width]);
        let mut scratch = RowScratch::new(width);
        for (item, outputs) in items.iter().zip(outputs.as_chunks::<3>().0) {
            // A dummy keeps the plain masks, nobody can form its key, but takes the steps of a token (V-OKVS-001).
            let filter = item.record.and_then(|h| Some(self.records.get(h.record as usize)?.filter_of(h.name)));
            let keep = if filter.is_some() { 0xff } else { 0 };
            let filter = filter.map_or(&[][..], |filter| filter.as_bytes());
            let (payload, share) = content.split_at_mut(plan.payload_bytes());
            payload.iter_mut().zip(filter.iter().chain(core::iter::repeat(&0))).for_each(|(c, f)| *c = *f);
            let token = Zeroizing::new(self.pseudonym(item.record.map_or(u32::MAX, |holder| holder.record)));
            for (output, bin) in outputs.iter().zip(item.bins) {
                let tag = self.state.tags.tag(&token, bin);
                share.iter_mut().zip(token.iter().chain(&tag)).for_each(|(c, p)| *c = p & keep);
                scratch.content[..payload.len()].copy_from_slice(payload);
                scratch.content[payload.len()..].copy_from_slice(share);
                let group = table.group_of(bin - table.first_bin);
                self.row(&contexts, table, (bin, group), output, &mut scratch, &mut out.rows);
                out.groups.push(u32::try_from(group).unwrap_or(u32::MAX));
            }
        }
        Ok(out)
    }

    fn row_contexts(&self, table: &TablePlan) -> Vec<[u8; 32]> {
        (0u32..).zip(&table.groups).map(|(g, _)| okvs::row_context(&self.state.late, table.id, g)).collect()
    }

    /// Appends one row: its mask stream, the bin's mask and the content together.
    fn row(
        &self,
        contexts: &[[u8; 32]],
        table: &TablePlan,
        (bin, group): (u32, usize),
        output: &OprfOutput,
        RowScratch { content, value, mask }: &mut RowScratch,
        rows: &mut okvs::Rows,
    ) {
        let (Some(context), Some(plan)) = (contexts.get(group), table.groups.get(group)) else { return };
        let band = okvs::row(context, output, plan.columns, value);
        self.mask(bin, mask);
        value.iter_mut().zip(mask.iter().zip(content.iter())).for_each(|(v, (m, c))| *v ^= m ^ c);
        rows.push(band, value);
    }

    /// Distributes the rows of a table's parts, in their order, over its groups. Rows beyond the number of a group are left
    /// out (V-OKVS-003).
    #[must_use]
    pub fn gather(&self, table: usize, parts: Vec<GroupedRows>) -> Vec<okvs::Rows> {
        let plan = &self.round.plan;
        let Some(table) = plan.tables.get(table) else { return Vec::new() };
        let empty = |group: &GroupPlan| okvs::Rows::new(plan.value_bytes(), group.rows as usize);
        let mut groups: Vec<okvs::Rows> = table.groups.iter().map(empty).collect();
        let mut room = okvs::Room::new(table);
        for part in parts {
            for (i, group) in part.groups.iter().map(|group| *group as usize).enumerate() {
                if let Some(rows) = groups.get_mut(group).filter(|_| room.take(group)) {
                    rows.push_from(&part.rows, i);
                }
            }
        }
        groups
    }

    /// Columns of a group of a table from its rows, of which missing ones are filled up.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn encode(&self, table: usize, group: usize, mut rows: okvs::Rows) -> Result<Vec<u8>, Error> {
        let Some(table) = self.round.plan.tables.get(table) else { return Ok(Vec::new()) };
        let Some(plan) = table.groups.get(group) else { return Ok(Vec::new()) };
        let number = u32::try_from(group).unwrap_or(u32::MAX);
        let key = self.state.random.stream(labels::OKVS_FILLER);
        let missing = plan.rows.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let filler = |f: u32| {
            let (input, local) = okvs::filler(&key, table, group, f);
            (input, [table.first_bin + local])
        };
        let contexts = self.row_contexts(table);
        let mut scratch = RowScratch::new(self.round.plan.value_bytes());
        for first in (0..missing).step_by(ROW_PART as usize) {
            let fillers: Vec<(Input, [u32; 1])> = (first..missing.min(first + ROW_PART)).map(filler).collect();
            let inputs: Vec<(&Input, &[u32])> = fillers.iter().map(|(input, bins)| (input, &bins[..])).collect();
            let outputs = self.oprf.evaluate_own(&self.state.late, &inputs)?;
            for ((_, [bin]), output) in fillers.iter().zip(&outputs) {
                self.row(&contexts, table, (*bin, group), output, &mut scratch, &mut rows);
            }
        }
        Ok(rows.encode(plan.columns, &self.state.random.stream(labels::OKVS_FREE), (table.id, number)))
    }

    /// Evaluates a query; `None` in a suite without evaluation frames.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn evaluate(&self, chunk: u32, query: &CheckedQuery) -> Result<Option<EvaluationBody>, Error> {
        let place = QueryChunk { index: chunk, first_bin: self.round.plan.query_range(chunk).0 };
        let evaluation = self.oprf.blind_evaluate(&self.state.late, place, query.message())?;
        Ok(evaluation.map(|evaluation| EvaluationBody { evaluation }))
    }
}
