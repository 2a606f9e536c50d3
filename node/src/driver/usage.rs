//! Time and bytes per stage.

use blindlink::session::Stage;
use serde::Serialize;
use std::time::{Duration, Instant};

/// What one stage took on this side.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct StageReport {
    /// Stable name of the stage.
    pub name: &'static str,
    /// Wall-clock seconds from its beginning to the next stage's.
    pub seconds: f64,
    /// Seconds of heavy maths, summed over threads.
    pub compute_seconds: f64,
    /// Frame bytes sent, length prefixes included.
    pub bytes_sent: u64,
    /// Frame bytes received, length prefixes included.
    pub bytes_received: u64,
}

/// What a round took on this side.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Wall-clock seconds of the round.
    pub wall_seconds: f64,
    /// The stages, in order.
    pub stages: Vec<StageReport>,
    /// Frame bytes sent.
    pub bytes_sent: u64,
    /// Frame bytes received.
    pub bytes_received: u64,
    /// Frame bytes among those sent that may have been sent before, over an earlier connection.
    pub bytes_resent: u64,
    /// Connections over which the round went on.
    pub resumptions: u32,
    /// UDP payload bytes sent, with headers, acknowledgements and repeats.
    pub udp_bytes_sent: u64,
    /// UDP payload bytes received.
    pub udp_bytes_received: u64,
}

/// Counts while a round runs. Stages overlap: bytes count for the stage of their message, time and maths for the latest
/// stage that has begun.
#[derive(Debug)]
pub(super) struct UsageMeter {
    begun: Instant,
    since: Instant,
    current: usize,
    resent: u64,
    resumptions: u32,
    udp: (u64, u64),
    stages: [StageReport; Stage::ALL.len()],
}

impl UsageMeter {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        let stages = Stage::ALL.map(|stage| StageReport { name: stage.name(), ..StageReport::default() });
        Self { begun: now, since: now, current: 0, resent: 0, resumptions: 0, udp: (0, 0), stages }
    }

    fn now(&mut self) -> &mut StageReport {
        self.of(None)
    }

    /// A stage began.
    pub(super) fn enter(&mut self, stage: Stage) {
        let next = Stage::ALL.iter().position(|known| *known == stage).unwrap_or(self.current);
        if next > self.current {
            let now = Instant::now();
            let passed = (now - self.since).as_secs_f64();
            self.now().seconds += passed;
            (self.current, self.since) = (next, now);
        }
    }

    /// The stage that is running.
    pub(super) fn stage(&self) -> Stage {
        Stage::ALL[self.current.min(Stage::ALL.len() - 1)]
    }

    /// Counts for `stage`, or for the one that is running.
    fn of(&mut self, stage: Option<Stage>) -> &mut StageReport {
        let known = stage.and_then(|stage| Stage::ALL.iter().position(|known| *known == stage));
        let position = known.unwrap_or(self.current).min(Stage::ALL.len() - 1);
        &mut self.stages[position]
    }

    pub(super) fn sent(&mut self, stage: Option<Stage>, bytes: usize) {
        self.of(stage).bytes_sent += bytes as u64;
    }

    pub(super) fn received(&mut self, stage: Option<Stage>, bytes: usize) {
        self.of(stage).bytes_received += bytes as u64;
    }

    pub(super) fn computed(&mut self, time: Duration) {
        self.now().compute_seconds += time.as_secs_f64();
    }

    /// The round goes on over another connection; so many bytes go out again.
    pub(super) fn resumed(&mut self, again: usize) {
        self.resumptions += 1;
        self.resent += again as u64;
    }

    /// A connection is over.
    pub(super) const fn add_udp(&mut self, (sent, received): (u64, u64)) {
        self.udp = (self.udp.0 + sent, self.udp.1 + received);
    }

    pub(super) fn report(&mut self) -> Report {
        let now = Instant::now();
        let passed = (now - self.since).as_secs_f64();
        self.since = now;
        self.now().seconds += passed;
        Report {
            wall_seconds: self.begun.elapsed().as_secs_f64(),
            bytes_sent: self.stages.iter().map(|stage| stage.bytes_sent).sum(),
            bytes_received: self.stages.iter().map(|stage| stage.bytes_received).sum(),
            stages: self.stages.to_vec(),
            bytes_resent: self.resent,
            resumptions: self.resumptions,
            udp_bytes_sent: self.udp.0,
            udp_bytes_received: self.udp.1,
        }
    }
}
