//! Evidence of a round (spec chapter 16): what one side received, digests of what it sent, and the receipt.
//!
//! [`verify`] checks it with nothing else at hand; [`reexecute`] makes that side again from its seed and records;
//! [`sample`] opens some of the committed records. Evidence holds no record, name, token or seed.

mod format;
mod reexecute;
pub mod sample;
mod verify;

pub use format::{EvidenceHeader, EvidenceReader, Recorder};
pub use reexecute::{Reexecuted, reexecute};
pub use verify::{Verified, header, verify};
