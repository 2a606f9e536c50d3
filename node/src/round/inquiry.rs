//! Asking a peer whether a round could begin, and answering that (spec section 11.8). No round, no debit.

use crate::driver::resumption::{self, Opening};
use crate::error::NodeError;
use crate::store::agreements::Store;
use crate::store::audit_log::Log;
use crate::store::keys::Identity;
use crate::store::log_heads::LogHeads;
use crate::store::maintenance;
use crate::store::peers::Peer;
use crate::store::{DataDir, StoreError};
use crate::sys::clock;
use crate::transport::{Client, Settings};
use blindlink::agreement::statement::State;
use blindlink::agreement::{SignedAgreement, SignerStatement, current};
use blindlink::identity::PeerId;
use blindlink::wire::inquiry::{AgreedPolicy, Inquiry};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the last packets may take.
const LINGER: Duration = Duration::from_secs(2);

/// What a peer answered, and over what line.
#[derive(Clone, Debug)]
pub struct InquiryAnswer {
    /// Where the peer answered.
    pub remote: SocketAddr,
    /// Round-trip time.
    pub round_trip: Duration,
    /// Largest datagram that is known to pass.
    pub datagram: u16,
    /// What this node said.
    pub ours: Inquiry,
    /// What the peer said.
    pub theirs: Inquiry,
    /// By how many seconds the peer's clock is ahead of this one's.
    pub clock_ahead: i64,
    /// How many statements came that this node did not have.
    pub statements: usize,
}

/// What this node says of itself to a peer.
///
/// # Errors
/// As the store's.
pub fn own(data: &DataDir, identity: &Identity, peer: &PeerId) -> Result<Inquiry, NodeError> {
    let (now, own) = (clock::now(), identity.key().id());
    let (mut agreements, mut statements) = (Vec::new(), Vec::new());
    let store = Store::of(data);
    let all = store.all()?;
    let name = |sealed: &SignedAgreement| sealed.agreement().agreement().name.clone();
    for versions in all.chunk_by(|one, next| name(one) == name(next)) {
        let Some(sealed) = current(versions, now).filter(|sealed| sealed.state(now) == State::InForce) else {
            continue;
        };
        let agreement = sealed.agreement().agreement();
        // V-CHECK-002
        if is_between(sealed, &own, peer) {
            agreements.push(AgreedPolicy { agreement: *sealed.agreement().digest(), policy: agreement.policy });
        }
    }
    // V-CHECK-002
    for sealed in all.iter().filter(|sealed| is_between(sealed, &own, peer) && sealed.state(now) != State::Expired) {
        statements.extend(store.statements(sealed.agreement().digest())?);
    }
    let cosigned = LogHeads::of(data, peer).known()?.size;
    Ok(Inquiry::new(now, maintenance::closed_until(data, now), cosigned, agreements, statements))
}

fn is_between(sealed: &SignedAgreement, own: &PeerId, peer: &PeerId) -> bool {
    sealed.agreement().agreement().seen_from(own).is_some_and(|(_, other)| other.node == *peer)
}

/// Stores what the peer's inquiry carries and this node does not have (V-CHECK-004); gives how many statements that are.
///
/// # Errors
/// As the store's. What the peer had no right to say is none.
fn take_in(data: &DataDir, identity: &Identity, peer: &PeerId, said: &[SignerStatement]) -> Result<usize, NodeError> {
    if said.is_empty() {
        return Ok(0);
    }
    let (own, store) = (identity.key().id(), Store::of(data));
    let all = store.all()?;
    let mut log = None;
    let mut taken = 0;
    for statement in said {
        let about = all.iter().find(|sealed| *sealed.agreement().digest() == statement.agreement);
        let Some(about) = about.filter(|sealed| is_between(sealed, &own, peer)) else { continue };
        if statement.check(about.agreement()).is_err() {
            continue;
        }
        let known = store.statements(&statement.agreement)?;
        if known.iter().any(|one| one.digest() == statement.digest()) {
            continue;
        }
        if log.is_none() {
            log = Some(Log::open(data, identity)?);
        }
        let Some(log) = &mut log else { continue };
        match store.add(None, std::slice::from_ref(statement), |fact| log.append_once(fact)) {
            Ok(_) => taken += 1,
            // One more than an agreement can have, or one that lifts what is not here.
            Err(StoreError::Protocol(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(taken)
}

/// Asks a peer.
///
/// # Errors
/// Why there was no answer: how far it came shows in the kind of failure.
pub async fn ask(
    data: &DataDir,
    identity: &Identity,
    (peer, addr): (&Peer, &str),
    settings: &Settings,
) -> Result<InquiryAnswer, NodeError> {
    let ours = own(data, identity, &peer.id)?;
    let (client, channel) = Client::connect(identity.secret(), peer.id, addr, settings).await?;
    let remote = channel.remote();
    let (round_trip, datagram) = channel.path();
    let asked = clock::now();
    let theirs = resumption::ask(channel, &ours, settings.handshake).await;
    let answered = clock::now();
    client.finish(LINGER).await;
    let theirs = theirs?;
    let statements = take_in(data, identity, &peer.id, &theirs.statements)?;
    let ours = if statements > 0 { own(data, identity, &peer.id)? } else { ours };
    let here = asked.midpoint(answered);
    let clock_ahead = i64::try_from(theirs.time).unwrap_or(i64::MAX).saturating_sub_unsigned(here);
    Ok(InquiryAnswer { remote, round_trip, datagram, ours, theirs, clock_ahead, statements })
}

/// Answers a caller that only asks.
///
/// # Errors
/// Why not.
pub async fn answer(
    data: &DataDir,
    identity: &Identity,
    peer: &PeerId,
    opening: Opening,
) -> Result<Inquiry, NodeError> {
    // What came first counts in the answer. A frame that is no inquiry is refused below.
    if let Ok(theirs) = Inquiry::decode(&opening.frame) {
        take_in(data, identity, peer, &theirs.statements)?;
    }
    let ours = own(data, identity, peer)?;
    Ok(opening.answer_inquiry(&ours).await?)
}
