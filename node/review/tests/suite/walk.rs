//! A random walk of two desks, with crashes, against a second reading of their logs (V-REVIEW-001, V-REVIEW-002,
//! V-REVIEW-003, V-REVIEW-005). The tests of the node's database walk it too, over files.
//!
//! The second reading knows nothing of the machine's own state: it counts persons in the log.

use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_review::{
    Actor, Candidate, Entry, Event, Judgement, Log, Meeting, Pair, PairId, PersonId, Reason, Refusal, Role, Sight,
    Stage, Standing, Verdict, What,
};
use std::collections::{BTreeMap, BTreeSet};

const AGREEMENTS: [AgreementDigest; 2] = [AgreementDigest::from_bytes([1; 32]), AgreementDigest::from_bytes([2; 32])];
const LANES: [Lane; 3] = [Lane::Suspect, Lane::Victim, Lane::Missing];
const ROLES: [Role; 9] = Role::ALL;

/// SplitMix64: the walk is the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Where a desk keeps its log.
pub(crate) trait Disk {
    /// Judges a step and keeps its entry. If the machine crashes, that is after the judgement and before the entry is durable;
    /// what the log in memory then holds does not matter.
    fn take(&mut self, log: &mut Log, event: Event, crash: bool) -> Result<Entry, Refusal>;

    /// Starts again, and reads the log from its beginning.
    fn restart(&mut self) -> Log;
}

/// A desk, and the entries that became durable.
struct Side<D> {
    log: Log,
    disk: D,
    kept: Vec<Entry>,
    known: Vec<PairId>,
    refused: usize,
}

impl<D: Disk> Side<D> {
    fn new(disk: D) -> Self {
        let mut side = Self { log: Log::default(), disk, kept: Vec::new(), known: Vec::new(), refused: 0 };
        let installer = |what| Event { at: 0, by: Actor::Installer, what };
        let chief = Standing::new([Role::Security], []);
        side.take(installer(What::PersonAdded { person: PersonId(0), standing: chief }), false).unwrap();
        for (agreement, grade_hidden) in AGREEMENTS.into_iter().zip([true, false]) {
            let what = What::AgreementBegan { agreement, grade_hidden, keep: 200_000 };
            side.take(Event { at: 0, by: Actor::Node, what }, false).unwrap();
        }
        side
    }

    /// Takes a step. If the machine crashes before the entry is durable, the step is lost.
    fn take(&mut self, event: Event, crash: bool) -> Result<(), Refusal> {
        let taken = self.disk.take(&mut self.log, event, crash);
        if taken.is_err() {
            self.refused += 1;
        }
        let entry = taken?;
        if crash {
            self.restart();
            return Ok(());
        }
        if let What::Received { pair, .. } = &entry.event.what {
            self.known.push(*pair);
        }
        self.kept.push(entry);
        Ok(())
    }

    /// Reads the desk out of its log again: all that was taken, and nothing else.
    fn restart(&mut self) {
        self.log = self.disk.restart();
        assert_eq!(self.log.len(), self.kept.len(), "every step is in the log, and no other");
        assert_eq!(self.log.head(), self.kept.last().unwrap().hash);
    }
}

/// What the second reading finds of a pair in a log, up to an entry.
#[derive(Default)]
struct Reading {
    lane: Option<Lane>,
    agreement: Option<AgreementDigest>,
    judges: Vec<PersonId>,
    approver: Option<PersonId>,
    /// Whether, in any cycle, two different persons of the lane said yes and a third put the pair to the peer.
    was_asked: bool,
    confirmed: bool,
    decisions: u32,
}

/// Roles and lanes of people, as the log gives them.
type People = BTreeMap<PersonId, Standing>;

