//! Messages: what a frame holds, and which frame comes when (spec section 7).
//!
//! ```text
//! frame      kind, index, body
//! body       one struct for each kind of frame: its layout, its length
//! schedule   which frames each side sends, in which order and how long
//! ```

pub mod acknowledge;
pub mod body;
mod frame;
pub mod hello;
pub mod inquiry;
mod kind;
pub mod resume;
pub mod schedule;
pub mod turn;

pub use frame::{HEADER_BYTES, abort, frame, parse};
pub use kind::{FrameKind, Stage, kind_of};
