//! The state machine: each event is judged against everything before it (V-REVIEW-001 to V-REVIEW-004).

use crate::ask::Question;
use crate::event::{Actor, Event, What};
use crate::pair::{Agreed, Candidate, Judgement, Meeting, Pair, PairId, Stage, Verdict};
use crate::people::{Person, PersonId, Role, Standing};
use crate::reason::Reason;
use crate::rules::Refusal;
use crate::statistics::{Cell, Figures, Quarter, are_whole};
use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use std::collections::{BTreeMap, BTreeSet};

/// Longest note, in bytes.
const NOTE_BYTES: usize = 4_000;

/// What an agreement says of review, and whether it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) in_force: bool,
    pub(crate) grade_hidden: bool,
    pub(crate) keep: u64,
}

/// Where a pair is found: by lane and stage, what is due first comes first.
type Place = (u8, Stage, u64, PairId);

/// The desk of one authority: its people, its agreements and its pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    now: u64,
    pub(crate) people: BTreeMap<PersonId, Person>,
    pub(crate) agreements: BTreeMap<AgreementDigest, Agreement>,
    pub(crate) pairs: BTreeMap<PairId, Pair>,
    pub(crate) places: BTreeSet<Place>,
    pub(crate) published: BTreeMap<Quarter, Figures>,
    pub(crate) asks: BTreeMap<[u8; 32], Question>,
}

/// Where a pair stands in the index.
pub(crate) fn place(id: PairId, pair: &Pair) -> Place {
    (pair.candidate.lane().map_or(0, Lane::code), pair.stage, pair.decide_until(), id)
}

impl Desk {
    /// Judges a step and, if it is allowed, takes it.
    ///
    /// # Errors
    /// [`Refusal`]; the desk is then as it was.
    pub fn take(&mut self, event: Event) -> Result<(), Refusal> {
        if event.at < self.now {
            return Err(Refusal::Backwards);
        }
        let Event { at, by, what } = event;
        match what {
            What::PersonAdded { person, standing } => self.add_person(by, person, standing)?,
            What::PersonChanged { person, standing } => self.change_person(by, person, standing)?,
            What::PersonLeft { person } => self.let_person_go(by, person)?,
            What::AgreementBegan { agreement, grade_hidden, keep } => {
                node_only(by)?;
                self.agreements.insert(agreement, Agreement { in_force: true, grade_hidden, keep });
            }
            What::AgreementStopped { agreement } => {
                node_only(by)?;
                self.agreements.get_mut(&agreement).ok_or(Refusal::NotInForce)?.in_force = false;
            }
            What::Received { pair, candidate } => self.receive(by, at, pair, candidate)?,
            What::Opened { pair } => drop(self.in_lane(by, pair)?),
            What::Judged { pair, seen, judgement } => self.judge(by, at, (pair, seen), judgement)?,
            What::Approved { pair, seen } => self.approve(by, pair, seen)?,
            What::Reopened { pair, seen, reason, note } => self.reopen(by, at, pair, seen, reason, &note)?,
            What::RunEnded { run, agreement, confirmed } => {
                self.end_run(by, Agreed { run, at }, agreement, &confirmed)?
            }
            What::Released { pair, seen, sent: _ } => self.release(by, pair, seen)?,
            What::Withdrawn { pair, seen, reason, note } => self.withdraw(by, pair, seen, reason, &note)?,
            What::Expired { pair } => self.expire(by, at, pair)?,
            What::Published { quarter, figures } => self.publish(by, at, quarter, figures)?,
            What::Calibrated { agreement, figures } => self.calibrate(by, &agreement, &figures)?,
            What::Asked { ask, lane } => self.ask(by, ask, lane)?,
            What::QuestionOpened { ask } => self.open_question(by, &ask)?,
            What::QuestionApproved { ask } => self.approve_question(by, at, &ask)?,
            What::Answered { ask } => self.answer(by, &ask)?,
        }
        self.now = at;
        Ok(())
    }

    /// A person of this desk.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    /// Everybody who works or worked here.
    pub fn people(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.people.iter().map(|(id, person)| (*id, person))
    }

    /// When the last step was taken: none is dated before it.
    #[must_use]
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// Whether an agreement is in force here; `None` if the desk has not heard of it.
    #[must_use]
    pub fn agreement_in_force(&self, agreement: &AgreementDigest) -> Option<bool> {
        self.agreements.get(agreement).map(|known| known.in_force)
    }

    /// The agreements that are in force here.
    pub fn agreements_in_force(&self) -> impl Iterator<Item = &AgreementDigest> {
        self.agreements.iter().filter(|(_, known)| known.in_force).map(|(digest, _)| digest)
    }

