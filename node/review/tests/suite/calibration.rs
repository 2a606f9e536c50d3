//! What decided pairs say of grades and keys, and what of it may leave (V-REVIEW-008, V-REVIEW-009).

use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_review::{
    Actor, Candidate, Event, Found, Judgement, Kind, Log, Meeting, PairId, PersonId, Reason, Refusal, Role, Standing,
    Verdict, What, calibration_digest, leaves,
};

const AGREEMENT: AgreementDigest = AgreementDigest::from_bytes([7; 32]);

fn pair(n: u32) -> PairId {
    let meeting =
        Meeting { round: RoundId::from_bytes([1; 32]), pseudonym: Pseudonym::from_bytes(u128::from(n).to_be_bytes()) };
    PairId { meeting, own: n }
}

struct Scene(Log);

impl Scene {
    /// People, an agreement, and pairs: of the first `strong` strong ones met in tables 0 and 1, the others possible in table 1.
    fn new(pairs: u32, strong: u32) -> Self {
        let mut scene = Self(Log::default());
        scene.take(
            Actor::Installer,
            What::PersonAdded { person: PersonId(1), standing: Standing::new([Role::Security], []) },
        );
        for (person, role, lanes) in [
            (2, Role::Reviewer, vec![Lane::Suspect]),
            (3, Role::SecondReviewer, vec![Lane::Suspect]),
            (4, Role::Approver, vec![Lane::Suspect]),
            (5, Role::DataProtection, vec![]),
            (6, Role::Auditor, vec![]),
        ] {
            let what = What::PersonAdded { person: PersonId(person), standing: Standing::new([role], lanes) };
            scene.take(Actor::Person(PersonId(1)), what);
        }
        scene.take(Actor::Node, What::AgreementBegan { agreement: AGREEMENT, grade_hidden: true, keep: 1_000 });
        for n in 0..pairs {
            let (grade, tables) = if n < strong { (2, 0b11) } else { (1, 0b10) };
            let candidate = Candidate::new(AGREEMENT, Lane::Suspect, false, Some(grade), tables);
            scene.take(Actor::Node, What::Received { pair: pair(n), candidate });
        }
        scene
    }

    fn try_take(&mut self, by: Actor, what: What) -> Result<(), Refusal> {
        self.0.append(Event { at: 5, by, what }).map(drop)
    }

    fn take(&mut self, by: Actor, what: What) {
        self.try_take(by, what).unwrap();
    }

    fn judge(&mut self, n: u32, verdicts: [Verdict; 2]) {
        for ((person, seen), verdict) in [(2, 0), (3, 1)].into_iter().zip(verdicts) {
            let judgement = Judgement { verdict, reason: Reason::of(verdict)[0], note: String::new() };
            self.take(Actor::Person(PersonId(person)), What::Judged { pair: pair(n), seen, judgement });
        }
    }
}

const YES: Verdict = Verdict::WorthAsking;
const NO: Verdict = Verdict::OtherPerson;

#[test]
fn decided_pairs_are_counted_by_grade_and_table() {
    let mut scene = Scene::new(10, 4);
    scene.judge(0, [YES, YES]);
    scene.judge(1, [YES, NO]);
    scene.judge(5, [NO, NO]);
    scene.judge(6, [YES, YES]);
    // One that is judged once, and one that was taken back, say nothing.
    let judgement = Judgement { verdict: YES, reason: Reason::of(YES)[0], note: String::new() };
    scene.take(Actor::Person(PersonId(2)), What::Judged { pair: pair(7), seen: 0, judgement });
    scene.judge(8, [YES, YES]);
    let back = What::Withdrawn { pair: pair(8), seen: Some(2), reason: Reason::WITHDRAWING[0], note: String::new() };
    scene.take(Actor::Person(PersonId(4)), back);
    // What both sides confirm.
    scene.take(Actor::Person(PersonId(4)), What::Approved { pair: pair(0), seen: 2 });
    scene.take(Actor::Node, What::RunEnded { run: [1; 32], agreement: AGREEMENT, confirmed: vec![pair(0).meeting] });
    let found =
        |decided, worth_asking, other_person, confirmed| Found { decided, worth_asking, other_person, confirmed };
    let calibration = scene.0.desk().calibration(&AGREEMENT);
    let expected = [
        (Kind::Grade(1), found(2, 1, 1, 0)),
        (Kind::Grade(2), found(2, 1, 0, 1)),
        (Kind::Table(0), found(2, 1, 0, 1)),
        (Kind::Table(1), found(4, 2, 1, 1)),
    ];
    assert_eq!(calibration.into_iter().collect::<Vec<_>>(), expected);
    assert!(scene.0.desk().calibration(&AgreementDigest::from_bytes([8; 32])).is_empty());
}

/// Wilson's interval, by hand for 8 of 10 (0.490 to 0.943), and at both ends.
#[test]
fn the_interval_of_a_share_is_wilsons() {
    let of = |worth_asking, decided| Found { decided, worth_asking, ..Found::default() }.interval();
    assert_eq!(of(8, 10), [49, 95]);
    assert_eq!((of(0, 0), of(0, 10), of(10, 10)), ([0, 100], [0, 28], [72, 100]));
}

#[test]
fn only_rounded_shares_of_many_pairs_leave_and_only_by_the_data_protection_officer() {
    let mut scene = Scene::new(120, 60);
    let dora = Actor::Person(PersonId(5));
    let figures = |scene: &Scene| calibration_digest(&AGREEMENT, &scene.0.desk().calibration(&AGREEMENT));
    let asked = |scene: &mut Scene, by, figures| scene.try_take(by, What::Calibrated { agreement: AGREEMENT, figures });
    for n in 0..49 {
        scene.judge(n, if n < 40 { [YES, YES] } else { [NO, NO] });
    }
    let now = figures(&scene);
    assert_eq!(asked(&mut scene, dora, now), Err(Refusal::TooEarly), "49 pairs are too few");
    scene.judge(49, [NO, NO]);
    let now = figures(&scene);
    let leaving = |scene: &Scene| leaves(&scene.0.desk().calibration(&AGREEMENT)).collect::<Vec<_>>();
    // 40 of 50.
    assert_eq!(leaving(&scene), [(Kind::Grade(2), 80), (Kind::Table(0), 80), (Kind::Table(1), 80)]);
    for by in [Actor::Person(PersonId(6)), Actor::Person(PersonId(4)), Actor::Node, Actor::Peer] {
        assert_eq!(asked(&mut scene, by, now), Err(Refusal::Role), "{by:?}");
    }
    assert_eq!(asked(&mut scene, dora, [0; 32]), Err(Refusal::Stale), "other shares than those of now");
    asked(&mut scene, dora, now).unwrap();
    // One pair more does not show: 41 of 51 is the same share in steps of five, and the same digest.
    scene.judge(50, [YES, YES]);
    assert_eq!(figures(&scene), now);
    // Grade 1 has no pair yet, so nothing of it leaves.
    scene.judge(60, [YES, YES]);
    assert!(leaving(&scene).iter().all(|(kind, _)| *kind != Kind::Grade(1)));
}
