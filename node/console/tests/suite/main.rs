//! The console under attack, and in use.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attacks;
mod office;
mod payloads;
mod socket;
mod work;
