//! Errors that identify the responsible party (spec section 10; V-ERROR-001).
//!
//! Every error says whose fault it is, carries a stable numeric code and never holds content that came from a peer or
//! a secret. Each class has a file; there a variant, its code, its text and its hint stand together.

mod audit;
mod evidence;
mod incompatible;
mod misuse;
mod peer;
mod received;
mod refusal;

pub use audit::AuditFault;
pub use evidence::{EvidenceFault, Place};
pub use incompatible::Incompatible;
pub use misuse::Misuse;
pub use peer::PeerFault;
pub use received::describe;
pub use refusal::Refusal;

use thiserror::Error;

/// Defines a class of errors. For each variant: documentation, fields, code, text, and a hint if it has another than the
/// class.
macro_rules! faults {
    (
        $(#[$about:meta])*
        $name:ident, hint $default:literal;
        $(
            $(#[$doc:meta])*
            $variant:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })? $(($inner:ty))?
                = $code:literal, $text:literal $(, $hint:literal)?;
        )*
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$doc])*
                #[error($text)]
                $variant $({ $($(#[$field_doc])* $field: $type,)* })? $(($inner))?,
            )*
        }

        impl $name {
            /// Stable numeric code.
            #[must_use]
            pub const fn code(&self) -> u16 {
                match self {
                    $(Self::$variant { .. } => $code,)*
                }
            }

            /// What a person should do next.
            #[must_use]
            pub const fn hint(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => faults!(@hint $default $(, $hint)?),)*
                }
            }
        }
    };
    (@hint $default:literal) => { $default };
    (@hint $default:literal, $hint:literal) => { $hint };
}
use faults;

/// Why an operation stopped, sorted by who can mend it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke the protocol. The round is burnt.
    #[error("the peer broke the protocol: {0}")]
    Peer(#[from] PeerFault),
    /// Both sides are honest but do not fit together.
    #[error("the two sides do not fit together: {0}")]
    Incompatible(#[from] Incompatible),
    /// This side used the library wrongly or gave it bad input.
    #[error("wrong use on this side: {0}")]
    Misuse(#[from] Misuse),
    /// The agreement or its budget does not allow the round. Nothing was evaluated.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// An audit log, or a proof about one, does not hold.
    #[error("the audit log does not verify: {0}")]
    Audit(#[from] AuditFault),
    /// A round's evidence, or what was handed over with it, does not hold.
    #[error("the evidence does not hold: {0}")]
    Evidence(#[from] EvidenceFault),
    /// A bug in this library.
    #[error("internal error, please report it: {0}")]
    Internal(&'static str),
}

impl Error {
    /// Stable numeric code (spec section 10): 2xx peer, 3xx incompatible, 4xx misuse, 500 internal, 6xx refused, 7xx
    /// audit, 8xx evidence.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Peer(fault) => fault.code(),
            Self::Incompatible(kind) => kind.code(),
            Self::Misuse(kind) => kind.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Audit(fault) => fault.code(),
            Self::Evidence(fault) => fault.code(),
            Self::Internal(_) => 500,
        }
    }

    /// The code that a peer is told, as a close code or in an abort frame (V-ERROR-002).
    #[must_use]
    pub const fn code_for_peer(&self) -> u16 {
        match self {
            Self::Refused(refusal) => refusal.code_for_peer(),
            other => other.code(),
        }
    }

    /// The peer's fault, if the peer is at fault.
    #[must_use]
    pub const fn peer_fault(&self) -> Option<&PeerFault> {
        match self {
            Self::Peer(fault) => Some(fault),
            Self::Incompatible(_)
            | Self::Misuse(_)
            | Self::Refused(_)
            | Self::Audit(_)
            | Self::Evidence(_)
            | Self::Internal(_) => None,
        }
    }

    /// What a person should do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Peer(fault) => fault.hint(),
            Self::Incompatible(kind) => kind.hint(),
            Self::Misuse(kind) => kind.hint(),
            Self::Refused(refusal) => refusal.hint(),
            Self::Audit(fault) => fault.hint(),
            Self::Evidence(fault) => fault.hint(),
            Self::Internal(_) => "report this with the version and the log; no data is needed",
        }
    }
}
