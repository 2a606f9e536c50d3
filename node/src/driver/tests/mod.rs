//! The driver under a small protocol in which both sides flood each other.
use super::*;
use crate::transport::{Channel, Client, Listener, Settings};
use blindlink::error::PeerFault;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::secret::Secret;
use blindlink::session::{LogExchange, Role, Stage};
use blindlink::transcript::frame_digest;
use blindlink::wire::FrameKind;
use blindlink::wire::acknowledge::acknowledge;
use std::collections::VecDeque;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const ABORT: u8 = 0xff;

/// Sends `count` frames of `size` bytes, each made by a job, and wants as many; `flaw` at the given frame.
struct Flood {
    count: usize,
    size: usize,
    flaw: Option<(Flaw, usize)>,
    made: BTreeMap<usize, Vec<u8>>,
    next: usize,
    received: usize,
    durable: usize,
    steps: VecDeque<Step<(usize, usize, bool), usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    Rejects,
    Panics,
    TooLong,
}

impl Flood {
    fn new(count: usize, size: usize, flaw: Option<(Flaw, usize)>) -> Self {
        let steps = (0..count)
            .map(|n| match flaw {
                Some((Flaw::Panics, at)) if at == n => Step::Work((n, size, true)),
                Some((Flaw::TooLong, at)) if at == n => Step::Work((n, size + 1, false)),
                _ => Step::Work((n, size, false)),
            })
            .collect();
        Self { count, size, flaw, made: BTreeMap::new(), next: 0, received: 0, durable: 0, steps }
    }

    fn finish_if_done(&mut self) {
        if self.durable == self.count && self.next == self.count {
            self.steps.push_back(Step::Done(self.received));
        }
    }
}

impl RoundMachine for Flood {
    type Job = (usize, usize, bool);
    type Found = (usize, Vec<u8>);
    type Outcome = usize;

    fn run((n, size, panics): Self::Job) -> Self::Found {
        assert!(!panics, "a flaw that the test asked for");
        (n, vec![n as u8 & 0x7f; size])
    }

    fn handle(&mut self, frame: &[u8]) -> Result<FrameDigest, Error> {
        if let [ABORT, high, low] = frame {
            return Err(PeerFault::Aborted(u16::from_be_bytes([*high, *low])).into());
        }
        if self.flaw == Some((Flaw::Rejects, self.received)) {
            return Err(PeerFault::BadField("flaw").into());
        }
        if frame.len() != self.size || frame.iter().any(|byte| *byte != self.received as u8 & 0x7f) {
            return Err(PeerFault::BadField("frame").into());
        }
        self.received += 1;
        Ok(frame_digest(frame))
    }

    fn poll(&mut self) -> Polled<Self> {
        Ok(self.steps.pop_front())
    }

    fn finish_work(&mut self, (n, frame): Self::Found) -> Result<(), Error> {
        self.made.insert(n, frame);
        while let Some(frame) = self.made.remove(&self.next) {
            self.steps.push_back(Step::Send(MadeFrame::new(frame)));
            self.next += 1;
        }
        self.finish_if_done();
        Ok(())
    }

    fn persisted(&mut self, seq: u64) -> Result<(), Error> {
        let durable = seq as usize + 1;
        assert!(durable <= self.received);
        self.durable = durable;
        self.finish_if_done();
        Ok(())
    }

    fn abort(&mut self, reason: &Error) -> Vec<u8> {
        let [high, low] = reason.code().to_be_bytes();
        vec![ABORT, high, low]
    }

    fn round(&self) -> Option<RoundId> {
        None
    }

    fn max_frame(&self) -> usize {
        self.size.max(7)
    }

    fn stage(_: &[u8]) -> Option<Stage> {
        None
    }
}

fn party(n: u8) -> (Secret<32>, PeerId) {
    let secret = Secret::new([n; 32]);
    let id = IdentityKey::from_secret(secret.expose()).id();
    (secret, id)
}

