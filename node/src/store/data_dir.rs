//! The node's folder: its identity key and the peers that it knows.
//!
//! `identity.key` and `storage.key` (mode 0600) are keys, each a line of their own; the latter is made when it is first
//! needed. `peers.toml` holds the peers. `rounds/` holds journals and receipts of rounds.

use super::error::StoreError;
use super::journal::StorageKey;
use super::keys::{Identity, KEY_LINE, STORAGE_LINE, read_key, write_key};
use crate::sys::entropy::fresh_secret;
use crate::sys::files::{create_private_folder, sweep};
use std::io;
use std::path::{Path, PathBuf};

/// A node's folder.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder at `path`, or the usual place: `$XDG_DATA_HOME/blindlink`, else `~/.local/share/blindlink`.
    ///
    /// # Errors
    /// [`StoreError::Config`] if there is neither a path nor a home.
    pub fn locate(path: Option<PathBuf>) -> Result<Self, StoreError> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        path.or_else(|| absolute("XDG_DATA_HOME").map(|data| data.join("blindlink")))
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share/blindlink")))
            .map(Self)
            .ok_or_else(|| StoreError::Config("no home folder: give --data-dir".into()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn key_path(&self) -> PathBuf {
        self.0.join("identity.key")
    }

    /// Where the peers are.
    #[must_use]
    pub fn peers_path(&self) -> PathBuf {
        self.0.join("peers.toml")
    }

    /// Where journals and receipts go; created if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn rounds(&self) -> Result<PathBuf, StoreError> {
        let rounds = self.0.join("rounds");
        create_private_folder(&rounds).map_err(StoreError::io("cannot create the folder for rounds"))?;
        Ok(rounds)
    }

    /// Where results go that are given no other place; created if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn results(&self) -> Result<PathBuf, StoreError> {
        let results = self.0.join("results");
        create_private_folder(&results).map_err(StoreError::io("cannot create the folder for results"))?;
        Ok(results)
    }

    /// Creates the folder and a fresh identity in it.
    ///
    /// # Errors
    /// [`StoreError::Config`] if there is an identity already, which is never written over; [`StoreError::Io`].
    pub fn init(&self) -> Result<Identity, StoreError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Config(format!("{} has an identity already", self.0.display())),
            _ => StoreError::io(format!("cannot create {}", self.0.display()))(error),
        };
        create_private_folder(&self.0).map_err(failed)?;
        let secret = fresh_secret().map_err(StoreError::Entropy)?;
        write_key(&self.key_path(), KEY_LINE, &secret).map_err(failed)?;
        Ok(Identity::new(secret))
    }

    /// The key under which journals are sealed; made if there is none yet. Every round asks for it first, so what killed
    /// processes left in the folder goes here.
    ///
    /// # Errors
    /// [`StoreError::Config`] if others may read it or if it is damaged; [`StoreError::Io`].
    pub fn storage(&self) -> Result<StorageKey, StoreError> {
        sweep(&self.0, None);
        let path = self.0.join("storage.key");
        if !path.exists() {
            match write_key(&path, STORAGE_LINE, &fresh_secret().map_err(StoreError::Entropy)?) {
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.map_err(StoreError::io("cannot create the storage key"))?,
            }
        }
        read_key(&path, STORAGE_LINE, "no storage key").map(StorageKey::new)
    }

    /// Reads the identity.
    ///
    /// # Errors
    /// [`StoreError::Config`] if there is none, if others may read it, or if it is damaged.
    pub fn identity(&self) -> Result<Identity, StoreError> {
        Ok(Identity::new(read_key(&self.key_path(), KEY_LINE, "no identity here; run `blindlink init`")?))
    }
}
