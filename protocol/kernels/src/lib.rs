//! The inner loops of a sealed round: AES streams of tree leaves and their sums, transposition of bits, the tweakable
//! hash, POLYVAL, corrections and score shares.
//!
//! Each loop exists in three forms that give the same bytes: for VAES and AVX-512, for AES-NI and AVX2, and portable.
//! [`Kernels::best`] chooses by what the processor has. The portable form is made of the `aes` and `polyval` crates and plain
//! loops; tests compare the others with it.
//!
//! No loop branches or indexes on the contents of its inputs; lengths, positions and parameters are public.
//!
//! This is the only crate of the project with `unsafe` code: loads and stores of vectors, each within the bounds of a slice
//! that it is given, and calls of functions for instructions that were found before.

mod cipher;
mod column_hash;
#[cfg(target_arch = "x86_64")]
mod narrow;
mod portable;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use cipher::{Key, Leaves};
pub use column_hash::ColumnHash;

/// Levels of a tree of leaves.
pub const LEVELS: usize = 4;
/// Leaves of a tree.
pub const LEAVES: usize = 1 << LEVELS;

/// A bin's part of a comparison: what the corrections of its score are made of.
#[derive(Clone, Copy)]
pub struct Bin<'a> {
    /// Number of its first bit in the chunk: the tweak of that bit.
    pub first: u64,
    /// A row of the extension for every bit.
    pub rows: &'a [u128],
    /// Bits of the ring.
    pub ring_bits: u32,
}

impl core::fmt::Debug for Bin<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bin(..)")
    }
}

/// A form of the kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Without instructions of one kind of processor.
    Portable,
    /// AES-NI, PCLMULQDQ and AVX2.
    Narrow,
    /// VAES, VPCLMULQDQ and AVX-512.
    Wide,
}

/// The kernels in one form that this processor has.
#[derive(Clone, Copy, Debug)]
pub struct Kernels(Chosen);

/// What stands for a form can be made only where its instructions were found.
#[derive(Clone, Copy, Debug)]
enum Chosen {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Narrow(narrow::Narrow),
    #[cfg(target_arch = "x86_64")]
    Wide(wide::Wide),
}

impl Kernels {
    /// The fastest form that this processor has. The standard library keeps what it found.
    #[must_use]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let wide = || (!cfg!(any(feature = "without-avx512", feature = "portable"))).then(wide::Wide::detect);
            let narrow = || (!cfg!(feature = "portable")).then(narrow::Narrow::detect);
            if let Some(wide) = wide().flatten() {
                return Self(Chosen::Wide(wide));
            }
            if let Some(narrow) = narrow().flatten() {
                return Self(Chosen::Narrow(narrow));
            }
        }
        Self::portable()
    }

    /// The portable form.
    #[must_use]
    pub const fn portable() -> Self {
        Self(Chosen::Portable)
    }

    /// A certain form, if this processor has it.
    #[must_use]
    pub fn of(form: Form) -> Option<Self> {
        match form {
            Form::Portable => Some(Self::portable()),
            #[cfg(target_arch = "x86_64")]
            Form::Narrow => narrow::Narrow::detect().map(|narrow| Self(Chosen::Narrow(narrow))),
            #[cfg(target_arch = "x86_64")]
            Form::Wide => wide::Wide::detect().map(|wide| Self(Chosen::Wide(wide))),
            #[cfg(not(target_arch = "x86_64"))]
            Form::Narrow | Form::Wide => None,
        }
    }

    /// Which form this is.
    #[must_use]
    pub const fn form(self) -> Form {
        match self.0 {
            Chosen::Portable => Form::Portable,
            #[cfg(target_arch = "x86_64")]
            Chosen::Narrow(_) => Form::Narrow,
            #[cfg(target_arch = "x86_64")]
            Chosen::Wide(_) => Form::Wide,
        }
    }

    /// Transposes 128 columns of bits of equal length, a whole number of 16-byte blocks, one after another: bit j of row i is
    /// bit i of column j. Fills `rows` from the first row on; what is beyond the columns stays as it is.
    pub fn transpose(self, columns: &[u8], rows: &mut [u128]) {
        let column = columns.len() / 128 / 16 * 16;
        match self.0 {
            Chosen::Portable => portable::transpose(columns, column, rows),
            #[cfg(target_arch = "x86_64")]
            Chosen::Narrow(narrow) => narrow.transpose(columns, column, rows),
            #[cfg(target_arch = "x86_64")]
            Chosen::Wide(wide) => wide.transpose(columns, column, rows),
        }
    }
}
