//! The Blindlink node: QUIC, files and command line around the `blindlink` protocol.

pub mod driver;
pub mod transport;
