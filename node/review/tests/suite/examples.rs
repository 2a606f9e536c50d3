//! One example for each rule (V-REVIEW-001, V-REVIEW-002, V-REVIEW-003, V-REVIEW-004, V-REVIEW-005).

use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_review::{
    Actor, BrokenLog, Candidate, DueKind, Event, Judgement, Log, Meeting, PairId, PersonId, Reason, Refusal, Role,
    Sight, Stage, Standing, Verdict, What,
};

const AGREEMENT: AgreementDigest = AgreementDigest::from_bytes([7; 32]);
const KEEP: u64 = 90 * 86_400;
const CHIEF: PersonId = PersonId(1);
const ANNA: PersonId = PersonId(2);
const BEN: PersonId = PersonId(3);
const CARLA: PersonId = PersonId(4);
const VERA: PersonId = PersonId(5);
const DORA: PersonId = PersonId(6);
const OTHER_LANE: PersonId = PersonId(7);

/// V-URGENT-007: two approvers of the lane, neither of whom asks, within a day, and once.
#[test]
fn an_urgent_question_takes_two_other_persons_of_its_lane() {
    let mut scene = Scene::new();
    let suspects = Lane::Suspect.code();
    let (one, two) = ([1; 32], [2; 32]);
    let asked = |ask| What::Asked { ask, lane: suspects };
    let approved = |ask| What::QuestionApproved { ask };
    let may = |scene: &Scene, ask: &[u8; 32]| scene.log.desk().may_ask(ask, scene.now);
    scene.refused(Actor::Node, asked(one), Refusal::Role);
    scene.refused(Actor::Person(OTHER_LANE), asked(one), Refusal::Role);
    scene.refused(Actor::Person(DORA), asked(one), Refusal::Role);
    scene.refused(Actor::Person(BEN), approved(one), Refusal::NoSuchQuestion);
    scene.ok(Actor::Person(BEN), asked(one));
    scene.refused(Actor::Person(ANNA), asked(one), Refusal::PairExists);
    scene.refused(Actor::Person(BEN), approved(one), Refusal::FourEyes);
    scene.refused(Actor::Person(ANNA), approved(one), Refusal::Role);
    scene.refused(Actor::Person(VERA), approved(one), Refusal::Role);
    scene.refused(Actor::Person(OTHER_LANE), approved(one), Refusal::NoSuchQuestion);
    scene.refused(Actor::Person(OTHER_LANE), What::QuestionOpened { ask: one }, Refusal::NoSuchQuestion);
    scene.ok(Actor::Person(CARLA), What::QuestionOpened { ask: one });
    scene.ok(Actor::Person(CARLA), approved(one));
    scene.refused(Actor::Person(CARLA), approved(one), Refusal::FourEyes);
    assert!(!may(&scene, &one), "one approval");

    // Anna asks the second question: two approvers are there.
    scene.ok(Actor::Person(ANNA), asked(two));
    scene.ok(Actor::Person(BEN), approved(two));
    scene.ok(Actor::Person(CARLA), approved(two));
    assert!(may(&scene, &two) && !may(&scene, &one));
    scene.now += 86_400 - 1;
    assert!(may(&scene, &two));
    scene.now += 1;
    assert!(!may(&scene, &two), "an approval stands for a day");
    scene.ok(Actor::Person(BEN), approved(two));
    scene.ok(Actor::Person(CARLA), approved(two));
    let mut without = scene.log.clone();
    let left = Event { at: scene.now, by: Actor::Person(CHIEF), what: What::PersonLeft { person: CARLA } };
    without.append(left).unwrap();
    assert!(!without.desk().may_ask(&two, scene.now), "who has left approves nothing");
    scene.refused(Actor::Person(ANNA), What::Answered { ask: two }, Refusal::Role);
    scene.ok(Actor::Node, What::Answered { ask: two });
    assert!(!may(&scene, &two), "it has its answer");
    scene.refused(Actor::Person(BEN), approved(two), Refusal::NoSuchQuestion);
    scene.refused(Actor::Node, What::Answered { ask: two }, Refusal::NoSuchQuestion);

    // Of a list of victims: the victim-support officer.
    scene.ok(Actor::Person(ANNA), What::Asked { ask: [3; 32], lane: Lane::Victim.code() });
    scene.refused(Actor::Person(BEN), approved([3; 32]), Refusal::Role);
    scene.ok(Actor::Person(VERA), approved([3; 32]));
}

