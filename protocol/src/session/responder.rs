//! The responder's side of the session: what to do when a frame or a result arrives.

use super::core::{Core, Results};
use super::event::Claim;
use super::job::ResponderPayload;
use super::queue::{QueuedFrame, ScheduledFrame};
use super::slots::Slots;
use crate::error::Error;
use crate::plan::GroupPlan;
use crate::round::commitment::{LateId, Randomness, RoundContext};
use crate::round::responder::{Answering, Based, Chains, Chosen, GroupedRows, Item, Offered, ROW_PART, Responder};
use crate::round::settle::{SealKey, public_pseudonym};
use crate::suite::SEAL_KEYS_OF_FRAME;
use crate::wire::body::{
    Ascending, BaseRequesterBody, ClaimsBody, CorrectionBody, QueryBody, QueryDigestsBody, SealKeysBody, TableBody,
};
use crate::wire::{FrameKind, Stage};
use core::mem;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const OUT_OF_PLACE: Error = Error::Internal("frame or result does not fit the responder's state");

/// The state of the responder.
#[derive(Default)]
pub(super) enum ResponderState {
    /// The round has no id yet, or has failed.
    #[default]
    Idle,
    /// The keys are sent; the requester's base OTs are to come.
    Offered(Responder<Offered>),
    /// The digests of the queries are to come: nothing of the tables is computed before (V-OPRF-009).
    Based(Responder<Based>),
    /// Queries, then corrections, then claims arrive.
    Answering(Box<AnsweringState>),
}

/// The own tokens on their way into the tables.
struct TableState {
    progress: TableProgress,
    /// Query chunks that are not answered yet.
    unanswered: u32,
}

enum TableProgress {
    /// The items are being made.
    Items,
    /// The items are here, and not all queries are answered.
    Waiting(Vec<Vec<Item>>),
    /// Rows and columns are being computed, of a few tables at a time.
    Encoding(Encoding),
    /// All tables are sent.
    Sent,
}

/// Tables that are computed at the same time, or computed and not sent: rows of all of them together could fill the memory.
const TABLES_AT_ONCE: usize = 2;

/// The tables on their way.
struct Encoding {
    /// Those that are not begun.
    waiting: VecDeque<(usize, Vec<Item>)>,
    /// Those that are begun and not gone.
    begun: VecDeque<usize>,
    /// Whether rows of one of them are not gathered: those of two tables at a time would take twice the memory.
    gathering: bool,
    parts: Vec<Slots<GroupedRows>>,
    /// Groups that are not encoded.
    left: usize,
}

/// Choices that were sent and not yet answered. The rows of the first window are kept; those beyond, which only a round
/// by files has, are computed again when they are needed: all of them together could fill the memory.
struct SentChoice {
    kept: Option<Arc<Chosen>>,
}

