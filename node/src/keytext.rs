//! Public keys as people read them.

pub use blindlink::identity::keytext::{KeyTextError, from_text, short, to_text};
