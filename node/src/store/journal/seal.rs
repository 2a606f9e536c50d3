//! Keys and ciphertexts of a journal: AES-256-GCM. The only file that names `aws_lc_rs`.
//!
//! Each time a journal is opened for writing it gets a fresh key, sealed under the node's storage key with a random
//! nonce. Under a fresh key the entry's number is the nonce. So an entry that a crash tore and that is written anew never
//! shares key and nonce with what stood there before (V-JOURNAL-002).

use super::MAGIC;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use blindlink::secret::Secret;
use core::fmt;
use std::io;
use zeroize::Zeroizing;

/// Bytes that sealing adds.
pub(super) const TAG: usize = 16;
/// Bytes of a sealed entry key: nonce, key, tag.
pub(super) const SEALED_KEY: usize = NONCE_LEN + 32 + TAG;

fn key(secret: &[u8; 32]) -> io::Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, secret).map(LessSafeKey::new).map_err(|_| io::Error::other("AES-256-GCM key"))
}

fn numbered(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

/// The key under which a node seals the keys of its journals.
#[derive(Debug, Clone)]
pub struct StorageKey(Secret<32>);

impl StorageKey {
    /// Takes it over.
    #[must_use]
    pub const fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// Makes a fresh key for entries from number `from` on; gives it and its sealed form.
    pub(super) fn fresh(&self, from: u64) -> io::Result<(EntryKey, Vec<u8>)> {
        let random =
            |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| io::Error::other("the system gives no randomness"));
        let (mut secret, mut nonce) = (Zeroizing::new([0; 32]), [0; NONCE_LEN]);
        random(secret.as_mut_slice())?;
        random(&mut nonce)?;
        let mut sealed = Vec::with_capacity(SEALED_KEY);
        sealed.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(secret.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key(self.0.expose())?
            .seal_in_place_separate_tag(nonce, Aad::from(bound(from)), &mut body)
            .map_err(|_| io::Error::other("sealing a key failed"))?;
        sealed.extend_from_slice(&body);
        sealed.extend_from_slice(tag.as_ref());
        Ok((EntryKey(key(&secret)?), sealed))
    }

    /// Opens a sealed key; `None` if it is not under this storage key or not for entries from `from` on.
    pub(super) fn open(&self, from: u64, sealed: &[u8]) -> Option<EntryKey> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key(self.0.expose()).ok()?.open_in_place(nonce, Aad::from(bound(from)), &mut body).ok()?;
        let secret = Zeroizing::new(<[u8; 32]>::try_from(&*opened).ok()?);
        key(&secret).ok().map(EntryKey)
    }
}

/// What a sealed key is bound to: the format and the first entry that it is for.
fn bound(from: u64) -> Vec<u8> {
    [MAGIC, &from.to_be_bytes()].concat()
}

/// The key of some entries.
pub(super) struct EntryKey(LessSafeKey);

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryKey(..)")
    }
}

impl EntryKey {
    /// Seals entry `number` in place.
    pub(super) fn seal(&self, number: u64, entry: &mut Vec<u8>) -> io::Result<()> {
        self.0
            .seal_in_place_append_tag(numbered(number), Aad::from(MAGIC), entry)
            .map_err(|_| io::Error::other("sealing an entry failed"))
    }

    /// Opens entry `number` in place; `None` if it is not what was sealed.
    pub(super) fn open(&self, number: u64, sealed: &mut Vec<u8>) -> Option<()> {
        let length = self.0.open_in_place(numbered(number), Aad::from(MAGIC), sealed).ok()?.len();
        sealed.truncate(length);
        Some(())
    }
}
