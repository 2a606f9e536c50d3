//! ristretto255 (RFC 9496) behind two types: public elements and secret scalars.

use core::fmt;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar as Raw;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of an encoded element.
pub const ELEMENT_BYTES: usize = 32;
/// Bytes of an encoded scalar.
pub const SCALAR_BYTES: usize = 32;

/// An element of the group.
#[derive(Clone, PartialEq, Eq)]
pub struct Element(pub(super) RistrettoPoint);

/// A secret scalar; wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Scalar(pub(super) Raw);

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element(..)")
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar(..)")
    }
}

impl Zeroize for Element {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Element {
    /// Decodes a canonical encoding of an element other than the identity (RFC 9497 section 2.1).
    #[must_use]
    pub fn decode(bytes: &[u8; 32]) -> Option<Self> {
        CompressedRistretto(*bytes).decompress().filter(|p| !p.is_identity()).map(Self)
    }

    /// Decodes a canonical encoding, the identity included (RFC 9496 section 4.3.1).
    #[must_use]
    pub fn decode_any(bytes: &[u8; 32]) -> Option<Self> {
        CompressedRistretto(*bytes).decompress().map(Self)
    }

    /// The canonical encoding (RFC 9496 section 4.3.2).
    #[must_use]
    pub fn encode(&self) -> [u8; 32] {
        self.0.compress().to_bytes()
    }

    /// The one-way map of RFC 9496 section 4.3.4.
    #[must_use]
    pub fn from_uniform_bytes(bytes: &[u8; 64]) -> Self {
        Self(RistrettoPoint::from_uniform_bytes(bytes))
    }

    /// Whether this is the identity.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.0.is_identity()
    }

    /// `s` times the generator, in constant time.
    #[must_use]
    pub fn base_mul(s: &Scalar) -> Self {
        Self(&s.0 * RISTRETTO_BASEPOINT_TABLE)
    }

    /// `s` times this element, in constant time.
    #[must_use]
    pub fn mul(&self, s: &Scalar) -> Self {
        Self(self.0 * s.0)
    }

    /// Sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        Self(self.0 + other.0)
    }

    /// Difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        Self(self.0 - other.0)
    }

    /// `b` if `choice`, else `a`, in constant time.
    #[must_use]
    pub fn select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(RistrettoPoint::conditional_select(&a.0, &b.0, choice))
    }
}

impl Scalar {
    /// A uniform scalar from 64 uniform bytes.
    #[must_use]
    pub fn from_wide(bytes: &[u8; 64]) -> Self {
        Self(Raw::from_bytes_mod_order_wide(bytes))
    }

    /// Decodes a reduced scalar.
    #[must_use]
    pub fn decode(bytes: &[u8; 32]) -> Option<Self> {
        Option::<Raw>::from(Raw::from_canonical_bytes(*bytes)).map(Self)
    }

    /// The canonical little-endian encoding.
    #[must_use]
    pub fn encode(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        Self(self.0 + other.0)
    }

    /// Difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        Self(self.0 - other.0)
    }

    /// Product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        Self(self.0 * other.0)
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == Raw::ZERO
    }

    /// Inverts all scalars at once; each must be non-zero.
    pub fn invert_batch(scalars: &mut [Self]) {
        let mut raw: Vec<Raw> = scalars.iter().map(|s| s.0).collect();
        Raw::invert_batch_alloc(&mut raw);
        for (s, r) in scalars.iter_mut().zip(&raw) {
            s.0 = *r;
        }
        raw.zeroize();
    }
}

/// Multiplies each element by its scalar in constant time and encodes the products.
///
/// Halving the scalar lets the batch share one inversion: the encoder doubles (crypto study, section 4).
#[must_use]
pub fn mul_encode<'a>(pairs: impl IntoIterator<Item = (&'a Scalar, &'a Element)>) -> Vec<[u8; 32]> {
    let mut halves: Vec<RistrettoPoint> = pairs.into_iter().map(|(s, p)| p.0 * s.0.div_by_2()).collect();
    let encoded = RistrettoPoint::double_and_compress_batch(&halves).into_iter().map(|c| c.to_bytes()).collect();
    halves.zeroize();
    encoded
}

/// A public scalar in a variable-time sum.
pub(super) fn public_sum(scalars: &[Raw], points: &[RistrettoPoint]) -> RistrettoPoint {
    RistrettoPoint::vartime_multiscalar_mul(scalars, points)
}
