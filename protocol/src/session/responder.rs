//! The responder's side of the session: what to do when a frame or a result comes.

use super::core::{Core, Payload, Results};
use super::queue::Outgoing;
use super::{Claim, Stage};
use crate::crypto::hash::hash;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::policy::plan::{TABLE_CHUNK, WINDOW};
use crate::policy::shape::OutputMode;
use crate::round::agree::{Randomness, Round};
use crate::round::okvs::Rows;
use crate::round::ot::extend::Sender;
use crate::round::responder::{Answering, Chosen, Item, Offered, ROW_PART, Responder};
use crate::round::settle::shown;
use crate::wire::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the responder stands.
#[derive(Default)]
pub(super) struct Machine {
    offered: Option<Arc<Responder<Offered>>>,
    answering: Option<Arc<Responder<Answering>>>,
    sender: Option<Arc<Sender>>,
    query_digests: Vec<[u8; 32]>,
    /// Parts of a table's rows that are still missing are `None`.
    parts: Vec<Vec<Option<Rows>>>,
    tables_left: usize,
    choices_begun: bool,
    /// Choices that were sent and not yet answered. The rows of the first window are kept; those beyond, which only a
    /// round by files has, are computed again when they are needed: all of them together could fill the memory.
    chosen: BTreeMap<u32, (Option<Arc<Chosen>>, [u8; 32])>,
    garbled: u32,
}

impl Machine {
    pub(super) fn begin(&mut self, core: &mut Core, (round, random): (Arc<Round>, Randomness)) -> Result<(), Error> {
        let (offered, keys) = Responder::offer(round, random, Arc::clone(&core.records));
        core.put_body(Kind::Keys, 0, &keys)?;
        core.total(Stage::Oprf, core.plan.query_chunks());
        let offered = Arc::new(offered);
        let tables = core.plan.tables.len();
        self.tables_left = tables;
        self.parts.resize_with(tables, Vec::new);
        let (worker, keep_key) = (Arc::clone(&offered), core.keep_key.clone());
        core.work(move || Ok(Payload::Items((0..tables).map(|t| worker.items(t, &keep_key)).collect())));
        self.offered = Some(offered);
        Ok(())
    }

    pub(super) fn handle(
        &mut self,
        core: &mut Core,
        kind: Kind,
        index: u32,
        body: &[u8],
        digest: [u8; 32],
    ) -> Result<(), Error> {
        match kind {
            Kind::BaseRequester => {
                let offered = self.offered.clone().ok_or(Error::Internal("base OT before keys"))?;
                let (answering, reply) = Responder::clone(&offered).base(body)?;
                core.put_body(Kind::BaseResponder, 0, &reply)?;
                self.answering = Some(Arc::new(answering));
                self.begin_choices(core);
                Ok(())
            }
            Kind::Trees => {
                let answering = self.answering.as_ref().ok_or(Error::Internal("trees before base OT"))?;
                self.sender = Some(Arc::new(answering.open(body)?));
                Ok(())
            }
            Kind::QueryDigests => {
                self.query_digests = body.as_chunks::<32>().0.to_vec();
                Ok(())
            }
            Kind::Query => {
                // V-OPRF-003.
                if self.query_digests.get(index as usize) != Some(&hash(labels::QUERY_CHUNK, &[body])) {
                    return Err(PeerFault::BrokenCommitment { chunk: index }.into());
                }
                let offered = self.offered.clone().ok_or(Error::Internal("query before keys"))?;
                let body = body.to_vec();
                core.work(move || {
                    let answer = offered.evaluate(index, &body)?;
                    Ok(Payload::Answered { chunk: index, frame: Outgoing::new(Kind::Evaluation, index, &answer) })
                });
                Ok(())
            }
            Kind::Correction => {
                let (chosen, choice) =
                    self.chosen.remove(&index).ok_or(Error::Internal("correction without choices"))?;
                let answering = self.answering.clone().ok_or(Error::Internal("correction before base OT"))?;
                let sender = self.sender.clone().ok_or(Error::Internal("correction before trees"))?;
                let body = body.to_vec();
                core.work(move || {
                    let chosen = chosen.unwrap_or_else(|| Arc::new(answering.choose(index).1));
                    let garbled = answering.garble(&sender, index, &chosen, &choice, &body, &digest)?;
                    Ok(Payload::Garbled { chunk: index, frame: Outgoing::new(Kind::Garbled, index, &garbled) })
                });
                self.choose(core, index.saturating_add(core.plan.window));
                Ok(())
            }
            Kind::Claims => {
                let answering = self.answering.clone().ok_or(Error::Internal("claims before base OT"))?;
                let claims = answering.claims(body)?;
                let claims = claims.into_iter().map(|c| Claim { own: c.own as usize, pseudonym: shown(&c.token) });
                core.results = Some(Results { matches: Vec::new(), claims: claims.collect() });
                core.settled = true;
                Ok(())
            }
            _ => Err(Error::Internal("kind not for the responder")),
        }
    }

