//! How a round comes to be: a new one, or one replayed from its journal.

use super::Rounds;
use super::open::OpenRound;
use super::recovery::ReusableDebit;
use crate::admission::Admission;
use crate::driver::{Journal, RoundDriver};
use crate::error::NodeError;
use crate::event::Event;
use crate::store::audit_log::Log;
use crate::store::database::{Database, KeptRound, RoundFilter};
use crate::store::journal::{Carrier, Header, JournalError, Tail};
use crate::store::log_heads::LogHeads;
use crate::store::peers::Peer;
use crate::store::rounds::{self, StoredRound};
use crate::store::{StoreError, retention};
use crate::sys::clock;
use crate::sys::entropy::fresh_secret;
use blindlink::agreement::Basis;
use blindlink::agreement::urgent::MOST_ASKED;
use blindlink::identity::PeerId;
use blindlink::session::{LogExchange, Output, Session, SessionInputs};
use std::path::PathBuf;
use std::time::Instant;

/// Rounds among which the last one of the same list is looked for.
const SEARCHED: u32 = 50;

/// A round that may begin.
pub(super) struct PreparedRound {
    inputs: SessionInputs,
    header: Header,
}

impl<'a> Rounds<'a> {
    /// Seed, list and header of a round that may begin. Nothing of it is on disk.
    pub(super) fn prepare(
        &self,
        peer: &Peer,
        basis: &Basis,
        binding: [u8; 32],
        carrier: Carrier,
    ) -> Result<PreparedRound, NodeError> {
        let seed = fresh_secret().map_err(StoreError::Entropy)?;
        let inputs = self.inputs(seed.clone())?;
        let begun = clock::now();
        let header = Header {
            log: self.logs(&peer.id, begun)?,
            role: self.admission.role,
            carrier,
            suite: basis.suite(),
            begun,
            own: self.admission.identity.key().id(),
            peer: peer.id,
            binding,
            root: inputs.commitment().root,
            seed,
            policy: self.admission.input.policy.canonical_bytes().to_vec(),
            agreement: basis.canonical_bytes().to_vec(),
        };
        Ok(PreparedRound { inputs, header })
    }

    /// Session and journal of a round that begins; nothing of it has left.
    pub(super) fn create(
        &self,
        basis: Basis,
        PreparedRound { inputs, header }: PreparedRound,
    ) -> Result<(PathBuf, Session, Journal), NodeError> {
        if matches!(basis, Basis::Training(_)) {
            self.sink.take(&Event::Training);
        } else {
            // The round was let in and debited: that an old journal is still there does not stop it.
            let expired = retention::expire(self.admission.data, self.admission.identity, &self.storage, clock::now());
            if let Err(failure) = expired {
                self.sink.take(&Event::ExpiryFailed(&failure.into()));
            }
        }
        self.warn_if_shrunk(&header.peer);
        let session = self.session(inputs, &header, basis)?;
        let path = rounds::new_path(self.admission.data, header.begun)?;
        let journal = Journal::create(&path, &self.storage, &header).map_err(|error| {
            // Half a journal would be taken for a damaged one.
            let _ = std::fs::remove_file(&path);
            StoreError::JournalNotCreated(error)
        })?;
        rounds::note_start(&path, 1).map_err(StoreError::io("cannot note that a round begins"))?;
        Ok((path, session, journal))
    }

    /// Tells before anything leaves that the list has less than nine tenths of the records that it had in the last round with
    /// the peer that ended well: a list that broke off finds nobody, and looks as if there were nobody.
    fn warn_if_shrunk(&self, peer: &PeerId) {
        if self.admission.ask.is_some() {
            return;
        }
        let filter = RoundFilter { peer: Some(*peer), finished: true, most: Some(SEARCHED) };
        // It is a hint: a database that cannot be read stops the round where it must be written.
        let rounds = Database::open(self.admission.data, &self.storage).and_then(|db| db.rounds(&filter));
        let lanes = self.admission.input.policy.policy().context.lanes;
        let input = &self.admission.input;
        let urgent =
            |round: &KeptRound| round.policy != *input.policy.digest() && round.about.records <= MOST_ASKED as usize;
        let alike = |round: &KeptRound| (round.role, round.lanes) == (self.admission.role, lanes) && !urgent(round);
        let Some(last) = rounds.ok().and_then(|rounds| rounds.into_iter().find(alike)) else { return };
        let (before, now) = (last.about.records, self.admission.input.ids.len());
        if now.saturating_mul(10) < before.saturating_mul(9) {
            self.sink.take(&Event::ListShrunk { before, now, ended: last.ended });
        }
    }

