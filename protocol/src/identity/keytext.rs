//! Public keys as people read them: Bech32m (BIP-350) with the prefix `blind`, 64 characters in all.
//!
//! `blind1` + 52 characters for the 32 bytes + 6 of checksum. Any four wrong characters are noticed, and no two
//! characters of the alphabet look alike (no `1`, `b`, `i`, `o` after the separator). It is the key itself, not a hash
//! of it, so reading it over the telephone compares everything that is pinned.

use super::PeerId;
use crate::codec;
use bech32::primitives::decode::{CharError, CheckedHrpstring, CheckedHrpstringError, UncheckedHrpstringError};
use bech32::{Bech32m, Hrp};

const PREFIX: &str = "blind";
const PREFIX_PART: Hrp = Hrp::parse_unchecked(PREFIX);

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

/// The bytes of a text with our prefix and checksum.
fn decode(text: &str) -> Result<Vec<u8>, KeyTextError> {
    if !text.to_ascii_lowercase().starts_with(PREFIX) {
        return Err(KeyTextError::Form);
    }
    let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|error| match error {
        CheckedHrpstringError::Parse(UncheckedHrpstringError::Char(CharError::MissingSeparator)) => KeyTextError::Form,
        _ => KeyTextError::Checksum,
    })?;
    if !checked.hrp().lowercase_byte_iter().eq(PREFIX.bytes()) {
        return Err(KeyTextError::Form);
    }
    checked.validate_segwit_padding().map_err(|_| KeyTextError::Form)?;
    Ok(checked.byte_iter().collect())
}

/// The text of a key.
#[must_use]
pub fn to_text(id: &PeerId) -> String {
    // It fails for texts of more than 1,023 characters only.
    bech32::encode::<Bech32m>(PREFIX_PART, id.as_bytes()).unwrap_or_default()
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
            None => decode(&text)?,
        },
        _ => return Err(KeyTextError::Form),
    };
    let bytes = bytes.try_into().map_err(|_| KeyTextError::Form)?;
    PeerId::from_bytes(bytes).map_err(|_| KeyTextError::Key)
}

#[cfg(test)]
mod tests;
