//! BLAKE3 with labels (spec sections 3.4 and 3.5; V-HASH-001, V-HASH-002): one unambiguous framing for all hashing and
//! key derivation.

use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A labelled hash in progress. Each part goes in with its length as a big-endian 64-bit integer in front.
#[derive(Clone)]
pub struct Labelled(blake3::Hasher);

impl fmt::Debug for Labelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Labelled(..)")
    }
}

impl Labelled {
    /// Begins a hash with a label of [`crate::labels`] as its `derive_key` context.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(label))
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        let n = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&n.to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// The 32-byte digest.
    #[must_use]
    pub fn finish(mut self) -> [u8; 32] {
        let digest = *self.0.finalize().as_bytes();
        wipe(&mut self.0);
        digest
    }

    /// Fills `out` with the extendable output.
    pub fn fill(mut self, out: &mut [u8]) {
        self.0.finalize_xof().fill(out);
        wipe(&mut self.0);
    }
}

/// Bytes up to which a hasher has no state but its key and one chunk.
const ONE_CHUNK: u64 = blake3::CHUNK_LEN as u64;

/// Wipes a hasher. After a short message there is nothing in the stack for longer ones, whose two kilobytes take longer to
/// wipe than such a message to hash.
fn wipe(hasher: &mut blake3::Hasher) {
    if hasher.count() > ONE_CHUNK {
        hasher.zeroize();
        return;
    }
    *hasher = blake3::Hasher::new_keyed(&[0; 32]);
    core::hint::black_box(hasher);
}

/// The labelled hash of some parts.
#[must_use]
pub fn hash(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Labelled::new(label), |h, p| h.part(p)).finish()
}

/// Numbers of a point that are put together without a hasher.
const POINT: usize = 4;

/// A keyed pseudo-random function: BLAKE3 in keyed mode over big-endian 64-bit numbers. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Prf([u8; 32]);

impl fmt::Debug for Prf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prf(..)")
    }
}

impl Prf {
    /// The function with this key.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The function whose key is the labelled hash of some parts.
    #[must_use]
    pub fn derive(label: &str, parts: &[&[u8]]) -> Self {
        Self(hash(label, parts))
    }

    /// Fills `out` with the output at a point.
    pub fn fill(&self, point: &[u64], out: &mut [u8]) {
        let mut message = [[0; 8]; POINT];
        if let Some(message) = message.get_mut(..point.len()) {
            message.iter_mut().zip(point).for_each(|(to, n)| *to = n.to_be_bytes());
            return self.fill_at(message.as_flattened(), out);
        }
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for n in point {
            hasher.update(&n.to_be_bytes());
        }
        hasher.finalize_xof().fill(out);
        wipe(&mut hasher);
    }

    /// `N` bytes of output at a point.
    #[must_use]
    pub fn bytes<const N: usize>(&self, point: &[u64]) -> [u8; N] {
        let mut out = [0; N];
        self.fill(point, &mut out);
        out
    }

    /// Fills `out` with the output at a byte string.
    pub fn fill_at(&self, message: &[u8], out: &mut [u8]) {
        // One block of output is the digest; the one-shot function does without the state for longer inputs, which
        // costs more to wipe than a short message to hash.
        if out.len() <= blake3::OUT_LEN {
            let mut digest = blake3::keyed_hash(&self.0, message);
            out.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
            digest.zeroize();
            return;
        }
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(message).finalize_xof().fill(out);
        wipe(&mut hasher);
    }

    /// Fills two slices, one after the other, with the output at a byte string.
    pub fn fill_both(&self, message: &[u8], first: &mut [u8], second: &mut [u8]) {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        let mut output = hasher.update(message).finalize_xof();
        output.fill(first);
        output.fill(second);
        wipe(&mut hasher);
    }
}
