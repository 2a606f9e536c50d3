//! A round by files, on either side: reads what has come, works, writes what is to be carried, and waits or says so.

use super::close::StoppedRound;
use super::keep::EndingRound;
use super::recovery::ReusableDebit;
use super::{Rounds, Summary};
use crate::driver::DriveError;
use crate::driver::offline::{OfflineDriver, TurnHistory, TurnTarget};
use crate::error::{NodeError, Waiting};
use crate::event::{Event, Replaying};
use crate::store::StoreError;
use crate::store::journal::{Carrier, Entry, Journal};
use crate::store::peers::Peer;
use crate::store::rounds::{self, StoredRound};
use crate::sys::files::create_private_folder;
use crate::transport::turn_file::{self, CheckedTurn, EXTENSION, TurnError};
use blindlink::agreement::Basis;
use blindlink::error::PeerFault;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::{AgreementDigest, FrameDigest};
use blindlink::session::{Role, Session};
use blindlink::wire::turn::{self, ExpectedTurn, TurnHeader};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a folder is looked at for the peer's file.
const LOOK: Duration = Duration::from_secs(1);

/// Where a round by files is run.
#[derive(Debug)]
pub struct OfflineOptions<'a> {
    /// The peer.
    pub peer: &'a Peer,
    /// The folder through which files come and go.
    pub folder: &'a Path,
    /// Whether to wait for the peer's files instead of ending.
    pub wait: bool,
    /// Whether an open round by files with it is given up first.
    pub abandon: bool,
}

/// A round by files and its journal.
struct OfflineRound<'a> {
    filed: OfflineDriver<'a, Session>,
    peer: PeerId,
    path: PathBuf,
    agreement: Option<AgreementDigest>,
    ended: bool,
    summary: Option<Summary>,
}

impl<'a> Rounds<'a> {
    const fn first(&self) -> u32 {
        match self.admission.role {
            Role::Requester => 1,
            Role::Responder => 2,
        }
    }

    /// Brings a round by files as far as it goes now.
    ///
    /// # Errors
    /// `Waiting` when the peer's file must come first; else why it stopped.
    pub async fn by_files(&self, files: &OfflineOptions<'a>, own: &'a IdentityKey) -> Result<Summary, NodeError> {
        create_private_folder(files.folder)
            .map_err(StoreError::output(format!("cannot use {}", files.folder.display())))?;
        let (begun, mut told) = (Instant::now(), String::new());
        let mut case = loop {
            match self.case(files, own).await {
                Err(NodeError::Waiting(waiting)) if files.wait => {
                    self.pause(files, begun, &mut told, waiting).await?;
                }
                case => break case?,
            }
        };
        loop {
            if let Some(summary) = self.advance(&mut case, files).await? {
                return Ok(summary);
            }
            let mut said = false;
            loop {
                if let Some(turn) = self.arrived(files, &case.filed.expected())? {
                    self.sink.take(&Event::ReadingTurn(case.filed.expected().number));
                    let import = case.filed.import(&turn);
                    if let Err(error) = self.while_agreed(&files.peer.id, import).await? {
                        return Err(self.failed(&mut case, error).await);
                    }
                    break;
                }
                // Nothing is to be carried while there is something to read.
                if let Some(path) = case.filed.last().filter(|_| !said) {
                    self.sink.take(&Event::Carry { file: path, peer: &files.peer.name, last: false });
                }
                said = true;
                let waiting = self.waiting(files, case.filed.last())?;
                if !files.wait {
                    return Err(NodeError::Waiting(waiting));
                }
                self.pause(files, begun, &mut told, waiting).await?;
            }
        }
    }

