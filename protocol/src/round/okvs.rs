//! Random-band oblivious key-value store (spec section 8.4; Bienstock, Patel, Seo, Yeo, USENIX Security 2023).
//!
//! Values are strings of V bytes over GF(2). A column vector P is such that for every row the sum of the columns that
//! its band selects is the row's value; all other freedom is filled with random columns, so that P hides which rows
//! it was made from.

use super::commitment::LateId;
use super::oprf::{Input, OprfOutput};
use crate::crypto::hash::{Prf, hash};
use crate::labels;
use crate::plan::TablePlan;
use crate::suite::BAND;
use zeroize::{Zeroize, Zeroizing};

/// Position of a row: its first column and the 256 coefficients from there on, bit 0 of word 0 first and always set.
#[derive(Clone, Copy)]
pub struct Band {
    start: u32,
    bits: [u64; 4],
}

impl core::fmt::Debug for Band {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Band(..)")
    }
}

/// Public context of the rows of one group of a table of one round.
#[must_use]
pub fn row_context(late: &LateId, table_id: u16, group: u32) -> [u8; 32] {
    hash(labels::OKVS_ROW, &[late.as_bytes(), &table_id.to_be_bytes(), &group.to_be_bytes()])
}

/// Band of an OPRF output and its mask stream, written to `mask` (V bytes). `columns` is at least 256.
#[must_use]
pub fn row(context: &[u8; 32], output: &OprfOutput, columns: u32, mask: &mut [u8]) -> Band {
    let mut head = Zeroizing::new([0u8; 40]);
    Prf::new(*output.expose()).fill_both(context, &mut *head, mask);
    let (words, _) = head.as_chunks::<8>();
    let mut numbers = words.iter().map(|w| u64::from_le_bytes(*w));
    let choices = u128::from(columns.saturating_sub(BAND) + 1);
    let start = (u128::from(numbers.next().unwrap_or(0)) * choices) >> 64;
    let mut bits = [0; 4];
    bits.iter_mut().zip(numbers).for_each(|(b, n)| *b = n);
    bits[0] |= 1;
    Band { start: u32::try_from(start).unwrap_or(0), bits }
}

fn trailing_zeros(bits: &[u64; 4]) -> Option<u32> {
    bits.iter().zip([0, 64, 128, 192]).find(|(w, _)| **w != 0).map(|(w, base)| base + w.trailing_zeros())
}

fn shift_down(bits: &[u64; 4], by: u32) -> [u64; 4] {
    let (words, rest) = ((by / 64) as usize, by % 64);
    core::array::from_fn(|i| {
        let low = bits.get(i + words).map_or(0, |w| w >> rest);
        let high = bits.get(i + words + 1).map_or(0, |w| if rest == 0 { 0 } else { w << (64 - rest) });
        low | high
    })
}

fn set_bits(bits: [u64; 4]) -> impl Iterator<Item = usize> {
    bits.into_iter().zip([0usize, 64, 128, 192]).flat_map(|(mut word, base)| {
        core::iter::from_fn(move || {
            let bit = (word != 0).then(|| base + word.trailing_zeros() as usize);
            word &= word.wrapping_sub(1);
            bit
        })
    })
}

/// Rows of a group before encoding: bands, and all values in one vector.
#[derive(Clone)]
pub struct Rows {
    width: usize,
    bands: Vec<Band>,
    values: Vec<u64>,
}

