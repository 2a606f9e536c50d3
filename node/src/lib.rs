//! The Blindlink node: QUIC, files and command line around the `blindlink` protocol.

pub mod cli;
pub mod demo;
pub mod driver;
pub mod evaluate;
pub mod exit;
pub mod explain;
pub mod files;
pub mod input;
pub mod keystore;
pub mod keytext;
pub mod memory;
pub mod output;
pub mod peers;
pub mod plan;
pub mod progress;
pub mod round;
pub mod source;
pub mod synth;
pub mod train;
pub mod transport;
pub mod vectors;
pub mod words;
