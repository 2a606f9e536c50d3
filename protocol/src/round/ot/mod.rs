//! Oblivious transfer: 128 base OTs, grown into puncturable trees and extended to as many as the round needs (spec
//! sections 8.5 and 8.6).

pub mod base;
pub mod extend;
mod fold;
mod transpose;
pub mod tree;

#[cfg(test)]
mod tests;

/// Which of the round's two extensions; the byte enters every hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// The responder chooses with its bin masks: score pads.
    Masks = 1,
    /// The requester chooses with its score shares: labels of the garbled comparison.
    Shares = 2,
}
