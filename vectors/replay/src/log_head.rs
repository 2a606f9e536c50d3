//! Heads of audit logs in hellos, and cosignatures of them (spec 7.5).

use super::case::{Case, Hex, Stop, same};
use super::round::KnownHead;
use blindlink::audit::LogHead;
use blindlink::audit::head::check_cosignature;
use blindlink::identity::PeerId;
use blindlink::wire::hello::HEAD_BYTES;
use serde::Deserialize;

/// A head that a hello shows, or a cosignature of one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub(super) enum LogHeads {
    Head {
        peer: Hex<32>,
        known: KnownHead,
        head: Box<Hex<HEAD_BYTES>>,
        size: Option<u64>,
        root: Option<Hex<32>>,
    },
    Cosignature {
        peer: Hex<32>,
        own: Hex<32>,
        checkpoint: KnownHead,
        body: Hex<72>,
        size: Option<u64>,
        root: Option<Hex<32>>,
    },
}

impl Case for LogHeads {
    fn run(&self) -> Result<(), Stop> {
        let (found, size, root) = match self {
            Self::Head { peer, known, head, size, root } => {
                let head = LogHead::check_signed(&head.0, &PeerId::from_bytes(peer.0)?)?;
                head.check_follows(&known.head())?;
                (head.head, size, root)
            }
            Self::Cosignature { peer, own, checkpoint, body, size, root } => {
                let (peer, own) = (PeerId::from_bytes(peer.0)?, PeerId::from_bytes(own.0)?);
                let (time, signature) = body.0.split_at(8);
                let (Ok(time), Ok(signature)) = (time.try_into(), signature.try_into()) else {
                    return Err(Stop::Differs { field: "body", expected: "72 bytes".into(), got: "other".into() });
                };
                check_cosignature(u64::from_be_bytes(time), signature, &peer, &own, &checkpoint.head())?;
                (checkpoint.head(), size, root)
            }
        };
        same("size", &size.unwrap_or_default().to_be_bytes(), &found.size.to_be_bytes())?;
        same("root", root.as_ref().map_or(&[][..], |root| &root.0), &found.root)
    }
}
