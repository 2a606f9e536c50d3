//! The node's folder: its identity key and the peers that it knows.
//!
//! `identity.key` (mode 0600) holds one line, `blindlink-identity-1 ` and the 32-byte Ed25519 secret in hexadecimal.
//! `storage.key` (mode 0600, made when it is first needed) holds the key under which journals are sealed, in the same
//! way. `peers.toml` holds the peers. `rounds/` holds journals and receipts of rounds.

use crate::driver::journal::StorageKey;
use crate::exit::{Exit, Failure};
use crate::files::{create_private_folder, sweep, write_new};
use blindlink::identity::IdentityKey;
use blindlink::secret::Secret;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

const KEY_LINE: &str = "blindlink-identity-1 ";
const SIGNER_LINE: &str = "blindlink-signer-1 ";
const STORAGE_LINE: &str = "blindlink-storage-1 ";

/// A node's folder.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// 32 fresh random bytes of the operating system.
///
/// # Errors
/// [`Exit::Internal`] if the system has none.
pub fn fresh_secret() -> Result<Secret<32>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| Failure::new(Exit::Internal, "the system gives no randomness"))?;
    Ok(Secret::new(*bytes))
}

impl DataDir {
    /// The folder at `path`, or the usual place: `$XDG_DATA_HOME/blindlink`, else `~/.local/share/blindlink`.
    ///
    /// # Errors
    /// [`Exit::Config`] if there is neither a path nor a home.
    pub fn locate(path: Option<PathBuf>) -> Result<Self, Failure> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        path.or_else(|| absolute("XDG_DATA_HOME").map(|data| data.join("blindlink")))
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share/blindlink")))
            .map(Self)
            .ok_or_else(|| Failure::new(Exit::Config, "no home folder: give --data-dir"))
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
    /// [`Exit::Io`].
    pub fn rounds(&self) -> Result<PathBuf, Failure> {
        let rounds = self.0.join("rounds");
        create_private_folder(&rounds).map_err(Failure::because(Exit::Io, "cannot create the folder for rounds"))?;
        Ok(rounds)
    }

    /// Creates the folder and a fresh identity in it.
    ///
    /// # Errors
    /// [`Exit::Config`] if there is an identity already, which is never written over; [`Exit::Io`].
    pub fn init(&self) -> Result<Identity, Failure> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::new(Exit::Config, format_args!("{} has an identity already", self.0.display()))
            }
            _ => Failure::new(Exit::Io, format_args!("cannot create {}: {error}", self.0.display())),
        };
        create_private_folder(&self.0).map_err(failed)?;
        let secret = fresh_secret()?;
        write_key(&self.key_path(), KEY_LINE, &secret).map_err(failed)?;
        Ok(Identity { secret })
    }

    /// The key under which journals are sealed; made if there is none yet. Every round asks for it first, so what killed
    /// processes left in the folder goes here.
    ///
    /// # Errors
    /// [`Exit::Config`] if others may read it or if it is damaged; [`Exit::Io`].
    pub fn storage(&self) -> Result<StorageKey, Failure> {
        sweep(&self.0, None);
        let path = self.0.join("storage.key");
        if !path.exists() {
            match write_key(&path, STORAGE_LINE, &fresh_secret()?) {
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.map_err(Failure::because(Exit::Io, "cannot create the storage key"))?,
            }
        }
        read_key(&path, STORAGE_LINE, "no storage key").map(StorageKey::new)
    }

    /// Reads the identity.
    ///
    /// # Errors
    /// [`Exit::Config`] if there is none, if others may read it, or if it is damaged.
    pub fn identity(&self) -> Result<Identity, Failure> {
        Ok(Identity { secret: read_key(&self.key_path(), KEY_LINE, "no identity here; run `blindlink init`")? })
    }
}

/// Writes a secret key on a line of its own into a file that must not exist, whole or not at all.
fn write_key(path: &Path, prefix: &str, secret: &Secret<32>) -> io::Result<()> {
    let line = Zeroizing::new(format!("{prefix}{}\n", Zeroizing::new(hex::encode(secret.expose())).as_str()));
    write_new(path, line.as_bytes())
}

fn read_key(path: &Path, prefix: &str, missing: &str) -> Result<Secret<32>, Failure> {
    let config = |text: &str| Failure::new(Exit::Config, format_args!("{}: {text}", path.display()));
    let mut file = fs::File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => config(missing),
        _ => config("cannot be read"),
    })?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(|_| config("cannot be read"))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(config("others may read the secret key; set its mode to 0600, and take a new identity"));
        }
    }
    // Room for the whole line at once, so that no copy stays behind.
    let mut line = Zeroizing::new(String::with_capacity(256));
    (&mut file).take(200).read_to_string(&mut line).map_err(|_| config("damaged"))?;
    let text = line.strip_prefix(prefix).map(str::trim_end).ok_or_else(|| config("damaged"))?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, bytes.as_mut_slice()).map_err(|_| config("damaged"))?;
    let secret = Secret::new(*bytes);
    bytes.zeroize();
    Ok(secret)
}

/// Creates the key of a person who signs agreements, in a file of its own that only this user may read.
///
/// # Errors
/// [`Exit::CannotCreate`] if the file exists already or cannot be written.
pub fn create_signer(path: &Path) -> Result<IdentityKey, Failure> {
    let secret = fresh_secret()?;
    write_key(path, SIGNER_LINE, &secret)
        .map_err(Failure::because(Exit::CannotCreate, format!("cannot create {}", path.display())))?;
    Ok(IdentityKey::from_secret(secret.expose()))
}

/// Reads the key of a signer.
///
/// # Errors
/// [`Exit::Config`] if there is none, if others may read it, or if it is damaged.
pub fn signer(path: &Path) -> Result<IdentityKey, Failure> {
    Ok(IdentityKey::from_secret(read_key(path, SIGNER_LINE, "no such key; run `blindlink signer init`")?.expose()))
}

/// The node's identity.
#[derive(Debug)]
pub struct Identity {
    secret: Secret<32>,
}

impl Identity {
    /// The secret, for TLS.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// The key that signs receipts.
    #[must_use]
    pub fn key(&self) -> IdentityKey {
        IdentityKey::from_secret(self.secret.expose())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn an_identity_is_made_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
        assert_eq!(data.identity().unwrap_err().exit, Exit::Config);
        let made = data.init().unwrap().key().id();
        assert_eq!(data.identity().unwrap().key().id(), made);
        assert_eq!(data.init().unwrap_err().exit, Exit::Config);
        assert_eq!(data.identity().unwrap().key().id(), made, "the key was not written over");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
        data.init().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(data.path()), mode(&data.key_path())), (0o700, 0o600));
        fs::set_permissions(data.key_path(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(data.identity().unwrap_err().message.contains("others may read"));
    }

    #[test]
    fn the_secret_is_not_in_debug_output() {
        let identity = Identity { secret: Secret::new([0x5a; 32]) };
        let text = format!("{identity:?}");
        assert!(!text.contains("5a") && !text.contains("90"), "{text}");
    }
}
