//! Frames on their way out: a queue that knows its bytes, and the task that empties it.

use crate::transport::{FrameWriter, TransportError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Queued bytes from which on nothing more is produced.
const FULL: usize = 4 << 20;

#[derive(Default)]
struct State {
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
    begun: u64,
    written: u64,
    closed: bool,
    failed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Wakes the writing task.
    filled: Notify,
    /// Wakes the driver.
    drained: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The driver's end of the queue.
pub(super) struct Outbox {
    shared: Arc<Shared>,
    task: JoinHandle<Result<(), TransportError>>,
}

impl Outbox {
    /// Starts to write.
    pub(super) fn start(writer: FrameWriter) -> Self {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(write(Arc::clone(&shared), writer));
        Self { shared, task }
    }

    pub(super) fn push(&self, frame: Vec<u8>) {
        let mut state = self.shared.lock();
        state.bytes += frame.len();
        state.frames.push_back(frame);
        drop(state);
        self.shared.filled.notify_one();
    }

    /// Whether producing should wait.
    pub(super) fn is_full(&self) -> bool {
        self.shared.lock().bytes >= FULL
    }

    /// Whether all is written.
    pub(super) fn is_empty(&self) -> bool {
        self.shared.lock().bytes == 0
    }

    /// Whether writing has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.lock().failed
    }

    /// Frames written so far.
    pub(super) fn written(&self) -> u64 {
        self.shared.lock().written
    }

    /// Waits until a frame was written or writing failed. Cancel-safe.
    pub(super) async fn changed(&self) {
        self.shared.drained.notified().await;
    }

    /// Ends the stream when all is written.
    pub(super) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.filled.notify_one();
    }

    /// Drops what is not begun, sends `last` instead and ends the stream. The first frame, the hello, goes out in any
    /// case: from it the peer sees for itself what does not fit.
    pub(super) fn close_with(&self, last: Option<Vec<u8>>) {
        let mut state = self.shared.lock();
        let keep = usize::from(state.begun == 0).min(state.frames.len());
        let dropped: usize = state.frames.drain(keep..).map(|frame| frame.len()).sum();
        state.bytes -= dropped;
        drop(state);
        if let Some(frame) = last {
            self.push(frame);
        }
        self.close();
    }

    /// Waits until the peer's QUIC has everything, after [`Outbox::close`].
    pub(super) async fn finished(&mut self) -> Result<(), TransportError> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::ClosedHere),
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn write(shared: Arc<Shared>, mut writer: FrameWriter) -> Result<(), TransportError> {
    loop {
        let (next, closed) = {
            let mut state = shared.lock();
            let next = state.frames.pop_front();
            state.begun += u64::from(next.is_some());
            (next, state.closed)
        };
        let Some(frame) = next else {
            if closed {
                return writer.finish().await;
            }
            shared.filled.notified().await;
            continue;
        };
        let bytes = frame.len();
        let result = writer.write(frame).await;
        let mut state = shared.lock();
        state.bytes -= bytes;
        state.written += 1;
        state.failed = result.is_err();
        drop(state);
        shared.drained.notify_one();
        result?;
    }
}
