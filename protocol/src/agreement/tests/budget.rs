use super::*;
use crate::agreement::budget::{Debit, TableCost, check, look, spent};
use crate::codec::{Reader, Writer};
use crate::error::Refusal;
use crate::policy::OutputMode;

fn debit(time: u64) -> Debit {
    Debit::new(&policy(), Role::Responder, key(1).id(), time)
}

fn caps() -> Caps {
    Caps { rounds_per_day: 1000, ..agreement().caps }
}

/// V-BUDGET-001: a small list of the requester's hides no large one of a dishonest responder, and little room in the tables
/// hides no long list.
#[test]
fn in_mutual_mode_a_round_costs_the_greatest_of_bins_tokens_and_list() {
    let with_room = |output: OutputMode, responder: u32, room: Option<u16>| {
        let mut policy = policy().policy().clone().with_records(10, responder);
        for table in &mut policy.tables {
            table.slots.room_responder = room.unwrap_or(table.slots.room_responder);
        }
        policy.round.output = output;
        let debit = Debit::new(&policy.validate().unwrap(), Role::Requester, key(1).id(), FROM);
        debit.tables.iter().map(|t| t.cost).collect::<Vec<_>>()
    };
    let costs = |output: OutputMode, responder: u32| with_room(output, responder, None);
    let tables = policy().policy().tables.clone();
    let asked: Vec<u64> = tables.iter().map(|t| t.slots.asked(10) + 128).collect();
    assert_eq!(costs(OutputMode::Mutual, 2000), tables.iter().map(|t| t.slots.stored(2000)).collect::<Vec<_>>());
    assert_eq!(costs(OutputMode::Requester, 2000), asked);
    assert_eq!(costs(OutputMode::Mutual, 1), asked);
    assert_eq!(with_room(OutputMode::Mutual, 2000, Some(1)), vec![2000; tables.len()]);
    assert_eq!(with_room(OutputMode::Requester, 2000, Some(1)), asked);
}

/// V-BUDGET-002: who sweeps a key with another part sweeps the key, and who sweeps the key sweeps what it is a part of.
#[test]
fn keys_that_contain_one_another_are_counted_together() {
    let round = |keys: &[(&str, u64)], time| {
        let tables = keys.iter().map(|(key, cost)| TableCost { key: (*key).into(), cost: *cost }).collect();
        Debit { tables, ..debit(time) }
    };
    let past = [round(&[("birth_date+name_part_k4", 60), ("name_pair_k4", 20)], FROM - 1)];
    let caps = Caps { bins_per_table: 100, ..caps() };
    for (key, most) in [
        ("birth_date+name_part_k4", 40),
        ("birth_date+name_part_k5", 40),
        ("birth_date+name_part_p3+sex", 40),
        ("birth_date", 40),
        ("name_part_p3", 40),
        ("birth_date+email", 100),
        ("name_pair_p3", 80),
        ("birth_year+name_part_k4", 100),
    ] {
        assert_eq!(check(&caps, &past, &round(&[(key, most)], FROM)), Ok(()), "{key}");
        let refused = Err(Refusal::Bins { table: key.into() });
        assert_eq!(check(&caps, &past, &round(&[(key, most + 1)], FROM)), refused, "{key}");
    }
    // Of one round too.
    let own = round(&[("birth_date+phone", 50), ("phone", 51)], FROM);
    assert_eq!(check(&caps, &[], &own), Err(Refusal::Bins { table: "birth_date+phone".into() }));
}

/// V-BUDGET-001
#[test]
fn a_round_costs_its_bins_whatever_was_asked() {
    let policy = policy();
    let costs = debit(FROM).tables;
    // In mutual mode tokens that S stores count as well.
    let stored: Vec<u64> = policy.policy().tables.iter().map(|t| t.slots.stored(2000)).collect();
    let asked = policy.policy().tables.iter().map(|t| t.slots.asked(1) * 2540);
    let wanted: Vec<u64> = asked.zip(&stored).map(|(asked, stored)| asked.max(*stored)).collect();
    assert_eq!(costs.iter().map(|t| t.cost).collect::<Vec<_>>(), wanted);
    assert!(costs.iter().any(|t| t.key.contains('+')), "{costs:?}");
    // Each token is asked once for every copy that the responder keeps.
    let mut twice = policy.policy().clone();
    twice.round.copies_responder = 2;
    let debit_of = |policy| Debit::new(policy, Role::Responder, key(2).id(), FROM).tables;
    let doubled = debit_of(&twice.validate().unwrap());
    let queries = |n: u32| (127 * n).div_ceil(100).max(n + 128);
    let slots = policy.policy().tables.iter().map(|t| u32::from(t.slots.room_requester / 100));
    let size = policy.policy().round.records_requester;
    let wanted = slots.map(|c| u64::from(queries(2 * c * size))).zip(stored).map(|(asked, stored)| asked.max(stored));
    assert!(doubled.iter().map(|t| t.cost).eq(wanted), "{doubled:?}");
    let mut w = Writer::default();
    debit(FROM).write(&mut w);
    let bytes = w.finish();
    let mut r = Reader::new(&bytes);
    assert_eq!(Debit::read(&mut r, FROM), Ok(debit(FROM)));
    assert_eq!(r.finish(), Ok(()));
}

