//! The Blindlink node: QUIC, files and command line around the `blindlink` protocol.

pub mod driver;
pub mod exit;
pub mod files;
pub mod keystore;
pub mod keytext;
pub mod memory;
pub mod output;
pub mod peers;
pub mod progress;
pub mod transport;
pub mod vectors;
