//! Notices about confirmed pairs: made here, sent when the two sides are next connected, acknowledged when durable.

use super::beat::Beat;
use super::{Confirming, Subject};
use crate::error::NodeError;
use crate::store::audit_log::Log as AuditLog;
use crate::store::database::KeptNotice;
use crate::store::{StoreError, desk};
use crate::sys::clock;
use crate::transport::{FrameReader, FrameWriter};
use blindlink::Error;
use blindlink::audit::Fact;
use blindlink::confirm::line::{ACKNOWLEDGED, BUNDLE, BUNDLE_BYTES, MOST_NOTICES, bundle, pieces};
use blindlink::confirm::notice::{self, About, Expected, Notice, NoticeBody};
use blindlink::error::PeerFault;
use blindlink::ids::Pseudonym;
use blindlink_review::{Actor, Event, Log, Meeting, PairId, PersonId, Reason, Refusal, Stage, What};
use std::collections::BTreeSet;
use tokio::time::timeout;

/// What a disclosure says (V-CONFIRM-013).
#[derive(Clone)]
pub struct Disclosure {
    /// The own case reference.
    pub case_reference: String,
    /// Whom to call.
    pub desk: String,
    /// Handling code, 0 to 3.
    pub handling: u8,
}

impl core::fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Disclosure(..)")
    }
}

/// Discloses a confirmed pair: judged by the desk, signed, durable. It leaves when the two nodes are next connected.
///
/// # Errors
/// As the store's; within, the [`Refusal`] of the desk.
pub fn disclose(
    confirming: &Confirming<'_>,
    log: &mut Log,
    (by, pair, seen): (PersonId, PairId, u32),
    disclosure: Disclosure,
) -> Result<Result<(), Refusal>, NodeError> {
    let db = confirming.db()?;
    let id = pair.meeting.round;
    let Some(row) = db.row_of(&id)? else { return Ok(Err(Refusal::NoSuchPair)) };
    let round = db.rounds_by_id(&hex::encode(id))?.into_iter().find(|round| round.row == row);
    let Some((peer, agreement)) = round.and_then(|round| Some((round.peer, round.agreement?))) else {
        return Ok(Err(Refusal::NoSuchPair));
    };
    let confirmed = db.confirmed(row)?;
    let Some((run, _)) = confirmed.iter().rev().find(|(_, item)| *item == pair.meeting.pseudonym) else {
        return Ok(Err(Refusal::Stage));
    };
    drop(db);
    let Disclosure { case_reference, desk: contact, handling } = disclosure;
    let key = confirming.identity.key();
    let about =
        About { agreement, round: id, run: *run, pseudonym: pair.meeting.pseudonym, sender: key.id(), recipient: peer };
    let body = NoticeBody::Disclosure { case_reference, desk: contact, handling };
    let notice = Notice { about, time: clock::now(), body };
    // V-CONFIRM-013
    let bytes = notice.sign(&key, &confirmed).map_err(|_| {
        let text = "a case reference has 1 to 64 bytes, a desk at most 128, without control characters";
        StoreError::Config(text.to_owned())
    })?;
    let kept = KeptNotice { own: true, notice: bytes, acknowledgement: Vec::new() };
    let digest = notice::digest(&kept.notice);
    // It is not sent before the desk has let it go: what the desk does not know as disclosed stays here.
    confirming.db()?.keep_notice(row, &kept)?;
    let step = What::Released { pair, seen, sent: digest };
    let taken = desk::take(confirming.data, confirming.storage, log, Actor::Person(by), step)?;
    if let Err(refusal) = taken {
        let held = confirming.db()?.notices(row)?.into_iter().find(|(_, held)| held.notice == kept.notice);
        held.map_or(Ok(()), |(id, _)| confirming.db()?.forget_notice(id))?;
        return Ok(Err(refusal));
    }
    let fact = Fact::Noticed { peer, way: 1, notice: digest };
    AuditLog::open(confirming.data, confirming.identity)?.append(vec![fact])?;
    Ok(Ok(()))
}

/// A notice about a pair, as it is shown.
#[derive(Clone, Debug)]
pub struct ShownNotice {
    /// Whether this side sent it.
    pub own: bool,
    /// What it says.
    pub notice: Notice,
    /// Whether the peer has acknowledged it.
    pub acknowledged: bool,
}

