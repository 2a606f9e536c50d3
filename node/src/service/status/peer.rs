//! A known peer: when it was last heard of, and what is known of the two audit logs.

use super::{CLOCK, Findings, Health, Look};
use crate::failure_code::FailureCode;
use crate::store::log_heads::LogHeads;
use crate::store::peers;
use crate::sys::clock;
use blindlink::identity::keytext;
use serde::Serialize;

/// How a peer is.
#[derive(Clone, Debug, Serialize)]
pub struct PeerStatus {
    /// Its name here.
    pub name: String,
    /// Its pinned key.
    pub key: String,
    /// Where it is called.
    pub addr: Option<String>,
    /// When it was last called, or called.
    pub tried: Option<String>,
    /// When that last went well.
    pub reached: Option<String>,
    /// Whether the last try went well.
    pub reachable: Option<bool>,
    /// The number of what went wrong last.
    #[serde(skip)]
    pub failure: Option<FailureCode>,
    /// By how many seconds its clock was ahead when that was last asked.
    pub clock_ahead: Option<i64>,
    /// Entries of its audit log that this node has cosigned.
    pub cosigned_here: Option<u64>,
    /// Entries of the own audit log that it has cosigned.
    pub cosigned_there: Option<u64>,
}

impl Look<'_> {
    pub(super) fn peer(&self, peer: &peers::Peer, findings: &mut Findings) -> PeerStatus {
        let contact = self.db.and_then(|db| db.last_contact(&peer.id).ok().flatten());
        let heads = LogHeads::of(self.data, &peer.id);
        let failure = contact.and_then(|contact| contact.failure).map(FailureCode::of_number);
        match failure {
            Some(code @ (FailureCode::WrongPin | FailureCode::PeerLog | FailureCode::OtherPast)) => {
                let what = match code {
                    FailureCode::WrongPin => "whoever answers there has another key than the pinned one",
                    FailureCode::PeerLog => "its audit log is not the one that was cosigned",
                    _ => "what it says of an earlier round is not what this node knows",
                };
                findings.add(Health::Broken, &peer.name, what);
            }
            Some(_) => {
                let when = contact.map(|contact| clock::date(contact.tried)).unwrap_or_default();
                findings.add(Health::Due, &peer.name, format!("the last call, at {when}, failed"));
            }
            None => {}
        }
        let clock_ahead = contact.and_then(|contact| contact.clock_ahead);
        if let Some(ahead) = clock_ahead.filter(|ahead| ahead.abs() > CLOCK) {
            findings.add(Health::Due, &peer.name, format!("its clock is {ahead} seconds ahead of this one"));
        }
        let cosigned_here = match heads.known() {
            Ok(head) => Some(head.size),
            Err(error) => {
                findings.broken(&peer.name, error);
                None
            }
        };
        PeerStatus {
            name: peer.name.clone(),
            key: keytext::to_text(&peer.id),
            addr: peer.addr.clone(),
            tried: contact.map(|contact| clock::date(contact.tried)),
            reached: contact.and_then(|contact| contact.reached).map(clock::date),
            reachable: contact.map(|contact| contact.failure.is_none()),
            failure,
            clock_ahead,
            cosigned_here,
            cosigned_there: heads.cosigned_size().ok(),
        }
    }
}
