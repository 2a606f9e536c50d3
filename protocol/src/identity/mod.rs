//! Identity keys of parties: Ed25519 (RFC 8032), pinned by their public key.

mod check_words;
pub mod keytext;

pub use check_words::check_words;

use crate::codec::DecodeError;
use crate::error::PeerFault;
use core::fmt;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Public identity of a party: its Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId([u8; 32]);

impl PeerId {
    /// A party with this Ed25519 public key.
    ///
    /// # Errors
    /// [`DecodeError::BadField`] if the bytes are no public key, or a weak one.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, DecodeError> {
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(bytes)),
            _ => Err(DecodeError::BadField("public key")),
        }
    }

    /// The public key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks a signature over `message`, strictly (no malleable or weak-key signatures).
    ///
    /// # Errors
    /// [`PeerFault::BadSignature`].
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), PeerFault> {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
            .map_err(|_| PeerFault::BadSignature)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeerId(")?;
        self.0.iter().take(5).try_for_each(|b| write!(f, "{b:02x}"))?;
        f.write_str(")")
    }
}

/// Secret identity of this party. Wiped on drop.
#[derive(Clone)]
pub struct IdentityKey(SigningKey);

impl IdentityKey {
    /// The identity with this 32-byte Ed25519 secret.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public identity.
    #[must_use]
    pub fn id(&self) -> PeerId {
        PeerId(self.0.verifying_key().to_bytes())
    }

    /// Signs a message (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(..)")
    }
}
