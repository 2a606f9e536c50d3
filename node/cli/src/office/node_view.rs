//! What the console tells of the node itself, from its folder.

use crate::exit::Exit;
use blindlink::identity::{PeerId, keytext};
use blindlink::session::Role;
use blindlink_console::{AgreementLine, NodeView, PeerLine, RoundLine};
use blindlink_node::store::agreements::Store;
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::database::{Database, RoundFilter};
use blindlink_node::store::journal::StorageKey;
use blindlink_node::store::log_heads::LogHeads;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, StoreError, rounds};
use blindlink_node::sys::clock;

/// Rounds on the page.
const ROUNDS: u32 = 50;

fn code(number: u8) -> String {
    Exit::ALL.iter().find(|exit| exit.exit() == number).copied().unwrap_or(Exit::Unexpected).code().to_owned()
}

fn first(id: &str) -> String {
    id.chars().take(12).collect()
}

/// Looks at the folder. The audit log is checked whole.
pub(super) fn view(data: &DataDir, storage: &StorageKey) -> Result<NodeView, StoreError> {
    let (db, peers, identity) = (Database::open(data, storage)?, Peers::load(data)?, data.identity()?);
    let name = |id: &PeerId, then: &str| peers.by_id(id).map_or_else(|| then.to_owned(), |peer| peer.name.clone());
    let open = rounds::look_at_open(data, storage)?.into_iter().map(|open| RoundLine {
        round: open.summary.round.map(|id| first(&id.to_string())).unwrap_or_default(),
        begun: open.header.begun,
        peer: name(&open.header.peer, ""),
        called: open.header.role == Role::Requester,
        open: true,
        ..RoundLine::default()
    });
    let filter = RoundFilter { peer: None, finished: false, most: Some(ROUNDS) };
    let over = db.rounds(&filter)?.into_iter().map(|round| RoundLine {
        round: round.round.map(|id| first(&id.to_string())).unwrap_or_default(),
        begun: round.begun,
        peer: name(&round.peer, &round.about.peer),
        called: round.role == Role::Requester,
        open: false,
        failure: round.failure.map(code),
        found: Some((round.about.pairs, round.about.strong)),
    });
    let rounds = open.chain(over).collect();
    let peer = |peer: &blindlink_node::store::peers::Peer| {
        let heads = LogHeads::of(data, &peer.id);
        let contact = db.last_contact(&peer.id)?;
        Ok(PeerLine {
            name: peer.name.clone(),
            key: keytext::to_text(&peer.id),
            reached: contact.and_then(|contact| contact.reached),
            cosigned: (heads.known()?.size, heads.cosigned_size()?),
        })
    };
    let peers = peers.iter().map(peer).collect::<Result<_, StoreError>>()?;
    let now = clock::now();
    let agreement = |sealed: &blindlink::agreement::SignedAgreement| {
        let agreement = sealed.agreement().agreement();
        AgreementLine {
            name: agreement.name.clone(),
            version: agreement.version,
            state: sealed.state(now).name(),
            until: agreement.valid.until,
        }
    };
    let agreements = Store::of(data).all()?.iter().map(agreement).collect();
    let log = Log::open(data, &identity).ok().and_then(|log| u64::try_from(log.entries().len()).ok());
    Ok(NodeView { rounds, peers, agreements, log })
}