fn pair(n: u8) -> PairId {
    PairId {
        meeting: Meeting { round: RoundId::from_bytes([1; 32]), pseudonym: Pseudonym::from_bytes([n; 16]) },
        own: u32::from(n),
    }
}

fn candidate(lane: Lane, child: bool) -> Candidate {
    Candidate::new(AGREEMENT, lane, child, Some(2), 5)
}

/// A desk with everybody, an agreement in force, and three pairs: 1 suspect, 2 victim, 3 a suspect who may be a child.
struct Scene {
    log: Log,
    entries: Vec<blindlink_review::Entry>,
    now: u64,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self { log: Log::default(), entries: Vec::new(), now: 1_000 };
        let both = [Lane::Suspect, Lane::Victim];
        scene.ok(Actor::Installer, added(CHIEF, &[Role::Security], &[]));
        for (person, roles, lanes) in [
            (ANNA, &[Role::Reviewer, Role::SecondReviewer][..], &both[..]),
            (BEN, &[Role::Reviewer, Role::SecondReviewer, Role::Approver], &both),
            (CARLA, &[Role::Approver, Role::SecondReviewer], &[Lane::Suspect]),
            (VERA, &[Role::VictimSupport], &both),
            (DORA, &[Role::DataProtection], &[]),
            (OTHER_LANE, &[Role::Reviewer, Role::SecondReviewer, Role::Approver], &[Lane::Missing]),
        ] {
            scene.ok(Actor::Person(CHIEF), added(person, roles, lanes));
        }
        scene.ok(Actor::Node, What::AgreementBegan { agreement: AGREEMENT, grade_hidden: true, keep: KEEP });
        for (n, lane, child) in [(1, Lane::Suspect, false), (2, Lane::Victim, false), (3, Lane::Suspect, true)] {
            scene.ok(Actor::Node, What::Received { pair: pair(n), candidate: candidate(lane, child) });
        }
        scene
    }

    fn take(&mut self, by: Actor, what: What) -> Result<(), Refusal> {
        let before = self.log.clone();
        let taken = self.log.append(Event { at: self.now, by, what });
        if taken.is_err() {
            assert_eq!(self.log, before, "a refused step changes nothing");
        }
        self.entries.extend(taken.clone());
        taken.map(drop)
    }

    #[track_caller]
    fn ok(&mut self, by: Actor, what: What) {
        self.take(by, what).unwrap();
    }

    #[track_caller]
    fn refused(&mut self, by: Actor, what: What, why: Refusal) {
        assert_eq!(self.take(by, what), Err(why));
    }

    fn version(&self, n: u8) -> u32 {
        self.log.desk().pair(if n == 2 { VERA } else { BEN }, pair(n)).unwrap().version
    }

    fn stage(&self, n: u8) -> Stage {
        self.log.desk().pair(BEN, pair(n)).unwrap().stage
    }

    fn judged(&self, n: u8, verdict: Verdict) -> What {
        let judgement = Judgement { verdict, reason: Reason::of(verdict)[0], note: String::new() };
        What::Judged { pair: pair(n), seen: self.version(n), judgement }
    }

    fn yes(&self, n: u8) -> What {
        self.judged(n, Verdict::WorthAsking)
    }

    fn approved(&self, n: u8) -> What {
        What::Approved { pair: pair(n), seen: self.version(n) }
    }

    fn released(&self, n: u8) -> What {
        What::Released { pair: pair(n), seen: self.version(n), sent: [0; 32] }
    }

    fn withdrawn(&self, n: u8, reason: Reason) -> What {
        What::Withdrawn { pair: pair(n), seen: Some(self.version(n)), reason, note: String::new() }
    }

    fn run(confirmed: &[u8]) -> What {
        let confirmed = confirmed.iter().map(|n| pair(*n).meeting).collect();
        What::RunEnded { run: [9; 32], agreement: AGREEMENT, confirmed }
    }

    /// Brings the pair to where both sides have said yes.
    fn confirm(&mut self, n: u8, approver: PersonId) {
        for judge in [ANNA, BEN] {
            let yes = self.yes(n);
            self.ok(Actor::Person(judge), yes);
        }
        let approved = self.approved(n);
        self.ok(Actor::Person(approver), approved);
        self.ok(Actor::Node, Self::run(&[n]));
    }
}

