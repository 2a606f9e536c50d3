//! Tokens of composite match keys (spec 5.4).

use super::key_parts::KeyPartValues;
use super::keys::LinkageKeys;
use crate::crypto::hash::Prf;
use crate::limits;
use crate::schema::declared::Declared;
use crate::schema::encoding::TableSpec;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A token: the keyed digest of a table and a match key's value. Still personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Token(pub(crate) [u8; 16]);

impl Token {
    /// A token with these bytes; for tests and tools that compute tokens elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The bytes as two big-endian numbers.
    pub(super) fn halves(&self) -> (u64, u64) {
        let [high, low] = [0, 64].map(|shift| {
            let word = u128::from_be_bytes(self.0) << shift >> 64;
            u64::try_from(word).unwrap_or_default()
        });
        (high, low)
    }
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Makes the tokens of one table.
#[derive(Debug)]
pub(super) struct Tokens {
    key: Prf,
    /// Number of the table, as it begins each message.
    id: [u8; 2],
    /// Most that either side uses.
    slots: usize,
    /// Numbers of the key's parts in [`KeyPartValues`].
    parts: Vec<usize>,
}

impl Tokens {
    pub(super) fn new(table: &TableSpec, fields: &[Declared], keys: &LinkageKeys, parts: &mut KeyPartValues) -> Self {
        Self {
            key: keys.tokens().clone(),
            id: table.id.to_be_bytes(),
            slots: usize::from(table.slots.most()),
            parts: table.key.iter().map(|part| parts.position(part, fields)).collect(),
        }
    }

    /// Most tokens that either side uses of a record.
    pub(super) const fn slots(&self) -> usize {
        self.slots
    }

    /// The tokens of a record: of all its match keys, those with the smallest tokens, at most `slots`, in ascending
    /// order, those that either side uses. Both sides choose alike: the more keys two records share, the likelier both keep
    /// a shared one (V-ENCODE-006). `message` is room to work in; the caller wipes it.
    pub(super) fn tokens(&self, parts: &KeyPartValues, message: &mut Vec<u8>) -> Vec<Token> {
        let counts = self.parts.iter().map(|&part| parts.count(part));
        // V-ENCODE-007: none if a part has no value.
        let forms = counts.fold(1_usize, usize::saturating_mul).min(limits::MAX_KEY_FORMS);
        let mut tokens = Vec::with_capacity(forms);
        // Which value of each part: the last part fastest (V-ENCODE-005).
        let mut at = [0; limits::MAX_KEY_PARTS];
        for _ in 0..forms {
            message.clear();
            message.extend_from_slice(&self.id);
            for (&part, &value) in self.parts.iter().zip(&at) {
                message.extend_from_slice(parts.message(part, value));
            }
            let mut bytes = [0; 16];
            self.key.fill_at(message, &mut bytes);
            tokens.push(Token(bytes));
            let places = at.get_mut(..self.parts.len()).unwrap_or_default();
            for (place, &part) in places.iter_mut().zip(&self.parts).rev() {
                *place += 1;
                if *place < parts.count(part) {
                    break;
                }
                *place = 0;
            }
        }
        tokens.sort_unstable_by_key(|token| u128::from_be_bytes(token.0));
        tokens.dedup();
        tokens.truncate(self.slots);
        tokens
    }
}
