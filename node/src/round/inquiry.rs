//! Asking a peer whether a round could begin, and answering that (spec section 11.8). No round, no debit.

use crate::driver::resumption::{self, Opening};
use crate::error::NodeError;
use crate::store::DataDir;
use crate::store::agreements::Store;
use crate::store::keys::Identity;
use crate::store::maintenance;
use crate::store::peers::Peer;
use crate::sys::clock;
use crate::transport::{Client, Settings};
use blindlink::agreement::statement::State;
use blindlink::agreement::{SignedAgreement, current};
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
}

/// What this node says of itself to a peer.
///
/// # Errors
/// As the store's.
pub fn own(data: &DataDir, identity: &Identity, peer: &PeerId) -> Result<Inquiry, NodeError> {
    let (now, own) = (clock::now(), identity.key().id());
    let mut agreements = Vec::new();
    let all = Store::of(data).all()?;
    let name = |sealed: &SignedAgreement| sealed.agreement().agreement().name.clone();
    for versions in all.chunk_by(|one, next| name(one) == name(next)) {
        let Some(sealed) = current(versions, now).filter(|sealed| sealed.state(now) == State::InForce) else {
            continue;
        };
        let agreement = sealed.agreement().agreement();
        // V-CHECK-002
        if agreement.seen_from(&own).is_some_and(|(_, other)| other.node == *peer) {
            agreements.push(AgreedPolicy { agreement: *sealed.agreement().digest(), policy: agreement.policy });
        }
    }
    Ok(Inquiry::new(now, maintenance::closed_until(data, now), agreements))
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
    let here = asked.midpoint(answered);
    let clock_ahead = i64::try_from(theirs.time).unwrap_or(i64::MAX).saturating_sub_unsigned(here);
    Ok(InquiryAnswer { remote, round_trip, datagram, ours, theirs, clock_ahead })
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
    let ours = own(data, identity, peer)?;
    Ok(opening.answer_inquiry(&ours).await?)
}