fn added(person: PersonId, roles: &[Role], lanes: &[Lane]) -> What {
    let standing = Standing::new(roles.iter().copied(), lanes.iter().copied());
    What::PersonAdded { person, standing }
}

#[test]
fn a_pair_goes_its_way_through_three_persons_and_the_peer() {
    let mut scene = Scene::new();
    scene.confirm(1, CARLA);
    assert_eq!(scene.stage(1), Stage::ConfirmedThere);
    let released = scene.released(1);
    scene.ok(Actor::Person(CARLA), released);
    assert_eq!(scene.stage(1), Stage::Disclosed);
    assert_eq!(Log::replay(scene.entries.clone()).unwrap(), scene.log);
}

#[test]
fn four_eyes_see_every_decision() {
    let mut scene = Scene::new();
    let yes = scene.yes(1);
    scene.ok(Actor::Person(BEN), yes);
    let again = scene.yes(1);
    scene.refused(Actor::Person(BEN), again.clone(), Refusal::FourEyes);
    scene.ok(Actor::Person(ANNA), again);
    // Ben has the role, and has judged.
    let approved = scene.approved(1);
    scene.refused(Actor::Person(BEN), approved.clone(), Refusal::FourEyes);
    scene.refused(Actor::Person(ANNA), approved.clone(), Refusal::Role);
    scene.ok(Actor::Person(CARLA), approved);
    scene.ok(Actor::Node, Scene::run(&[1]));
    let released = scene.released(1);
    scene.refused(Actor::Person(BEN), released.clone(), Refusal::FourEyes);
    scene.ok(Actor::Person(CARLA), released);
}

#[test]
fn no_step_can_be_left_out() {
    let mut scene = Scene::new();
    for what in [scene.approved(1), scene.released(1)] {
        scene.refused(Actor::Person(CARLA), what, Refusal::Stage);
    }
    scene.refused(Actor::Node, Scene::run(&[1]), Refusal::NotAsked);
    let yes = scene.yes(1);
    scene.ok(Actor::Person(ANNA), yes);
    let yes = scene.yes(1);
    scene.ok(Actor::Person(BEN), yes);
    scene.refused(Actor::Node, Scene::run(&[1]), Refusal::NotAsked);
    let released = scene.released(1);
    scene.refused(Actor::Person(CARLA), released, Refusal::Stage);
    let approved = scene.approved(1);
    scene.ok(Actor::Person(CARLA), approved);
    let released = scene.released(1);
    scene.refused(Actor::Person(CARLA), released, Refusal::Stage);
    // Nobody but the node says that the other authority agrees.
    for by in [Actor::Person(CARLA), Actor::Peer, Actor::Installer] {
        scene.refused(by, Scene::run(&[1]), Refusal::Role);
    }
}

#[test]
fn victims_and_children_take_the_officer_for_victims() {
    for n in [2, 3] {
        let mut scene = Scene::new();
        for judge in [ANNA, BEN] {
            let yes = scene.yes(n);
            scene.ok(Actor::Person(judge), yes);
        }
        let approved = scene.approved(n);
        if n == 3 {
            scene.refused(Actor::Person(CARLA), approved.clone(), Refusal::Role);
        }
        scene.ok(Actor::Person(VERA), approved);
    }
}

