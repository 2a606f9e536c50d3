//! Values of a record before any check.

use super::{FieldError, Reason};
use crate::limits;
use crate::schema::Field;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The values of one identity, by field.
#[derive(Clone, Default)]
pub(super) struct Cells([Vec<String>; Field::ALL.len()]);

impl Zeroize for Cells {
    fn zeroize(&mut self) {
        // Most fields never held a value.
        self.0.iter_mut().filter(|values| values.capacity() > 0).for_each(Zeroize::zeroize);
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Cells {}

impl Cells {
    pub(super) fn values(&self, field: Field) -> &[String] {
        self.0.get(field as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set(&mut self, field: Field, values: Vec<String>) {
        if let Some(cell) = self.0.get_mut(field as usize) {
            *cell = values;
        }
    }
}

/// Values of a record before any check, as text: one or several identities, and the declared fields. Wiped on drop.
///
/// A pushed value belongs to the identity begun last. A new record has one identity.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct RawRecord {
    first: Cells,
    others: Vec<Cells>,
    declared: Vec<Vec<String>>,
    more: bool,
}

impl RawRecord {
    /// Adds a value to a field. Empty values count as absent, except beside a document number, date or contact.
    pub fn push(&mut self, field: Field, value: &str) {
        let cells = match self.others.last_mut() {
            Some(identity) if !field.is_of_record() => identity,
            _ => &mut self.first,
        };
        if let Some(values) = cells.0.get_mut(field as usize) {
            // Most fields have one value: what is not there need not be wiped.
            if values.is_empty() {
                values.reserve_exact(1);
            }
            values.push(value.to_owned());
        }
    }

    /// Adds a value to the declared field at this position of the policy.
    pub fn push_declared(&mut self, position: usize, value: &str) {
        if position < limits::MAX_FIELDS && self.declared.len() <= position {
            self.declared.resize_with(position + 1, Vec::new);
        }
        if let Some(values) = self.declared.get_mut(position) {
            values.push(value.to_owned());
        }
    }

    /// Begins a further identity of the same person.
    ///
    /// # Errors
    /// [`Reason::TooMany`] after [`limits::MAX_IDENTITIES`].
    pub fn next_identity(&mut self) -> Result<(), FieldError> {
        if self.others.len() + 1 >= limits::MAX_IDENTITIES {
            self.more = true;
            return Err(FieldError::new(Field::IdentityStatus, Reason::TooMany));
        }
        self.others.push(Cells::default());
        Ok(())
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = &Cells> {
        core::iter::once(&self.first).chain(&self.others)
    }

    /// Whether there were more identities than a record may have.
    pub(super) const fn has_more(&self) -> bool {
        self.more
    }

    pub(super) const fn of_record(&self) -> &Cells {
        &self.first
    }

    pub(super) fn declared(&self, position: usize) -> &[String] {
        self.declared.get(position).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawRecord(..)")
    }
}