/// Two channels that are connected; the endpoints keep them alive.
pub(super) async fn pair() -> (Client, Listener, Channel, Link) {
    let settings = Settings { idle: Duration::from_secs(4), ..Settings::default() };
    let ((secret, id), (server_secret, server)) = (party(2), party(1));
    let mut listener =
        Listener::bind(&server_secret, BTreeSet::from([id]), "127.0.0.1:0".parse().unwrap(), &settings, 1).unwrap();
    let address = listener.local().unwrap().to_string();
    let (client, mut channel) = Client::connect(&secret, server, &address, &settings).await.unwrap();
    // A stream shows on the other side with its first bytes: an empty frame.
    channel.write_raw(&[0; 4]).await.unwrap();
    let (mut reader, writer, closer) = listener.accept().await.unwrap().split();
    assert_eq!(reader.next(0).await.unwrap().unwrap(), b"");
    (client, listener, channel, Link::new(reader, writer, closer, None))
}

fn key() -> StorageKey {
    StorageKey::new(Secret::new([9; 32]))
}

fn header() -> journal::Header {
    journal::Header {
        role: Role::Requester,
        carrier: journal::Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: 0,
        own: party(1).1,
        peer: party(2).1,
        binding: [0; 32],
        seed: Secret::new([0; 32]),
        root: [0; 32],
        policy: Vec::new(),
        agreement: Vec::new(),
        log: LogExchange::without_log(&IdentityKey::from_secret(&[1; 32])),
    }
}

pub(super) struct Side {
    pool: Pool,
    folder: tempfile::TempDir,
    stop: watch::Sender<bool>,
    timeout: Duration,
}

impl Side {
    pub(super) fn new() -> Self {
        Self {
            pool: Pool::new(2).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            stop: watch::Sender::new(false),
            timeout: Duration::from_secs(20),
        }
    }

    fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join("round.journal")
    }

    pub(super) fn new_journal(&self) -> Journal {
        Journal::create(&self.journal(), &key(), &header()).unwrap()
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            pool: &self.pool,
            frame_timeout: self.timeout,
            stop: self.stop.subscribe(),
            observe: &|_| {},
            log: no_log(),
        }
    }
}

type Ended = Result<Finished<usize>, Stopped>;

async fn both(a: Flood, b: Flood) -> (Ended, Ended, Side, Side) {
    let (one, two) = (Side::new(), Side::new());
    let (_client, _listener, here, there) = pair().await;
    let (first, second) =
        tokio::join!(run(a, one.new_journal(), here, one.context()), run(b, two.new_journal(), there, two.context()));
    (first, second, one, two)
}

/// Frames in a journal.
fn frames(path: &Path) -> usize {
    let (_, entries) = journal::read(path, &key()).unwrap();
    entries.filter(|entry| matches!(entry, Ok(journal::Entry::Received(frame)) if !frame.is_empty())).count()
}

/// V-FRAME-004, V-CLOSE-001
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sides_that_flood_each_other_end() {
    let (a, b, one, two) = both(Flood::new(80, 1 << 20, None), Flood::new(80, 1 << 20, None)).await;
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((a.outcome, b.outcome), (80, 80));
    assert!(a.confirmed && b.confirmed);
    assert_eq!(a.report.bytes_sent, 80 * ((1 << 20) + 4));
    assert_eq!((a.report.bytes_sent, a.report.bytes_received), (b.report.bytes_received, b.report.bytes_sent));
    assert!(a.report.udp_bytes_sent > a.report.bytes_sent);
    // Headers and repetitions, not everything twice.
    assert!(a.report.udp_bytes_sent < a.report.bytes_sent + a.report.bytes_sent / 2 + 20_000);
    for side in [one, two] {
        assert_eq!(frames(&side.journal()), 80);
    }
}