#[test]
fn another_lane_looks_as_if_it_were_empty() {
    let mut scene = Scene::new();
    let unknown = PairId { own: 99, ..pair(1) };
    let desk = scene.log.desk();
    assert_eq!(desk.pair(OTHER_LANE, pair(1)), Err(Refusal::NoSuchPair));
    assert_eq!(desk.pair(OTHER_LANE, unknown), Err(Refusal::NoSuchPair));
    assert_eq!(desk.sight(OTHER_LANE, pair(1)), Sight::Nothing);
    assert!(desk.queue(OTHER_LANE, Stage::Candidate, None, 10).unwrap().is_empty());
    assert_eq!(desk.queue(CARLA, Stage::Candidate, None, 10).unwrap().len(), 2);
    assert_eq!(desk.queue(DORA, Stage::Candidate, None, 10), Err(Refusal::Role));
    // Oversight sees the course and no record; who names people and who runs rounds see nothing.
    assert_eq!(desk.sight(DORA, pair(1)), Sight::Course);
    assert_eq!(desk.sight(CHIEF, pair(1)), Sight::Nothing);
    let yes = scene.yes(1);
    scene.refused(Actor::Person(OTHER_LANE), yes, Refusal::NoSuchPair);
    scene.refused(Actor::Person(OTHER_LANE), What::Opened { pair: pair(1) }, Refusal::NoSuchPair);
    scene.refused(Actor::Person(DORA), What::Opened { pair: pair(1) }, Refusal::NoSuchPair);
    scene.ok(Actor::Person(ANNA), What::Opened { pair: pair(1) });
}

#[test]
fn the_grade_is_hidden_until_one_has_judged() {
    let mut scene = Scene::new();
    assert!(!scene.log.desk().shows_grade(ANNA, pair(1)));
    let yes = scene.yes(1);
    scene.ok(Actor::Person(ANNA), yes);
    assert!(scene.log.desk().shows_grade(ANNA, pair(1)));
    assert!(!scene.log.desk().shows_grade(BEN, pair(1)), "the second person judges blind too");
    assert!(!scene.log.desk().shows_grade(OTHER_LANE, pair(1)));
    let yes = scene.yes(1);
    scene.ok(Actor::Person(BEN), yes);
    assert!(scene.log.desk().shows_grade(CARLA, pair(1)));
}

#[test]
fn judgements_that_differ_or_say_no_close_a_pair() {
    for (first, second, stage) in [
        (Verdict::OtherPerson, Verdict::OtherPerson, Stage::ClosedOtherPerson),
        (Verdict::WorthAsking, Verdict::OtherPerson, Stage::NotDecidable),
        (Verdict::NotDecidable, Verdict::NotDecidable, Stage::NotDecidable),
    ] {
        let mut scene = Scene::new();
        for (person, verdict) in [(ANNA, first), (BEN, second)] {
            let what = scene.judged(1, verdict);
            scene.ok(Actor::Person(person), what);
        }
        assert_eq!(scene.stage(1), stage);
        let again = |reason| What::Reopened { pair: pair(1), seen: 2, reason, note: String::new() };
        scene.refused(Actor::Person(CARLA), again(Reason::CommonName), Refusal::Reason);
        scene.refused(Actor::Person(BEN), again(Reason::NewInformation), Refusal::FourEyes);
        scene.ok(Actor::Person(CARLA), again(Reason::NewInformation));
        assert_eq!(scene.stage(1), Stage::Candidate);
        assert_eq!(scene.version(1), 3, "the count of steps goes on");
    }
}

#[test]
fn a_decision_needs_a_fitting_reason_and_what_is_on_the_screen() {
    let mut scene = Scene::new();
    let what = |seen, reason, note: &str| What::Judged {
        pair: pair(1),
        seen,
        judgement: Judgement { verdict: Verdict::WorthAsking, reason, note: note.to_owned() },
    };
    scene.refused(Actor::Person(ANNA), what(0, Reason::CommonName, ""), Refusal::Reason);
    scene.refused(Actor::Person(ANNA), what(0, Reason::Document, &"x".repeat(4_001)), Refusal::Note);
    // Two tabs: the second decides on a page that is no longer true.
    scene.ok(Actor::Person(ANNA), what(0, Reason::Document, "see folder 3"));
    scene.refused(Actor::Person(BEN), what(0, Reason::Document, ""), Refusal::Stale);
    scene.ok(Actor::Person(BEN), what(1, Reason::Document, ""));
}

