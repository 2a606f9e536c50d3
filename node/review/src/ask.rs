//! Urgent questions: who asks, and who has approved that it is asked (V-URGENT-007).

use crate::desk::Desk;
use crate::event::Actor;
use crate::people::{Person, PersonId, Role};
use crate::rules::Refusal;
use blindlink::schema::kinds::Lane;
use std::collections::BTreeMap;

/// Seconds for which an approval stands.
const STANDS: u64 = 86_400;
/// Persons who must have approved a question.
const APPROVERS: usize = 2;

/// An urgent question. What it asks is in the node's store, under its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    by: PersonId,
    lane: Lane,
    approved: BTreeMap<PersonId, u64>,
    answered: bool,
}

impl Question {
    /// Who asks.
    #[must_use]
    pub const fn by(&self) -> PersonId {
        self.by
    }

    /// Lane of the list that is asked with.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    /// Whether it has its answer.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.answered
    }

    /// Who has approved it, with an approval that stands at `now`.
    pub fn approvers(&self, now: u64) -> impl Iterator<Item = PersonId> {
        self.approved.iter().filter(move |(_, at)| now < at.saturating_add(STANDS)).map(|(person, _)| *person)
    }
}

impl Desk {
    /// A question by its digest.
    #[must_use]
    pub fn question(&self, ask: &[u8; 32]) -> Option<&Question> {
        self.asks.get(ask)
    }

    /// Whether a question may be asked at `now`: two persons who still may have approved it, and it has no answer yet.
    #[must_use]
    pub fn may_ask(&self, ask: &[u8; 32], now: u64) -> bool {
        self.asks.get(ask).is_some_and(|question| {
            let may = |id: &PersonId| self.people.get(id).is_some_and(|person| may_approve(person, question.lane));
            !question.answered && question.approvers(now).filter(may).count() >= APPROVERS
        })
    }

    pub(crate) fn ask(&mut self, by: Actor, ask: [u8; 32], lane: u8) -> Result<(), Refusal> {
        let (by, person) = self.acting(by)?;
        let lane = Lane::from_code(lane).filter(|lane| person.standing.works_in(*lane)).ok_or(Refusal::Role)?;
        if self.asks.contains_key(&ask) {
            return Err(Refusal::PairExists);
        }
        self.asks.insert(ask, Question { by, lane, approved: BTreeMap::new(), answered: false });
        Ok(())
    }

    pub(crate) fn open_question(&self, by: Actor, ask: &[u8; 32]) -> Result<(), Refusal> {
        let (_, person) = self.acting(by)?;
        let question = self.asks.get(ask).filter(|question| person.standing.works_in(question.lane));
        question.map(drop).ok_or(Refusal::NoSuchQuestion)
    }

    pub(crate) fn approve_question(&mut self, by: Actor, at: u64, ask: &[u8; 32]) -> Result<(), Refusal> {
        let (id, person) = self.acting(by)?;
        let question = self.asks.get(ask).filter(|question| !question.answered).ok_or(Refusal::NoSuchQuestion)?;
        if !person.standing.works_in(question.lane) {
            return Err(Refusal::NoSuchQuestion);
        }
        if !may_approve(person, question.lane) {
            return Err(Refusal::Role);
        }
        if id == question.by || question.approvers(at).any(|approver| approver == id) {
            return Err(Refusal::FourEyes);
        }
        if let Some(question) = self.asks.get_mut(ask) {
            question.approved.insert(id, at);
        }
        Ok(())
    }

    pub(crate) fn answer(&mut self, by: Actor, ask: &[u8; 32]) -> Result<(), Refusal> {
        if by != Actor::Node {
            return Err(Refusal::Role);
        }
        let question = self.asks.get_mut(ask).filter(|question| !question.answered);
        question.ok_or(Refusal::NoSuchQuestion)?.answered = true;
        Ok(())
    }

    fn acting(&self, by: Actor) -> Result<(PersonId, &Person), Refusal> {
        let Actor::Person(id) = by else { return Err(Refusal::Role) };
        let person = self.people.get(&id).filter(|person| person.active).ok_or(Refusal::NoSuchPerson)?;
        Ok((id, person))
    }
}

/// For a list of victims the victim-support officer approves, as of pairs.
fn may_approve(person: &Person, lane: Lane) -> bool {
    person.has_in(if lane == Lane::Victim { Role::VictimSupport } else { Role::Approver }, lane)
}
