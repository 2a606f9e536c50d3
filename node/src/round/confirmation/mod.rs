//! Mutual confirmation with a peer over a line (spec sections 18.6 to 18.8): runs, and the notices that follow from them.

mod beat;
mod line;
mod notices;

use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
pub use notices::{Disclosure, ShownNotice, disclose};

use crate::driver::DriveError;
use crate::driver::resumption::{self, Opening};
use crate::error::NodeError;
use crate::store::agreements::Store;
use crate::store::database::{Database, KeptCases, KeptRound, RoundFilter};
use crate::store::journal::StorageKey;
use crate::store::keys::Identity;
use crate::store::peers::Peer;
use crate::store::{DataDir, StoreError, desk};
use crate::sys::clock;
use crate::sys::entropy::fresh_secret;
use crate::transport::{Client, Closer, FrameReader, FrameWriter, Settings, close};
use blindlink::Error;
use blindlink::agreement::{Basis, admit, for_policy};
use blindlink::confirm::RunConfig;
use blindlink::confirm::line::{ConfirmOpening, OPENING_BYTES, number_of_run};
use blindlink::error::{PeerFault, Refusal};
use blindlink::identity::PeerId;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink_review::{Log, Meeting};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

/// How long the last packets may take.
const LINGER: Duration = Duration::from_secs(2);

/// This node, as far as confirmation needs it.
#[derive(Clone, Copy, Debug)]
pub struct Confirming<'a> {
    /// Its folder.
    pub data: &'a DataDir,
    /// Its identity.
    pub identity: &'a Identity,
    /// The key of its database.
    pub storage: &'a StorageKey,
    /// Longest wait for a frame.
    pub patience: Duration,
}

/// What became of a connection about a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Id of the round.
    pub round: RoundId,
    /// Number of the run, if one took place.
    pub number: Option<u32>,
    /// Items of the round.
    pub items: usize,
    /// Own yeses among them.
    pub asked: usize,
    /// Items with two yeses.
    pub confirmed: usize,
    /// Notices that the peer has acknowledged.
    pub sent: usize,
    /// Notices that came.
    pub received: usize,
}

/// A round that both sides can ask about.
struct Subject {
    round: KeptRound,
    id: RoundId,
    agreement: AgreementDigest,
    cases: KeptCases,
    policy: CheckedPolicy,
    basis: Basis,
}

fn unknown() -> Error {
    PeerFault::UnknownRound.into()
}

