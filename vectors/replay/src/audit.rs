//! Proofs in the audit log's tree, and signed checkpoints.

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::audit::merkle::{check_consistency, check_inclusion};
use blindlink::audit::{Checkpoint, Key, Note, origin, proof};
use blindlink::error::AuditFault;
use blindlink::identity::PeerId;
use serde::Deserialize;

/// A proof of either kind, to acceptance.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Proof {
    Inclusion { leaf: Hex<32>, index: u64, size: u64, root: Hex<32>, proof: Vec<Hex<32>> },
    Consistency { old_size: u64, old_root: Hex<32>, size: u64, root: Hex<32>, proof: Vec<Hex<32>> },
}

impl Case for Proof {
    fn run(&self) -> Result<(), Stop> {
        let hashes = |proof: &[Hex<32>]| proof.iter().map(|hash| hash.0).collect::<Vec<_>>();
        match self {
            Self::Inclusion { leaf, index, size, root, proof } => {
                check_inclusion(&leaf.0, *index, *size, &hashes(proof), &root.0)?;
            }
            Self::Consistency { old_size, old_root, size, root, proof } => {
                check_consistency((*old_size, &old_root.0), (*size, &root.0), &hashes(proof))?;
            }
        }
        Ok(())
    }
}

/// A file with a proof of either kind, about the log of a node.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum ProofFile {
    Inclusion {
        file: HexBytes,
        node: Hex<32>,
        entry: HexBytes,
        index: Option<u64>,
    },
    Consistency {
        file: HexBytes,
        node: Hex<32>,
        old_size: Option<u64>,
        old_root: Option<Hex<32>>,
        size: Option<u64>,
        root: Option<Hex<32>>,
    },
}

impl Case for ProofFile {
    fn run(&self) -> Result<(), Stop> {
        let text = |file: &HexBytes| String::from_utf8(file.0.clone()).map_err(|_| AuditFault::Format("text"));
        match self {
            Self::Inclusion { file, node, entry, index } => {
                let found = proof::check_inclusion(&text(file)?, &entry.0, &PeerId::from_bytes(node.0)?)?;
                same("index", &index.unwrap_or_default().to_be_bytes(), &found.to_be_bytes())
            }
            Self::Consistency { file, node, old_size, old_root, size, root } => {
                let node = PeerId::from_bytes(node.0)?;
                let known = |(size, root): (u64, Hex<32>)| Checkpoint { origin: origin(&node), size, root: root.0 };
                let old = old_size.zip(*old_root).map(known);
                let new = proof::check_consistency(&text(file)?, old.as_ref(), &node)?;
                same("size", &size.unwrap_or_default().to_be_bytes(), &new.size.to_be_bytes())?;
                same("root", &root.map_or([0; 32], |root| root.0), &new.root)
            }
        }
    }
}

/// A note and a key to a checkpoint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    note: HexBytes,
    name: String,
    key: Hex<32>,
    r#type: u8,
    origin: Option<String>,
    size: Option<u64>,
    root: Option<Hex<32>>,
}

impl Case for Signed {
    fn run(&self) -> Result<(), Stop> {
        let key = PeerId::from_bytes(self.key.0)?;
        let key =
            if self.r#type == 4 { Key::timed(self.name.clone(), key) } else { Key::plain(self.name.clone(), key) };
        let note = Note::parse(&self.note.0)?;
        let checkpoint = Checkpoint::parse(note.signed_by(&key)?)?;
        let (Some(origin), Some(size), Some(root)) = (&self.origin, self.size, &self.root) else { return Ok(()) };
        same("origin", origin.as_bytes(), checkpoint.origin.as_bytes())?;
        same("size", &size.to_be_bytes(), &checkpoint.size.to_be_bytes())?;
        same("root", &root.0, &checkpoint.root)
    }
}
