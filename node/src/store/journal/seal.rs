//! Keys and ciphertexts of what a node keeps: AES-256-GCM. The only file that names `aws_lc_rs`.
//!
//! Each time a journal is opened for writing it gets a fresh key, sealed under the node's storage key with a random
//! nonce. Under a fresh key the entry's number is the nonce. So an entry that a crash tore and that is written anew never
//! shares key and nonce with what stood there before (V-JOURNAL-002).
//!
//! The database has one key, sealed in the same way. Each of its values is sealed with a random nonce, and bound to its
//! place.

use super::MAGIC;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use blindlink::crypto::hash::Prf;
use blindlink::secret::Secret;
use core::fmt;
use std::io;
use zeroize::Zeroizing;

/// Bytes that sealing adds.
pub(super) const TAG: usize = 16;
/// Bytes of a sealed entry key: nonce, key, tag.
pub(super) const SEALED_KEY: usize = NONCE_LEN + 32 + TAG;

/// What the database's key is bound to.
const DATABASE: &[u8] = b"blindlink-database/1\n";

fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|_| io::Error::other("the system gives no randomness"))
}

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

impl StorageKey {
    /// Makes a fresh key for the database; gives it and its sealed form.
    pub(in crate::store) fn fresh_value_key(&self) -> io::Result<(ValueKey, Vec<u8>)> {
        let mut secrets = Zeroizing::new([0; 64]);
        random(secrets.as_mut_slice())?;
        let sealed = seal_value(&key(self.0.expose())?, DATABASE, secrets.as_slice())?;
        Ok((ValueKey::new(&secrets)?, sealed))
    }

    /// Opens the database's key; `None` if it is not under this storage key.
    pub(in crate::store) fn value_key(&self, sealed: &[u8]) -> Option<ValueKey> {
        let opened = open_value(&key(self.0.expose()).ok()?, DATABASE, sealed)?;
        ValueKey::new(&Zeroizing::new(opened.as_slice().try_into().ok()?)).ok()
    }
}

/// Seals a value with a random nonce, which comes first.
fn seal_value(key: &LessSafeKey, place: &[u8], value: &[u8]) -> io::Result<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    random(&mut nonce)?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + value.len() + TAG);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(value);
    let body = sealed.get_mut(NONCE_LEN..).unwrap_or_default();
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), body)
        .map_err(|_| io::Error::other("sealing a value failed"))?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

fn open_value(key: &LessSafeKey, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut body = Zeroizing::new(body.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, Aad::from(place), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// The key of the database: seals its values, and tells records apart without naming them.
pub(in crate::store) struct ValueKey {
    seal: LessSafeKey,
    tags: Prf,
}

impl fmt::Debug for ValueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueKey(..)")
    }
}

impl ValueKey {
    fn new(secrets: &[u8; 64]) -> io::Result<Self> {
        let (seal, tags) = secrets.split_at(32);
        let half = |bytes: &[u8]| bytes.try_into().map_err(|_| io::Error::other("half a key"));
        Ok(Self { seal: key(&half(seal)?)?, tags: Prf::new(half(tags)?) })
    }

    /// Seals a value that stands at `place`.
    pub(in crate::store) fn seal(&self, place: &[u8], value: &[u8]) -> io::Result<Vec<u8>> {
        seal_value(&self.seal, place, value)
    }

    /// Opens a value; `None` if it is not what was sealed for this place.
    pub(in crate::store) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open_value(&self.seal, place, sealed)
    }

    /// A tag that is the same for the same `what` and value, and tells nothing to who has not the key.
    pub(in crate::store) fn tag(&self, what: u8, value: &[u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        self.tags.fill_at(&[&[what], value].concat(), &mut tag);
        tag
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