impl core::fmt::Debug for Rows {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Rows({})", self.bands.len())
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl Rows {
    /// No rows yet; values of `width` bytes.
    #[must_use]
    pub fn new(width: usize, capacity: usize) -> Self {
        Self { width, bands: Vec::with_capacity(capacity), values: Vec::with_capacity(capacity * width.div_ceil(8)) }
    }

    /// Adds a row; `value` has `width` bytes.
    pub fn push(&mut self, band: Band, value: &[u8]) {
        self.bands.push(band);
        self.values.extend(value.chunks(8).map(word));
    }

    /// Adds row `i` of another collection of the same width.
    pub fn push_from(&mut self, other: &Self, i: usize) {
        let stride = self.width.div_ceil(8);
        self.bands.extend(other.bands.get(i));
        self.values.extend(other.values.iter().skip(i * stride).take(stride));
    }

    /// Appends all rows of another collection of the same width.
    pub fn append(&mut self, mut other: Self) {
        self.bands.append(&mut other.bands);
        self.values.append(&mut other.values);
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bands.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bands.is_empty()
    }

    /// Solves for the columns, `columns` times `width` bytes. A row that depends on the others is left out: it reads
    /// as a miss, which is the harmless side (spec 8.4 has the probability for honest rows). `free` gives the
    /// random columns.
    #[must_use]
    pub fn encode(self, columns: u32, free: &Prf, (table_id, group): (u16, u32)) -> Vec<u8> {
        let (columns, width) = (columns as usize, self.width);
        let stride = self.width.div_ceil(8);
        let mut order: Vec<u32> = (0u32..).take(self.bands.len()).collect();
        order.sort_unstable_by_key(|i| (self.bands[*i as usize].start, *i));
        let mut bits = vec![[0u64; 4]; columns];
        let mut solved = vec![0u64; columns * stride];
        let mut value = vec![0u64; stride];
        for i in order {
            let band = self.bands[i as usize];
            let (mut at, mut own) = (band.start as usize, band.bits);
            value.copy_from_slice(&self.values[i as usize * stride..][..stride]);
            // Eliminate against the pivots met until a column without one is found.
            while at < columns && bits[at][0] & 1 == 1 {
                own.iter_mut().zip(&bits[at]).for_each(|(a, b)| *a ^= b);
                xor(&mut value, &solved[at * stride..][..stride]);
                let Some(step) = trailing_zeros(&own) else { break };
                own = shift_down(&own, step);
                at += step as usize;
            }
            if own != [0; 4] && at < columns && bits[at][0] & 1 == 0 {
                bits[at] = own;
                solved[at * stride..][..stride].copy_from_slice(&value);
            }
        }
        // The rows are not needed any more, and the columns take as much memory once more.
        drop(self);
        let mut random = vec![0u8; width];
        for at in (0..columns).rev() {
            let (head, tail) = solved.split_at_mut((at + 1) * stride);
            let own = &mut head[at * stride..];
            // V-OKVS-002.
            if bits[at][0] & 1 == 0 {
                free.fill(&[u64::from(table_id), u64::from(group), at as u64], &mut random);
                own.iter_mut().zip(random.chunks(8)).for_each(|(o, r)| *o = word(r));
                continue;
            }
            for bit in set_bits(bits[at]).skip(1) {
                xor(own, &tail[(bit - 1) * stride..][..stride]);
            }
        }
        let mut out = Vec::with_capacity(columns * width);
        for column in solved.chunks(stride) {
            out.extend(column.iter().flat_map(|w| w.to_le_bytes()).take(width));
        }
        out
    }
}

/// What of the groups of a table is still free (V-OKVS-003): the rows of a table come in their order, those beyond the number
/// of their group are left out, and missing ones are filled up.
#[derive(Clone, Debug)]
pub struct Room(Vec<u32>);

impl Room {
    /// All groups are empty.
    #[must_use]
    pub fn new(table: &TablePlan) -> Self {
        Self(table.groups.iter().map(|group| group.rows).collect())
    }

    /// Takes the place of a row in a group; false if there is none.
    pub fn take(&mut self, group: usize) -> bool {
        let left = self.0.get_mut(group).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }

    /// Rows that a group misses.
    #[must_use]
    pub fn missing(&self, group: usize) -> u32 {
        self.0.get(group).copied().unwrap_or(0)
    }
}

/// Input of a row that fills up a group, and its bin, counted in the table.
#[must_use]
pub fn filler(key: &Prf, table: &TablePlan, group: usize, f: u32) -> (Input, u32) {
    let number = u64::try_from(group).unwrap_or(u64::MAX);
    let input = Input::dummy(key.bytes(&[table.id.into(), number, f.into()]));
    let bin = table.groups.get(group).map_or(0, |plan| plan.first_bin + f.checked_rem(plan.bins).unwrap_or(0));
    (input, bin)
}

fn word(bytes: &[u8]) -> u64 {
    let mut w = [0; 8];
    w[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(w)
}

fn xor(a: &mut [u64], b: &[u64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a ^= b);
}

/// Adds (xor) the sum of the columns that `band` selects to `out`, whose length is the width.
pub fn decode(table: &[u8], band: &Band, out: &mut [u8]) {
    let width = out.len();
    let columns = || {
        let at = set_bits(band.bits).map(|bit| (band.start as usize + bit) * width);
        at.filter_map(|at| table.get(at..at + width))
    };
    for (from, out) in (0..).step_by(16 * WORDS).zip(out.chunks_mut(16 * WORDS)) {
        let to = from + out.len();
        // What is not a whole word is read with the bytes before it, which are not used again.
        let (mut words, mut last) = (Zeroizing::new([0u128; WORDS]), Zeroizing::new(0u128));
        for column in columns() {
            let part = column.get(from..to).unwrap_or(&[]);
            words.iter_mut().zip(part.as_chunks::<16>().0).for_each(|(w, c)| *w ^= u128::from_le_bytes(*c));
            *last ^= part.last_chunk::<16>().map_or_else(|| short(part), |c| u128::from_le_bytes(*c));
        }
        let (whole, rest) = out.as_chunks_mut::<16>();
        for (out, word) in whole.iter_mut().zip(words.iter()) {
            *out = (u128::from_le_bytes(*out) ^ word).to_le_bytes();
        }
        let last = last.to_le_bytes();
        let from = if whole.is_empty() { 0 } else { 16 - rest.len() };
        rest.iter_mut().zip(last.iter().skip(from)).for_each(|(o, l)| *o ^= l);
    }
}

/// Words of 16 bytes that are summed at a time.
const WORDS: usize = 8;

/// Fewer than 16 bytes as a word.
fn short(bytes: &[u8]) -> u128 {
    let mut word = [0; 16];
    word.iter_mut().zip(bytes).for_each(|(w, b)| *w = *b);
    u128::from_le_bytes(word)
}
