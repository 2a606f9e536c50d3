//! When frames leave whose preparation reads what people here have decided (V-CONFIRM-019): the longer the log of review, the
//! longer that takes, and the peer can measure it.

use std::time::{Duration, Instant};

/// A frame leaves a whole number of these after the one that it follows.
const BEAT: Duration = Duration::from_secs(1);

/// What is left until the next beat, when so much has passed. Never nothing.
fn rest(passed: Duration) -> Duration {
    let into = passed.as_nanos() % BEAT.as_nanos();
    BEAT - Duration::from_nanos(u64::try_from(into).unwrap_or(0))
}

/// Since when the peer waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat(Instant);

impl Beat {
    /// The peer waits from now on.
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Waits for the next beat.
    pub(super) async fn wait(self) {
        tokio::time::sleep(rest(self.0.elapsed())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-CONFIRM-019: whatever the preparation took below a second, the frame leaves at the same time.
    #[test]
    fn a_frame_leaves_on_the_beat() {
        for millis in [0, 1, 30, 500, 999] {
            let passed = Duration::from_millis(millis);
            assert_eq!(passed + rest(passed), BEAT, "{millis} ms");
            let passed = 3 * BEAT + passed;
            assert_eq!(passed + rest(passed), 4 * BEAT, "3 s and {millis} ms");
        }
    }
}
