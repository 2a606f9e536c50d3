//! QUIC with pinned raw keys. Only these files name quinn and rustls.

mod channel;
mod config;
mod door;
mod endpoint;
mod quiet;
#[cfg(test)]
mod tests;
mod tls;

pub use channel::{Channel, Closer, FrameReader, FrameWriter};
pub use endpoint::{Client, Listener, Queue, Refusal};
