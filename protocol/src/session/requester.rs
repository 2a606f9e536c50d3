//! The requester's side of the session: what to do when a frame or a result arrives.

use super::core::{Core, Results};
use super::event::Match;
use super::job::RequesterPayload;
use super::queue::{QueuedFrame, ScheduledFrame};
use super::slots::Slots;
use crate::error::{Error, Refusal};
use crate::plan::Plan;
use crate::round::commitment::{LateId, Randomness, RoundContext};
use crate::round::oprf::OprfOutput;
use crate::round::requester::{
    Asking, Comparing, Corrected, Evaluated, FoundPair, GroupValues, Keyed, Placed, Requester,
};
use crate::round::settle::{SealKeys, public_pseudonym};
use crate::wire::body::{
    Ascending, BaseResponderBody, ChoiceBody, EvaluationBody, GarbledBody, KeysBody, PseudonymsBody, QueryBody,
    QueryDigestsBody, SealKeysBody, TableBody,
};
use crate::wire::{FrameKind, Stage};
use core::mem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const OUT_OF_PLACE: Error = Error::Internal("frame or result does not fit the requester's state");

/// The state of the requester.
#[derive(Default)]
pub(super) enum RequesterState {
    /// The round has no id yet, or has failed.
    #[default]
    Idle,
    /// The queries are being placed, and the responder's keys are to come.
    Placing { placing: Placing, early: Option<BaseResponderBody> },
    /// Queries leave; evaluations and tables arrive.
    Querying(Box<QueryingState>),
    /// Choices and garbled chunks arrive.
    Comparing(Box<ComparingState>),
    /// The results are being opened.
    Opening(Arc<Requester<Comparing>>),
    /// Everything but the receipt is made.
    Claimed,
}

/// Which of the two that the queries need are here.
pub(super) enum Placing {
    Neither,
    Placed(Requester<Placed>),
    Keys(ReceivedKeys),
}

/// The responder's keys with the chain up to them.
pub(super) struct ReceivedKeys {
    body: KeysBody,
    chain: [u8; 32],
}

/// A choice chunk with the chain up to it.
struct ReceivedChoice {
    chunk: u32,
    body: ChoiceBody,
    chain: [u8; 32],
}

pub(super) struct QueryingState {
    keyed: Arc<Requester<Keyed>>,
    /// The chain of the responder's frames up to its keys.
    to_keys: [u8; 32],
    /// The responder's base OTs, if they came before the own queries were announced.
    early: Option<BaseResponderBody>,
    asking: Option<Arc<Requester<Asking>>>,
    /// Queries that are being blinded; empty once they are sent.
    blinded: Slots<Arc<QueryBody>>,
    /// Queries that are sent and not yet evaluated.
    asked: BTreeMap<u32, Arc<QueryBody>>,
    outputs: Slots<Vec<OprfOutput>>,
    /// All outputs in bin order, once they are here.
    all_outputs: Option<Arc<Vec<OprfOutput>>>,
    tables: IncomingTables,
    /// Choices that came before the comparison could begin; at most the window.
    choices: Vec<ReceivedChoice>,
}

pub(super) struct ComparingState {
    comparing: Arc<Requester<Comparing>>,
    corrected: BTreeMap<u32, Corrected>,
    evaluated: Slots<Evaluated>,
    /// Commitments to the seal keys of the chunks that are garbled.
    commitments: Vec<[u8; 32]>,
    seal_keys: SealKeys,
    listed: Ascending,
    /// Whether all pseudonyms are here.
    complete: bool,
}

impl RequesterState {
    /// Begins once the round has an id.
    pub(super) fn begin(&mut self, core: &mut Core, (round, random): (Arc<RoundContext>, Randomness)) {
        core.begin_stage(Stage::Oprf, core.plan.query_chunks());
        let (records, keep_key) = (Arc::clone(core.records()), core.keep_key());
        core.work(move || Ok(RequesterPayload::Placed(Requester::place(round, random, records, &keep_key))));
        *self = Self::Placing { placing: Placing::Neither, early: None };
    }

