//! The requester's side of the session: what to do when a frame or a result comes.

use super::core::{Core, Payload, Results};
use super::queue::Outgoing;
use super::{Match, Stage};
use crate::crypto::hash::hash;
use crate::error::Error;
use crate::labels;
use crate::policy::shape::OutputMode;
use crate::round::agree::{Randomness, Round};
use crate::round::oprf::Output;
use crate::round::requester::{Comparing, Corrected, Evaluated, Found, Keyed, Placed, Requester};
use crate::round::settle::shown;
use crate::wire::Kind;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Where the requester stands.
#[derive(Default)]
pub(super) struct Machine {
    placed: Option<Requester<Placed>>,
    keys: Option<Vec<u8>>,
    keyed: Option<Arc<Requester<Keyed>>>,
    base_answer: Option<Vec<u8>>,
    asked: Vec<Option<Arc<Vec<u8>>>>,
    opened: Vec<Option<Vec<Output>>>,
    tables: Vec<Vec<u8>>,
    tables_left: u32,
    comparing: Option<Arc<Requester<Comparing>>>,
    /// Choice chunks that came before the comparison could begin; at most the window.
    waiting: VecDeque<(u32, Vec<u8>, [u8; 32])>,
    corrected: BTreeMap<u32, (Corrected, [u8; 32])>,
    evaluated: Vec<Option<Evaluated>>,
    reveal: Option<Vec<u8>>,
}

