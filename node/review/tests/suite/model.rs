//! The random walk of two desks, with their logs in memory.

use crate::walk::{Disk, walk};
use blindlink_review::{Entry, Event, Log, Refusal};

/// A log in memory.
#[derive(Default)]
struct Memory(Vec<Entry>);

impl Disk for Memory {
    fn take(&mut self, log: &mut Log, event: Event, crash: bool) -> Result<Entry, Refusal> {
        let entry = log.append(event)?;
        if !crash {
            self.0.push(entry.clone());
        }
        Ok(entry)
    }

    fn restart(&mut self) -> Log {
        Log::replay(self.0.iter().cloned()).expect("an own log replays")
    }
}

#[test]
fn no_walk_discloses_without_two_persons_here_two_there_and_an_agreement() {
    let walked = walk(100_000, [Memory::default(), Memory::default()]);
    println!("{walked:?}");
    assert!(walked.disclosed > 100 && walked.refused > 10_000, "{walked:?}");
    assert!(walked.restarts > 50 && walked.forged > 300 && walked.lost > 20, "{walked:?}");
}