/// Reads a log for a pair, or for any pair with its meeting.
fn read(entries: &[Entry], is_it: impl Fn(PairId) -> bool) -> (Reading, BTreeSet<AgreementDigest>) {
    let (mut reading, mut people, mut in_force) = (Reading::default(), People::new(), BTreeSet::new());
    for Entry { event, .. } in entries {
        match &event.what {
            What::PersonAdded { person, standing } | What::PersonChanged { person, standing } => {
                people.insert(*person, standing.clone());
            }
            What::PersonLeft { person } => drop(people.remove(person)),
            What::AgreementBegan { agreement, .. } => drop(in_force.insert(*agreement)),
            What::AgreementStopped { agreement } => drop(in_force.remove(agreement)),
            What::RunEnded { confirmed, .. } => {
                let met = confirmed.iter().any(|meeting| is_it(PairId { meeting: *meeting, own: u32::MAX }));
                reading.confirmed |= met && reading.approver.is_some();
            }
            what if what.pair().is_some_and(&is_it) => step(&mut reading, event, &people),
            _ => {}
        }
    }
    (reading, in_force)
}

fn step(reading: &mut Reading, Event { by, what, .. }: &Event, people: &People) {
    let person = || match by {
        Actor::Person(id) => *id,
        other => panic!("{other:?} decided"),
    };
    let has = |id: PersonId, roles: &[Role]| {
        let standing = people.get(&id).expect("a person who works here");
        assert!(standing.works_in(reading.lane.expect("a pair that came")), "a decision from another lane");
        roles.iter().any(|role| standing.roles.contains(role))
    };
    if !matches!(what, What::Received { .. } | What::Opened { .. }) {
        reading.decisions += 1;
    }
    match what {
        What::Received { candidate, .. } => {
            reading.lane = candidate.lane();
            reading.agreement = Some(candidate.agreement);
        }
        What::Judged { judgement, .. } => {
            assert!(has(person(), &[Role::Reviewer, Role::SecondReviewer]));
            if judgement.verdict == Verdict::WorthAsking {
                reading.judges.push(person());
            }
        }
        What::Approved { .. } => {
            assert!(has(person(), &[Role::Approver, Role::VictimSupport]));
            let distinct: BTreeSet<_> = reading.judges.iter().collect();
            assert_eq!(distinct.len(), 2, "two different persons said yes");
            assert!(!distinct.contains(&person()));
            reading.approver = Some(person());
            reading.was_asked = true;
        }
        What::Reopened { .. } => {
            reading.judges.clear();
            reading.approver = None;
            reading.confirmed = false;
        }
        _ => {}
    }
}

/// Checks a disclosure on one side against both logs.
fn check_disclosure<D>(here: &Side<D>, there: &Side<D>, pair: PairId, by: PersonId) {
    let (reading, in_force) = read(&here.kept, |id| id == pair || id.own == u32::MAX && id.meeting == pair.meeting);
    let judges: BTreeSet<_> = reading.judges.iter().copied().collect();
    assert_eq!(judges.len(), 2, "two different persons here");
    assert!(!judges.contains(&by), "who discloses has not judged");
    assert!(reading.approver.is_some_and(|approver| !judges.contains(&approver)));
    assert!(reading.confirmed, "the other side said yes after this side asked");
    assert!(reading.agreement.is_some_and(|agreement| in_force.contains(&agreement)), "an agreement in force");
    // There the own record has another position: any pair with this meeting.
    let asked = there.known.iter().filter(|id| id.meeting == pair.meeting).any(|id| {
        let (reading, _) = read(&there.kept, |other| other == *id);
        reading.was_asked
    });
    assert!(asked, "two different persons there");
}

fn standing(dice: &mut Dice) -> Standing {
    let cases = [Role::Reviewer, Role::SecondReviewer, Role::Approver, Role::VictimSupport];
    let roles: Vec<Role> = match dice.below(6) {
        // Mostly people who work on pairs; now and then whatever comes, which may be refused.
        0 => vec![dice.one(&ROLES)],
        1 => vec![dice.one(&ROLES), dice.one(&ROLES)],
        _ => cases.into_iter().filter(|_| dice.chance(60)).collect(),
    };
    let lanes: Vec<Lane> = LANES.into_iter().filter(|_| dice.chance(60)).collect();
    Standing::new(roles, lanes)
}

