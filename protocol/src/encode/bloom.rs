//! The keyed segmented Bloom filter (spec 5.2).

use super::keys::LinkageKeys;
use super::values::Values;
use crate::crypto::hash::Prf;
use crate::limits;
use crate::normalise::skeleton;
use crate::schema::encoding::Segment;
use crate::schema::kinds::FeatureKind;
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

/// The filter of a record: every feature of a segment sets `hashes` positions of it, and a segment with a feature sets
/// its presence bit (V-ENCODE-003).
#[must_use]
pub fn filter(segments: &[Segment], keys: &LinkageKeys, values: &Values) -> Filter {
    let filter_bits: usize = segments.iter().map(|s| usize::from(s.bits)).sum();
    let mut filter = Filter::zero(filter_bits + segments.len());
    let mut start = 0;
    for (i, (segment, key)) in segments.iter().zip(keys.segments()).enumerate() {
        let mut present = false;
        for &kind in &segment.features {
            for_each_feature(kind, values, |feature| {
                present = true;
                set_positions(&mut filter, start, segment, key, kind, feature);
            });
        }
        if present {
            filter.set(filter_bits + i);
        }
        start += usize::from(segment.bits);
    }
    filter
}

/// Positions are independent 64-bit words w of the keyed output, reduced as floor(w * bits / 2^64): no value of a
/// position is likelier than another by more than 2^-52, and every feature costs the same (V-ENCODE-002).
fn set_positions(filter: &mut Filter, start: usize, segment: &Segment, key: &Prf, kind: FeatureKind, feature: &[u8]) {
    let mut message = Vec::with_capacity(1 + feature.len());
    message.push(kind.code());
    message.extend_from_slice(feature);
    let mut words = [0; 8 * limits::MAX_HASHES as usize];
    let words = words.get_mut(..8 * usize::from(segment.hashes)).unwrap_or_default();
    key.fill_at(&message, words);
    for word in words.as_chunks::<8>().0 {
        let scaled = (u128::from(u64::from_be_bytes(*word)) * u128::from(segment.bits)) >> 64;
        filter.set(start + usize::try_from(scaled).unwrap_or_default());
    }
    message.zeroize();
    words.zeroize();
}

/// Calls `emit` for every feature of one kind (V-ENCODE-004).
fn for_each_feature(kind: FeatureKind, values: &Values, mut emit: impl FnMut(&[u8])) {
    match kind {
        FeatureKind::NameBigrams => values.name_parts.iter().for_each(|part| bigrams(part, &mut emit)),
        FeatureKind::NameSkeletons => values.key_parts.iter().for_each(|part| {
            let mut k5 = skeleton::k5(part);
            emit(k5.as_bytes());
            k5.zeroize();
        }),
        FeatureKind::BirthYear => values.birth_dates.iter().for_each(|date| {
            for (tag, number) in [(b'y', date.year), (b't', date.year % 100), (b'o', date.year % 10)] {
                let [high, low] = number.to_be_bytes();
                emit(&[tag, high, low]);
            }
        }),
        FeatureKind::BirthMonthDay => values.birth_dates.iter().for_each(|date| {
            for number in [date.month, date.day].into_iter().flatten() {
                emit(&[b'n', number]);
            }
            if let Some((low, high)) = date.unordered_month_day() {
                emit(&[b'p', low, high]);
            }
        }),
        FeatureKind::Sex => values.sexes.iter().for_each(|&sex| emit(&[sex])),
        FeatureKind::Nationality => values.nationalities.iter().for_each(|code| emit(code)),
        FeatureKind::BirthCountry => values.birth_countries.iter().for_each(|code| emit(code)),
        FeatureKind::DocumentNumber => values.documents.iter().for_each(|number| bigrams(number, &mut emit)),
        FeatureKind::Phone => values.phones.iter().for_each(|digits| bigrams(digits, &mut emit)),
        FeatureKind::Email => values.emails.iter().for_each(|address| {
            if let Some((local, _)) = address.split_once('@') {
                bigrams(local, &mut emit);
            }
        }),
    }
}

/// Bigrams of the bytes of a value, padded with `_` on both sides.
fn bigrams(value: &str, emit: &mut impl FnMut(&[u8])) {
    let mut last = b'_';
    for byte in value.bytes().chain([b'_']) {
        emit(&[last, byte]);
        last = byte;
    }
}
