//! What leaves the desk as a number (V-REVIEW-006, V-REVIEW-007).

use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_review::{
    Actor, Candidate, Cell, Event, Judgement, Log, Measure, Meeting, PairId, PersonId, Quarter, Reason, Refusal, Role,
    Standing, Verdict, What,
};

const AGREEMENT: AgreementDigest = AgreementDigest::from_bytes([7; 32]);
const DAY: u64 = 86_400;
const CHIEF: PersonId = PersonId(1);
const STAN: PersonId = PersonId(2);
const DORA: PersonId = PersonId(3);
const ANNA: PersonId = PersonId(4);
const BEN: PersonId = PersonId(5);

fn quarter(text: &str) -> Quarter {
    Quarter::parse(text).unwrap()
}

/// SplitMix64: words that look random and are the same each time.
fn words(mut state: u64) -> impl FnMut() -> Option<u64> {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(word ^ (word >> 31))
    }
}

fn pair(n: u32) -> PairId {
    PairId {
        meeting: Meeting {
            round: RoundId::from_bytes([1; 32]),
            pseudonym: Pseudonym::from_bytes(u128::from(n).to_be_bytes()),
        },
        own: n,
    }
}

/// A desk at the end of July: 300 pairs of suspects came on the first day of the quarter; 100 were closed a day later, 60 only
/// after a week. Five pairs of victims, one pair of the quarter before.
fn desk() -> Log {
    let mut log = Log::default();
    let begin = quarter("2026-Q3").begin();
    let mut take = |at: u64, by: Actor, what: What| log.append(Event { at, by, what }).map(drop).unwrap();
    let both = [Lane::Suspect, Lane::Victim];
    for (person, roles, lanes) in [
        (CHIEF, &[Role::Security][..], &[][..]),
        (STAN, &[Role::Statistics], &[]),
        (DORA, &[Role::DataProtection], &[]),
        (ANNA, &[Role::Reviewer, Role::SecondReviewer], &both),
        (BEN, &[Role::Reviewer, Role::SecondReviewer], &both),
    ] {
        let by = if person == CHIEF { Actor::Installer } else { Actor::Person(CHIEF) };
        let standing = Standing::new(roles.iter().copied(), lanes.iter().copied());
        take(begin - DAY, by, What::PersonAdded { person, standing });
    }
    take(begin - DAY, Actor::Node, What::AgreementBegan { agreement: AGREEMENT, grade_hidden: true, keep: 400 * DAY });
    let candidate = |lane| Candidate::new(AGREEMENT, lane, false, None, 0);
    let received = |n, lane| What::Received { pair: pair(n), candidate: candidate(lane) };
    take(begin - 1, Actor::Node, received(0, Lane::Suspect));
    (1..=300).for_each(|n| take(begin, Actor::Node, received(n, Lane::Suspect)));
    (301..=305).for_each(|n| take(begin, Actor::Node, received(n, Lane::Victim)));
    for (at, range) in [(begin + DAY, 1..=100), (begin + 7 * DAY, 101..=160)] {
        for (n, seen, judge) in range.flat_map(|n| [(n, 0, ANNA), (n, 1, BEN)]) {
            let verdict = Verdict::OtherPerson;
            let judgement = Judgement { verdict, reason: Reason::of(verdict)[0], note: String::new() };
            take(at, Actor::Person(judge), What::Judged { pair: pair(n), seen, judgement });
        }
    }
    log
}

fn of(figures: &[Cell], lane: Lane, measure: Measure) -> Option<u32> {
    let mut found = figures.iter().filter(|cell| cell.lane() == Some(lane) && cell.measure == measure);
    let cell = found.next().unwrap();
    assert!(found.next().is_none());
    cell.n
}

