//! The responder's side of the session: what to do when a frame or a result arrives.

use super::core::{Core, Results};
use super::event::Claim;
use super::job::ResponderPayload;
use super::queue::{QueuedFrame, ScheduledFrame};
use super::slots::Slots;
use crate::error::Error;
use crate::policy::shape::OutputMode;
use crate::round::commitment::{Randomness, RoundContext};
use crate::round::okvs::Rows;
use crate::round::ot::OtSender;
use crate::round::responder::{Answering, Chosen, Item, Offered, ROW_PART, Responder};
use crate::round::settle::public_pseudonym;
use crate::wire::body::{
    BaseRequesterBody, ClaimsBody, CorrectionBody, QueryBody, QueryDigestsBody, TableBody, TreesBody,
};
use crate::wire::{FrameKind, Stage};
use core::mem;
use std::collections::BTreeMap;
use std::sync::Arc;

const OUT_OF_PLACE: Error = Error::Internal("frame or result does not fit the responder's state");

/// The state of the responder.
#[derive(Default)]
pub(super) enum ResponderState {
    /// The round has no id yet, or has failed.
    #[default]
    Idle,
    /// The keys are sent; the requester's base OTs are to come.
    Offered(TableState),
    /// Queries, then corrections, then claims arrive.
    Answering(Box<AnsweringState>),
}

/// The own tokens on their way into the tables.
pub(super) struct TableState {
    offered: Arc<Responder<Offered>>,
    progress: TableProgress,
    /// Query chunks that are not answered yet.
    unanswered: u32,
}

enum TableProgress {
    /// The items are being made.
    Items,
    /// The items are here, and the suite wants all queries first.
    Waiting(Vec<Vec<Item>>),
    /// Rows and columns are being computed; `left` tables are not encoded.
    Encoding { parts: Vec<Slots<Rows>>, left: usize },
    /// All tables are sent.
    Sent,
}

/// Choices that were sent and not yet answered. The rows of the first window are kept; those beyond, which only a round
/// by files has, are computed again when they are needed: all of them together could fill the memory.
struct SentChoice {
    kept: Option<Arc<Chosen>>,
    digest: [u8; 32],
}

pub(super) struct AnsweringState {
    table: TableState,
    answering: Arc<Responder<Answering>>,
    heard: Heard,
    chosen: BTreeMap<u32, SentChoice>,
    garbled: u32,
}

/// The last of the requester's frames that later ones need.
enum Heard {
    BaseOt,
    Announcement(QueryDigestsBody),
    Trees(Arc<dyn OtSender>),
}

impl ResponderState {
    /// Begins once the round has an id.
    pub(super) fn begin(
        &mut self,
        core: &mut Core,
        (round, random): (Arc<RoundContext>, Randomness),
    ) -> Result<(), Error> {
        let (offered, keys) = Responder::offer(round, random, Arc::clone(core.records()));
        core.queue_body(0, &keys)?;
        core.begin_stage(Stage::Oprf, core.plan.query_chunks());
        let offered = Arc::new(offered);
        let (worker, keep_key, tables) = (Arc::clone(&offered), core.keep_key(), core.plan.tables.len());
        core.work(move || Ok(ResponderPayload::Items((0..tables).map(|t| worker.items(t, &keep_key)).collect())));
        let unanswered = core.plan.query_chunks();
        *self = Self::Offered(TableState { offered, progress: TableProgress::Items, unanswered });
        Ok(())
    }

    pub(super) fn handle(&mut self, core: &mut Core, frame: &ScheduledFrame<'_>) -> Result<(), Error> {
        let &ScheduledFrame { kind, index, body, digest } = frame;
        match mem::take(self) {
            Self::Offered(table) if kind == FrameKind::BaseRequester => {
                let base = BaseRequesterBody::read(body, core.plan.suite)?;
                let (answering, reply) = Responder::clone(&table.offered).base(&base)?;
                core.queue_body(0, &reply)?;
                let (answering, heard) = (Arc::new(answering), Heard::BaseOt);
                let state = AnsweringState { table, answering, heard, chosen: BTreeMap::new(), garbled: 0 };
                state.begin_choices(core);
                *self = Self::Answering(Box::new(state));
                Ok(())
            }
            Self::Answering(mut state) => {
                state.handle(core, kind, index, body, digest)?;
                *self = Self::Answering(state);
                Ok(())
            }
            Self::Idle | Self::Offered(_) => Err(OUT_OF_PLACE),
        }
    }

