//! What a log says of budgets (spec 14.7): debits that stand, and those that were given back.

use super::entry::{AuditEntry, Fact};
use crate::agreement::budget::Debit;
use crate::agreement::time::DAY;
use crate::identity::PeerId;
use crate::policy::shape::Role;
use crate::schema::kinds::LanePair;
use std::collections::BTreeMap;

/// Debits that are given back in 24 hours, at most, with one peer, role and pair of lanes.
pub const RETURNS_PER_DAY: usize = 3;

type Road = (Role, PeerId, LanePair);

/// The debits of a log.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Those that stand, by the number of their entry.
    debits: BTreeMap<u64, Debit>,
    /// What was given back, and when.
    returned: Vec<(u64, Road)>,
}

fn road(debit: &Debit) -> Road {
    (debit.role, debit.peer, debit.lanes)
}

impl Account {
    /// Reads the entries of a log from its first. An entry that gives back what is no standing debit of its role, peer and
    /// lanes gives back nothing.
    #[must_use]
    pub fn of(entries: &[AuditEntry]) -> Self {
        let mut account = Self::default();
        for (number, entry) in (0..).zip(entries) {
            match &entry.fact {
                Fact::Debited(debit) => drop(account.debits.insert(number, debit.clone())),
                Fact::DebitReturned { role, peer, lanes, entry: of }
                    if account.debits.get(of).is_some_and(|debit| road(debit) == (*role, *peer, *lanes)) =>
                {
                    account.debits.remove(of);
                    account.returned.push((entry.time, (*role, *peer, *lanes)));
                }
                _ => {}
            }
        }
        account
    }

    /// The debits that stand, in order.
    #[must_use]
    pub fn debits(&self) -> Vec<Debit> {
        self.debits.values().cloned().collect()
    }

    /// The entry that gives back the debit of entry `number` at `now`, if that may be done (V-BUDGET-007). Whether its
    /// round had shown anything is another question: [`crate::wire::schedule::may_have_shown`].
    #[must_use]
    pub fn give_back(&self, number: u64, now: u64) -> Option<Fact> {
        let debit = self.debits.get(&number)?;
        let road = road(debit);
        // One of the future counts: a clock that goes back gives nothing back.
        let late = |(time, of): &&(u64, Road)| *of == road && *time > now.saturating_sub(DAY);
        let room = self.returned.iter().filter(late).count() < RETURNS_PER_DAY;
        let (role, peer, lanes) = road;
        room.then_some(Fact::DebitReturned { role, peer, lanes, entry: number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityKey;

    fn debited(time: u64, role: Role, peer: PeerId) -> AuditEntry {
        let (agreement, look) = ("lab".to_owned(), [0; 32]);
        let debit = Debit {
            time,
            role,
            peer,
            lanes: LanePair::VictimVictim,
            agreement,
            look,
            tables: Vec::new(),
            urgent: None,
        };
        AuditEntry { salt: [0; 16], time, fact: Fact::Debited(debit) }
    }

    fn noted(time: u64, fact: Fact) -> AuditEntry {
        AuditEntry { salt: [0; 16], time, fact }
    }

    /// V-BUDGET-007
    #[test]
    fn three_debits_a_day_are_given_back_and_each_once() {
        let peer = IdentityKey::from_secret(&[1; 32]).id();
        let mut log: Vec<AuditEntry> = (0..5).map(|n| debited(1000 + n, Role::Requester, peer)).collect();
        for number in 0..3 {
            let back = Account::of(&log).give_back(number, 2000).unwrap();
            log.push(noted(2000, back));
            assert_eq!(Account::of(&log).give_back(number, 2000), None, "twice");
        }
        assert_eq!(Account::of(&log).debits().len(), 2);
        assert_eq!(Account::of(&log).give_back(3, 2000 + DAY - 1), None);
        assert!(Account::of(&log).give_back(3, 2000 + DAY).is_some());
        assert_eq!(Account::of(&log).give_back(99, 2000 + DAY), None, "no such entry");
    }

    /// V-BUDGET-007: an entry that does not fit gives nothing back, wherever it comes from.
    #[test]
    fn what_is_no_standing_debit_of_that_peer_gives_nothing_back() {
        let [peer, other] = [1, 2].map(|n| IdentityKey::from_secret(&[n; 32]).id());
        let lanes = LanePair::VictimVictim;
        let good = Fact::DebitReturned { role: Role::Requester, peer, lanes, entry: 0 };
        for bad in [
            Fact::DebitReturned { role: Role::Responder, peer, lanes, entry: 0 },
            Fact::DebitReturned { role: Role::Requester, peer: other, lanes, entry: 0 },
            Fact::DebitReturned { role: Role::Requester, peer, lanes: LanePair::SuspectSuspect, entry: 0 },
            Fact::DebitReturned { role: Role::Requester, peer, lanes, entry: 1 },
            Fact::DebitReturned { role: Role::Requester, peer, lanes, entry: 2 },
        ] {
            let log = [debited(5, Role::Requester, peer), noted(6, bad.clone()), debited(7, Role::Responder, peer)];
            assert_eq!(Account::of(&log).debits().len(), 2, "{bad:?}");
        }
        let log = [debited(5, Role::Requester, peer), noted(6, good)];
        assert_eq!(Account::of(&log).debits(), []);
    }
}