    /// Waits a little for the peer's file, unless it has been waited for too long. What cannot be read meanwhile is told
    /// when it comes, not hours later.
    async fn pause(
        &self,
        files: &OfflineOptions<'_>,
        begun: Instant,
        told: &mut String,
        waiting: Waiting,
    ) -> Result<(), NodeError> {
        if begun.elapsed() >= self.options.give_up {
            return Err(NodeError::Waiting(waiting));
        }
        let (_, unread) = self.turns(files)?;
        if *told != unread && !unread.is_empty() {
            self.sink.take(&Event::Waiting { unread: &unread });
        }
        *told = unread;
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(LOOK) => Ok(()),
            () = crate::driver::stopped(&mut stop) => Err(NodeError::Interrupted),
        }
    }

    fn waiting(&self, files: &OfflineOptions<'_>, last: Option<&Path>) -> Result<Waiting, NodeError> {
        let (_, unread) = self.turns(files)?;
        let (peer, folder) = (files.peer.name.clone(), files.folder.to_owned());
        Ok(Waiting { peer, folder, unread, carry: last.map(Path::to_owned) })
    }

    /// The round that is open, or one that begins.
    async fn case(&self, files: &OfflineOptions<'a>, own: &'a IdentityKey) -> Result<OfflineRound<'a>, NodeError> {
        let out = TurnTarget { folder: files.folder, own, peer: files.peer.id, first: self.first() };
        let standing = self.stored_round(files.peer, Carrier::Files, files.abandon)?;
        let mut spent = ReusableDebit::default();
        if let Some(found) = standing {
            if self.admission.role == Role::Responder && found.summary.received == 0 {
                // It was killed before it had read the first turn: nobody knows of its round but the budget.
                spent = self.reusable_debit(&found);
            } else if !found.summary.ended || self.first_of_another(files, &found)?.is_none() {
                return self.resume_case(files, &found, out).await;
            } else {
                // The peer begins another: it has the last turn of this one, or gave it up.
                rounds::mark_closed(&found.path, found.summary.round)?;
            }
        }
        let first = if self.admission.role == Role::Responder { Some(self.first_turn(files)?) } else { None };
        // V-AGREE-023: nothing of a round is written before this.
        let basis = self.admit(&files.peer.id, &spent)?;
        let (agreement, (requester, responder)) = (
            basis.digest(),
            match self.admission.role {
                Role::Requester => (own.id(), files.peer.id),
                Role::Responder => (files.peer.id, own.id()),
            },
        );
        let (path, session, journal) = self.create_by_files(files.peer, basis, turn::binding(requester, responder))?;
        if let Some(journal) = &spent.journal {
            rounds::discard(journal)?;
        }
        let filed = OfflineDriver::new(session, journal, out, self.context());
        if let Some(first) = first {
            let mut case = OfflineRound { filed, peer: files.peer.id, path, agreement, ended: false, summary: None };
            let read = case.filed.import(&first).await;
            // The exchange is remembered for good: its first turn begins no second round. But not before the round can
            // go on without that turn.
            if let (true, Some(exchange)) = (case.filed.sync().await?, first.frames.first()) {
                self.remember(exchange)?;
            }
            return match read {
                Ok(()) => Ok(case),
                Err(error) => Err(self.failed(&mut case, error).await),
            };
        }
        Ok(OfflineRound { filed, peer: files.peer.id, path, agreement, ended: false, summary: None })
    }

    fn create_by_files(
        &self,
        peer: &Peer,
        basis: Basis,
        binding: [u8; 32],
    ) -> Result<(PathBuf, Session, Journal), NodeError> {
        let prepared = self.prepare(peer, &basis, binding, Carrier::Files)?;
        self.create(basis, prepared)
    }

    async fn resume_case(
        &self,
        files: &OfflineOptions<'a>,
        found: &StoredRound,
        out: TurnTarget<'a>,
    ) -> Result<OfflineRound<'a>, NodeError> {
        let inputs = self.same_input(found)?;
        let begun = crate::sys::clock::date(found.header.begun);
        self.sink.take(&Event::Replaying { begun: &begun, peer: &files.peer.name, kind: Replaying::Offline });
        let first = self.first();
        let past = TurnHistory::read(&mut found.entries(&self.storage)?, first)
            .map_err(|error| StoreError::journal(&found.path, error))?;
        if let Some(exchange) =
            past.exchange.filter(|exchange| self.admission.role == Role::Responder && !self.remembered(exchange))
        {
            self.remember(&exchange)?;
        }
        // A turn of which a part was taken must be there again before anything else: what was made answers it.
        let answers = if past.begun.is_empty() {
            None
        } else {
            let expected = past.expected(first, out.own.id(), out.peer);
            match self.arrived(files, &expected)? {
                Some(turn) => Some(turn.digest),
                None => return Err(NodeError::Waiting(self.waiting(files, None)?)),
            }
        };
        let basis = self.admission.readmit_and_log(&files.peer.id, found.summary.round)?;
        self.same_agreement(found, &basis)?;
        let agreement = basis.digest();
        let session = self.session(inputs, &found.header, basis)?;
        let entries = found.entries(&self.storage)?;
        let reopen = |tail| self.reopen(found, tail);
        let replay = OfflineDriver::replay(session, (past, entries), answers, reopen, out, self.context());
        let (filed, ended) = match replay.await {
            Ok(replayed) => replayed,
            Err(error) => return Err(self.replay_failed(found, error)?),
        };
        Ok(OfflineRound { filed, peer: files.peer.id, path: found.path.clone(), agreement, ended, summary: None })
    }

    /// Works, writes the own next turn, and the result once it is there. The summary, if nothing more is to come.
    async fn advance(
        &self,
        case: &mut OfflineRound<'a>,
        files: &OfflineOptions<'_>,
    ) -> Result<Option<Summary>, NodeError> {
        if let Err(error) = self.while_agreed(&files.peer.id, case.filed.turn()).await? {
            return Err(self.failed(case, error).await);
        }
        if let Some(outcome) = case.filed.take_outcome() {
            self.sink.take(&Event::ProgressOver);
            let report = case.filed.report();
            case.summary = Some(self.write(files.peer, (&case.path, case.agreement), &outcome, report)?);
            self.admission.ended(outcome.round, &outcome.receipt)?;
            if !case.ended {
                case.filed.note(Entry::Ended(outcome.receipt)).await?;
                case.ended = true;
            }
        }
        let Some(summary) = case.summary.take() else { return Ok(None) };
        let confirmed = case.filed.last().is_none();
        if let Some(path) = case.filed.last() {
            self.sink.take(&Event::Carry { file: path, peer: &files.peer.name, last: true });
        } else {
            case.filed.note(Entry::Confirmed).await?;
            rounds::mark_closed(&case.path, case.filed.round())?;
        }
        Ok(Some(Summary { confirmed, ..summary }))
    }

    /// A file that cannot be used changes nothing; what a good file says can burn the round.
    async fn failed(&self, case: &mut OfflineRound<'a>, error: DriveError) -> NodeError {
        self.sink.take(&Event::ProgressOver);
        if !error.burns() {
            return case.filed.stopped(error).into();
        }
        if !error.is_kept_silent() {
            case.filed.abort(&error);
        }
        let code = error.own_code();
        let failure = NodeError::from(case.filed.stopped(error));
        let noted = case.filed.note(Entry::Burnt(code)).await;
        let stopped = StoppedRound {
            ending: EndingRound {
                peer: case.peer,
                path: &case.path,
                round: case.filed.round(),
                agreement: case.agreement,
            },
            begun: crate::sys::clock::now(),
            received: case.filed.received(),
        };
        let buried = self.record_failure(&stopped, noted, failure.code());
        buried.err().unwrap_or(failure)
    }

    /// Turns in the folder that the peer wrote for this side; and, in words, what may be one of them but cannot be read
    /// (V-FILES-009).
    fn turns(&self, files: &OfflineOptions<'_>) -> Result<(Vec<(PathBuf, TurnHeader)>, String), NodeError> {
        let failed = |error| StoreError::io(format!("cannot read {}", files.folder.display()))(error);
        let own = self.admission.identity.key().id();
        let (mut found, mut unread) = (Vec::new(), String::new());
        for entry in std::fs::read_dir(files.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden || path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            match turn_file::header(&path) {
                Ok(header) if header.sender == *files.peer.id.as_bytes() && header.recipient == *own.as_bytes() => {
                    found.push((path, header));
                }
                Ok(_) => {}
                // Taken away in this moment.
                Err(TurnError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => unread += &format!("; cannot read {}: {error}", path.display()),
            }
        }
        found.sort_by_key(|(_, header)| header.number);
        Ok((found, unread))
    }

    /// The peer's next turn, checked, if it has come. A later one without it is out of order.
    fn arrived(&self, files: &OfflineOptions<'_>, expected: &ExpectedTurn) -> Result<Option<CheckedTurn>, NodeError> {
        let (turns, _) = self.turns(files)?;
        let of_this = |header: &&(PathBuf, TurnHeader)| Some(header.1.exchange) == expected.exchange;
        let named = expected.exchange.map(|exchange| {
            let (sender, recipient) = (*expected.sender.as_bytes(), *expected.recipient.as_bytes());
            let header = TurnHeader { number: expected.number, exchange, sender, recipient, previous: [0; 32] };
            files.folder.join(turn_file::name(&header))
        });
        let next = turns.iter().filter(of_this).find(|(_, header)| header.number == expected.number);
        let next = next.map(|(path, _)| path.clone()).or_else(|| named.filter(|path| path.exists()));
        if let Some(path) = next {
            return turn_file::check(&path, expected).map(Some).map_err(|error| unusable(&path, error));
        }
        match turns.iter().filter(of_this).find(|(_, header)| header.number > expected.number) {
            Some((path, header)) => {
                let (expected, got) = (expected.number, header.number);
                Err(unusable(path, PeerFault::TurnOutOfOrder { expected, got }.into()))
            }
            None => Ok(None),
        }
    }

    /// A first turn of another exchange than the one that stands.
    fn first_of_another(&self, files: &OfflineOptions<'_>, found: &StoredRound) -> Result<Option<()>, NodeError> {
        if self.admission.role == Role::Requester {
            return Ok(None);
        }
        let past = TurnHistory::read(&mut found.entries(&self.storage)?, 2)
            .map_err(|error| StoreError::journal(&found.path, error))?;
        let (turns, _) = self.turns(files)?;
        let other = turns.iter().find(|(_, header)| {
            header.number == 1 && Some(header.exchange) != past.exchange && !self.remembered(&header.exchange)
        });
        Ok(other.map(|_| ()))
    }

    /// The first turn of an exchange that is new here.
    fn first_turn(&self, files: &OfflineOptions<'_>) -> Result<CheckedTurn, NodeError> {
        let firsts: Vec<_> = self.turns(files)?.0.into_iter().filter(|(_, header)| header.number == 1).collect();
        let known = firsts.iter().find(|(_, header)| self.remembered(&header.exchange)).cloned();
        let mut fresh = firsts.into_iter().filter(|(_, header)| !self.remembered(&header.exchange));
        match (fresh.next(), fresh.next()) {
            (Some((path, _)), None) => {
                let past = TurnHistory::default();
                let expected = past.expected(2, self.admission.identity.key().id(), files.peer.id);
                turn_file::check(&path, &expected).map_err(|error| unusable(&path, error))
            }
            (Some((one, _)), Some((two, _))) => Err(NodeError::TwoFirstTurns(one, two)),
            // V-FILES-008
            (None, _) => match known {
                Some((path, _)) => Err(unusable(&path, PeerFault::UnknownRound.into())),
                None => Err(NodeError::Waiting(self.waiting(files, None)?)),
            },
        }
    }

    fn mark(&self, exchange: &FrameDigest) -> Result<PathBuf, NodeError> {
        Ok(self.admission.data.rounds()?.join(format!("{}.exchange", rounds::short(exchange))))
    }

    fn remembered(&self, exchange: &FrameDigest) -> bool {
        self.mark(exchange).is_ok_and(|path| path.exists())
    }

    fn remember(&self, exchange: &FrameDigest) -> Result<(), NodeError> {
        let failed = StoreError::io("cannot remember the exchange");
        Ok(crate::sys::files::write_whole(&self.mark(exchange)?, b"").map_err(failed)?)
    }
}

/// A file of the peer that cannot be used. Nothing of it was used.
fn unusable(path: &Path, error: TurnError) -> NodeError {
    NodeError::TurnFile { path: path.to_owned(), error }
}