impl Confirming<'_> {
    fn db(&self) -> Result<Database, StoreError> {
        Database::open(self.data, self.storage)
    }

    /// The rounds with a peer about which there can be runs, the oldest first.
    ///
    /// # Errors
    /// As the store's.
    pub fn rounds(&self, peer: &PeerId) -> Result<Vec<RoundId>, NodeError> {
        let db = self.db()?;
        let mut rounds = Vec::new();
        for round in db.rounds(&RoundFilter { peer: Some(*peer), finished: true, most: None })? {
            let mutual = db.about_cases(round.row)?.is_some_and(|cases| cases.slots.is_some());
            rounds.extend(round.round.filter(|_| mutual && round.agreement.is_some() && round.erased.is_none()));
        }
        rounds.reverse();
        Ok(rounds)
    }

    /// A round with this peer under an agreement that is in force now (V-CONFIRM-001, V-CONFIRM-012).
    fn subject(&self, peer: &PeerId, id: &RoundId) -> Result<Subject, NodeError> {
        let db = self.db()?;
        let found = db.rounds_by_id(&hex::encode(id))?;
        let known = |round: &KeptRound| round.peer == *peer && round.failure.is_none() && round.erased.is_none();
        let round = found.into_iter().find(known).ok_or_else(unknown)?;
        let (cases, agreement) = db.about_cases(round.row)?.zip(round.agreement).ok_or_else(unknown)?;
        if cases.slots.is_none() {
            return Err(Refusal::Output.into());
        }
        let bytes = hex::decode(&cases.policy).unwrap_or_default();
        let policy =
            Policy::from_canonical_bytes(&bytes).map_err(|_| StoreError::Internal("a policy of the database"))?;
        let policy = policy.validate()?;
        let now = clock::now();
        let versions = Store::of(self.data).versions(&policy.policy().context.agreement)?;
        let sealed = for_policy(&versions, policy.digest(), now)?;
        let admitted = admit(sealed, now, &self.identity.key().id(), peer, round.role, &policy)?;
        if *admitted.digest() != agreement {
            return Err(Refusal::Superseded.into());
        }
        let basis = Basis::Agreement(Box::new(admitted));
        Ok(Subject { round, id: *id, agreement, cases, policy, basis })
    }

    /// What this side brings to a run: the items, each with its yes or no of this moment.
    fn config(&self, subject: &Subject, number: u32) -> Result<RunConfig, NodeError> {
        let Subject { round, id, cases, policy, basis, .. } = subject;
        let none = StoreError::NoRound("this side cannot tell which of its matches were claimed in the round");
        let items = cases.items.as_ref().ok_or(none)?;
        let mut log = Log::default();
        desk::catch_up(self.data, self.storage, &mut log)?;
        let yes: BTreeSet<Meeting> = log.desk().questions(id);
        let item = |text: &String| {
            let pseudonym = Pseudonym::from_hex(text)?;
            Some((pseudonym, yes.contains(&Meeting { round: *id, pseudonym })))
        };
        Ok(RunConfig {
            basis: basis.clone(),
            policy: *policy.digest(),
            output: policy.policy().round.output,
            round: *id,
            number,
            slots: cases.slots.unwrap_or(0),
            items: items.iter().filter_map(item).collect(),
            role: round.role,
            identity: self.identity.key(),
            peer: round.peer,
            seed: fresh_secret().map_err(StoreError::Entropy)?,
        })
    }

    /// Calls a peer about a round: a run and then notices, or notices alone.
    ///
    /// # Errors
    /// Why not, or why it broke off; what was confirmed before that is durable.
    pub async fn call(
        &self,
        (peer, addr): (&Peer, &str),
        settings: &Settings,
        round: &RoundId,
        run: bool,
    ) -> Result<Confirmation, NodeError> {
        let subject = self.subject(&peer.id, round)?;
        let own = self.db()?.next_run(subject.round.row)?;
        let (client, channel) = Client::connect(self.identity.secret(), peer.id, addr, settings).await?;
        let (mut reader, mut writer, closer) = channel.split();
        let opened = async {
            let opening = ConfirmOpening::new(run, *round, own);
            timeout(self.patience, writer.write(opening.encode())).await.map_err(|_| self.stalled())??;
            let theirs = ConfirmOpening::decode(&self.next(&mut reader, OPENING_BYTES).await?)?;
            if (theirs.run, theirs.round) != (run, *round) {
                return Err(Error::from(PeerFault::BadField("opening")).into());
            }
            // Where only notices cross, neither side names a number.
            let number = if run { number_of_run(own, theirs.number).map_err(Error::from)? } else { 0 };
            Ok::<u32, NodeError>(number)
        };
        let done = match opened.await {
            Ok(number) => self.exchange(&subject, run.then_some(number), (&mut reader, &mut writer)).await,
            Err(error) => Err(error),
        };
        let done = self.ended((reader, writer, closer), done).await;
        client.finish(LINGER).await;
        done
    }

    /// Answers a peer that calls about a round.
    ///
    /// # Errors
    /// As [`Confirming::call`].
    pub async fn answer(&self, peer: &PeerId, opening: Opening) -> Result<Confirmation, NodeError> {
        let frame = opening.frame.clone();
        let (mut reader, mut writer, closer) = opening.split();
        let prepared = || {
            let theirs = ConfirmOpening::decode(&frame)?;
            let subject = self.subject(peer, &theirs.round)?;
            let own = self.db()?.next_run(subject.round.row)?;
            let number = match theirs.run {
                true => Some(number_of_run(own, theirs.number).map_err(Error::from)?),
                false => None,
            };
            Ok::<_, NodeError>((subject, number))
        };
        let done = match prepared() {
            Ok((subject, number)) => {
                let answer = ConfirmOpening::new(number.is_some(), subject.id, number.unwrap_or(0));
                match timeout(self.patience, writer.write(answer.encode())).await {
                    Ok(Ok(())) => self.exchange(&subject, number, (&mut reader, &mut writer)).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Err(self.stalled().into()),
                }
            }
            Err(error) => Err(error),
        };
        self.ended((reader, writer, closer), done).await
    }

    /// Lets the connection end: well, or with the reason for the peer.
    async fn ended(
        &self,
        (mut reader, writer, closer): (FrameReader, FrameWriter, Closer),
        done: Result<Confirmation, NodeError>,
    ) -> Result<Confirmation, NodeError> {
        let error = match done {
            Ok(done) => {
                let _ = timeout(LINGER, async { tokio::join!(writer.finish(), reader.drain()) }).await;
                closer.close(close::DONE);
                return Ok(done);
            }
            Err(error) => error,
        };
        let told = match &error {
            NodeError::Protocol(fault) => Some(DriveError::Protocol(fault.clone())),
            NodeError::Refused(refusal) => Some(DriveError::Protocol(refusal.clone().into())),
            _ => None,
        };
        match told {
            Some(told) => {
                resumption::refuse(reader, writer, &told).await;
                closer.close(told.code());
            }
            None => closer.close(close::LOCAL),
        }
        Err(error)
    }

    fn stalled(&self) -> DriveError {
        DriveError::Stalled(self.patience)
    }

    /// The next frame of the peer, of at most so many bytes.
    async fn next(&self, reader: &mut FrameReader, most: usize) -> Result<Vec<u8>, DriveError> {
        let frame = timeout(self.patience, reader.next(most)).await.map_err(|_| self.stalled())??;
        frame.ok_or(DriveError::Transport(crate::transport::TransportError::EndOfStream))
    }
}