fn actor(dice: &mut Dice) -> Actor {
    match dice.below(40) {
        0 => Actor::Peer,
        1 => Actor::Installer,
        2 => Actor::Node,
        _ => Actor::Person(PersonId(u32::try_from(dice.below(12)).unwrap())),
    }
}

fn judgement(dice: &mut Dice) -> Judgement {
    let verdict = if dice.chance(80) { Verdict::WorthAsking } else { dice.one(&Verdict::ALL) };
    let reason = if dice.chance(90) { dice.one(Reason::of(verdict)) } else { dice.one(&Reason::ALL) };
    Judgement { verdict, reason, note: String::new() }
}

/// A step of a person on a pair that is there, mostly one that can be taken.
fn decision(dice: &mut Dice, desk: &Log, pair: PairId) -> What {
    let found = any_view(desk, pair);
    let stage = found.map_or(Stage::Candidate, |pair| pair.stage);
    let version = found.map_or(0, |pair| pair.version);
    let seen = if dice.chance(95) { version } else { version.saturating_sub(1) };
    let choice = if dice.chance(85) {
        match stage {
            Stage::Candidate | Stage::JudgedOnce => 0,
            Stage::JudgedTwice => 1,
            Stage::ConfirmedThere => 2,
            Stage::ClosedOtherPerson | Stage::NotDecidable => 3,
            _ => 4,
        }
    } else {
        dice.below(7)
    };
    match choice {
        0 => What::Judged { pair, seen, judgement: judgement(dice) },
        1 => What::Approved { pair, seen },
        2 => What::Released { pair, seen, sent: [0; 32] },
        3 => What::Reopened { pair, seen, reason: dice.one(Reason::REOPENING), note: String::new() },
        4 => What::Opened { pair },
        5 => What::Expired { pair },
        _ => What::Withdrawn { pair, seen: Some(seen), reason: dice.one(Reason::WITHDRAWING), note: String::new() },
    }
}

/// Somebody who may see the pair, if there is one.
fn insider(dice: &mut Dice, log: &Log, pair: PairId) -> Actor {
    let people: Vec<_> =
        log.desk().people().map(|(id, _)| id).filter(|id| log.desk().pair(*id, pair).is_ok()).collect();
    if people.is_empty() { Actor::Person(PersonId(0)) } else { Actor::Person(dice.one(&people)) }
}

/// Somebody who can probably take the step, if there is one: else a walk gets nowhere.
fn able(dice: &mut Dice, log: &Log, pair: PairId, what: &What) -> Actor {
    let roles: &[Role] = match (what, any_view(log, pair).map(|found| found.stage)) {
        (What::Judged { .. }, Some(Stage::Candidate)) => &[Role::Reviewer],
        (What::Judged { .. }, _) => &[Role::SecondReviewer],
        _ => &[Role::Approver, Role::VictimSupport],
    };
    let can = |id: &PersonId| {
        let has = log.desk().person(*id).is_some_and(|person| roles.iter().any(|role| person.has(*role)));
        has && log.desk().pair(*id, pair).is_ok_and(|found| !found.was_judged_by(*id))
    };
    let people: Vec<_> = log.desk().people().map(|(id, _)| id).filter(can).collect();
    if people.is_empty() { insider(dice, log, pair) } else { Actor::Person(dice.one(&people)) }
}

/// The pair, through whoever may see it.
fn any_view(log: &Log, pair: PairId) -> Option<&Pair> {
    log.desk().people().find_map(|(person, _)| log.desk().pair(person, pair).ok())
}

