//! Memory that chunks share one after another: a chunk takes a megabyte of columns and one of rows, and to get these anew
//! from the system costs more than to fill them.

use core::fmt;
use core::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// As many as are kept for the next chunk.
const MOST: usize = 8;

/// Buffers that no chunk uses at the moment, all wiped.
#[derive(Clone, Default)]
pub(in crate::round::ot) struct Buffers(Arc<Free>);

#[derive(Default)]
struct Free {
    columns: Mutex<Vec<Vec<u8>>>,
    rows: Mutex<Vec<Vec<u128>>>,
}

fn take<T: Clone + Default>(free: &Mutex<Vec<Vec<T>>>, n: usize) -> Vec<T> {
    let mut buffer = free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    buffer.resize(n, T::default());
    buffer
}

fn give_back<T: Copy + Default>(free: &Mutex<Vec<Vec<T>>>, mut buffer: Vec<T>) {
    // To wipe byte by byte took longer than a column's whole mathematics; nothing may leave this out either.
    buffer.fill(T::default());
    core::hint::black_box(buffer.as_mut_slice());
    let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
    if free.len() < MOST {
        free.push(buffer);
    }
}

impl Buffers {
    /// Calls `work` with `n` bytes, whose contents mean nothing, and wipes them.
    pub(in crate::round::ot) fn columns<T>(&self, n: usize, work: impl FnOnce(&mut [u8]) -> T) -> T {
        let mut columns = take(&self.0.columns, n);
        let result = work(&mut columns);
        give_back(&self.0.columns, columns);
        result
    }

    /// `n` rows, whose contents mean nothing.
    pub(in crate::round::ot) fn rows(&self, n: usize) -> OtRows {
        OtRows { rows: take(&self.0.rows, n), home: Arc::clone(&self.0) }
    }
}

/// OtRows of an extension. Wiped when they are dropped.
pub struct OtRows {
    rows: Vec<u128>,
    home: Arc<Free>,
}

impl OtRows {
    pub(in crate::round::ot) fn as_mut(&mut self) -> &mut [u128] {
        &mut self.rows
    }
}

impl Deref for OtRows {
    type Target = [u128];

    fn deref(&self) -> &[u128] {
        &self.rows
    }
}

impl Drop for OtRows {
    fn drop(&mut self) {
        give_back(&self.home.rows, core::mem::take(&mut self.rows));
    }
}

impl fmt::Debug for OtRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OtRows({})", self.rows.len())
    }
}

/// Tests compare rows; nothing else does.
#[cfg(test)]
impl PartialEq for OtRows {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffers, MOST};

    #[test]
    fn what_comes_back_is_wiped_and_used_again() {
        let buffers = Buffers::default();
        let mut rows = buffers.rows(3);
        rows.as_mut().fill(7);
        let place = rows.as_ptr();
        drop(rows);
        let again = buffers.rows(2);
        assert_eq!((&*again, again.as_ptr()), (&[0, 0][..], place));
        let first = buffers.columns(4, |columns| {
            columns.fill(1);
            columns.as_ptr()
        });
        buffers.columns(3, |columns| assert_eq!((&*columns, columns.as_ptr()), (&[0, 0, 0][..], first)));
        let many: Vec<_> = (0..2 * MOST).map(|_| buffers.rows(1)).collect();
        drop(many);
        assert_eq!(buffers.0.rows.lock().unwrap().len(), MOST);
    }
}
