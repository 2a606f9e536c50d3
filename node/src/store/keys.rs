//! Secret keys on disk, each a line of its own in a file that only this user may read: `blindlink-identity-1 ` and the
//! 32-byte Ed25519 secret in hexadecimal, and the like for signers and for the journals' storage key.

use super::error::StoreError;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::write_new;
use blindlink::identity::IdentityKey;
use blindlink::secret::Secret;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

pub(super) const KEY_LINE: &str = "blindlink-identity-1 ";
const SIGNER_LINE: &str = "blindlink-signer-1 ";
pub(super) const BACKUP_LINE: &str = "blindlink-backup-1 ";
pub(super) const STORAGE_LINE: &str = "blindlink-storage-1 ";

/// Writes a secret key on a line of its own into a file that must not exist, whole or not at all.
pub(super) fn write_key(path: &Path, prefix: &str, secret: &Secret<32>) -> io::Result<()> {
    let line = Zeroizing::new(format!("{prefix}{}\n", Zeroizing::new(hex::encode(secret.expose())).as_str()));
    write_new(path, line.as_bytes())
}

pub(super) fn read_key(path: &Path, prefix: &str, missing: &str) -> Result<Secret<32>, StoreError> {
    let config = |text: &str| StoreError::Config(format!("{}: {text}", path.display()));
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
/// [`StoreError::Output`] if the file exists already or cannot be written.
pub fn create_signer(path: &Path) -> Result<IdentityKey, StoreError> {
    let secret = fresh_secret().map_err(StoreError::Entropy)?;
    write_key(path, SIGNER_LINE, &secret).map_err(StoreError::output(format!("cannot create {}", path.display())))?;
    Ok(IdentityKey::from_secret(secret.expose()))
}

/// Reads the key of a signer.
///
/// # Errors
/// [`StoreError::Config`] if there is none, if others may read it, or if it is damaged.
pub fn signer(path: &Path) -> Result<IdentityKey, StoreError> {
    Ok(IdentityKey::from_secret(read_key(path, SIGNER_LINE, "no such key; run `blindlink signer init`")?.expose()))
}

/// The node's identity.
#[derive(Debug)]
pub struct Identity {
    secret: Secret<32>,
}

impl Identity {
    pub(super) const fn new(secret: Secret<32>) -> Self {
        Self { secret }
    }

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
    use super::*;
    use crate::store::DataDir;

    #[test]
    fn an_identity_is_made_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
        assert!(matches!(data.identity(), Err(StoreError::Config(_))));
        let made = data.init().unwrap().key().id();
        assert_eq!(data.identity().unwrap().key().id(), made);
        assert!(matches!(data.init(), Err(StoreError::Config(_))));
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
        assert_eq!((mode(data.path()), mode(&data.path().join("identity.key"))), (0o700, 0o600));
        fs::set_permissions(data.path().join("identity.key"), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(data.identity().unwrap_err().to_string().contains("others may read"));
    }

    #[test]
    fn the_secret_is_not_in_debug_output() {
        let identity = Identity { secret: Secret::new([0x5a; 32]) };
        let text = format!("{identity:?}");
        assert!(!text.contains("5a") && !text.contains("90"), "{text}");
    }
}
