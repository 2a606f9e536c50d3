//! How much may be under way to the peer: enough that the line is never idle, and not much more, because what is under
//! way when the line breaks has to be sent again.
//!
//! As BBR estimates it (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016), from acknowledgements of
//! whole frames: the best rate of the last flights times the shortest flight, and half as much again. And never more
//! than a share of what this connection has delivered, so that one that breaks again and again still brings more than it
//! loses.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes from which on a frame waits, however short the line: one frame is then mostly all that is under way.
const LEAST: usize = 64 << 10;
/// The same, however long and fast the line: 56 Mbit/s at 600 ms.
const MOST: usize = 4 << 20;
/// What may be under way for what has been delivered: one in so many bytes.
const SHARE: u64 = 16;
/// Acknowledgements of which the best rate counts.
const REMEMBERED: usize = 16;

/// What may have been under way at most when so many bytes had been delivered, whatever the line.
pub(super) fn most_under_way(delivered: u64) -> usize {
    usize::try_from(delivered / SHARE).unwrap_or(MOST).clamp(LEAST, MOST)
}

/// Of one connection: what is under way, and what the peer's acknowledgements say of the line.
#[derive(Debug, Default)]
pub(super) struct SendWindow {
    flights: VecDeque<Flight>,
    under_way: usize,
    delivered: u64,
    shortest: Option<Duration>,
    /// When something was acknowledged last.
    heard: Option<Instant>,
    /// Bytes a second of the last flights.
    rates: VecDeque<f64>,
}

/// A frame under way.
#[derive(Debug)]
struct Flight {
    bytes: usize,
    began: Instant,
    /// Bytes that had been acknowledged when it began, and since when.
    before: (u64, Instant),
}

impl SendWindow {
    /// Whether another frame may be begun.
    pub(super) fn is_open(&self) -> bool {
        self.under_way < self.limit()
    }

    /// A frame of so many bytes was begun.
    pub(super) fn sent(&mut self, bytes: usize, now: Instant) {
        self.under_way += bytes;
        self.flights.push_back(Flight { bytes, began: now, before: (self.delivered, self.heard.unwrap_or(now)) });
    }

    /// The peer has acknowledged so many further frames; those of an earlier connection are none of this one's flights.
    pub(super) fn acknowledged(&mut self, frames: usize, now: Instant) {
        let mut last = None;
        for flight in self.flights.drain(..frames.min(self.flights.len())) {
            self.under_way -= flight.bytes;
            self.delivered += flight.bytes as u64;
            last = Some(flight);
        }
        let Some(last) = last else { return };
        let took = now.duration_since(last.began).max(Duration::from_millis(1));
        self.shortest = Some(self.shortest.map_or(took, |shortest| shortest.min(took)));
        if self.rates.len() == REMEMBERED {
            self.rates.pop_front();
        }
        // From the acknowledgement before: one that is for many frames says nothing of the last one's own speed.
        let (before, since) = last.before;
        let during = now.duration_since(since).max(took);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        self.rates.push_back((self.delivered - before) as f64 / during.as_secs_f64());
        self.heard = Some(now);
    }

    fn limit(&self) -> usize {
        let rate = self.rates.iter().copied().fold(0.0, f64::max);
        let shortest = self.shortest.unwrap_or_default().as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded, and never negative")]
        let wanted = (1.5 * rate * shortest).min(MOST as f64) as u64;
        usize::try_from(wanted.min(self.delivered / SHARE)).unwrap_or(MOST).max(LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 32 << 10;

    /// A line of so many bytes a second and such a delay there and back, on which a sender always has a frame to send.
    /// Gives the bytes that ten minutes delivered, and the most that was ever under way.
    fn ten_minutes(bytes_a_second: f64, delay: f64) -> (f64, usize) {
        let (start, mut window) = (Instant::now(), SendWindow::default());
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let (mut now, mut free, mut delivered, mut most) = (0.0, 0.0_f64, 0.0, 0);
        let mut arriving = VecDeque::new();
        while now < 600.0 {
            while window.is_open() {
                free = free.max(now) + FRAME as f64 / bytes_a_second;
                arriving.push_back(free + delay);
                window.sent(FRAME, at(now));
                most = most.max(window.under_way);
            }
            now = arriving.pop_front().unwrap_or(now);
            window.acknowledged(1, at(now));
            delivered += FRAME as f64;
        }
        (delivered, most)
    }

    #[test]
    fn a_long_fast_line_is_kept_busy() {
        for rate in [16e3, 125e3, 1.25e6, 5e6] {
            let (delivered, _) = ten_minutes(rate, 0.6);
            assert!(delivered > 0.9 * 600.0 * rate, "{delivered} of {}", 600.0 * rate);
        }
    }

    #[test]
    fn little_is_under_way_on_a_short_line() {
        let (delivered, most) = ten_minutes(1.25e6, 0.01);
        assert!(delivered > 0.9 * 600.0 * 1.25e6, "{delivered}");
        assert!(most <= LEAST + FRAME, "{most}");
    }

    #[test]
    fn one_acknowledgement_for_many_frames_is_no_fast_line() {
        let (start, mut window) = (Instant::now(), SendWindow::default());
        let at = |ms: u64| start + Duration::from_millis(ms);
        for round in 0..50 {
            let began = 40 * round;
            (0..8).for_each(|_| window.sent(FRAME, at(began)));
            // A late one comes just before the acknowledgement of all.
            window.sent(FRAME, at(began + 39));
            window.acknowledged(9, at(began + 40));
        }
        assert_eq!(window.limit(), LEAST);
    }

    #[test]
    fn nothing_exceeds_the_bound() {
        let (_, most) = ten_minutes(100e6, 0.6);
        assert!(most > MOST / 2 && most <= MOST + FRAME, "{most}");
    }

    #[test]
    fn acknowledgements_of_earlier_connections_count_for_nothing() {
        let (now, mut window) = (Instant::now(), SendWindow::default());
        window.acknowledged(5, now);
        assert_eq!((window.delivered, window.limit()), (0, LEAST));
        window.sent(LEAST, now);
        assert!(!window.is_open());
        window.acknowledged(2, now);
        assert!(window.is_open());
    }
}
