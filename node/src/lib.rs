//! The Blindlink node.

pub mod cli;
pub mod evaluate;
pub mod source;
pub mod synth;