pub(super) struct AnsweringState {
    table: TableState,
    answering: Arc<Responder<Answering>>,
    announced: QueryDigestsBody,
    chosen: BTreeMap<u32, SentChoice>,
    seal_keys: Slots<SealKey>,
    claims: Ascending,
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
        *self = Self::Offered(offered);
        Ok(())
    }

    pub(super) fn handle(&mut self, core: &mut Core, frame: &ScheduledFrame<'_>) -> Result<(), Error> {
        let &ScheduledFrame { kind, index, body, chain, .. } = frame;
        match mem::take(self) {
            Self::Offered(offered) if kind == FrameKind::BaseRequester => {
                let base = BaseRequesterBody::read(body, core.plan.suite)?;
                *self = Self::Based(offered.base(&base, &core.chain_to(FrameKind::Keys, 0)?)?);
                Ok(())
            }
            Self::Based(based) if kind == FrameKind::QueryDigests => {
                let announced = QueryDigestsBody::read(body, &core.plan)?;
                let round = core.round().ok_or(OUT_OF_PLACE)?;
                let late = LateId::new(&round, &core.chain_to(FrameKind::Keys, 0)?, &chain);
                let (answering, reply) = based.late(late)?;
                core.queue_body(0, &reply)?;
                *self = Self::Answering(Box::new(AnsweringState::begin(core, answering, announced)));
                Ok(())
            }
            Self::Answering(mut state) => {
                state.handle(core, kind, index, body, chain)?;
                *self = Self::Answering(state);
                Ok(())
            }
            Self::Idle | Self::Offered(_) | Self::Based(_) => Err(OUT_OF_PLACE),
        }
    }

    /// A frame has left: where it was the last of a table, another table may begin.
    pub(super) fn sent(&mut self, core: &mut Core, kind: FrameKind) {
        if let Self::Answering(state) = self
            && kind == FrameKind::Table
            && let TableProgress::Encoding(encoding) = &mut state.table.progress
        {
            encoding.go_on(core, &state.answering);
        }
    }

    pub(super) fn finish(&mut self, core: &mut Core, payload: ResponderPayload) -> Result<(), Error> {
        match self {
            Self::Idle | Self::Offered(_) | Self::Based(_) => Err(OUT_OF_PLACE),
            Self::Answering(state) => state.finish(core, payload),
        }
    }
}

