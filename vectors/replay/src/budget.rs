//! Rounds over time, each let in and debited or refused (spec 14.7).

use super::case::{Case, Hex, HexBytes, Stop, role, same};
use blindlink::agreement::budget::{self, Debit};
use blindlink::agreement::list_history::{ListedRecord, RememberedList};
use blindlink::agreement::urgent::{AskedRecord, asked_again};
use blindlink::agreement::{Agreement, CheckedAgreement, ListHistory};
use blindlink::audit::{Account as Debits, AuditEntry, Fact};
use blindlink::codec::Writer;
use blindlink::error::Refusal;
use blindlink::identity::PeerId;
use blindlink::policy::Policy;
use blindlink::session::Role;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rounds under one agreement's caps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    agreement: HexBytes,
    rounds: Vec<Round>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Round {
    time: u64,
    role: u8,
    peer: Hex<32>,
    policy: HexBytes,
    records: Vec<Hex<64>>,
    debit: HexBytes,
    refused: Option<u16>,
    stopped: Option<Stopped>,
}

/// The round stopped before anything that rests on the own list had left.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stopped {
    time: u64,
    returned: bool,
}

/// When persons were asked about, and what is compared of them.
type AskedAt = (u64, Vec<AskedRecord>);

/// What one node has debited, and the lists with which it entered rounds, by peer, lanes and role.
#[derive(Default)]
struct Account {
    log: Vec<AuditEntry>,
    lists: BTreeMap<([u8; 32], u8, u8), ListHistory>,
    /// Persons that were asked about in urgent rounds, by peer and lanes.
    asked: BTreeMap<([u8; 32], u8), Vec<AskedAt>>,
}

/// The record's digest, then that of its encoding.
fn listed(record: &[u8; 64]) -> Option<ListedRecord> {
    let (record, encoding) = record.split_at(32);
    Some(ListedRecord { record: *record.first_chunk()?, encoding: *encoding.first_chunk()? })
}

fn asked(record: &[u8; 64]) -> Option<AskedRecord> {
    let (record, encoding) = record.split_at(32);
    Some(AskedRecord { record: record.try_into().ok()?, encoding: encoding.try_into().ok()? })
}

impl Account {
    fn enter(&mut self, agreement: &CheckedAgreement, round: &Round) -> Result<Result<(), Refusal>, Stop> {
        let policy = Policy::from_canonical_bytes(&round.policy.0)?.validate()?;
        let mut debit = Debit::new(&policy, role(round.role)?, PeerId::from_bytes(round.peer.0)?, round.time);
        let mut w = Writer::default();
        debit.write(&mut w);
        same("debit", &round.debit.0, &w.finish())?;
        let urgent = agreement.agreement().is_urgent(policy.digest());
        if urgent {
            debit = debit.urgent([0; 32]);
        }
        let caps = &agreement.agreement().caps_of(urgent);
        if let Err(refusal) = budget::check(caps, &Debits::of(&self.log).debits(), &debit) {
            return Ok(Err(refusal));
        }
        if urgent && debit.role == Role::Requester {
            return Ok(self.ask(agreement, round, debit));
        }
        // The node's own digests are keyed ones of eight bytes; which ones does not matter to what is compared.
        let list: RememberedList = round.records.iter().filter_map(|record| listed(&record.0)).collect();
        let lists = self.lists.entry((round.peer.0, debit.lanes.code(), round.role)).or_default();
        if lists.differs_by_few(&list, caps.delta_records) {
            return Ok(Err(Refusal::Batch));
        }
        lists.remember(list);
        self.note(round.time, Fact::Debited(debit));
        Ok(Ok(()))
    }

    /// V-URGENT-005
    fn ask(&mut self, agreement: &CheckedAgreement, round: &Round, debit: Debit) -> Result<(), Refusal> {
        let records: Vec<AskedRecord> = round.records.iter().filter_map(|record| asked(&record.0)).collect();
        let before = self.asked.entry((round.peer.0, debit.lanes.code())).or_default();
        let again_days = agreement.agreement().urgent.map_or(0, |urgent| urgent.again_days);
        let past = before.iter().map(|(time, records)| (*time, records.as_slice()));
        if asked_again(past, round.time, again_days, &records) {
            return Err(Refusal::Batch);
        }
        before.push((round.time, records));
        self.note(round.time, Fact::Debited(debit));
        Ok(())
    }

    fn note(&mut self, time: u64, fact: Fact) {
        self.log.push(AuditEntry { salt: [0; 16], time, fact });
    }

    /// V-BUDGET-007, of the debit noted last.
    fn stop(&mut self, stopped: &Stopped) -> Result<(), Stop> {
        let last = self.log.len().saturating_sub(1) as u64;
        let back = Debits::of(&self.log).give_back(last, stopped.time);
        same("returned", &[u8::from(stopped.returned)], &[u8::from(back.is_some())])?;
        if let Some(fact) = back {
            self.note(stopped.time, fact);
        }
        Ok(())
    }
}

impl Case for Budget {
    fn run(&self) -> Result<(), Stop> {
        let agreement = Agreement::from_canonical_bytes(&self.agreement.0)?.validate()?;
        let mut account = Account::default();
        for (number, round) in self.rounds.iter().enumerate() {
            match (account.enter(&agreement, round)?, round.refused) {
                (Ok(()), None) => {
                    if let Some(stopped) = &round.stopped {
                        account.stop(stopped)?;
                    }
                }
                (Err(refusal), Some(code)) if refusal.code() == code => {}
                (Err(refusal), None) if number + 1 == self.rounds.len() => return Err(refusal.into()),
                (done, _) => {
                    let got = done.map_or_else(|refusal| refusal.to_string(), |()| "let in".to_owned());
                    let expected = format!("in round {number}: {:?}", round.refused);
                    return Err(Stop::Differs { field: "refused", expected, got });
                }
            }
        }
        Ok(())
    }
}