#[test]
fn quarters_are_those_of_the_calendar() {
    for (text, first, last) in [
        ("2024-Q1", "2024-01-01T00:00:00Z", "2024-03-31T23:59:59Z"),
        ("2026-Q3", "2026-07-01T00:00:00Z", "2026-09-30T23:59:59Z"),
        ("2026-Q4", "2026-10-01T00:00:00Z", "2026-12-31T23:59:59Z"),
    ] {
        let (of, time) = (quarter(text), blindlink::agreement::time::text);
        assert_eq!((time(of.begin()).as_str(), time(of.end() - 1).as_str()), (first, last));
        assert_eq!((Quarter::of(of.begin()), Quarter::of(of.end() - 1)), (Some(of), Some(of)));
        assert_eq!(of.to_string(), text);
    }
    for bad in ["2026-Q0", "2026-Q5", "2026-q1", "2026-Q01", "1969-Q4", "2026Q1", "", "-Q", "99999-Q1"] {
        assert_eq!(Quarter::parse(bad), None, "{bad}");
    }
}

/// V-REVIEW-006, V-REVIEW-007: every pair of the quarter is in one figure of each table; the figures are near the truth and
/// not the truth; small ones are not there.
#[test]
fn figures_are_near_the_truth_and_small_ones_are_left_out() {
    let log = desk();
    let truth = [
        (Measure::Open, 140),
        (Measure::OtherPerson, 160),
        (Measure::InTime, 100),
        (Measure::Late, 60),
        (Measure::Unjudged, 140),
    ];
    let (mut off, mut shown_victims) = (0, 0);
    for seed in 0..40 {
        let figures = log.desk().figures(quarter("2026-Q3"), &mut words(seed)).unwrap();
        assert_eq!(figures.len(), Lane::ALL.len() * Measure::ALL.len());
        for (measure, n) in truth {
            // Noise above 40 comes once in a billion draws.
            let found = of(&figures, Lane::Suspect, measure).unwrap();
            assert!(found.abs_diff(n) <= 40, "{measure:?}: {found} for {n}");
            off += u32::from(found != n);
        }
        assert_eq!(of(&figures, Lane::Suspect, Measure::Disclosed).filter(|n| *n < 10), None);
        assert!(figures.iter().all(|cell| cell.n.is_none_or(|n| n >= 10)));
        shown_victims += u32::from(of(&figures, Lane::Victim, Measure::Open).is_some());
    }
    // A figure is the true number in about one case of four.
    assert!((100..=190).contains(&off), "{off}");
    // Five pairs pass for ten or more in about one case of twenty.
    assert!(shown_victims <= 10, "{shown_victims}");
    assert_eq!(log.desk().figures(quarter("2026-Q3"), &mut || None), None);
}

/// V-REVIEW-006: one count for each quarter, by who may, when it is over, and the log keeps it.
#[test]
fn a_quarter_is_published_once_by_who_may() {
    let mut log = desk();
    let of = quarter("2026-Q3");
    let figures = log.desk().figures(of, &mut words(1)).unwrap();
    let publish = |log: &mut Log, at: u64, by: Actor, figures: Vec<Cell>| {
        log.append(Event { at, by, what: What::Published { quarter: of, figures } }).map(drop)
    };
    let (late, stan) = (of.end(), Actor::Person(STAN));
    for by in [Actor::Person(DORA), Actor::Person(ANNA), Actor::Person(CHIEF), Actor::Node, Actor::Peer] {
        assert_eq!(publish(&mut log, late, by, figures.clone()), Err(Refusal::Role), "{by:?}");
    }
    assert_eq!(publish(&mut log, late - 1, stan, figures.clone()), Err(Refusal::TooEarly));
    let small = {
        let mut cell = figures[0];
        cell.n = Some(9);
        cell
    };
    for bad in
        [Vec::new(), figures[1..].to_vec(), [&[small], &figures[1..]].concat(), [&figures[..], &figures[..1]].concat()]
    {
        assert_eq!(publish(&mut log, late, stan, bad), Err(Refusal::Published));
    }
    assert_eq!(log.desk().quarters(late - 1), [quarter("2026-Q2")], "none before it is over");
    assert_eq!(publish(&mut log, late, stan, figures.clone()), Ok(()));
    assert_eq!(log.desk().published(of), Some(&figures));
    let again = log.desk().figures(of, &mut words(2)).unwrap();
    assert_ne!(again, figures);
    assert_eq!(
        publish(&mut log, late, stan, again),
        Err(Refusal::Published),
        "a second draw tells more than the first"
    );
    assert_eq!(log.desk().quarters(late), [of, quarter("2026-Q2")]);
}