impl Machine {
    pub(super) fn begin(&mut self, core: &mut Core, (round, random): (Arc<Round>, Randomness)) {
        self.asked.resize(core.plan.query_chunks() as usize, None);
        self.opened.resize_with(core.plan.query_chunks() as usize, || None);
        self.evaluated.resize_with(core.plan.compare_chunks() as usize, || None);
        self.tables =
            core.plan.tables.iter().map(|t| Vec::with_capacity(t.columns as usize * core.plan.value_bytes())).collect();
        self.tables_left = core.plan.table_chunks;
        core.total(Stage::Oprf, core.plan.query_chunks());
        let (records, keep_key) = (Arc::clone(&core.records), core.keep_key.clone());
        core.work(move || Ok(Payload::Placed(Requester::place(round, random, records, &keep_key))));
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
            Kind::Keys => {
                self.keys = Some(body.to_vec());
                self.ask(core)
            }
            Kind::BaseResponder => {
                self.base_answer = Some(body.to_vec());
                Ok(())
            }
            Kind::Evaluation => {
                let asked = self.asked.get_mut(index as usize).and_then(Option::take);
                let (Some(asked), Some(keyed)) = (asked, self.keyed.clone()) else {
                    return Err(Error::Internal("evaluation without a query"));
                };
                let body = body.to_vec();
                core.work(move || Ok(Payload::Opened { chunk: index, outputs: keyed.open(index, &asked, &body)? }));
                Ok(())
            }
            Kind::Table => {
                if self.tables_left == core.plan.table_chunks {
                    core.total(Stage::Table, core.plan.table_chunks);
                }
                let table = core.plan.table_range(index).and_then(|(t, _, _)| self.tables.get_mut(t));
                table.ok_or(Error::Internal("chunk of no table"))?.extend_from_slice(body);
                self.tables_left = self.tables_left.saturating_sub(1);
                core.advance(Stage::Table, 1);
                self.compare(core)
            }
            Kind::Choice => {
                self.waiting.push_back((index, body.to_vec(), digest));
                self.correct(core);
                Ok(())
            }
            Kind::Garbled => {
                let corrected = self.corrected.remove(&index);
                let (Some((kept, own)), Some(comparing)) = (corrected, self.comparing.clone()) else {
                    return Err(Error::Internal("garbled chunk without a correction"));
                };
                let body = body.to_vec();
                core.work(move || {
                    Ok(Payload::Evaluated { chunk: index, evaluated: comparing.evaluate(index, kept, &body, &own)? })
                });
                Ok(())
            }
            Kind::Reveal => {
                self.reveal = Some(body.to_vec());
                self.settle(core)
            }
            _ => Err(Error::Internal("kind not for the requester")),
        }
    }

    pub(super) fn finish(&mut self, core: &mut Core, payload: Payload) -> Result<(), Error> {
        match payload {
            Payload::Placed(placed) => {
                self.placed = Some(placed);
                self.ask(core)
            }
            Payload::Asked { chunk, body } => {
                if let Some(slot) = self.asked.get_mut(chunk as usize) {
                    *slot = Some(Arc::new(body));
                }
                self.send_queries(core)
            }
            Payload::Opened { chunk, outputs } => {
                if let Some(slot) = self.opened.get_mut(chunk as usize) {
                    *slot = Some(outputs);
                }
                core.advance(Stage::Oprf, 1);
                self.compare(core)
            }
            Payload::Corrected { chunk, frame, kept } => {
                self.corrected.insert(chunk, (kept, frame.digest));
                core.put(Kind::Correction, chunk, frame)
            }
            Payload::Evaluated { chunk, evaluated } => {
                if let Some(slot) = self.evaluated.get_mut(chunk as usize) {
                    *slot = Some(evaluated);
                }
                core.advance(Stage::Compare, 1);
                self.settle(core)
            }
            Payload::Found(found) => self.claim(core, found),
            _ => Err(Error::Internal("result not for the requester")),
        }
    }

    /// With placed queries and checked keys: blind every chunk.
    fn ask(&mut self, core: &mut Core) -> Result<(), Error> {
        if self.placed.is_none() || self.keys.is_none() {
            return Ok(());
        }
        let (Some(placed), Some(keys)) = (self.placed.take(), self.keys.take()) else { return Ok(()) };
        let (keyed, base) = placed.keys(&keys)?;
        core.put_body(Kind::BaseRequester, 0, &base)?;
        let keyed = Arc::new(keyed);
        for chunk in 0..core.plan.query_chunks() {
            let keyed = Arc::clone(&keyed);
            core.work(move || Ok(Payload::Asked { chunk, body: keyed.ask(chunk) }));
        }
        self.keyed = Some(keyed);
        self.send_queries(core)
    }

    /// With every chunk blinded: the digests of all, then all. No answer can influence a later query.
    fn send_queries(&mut self, core: &mut Core) -> Result<(), Error> {
        let bodies: Option<Vec<Arc<Vec<u8>>>> = self.asked.iter().cloned().collect();
        let Some(bodies) = bodies else { return Ok(()) };
        let digests: Vec<[u8; 32]> = bodies.iter().map(|b| hash(labels::QUERY_CHUNK, &[b])).collect();
        core.put_body(Kind::QueryDigests, 0, &digests.concat())?;
        for (chunk, body) in (0u32..).zip(&bodies) {
            core.put_body(Kind::Query, chunk, body)?;
        }
        Ok(())
    }

    /// With all evaluations open and the whole table here: begin to compare.
    fn compare(&mut self, core: &mut Core) -> Result<(), Error> {
        if self.comparing.is_some() || self.tables_left > 0 || self.opened.iter().any(Option::is_none) {
            return Ok(());
        }
        let (Some(keyed), Some(answer)) = (self.keyed.take(), self.base_answer.take()) else {
            return Err(Error::Internal("comparison before base OT"));
        };
        let outputs = core::mem::take(&mut self.opened).into_iter().flatten().flatten().collect();
        let tables = core::mem::take(&mut self.tables);
        let (comparing, trees) = Requester::clone(&keyed).compare(&answer, outputs, tables)?;
        core.put_body(Kind::Trees, 0, &trees)?;
        self.comparing = Some(Arc::new(comparing));
        core.total(Stage::Compare, core.plan.compare_chunks());
        self.correct(core);
        self.settle(core)
    }

    fn correct(&mut self, core: &mut Core) {
        let Some(comparing) = &self.comparing else { return };
        for (chunk, body, digest) in self.waiting.drain(..) {
            let comparing = Arc::clone(comparing);
            core.work(move || {
                let mut kept = comparing.correct(chunk, &body, &digest)?;
                let frame = Outgoing::new(Kind::Correction, chunk, &core::mem::take(&mut kept.body));
                Ok(Payload::Corrected { chunk, frame, kept })
            });
        }
    }

    /// With every chunk evaluated and the round key here: open, and claim in mutual mode.
    fn settle(&mut self, core: &mut Core) -> Result<(), Error> {
        if self.reveal.is_none() || self.evaluated.iter().any(Option::is_none) {
            return Ok(());
        }
        let (Some(reveal), Some(comparing)) = (self.reveal.take(), self.comparing.clone()) else { return Ok(()) };
        core.total(Stage::Settle, 1);
        let chunks: Vec<Evaluated> = core::mem::take(&mut self.evaluated).into_iter().flatten().collect();
        let revealed = comparing.unlock(&reveal)?;
        // V-SETTLE-007: in requester-only mode the receipt does not wait for what the labels open to.
        core.settled = core.plan.shape.output == OutputMode::Requester;
        core.work(move || Ok(Payload::Found(comparing.reveal(&revealed, &chunks))));
        Ok(())
    }

    /// With all pairs: claim in mutual mode.
    fn claim(&mut self, core: &mut Core, found: Vec<Found>) -> Result<(), Error> {
        let comparing = self.comparing.take().ok_or(Error::Internal("pairs before comparison"))?;
        if core.plan.shape.output == OutputMode::Mutual {
            core.put_body(Kind::Claims, 0, &comparing.claims(&found, core.claims_cap()))?;
            core.settled = true;
        }
        let mut matches: Vec<Match> = found
            .into_iter()
            .map(|f| Match { own: f.own as usize, pseudonym: shown(&f.token), grade: f.grade, tables: f.tables })
            .collect();
        matches.sort_by_key(|m| (m.own, m.pseudonym));
        core.results = Some(Results { matches, claims: Vec::new() });
        Ok(())
    }
}
