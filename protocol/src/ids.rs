//! Identifiers as types: bytes that name one thing cannot stand where another is meant.

use core::fmt;

/// Defines identifiers of a number of bytes.
macro_rules! ids {
    ($($(#[$about:meta])* $name:ident = $bytes:literal;)+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The one with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// The one that `bytes` name where canonical bytes write zeros for "none".
            #[must_use]
            pub fn unless_zeros(bytes: [u8; $bytes]) -> Option<Self> {
                (bytes != [0; $bytes]).then_some(Self(bytes))
            }

            /// What canonical bytes have for it where zeros stand for "none".
            #[must_use]
            pub fn or_zeros(id: Option<Self>) -> [u8; $bytes] {
                id.map_or([0; $bytes], |id| id.0)
            }

            /// The one with these hexadecimal digits; `None` if they are of another number or no digits.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                crate::codec::from_hex(text).and_then(|bytes| bytes.try_into().ok()).map(Self)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

    )+};
}

/// Gives identifiers that name nothing of a person a text.
macro_rules! shown_in_full {
    ($($name:ident)+) => {$(
        /// Lower-case hexadecimal digits.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}

ids! {
    /// Round id: both hellos and both commitments (spec section 9.1).
    RoundId = 32;
    /// Digest of an agreement's canonical bytes (chapter 14).
    AgreementDigest = 32;
    /// Digest of a policy's canonical bytes (chapter 6).
    PolicyDigest = 32;
    /// Digest of a frame (spec section 12.1): it is persisted and enters the chain.
    FrameDigest = 32;
    /// Pseudonym of a record of the responder's in one round, as both sides may see it (spec section 8.9). It leads to a
    /// person together with a list only, but what is reported of a round stays out of logs.
    Pseudonym = 16;
}

shown_in_full! { RoundId AgreementDigest PolicyDigest FrameDigest }

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym(..)")
    }
}

#[cfg(test)]
mod tests;
