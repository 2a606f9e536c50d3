//! Signed notes (C2SP signed-note) with Ed25519 signatures (type 0x01), and cosignatures with a time (tlog-cosignature,
//! type 0x04).

use super::base64;
use crate::crypto::sha256::sha256;
use crate::error::AuditFault;
use crate::identity::{IdentityKey, PeerId};

const ODD: AuditFault = AuditFault::Format("note");

/// Longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 << 10;
/// Most signatures of a note.
const MAX_SIGNATURES: usize = 64;
/// What begins a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";

const ED25519: u8 = 1;
const COSIGNATURE: u8 = 4;

/// A key that may have signed a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    name: String,
    key: PeerId,
    kind: u8,
}

impl Key {
    /// A log's own key.
    #[must_use]
    pub fn of_log(node: &PeerId) -> Self {
        Self { name: super::origin(node), key: *node, kind: ED25519 }
    }

    /// A node's key as a cosigner.
    #[must_use]
    pub fn of_cosigner(node: &PeerId) -> Self {
        Self { name: super::cosigner(node), key: *node, kind: COSIGNATURE }
    }

    /// A plain Ed25519 key of any name, for notes of others.
    #[must_use]
    pub const fn plain(name: String, key: PeerId) -> Self {
        Self { name, key, kind: ED25519 }
    }

    /// A cosigner's key of any name, for notes of others.
    #[must_use]
    pub const fn timed(name: String, key: PeerId) -> Self {
        Self { name, key, kind: COSIGNATURE }
    }

    /// The first four bytes of SHA-256 over name, line feed, type and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[self.kind], self.key.as_bytes()]);
        hash.first_chunk().copied().unwrap_or_default()
    }

    pub(super) fn line(&self, signature: &[u8]) -> String {
        format!("{DASH}{} {}\n", self.name, base64::encode(&[&self.id()[..], signature].concat()))
    }
}

pub(super) fn timed_message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// A signature line of a log over a note's text, which ends in a line feed.
#[must_use]
pub fn sign(text: &str, signer: &IdentityKey) -> String {
    Key::of_log(&signer.id()).line(&signer.sign(text.as_bytes()))
}

/// A cosigner's line over a checkpoint's text: it saw this as the largest tree of this log at `time` (seconds since
/// 1970).
#[must_use]
pub fn cosign(text: &str, time: u64, signer: &IdentityKey) -> String {
    let signature = signer.sign(&timed_message(time, text));
    Key::of_cosigner(&signer.id()).line(&[&time.to_be_bytes()[..], &signature].concat())
}

/// The line of a cosignature that was received, by the node with this key.
#[must_use]
pub fn cosignature_line(by: &PeerId, time: u64, signature: &[u8; 64]) -> String {
    Key::of_cosigner(by).line(&[&time.to_be_bytes()[..], signature].concat())
}

/// A note as received: its text, and signatures that nobody has checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<(String, [u8; 4], Vec<u8>)>,
}

impl Note {
    /// Reads a note (V-AUDIT-004).
    ///
    /// # Errors
    /// [`AuditFault::Format`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AuditFault> {
        if bytes.len() > MAX_NOTE {
            return Err(ODD);
        }
        let all = core::str::from_utf8(bytes).map_err(|_| ODD)?;
        if all.chars().any(|c| c < ' ' && c != '\n') || !all.ends_with('\n') {
            return Err(ODD);
        }
        let blank = all.rfind("\n\n").ok_or(ODD)?;
        let (text, lines) = (all.get(..=blank), all.get(blank + 2..));
        let (Some(text), Some(lines)) = (text, lines) else { return Err(ODD) };
        let signatures = lines.lines().map(signature).collect::<Option<Vec<_>>>().ok_or(ODD)?;
        if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
            return Err(ODD);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text, its last line feed included, if `key` has signed it. Signatures by other keys are passed over.
    ///
    /// # Errors
    /// [`AuditFault::Unsigned`] if there is no signature by `key`, [`AuditFault::Signature`] if there is one and it does
    /// not verify (V-AUDIT-005).
    pub fn signed_by(&self, key: &Key) -> Result<&str, AuditFault> {
        let mut found = false;
        for (_, _, signature) in self.signatures.iter().filter(|(name, id, _)| *name == key.name && *id == key.id()) {
            let (message, signature) = match key.kind {
                COSIGNATURE => {
                    let (time, rest) = signature.split_first_chunk::<8>().ok_or(AuditFault::Signature)?;
                    let time = u64::from_be_bytes(*time);
                    if i64::try_from(time).is_err() {
                        return Err(AuditFault::Signature);
                    }
                    (timed_message(time, &self.text), rest)
                }
                _ => (self.text.clone().into_bytes(), &signature[..]),
            };
            let signature: &[u8; 64] = signature.try_into().map_err(|_| AuditFault::Signature)?;
            key.key.verify(&message, signature).map_err(|_| AuditFault::Signature)?;
            found = true;
        }
        if found { Ok(&self.text) } else { Err(AuditFault::Unsigned) }
    }
}

fn signature(line: &str) -> Option<(String, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
    let plain = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+');
    let bytes = base64::decode(encoded)?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (plain && !signature.is_empty()).then(|| (name.to_owned(), *id, signature.to_vec()))
}