#[test]
fn nothing_is_asked_or_disclosed_without_an_agreement_in_force() {
    let mut scene = Scene::new();
    scene.confirm(1, CARLA);
    scene.ok(Actor::Node, What::AgreementStopped { agreement: AGREEMENT });
    let released = scene.released(1);
    scene.refused(Actor::Person(CARLA), released, Refusal::NotInForce);
    scene.refused(Actor::Node, Scene::run(&[1]), Refusal::NotInForce);
    assert!(scene.log.desk().questions(&RoundId::from_bytes([1; 32])).is_empty());
    let late = What::Received { pair: pair(9), candidate: candidate(Lane::Suspect, false) };
    scene.refused(Actor::Node, late, Refusal::NotInForce);
    // What was confirmed can still be taken back.
    let back = scene.withdrawn(1, Reason::Danger);
    scene.ok(Actor::Person(CARLA), back);
}

#[test]
fn withdrawal_is_open_to_both_sides_and_final() {
    let mut scene = Scene::new();
    let by_peer = |n| What::Withdrawn { pair: pair(n), seen: None, reason: Reason::Erased, note: String::new() };
    scene.refused(Actor::Peer, by_peer(1), Refusal::NoSuchPair);
    scene.confirm(1, CARLA);
    scene.ok(Actor::Peer, by_peer(1));
    assert_eq!(scene.stage(1), Stage::Withdrawn);
    scene.refused(Actor::Peer, by_peer(1), Refusal::Stage);
    let released = scene.released(1);
    scene.refused(Actor::Person(CARLA), released, Refusal::Stage);
    assert!(scene.log.desk().questions(&RoundId::from_bytes([1; 32])).is_empty());
}

#[test]
fn time_limits_are_kept() {
    let mut scene = Scene::new();
    let began = scene.now;
    let due =
        |scene: &Scene, now| -> Vec<_> { scene.log.desk().due(now).iter().map(|due| (due.pair, due.kind)).collect() };
    assert!(due(&scene, began + 12 * 3_600 - 1).is_empty());
    assert_eq!(due(&scene, began + 12 * 3_600), [(pair(3), DueKind::Decide)]);
    assert_eq!(due(&scene, began + 48 * 3_600).len(), 3);
    let expired = || What::Expired { pair: pair(1) };
    scene.refused(Actor::Node, expired(), Refusal::TooEarly);
    scene.now += KEEP;
    assert_eq!(due(&scene, scene.now).iter().filter(|(_, kind)| *kind == DueKind::Expire).count(), 3);
    scene.refused(Actor::Person(CARLA), expired(), Refusal::Role);
    scene.ok(Actor::Node, expired());
    scene.now -= 1;
    scene.refused(Actor::Node, What::Expired { pair: pair(3) }, Refusal::Backwards);
}

#[test]
fn people_are_named_by_the_security_officer_and_not_by_themselves() {
    let mut scene = Scene::new();
    let new = PersonId(20);
    scene.refused(Actor::Installer, added(new, &[Role::Security], &[]), Refusal::Role);
    scene.refused(Actor::Person(ANNA), added(new, &[Role::Reviewer], &[]), Refusal::Role);
    let chief = Actor::Person(CHIEF);
    for (roles, lanes) in [
        (&[Role::Reviewer, Role::Auditor][..], &[Lane::Suspect][..]),
        (&[Role::Operator, Role::Approver], &[Lane::Suspect]),
        (&[Role::Auditor], &[Lane::Suspect]),
        (&[], &[]),
    ] {
        scene.refused(chief, added(new, roles, lanes), Refusal::Standing);
    }
    scene.refused(chief, added(ANNA, &[Role::Reviewer], &[]), Refusal::PersonExists);
    let own = What::PersonChanged { person: CHIEF, standing: Standing::new([Role::Approver], [Lane::Suspect]) };
    scene.refused(chief, own, Refusal::OwnRoles);
    scene.refused(chief, What::PersonLeft { person: CHIEF }, Refusal::OwnRoles);
    scene.ok(chief, What::PersonLeft { person: ANNA });
    let yes = scene.yes(1);
    scene.refused(Actor::Person(ANNA), yes, Refusal::NoSuchPerson);
}

