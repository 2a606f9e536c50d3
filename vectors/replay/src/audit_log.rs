//! A node's audit log in files, whole or damaged (spec 15.5).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::audit::LogCheckError;
use blindlink::audit::log::check;
use blindlink::error::AuditFault;
use blindlink::identity::PeerId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::convert::Infallible;

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
    fn refused(&self, error: LogCheckError<Infallible>) -> Stop {
        let (fault, at) = match error {
            LogCheckError::Read(never) => match never {},
            LogCheckError::Fault(fault, at) => (fault, at),
        };
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
        let file = |path: &str| Ok(self.files.get(path).map(|content| content.0.clone()));
        let content = check(&PeerId::from_bytes(self.node.0)?, file).map_err(|error| self.refused(error))?;
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
