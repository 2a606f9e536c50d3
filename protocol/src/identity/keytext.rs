//! Public keys as people read them: Bech32m (BIP-350) with the prefix `blind`, 64 characters in all.
//!
//! `blind1` + 52 characters for the 32 bytes + 6 of checksum. Any four wrong characters are noticed, and no two
//! characters of the alphabet look alike (no `1`, `b`, `i`, `o` after the separator). It is the key itself, not a hash
//! of it, so reading it over the telephone compares everything that is pinned.

use super::PeerId;
use crate::codec;

const PREFIX: &str = "blind";
const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32M: u32 = 0x2bc8_30a3;

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// Neither 64 characters with the prefix nor 64 hexadecimal digits.
    #[error("a key is `blind1` and 58 characters, or 64 hexadecimal digits")]
    Form,
    /// Mistyped.
    #[error("the key's checksum does not fit: it was mistyped somewhere")]
    Checksum,
    /// No Ed25519 public key.
    #[error("this is not a usable Ed25519 public key")]
    Key,
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |check, value| {
        let top = check >> 25;
        let mut next = ((check & 0x01ff_ffff) << 5) ^ u32::from(value);
        for (bit, term) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                next ^= term;
            }
        }
        next
    })
}

fn expanded(prefix: &str) -> impl Iterator<Item = u8> {
    prefix.bytes().map(|b| b >> 5).chain([0]).chain(prefix.bytes().map(|b| b & 31))
}

/// Regroups bits from `from` to `to` a value; `None` if padding is demanded to be zero and is not.
fn regroup(values: &[u8], from: u32, to: u32, pad: bool) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0u32, 0u32, Vec::new());
    for value in values {
        bits = (bits << from | u32::from(*value)) & 0xfff;
        held += from;
        while held >= to {
            held -= to;
            out.push((bits >> held & ((1 << to) - 1)) as u8);
        }
    }
    let rest = bits << (to - held) & ((1 << to) - 1);
    if pad {
        if held > 0 {
            out.push(rest as u8);
        }
    } else if held >= from || rest != 0 {
        return None;
    }
    Some(out)
}

fn encode(prefix: &str, bytes: &[u8]) -> String {
    let data = regroup(bytes, 8, 5, true).unwrap_or_default();
    let check = polymod(expanded(prefix).chain(data.iter().copied()).chain([0; 6])) ^ BECH32M;
    let check = (0..6).map(|i| (check >> (5 * (5 - i)) & 31) as u8);
    let text = data.iter().copied().chain(check).filter_map(|v| ALPHABET.get(usize::from(v)).map(|c| char::from(*c)));
    format!("{prefix}1{}", text.collect::<String>())
}

fn decode(prefix: &str, text: &str) -> Result<Vec<u8>, KeyTextError> {
    let text = if text.bytes().any(|b| b.is_ascii_lowercase()) { text.to_owned() } else { text.to_ascii_lowercase() };
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('1')).ok_or(KeyTextError::Form)?;
    let values = rest
        .bytes()
        .map(|c| ALPHABET.iter().position(|a| *a == c).and_then(|v| u8::try_from(v).ok()).ok_or(KeyTextError::Checksum))
        .collect::<Result<Vec<_>, _>>()?;
    if polymod(expanded(prefix).chain(values.iter().copied())) != BECH32M {
        return Err(KeyTextError::Checksum);
    }
    let data = values.len().checked_sub(6).and_then(|n| values.get(..n)).ok_or(KeyTextError::Form)?;
    regroup(data, 5, 8, false).ok_or(KeyTextError::Form)
}

/// The text of a key.
#[must_use]
pub fn to_text(id: &PeerId) -> String {
    encode(PREFIX, id.as_bytes())
}

/// The first characters, for logs.
#[must_use]
pub fn short(id: &PeerId) -> String {
    to_text(id).chars().take(14).collect()
}

/// The key of a text: with the prefix and checksum, or 64 hexadecimal digits. White space and hyphens, as people write
/// them between groups, are passed over.
///
/// # Errors
/// See [`KeyTextError`].
pub fn from_text(text: &str) -> Result<PeerId, KeyTextError> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let bytes = match text.len() {
        64 => match codec::from_hex(&text) {
            Some(bytes) => bytes,
            None => decode(PREFIX, &text)?,
        },
        _ => return Err(KeyTextError::Form),
    };
    let bytes = bytes.try_into().map_err(|_| KeyTextError::Form)?;
    PeerId::from_bytes(bytes).map_err(|_| KeyTextError::Key)
}

#[cfg(test)]
mod tests;
