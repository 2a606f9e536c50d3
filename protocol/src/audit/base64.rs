//! Base64 (RFC 4648 section 4), strict: padded, and with zero bits after the end.

use data_encoding::BASE64;

pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    // The library also reads padded pieces one after the other: one text for one value refuses those.
    BASE64.decode(text.as_bytes()).ok().filter(|bytes| encode(bytes) == text)
}

/// Exactly 32 bytes.
pub(super) fn decode_32(text: &str) -> Option<[u8; 32]> {
    decode(text)?.try_into().ok()
}
