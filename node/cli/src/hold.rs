//! A hook for the tests of processes: the process holds a round at a named point, so that no test rests on who is faster.
//! It exists only where debug assertions are on; a release build does not contain it.
//!
//! `BLINDLINK_TEST_HOLD` lists points, separated by commas: `STAGE:PERCENT:PATH`. When at least PERCENT hundredths of the
//! stage are done, and with a PERCENT above 0 at least one step, the round waits until a file PATH exists.

use blindlink::session::Stage;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

struct Point {
    stage: String,
    percent: u64,
    go: PathBuf,
}

/// The points that are still to come, in their order.
fn points() -> &'static Mutex<Vec<Point>> {
    static POINTS: OnceLock<Mutex<Vec<Point>>> = OnceLock::new();
    POINTS.get_or_init(|| {
        let text = std::env::var("BLINDLINK_TEST_HOLD").unwrap_or_default();
        let point = |point: &str| {
            let (stage, rest) = point.split_once(':')?;
            let (percent, go) = rest.split_once(':')?;
            Some(Point { stage: stage.to_owned(), percent: percent.parse().ok()?, go: go.into() })
        };
        Mutex::new(text.split(',').filter_map(point).collect())
    })
}

/// Holds the round if it has come to the next point.
pub(crate) fn at(stage: Stage, done: u32, total: u32) {
    let mut points = points().lock().unwrap_or_else(PoisonError::into_inner);
    let reached = |point: &Point| {
        let (done, total) = (u64::from(done), u64::from(total));
        point.stage == stage.name() && (point.percent == 0 || done > 0) && 100 * done >= point.percent * total
    };
    if points.first().is_some_and(reached) {
        let point = points.remove(0);
        while !point.go.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
