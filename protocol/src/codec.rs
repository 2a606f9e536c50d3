//! The bounded codec (spec section 3.3): big-endian integers, explicit lengths, no trailing bytes.
//! Meets V-CODEC-001 (truncation), V-CODEC-002 (trailing bytes), V-CODEC-003 (bounds before use), V-CODEC-004 (UTF-8).

/// Why bytes could not be read. It says nothing about who wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before their contents do.
    #[error("truncated message")]
    Truncated,
    /// There are bytes after the contents.
    #[error("trailing bytes after a message")]
    TrailingBytes,
    /// A field has a value that it may not have.
    #[error("field `{0}` has a forbidden value")]
    BadField(&'static str),
}

/// Reads bytes front to back. No length is used before it is compared with the bytes that are left.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the front of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if none is left.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[b]| b)
    }

    /// A big-endian 16-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer than two bytes are left.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// A big-endian 32-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer than four bytes are left.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// A big-endian 32-bit two's complement integer.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer than four bytes are left.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_be_bytes)
    }

    /// A big-endian 64-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer than eight bytes are left.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A byte string with a 16-bit length in front, of at most `max` bytes.
    ///
    /// # Errors
    /// [`DecodeError::BadField`] if it is longer, [`DecodeError::Truncated`] if the bytes are not there.
    pub fn vec16(&mut self, max: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let n = usize::from(self.u16()?);
        if n > max {
            return Err(DecodeError::BadField(field));
        }
        self.bytes(n)
    }

    /// A UTF-8 string with a 16-bit length in front, of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Reader::vec16`], and [`DecodeError::BadField`] if it is not UTF-8.
    pub fn str16(&mut self, max: usize, field: &'static str) -> Result<&'a str, DecodeError> {
        core::str::from_utf8(self.vec16(max, field)?).map_err(|_| DecodeError::BadField(field))
    }

    /// Reads all of `bytes`: what `read` takes from the front must be everything.
    ///
    /// # Errors
    /// As `read`'s; [`DecodeError::TrailingBytes`] if anything is left.
    pub fn all<T>(bytes: &'a [u8], read: impl FnOnce(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        let mut reader = Self::new(bytes);
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBytes`] if anything is left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
    }
}

/// Appends to a message.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty message with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, v: u8) -> &mut Self {
        self.bytes(&[v])
    }

    /// Appends a big-endian 16-bit integer.
    pub fn u16(&mut self, v: u16) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a big-endian 32-bit integer.
    pub fn u32(&mut self, v: u32) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a big-endian 32-bit two's complement integer.
    pub fn i32(&mut self, v: i32) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a big-endian 64-bit integer.
    pub fn u64(&mut self, v: u64) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    /// Appends a byte string with its 16-bit length. A checked value has no string above 65,535 bytes. A longer one is
    /// written whole behind the length 65,535: nothing is cut in silence, and what is written cannot be read back.
    pub fn vec16(&mut self, v: &[u8]) -> &mut Self {
        self.u16(u16::try_from(v.len()).unwrap_or(u16::MAX)).bytes(v)
    }

    /// Appends a UTF-8 string with its 16-bit length.
    pub fn str16(&mut self, v: &str) -> &mut Self {
        self.vec16(v.as_bytes())
    }

    /// The message.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Bytes of hexadecimal digits, in either case; `None` if it is anything else.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(high)? << 4 | digit(low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Lower-case hexadecimal digits of bytes.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|d| char::from_digit(d.into(), 16)).collect()
}