/// What a person sees must follow from the lanes that the person has.
fn check_sight<D>(side: &Side<D>, dice: &mut Dice) {
    let desk = side.log.desk();
    let Some(pair) = (!side.known.is_empty()).then(|| dice.one(&side.known)) else { return };
    // Read out of the log, not asked of the desk.
    let received = side.kept.iter().find_map(|entry| match &entry.event.what {
        What::Received { pair: of, candidate } if *of == pair => candidate.lane(),
        _ => None,
    });
    let lane = received.unwrap();
    let digits: String = pair.meeting.pseudonym.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let on_cases = [Role::Reviewer, Role::SecondReviewer, Role::Approver, Role::VictimSupport];
    let oversees = [Role::DataProtection, Role::Auditor];
    for (id, person) in desk.people() {
        let has = |roles: &[Role]| person.active && roles.iter().any(|role| person.standing.roles.contains(role));
        let may = has(&on_cases) && person.standing.works_in(lane);
        let sight = match (may, has(&oversees)) {
            (true, _) => Sight::Record,
            (false, true) => Sight::Course,
            (false, false) => Sight::Nothing,
        };
        assert_eq!((desk.sight(id, pair), desk.pair(id, pair).is_ok()), (sight, may));
        assert!(may || !desk.shows_grade(id, pair));
        assert_eq!(desk.find(id, &digits, usize::MAX).contains(&pair), may);
        let stages = Stage::ALL.iter().flat_map(|stage| desk.queue(id, *stage, None, usize::MAX).unwrap_or_default());
        let queued: Vec<_> = stages.collect();
        assert_eq!(
            queued.iter().any(|(queued, _)| *queued == pair),
            may,
            "in the queue of who may see it, and of nobody else"
        );
    }
}

/// Both sides ask in a run and learn the AND. One of them may crash before it has written that down.
fn run<D: Disk>(dice: &mut Dice, sides: &mut [Side<D>; 2], at: u64, round: RoundId) {
    let asked: Vec<BTreeSet<Meeting>> = sides.iter().map(|side| side.log.desk().questions(&round)).collect();
    let confirmed: Vec<Meeting> = asked[0].intersection(&asked[1]).copied().collect();
    for agreement in AGREEMENTS {
        // The pairs of one round are of one agreement.
        let confirmed =
            if round.as_bytes()[0] % 2 == agreement.as_bytes()[0] % 2 { confirmed.clone() } else { Vec::new() };
        for side in sides.iter_mut() {
            let crash = dice.chance(5);
            let what = What::RunEnded { run: [0; 32], agreement, confirmed: confirmed.clone() };
            match side.take(Event { at, by: Actor::Node, what }, crash) {
                Ok(()) | Err(Refusal::NotInForce) => {}
                Err(other) => panic!("a run is refused: {other}"),
            }
        }
    }
}

/// A new meeting, known to both sides; sometimes of two own records.
fn meet<D: Disk>(dice: &mut Dice, sides: &mut [Side<D>; 2], at: u64, number: u128) -> RoundId {
    let round = RoundId::from_bytes([u8::try_from(1 + dice.below(20)).unwrap(); 32]);
    let agreement = AGREEMENTS[usize::from(round.as_bytes()[0] % 2 == AGREEMENTS[1].as_bytes()[0] % 2)];
    let (lane, child) = (dice.one(&LANES), dice.chance(20));
    for side in sides.iter_mut() {
        for own in 0..=u32::from(dice.chance(10)) {
            let meeting = Meeting { round, pseudonym: Pseudonym::from_bytes(number.to_be_bytes()) };
            let candidate = Candidate::new(agreement, lane, child, Some(1), 3);
            let what =
                What::Received { pair: PairId { meeting, own: own + 10 * (dice.next() >> 40) as u32 }, candidate };
            let taken = side.take(Event { at, by: Actor::Node, what }, false);
            assert!(matches!(taken, Ok(()) | Err(Refusal::NotInForce)));
        }
    }
    round
}

/// What a walk did, so that one that went nowhere is seen.
#[derive(Debug)]
pub(crate) struct Walked {
    pub(crate) disclosed: usize,
    pub(crate) refused: usize,
    pub(crate) restarts: usize,
    pub(crate) lost: usize,
    pub(crate) forged: usize,
}