    pub(super) fn finish(&mut self, core: &mut Core, payload: ResponderPayload) -> Result<(), Error> {
        match self {
            Self::Idle => Err(OUT_OF_PLACE),
            Self::Offered(table) => table.finish(core, payload).map(drop),
            Self::Answering(state) => state.finish(core, payload),
        }
    }
}

impl TableState {
    /// Takes a result on the way to the tables; whether with it all tables are sent.
    fn finish(&mut self, core: &mut Core, payload: ResponderPayload) -> Result<bool, Error> {
        match (payload, &mut self.progress) {
            (ResponderPayload::Items(tables), TableProgress::Items) => {
                if core.plan.suite.table_needs_queries && self.unanswered > 0 {
                    self.progress = TableProgress::Waiting(tables);
                } else {
                    self.encode_rows(core, tables);
                }
            }
            (ResponderPayload::Rows { table, part, rows }, TableProgress::Encoding { parts, .. }) => {
                core.advance_stage(Stage::Table, 1);
                let parts = parts.get_mut(table).ok_or(OUT_OF_PLACE)?;
                if !parts.fill(part, rows) {
                    return Err(OUT_OF_PLACE);
                }
                encode_table(core, &self.offered, table, parts);
            }
            (ResponderPayload::Encoded { table, columns }, TableProgress::Encoding { left, .. }) => {
                core.advance_stage(Stage::Table, 1);
                let plan = core.plan.tables.get(table).ok_or(OUT_OF_PLACE)?;
                let chunk_bytes = core.plan.suite.table_chunk as usize * core.plan.value_bytes();
                for (chunk, columns) in (plan.first_chunk..).zip(columns.chunks(chunk_bytes)) {
                    core.queue_body(chunk, &TableBody { columns })?;
                }
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.progress = TableProgress::Sent;
                    return Ok(true);
                }
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(false)
    }

    const fn is_sent(&self) -> bool {
        matches!(self.progress, TableProgress::Sent)
    }

    /// Counts an answered query chunk.
    fn answered(&mut self, core: &mut Core) {
        self.unanswered = self.unanswered.saturating_sub(1);
        if self.unanswered == 0
            && matches!(self.progress, TableProgress::Waiting(_))
            && let TableProgress::Waiting(tables) = mem::replace(&mut self.progress, TableProgress::Items)
        {
            self.encode_rows(core, tables);
        }
    }

    /// Computes the rows of all tables, part by part.
    fn encode_rows(&mut self, core: &mut Core, tables: Vec<Vec<Item>>) {
        let part_count = |items: &Vec<Item>| items.len().div_ceil(ROW_PART as usize);
        let steps = tables.iter().map(|t| part_count(t) + 1).sum::<usize>();
        core.begin_stage(Stage::Table, u32::try_from(steps).unwrap_or(u32::MAX));
        let mut parts: Vec<Slots<Rows>> = tables.iter().map(|items| Slots::new(part_count(items))).collect();
        for ((table, items), parts) in tables.into_iter().enumerate().zip(&mut parts) {
            for (part, items) in items.chunks(ROW_PART as usize).enumerate() {
                let (offered, items) = (Arc::clone(&self.offered), items.to_vec());
                core.work(move || Ok(ResponderPayload::Rows { table, part, rows: offered.rows(table, &items) }));
            }
            encode_table(core, &self.offered, table, parts);
        }
        self.progress = TableProgress::Encoding { left: parts.len(), parts };
    }
}

/// Solves a table once all its rows are here.
fn encode_table(core: &mut Core, offered: &Arc<Responder<Offered>>, table: usize, parts: &mut Slots<Rows>) {
    let Some(parts) = parts.take_all() else { return };
    let (offered, width) = (Arc::clone(offered), core.plan.value_bytes());
    core.work(move || {
        let mut rows = Rows::new(width, 0);
        parts.into_iter().for_each(|part| rows.append(part));
        Ok(ResponderPayload::Encoded { table, columns: offered.encode(table, &rows) })
    });
}

impl AnsweringState {
    fn handle(
        &mut self,
        core: &mut Core,
        kind: FrameKind,
        chunk: u32,
        body: &[u8],
        digest: [u8; 32],
    ) -> Result<(), Error> {
        match (kind, &self.heard) {
            (FrameKind::QueryDigests, Heard::BaseOt) => {
                self.heard = Heard::Announcement(QueryDigestsBody::read(body, &core.plan)?);
            }
            (FrameKind::Query, Heard::Announcement(announced)) => {
                let query = announced.check(chunk, QueryBody::read(body, &core.plan, chunk)?)?;
                let offered = Arc::clone(&self.table.offered);
                core.work(move || {
                    let answer = offered.evaluate(chunk, &query)?;
                    let frame = answer.map(|body| QueuedFrame::new(chunk, &body));
                    Ok(ResponderPayload::Answered { frame })
                });
            }
            (FrameKind::Trees, Heard::Announcement(_)) => {
                self.heard = Heard::Trees(self.answering.open(&TreesBody::read(body, core.plan.suite)?)?);
            }
            (FrameKind::Correction, Heard::Trees(sender)) => {
                let correction = CorrectionBody::read(body, &core.plan, chunk)?;
                let choice = self.chosen.remove(&chunk).ok_or(OUT_OF_PLACE)?;
                let (answering, sender) = (Arc::clone(&self.answering), Arc::clone(sender));
                core.work(move || {
                    let chosen = choice.kept.unwrap_or_else(|| Arc::new(answering.choose(chunk).1));
                    let body = answering.garble(&*sender, chunk, &chosen, &choice.digest, &correction, &digest)?;
                    Ok(ResponderPayload::Garbled { frame: QueuedFrame::new(chunk, &body) })
                });
                self.choose(core, chunk.saturating_add(core.plan.window));
            }
            (FrameKind::Claims, Heard::Trees(_)) => {
                let claims = self.answering.claims(&ClaimsBody::read(body, &core.plan)?.check()?);
                let shown =
                    claims.into_iter().map(|c| Claim { own: c.own as usize, pseudonym: public_pseudonym(&c.token) });
                core.results = Some(Results { matches: Vec::new(), claims: shown.collect() });
                core.settled = true;
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(())
    }

    fn finish(&mut self, core: &mut Core, payload: ResponderPayload) -> Result<(), Error> {
        match payload {
            ResponderPayload::Answered { frame } => {
                core.advance_stage(Stage::Oprf, 1);
                if let Some(frame) = frame {
                    core.queue_frame(frame)?;
                }
                self.table.answered(core);
            }
            ResponderPayload::Chosen { chunk, frame, chosen } => {
                let kept = (self.chosen.len() < core.plan.suite.window as usize).then(|| Arc::new(chosen));
                self.chosen.insert(chunk, SentChoice { kept, digest: frame.frame.digest });
                core.queue_frame(frame)?;
            }
            ResponderPayload::Garbled { frame } => {
                core.queue_frame(frame)?;
                core.advance_stage(Stage::Compare, 1);
                self.garbled += 1;
                self.reveal(core)?;
            }
            payload => {
                if self.table.finish(core, payload)? {
                    self.begin_choices(core);
                }
            }
        }
        Ok(())
    }

    /// Makes the first window of choices, once the base OTs are done and all tables are sent.
    fn begin_choices(&self, core: &mut Core) {
        if !self.table.is_sent() {
            return;
        }
        core.begin_stage(Stage::Compare, core.plan.compare_chunks());
        for chunk in 0..core.plan.window {
            self.choose(core, chunk);
        }
    }

    fn choose(&self, core: &mut Core, chunk: u32) {
        if chunk >= core.plan.compare_chunks() {
            return;
        }
        let answering = Arc::clone(&self.answering);
        core.work(move || {
            let (body, chosen) = answering.choose(chunk);
            Ok(ResponderPayload::Chosen { chunk, frame: QueuedFrame::new(chunk, &body), chosen })
        });
    }

    /// Reveals the round key after the last garbled chunk, and so after the requester's last correction
    /// (V-SETTLE-001).
    fn reveal(&self, core: &mut Core) -> Result<(), Error> {
        if self.garbled < core.plan.compare_chunks() {
            return Ok(());
        }
        core.begin_stage(Stage::Settle, 1);
        core.queue_body(0, &self.answering.reveal())?;
        if core.plan.shape.output == OutputMode::Requester {
            core.results = Some(Results { matches: Vec::new(), claims: Vec::new() });
            core.settled = true;
        }
        Ok(())
    }
}
