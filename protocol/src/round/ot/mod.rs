//! Oblivious transfer: base OTs, grown into puncturable trees and extended to as many as the round needs (spec sections 8.5
//! and 8.6). The steps of a round reach base OT and extension through the traits of this file only.

pub mod endemic;
pub mod softspoken;

#[cfg(test)]
mod tests;

use crate::crypto::hash::Prf;
use crate::error::{Error, PeerFault};
use crate::ids::RoundId;
use crate::suite::{BASE_OTS, BaseOtEngine, CODE_BITS, OtEngine, Suite};
use core::fmt::Debug;
use std::sync::Arc;
use subtle::Choice;

pub use softspoken::OtRows;

/// Which of the round's sets of base OTs; the byte enters every hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// The responder chooses with its bin masks: score pads.
    Masks = 1,
    /// The requester chooses with its score shares: labels of the garbled comparison.
    Shares = 2,
    /// The requester's queries in an OPRF from trees, which is no extension but begins like one (spec section 8.11).
    Queries = 3,
}

impl Direction {
    /// Base OTs.
    #[must_use]
    pub const fn instances(self) -> usize {
        match self {
            Self::Masks | Self::Shares => BASE_OTS,
            Self::Queries => CODE_BITS,
        }
    }
}

/// Bit i of some bits, the least significant of the first byte first; no branch and no address depends on it.
#[must_use]
pub fn bit_of(bits: &[u8], i: usize) -> Choice {
    Choice::from(bits.get(i / 8).copied().unwrap_or(0) >> (i % 8) & 1)
}

/// A 16-byte key from a base OT.
pub type BaseOtKey = crate::secret::Secret<16>;

/// Context of one set of base OTs (V-OT-002).
#[derive(Clone, Copy, Debug)]
pub struct BaseOtContext<'a> {
    /// Round id.
    pub round: &'a RoundId,
    /// Extension that the base OTs are for.
    pub direction: Direction,
}

/// Which chunk of which extension, and what came before it.
#[derive(Clone, Copy, Debug)]
pub struct OtChunk<'a> {
    /// Extension.
    pub direction: Direction,
    /// Chunk index.
    pub index: u32,
    /// What the streams, mask blocks and the challenge of the chunk depend on besides the trees (V-OT-007): the late round
    /// id in direction [`Direction::Masks`], the responder's chain up to the choice in [`Direction::Shares`].
    pub beta: &'a [u8; 32],
}

/// A base OT in which the chooser speaks first: answer, then offer (V-OT-005).
pub trait BaseOt: Debug + Send + Sync {
    /// The chooser's answer, for its choices ([`bit_of`] `choices`). It does not depend on the offer.
    fn answer(&self, context: &BaseOtContext<'_>, randomness: &Prf, choices: &[u8]) -> Vec<u8>;

    /// Checks the elements of an answer.
    ///
    /// # Errors
    /// A fault of the peer: a bad answer.
    fn check(&self, direction: Direction, answer: &[u8]) -> Result<(), PeerFault>;

    /// The offer.
    fn offer(&self, direction: Direction, randomness: &Prf) -> Vec<u8>;

    /// The keys of the choices, once the offer is here.
    ///
    /// # Errors
    /// A fault of the peer: a bad offer.
    fn chosen(
        &self,
        context: &BaseOtContext<'_>,
        randomness: &Prf,
        choices: &[u8],
        sent: BaseOtMessages<'_>,
    ) -> Result<Vec<BaseOtKey>, Error>;

    /// The offerer's two keys of every instance.
    ///
    /// # Errors
    /// A fault of the peer: a bad answer.
    fn accept(
        &self,
        context: &BaseOtContext<'_>,
        randomness: &Prf,
        answer: &[u8],
    ) -> Result<Vec<[BaseOtKey; 2]>, Error>;
}

/// What crossed in the base OTs of one direction.
#[derive(Clone, Copy, Debug)]
pub struct BaseOtMessages<'a> {
    /// The chooser's answer.
    pub answer: &'a [u8],
    /// The offer.
    pub offer: &'a [u8],
}

/// The set-up of an OT extension from base OTs.
pub trait OtExtension: Debug + Send + Sync {
    /// The receiver, and its set-up message, from the keys of base OTs that it offered; `masks` is randomness for what
    /// hides the choices in the consistency check.
    fn receiver(
        &self,
        context: &BaseOtContext<'_>,
        sent: BaseOtMessages<'_>,
        keys: &[[BaseOtKey; 2]],
        masks: Prf,
    ) -> (Arc<dyn OtReceiver>, Vec<u8>);

    /// The sender, from Delta, whose complement was the choices in the base OTs, the keys of these, and the receiver's
    /// set-up message.
    ///
    /// # Errors
    /// [`PeerFault::Length`], or [`PeerFault::InconsistentTree`] if the check of the set-up fails.
    fn sender(
        &self,
        context: &BaseOtContext<'_>,
        sent: BaseOtMessages<'_>,
        delta: u128,
        keys: &[BaseOtKey],
        setup: &[u8],
    ) -> Result<Arc<dyn OtSender>, PeerFault>;
}

/// The receiver of an extension.
pub trait OtReceiver: Debug + Send + Sync {
    /// Extends `bits` choices (LSB first in `choices`). Returns the message and the rows t_i.
    fn extend(&self, chunk: &OtChunk<'_>, choices: &[u8], bits: usize) -> (Vec<u8>, OtRows);
}

/// The sender of an extension.
pub trait OtSender: Debug + Send + Sync {
    /// Delta.
    fn delta(&self) -> u128;

    /// Checks an extension of `bits` choices and returns the rows q_i = t_i + x_i Delta.
    ///
    /// # Errors
    /// [`PeerFault::Length`], or [`PeerFault::InconsistentOt`] if the check fails.
    fn extend(&self, chunk: &OtChunk<'_>, message: &[u8], bits: usize) -> Result<OtRows, Error>;
}

/// The base OT of a suite.
#[must_use]
pub fn base_ot(suite: &Suite) -> &'static dyn BaseOt {
    match suite.base_ot {
        BaseOtEngine::Endemic => &endemic::EndemicOt,
    }
}

/// The OT extension of a suite.
#[must_use]
pub fn ot_extension(suite: &Suite) -> &'static dyn OtExtension {
    match suite.ot {
        OtEngine::SoftSpoken => &softspoken::SoftSpoken,
    }
}
