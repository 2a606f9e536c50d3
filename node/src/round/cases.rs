//! What a round leaves for the people who review its pairs.

use super::Rounds;
use crate::error::NodeError;
use crate::event::Event;
use crate::own_list::{self, ShownRecord};
use crate::store::agreements::Store;
use crate::store::database::{KeptCases, KeptRecord};
use crate::store::desk;
use crate::sys::clock;
use blindlink::explain::{Subject, words};
use blindlink::ids::{AgreementDigest, Pseudonym};
use blindlink::normalise::date::Day;
use blindlink::policy::OutputMode;
use blindlink::round::ideal::counts;
use blindlink::schema::kinds::Lane;
use blindlink::session::{Match, Outcome, Role};
use blindlink_review::Log;
use std::collections::{BTreeMap, BTreeSet};

/// The day of a time (UTC).
fn day(seconds: u64) -> Day {
    let text = clock::date(seconds);
    let part = |at: core::ops::Range<usize>| text.get(at).unwrap_or_default();
    let small = |at| part(at).parse().unwrap_or(1);
    Day { year: clock::year(seconds), month: small(5..7), day: small(8..10) }
}

impl Rounds<'_> {
    /// The own records of the pairs as they took part, and what else a review needs. If the list cannot be read again, there
    /// are cases all the same, without the record: a person finds it by its identifier.
    pub(super) fn cases(&self, matches: &[&Match], outcome: &Outcome, agreement: AgreementDigest) -> KeptCases {
        let input = &self.admission.input;
        let own: BTreeSet<usize> = match self.admission.role {
            Role::Requester => matches.iter().map(|found| found.own).collect(),
            Role::Responder => outcome.claims.iter().map(|claim| claim.own).collect(),
        };
        let options = &self.options;
        let files = (options.records.as_path(), options.mapping.as_deref(), options.content.as_deref());
        let mut shown = own_list::shown(files, input, &own, day(clock::now())).unwrap_or_else(|error| {
            self.sink.take(&Event::NotNoted(&error));
            BTreeMap::new()
        });
        let lane = self.own_lane(agreement);
        let record = |at: usize| {
            let seen: Option<ShownRecord> = shown.remove(&at);
            let said = seen.as_ref().and_then(|seen| seen.lane).or(lane);
            KeptRecord {
                own: u32::try_from(at).unwrap_or(u32::MAX),
                own_id: input.ids.get(at).cloned().unwrap_or_default(),
                lane: said.map_or(0, Lane::code),
                // Who cannot be shown to be of age may be a child.
                child: seen.as_ref().is_none_or(|seen| seen.child),
                fields: seen.map(|seen| seen.fields).unwrap_or_default(),
                points: self.points(at),
            }
        };
        let records = own.iter().copied().map(record).collect();
        let policy = input.policy.policy();
        let tables = policy.tables.iter().map(|table| (table.name.clone(), words::key(table))).collect();
        let mutual = policy.round.output == OutputMode::Mutual;
        let slots = mutual.then_some(policy.round.records_requester);
        let items = mutual.then(|| self.items(outcome));
        KeptCases { policy: hex::encode(input.policy.canonical_bytes()), tables, slots, items, records }
    }

    /// What our list is about, as the agreement says.
    fn own_lane(&self, agreement: AgreementDigest) -> Option<Lane> {
        let sealed = Store::of(self.admission.data).by_digest(&agreement).ok()?;
        let own = self.admission.identity.key().id();
        let (party, _) = sealed.agreement().agreement().seen_from(&own)?;
        Some(party.lane)
    }

    /// What each kind of field adds to the score of a record that has the same there.
    fn points(&self, at: usize) -> Vec<(String, i64)> {
        let input = &self.admission.input;
        let (shape, segments) = (input.policy.shape(), &input.policy.policy().segments);
        let Some(record) = input.list.records.get(at) else { return Vec::new() };
        let each = counts(shape, &record.filter, &record.filter).zip(&shape.segments).zip(segments);
        each.filter(|((count, _), _)| count.in_requester)
            .map(|((count, weights), segment)| {
                let [alpha, beta, nu] = [weights.alpha, weights.beta, weights.nu].map(i64::from);
                let adds = i64::from(count.common) * (alpha + 2 * beta) + nu;
                let subjects = Subject::each_once(segment.features.iter().map(Subject::of_feature));
                (subjects.iter().map(Subject::code).collect::<Vec<_>>().join(","), adds)
            })
            .collect()
    }

    /// The pseudonyms that were claimed: the same on both sides.
    fn items(&self, outcome: &Outcome) -> Vec<String> {
        let claimed: BTreeSet<Pseudonym> = match self.admission.role {
            Role::Requester => outcome.claimed.iter().copied().collect(),
            Role::Responder => outcome.claims.iter().map(|claim| claim.pseudonym).collect(),
        };
        claimed.iter().map(hex::encode).collect()
    }

    /// Brings what is kept before the people at once: their time to decide begins now. If it cannot be done, it is done when
    /// one of them next looks.
    pub(super) fn bring_to_the_desk(&self) {
        let done = desk::catch_up(self.admission.data, &self.storage, &mut Log::default());
        if let Err(error) = done {
            self.sink.take(&Event::NotNoted(&NodeError::from(error)));
        }
    }
}
