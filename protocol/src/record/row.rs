//! Position of a record in its source.

use core::fmt;

/// Position of a record in its source. Local: it has no encoding, so it cannot leave the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u32);

impl RowId {
    /// The row at this position.
    #[must_use]
    pub const fn new(position: u32) -> Self {
        Self(position)
    }

    /// The position.
    #[must_use]
    pub const fn position(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowId({})", self.0)
    }
}
