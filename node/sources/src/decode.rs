//! Bytes of a file to text (V-CSV-001, V-MAP-001).

use super::FileError;
use super::csv::rows::lines_ended;
use super::mapping::Mapping;
use zeroize::Zeroizing;

/// Text that is borrowed, or decoded and wiped in the end.
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Decoded(Zeroizing<String>),
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Decoded(text) => text,
        }
    }
}

/// The text of a file: UTF-8, UTF-16 with its mark, or in the encoding that a mapping names. None is guessed.
pub(super) fn text<'a>(bytes: &'a [u8], mapping: Option<&Mapping>) -> Result<Text<'a>, FileError> {
    let not_utf8 = |line| FileError::NotUtf8 { line };
    for (mark, little) in [([0xff, 0xfe], true), ([0xfe, 0xff], false)] {
        if let Some(rest) = bytes.strip_prefix(&mark) {
            return utf16(rest, little).map(Text::Decoded).ok_or_else(|| not_utf8(1));
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(name) = mapping.and_then(|mapping| mapping.encoding.as_deref()) {
        let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).ok_or(FileError::UnknownEncoding)?;
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| not_utf8(1))?;
        return Ok(Text::Decoded(Zeroizing::new(text.into_owned())));
    }
    let line = |e: core::str::Utf8Error| not_utf8(1 + lines_ended(bytes, e.valid_up_to()));
    std::str::from_utf8(bytes).map(Text::Borrowed).map_err(line)
}

fn utf16(bytes: &[u8], little: bool) -> Option<Zeroizing<String>> {
    if bytes.len() % 2 == 1 {
        return None;
    }
    let units = bytes.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
    let units = units.map(|pair| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) });
    // Three bytes of UTF-8 for each unit at most: no copy stays behind when it grows.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 2 * 3));
    for c in char::decode_utf16(units) {
        text.push(c.ok()?);
    }
    Some(text)
}
