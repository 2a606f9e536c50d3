//! What a peer sees of a side that has said everything and still computes.
use blindlink::ids::{FrameDigest, RoundId};
use super::tests::{Side, pair};
use super::*;
use blindlink::session::Stage;
use blindlink::transcript::frame_digest;
use blindlink::wire::FrameKind;
use blindlink::wire::acknowledge::acknowledge;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Sends its last frame, and has its outcome when a job is let go.
struct Ponder(Vec<Step<Receiver<()>, ()>>);

impl Ponder {
    fn new() -> (Self, Sender<()>) {
        let (release, wait) = channel();
        let last = MadeFrame::new(vec![FrameKind::Receipt as u8]);
        (Self(vec![Step::Work(wait), Step::Send(last)]), release)
    }
}

impl RoundMachine for Ponder {
    type Job = Receiver<()>;
    type Found = ();
    type Outcome = ();

    fn run(wait: Receiver<()>) {
        wait.recv().unwrap();
    }

    fn handle(&mut self, frame: &[u8]) -> Result<FrameDigest, Error> {
        Ok(frame_digest(frame))
    }

    fn poll(&mut self) -> Polled<Self> {
        Ok(self.0.pop())
    }

    fn finish_work(&mut self, (): ()) -> Result<(), Error> {
        self.0.push(Step::Done(()));
        Ok(())
    }

    fn persisted(&mut self, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn abort(&mut self, _: &Error) -> Vec<u8> {
        Vec::new()
    }

    fn round(&self) -> Option<RoundId> {
        None
    }

    fn max_frame(&self) -> usize {
        7
    }

    fn stage(_: &[u8]) -> Option<Stage> {
        None
    }
}

/// V-SETTLE-007: the stream ends while the job still runs; the outcome comes afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_stream_does_not_wait_for_what_was_found() {
    let side = Side::new();
    let (_client, _listener, here, there) = pair().await;
    let (machine, release) = Ponder::new();
    let mut drive = RoundDriver::new(machine, side.new_journal(), side.context());
    drive.connect(there);
    let (mut reader, mut writer, closer) = here.split();
    let peer = async {
        writer.write([FrameKind::Receipt as u8]).await.unwrap();
        assert_eq!(reader.next(16).await.unwrap().unwrap(), [FrameKind::Receipt as u8]);
        writer.write(acknowledge(1)).await.unwrap();
        // Its own last frame is acknowledged, and then there is nothing more.
        assert_eq!(reader.next(16).await.unwrap().unwrap(), acknowledge(1));
        assert_eq!(reader.next(16).await.unwrap(), None);
        closer.close(close::DONE);
    };
    let own = async {
        drive.run_until_said().await.unwrap();
        assert!(!drive.is_done());
        assert!(drive.finish().await.unwrap());
    };
    tokio::join!(peer, own);
    assert!(drive.take_outcome().is_none());
    release.send(()).unwrap();
    drive.drain().await.unwrap();
    assert!(drive.take_outcome().is_some());
}
