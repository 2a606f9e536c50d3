//! What this node and its peers have cosigned of each other's audit logs (spec 7.5), below the own log's folder:
//! `peers/KEY.checkpoint` is the head of the peer's log that this node cosigned last, `peers/KEY.offered` the size of the own
//! log that was offered to the peer and the size that it has cosigned.

use super::audit_log::{self, Log};
use super::data_dir::DataDir;
use super::error::StoreError;
use super::keys::Identity;
use crate::sys::files::{create_private_folder, write_whole};
use blindlink::audit::head::check_cosignature;
use blindlink::audit::{Checkpoint, Fact, LogHead, TreeHead, note};
use blindlink::error::AuditFault;
use blindlink::identity::PeerId;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn io_failed(error: io::Error) -> StoreError {
    StoreError::io("what was cosigned of audit logs")(error)
}

/// What is known of the logs of this node and of one peer.
#[derive(Debug)]
pub struct LogHeads {
    dir: PathBuf,
    peer: PeerId,
}

/// Sizes of the own log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Offered {
    /// Offered to the peer last.
    offered: u64,
    /// Cosigned by the peer last.
    cosigned: u64,
}

impl LogHeads {
    /// Of a peer.
    #[must_use]
    pub fn of(data: &DataDir, peer: &PeerId) -> Self {
        Self { dir: audit_log::folder(data), peer: *peer }
    }

    /// Where the checkpoint of the peer that this node cosigned last lies.
    #[must_use]
    pub fn checkpoint_path(&self) -> PathBuf {
        self.file("checkpoint")
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.dir.join("peers").join(format!("{}.{extension}", hex::encode(self.peer.as_bytes())))
    }

    /// What this node cosigned last of the peer's log; that of an empty log if nothing.
    ///
    /// # Errors
    /// [`StoreError::Audit`] if the checkpoint is damaged; [`StoreError::Io`].
    pub fn known(&self) -> Result<TreeHead, StoreError> {
        let path = self.checkpoint_path();
        let Some(bytes) = read(&path)? else { return Ok(TreeHead::empty()) };
        let checkpoint = Checkpoint::open(&bytes, &self.peer).map_err(|fault| damaged(&path, fault))?;
        Ok(TreeHead { size: checkpoint.size, root: checkpoint.root })
    }

    /// Notes that this node cosigns this head of the peer's log: in the own log, and as the last one. Durable when it
    /// returns (V-COSIGN-001).
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn cosign(&self, data: &DataDir, identity: &Identity, head: &LogHead) -> Result<(), StoreError> {
        // The lock of the log keeps two rounds with one peer apart.
        let mut log = Log::open(data, identity)?;
        // A round that is made again tells it again; and another round may have gone further since.
        if self.known()?.size >= head.head.size {
            return Ok(());
        }
        log.append(vec![Fact::Cosigned { peer: self.peer, size: head.head.size, root: head.head.root }])?;
        write(&self.checkpoint_path(), head.note(&self.peer).as_bytes())
    }

    /// Forgets what was cosigned of the peer's log, and what the peer cosigned of the own: the operators found out what
    /// happened, and agree to go on (V-COSIGN-004).
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn forget(&self, data: &DataDir, identity: &Identity) -> Result<(), StoreError> {
        let mut log = Log::open(data, identity)?;
        let TreeHead { size, root } = TreeHead::empty();
        log.append(vec![Fact::Cosigned { peer: self.peer, size, root }])?;
        self.note_offered(Offered::default())?;
        match fs::remove_file(self.checkpoint_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_failed(error)),
            _ => Ok(()),
        }
    }

    /// The head of the own log for a round with the peer: the one that was offered before, until the peer has cosigned it
    /// (V-COSIGN-003).
    ///
    /// # Errors
    /// [`StoreError::Audit`] if the log is shorter than what was offered: an older copy of its files was put back.
    pub fn offer(&self, log: &Log, identity: &Identity) -> Result<LogHead, StoreError> {
        let mut at = self.offered()?;
        if at.offered <= at.cosigned {
            at.offered = log.leaves().len() as u64;
            self.note_offered(at)?;
        }
        let leaves = usize::try_from(at.offered).ok().and_then(|size| log.leaves().get(..size));
        let leaves = leaves.ok_or_else(|| damaged(&self.dir, AuditFault::Consistency))?;
        Ok(LogHead::new(&identity.key(), leaves, at.cosigned))
    }

    /// Takes the peer's cosignature of the own log: from now on a later head is offered. The cosigned checkpoint is kept
    /// beside the others.
    ///
    /// # Errors
    /// [`StoreError::Protocol`] if it is not one of the head that was offered.
    pub fn cosigned(&self, log: &Log, identity: &Identity, time: u64, signature: &[u8; 64]) -> Result<(), StoreError> {
        let at = self.offered()?;
        if at.offered == at.cosigned {
            // A round that is made again tells it again.
            return Ok(());
        }
        let leaves = usize::try_from(at.offered).ok().and_then(|size| log.leaves().get(..size));
        let leaves = leaves.ok_or_else(|| damaged(&self.dir, AuditFault::Consistency))?;
        let own = identity.key();
        check_cosignature(time, signature, &self.peer, &own.id(), &TreeHead::of(leaves))
            .map_err(|fault| StoreError::Protocol(fault.into()))?;
        let head = LogHead::new(&own, leaves, at.cosigned).note(&own.id());
        let note = head + &note::cosignature_line(&self.peer, time, signature);
        let name = format!("{}-{}.checkpoint", at.offered, hex::encode(self.peer.as_bytes()));
        write(&self.dir.join("cosigned").join(name), note.as_bytes())?;
        self.note_offered(Offered { cosigned: at.offered, ..at })
    }

    /// Entries of the own log that the peer has cosigned.
    ///
    /// # Errors
    /// [`StoreError::Audit`], [`StoreError::Io`].
    pub fn cosigned_size(&self) -> Result<u64, StoreError> {
        Ok(self.offered()?.cosigned)
    }

    fn offered(&self) -> Result<Offered, StoreError> {
        let path = self.file("offered");
        let Some(bytes) = read(&path)? else { return Ok(Offered::default()) };
        let text = String::from_utf8(bytes).unwrap_or_default();
        let mut lines = text.lines();
        let mut number = |word: &str| lines.next()?.strip_prefix(word)?.parse::<u64>().ok();
        match (number("offered "), number("cosigned ")) {
            (Some(offered), Some(cosigned)) if cosigned <= offered => Ok(Offered { offered, cosigned }),
            _ => Err(damaged(&path, AuditFault::Format("what was offered"))),
        }
    }

    fn note_offered(&self, at: Offered) -> Result<(), StoreError> {
        write(&self.file("offered"), format!("offered {}\ncosigned {}\n", at.offered, at.cosigned).as_bytes())
    }
}

fn damaged(path: &Path, fault: AuditFault) -> StoreError {
    StoreError::Audit { place: path.display().to_string(), fault }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_failed(error)),
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder).map_err(io_failed)?;
    }
    write_whole(path, content).map_err(io_failed)
}

#[cfg(test)]
mod tests;
