//! When a requester's next round is due: a rule without a clock of its own.

use crate::failure_code::FailureCode;
use crate::store::database::KeptJob;
use crate::sys::timetable::{DayWindow, Timetable};

/// First pause after a try that may go well later, in seconds; it doubles up to the longest.
const PAUSE: u64 = 60;
const LONGEST_PAUSE: u64 = 15 * 60;

/// A round that is to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DueRound {
    /// When it was due by the timetable.
    pub due: u64,
    /// When it is tried.
    pub at: u64,
}

/// Whether a try that failed so may go well later, for the same time of the timetable.
pub(super) const fn again(code: FailureCode) -> bool {
    code.is_of_the_moment() || matches!(code, FailureCode::BudgetRounds | FailureCode::Io | FailureCode::CannotCreate)
}

/// The next round to be tried, from `now` on. `last` is the last job of the link, which has at least one: a link that is
/// new was due when it was first seen. `tries` are those for the time of the last job.
pub(super) fn next(
    timetable: Timetable,
    window: Option<DayWindow>,
    (last, tries): (&KeptJob, u32),
    now: u64,
) -> DueRound {
    let opens = |time: u64| window.map_or(time, |window| window.opens(time));
    let slot = timetable.last(now);
    let coming = DueRound { due: timetable.next(now), at: opens(timetable.next(now)) };
    if last.due < slot {
        return DueRound { due: slot, at: opens(now) };
    }
    let unsettled = match (last.ended, last.failure) {
        // The node was stopped in the middle.
        (None, _) => true,
        (Some(_), None) => false,
        (Some(_), Some(code)) => again(FailureCode::of_number(code)),
    };
    if !unsettled {
        return coming;
    }
    let pause = PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(8)).min(LONGEST_PAUSE);
    let at = opens(last.ended.map_or(now, |ended| now.max(ended + pause)));
    if at >= coming.at { coming } else { DueRound { due: last.due, at } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const HOUR: u64 = 3600;

    fn job(due: u64, ended: Option<u64>, failure: Option<FailureCode>) -> KeptJob {
        let failure = failure.map(FailureCode::number);
        KeptJob { row: 1, link: "south".into(), kind: "round".into(), due, begun: due, ended, failure }
    }

    fn nightly() -> Timetable {
        "daily 02:00".parse().unwrap()
    }

    const TWO: u64 = 100 * DAY + 2 * HOUR;

    #[test]
    fn a_round_that_ended_is_due_again_at_the_next_time() {
        for failure in [None, Some(FailureCode::BudgetBatch), Some(FailureCode::AgreementSuspended)] {
            let found = next(nightly(), None, (&job(TWO, Some(TWO + 60), failure), 1), TWO + 61);
            assert_eq!(found, DueRound { due: TWO + DAY, at: TWO + DAY }, "{failure:?}");
        }
    }

    #[test]
    fn a_time_that_was_missed_is_made_up_for_within_the_window() {
        let last = job(TWO - DAY, Some(TWO - DAY + 60), None);
        assert_eq!(next(nightly(), None, (&last, 1), TWO + 5 * HOUR), DueRound { due: TWO, at: TWO + 5 * HOUR });
        let window = Some("01:00-05:00".parse().unwrap());
        let found = next(nightly(), window, (&last, 1), TWO + 5 * HOUR);
        assert_eq!(found, DueRound { due: TWO, at: 101 * DAY + HOUR }, "when the window opens again");
    }

    #[test]
    fn what_may_go_well_later_is_tried_again_with_pauses_that_grow() {
        let tried = |tries, now| {
            let last = job(TWO, Some(TWO + 10), Some(FailureCode::Unreachable));
            next(nightly(), Some("01:00-05:00".parse().unwrap()), (&last, tries), now)
        };
        assert_eq!(tried(1, TWO + 11), DueRound { due: TWO, at: TWO + 70 });
        assert_eq!(tried(3, TWO + 11), DueRound { due: TWO, at: TWO + 250 });
        assert_eq!(tried(50, TWO + 11), DueRound { due: TWO, at: TWO + 910 });
        assert_eq!(tried(1, TWO + HOUR), DueRound { due: TWO, at: TWO + HOUR });
        // The window has closed: the next time comes before it opens for this one.
        assert_eq!(tried(1, TWO + 4 * HOUR).due, TWO, "in the next window");
        assert_eq!(tried(1, TWO + 23 * HOUR), DueRound { due: TWO, at: TWO + 23 * HOUR });
    }

    #[test]
    fn a_round_that_was_cut_short_goes_on_at_once() {
        let found = next(nightly(), None, (&job(TWO, None, None), 1), TWO + HOUR);
        assert_eq!(found, DueRound { due: TWO, at: TWO + HOUR });
    }
}