#[test]
fn a_changed_log_gives_no_desk() {
    let mut scene = Scene::new();
    scene.confirm(1, CARLA);
    let good = scene.entries.clone();
    assert!(Log::replay(good.clone()).is_ok());
    let mut changed = good.clone();
    changed.remove(3);
    assert!(matches!(Log::replay(changed), Err(BrokenLog::Hash(3))));
    let mut forged = good.clone();
    // The second judgement as if it had been of the first person.
    let second = forged.iter().rposition(|entry| matches!(entry.event.what, What::Judged { .. })).unwrap();
    forged[second].event.by = Actor::Person(ANNA);
    assert_eq!(Log::replay(forged), Err(BrokenLog::Step(second, Refusal::FourEyes)));
    let text = serde_json::to_string(&good).unwrap();
    let read: Vec<blindlink_review::Entry> = serde_json::from_str(&text).unwrap();
    assert_eq!(Log::replay(read).unwrap(), scene.log);
}

/// What a person wrote may name somebody: it stands in no log line or error.
#[test]
fn notes_are_not_in_debug_output() {
    let note = "she is Oksana".to_owned();
    let judgement = Judgement { verdict: Verdict::WorthAsking, reason: Reason::of(Verdict::WorthAsking)[0], note };
    let judged = What::Judged { pair: pair(1), seen: 0, judgement: judgement.clone() };
    let reason = Reason::Erased;
    let withdrawn = What::Withdrawn { pair: pair(1), seen: None, reason, note: judgement.note.clone() };
    for shown in [format!("{judgement:?}"), format!("{judged:?}"), format!("{withdrawn:?}")] {
        assert!(!shown.contains("Oksana"), "{shown}");
    }
}

#[test]
fn the_queue_pages_through_many_pairs() {
    let mut scene = Scene::new();
    for n in 0..2_500_u32 {
        let id = PairId {
            meeting: Meeting {
                round: RoundId::from_bytes([2; 32]),
                pseudonym: Pseudonym::from_bytes(u128::from(n).to_be_bytes()),
            },
            own: n,
        };
        scene.now += 1;
        scene.ok(Actor::Node, What::Received { pair: id, candidate: candidate(Lane::Suspect, false) });
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = scene.log.desk().queue(ANNA, Stage::Candidate, after, 100).unwrap();
        assert!(page.len() <= 100);
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        seen.extend(page.iter().map(|(id, _)| *id));
    }
    assert_eq!(seen.len(), 2_503);
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), 2_503);
}

/// What is due first stands first, and everybody is led to what waits for that person.
#[test]
fn everybody_is_led_to_what_waits_for_them() {
    let mut scene = Scene::new();
    let next = |scene: &Scene, person| scene.log.desk().next(person);
    let queue: Vec<PairId> =
        scene.log.desk().queue(CARLA, Stage::Candidate, None, 9).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(queue, [pair(3), pair(1)], "who may be a child has twelve hours");
    let after = scene.log.desk().queue(CARLA, Stage::Candidate, Some(pair(3)), 9).unwrap();
    assert_eq!(after.len(), 1);
    let first = next(&scene, ANNA).unwrap().0;
    assert_eq!(
        (next(&scene, ANNA), next(&scene, BEN)),
        (Some((first, Stage::Candidate)), Some((first, Stage::Candidate)))
    );
    assert_eq!((next(&scene, CARLA), next(&scene, VERA), next(&scene, DORA)), (None, None, None));
    let judged = |seen| {
        let judgement = Judgement {
            verdict: Verdict::WorthAsking,
            reason: Reason::of(Verdict::WorthAsking)[0],
            note: String::new(),
        };
        What::Judged { pair: pair(3), seen, judgement }
    };
    scene.ok(Actor::Person(ANNA), judged(0));
    assert_eq!(
        (next(&scene, BEN), next(&scene, CARLA)),
        (Some((pair(3), Stage::JudgedOnce)), Some((pair(3), Stage::JudgedOnce)))
    );
    assert_ne!(next(&scene, ANNA).unwrap().0, pair(3), "nobody judges twice");
    scene.ok(Actor::Person(BEN), judged(1));
    assert_eq!(next(&scene, VERA), Some((pair(3), Stage::JudgedTwice)));
    assert_eq!(next(&scene, CARLA), None, "a child takes the officer for victims");
    scene.ok(Actor::Person(VERA), What::Approved { pair: pair(3), seen: 2 });
    assert_eq!(next(&scene, VERA), None);
}