/// Walks two desks at random for so many steps. It stops at the first step that breaks a rule.
pub(crate) fn walk<D: Disk>(steps: usize, disks: [D; 2]) -> Walked {
    let mut dice = Dice(20);
    let mut sides = disks.map(Side::new);
    let (mut disclosed, mut restarts, mut forged, mut lost) = (0, 0, 0, 0);
    for step in 0..steps {
        let at = step as u64;
        let which = dice.below(2);
        match dice.below(100) {
            0 => drop(meet(&mut dice, &mut sides, at, step as u128)),
            1 => {
                let round = RoundId::from_bytes([u8::try_from(1 + dice.below(20)).unwrap(); 32]);
                run(&mut dice, &mut sides, at, round);
            }
            2 if dice.chance(20) => {
                restarts += 1;
                let before = sides[which].log.clone();
                sides[which].restart();
                assert_eq!(sides[which].log, before, "every step is in the log");
            }
            3 if dice.chance(10) => {
                let agreement = dice.one(&AGREEMENTS);
                let what = if dice.chance(30) {
                    What::AgreementStopped { agreement }
                } else {
                    What::AgreementBegan { agreement, grade_hidden: true, keep: 200_000 }
                };
                let _ = sides[which].take(Event { at, by: Actor::Node, what }, false);
            }
            // At first people come faster, so that the walk gets somewhere.
            4 if step < 3_000 || dice.chance(30) => {
                let person = PersonId(u32::try_from(dice.below(12)).unwrap());
                let standing = standing(&mut dice);
                let what = match dice.below(10) {
                    0 => What::PersonLeft { person },
                    1..=4 => What::PersonAdded { person, standing },
                    _ => What::PersonChanged { person, standing },
                };
                let by = if dice.chance(90) { Actor::Person(PersonId(0)) } else { actor(&mut dice) };
                let _ = sides[which].take(Event { at, by, what }, false);
            }
            5 => {
                // A node that is lied to: a run that confirms what nobody here asked.
                let Some(pair) = (!sides[which].known.is_empty()).then(|| dice.one(&sides[which].known)) else {
                    continue;
                };
                let Some(found) = any_view(&sides[which].log, pair) else { continue };
                let agreement = found.candidate.agreement;
                let asked = sides[which].log.desk().questions(&pair.meeting.round).contains(&pair.meeting);
                if !asked {
                    let what = What::RunEnded { run: [3; 32], agreement, confirmed: vec![pair.meeting] };
                    let taken = sides[which].take(Event { at, by: Actor::Node, what }, false);
                    assert!(matches!(taken, Err(Refusal::NotAsked | Refusal::NotInForce)), "{taken:?}");
                    forged += 1;
                }
            }
            6 => check_sight(&sides[which], &mut dice),
            _ => {
                if sides[which].known.is_empty() {
                    continue;
                }
                // Mostly a recent pair, so that some come to their end.
                let known = &sides[which].known;
                let recent = known.len().saturating_sub(30);
                let pair = if dice.chance(80) { dice.one(&known[recent..]) } else { dice.one(known) };
                let what = decision(&mut dice, &sides[which].log, pair);
                let by = match dice.below(10) {
                    0..=5 => able(&mut dice, &sides[which].log, pair, &what),
                    6 | 7 => insider(&mut dice, &sides[which].log, pair),
                    _ => actor(&mut dice),
                };
                let crash = dice.below(1_000) == 0;
                lost += usize::from(crash);
                let is_release = matches!(what, What::Released { .. });
                let taken = sides[which].take(Event { at, by, what }, crash);
                if let (true, false, Ok(()), Actor::Person(by)) = (is_release, crash, taken, by) {
                    disclosed += 1;
                    check_disclosure(&sides[which], &sides[1 - which], pair, by);
                }
            }
        }
    }
    for side in &mut sides {
        let live = side.log.clone();
        side.restart();
        assert_eq!(side.log, live);
        for pair in side.known.iter().step_by(7) {
            let (reading, _) = read(&side.kept, |id| id == *pair);
            if let Some(found) = any_view(&side.log, *pair) {
                let by_runs = u32::from(found.confirmed.is_some());
                assert!(found.version >= reading.decisions && found.version <= reading.decisions + by_runs + 1);
            }
        }
    }
    let refused = sides.iter().map(|side| side.refused).sum();
    Walked { disclosed, refused, restarts, lost, forged }
}
