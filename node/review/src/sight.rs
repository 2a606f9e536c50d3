//! Who sees what of a pair.

use crate::desk::Desk;
use crate::pair::{Pair, PairId, Stage};
use crate::people::{Group, PersonId, Role};
use crate::rules::Refusal;
use blindlink::ids::{Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use std::ops::Bound;

/// What a person may see of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Not even that it exists.
    Nothing,
    /// What was done and when: no record and no note.
    Course,
    /// The own record too.
    Record,
}

impl Desk {
    /// What a person may see of a pair.
    #[must_use]
    pub fn sight(&self, person: PersonId, id: PairId) -> Sight {
        let (Some(person), Some(pair)) = (self.person(person).filter(|p| p.active), self.pairs.get(&id)) else {
            return Sight::Nothing;
        };
        if person.has(Role::DataProtection) || person.has(Role::Auditor) {
            return Sight::Course;
        }
        let cases = person.standing.roles.iter().any(|role| role.group() == Group::Cases);
        match pair.candidate.lane() {
            Some(lane) if cases && person.standing.works_in(lane) => Sight::Record,
            _ => Sight::Nothing,
        }
    }

    /// A pair, for a person who may see its record.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPair`] for everybody else.
    pub fn pair(&self, person: PersonId, id: PairId) -> Result<&Pair, Refusal> {
        if self.sight(person, id) != Sight::Record {
            return Err(Refusal::NoSuchPair);
        }
        self.pairs.get(&id).ok_or(Refusal::NoSuchPair)
    }

    /// The pairs that the person may see and whose pseudonym begins so, in hexadecimal digits; at most `most`.
    #[must_use]
    pub fn find(&self, person: PersonId, digits: &str, most: usize) -> Vec<PairId> {
        let begins = |id: &PairId| {
            let mut known = id.meeting.pseudonym.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits
                .chars()
                .all(|digit| digit.to_digit(16).is_some_and(|digit| known.next().map(u32::from) == Some(digit)))
        };
        let seen = self.pairs.keys().filter(|id| begins(id) && self.sight(person, **id) == Sight::Record);
        seen.take(most).copied().collect()
    }

    /// Whether the person is shown the grade: if the agreement hides it, only who has judged is.
    #[must_use]
    pub fn shows_grade(&self, person: PersonId, id: PairId) -> bool {
        let Ok(pair) = self.pair(person, id) else { return false };
        let hidden = self.agreements.get(&pair.candidate.agreement).is_none_or(|agreement| agreement.grade_hidden);
        let judging = matches!(pair.stage, Stage::Candidate | Stage::JudgedOnce);
        !hidden || !judging || pair.was_judged_by(person)
    }

    /// The pairs of a stage in the person's lanes, after the given one: of each lane what is due first comes first.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPerson`], [`Refusal::Role`] for who works on no pairs.
    pub fn queue(
        &self,
        person: PersonId,
        stage: Stage,
        after: Option<PairId>,
        most: usize,
    ) -> Result<Vec<(PairId, &Pair)>, Refusal> {
        let person = self.person(person).filter(|p| p.active).ok_or(Refusal::NoSuchPerson)?;
        if !person.standing.roles.iter().any(|role| role.group() == Group::Cases) {
            return Err(Refusal::Role);
        }
        // A page begins after a pair that may have moved on since: its lane and its time still say where.
        let after = after.and_then(|id| Some((self.pairs.get(&id)?, id)));
        let after = after.and_then(|(pair, id)| Some((pair.candidate.lane()?.code(), pair.decide_until(), id)));
        let mut found = Vec::new();
        for lane in person.standing.lanes().map(Lane::code) {
            let from = match after {
                Some((last, ..)) if lane < last => continue,
                Some((last, due, id)) if lane == last => Bound::Excluded((lane, stage, due, id)),
                _ => Bound::Included((lane, stage, 0, FIRST)),
            };
            let places = self.places.range((from, Bound::Unbounded));
            let places = places.take_while(|(l, s, ..)| (*l, *s) == (lane, stage)).take(most - found.len());
            found.extend(places.filter_map(|(.., id)| Some((*id, self.pairs.get(id)?))));
        }
        Ok(found)
    }

    /// The pair that waits for this person, and its stage: what is nearest to its end comes first, then what is due first.
    #[must_use]
    pub fn next(&self, person: PersonId) -> Option<(PairId, Stage)> {
        let someone = self.person(person)?;
        let can = |(_, pair): &(PairId, &Pair)| {
            let protected = pair.candidate.child || pair.candidate.lane() == Some(Lane::Victim);
            let role = match pair.stage {
                Stage::Candidate => Role::Reviewer,
                Stage::JudgedOnce => Role::SecondReviewer,
                _ if protected => Role::VictimSupport,
                _ => Role::Approver,
            };
            someone.has(role) && !pair.was_judged_by(person)
        };
        let stages = [Stage::ConfirmedThere, Stage::JudgedTwice, Stage::JudgedOnce, Stage::Candidate];
        stages.into_iter().find_map(|stage| {
            let queue = self.queue(person, stage, None, LOOKED_AT).ok()?;
            queue.into_iter().find(can).map(|(id, _)| (id, stage))
        })
    }
}

/// So many pairs of a stage are looked at for one that waits for a person.
const LOOKED_AT: usize = 1_000;

/// No pair is before this one.
const FIRST: PairId = PairId {
    meeting: crate::pair::Meeting { round: RoundId::from_bytes([0; 32]), pseudonym: Pseudonym::from_bytes([0; 16]) },
    own: 0,
};
