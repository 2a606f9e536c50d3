//! RFC 9497, suite ristretto255-SHA512: what all three modes share.
//!
//! The round uses mode POPRF with one info string a bin (spec section 8.1).

use super::group::{Element, Scalar};
use curve25519_dalek::scalar::Scalar as Raw;
use sha2::{Digest, Sha512};

/// Protocol mode, RFC 9497 section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Base mode.
    Oprf = 0,
    /// Verifiable.
    Voprf = 1,
    /// Partially oblivious: with public info.
    Poprf = 2,
}

impl Mode {
    /// contextString of RFC 9497 section 3.1.
    #[must_use]
    pub fn context(self) -> Vec<u8> {
        [&b"OPRFV1-"[..], &[self as u8], b"-ristretto255-SHA512"].concat()
    }
}

/// A length-prefixed byte string, I2OSP(len, 2) || bytes, as RFC 9497 frames all its hash inputs. The protocol only
/// frames strings shorter than 2^16.
#[must_use]
pub fn framed(bytes: &[u8]) -> Vec<u8> {
    let n = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&n.to_be_bytes()[..], bytes].concat()
}

/// expand_message_xmd with SHA-512 to 64 bytes (RFC 9380 section 5.3.1). `dst` is shorter than 256 bytes.
fn expand(message: &[&[u8]], dst: &[&[u8]]) -> [u8; 64] {
    let dst_len = dst.iter().map(|d| d.len()).sum::<usize>();
    let dst_len = [u8::try_from(dst_len).unwrap_or(u8::MAX)];
    let mut h = Sha512::new();
    h.update([0; 128]);
    message.iter().for_each(|m| h.update(m));
    h.update([0, 64, 0]);
    dst.iter().for_each(|d| h.update(d));
    h.update(dst_len);
    let b0 = h.finalize();
    let mut h = Sha512::new();
    h.update(b0);
    h.update([1]);
    dst.iter().for_each(|d| h.update(d));
    h.update(dst_len);
    h.finalize().into()
}

/// HashToGroup, RFC 9497 section 4.1.
#[must_use]
pub fn hash_to_group(mode: Mode, input: &[u8]) -> Element {
    Element::from_uniform_bytes(&expand(&[input], &[b"HashToGroup-", &mode.context()]))
}

/// HashToScalar, RFC 9497 section 4.1, of the concatenation of `input`.
#[must_use]
pub fn hash_to_scalar(mode: Mode, input: &[&[u8]]) -> Scalar {
    hash_to_scalar_with(&[b"HashToScalar-", &mode.context()], input)
}

fn hash_to_scalar_with(dst: &[&[u8]], input: &[&[u8]]) -> Scalar {
    Scalar(Raw::from_bytes_mod_order_wide(&expand(input, dst)))
}

/// DeriveKeyPair, RFC 9497 section 3.2.1. `None` if no counter gives a non-zero key, or `info` is too long.
#[must_use]
pub fn derive_key(mode: Mode, seed: &[u8; 32], info: &[u8]) -> Option<Scalar> {
    u16::try_from(info.len()).ok()?;
    let info = framed(info);
    let context = mode.context();
    (0..=u8::MAX)
        .map(|counter| hash_to_scalar_with(&[b"DeriveKeyPair", &context], &[seed, &info, &[counter]]))
        .find(|k| !k.is_zero())
}

/// The scalar m of RFC 9497 section 3.3.3 for a public info string.
#[must_use]
pub fn info_scalar(info: &[u8]) -> Scalar {
    hash_to_scalar(Mode::Poprf, &[b"Info", &framed(info)])
}

/// Finalize, RFC 9497 sections 3.3.1 (no `info`) and 3.3.3, on the unblinded element.
#[must_use]
pub fn finalize(input: &[u8], info: Option<&[u8]>, unblinded: &[u8; 32]) -> [u8; 64] {
    let mut h = Sha512::new();
    h.update(framed(input));
    if let Some(info) = info {
        h.update(framed(info));
    }
    h.update(framed(unblinded));
    h.update(b"Finalize");
    h.finalize().into()
}
