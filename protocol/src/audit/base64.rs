//! Base64 (RFC 4648 section 4), strict: padded, and with zero bits after the end.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        let [a, b, c] = three.map(u32::from);
        let all = a << 16 | b << 8 | c;
        for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = ALPHABET.get((all >> shift & 63) as usize).copied().unwrap_or_default();
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(groups.len() * 3);
    for group in groups {
        let digits = group.iter().position(|c| *c == b'=').unwrap_or(4);
        if digits < 2 || group.iter().skip(digits).any(|c| *c != b'=') {
            return None;
        }
        let value = |c: &u8| ALPHABET.iter().position(|a| a == c).and_then(|at| u32::try_from(at).ok());
        let bits = group.iter().take(digits).map(value).try_fold(0, |all, v| Some(all << 6 | v?))?;
        let [_, bytes @ ..] = (bits << (6 * (4 - digits))).to_be_bytes();
        out.extend_from_slice(bytes.get(..digits - 1)?);
    }
    // One text for one value: this refuses padding in the middle and set bits after the end.
    (encode(&out) == text).then_some(out)
}

/// Exactly 32 bytes.
pub(super) fn decode_32(text: &str) -> Option<[u8; 32]> {
    decode(text)?.try_into().ok()
}
