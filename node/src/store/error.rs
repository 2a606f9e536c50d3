//! What can go wrong with the node's own files. Nobody but the operator hears of it.

use super::journal::JournalError;
use blindlink::error::{AuditFault, Error, Refusal};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error as ThisError;

/// Why the data folder, or a file that the operator named, cannot be used.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading or writing failed.
    #[error("{what}: {error}")]
    Io {
        /// What was read or written.
        what: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A file that should exist does not.
    #[error("{what}: {error}")]
    Missing {
        /// What was to be read.
        what: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A text file is not UTF-8.
    #[error("{what}: {error}")]
    NotText {
        /// What was to be read.
        what: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A result cannot be written where the operator wants it.
    #[error("{what}: {error}")]
    Output {
        /// What was to be written.
        what: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A result was to be written where a folder is.
    #[error("{} is a folder", .0.display())]
    IsFolder(PathBuf),
    /// A result was to be written over another.
    #[error("{} exists; a result is never written over another", .0.display())]
    Exists(PathBuf),
    /// The data folder, a key or a peer entry is wrong or missing.
    #[error("{0}")]
    Config(String),
    /// An agreement file is not acceptable, or does not follow the versions in the store.
    #[error("{0}")]
    Agreement(String),
    /// A file of statements is not acceptable.
    #[error("{0}")]
    Statement(String),
    /// An invitation or a bundle cannot be read, or its parts do not fit one another.
    #[error("{0}")]
    Bundle(String),
    /// An agreement is not in the store.
    #[error("{0}")]
    NoAgreement(&'static str),
    /// No journal, or more than one, fits what was asked for.
    #[error("{0}")]
    NoJournal(&'static str),
    /// No round, or more than one, fits what was asked for.
    #[error("{0}")]
    NoRound(&'static str),
    /// The audit log does not hold.
    #[error("{place}: {fault}")]
    Audit {
        /// The log's folder, and the entry if it is known.
        place: String,
        /// What does not hold.
        #[source]
        fault: AuditFault,
    },
    /// A journal cannot be read.
    #[error("{}: {error}", .path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        #[source]
        error: JournalError,
    },
    /// The database cannot be read or written.
    #[error("{}: {error}", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said: nothing of a value.
        #[source]
        error: rusqlite::Error,
    },
    /// The database is not one of this node and this release.
    #[error("{}: {what}", .path.display())]
    BadDatabase {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The policy in a journal cannot be read.
    #[error("{}: its policy is damaged", .0.display())]
    BadPolicyInJournal(PathBuf),
    /// The journal of a round that begins cannot be created.
    #[error("cannot create the round journal: {0}")]
    JournalNotCreated(#[source] io::Error),
    /// Another command of this node is in a round with this peer.
    #[error("another command of this node is in a round with {peer}")]
    InUse {
        /// Name of the peer.
        peer: String,
    },
    /// Another process runs the node of this folder.
    #[error("another `blindlink run` is at this folder")]
    Running,
    /// The system gives no randomness.
    #[error("{0}")]
    Entropy(#[source] io::Error),
    /// The protocol refuses what was read.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// A bug.
    #[error("{0}")]
    Internal(&'static str),
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Protocol(refusal.into())
    }
}

impl StoreError {
    /// For `map_err`: reading or writing `what` failed.
    pub fn io(what: impl ToString) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { what: what.to_string(), error }
    }

    /// For `map_err`: reading `what` failed; a file that does not exist is told apart.
    pub fn reading(what: impl ToString) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            let what = what.to_string();
            match error.kind() {
                io::ErrorKind::NotFound => Self::Missing { what, error },
                io::ErrorKind::InvalidData => Self::NotText { what, error },
                _ => Self::Io { what, error },
            }
        }
    }

    /// For `map_err`: a result cannot be written.
    pub fn output(what: impl ToString) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Output { what: what.to_string(), error }
    }

    /// The journal at `path` cannot be read.
    pub fn journal(path: &Path, error: JournalError) -> Self {
        Self::Journal { path: path.to_owned(), error }
    }
}

/// Reads a text file that should exist; `what` names it for the operator.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::NotText`], [`StoreError::Io`].
pub fn read_text(path: &Path, what: &str) -> Result<String, StoreError> {
    std::fs::read_to_string(path).map_err(StoreError::reading(format!("cannot read {what} {}", path.display())))
}