    pub(super) fn handle(&mut self, core: &mut Core, frame: &ScheduledFrame<'_>) -> Result<(), Error> {
        let &ScheduledFrame { kind, index, body, chain, .. } = frame;
        match (kind, &mut *self) {
            (FrameKind::Keys, Self::Placing { placing, early }) => {
                let keys = ReceivedKeys { body: KeysBody::read(body, core.plan.suite)?, chain };
                match mem::replace(placing, Placing::Neither) {
                    Placing::Placed(placed) => *self = query(core, placed, &keys, early.take())?,
                    _ => *placing = Placing::Keys(keys),
                }
            }
            (FrameKind::BaseResponder, Self::Placing { early, .. }) => {
                *early = Some(BaseResponderBody::read(body, core.plan.suite)?);
            }
            (FrameKind::BaseResponder, Self::Querying(state)) => {
                state.early = Some(BaseResponderBody::read(body, core.plan.suite)?);
                state.open_base(core)?;
            }
            (FrameKind::Evaluation, Self::Querying(state)) => {
                let evaluation = EvaluationBody::read(body, &core.plan, index)?.evaluation;
                let query = state.asked.remove(&index).ok_or(OUT_OF_PLACE)?;
                let asking = state.asking.as_ref().ok_or(OUT_OF_PLACE)?;
                finalize(core, asking, index, query, evaluation);
            }
            (FrameKind::Table, Self::Querying(state)) => {
                state.take_table(core, index, TableBody::read(body, &core.plan, index)?)?;
            }
            (FrameKind::Choice, Self::Querying(state)) => {
                let body = ChoiceBody::read(body, &core.plan, index)?;
                state.choices.push(ReceivedChoice { chunk: index, body, chain });
            }
            (FrameKind::Choice, Self::Comparing(state)) => {
                let body = ChoiceBody::read(body, &core.plan, index)?;
                correct(core, &state.comparing, ReceivedChoice { chunk: index, body, chain });
            }
            (FrameKind::Garbled, Self::Comparing(state)) => {
                let garbled = GarbledBody::read(body, &core.plan, index)?;
                state.commitments.push(garbled.commitment);
                let kept = state.corrected.remove(&index).ok_or(OUT_OF_PLACE)?;
                let comparing = Arc::clone(&state.comparing);
                let own = core.chain_to(FrameKind::Correction, index)?;
                core.work(move || {
                    let evaluated = comparing.evaluate(index, kept, garbled, &own);
                    Ok(RequesterPayload::Evaluated { chunk: index, evaluated })
                });
            }
            (FrameKind::SealKeys, Self::Comparing(state)) => {
                let keys = SealKeysBody::read(body, &core.plan, index)?;
                state.comparing.add_seal_keys(&mut state.seal_keys, &keys, &state.commitments)?;
            }
            (FrameKind::Pseudonyms, Self::Comparing(state)) => {
                let listed = PseudonymsBody::read(body, &core.plan, index)?;
                state.listed.add(&listed.pseudonyms, "pseudonyms")?;
                state.complete = index + 1 == core.plan.pseudonyms_frames();
                self.open(core)?;
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, core: &mut Core, payload: RequesterPayload) -> Result<(), Error> {
        match (payload, &mut *self) {
            (RequesterPayload::Placed(placed), Self::Placing { placing, early }) => {
                match mem::replace(placing, Placing::Neither) {
                    Placing::Keys(keys) => *self = query(core, placed, &keys, early.take())?,
                    _ => *placing = Placing::Placed(placed),
                }
            }
            (RequesterPayload::Blinded { chunk, query }, Self::Querying(state)) => {
                if !state.blinded.fill(chunk as usize, query) {
                    return Err(OUT_OF_PLACE);
                }
                state.send_queries(core)?;
            }
            (RequesterPayload::Finalized { chunk, outputs }, Self::Querying(state)) => {
                if !state.outputs.fill(chunk as usize, outputs) {
                    return Err(OUT_OF_PLACE);
                }
                core.advance_stage(Stage::Oprf, 1);
                if let Some(all) = state.outputs.take_all() {
                    state.all_outputs = Some(Arc::new(all.into_iter().flatten().collect()));
                    state.read_tables(core)?;
                }
            }
            (RequesterPayload::Read { table, group, values }, Self::Querying(state)) => {
                let groups = state.tables.values.get_mut(table).ok_or(OUT_OF_PLACE)?;
                if !groups.fill(group, values) {
                    return Err(OUT_OF_PLACE);
                }
                self.compare(core)?;
            }
            (RequesterPayload::Corrected { chunk, frame, kept }, Self::Comparing(state)) => {
                state.comparing.corrected(chunk);
                state.corrected.insert(chunk, kept);
                core.queue_frame(frame)?;
            }
            (RequesterPayload::Evaluated { chunk, evaluated }, Self::Comparing(state)) => {
                if !state.evaluated.fill(chunk as usize, evaluated) {
                    return Err(OUT_OF_PLACE);
                }
                core.advance_stage(Stage::Compare, 1);
                self.open(core)?;
            }
            (RequesterPayload::Opened(found), Self::Opening(comparing)) => {
                claim(core, comparing, found)?;
                *self = Self::Claimed;
            }
            _ => return Err(OUT_OF_PLACE),
        }
        Ok(())
    }

    /// Begins to compare once all bins are read.
    fn compare(&mut self, core: &mut Core) -> Result<(), Error> {
        let Self::Querying(state) = self else { return Ok(()) };
        if !state.tables.values.iter().all(Slots::is_full) {
            return Ok(());
        }
        let asking = state.asking.take().ok_or(OUT_OF_PLACE)?;
        let values = state.tables.values.iter_mut().filter_map(Slots::take_all).collect();
        let choices = mem::take(&mut state.choices);
        let comparing = Arc::new(Requester::clone(&asking).compare(values));
        core.begin_stage(Stage::Compare, core.plan.compare_chunks());
        choices.into_iter().for_each(|choice| correct(core, &comparing, choice));
        *self = Self::Comparing(Box::new(ComparingState {
            comparing,
            corrected: BTreeMap::new(),
            evaluated: Slots::new(core.plan.compare_chunks() as usize),
            commitments: Vec::new(),
            seal_keys: SealKeys::default(),
            listed: Ascending::default(),
            complete: false,
        }));
        self.open(core)
    }

    /// Opens the results once every chunk is evaluated and all seal keys and pseudonyms are here.
    fn open(&mut self, core: &mut Core) -> Result<(), Error> {
        let Self::Comparing(state) = self else { return Ok(()) };
        if !state.evaluated.is_full() || !state.complete {
            return Ok(());
        }
        let chunks = state.evaluated.take_all().unwrap_or_default();
        let (keys, listed) = (mem::take(&mut state.seal_keys), mem::take(&mut state.listed));
        let comparing = Arc::clone(&state.comparing);
        core.begin_stage(Stage::Settle, 1);
        // V-SETTLE-007: in requester-only mode the receipt does not wait for what the labels open to.
        core.settled = !core.plan.is_mutual();
        *self = Self::Opening(Arc::clone(&comparing));
        core.work(move || Ok(RequesterPayload::Opened(comparing.open_results(&keys, &listed, &chunks))));
        Ok(())
    }
}

impl QueryingState {
    /// Sends the digests of all queries, then all queries, once every chunk is blinded: no evaluation can influence a
    /// later query.
    fn send_queries(&mut self, core: &mut Core) -> Result<(), Error> {
        let Some(queries) = self.blinded.take_all() else { return Ok(()) };
        core.queue_body(0, &QueryDigestsBody::of(queries.iter().map(Arc::as_ref)))?;
        for (chunk, query) in (0u32..).zip(queries) {
            core.queue_body(chunk, query.as_ref())?;
            self.asked.insert(chunk, query);
        }
        self.open_base(core)
    }

    /// Opens the responder's base OTs and trees, once they are here and the own queries are announced.
    fn open_base(&mut self, core: &mut Core) -> Result<(), Error> {
        let (Some(round), Some(to_digests)) = (core.round(), core.outbox.chain_to(FrameKind::QueryDigests, 0)) else {
            return Ok(());
        };
        let Some(base) = self.early.take() else { return Ok(()) };
        let late = LateId::new(&round, &self.to_keys, &to_digests);
        let asking = Arc::new(Requester::clone(&self.keyed).base(late, &base)?);
        if core.plan.suite.layout.evaluation.is_none() {
            for (chunk, query) in mem::take(&mut self.asked) {
                finalize(core, &asking, chunk, query, Vec::new());
            }
        }
        self.asking = Some(asking);
        Ok(())
    }

    fn take_table(&mut self, core: &mut Core, chunk: u32, body: TableBody<'_>) -> Result<(), Error> {
        if chunk == 0 {
            core.begin_stage(Stage::Table, core.plan.table_chunks);
        }
        self.tables.take(&core.plan, chunk, body.columns)?;
        core.advance_stage(Stage::Table, 1);
        self.read_tables(core)
    }

    /// Reads the bins of the groups that are whole, once all outputs are here.
    fn read_tables(&mut self, core: &mut Core) -> Result<(), Error> {
        let Some(outputs) = &self.all_outputs else { return Ok(()) };
        let asking = self.asking.as_ref().ok_or(OUT_OF_PLACE)?;
        for (table, group, columns) in self.tables.whole.drain(..) {
            let (asking, outputs) = (Arc::clone(asking), Arc::clone(outputs));
            core.work(move || {
                let values = asking.read(table, group, &columns, &outputs);
                Ok(RequesterPayload::Read { table, group, values })
            });
        }
        Ok(())
    }
}

/// The responder's tables on their way. Only what the own bins hold is kept of them: it is a fourth of the columns.
struct IncomingTables {
    /// Columns of the group that is arriving.
    arriving: Vec<u8>,
    /// Groups that are here, and not being read yet: table, number, columns.
    whole: Vec<(usize, usize, Vec<u8>)>,
    /// What the bins hold, for each table and group.
    values: Vec<Slots<GroupValues>>,
}

impl IncomingTables {
    fn new(plan: &Plan) -> Self {
        let values = plan.tables.iter().map(|table| Slots::new(table.groups.len())).collect();
        Self { arriving: Vec::new(), whole: Vec::new(), values }
    }

    /// Takes the next chunk: they come in their order.
    fn take(&mut self, plan: &Plan, chunk: u32, columns: &[u8]) -> Result<(), Error> {
        let range = plan.table_range(chunk).ok_or(OUT_OF_PLACE)?;
        let group = plan.tables.get(range.table).and_then(|table| table.groups.get(range.group)).ok_or(OUT_OF_PLACE)?;
        if range.first == 0 {
            self.arriving = Vec::with_capacity(group.columns as usize * plan.value_bytes());
        }
        self.arriving.extend_from_slice(columns);
        if range.first + range.columns == group.columns {
            self.whole.push((range.table, range.group, mem::take(&mut self.arriving)));
        }
        Ok(())
    }
}

/// With placed queries and the responder's keys: blinds every chunk.
fn query(
    core: &mut Core,
    placed: Requester<Placed>,
    keys: &ReceivedKeys,
    early: Option<BaseResponderBody>,
) -> Result<RequesterState, Error> {
    let (keyed, own_base) = placed.keys(&keys.body, &keys.chain)?;
    core.queue_body(0, &own_base)?;
    let keyed = Arc::new(keyed);
    let chunks = core.plan.query_chunks();
    for chunk in 0..chunks {
        let keyed = Arc::clone(&keyed);
        core.work(move || Ok(RequesterPayload::Blinded { chunk, query: Arc::new(keyed.query(chunk)) }));
    }
    let mut state = QueryingState {
        keyed,
        to_keys: keys.chain,
        early,
        asking: None,
        blinded: Slots::new(chunks as usize),
        asked: BTreeMap::new(),
        outputs: Slots::new(chunks as usize),
        all_outputs: None,
        tables: IncomingTables::new(&core.plan),
        choices: Vec::new(),
    };
    state.send_queries(core)?;
    Ok(RequesterState::Querying(Box::new(state)))
}

fn finalize(core: &mut Core, asking: &Arc<Requester<Asking>>, chunk: u32, query: Arc<QueryBody>, evaluation: Vec<u8>) {
    let asking = Arc::clone(asking);
    core.work(move || {
        let outputs = asking.finalize(chunk, &query, &evaluation)?;
        Ok(RequesterPayload::Finalized { chunk, outputs })
    });
}

fn correct(core: &mut Core, comparing: &Arc<Requester<Comparing>>, choice: ReceivedChoice) {
    let comparing = Arc::clone(comparing);
    core.work(move || {
        let ReceivedChoice { chunk, body, chain } = choice;
        let (correction, kept) = comparing.correct(chunk, &body, &chain)?;
        Ok(RequesterPayload::Corrected { chunk, frame: QueuedFrame::new(chunk, &correction), kept })
    });
}

/// With all pairs: claims them in mutual mode.
fn claim(core: &mut Core, comparing: &Requester<Comparing>, found: Vec<FoundPair>) -> Result<(), Error> {
    let mut claimed = Vec::new();
    if core.plan.is_mutual() {
        // V-SETTLE-012.
        let different: BTreeSet<[u8; 16]> = found.iter().map(|pair| pair.token).collect();
        if core.terms.matches.is_some_and(|most| different.len() > most as usize) {
            return Err(Refusal::Matches.into());
        }
        for (index, claims) in (0u32..).zip(comparing.claims(&found, core.claims_cap())) {
            // What pads the claims is no match.
            claimed.extend(claims.tokens.iter().filter(|token| different.contains(*token)).map(public_pseudonym));
            core.queue_body(index, &claims)?;
        }
        claimed.sort_unstable();
        core.settled = true;
    }
    let shown = |f: FoundPair| Match {
        own: f.own as usize,
        pseudonym: public_pseudonym(&f.token),
        grade: f.grade,
        tables: f.tables,
    };
    let mut matches: Vec<Match> = found.into_iter().map(shown).collect();
    matches.sort_by_key(|m| (m.own, m.pseudonym));
    core.results = Some(Results { matches, claims: Vec::new(), claimed });
    Ok(())
}