impl Confirming<'_> {
    /// The notices about a pair, the oldest first.
    ///
    /// # Errors
    /// As the store's.
    pub fn notices_of(&self, pair: PairId) -> Result<Vec<ShownNotice>, NodeError> {
        let db = self.db()?;
        let id = pair.meeting.round;
        let Some(row) = db.row_of(&id)? else { return Ok(Vec::new()) };
        let round = db.rounds_by_id(&hex::encode(id))?.into_iter().find(|round| round.row == row);
        let Some((peer, agreement)) = round.and_then(|round| Some((round.peer, round.agreement?))) else {
            return Ok(Vec::new());
        };
        let (own, confirmed) = (self.identity.key().id(), db.confirmed(row)?);
        let mut shown = Vec::new();
        for (_, kept) in db.notices(row)? {
            let (sender, recipient) = if kept.own { (own, peer) } else { (peer, own) };
            let expected = Expected { agreement, round: id, sender, recipient, confirmed: &confirmed };
            let Ok(notice) = Notice::open(&kept.notice, &expected) else { continue };
            if notice.about.pseudonym == pair.meeting.pseudonym {
                shown.push(ShownNotice { own: kept.own, notice, acknowledged: !kept.acknowledgement.is_empty() });
            }
        }
        Ok(shown)
    }

    /// Sends what there is for the peer and takes what it has; how many of each.
    pub(super) async fn notices(
        &self,
        subject: &Subject,
        (reader, writer): (&mut FrameReader, &mut FrameWriter),
    ) -> Result<(usize, usize), NodeError> {
        let asked = Beat::begin();
        let mut out = self.outgoing(subject)?;
        out.truncate(MOST_NOTICES);
        let notices: Vec<Vec<u8>> = out.iter().map(|(_, kept)| kept.notice.clone()).collect();
        asked.wait().await;
        self.write(writer, &bundle(BUNDLE, &notices)).await?;
        let frame = self.next(reader, BUNDLE_BYTES).await?;
        let asked = Beat::begin();
        let came = pieces(BUNDLE, &frame)?;
        let acknowledgements = self.take_notices(subject, &came)?;
        asked.wait().await;
        self.write(writer, &bundle(ACKNOWLEDGED, &acknowledgements)).await?;
        let frame = self.next(reader, BUNDLE_BYTES).await?;
        let answers = pieces(ACKNOWLEDGED, &frame)?;
        if answers.len() != out.len() {
            return Err(Error::from(PeerFault::BadField("acknowledgements")).into());
        }
        let mut db = self.db()?;
        for ((id, mut kept), answer) in out.into_iter().zip(&answers) {
            // V-CONFIRM-015
            notice::acknowledged(answer, &kept.notice, subject.round.peer).map_err(Error::from)?;
            kept.acknowledgement = answer.to_vec();
            db.keep_acknowledgement(id, &kept)?;
        }
        Ok((answers.len(), came.len()))
    }

    async fn write(&self, writer: &mut FrameWriter, frame: &[u8]) -> Result<(), NodeError> {
        Ok(timeout(self.patience, writer.write(frame)).await.map_err(|_| self.stalled())??)
    }

    /// The own notices that the peer has not acknowledged: disclosures of what is disclosed, and withdrawals.
    fn outgoing(&self, subject: &Subject) -> Result<Vec<(i64, KeptNotice)>, NodeError> {
        let mut log = Log::default();
        desk::catch_up(self.data, self.storage, &mut log)?;
        self.withdrawals(subject, &log)?;
        let mut out = self.db()?.notices(subject.round.row)?;
        let disclosed = |pseudonym: Pseudonym| {
            let meeting = Meeting { round: subject.id, pseudonym };
            log.desk().stages(&meeting).any(|stage| stage == Stage::Disclosed)
        };
        out.retain(|(_, kept)| {
            let pseudonym = pseudonym_of(&kept.notice);
            let says = kept.notice.first() == Some(&2) || pseudonym.is_some_and(disclosed);
            kept.own && kept.acknowledgement.is_empty() && says
        });
        Ok(out)
    }

    /// Signs the withdrawal of each pair that this side took back after both had confirmed it, once (18.7).
    fn withdrawals(&self, subject: &Subject, log: &Log) -> Result<(), NodeError> {
        let mut db = self.db()?;
        let confirmed = db.confirmed(subject.round.row)?;
        if confirmed.is_empty() {
            return Ok(());
        }
        let notices = db.notices(subject.round.row)?;
        let told = notices.iter().filter(|(_, kept)| kept.notice.first() == Some(&2));
        let mut told: BTreeSet<Pseudonym> = told.filter_map(|(_, kept)| pseudonym_of(&kept.notice)).collect();
        let key = self.identity.key();
        for entry in db.review_entries(0, usize::MAX)? {
            let Event { by, what: What::Withdrawn { pair, reason, .. }, .. } = entry.event else { continue };
            let ours = by != Actor::Peer && pair.meeting.round == subject.id;
            let agreed = confirmed.iter().rev().find(|(_, item)| *item == pair.meeting.pseudonym);
            let Some((run, pseudonym)) = agreed.copied().filter(|_| ours) else { continue };
            // Another own record may still stand for the same meeting, or it was opened again.
            let stands = log.desk().stages(&pair.meeting).any(Stage::says_yes);
            if stands || !told.insert(pseudonym) {
                continue;
            }
            let about = About {
                agreement: subject.agreement,
                round: subject.id,
                run,
                pseudonym,
                sender: key.id(),
                recipient: subject.round.peer,
            };
            let code = Reason::WITHDRAWING.iter().position(|known| *known == reason).map_or(8, |at| at + 1);
            let body = NoticeBody::Withdrawal { reason: u8::try_from(code).unwrap_or(8) };
            let notice = Notice { about, time: clock::now(), body };
            let bytes = notice.sign(&key, &confirmed).map_err(PeerFault::from).map_err(Error::from)?;
            let digest = notice::digest(&bytes);
            let kept = KeptNotice { own: true, notice: bytes, acknowledgement: Vec::new() };
            db.keep_notice(subject.round.row, &kept)?;
            let fact = Fact::Noticed { peer: subject.round.peer, way: 1, notice: digest };
            AuditLog::open(self.data, self.identity)?.append(vec![fact])?;
        }
        Ok(())
    }

    /// Checks notices of the peer, keeps them and acts on them; the acknowledgements, once all are durable.
    fn take_notices(&self, subject: &Subject, came: &[&[u8]]) -> Result<Vec<Vec<u8>>, NodeError> {
        let mut db = self.db()?;
        let confirmed = db.confirmed(subject.round.row)?;
        let key = self.identity.key();
        let (sender, recipient) = (subject.round.peer, key.id());
        let (agreement, round) = (subject.agreement, subject.id);
        let expected = Expected { agreement, round, sender, recipient, confirmed: &confirmed };
        // V-CONFIRM-014: all are checked before any has an effect.
        let notices: Result<Vec<Notice>, PeerFault> = came.iter().map(|bytes| Notice::open(bytes, &expected)).collect();
        let mut acknowledgements = Vec::new();
        for (bytes, notice) in came.iter().zip(notices.map_err(Error::from)?) {
            let kept = KeptNotice { own: false, notice: bytes.to_vec(), acknowledgement: Vec::new() };
            if db.keep_notice(subject.round.row, &kept)? {
                let fact = Fact::Noticed { peer: sender, way: 2, notice: notice::digest(bytes) };
                AuditLog::open(self.data, self.identity)?.append(vec![fact])?;
            }
            if let NoticeBody::Withdrawal { reason } = notice.body {
                self.taken_back(subject, notice.about.pseudonym, reason)?;
            }
            // V-CONFIRM-015
            acknowledgements.push(notice::acknowledge(bytes, clock::now(), &key));
        }
        Ok(acknowledgements)
    }

    /// The peer took a pair back: the desk hears of it, and what the peer had disclosed of it goes.
    fn taken_back(&self, subject: &Subject, pseudonym: Pseudonym, reason: u8) -> Result<(), NodeError> {
        let at = usize::from(reason).saturating_sub(1);
        let reason = Reason::WITHDRAWING.get(at).copied().unwrap_or(Reason::Mistake);
        let mut log = Log::default();
        desk::catch_up(self.data, self.storage, &mut log)?;
        let meeting = Meeting { round: subject.id, pseudonym };
        let pairs: Vec<PairId> = log.desk().pairs_of(&meeting).collect();
        for pair in pairs {
            let step = What::Withdrawn { pair, seen: None, reason, note: String::new() };
            match desk::take(self.data, self.storage, &mut log, Actor::Peer, step)? {
                // It was taken back here too, or its time was over.
                Ok(_) | Err(Refusal::Stage | Refusal::NoSuchPair) => {}
                Err(_) => return Err(StoreError::Internal("the desk does not take a withdrawal").into()),
            }
        }
        let mut db = self.db()?;
        for (id, kept) in db.notices(subject.round.row)? {
            if !kept.own && kept.notice.first() == Some(&1) && pseudonym_of(&kept.notice) == Some(pseudonym) {
                db.forget_notice(id)?;
            }
        }
        Ok(())
    }
}

/// The item of a notice (18.7): after its kind and three digests.
fn pseudonym_of(notice: &[u8]) -> Option<Pseudonym> {
    notice.get(97..113)?.try_into().ok().map(Pseudonym::from_bytes)
}
