//! Invented lists of persons, evaluation against a known truth, training and planning of policies.
//!
//! Nothing here runs in a round: a node that holds a ministry's keys does not link this crate's parts into it.

pub mod describe;
pub mod error;
pub mod evaluate;
pub mod plan;
pub mod synth;
pub mod train;
