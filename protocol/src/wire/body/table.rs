//! Responder: OKVS columns.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// Columns of a table chunk, borrowed: both sides keep whole tables. Every byte string is a valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableBody<'a> {
    /// Columns, one after the other.
    pub columns: &'a [u8],
}

impl<'a> TableBody<'a> {
    /// Bytes for a number of columns.
    #[must_use]
    pub fn length(plan: &Plan, columns: u32) -> usize {
        columns as usize * plan.value_bytes()
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &'a [u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        let columns = plan.table_range(chunk).map_or(0, |range| range.columns);
        exact(body, Self::length(plan, columns))?;
        Ok(Self { columns: body })
    }
}

impl Body for TableBody<'_> {
    const KIND: FrameKind = FrameKind::Table;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.columns]
    }
}