    /// Whether this side would take a caller's first frame as the peer's hello (V-AUDIT-015): before that it writes nothing
    /// that a peer could make grow. If not, the own hello, from which the peer sees what does not fit, and why.
    pub(super) fn screen(
        &self,
        prepared: &PreparedRound,
        basis: Basis,
        frame: &[u8],
    ) -> Result<Result<(), (Vec<u8>, blindlink::Error)>, NodeError> {
        let mut session = self.session(prepared.inputs.clone(), &prepared.header, basis)?;
        // The hello is the first frame, and needs nothing of the peer's.
        let hello = loop {
            match session.poll_output()? {
                Some(Output::Send(hello)) => break hello.bytes,
                Some(_) => {}
                None => return Err(NodeError::Internal("a session without a hello")),
            }
        };
        Ok(session.handle(frame).map(drop).map_err(|error| (hello, error)))
    }

    /// The two audit logs at the beginning of a round with the peer.
    fn logs(&self, peer: &PeerId, time: u64) -> Result<LogExchange, NodeError> {
        let Admission { data, identity, .. } = &self.admission;
        let (log, heads) = (Log::open(data, identity)?, LogHeads::of(data, peer));
        let head = Box::new(heads.offer(&log, identity)?.encode());
        Ok(LogExchange { head, known: heads.known()?, time })
    }

    /// A round over a line that begins, in the place of one that did not get far.
    pub(super) fn begin(
        &self,
        peer: &Peer,
        basis: Basis,
        prepared: PreparedRound,
        spent: &ReusableDebit,
    ) -> Result<OpenRound<'a>, NodeError> {
        let agreement = basis.digest();
        let (path, session, journal) = self.create(basis, prepared)?;
        if let Some(journal) = &spent.journal {
            rounds::discard(journal)?;
        }
        Ok(OpenRound::new(RoundDriver::new(session, journal, self.context()), peer, path, agreement))
    }

    /// Opens a journal for writing again, and counts that (V-RESUME-017).
    pub(super) fn reopen(&self, found: &StoredRound, tail: Tail) -> Result<Journal, JournalError> {
        let journal = Journal::reopen(&found.file, &self.storage, tail)?;
        rounds::note_start(&found.path, tail.openings + 1)?;
        Ok(journal)
    }

    /// A round that was stopped: from its journal, the same records and an agreement that is still in force. If its
    /// outcome comes out, it is written before anybody is called or heard (V-CLOSE-005). Inside, the failure for which it
    /// is burnt now.
    pub(super) async fn restore(
        &self,
        found: &StoredRound,
        peer: &Peer,
        basis: Basis,
    ) -> Result<Result<OpenRound<'a>, NodeError>, NodeError> {
        let inputs = self.same_input(found)?;
        self.same_agreement(found, &basis)?;
        let agreement = basis.digest();
        let session = self.session(inputs, &found.header, basis)?;
        let reopen = |tail| self.reopen(found, tail);
        let entries = found.entries(&self.storage)?;
        let replay = RoundDriver::replay(session, entries, found.summary.acknowledged, reopen, self.context());
        let (drive, said) = match replay.await {
            Ok(replayed) => replayed,
            Err(error) => return self.replay_failed(found, error).map(Err),
        };
        let mut open = OpenRound { ended: said.ended, ..OpenRound::new(drive, peer, found.path.clone(), agreement) };
        self.settle(&mut open).await?;
        open.closing = (open.ended && open.drive.all_acknowledged()).then(Instant::now);
        Ok(Ok(open))
    }
}
