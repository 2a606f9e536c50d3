//! What a node should do at each hour, written anew and as plainly as possible: a timetable, a budget, a memory of lists.

use std::collections::BTreeSet;

pub const HOUR: u64 = 3600;
pub const DAY: u64 = 24 * HOUR;
/// Records by which a list has to differ.
pub const DELTA: u32 = 5;

/// Why a round did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Unreachable,
    Suspended,
    DayIsFull,
    ListsTooClose,
    OtherLog,
}

impl Refused {
    /// Whether the same round is tried again later.
    fn again(self) -> bool {
        matches!(self, Self::Unreachable | Self::DayIsFull)
    }
}

/// What one side of an agreement remembers: rounds that it paid for, and the lists with which it entered them. A list is named by
/// the number of records that were taken away from it.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub paid: Vec<u64>,
    lists: BTreeSet<u32>,
}

impl Account {
    pub fn of_day(&self, now: u64) -> usize {
        self.paid.iter().filter(|time| **time + DAY > now).count()
    }

    pub fn too_close(&self, list: u32) -> bool {
        self.lists.iter().any(|before| (1..DELTA).contains(&before.abs_diff(list)))
    }

    fn pays(&mut self, now: u64, list: u32) {
        self.paid.push(now);
        self.lists.insert(list);
    }
}

/// A side that calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub name: &'static str,
    pub peer: &'static str,
    pub timetable: &'static str,
    every: u64,
    at: u64,
    hours: Option<(u64, u64)>,
    pub per_day: usize,
    /// What was due last that was tried, and what became of it.
    pub due: u64,
    pub outcome: Result<(), Refused>,
    /// When that was.
    tried: u64,
    pub account: Account,
}

/// How things are when a caller looks at the clock.
#[derive(Clone, Copy, Debug)]
pub struct World {
    pub now: u64,
    /// Records taken away from its list.
    pub list: u32,
    pub reachable: bool,
    pub suspended: bool,
    /// Whether the peer's log is another than the one that was cosigned.
    pub forked: bool,
}

impl Caller {
    /// One that is seen for the first time at `now`.
    pub fn new(
        (name, peer): (&'static str, &'static str),
        (timetable, every, at): (&'static str, u64, u64),
        hours: Option<(u64, u64)>,
        per_day: usize,
        now: u64,
    ) -> Self {
        let account = Account::default();
        Self { name, peer, timetable, every, at, hours, per_day, due: now, outcome: Ok(()), tried: now, account }
    }

    fn is_open(&self, now: u64) -> bool {
        self.hours.is_none_or(|(from, to)| (from..to).contains(&(now % DAY / HOUR)))
    }

    /// The last time of the timetable.
    pub fn last(&self, now: u64) -> u64 {
        now - (now - self.at) % self.every
    }

    /// The next time of the timetable; all of them lie within the hours.
    pub fn next(&self, now: u64) -> u64 {
        self.last(now) + self.every
    }

    /// Whether a time of the timetable was missed, long enough ago for a person to be told.
    pub fn is_late(&self, now: u64) -> bool {
        self.due < self.last(now) && now >= self.last(now) + 300
    }

    /// What happens now; none if nothing is due.
    pub fn step(&mut self, world: World) -> Option<Result<(), Refused>> {
        let now = world.now;
        let again = self.outcome.is_err_and(Refused::again) && self.tried < now;
        if !(self.due < self.last(now) || again) || !self.is_open(now) {
            return None;
        }
        self.tried = now;
        self.due = self.due.max(self.last(now));
        self.outcome = if !world.reachable {
            Err(Refused::Unreachable)
        } else if world.suspended {
            Err(Refused::Suspended)
        } else if self.account.of_day(now) >= self.per_day {
            Err(Refused::DayIsFull)
        } else if self.account.too_close(world.list) {
            Err(Refused::ListsTooClose)
        } else if world.forked {
            Err(Refused::OtherLog)
        } else {
            self.account.pays(now, world.list);
            Ok(())
        };
        Some(self.outcome)
    }
}

/// A side that is called: it pays as well.
impl Account {
    pub fn answers(&mut self, now: u64, list: u32) {
        self.pays(now, list);
    }
}
