//! The keyed segmented Bloom filter (spec 5.2).

use super::features::{for_each_feature, is_bigrams};
use super::keys::LinkageKeys;
use super::message;
use super::normalised::Values;
use crate::crypto::hash::Prf;
use crate::limits;
use crate::schema::encoding::Encoding;
use crate::schema::kinds::FeatureKind;
use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A keyed segmented Bloom filter: segments in policy order, then one presence bit a segment; bit b is bit b mod 8 of
/// byte b / 8. Bits past the end are zero.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Filter(Vec<u8>);

impl Filter {
    /// A filter of `bits` zero bits (filter and presence bits together).
    #[must_use]
    pub fn zero(bits: usize) -> Self {
        Self(vec![0; bits.div_ceil(8)])
    }

    /// Sets one bit; a position past the end is ignored.
    pub fn set(&mut self, bit: usize) {
        if let Some(byte) = self.0.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }

    /// Reads one bit.
    #[must_use]
    pub fn get(&self, bit: usize) -> bool {
        self.0.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }

    /// The bytes, ceil(bits / 8) of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Filter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Filter(..)")
    }
}

/// Makes filters. It remembers the positions of the features that many records share (bigrams and codes), so that they
/// are hashed once.
#[derive(Debug)]
pub(super) struct Filters {
    segments: Vec<SegmentFilters>,
    bits: usize,
}

#[derive(Debug)]
struct SegmentFilters {
    key: Prf,
    start: usize,
    bits: u16,
    hashes: usize,
    features: Vec<FeatureFilters>,
}

/// What it remembers is of the records that it saw: shown nowhere, and wiped.
struct FeatureFilters {
    kind: FeatureKind,
    /// Position of the declared field, if it is taken from one.
    field: Option<usize>,
    /// Prefix of the value in the message.
    prefix: Vec<u8>,
    /// Positions of every pair of signs ([`sign`]), each plus one; zero where not yet computed.
    bigrams: Vec<u16>,
    /// Positions of codes and skeletons, which have up to five bytes.
    codes: HashMap<Code, Vec<u16>, BuildHasherDefault<Mixed>>,
}

impl core::fmt::Debug for FeatureFilters {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FeatureFilters({:?})", self.kind)
    }
}

/// A code or skeleton as a number, its bytes behind a one.
#[derive(PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
struct Code(u64);

/// Spreads the numbers of codes. They come from the own list, so no attacker chooses them to collide.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        // The upper bits of the product are the mixed ones; the map looks at the lower ones too.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

impl Filters {
    pub(super) fn new(encoding: &Encoding<'_>, keys: &LinkageKeys) -> Self {
        let mut start = 0;
        let mut segments = Vec::with_capacity(encoding.segments.len());
        for (segment, key) in encoding.segments.iter().zip(keys.segments()) {
            let hashes = usize::from(segment.hashes.min(limits::MAX_HASHES));
            let features = segment.features.iter().map(|feature| FeatureFilters {
                kind: feature.kind,
                field: feature.position(encoding.fields),
                prefix: message::prefix(feature.kind.code(), feature.field.as_deref()),
                bigrams: if is_bigrams(feature.kind) { vec![0; hashes * SIGNS * SIGNS] } else { Vec::new() },
                codes: HashMap::default(),
            });
            segments.push(SegmentFilters {
                key: key.clone(),
                start,
                bits: segment.bits,
                hashes,
                features: features.collect(),
            });
            start += usize::from(segment.bits);
        }
        Self { segments, bits: start }
    }

    /// The filter of a record: every feature of a segment sets `hashes` positions of it, and a segment with a feature
    /// sets its presence bit (V-ENCODE-003).
    pub(super) fn filter(&mut self, values: &Values) -> Filter {
        let mut filter = Filter::zero(self.bits + self.segments.len());
        for (i, segment) in self.segments.iter_mut().enumerate() {
            let SegmentFilters { key, start, bits, hashes, features } = segment;
            let place = Place { key, start: *start, bits: *bits, hashes: *hashes };
            let mut present = false;
            for feature in features {
                let (kind, field) = (feature.kind, feature.field);
                for_each_feature(kind, field, values, |value| {
                    present = true;
                    feature.set(&mut filter, &place, value);
                });
            }
            if present {
                filter.set(self.bits + i);
            }
        }
        filter
    }
}

/// Where a segment lies and what makes its positions.
struct Place<'a> {
    key: &'a Prf,
    start: usize,
    bits: u16,
    hashes: usize,
}

impl FeatureFilters {
    /// Sets the positions of one value.
    fn set(&mut self, filter: &mut Filter, place: &Place<'_>, value: &[u8]) {
        let known: &[u16] = match *value {
            [a, b] if !self.bigrams.is_empty() && sign(a) < SIGNS && sign(b) < SIGNS => {
                let first = (sign(a) * SIGNS + sign(b)) * place.hashes;
                let slot = self.bigrams.get_mut(first..first + place.hashes).unwrap_or_default();
                if slot.first() == Some(&0) {
                    positions(place, &self.prefix, value, |i, position| {
                        if let Some(p) = slot.get_mut(i) {
                            *p = position + 1;
                        }
                    });
                }
                slot
            }
            [] | [_, _, _, _, _, _, ..] => {
                positions(place, &self.prefix, value, |_, position| filter.set(place.start + usize::from(position)));
                return;
            }
            ref code => {
                // With a one before it, so that no two codes give one number.
                let name = Code(code.iter().fold(1, |name, byte| name << 8 | u64::from(*byte)));
                let prefix = &self.prefix;
                self.codes.entry(name).or_insert_with(|| {
                    let mut all = Vec::with_capacity(place.hashes);
                    positions(place, prefix, code, |_, position| all.push(position + 1));
                    all
                })
            }
        };
        known.iter().for_each(|position| filter.set(place.start + usize::from(position.saturating_sub(1))));
    }
}

/// Positions are independent 64-bit words w of the keyed output, reduced as floor(w * bits / 2^64): no value of a
/// position is likelier than another by more than 2^-52, and every feature costs the same (V-ENCODE-002).
fn positions(place: &Place<'_>, prefix: &[u8], value: &[u8], mut each: impl FnMut(usize, u16)) {
    let mut words = [0; 8 * limits::MAX_HASHES as usize];
    let words = words.get_mut(..8 * place.hashes).unwrap_or_default();
    message::with(prefix, value, |message| place.key.fill_at(message, words));
    for (i, word) in words.as_chunks::<8>().0.iter().enumerate() {
        let scaled = (u128::from(u64::from_be_bytes(*word)) * u128::from(place.bits)) >> 64;
        each(i, u16::try_from(scaled).unwrap_or_default());
    }
    words.zeroize();
}

/// Bytes whose pairs are remembered: letters, digits, padding, and what e-mail addresses have besides.
const SIGNS: usize = 65;

/// The number of such a byte; any other's is too large.
const fn sign(byte: u8) -> usize {
    (match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        b'A'..=b'Z' => byte - b'A' + 36,
        b'_' => 62,
        b'.' => 63,
        b'-' => 64,
        _ => u8::MAX,
    }) as usize
}