impl TableState {
    /// Takes a result on the way to the tables; whether with it all tables are sent.
    fn finish(
        &mut self,
        core: &mut Core,
        answering: &Arc<Responder<Answering>>,
        payload: ResponderPayload,
    ) -> Result<bool, Error> {
        match (payload, &mut self.progress) {
            (ResponderPayload::Items(tables), TableProgress::Items) => {
                if self.unanswered > 0 {
                    self.progress = TableProgress::Waiting(tables);
                } else {
                    self.encode_rows(core, answering, tables);
                }
            }
            (ResponderPayload::Rows { table, part, rows }, TableProgress::Encoding(encoding)) => {
                core.advance_stage(Stage::Table, 1);
                let parts = encoding.parts.get_mut(table).ok_or(OUT_OF_PLACE)?;
                if !parts.fill(part, rows) {
                    return Err(OUT_OF_PLACE);
                }
                gather(core, answering, table, parts);
            }
            (ResponderPayload::Gathered { table, groups }, TableProgress::Encoding(encoding)) => {
                for (group, rows) in groups.into_iter().enumerate() {
                    let answering = Arc::clone(answering);
                    core.work(move || {
                        let columns = answering.encode(table, group, rows)?;
                        Ok(ResponderPayload::Encoded { table, group, columns })
                    });
                }
                encoding.gathering = false;
                encoding.go_on(core, answering);
            }
            (ResponderPayload::Encoded { table, group, columns }, TableProgress::Encoding(encoding)) => {
                core.advance_stage(Stage::Table, 1);
                let plan = core.plan.tables.get(table).and_then(|t| t.groups.get(group)).ok_or(OUT_OF_PLACE)?;
                let first_chunk = plan.first_chunk;
                let chunk_bytes = core.plan.suite.table_chunk as usize * core.plan.value_bytes();
                for (chunk, columns) in (first_chunk..).zip(columns.chunks(chunk_bytes)) {
                    core.queue_body(chunk, &TableBody { columns })?;
                }
                encoding.left = encoding.left.saturating_sub(1);
                if encoding.left == 0 {
                    self.progress = TableProgress::Sent;
                    return Ok(true);
                }
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(false)
    }

    /// Counts an answered query chunk.
    fn answered(&mut self, core: &mut Core, answering: &Arc<Responder<Answering>>) {
        self.unanswered = self.unanswered.saturating_sub(1);
        if self.unanswered == 0
            && matches!(self.progress, TableProgress::Waiting(_))
            && let TableProgress::Waiting(tables) = mem::replace(&mut self.progress, TableProgress::Items)
        {
            self.encode_rows(core, answering, tables);
        }
    }

    /// Begins with the tables.
    fn encode_rows(&mut self, core: &mut Core, answering: &Arc<Responder<Answering>>, tables: Vec<Vec<Item>>) {
        let part_count = |items: &Vec<Item>| items.len().div_ceil(ROW_PART as usize);
        let left = core.plan.tables.iter().map(|table| table.groups.len()).sum::<usize>();
        let steps = tables.iter().map(part_count).sum::<usize>() + left;
        core.begin_stage(Stage::Table, u32::try_from(steps).unwrap_or(u32::MAX));
        let parts = tables.iter().map(|items| Slots::new(part_count(items))).collect();
        let waiting = tables.into_iter().enumerate().collect();
        let mut encoding = Encoding { waiting, begun: VecDeque::new(), gathering: false, parts, left };
        encoding.go_on(core, answering);
        self.progress = TableProgress::Encoding(encoding);
    }
}

impl Encoding {
    /// Computes the rows of the next tables, part by part.
    fn go_on(&mut self, core: &mut Core, answering: &Arc<Responder<Answering>>) {
        while self.begun.front().is_some_and(|table| is_gone(core, *table)) {
            self.begun.pop_front();
        }
        while self.begun.len() < TABLES_AT_ONCE
            && !self.gathering
            && let Some((table, items)) = self.waiting.pop_front()
        {
            let items = Arc::new(items);
            for (part, first) in (0..items.len()).step_by(ROW_PART as usize).enumerate() {
                let (answering, items) = (Arc::clone(answering), Arc::clone(&items));
                core.work(move || {
                    let part_of_it = first..items.len().min(first + ROW_PART as usize);
                    let rows = answering.rows(table, items.get(part_of_it).unwrap_or(&[]))?;
                    Ok(ResponderPayload::Rows { table, part, rows })
                });
            }
            if let Some(parts) = self.parts.get_mut(table) {
                gather(core, answering, table, parts);
            }
            self.begun.push_back(table);
            self.gathering = true;
        }
    }
}

/// Whether all frames of a table have left.
fn is_gone(core: &Core, table: usize) -> bool {
    let groups = core.plan.tables.get(table).and_then(|table| table.groups.last());
    let chunks = |group: &GroupPlan| group.columns.div_ceil(core.plan.suite.table_chunk);
    let last = groups.and_then(|group| (group.first_chunk + chunks(group)).checked_sub(1));
    last.is_none_or(|last| core.outbox.has_left(FrameKind::Table, last))
}

/// Distributes the rows of a table over its groups once all are here.
fn gather(core: &mut Core, answering: &Arc<Responder<Answering>>, table: usize, parts: &mut Slots<GroupedRows>) {
    let Some(parts) = parts.take_all() else { return };
    let answering = Arc::clone(answering);
    core.work(move || Ok(ResponderPayload::Gathered { table, groups: answering.gather(table, parts) }));
}

impl AnsweringState {
    fn begin(core: &mut Core, answering: Responder<Answering>, announced: QueryDigestsBody) -> Self {
        let answering = Arc::new(answering);
        let (worker, keep_key, tables) = (Arc::clone(&answering), core.keep_key(), core.plan.tables.len());
        core.work(move || Ok(ResponderPayload::Items((0..tables).map(|t| worker.items(t, &keep_key)).collect())));
        Self {
            table: TableState { progress: TableProgress::Items, unanswered: core.plan.query_chunks() },
            answering,
            announced,
            chosen: BTreeMap::new(),
            seal_keys: Slots::new(core.plan.compare_chunks() as usize),
            claims: Ascending::default(),
        }
    }

    fn handle(
        &mut self,
        core: &mut Core,
        kind: FrameKind,
        index: u32,
        body: &[u8],
        chain: [u8; 32],
    ) -> Result<(), Error> {
        match kind {
            FrameKind::Query => {
                let query = self.announced.check(index, QueryBody::read(body, &core.plan, index)?)?;
                let answering = Arc::clone(&self.answering);
                core.work(move || {
                    let answer = answering.evaluate(index, &query)?;
                    let frame = answer.map(|body| QueuedFrame::new(index, &body));
                    Ok(ResponderPayload::Answered { frame })
                });
            }
            FrameKind::Correction => {
                let correction = CorrectionBody::read(body, &core.plan, index)?;
                let choice = self.chosen.remove(&index).ok_or(OUT_OF_PLACE)?;
                let to_choice = core.chain_to(FrameKind::Choice, index)?;
                let chains = Chains { to_choice, to_correction: chain };
                let answering = Arc::clone(&self.answering);
                core.work(move || {
                    let chosen = choice.kept.unwrap_or_else(|| Arc::new(answering.choose(index).1));
                    let (body, seal_key) = answering.garble(index, &chosen, &correction, &chains)?;
                    let frame = QueuedFrame::new(index, &body);
                    Ok(ResponderPayload::Garbled { chunk: index, frame, seal_key })
                });
                self.choose(core, index.saturating_add(core.plan.window));
            }
            FrameKind::Claims => {
                self.claims.add(&ClaimsBody::read(body, &core.plan, index)?.tokens, "claims")?;
                if index + 1 == core.plan.claims_frames() {
                    self.claimed(core);
                }
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(())
    }

    /// The own records among the claims, once all are here.
    fn claimed(&self, core: &mut Core) {
        let claims = self.answering.claims(&self.claims);
        let shown = claims.into_iter().map(|c| Claim { own: c.own as usize, pseudonym: public_pseudonym(&c.token) });
        core.results = Some(Results { matches: Vec::new(), claims: shown.collect(), claimed: Vec::new() });
        core.settled = true;
    }

    fn finish(&mut self, core: &mut Core, payload: ResponderPayload) -> Result<(), Error> {
        match payload {
            ResponderPayload::Answered { frame } => {
                core.advance_stage(Stage::Oprf, 1);
                if let Some(frame) = frame {
                    core.queue_frame(frame)?;
                }
                self.table.answered(core, &self.answering);
            }
            ResponderPayload::Chosen { chunk, frame, chosen } => {
                let kept = (self.chosen.len() < core.plan.suite.window as usize).then(|| Arc::new(chosen));
                self.chosen.insert(chunk, SentChoice { kept });
                core.queue_frame(frame)?;
            }
            ResponderPayload::Garbled { chunk, frame, seal_key } => {
                core.queue_frame(frame)?;
                core.advance_stage(Stage::Compare, 1);
                if !self.seal_keys.fill(chunk as usize, seal_key) {
                    return Err(OUT_OF_PLACE);
                }
                self.reveal(core)?;
            }
            payload => {
                if self.table.finish(core, &self.answering, payload)? {
                    self.begin_choices(core);
                }
            }
        }
        Ok(())
    }

    /// Makes the first window of choices, once all tables are sent.
    fn begin_choices(&self, core: &mut Core) {
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

    /// Reveals the seal keys after the last garbled chunk, and so after the requester's last correction
    /// (V-SETTLE-001).
    fn reveal(&mut self, core: &mut Core) -> Result<(), Error> {
        let Some(keys) = self.seal_keys.take_all() else { return Ok(()) };
        core.begin_stage(Stage::Settle, 1);
        for (index, keys) in (0u32..).zip(keys.chunks(SEAL_KEYS_OF_FRAME as usize)) {
            let keys = keys.iter().map(|key| *key.expose()).collect();
            core.queue_body(index, &SealKeysBody { keys })?;
        }
        for (index, pseudonyms) in (0u32..).zip(self.answering.pseudonyms()) {
            core.queue_body(index, &pseudonyms)?;
        }
        if !core.plan.is_mutual() {
            core.results = Some(Results { matches: Vec::new(), claims: Vec::new(), claimed: Vec::new() });
            core.settled = true;
        }
        Ok(())
    }
}