    /// The pairs of this side that have the same meeting.
    pub fn pairs_of(&self, meeting: &Meeting) -> impl Iterator<Item = PairId> {
        let range = PairId { meeting: *meeting, own: 0 }..=PairId { meeting: *meeting, own: u32::MAX };
        self.pairs.range(range).map(|(id, _)| *id)
    }

    /// Where they stand.
    pub fn stages(&self, meeting: &Meeting) -> impl Iterator<Item = Stage> {
        self.pairs_of(meeting).filter_map(|id| self.pairs.get(&id)).map(|pair| pair.stage)
    }

    /// Everything that this side says yes to in a round, sorted.
    #[must_use]
    pub fn questions(&self, round: &RoundId) -> BTreeSet<Meeting> {
        let first = Meeting { round: *round, pseudonym: Pseudonym::from_bytes([0; 16]) };
        self.pairs
            .range(PairId { meeting: first, own: 0 }..)
            .take_while(|(id, _)| id.meeting.round == *round)
            .filter(|(_, pair)| pair.stage.says_yes() && self.in_force(pair))
            .map(|(id, _)| id.meeting)
            .collect()
    }

    /// How many pairs stand where.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(Lane, Stage), usize> {
        let mut counts = BTreeMap::new();
        for (lane, stage, ..) in &self.places {
            if let Some(lane) = Lane::from_code(*lane) {
                *counts.entry((lane, *stage)).or_default() += 1;
            }
        }
        counts
    }

    pub(crate) fn in_force(&self, pair: &Pair) -> bool {
        self.agreements.get(&pair.candidate.agreement).is_some_and(|agreement| agreement.in_force)
    }

    fn security(&self, by: Actor) -> Result<PersonId, Refusal> {
        let Actor::Person(id) = by else { return Err(Refusal::Role) };
        let allowed = self.people.get(&id).is_some_and(|person| person.has(Role::Security));
        if allowed { Ok(id) } else { Err(Refusal::Role) }
    }

    fn add_person(&mut self, by: Actor, person: PersonId, standing: Standing) -> Result<(), Refusal> {
        if by == Actor::Installer {
            if !self.people.is_empty() || !standing.roles.contains(&Role::Security) {
                return Err(Refusal::Role);
            }
        } else {
            self.security(by)?;
        }
        if self.people.contains_key(&person) {
            return Err(Refusal::PersonExists);
        }
        if !standing.is_sound() {
            return Err(Refusal::Standing);
        }
        self.people.insert(person, Person { standing, active: true });
        Ok(())
    }

    fn change_person(&mut self, by: Actor, person: PersonId, standing: Standing) -> Result<(), Refusal> {
        if self.security(by)? == person {
            return Err(Refusal::OwnRoles);
        }
        if !standing.is_sound() {
            return Err(Refusal::Standing);
        }
        let known = self.people.get_mut(&person).filter(|known| known.active).ok_or(Refusal::NoSuchPerson)?;
        known.standing = standing;
        Ok(())
    }

    fn let_person_go(&mut self, by: Actor, person: PersonId) -> Result<(), Refusal> {
        if self.security(by)? == person {
            return Err(Refusal::OwnRoles);
        }
        self.people.get_mut(&person).filter(|known| known.active).ok_or(Refusal::NoSuchPerson)?.active = false;
        Ok(())
    }

    fn receive(&mut self, by: Actor, at: u64, id: PairId, candidate: Candidate) -> Result<(), Refusal> {
        node_only(by)?;
        if self.pairs.contains_key(&id) {
            return Err(Refusal::PairExists);
        }
        if candidate.lane().is_none() {
            return Err(Refusal::NoSuchPair);
        }
        let pair = Pair::new(candidate, at);
        if !self.in_force(&pair) {
            return Err(Refusal::NotInForce);
        }
        self.places.insert(place(id, &pair));
        self.pairs.insert(id, pair);
        Ok(())
    }

    /// V-REVIEW-003: the person who acts, and the pair, if the person works on pairs in its lane. A pair of another lane looks as if
    /// there were none.
    fn in_lane(&self, by: Actor, id: PairId) -> Result<(PersonId, &Person, &Pair, Lane), Refusal> {
        let Actor::Person(acting) = by else { return Err(Refusal::Role) };
        let person = self.people.get(&acting).filter(|person| person.active).ok_or(Refusal::NoSuchPerson)?;
        let pair = self.pairs.get(&id).ok_or(Refusal::NoSuchPair)?;
        let lane = pair.candidate.lane().filter(|lane| person.standing.works_in(*lane)).ok_or(Refusal::NoSuchPair)?;
        Ok((acting, person, pair, lane))
    }

    /// As [`Desk::in_lane`], for a decision (V-REVIEW-004): the person must have seen the pair as it is.
    fn deciding(&self, by: Actor, id: PairId, seen: u32) -> Result<(PersonId, &Person, &Pair, Lane), Refusal> {
        let found = self.in_lane(by, id)?;
        if found.2.version == seen { Ok(found) } else { Err(Refusal::Stale) }
    }

    /// As [`Desk::deciding`], for what an approver does (V-REVIEW-001): victims and children take the victim-support officer, and
    /// nobody approves what the own judgement rests on.
    fn approving(&self, by: Actor, id: PairId, seen: u32) -> Result<(PersonId, &Pair), Refusal> {
        let (acting, person, pair, lane) = self.deciding(by, id, seen)?;
        let protected = lane == Lane::Victim || pair.candidate.child;
        let role = if protected { Role::VictimSupport } else { Role::Approver };
        if !person.has(role) {
            return Err(Refusal::Role);
        }
        if pair.was_judged_by(acting) {
            return Err(Refusal::FourEyes);
        }
        Ok((acting, pair))
    }

    fn judge(&mut self, by: Actor, at: u64, (id, seen): (PairId, u32), judgement: Judgement) -> Result<(), Refusal> {
        let (acting, person, pair, _) = self.deciding(by, id, seen)?;
        let role = match pair.stage {
            Stage::Candidate => Role::Reviewer,
            Stage::JudgedOnce => Role::SecondReviewer,
            _ => return Err(Refusal::Stage),
        };
        if !person.has(role) {
            return Err(Refusal::Role);
        }
        if pair.was_judged_by(acting) {
            return Err(Refusal::FourEyes);
        }
        if !Reason::of(judgement.verdict).contains(&judgement.reason) {
            return Err(Refusal::Reason);
        }
        short(&judgement.note)?;
        let stage = match pair.judged.first() {
            None => Stage::JudgedOnce,
            Some((_, first)) if first.verdict != judgement.verdict => Stage::NotDecidable,
            Some(_) => match judgement.verdict {
                Verdict::WorthAsking => Stage::JudgedTwice,
                Verdict::OtherPerson => Stage::ClosedOtherPerson,
                Verdict::NotDecidable => Stage::NotDecidable,
            },
        };
        self.change(id, stage, |pair| {
            pair.judged.push((acting, judgement));
            pair.judged_at = (pair.judged.len() > 1).then_some(at);
        });
        Ok(())
    }

    fn approve(&mut self, by: Actor, id: PairId, seen: u32) -> Result<(), Refusal> {
        let (acting, pair) = self.approving(by, id, seen)?;
        if pair.stage != Stage::JudgedTwice {
            return Err(Refusal::Stage);
        }
        if !self.in_force(pair) {
            return Err(Refusal::NotInForce);
        }
        self.change(id, Stage::ConfirmedHere, |pair| pair.approved = Some(acting));
        Ok(())
    }

    fn reopen(&mut self, by: Actor, at: u64, id: PairId, seen: u32, reason: Reason, note: &str) -> Result<(), Refusal> {
        let (_, pair) = self.approving(by, id, seen)?;
        if !matches!(pair.stage, Stage::ClosedOtherPerson | Stage::NotDecidable) {
            return Err(Refusal::Stage);
        }
        if !Reason::REOPENING.contains(&reason) {
            return Err(Refusal::Reason);
        }
        short(note)?;
        let again = Pair { version: pair.version, ..Pair::new(pair.candidate.clone(), pair.received) };
        if self.is_over(&again, at) {
            return Err(Refusal::Stage);
        }
        self.change(id, Stage::Candidate, |pair| *pair = again);
        Ok(())
    }

    /// V-REVIEW-002: only this confirms a pair.
    fn end_run(
        &mut self,
        by: Actor,
        agreed: Agreed,
        agreement: AgreementDigest,
        confirmed: &[Meeting],
    ) -> Result<(), Refusal> {
        node_only(by)?;
        if !self.agreements.get(&agreement).is_some_and(|known| known.in_force) {
            return Err(Refusal::NotInForce);
        }
        let mut to_confirm = Vec::new();
        for meeting in confirmed {
            let range = PairId { meeting: *meeting, own: 0 }..=PairId { meeting: *meeting, own: u32::MAX };
            let asked: Vec<_> = self
                .pairs
                .range(range)
                .filter(|(_, pair)| pair.stage.says_yes() && pair.candidate.agreement == agreement)
                .collect();
            if asked.is_empty() {
                return Err(Refusal::NotAsked);
            }
            to_confirm.extend(asked.iter().filter(|(_, pair)| pair.stage == Stage::ConfirmedHere).map(|(id, _)| **id));
        }
        for id in to_confirm {
            self.change(id, Stage::ConfirmedThere, |pair| pair.confirmed = Some(agreed));
        }
        Ok(())
    }

    fn release(&mut self, by: Actor, id: PairId, seen: u32) -> Result<(), Refusal> {
        let (acting, pair) = self.approving(by, id, seen)?;
        if pair.stage != Stage::ConfirmedThere {
            return Err(Refusal::Stage);
        }
        if !self.in_force(pair) {
            return Err(Refusal::NotInForce);
        }
        self.change(id, Stage::Disclosed, |pair| pair.released = Some(acting));
        Ok(())
    }

    fn withdraw(
        &mut self,
        by: Actor,
        id: PairId,
        seen: Option<u32>,
        reason: Reason,
        note: &str,
    ) -> Result<(), Refusal> {
        let pair = match by {
            Actor::Person(_) => {
                // Who judged may take back too: it discloses nothing.
                let (_, person, pair, lane) = self.deciding(by, id, seen.ok_or(Refusal::Stale)?)?;
                let protected = lane == Lane::Victim || pair.candidate.child;
                if !person.has(if protected { Role::VictimSupport } else { Role::Approver }) {
                    return Err(Refusal::Role);
                }
                pair
            }
            // The other authority can take back only what both have confirmed: it knows of nothing else.
            Actor::Peer => self.pairs.get(&id).filter(|pair| pair.confirmed.is_some()).ok_or(Refusal::NoSuchPair)?,
            Actor::Node => self.pairs.get(&id).ok_or(Refusal::NoSuchPair)?,
            Actor::Installer => return Err(Refusal::Role),
        };
        if matches!(pair.stage, Stage::Withdrawn | Stage::Expired) {
            return Err(Refusal::Stage);
        }
        if !Reason::WITHDRAWING.contains(&reason) {
            return Err(Refusal::Reason);
        }
        short(note)?;
        self.change(id, Stage::Withdrawn, |_| {});
        Ok(())
    }

    /// Whether an undecided pair is older than its agreement keeps it.
    pub(crate) fn is_over(&self, pair: &Pair, now: u64) -> bool {
        let keep = self.agreements.get(&pair.candidate.agreement).map_or(0, |agreement| agreement.keep);
        now >= pair.received.saturating_add(keep)
    }

    fn expire(&mut self, by: Actor, at: u64, id: PairId) -> Result<(), Refusal> {
        node_only(by)?;
        let pair = self.pairs.get(&id).ok_or(Refusal::NoSuchPair)?;
        if matches!(pair.stage, Stage::Withdrawn | Stage::Expired) {
            return Err(Refusal::Stage);
        }
        if !self.is_over(pair, at) {
            return Err(Refusal::TooEarly);
        }
        self.change(id, Stage::Expired, |_| {});
        Ok(())
    }

    /// V-REVIEW-006: once for each quarter, when it is over.
    fn publish(&mut self, by: Actor, at: u64, quarter: Quarter, figures: Vec<Cell>) -> Result<(), Refusal> {
        let Actor::Person(acting) = by else { return Err(Refusal::Role) };
        let person = self.people.get(&acting).filter(|person| person.active).ok_or(Refusal::NoSuchPerson)?;
        if !person.has(Role::Statistics) {
            return Err(Refusal::Role);
        }
        if at < quarter.end() {
            return Err(Refusal::TooEarly);
        }
        if self.published.contains_key(&quarter) || !are_whole(&figures) {
            return Err(Refusal::Published);
        }
        self.published.insert(quarter, figures);
        Ok(())
    }

    /// Moves a pair to a stage, counts the step and keeps the index.
    fn change(&mut self, id: PairId, stage: Stage, edit: impl FnOnce(&mut Pair)) {
        if let Some(pair) = self.pairs.get_mut(&id) {
            self.places.remove(&place(id, pair));
            edit(pair);
            pair.stage = stage;
            pair.version += 1;
            self.places.insert(place(id, pair));
        }
    }
}

fn node_only(by: Actor) -> Result<(), Refusal> {
    if by == Actor::Node { Ok(()) } else { Err(Refusal::Role) }
}

fn short(note: &str) -> Result<(), Refusal> {
    if note.len() <= NOTE_BYTES { Ok(()) } else { Err(Refusal::Note) }
}