    pub(super) fn finish(&mut self, core: &mut Core, payload: Payload) -> Result<(), Error> {
        match payload {
            Payload::Items(tables) => {
                self.encode_rows(core, tables);
                Ok(())
            }
            Payload::Rows { table, part, rows } => {
                core.advance(Stage::Table, 1);
                let parts = self.parts.get_mut(table).ok_or(Error::Internal("rows of no table"))?;
                *parts.get_mut(part).ok_or(Error::Internal("rows of no part"))? = Some(rows);
                self.encode_table(core, table);
                Ok(())
            }
            Payload::Encoded { table, columns } => {
                core.advance(Stage::Table, 1);
                let plan = core.plan.tables.get(table).ok_or(Error::Internal("columns of no table"))?;
                let (first, chunk_bytes) = (plan.first_chunk, TABLE_CHUNK as usize * core.plan.value_bytes());
                for (chunk, body) in (first..).zip(columns.chunks(chunk_bytes)) {
                    core.put_body(Kind::Table, chunk, body)?;
                }
                self.tables_left = self.tables_left.saturating_sub(1);
                self.begin_choices(core);
                Ok(())
            }
            Payload::Answered { chunk, frame } => {
                core.advance(Stage::Oprf, 1);
                core.put(Kind::Evaluation, chunk, frame)
            }
            Payload::Chosen { chunk, frame, chosen } => {
                let kept = (self.chosen.len() < WINDOW as usize).then(|| Arc::new(chosen));
                self.chosen.insert(chunk, (kept, frame.digest));
                core.put(Kind::Choice, chunk, frame)
            }
            Payload::Garbled { chunk, frame } => {
                core.put(Kind::Garbled, chunk, frame)?;
                core.advance(Stage::Compare, 1);
                self.garbled += 1;
                self.reveal(core)
            }
            _ => Err(Error::Internal("result not for the responder")),
        }
    }

    /// Computes the rows of all tables, part by part.
    fn encode_rows(&mut self, core: &mut Core, tables: Vec<Vec<Item>>) {
        let Some(offered) = self.offered.clone() else { return };
        let part_count = |items: &Vec<Item>| items.len().div_ceil(ROW_PART as usize);
        let steps = tables.iter().map(|t| part_count(t) + 1).sum::<usize>();
        core.total(Stage::Table, u32::try_from(steps).unwrap_or(u32::MAX));
        for (table, items) in tables.into_iter().enumerate() {
            if let Some(parts) = self.parts.get_mut(table) {
                parts.resize_with(part_count(&items), || None);
            }
            for (part, items) in items.chunks(ROW_PART as usize).enumerate() {
                let (offered, items) = (Arc::clone(&offered), items.to_vec());
                core.work(move || Ok(Payload::Rows { table, part, rows: offered.rows(table, &items) }));
            }
            self.encode_table(core, table);
        }
    }

    /// Solves a table once all its rows are here.
    fn encode_table(&mut self, core: &mut Core, table: usize) {
        let (Some(offered), Some(parts)) = (self.offered.clone(), self.parts.get_mut(table)) else { return };
        if parts.iter().any(Option::is_none) {
            return;
        }
        let parts = core::mem::take(parts);
        let width = core.plan.value_bytes();
        core.work(move || {
            let mut rows = Rows::new(width, 0);
            parts.into_iter().flatten().for_each(|part| rows.append(part));
            Ok(Payload::Encoded { table, columns: offered.encode(table, &rows) })
        });
    }

    /// With base OTs done and all tables encoded: the first window of choices.
    fn begin_choices(&mut self, core: &mut Core) {
        if self.choices_begun || self.tables_left > 0 || self.answering.is_none() {
            return;
        }
        self.choices_begun = true;
        core.total(Stage::Compare, core.plan.compare_chunks());
        for chunk in 0..core.plan.window {
            self.choose(core, chunk);
        }
    }

    fn choose(&self, core: &mut Core, chunk: u32) {
        let Some(answering) = self.answering.clone().filter(|_| chunk < core.plan.compare_chunks()) else { return };
        core.work(move || {
            let (body, chosen) = answering.choose(chunk);
            Ok(Payload::Chosen { chunk, frame: Outgoing::new(Kind::Choice, chunk, &body), chosen })
        });
    }

    /// After the last garbled chunk, and so after the requester's last correction: the round key (V-SETTLE-001).
    fn reveal(&self, core: &mut Core) -> Result<(), Error> {
        if self.garbled < core.plan.compare_chunks() {
            return Ok(());
        }
        let answering = self.answering.clone().ok_or(Error::Internal("reveal before base OT"))?;
        core.total(Stage::Settle, 1);
        core.put_body(Kind::Reveal, 0, &answering.reveal())?;
        if core.plan.shape.output == OutputMode::Requester {
            core.results = Some(Results { matches: Vec::new(), claims: Vec::new() });
            core.settled = true;
        }
        Ok(())
    }
}
