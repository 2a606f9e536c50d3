//! Results that arrive in any order and are used together.

/// Room for one result of each chunk.
#[derive(Debug)]
pub(super) struct Slots<T> {
    slots: Vec<Option<T>>,
    missing: usize,
}

impl<T> Slots<T> {
    /// Room for `n` results.
    pub(super) fn new(n: usize) -> Self {
        Self { slots: core::iter::repeat_with(|| None).take(n).collect(), missing: n }
    }

    /// Puts a result in its place. False if it has none, or has come before.
    #[must_use]
    pub(super) fn fill(&mut self, at: usize, value: T) -> bool {
        match self.slots.get_mut(at) {
            Some(slot @ None) => {
                *slot = Some(value);
                self.missing -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether all results are here.
    pub(super) const fn is_full(&self) -> bool {
        self.missing == 0
    }

    /// All results in their order, once they are here.
    pub(super) fn take_all(&mut self) -> Option<Vec<T>> {
        self.is_full().then(|| core::mem::take(&mut self.slots).into_iter().flatten().collect())
    }
}