/// V-CLOSE-002
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_side_that_rejects_says_why_and_the_other_hears_the_code() {
    let flawed = Flood::new(20, 100_000, Some((Flaw::Rejects, 3)));
    // One side waits for a frame more than the other sends: it cannot be done before it hears of the fault.
    let (a, b, ..) = both(Flood::new(21, 100_000, None), flawed).await;
    let (a, b) = (a.unwrap_err(), b.unwrap_err());
    assert!(matches!(b.error, DriveError::Protocol(Error::Peer(PeerFault::BadField("flaw")))), "{b:?}");
    assert!(matches!(a.error, DriveError::Protocol(Error::Peer(PeerFault::Aborted(210)))), "{a:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_over_long_frame_stops_the_round() {
    let (a, b, ..) = both(Flood::new(10, 1000, Some((Flaw::TooLong, 4))), Flood::new(9, 1000, None)).await;
    let (a, b) = (a.unwrap_err(), b.unwrap_err());
    assert!(matches!(b.error, DriveError::Transport(TransportError::FrameTooLong { got: 1001, max: 1000 })), "{b:?}");
    assert!(matches!(a.error, DriveError::Protocol(Error::Peer(PeerFault::Aborted(202)))), "{a:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_panics_stops_the_round_and_not_the_node() {
    let (a, b, one, _) = both(Flood::new(9, 1000, Some((Flaw::Panics, 4))), Flood::new(9, 1000, None)).await;
    assert!(matches!(a.unwrap_err().error, DriveError::Worker));
    assert!(matches!(b.unwrap_err().error, DriveError::Protocol(Error::Peer(PeerFault::Aborted(406)))));
    let (said, heard) = std::sync::mpsc::channel();
    one.pool.submit(move || said.send(7).unwrap());
    assert_eq!(heard.recv().unwrap(), 7);
}

/// V-CLOSE-005: the connection is gone, and the peer's last frame has come.
#[tokio::test]
async fn what_has_come_is_worked_off_without_a_connection() {
    let (side, last) = (Side::new(), FrameKind::Receipt as u8);
    let count = usize::from(last) + 1;
    let mut drive = RoundDriver::new(Flood::new(count, 10, None), side.new_journal(), side.context());
    for n in 0..=last {
        assert!(!drive.received_all(), "before frame {n}");
        drive.engine.take(vec![n; 10]).unwrap();
    }
    assert!(drive.received_all() && drive.take_outcome().is_none());
    drive.drain().await.unwrap();
    assert_eq!(drive.take_outcome(), Some(count));
    assert!(!drive.all_acknowledged(), "the peer may still want to have them");
}

/// V-CLOSE-004
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_stays_when_the_peer_leaves_without_a_word() {
    let side = Side::new();
    let (_client, _listener, here, there) = pair().await;
    let (mut reader, mut writer, closer) = here.split();
    writer.write(vec![0; 10]).await.unwrap();
    let peer = tokio::spawn(async move {
        // What lies unread in a closed connection is lost: the other side says that it has read it.
        let (mut frame, mut acknowledgement) = (false, false);
        while !frame || !acknowledgement {
            let next = reader.next(10).await.unwrap().unwrap();
            (frame, acknowledgement) = (frame || next.len() == 10, acknowledgement || next.len() != 10);
        }
        closer.close(close::LOCAL);
    });
    let finished = run(Flood::new(1, 10, None), side.new_journal(), there, side.context()).await.unwrap();
    assert_eq!((finished.outcome, finished.confirmed), (1, false));
    peer.await.unwrap();
}

/// V-CLOSE-001: the peer has acknowledged everything; whether it knows that it is through itself shows only on its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_vanishes_before_its_end_may_still_wait_for_an_acknowledgement() {
    for (ends, code, confirmed) in [(true, close::DONE, true), (false, close::DONE, true), (false, close::LOCAL, false)]
    {
        let side = Side::new();
        let (_client, _listener, here, there) = pair().await;
        let (mut reader, mut writer, closer) = here.split();
        let peer = tokio::spawn(async move {
            writer.write(vec![0; 10]).await.unwrap();
            let mut frames = 0;
            while frames == 0 {
                frames += usize::from(reader.next(10).await.unwrap().unwrap().len() == 10);
            }
            writer.write(acknowledge(1)).await.unwrap();
            if ends {
                writer.finish().await.unwrap();
                reader.drain().await.unwrap();
            } else {
                // The other side ends its stream once it has read the acknowledgement.
                reader.drain().await.unwrap();
            }
            closer.close(code);
        });
        let finished = run(Flood::new(1, 10, None), side.new_journal(), there, side.context()).await.unwrap();
        assert_eq!((finished.outcome, finished.confirmed), (1, confirmed), "{ends} {code}");
        peer.await.unwrap();
    }
}

/// V-TIME-002
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_peer_is_given_up() {
    let mut side = Side::new();
    side.timeout = Duration::from_millis(300);
    let (_client, _listener, _here, there) = pair().await;
    let stopped = run(Flood::new(3, 10, None), side.new_journal(), there, side.context()).await.unwrap_err();
    assert!(matches!(stopped.error, DriveError::Stalled(_)), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_sends_but_never_reads_is_given_up() {
    let mut side = Side::new();
    side.timeout = Duration::from_millis(500);
    let (_client, _listener, here, there) = pair().await;
    let (_unread, mut writer, _closer) = here.split();
    let sender = tokio::spawn(async move { while writer.write(vec![0; 1 << 20]).await.is_ok() {} });
    let machine = Flood::new(200, 1 << 20, None);
    let stopped = run(machine, side.new_journal(), there, side.context()).await.unwrap_err();
    assert!(!matches!(stopped.error, DriveError::Interrupted), "{stopped:?}");
    assert!(stopped.report.bytes_received < 200 << 20);
    sender.await.unwrap();
}

/// V-RESUME-002
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledgement_of_what_was_not_sent_or_that_goes_back_burns_the_round() {
    for (counts, wanted) in [(&[9][..], PeerFault::OverAcknowledged), (&[2, 1], PeerFault::StateLost)] {
        let side = Side::new();
        let (_client, _listener, here, there) = pair().await;
        let (mut reader, mut writer, _closer) = here.split();
        let peer = tokio::spawn(async move {
            for _ in 0..3 {
                reader.next(10).await.unwrap();
            }
            for count in counts {
                writer.write(acknowledge(*count)).await.unwrap();
            }
            let _ = reader.drain().await;
        });
        let stopped = run(Flood::new(3, 10, None), side.new_journal(), there, side.context()).await.unwrap_err();
        assert!(stopped.error.burns(), "{stopped:?}");
        assert!(matches!(&stopped.error, DriveError::Protocol(Error::Peer(fault)) if *fault == wanted), "{stopped:?}");
        peer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_can_stop_a_round() {
    let (one, two) = (Side::new(), Side::new());
    let (_client, _listener, here, there) = pair().await;
    let (a, b) = (Flood::new(2000, 1 << 20, None), Flood::new(2000, 1 << 20, None));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        one.stop.send_replace(true);
    };
    let (a, b, ()) = tokio::join!(
        run(a, one.new_journal(), here, one.context()),
        run(b, two.new_journal(), there, two.context()),
        stop
    );
    assert!(matches!(a.unwrap_err().error, DriveError::Interrupted));
    assert!(matches!(b.unwrap_err().error, DriveError::Protocol(Error::Peer(PeerFault::Aborted(406)))));
}

/// V-RESUME-009: neither a name that has no address now nor a socket that cannot be had is the peer's doing.
#[test]
fn a_node_that_cannot_call_now_has_lost_a_connection_and_no_round() {
    let socket = TransportError::Socket(std::io::ErrorKind::AddrNotAvailable.into());
    for error in [TransportError::Address, socket, TransportError::Unreachable] {
        let error = DriveError::from(error);
        assert!(error.is_loss() && !error.burns(), "{error}");
    }
    assert!(!DriveError::from(TransportError::WrongPin).is_loss());
}