/// V-BUDGET-002
#[test]
fn bins_are_counted_by_key_peer_lanes_direction_and_period() {
    let next = debit(FROM);
    let most = next.tables.iter().rev().max_by_key(|t| t.cost).unwrap().clone();
    let caps = Caps { bins_per_table: 3 * most.cost, ..caps() };
    let before = |n: u64| (0..n).map(|i| debit(FROM - 100 * i)).collect::<Vec<_>>();
    assert_eq!(check(&caps, &before(2), &next), Ok(()));
    let refused = Err(Refusal::Bins { table: most.key.clone() });
    assert_eq!(check(&caps, &before(3), &next), refused);
    let one_less = Caps { bins_per_table: 3 * most.cost - 1, ..caps };
    assert_eq!(check(&one_less, &before(2), &next), refused);
    // What is on another road, or long ago, does not count; what a clock that went back puts into the future does.
    let changed = |change: fn(&mut Debit)| {
        let mut past = before(3);
        past.iter_mut().for_each(change);
        check(&caps, &past, &next)
    };
    assert_eq!(changed(|d| d.role = Role::Requester), Ok(()));
    assert_eq!(changed(|d| d.peer = key(3).id()), Ok(()));
    assert_eq!(changed(|d| d.lanes = LanePair::VictimVictim), Ok(()));
    assert_eq!(changed(|d| d.tables.iter_mut().for_each(|t| t.key.push('x'))), Ok(()));
    assert_eq!(changed(|d| d.time -= 30 * time::DAY), Ok(()));
    assert_eq!(changed(|d| d.time -= 30 * time::DAY - 201), refused);
    assert_eq!(changed(|d| d.time += 1000), refused);
    // Across agreements, and whatever number the other policy gives the table.
    assert_eq!(changed(|d| (d.agreement, d.look) = ("another".into(), [1; 32])), refused);
    assert_eq!(changed(|d| d.tables.reverse()), refused);
    let sum = spent(&caps, &before(3), &next);
    assert!(sum.contains(&TableCost { key: most.key, cost: 3 * most.cost }), "{sum:?}");
}

#[test]
fn nothing_overflows() {
    let mut past = debit(FROM);
    past.tables.iter_mut().for_each(|t| t.cost = u64::MAX);
    let all = vec![past.clone(), past.clone()];
    assert!(matches!(check(&caps(), &all, &debit(FROM)), Err(Refusal::Bins { .. })));
}

/// V-BUDGET-003
#[test]
fn rounds_of_a_day_are_counted() {
    let caps = Caps { rounds_per_day: 2, bins_per_table: 1 << 40, ..caps() };
    let past = |ages: &[u64]| ages.iter().map(|age| debit(FROM - age)).collect::<Vec<_>>();
    assert_eq!(check(&caps, &past(&[5]), &debit(FROM)), Ok(()));
    assert_eq!(check(&caps, &past(&[5, time::DAY]), &debit(FROM)), Ok(()));
    assert_eq!(check(&caps, &past(&[5, time::DAY - 1]), &debit(FROM)), Err(Refusal::Rounds));
}

/// V-BUDGET-004
#[test]
fn a_changed_threshold_is_another_look_and_a_longer_list_is_none() {
    let caps = Caps { bins_per_table: 1 << 40, policy_changes: 1, ..caps() };
    let changed = |change: fn(&mut crate::policy::Policy)| {
        let mut other = policy().policy().clone();
        change(&mut other);
        let mut debit = Debit::new(&other.validate().unwrap(), Role::Responder, key(1).id(), FROM - 9);
        debit.time -= 1;
        debit
    };
    let shift = |by: i32| {
        let mut other = policy().policy().clone();
        if let crate::policy::Score::Weighted { possible, .. } = &mut other.score {
            *possible += by;
        }
        Debit::new(&other.validate().unwrap(), Role::Responder, key(1).id(), FROM - 10)
    };
    let longer = changed(|p| (p.name, p.round.records_responder) = ("longer".into(), 1999));
    assert_eq!(longer.look, look(&policy()));
    assert_eq!(check(&caps, &[debit(FROM - 20), longer], &debit(FROM)), Ok(()));
    assert_eq!(check(&caps, &[shift(1)], &debit(FROM)), Ok(()), "the one change that is allowed");
    assert_eq!(check(&caps, &[shift(1), shift(2)], &debit(FROM)), Err(Refusal::Changes));
    let mut elsewhere = [shift(1), shift(2)];
    elsewhere.iter_mut().for_each(|d| d.agreement = "another".into());
    assert_eq!(check(&caps, &elsewhere, &debit(FROM)), Ok(()));
}
