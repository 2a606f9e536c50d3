//! The desk under test: examples of each rule, and a random walk of two desks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calibration;
mod examples;
mod model;
mod statistics;
mod walk;
