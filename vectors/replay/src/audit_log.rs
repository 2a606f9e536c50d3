//! A node's audit log in files, whole or damaged (spec 15.5).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::error::{AuditFault, PeerFault};
use blindlink::identity::PeerId;
use blindlink_node::audit::{Trouble, check};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;

/// Files of a log, to what it holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Files {
    node: Hex<32>,
    files: BTreeMap<String, HexBytes>,
    size: Option<u64>,
    root: Option<Hex<32>>,
    entries: Option<Vec<Logged>>,
    place: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    time: u64,
    kind: String,
}

impl Files {
    /// The refusal, if it is at the entry that the test names.
    fn refused(&self, trouble: Trouble) -> Stop {
        // A map does not fail to be read.
        let Trouble::Fault(fault, at) = trouble else { return PeerFault::Truncated.into() };
        let place = match fault {
            AuditFault::Entry { index } | AuditFault::Missing { index } => Some(index),
            _ => at,
        };
        if place == self.place {
            return fault.into();
        }
        Stop::Differs { field: "place", expected: format!("{:?}", self.place), got: format!("{place:?}") }
    }
}

impl Case for Files {
    fn run(&self) -> Result<(), Stop> {
        let file = |path: &str| {
            self.files
                .get(path)
                .map(|content| content.0.clone())
                .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        };
        let content = check(&PeerId::from_bytes(self.node.0)?, file).map_err(|trouble| self.refused(trouble))?;
        same("size", &self.size.unwrap_or_default().to_be_bytes(), &content.checkpoint.size.to_be_bytes())?;
        same("root", self.root.as_ref().map_or(&[][..], |root| &root.0), &content.checkpoint.root)?;
        let said = self.entries.iter().flatten().map(|entry| (entry.time, entry.kind.as_str())).collect::<Vec<_>>();
        let found = content.entries.iter().map(|entry| (entry.time, entry.fact.name())).collect::<Vec<_>>();
        if said == found {
            return Ok(());
        }
        Err(Stop::Differs { field: "entries", expected: format!("{said:?}"), got: format!("{found:?}") })
    }
}
