//! One connection of a round: its reading end, and a task that empties a queue into its writing end.

use crate::transport::{Closer, FrameReader, FrameWriter, TransportError};
use blindlink::wire::acknowledge::acknowledge;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A connection that is ready to carry a round's frames.
#[derive(Debug)]
pub struct Link {
    pub(super) reader: FrameReader,
    pub(super) writer: FrameWriter,
    pub(super) closer: Closer,
    /// A frame that was read already.
    pub(super) first: Option<Vec<u8>>,
}

impl Link {
    pub(super) const fn new(reader: FrameReader, writer: FrameWriter, closer: Closer, first: Option<Vec<u8>>) -> Self {
        Self { reader, writer, closer, first }
    }
}

impl Link {
    /// Ends the own stream and lets the peer end its own.
    pub async fn end(mut self, within: std::time::Duration) {
        let _ = tokio::time::timeout(within, async { tokio::join!(self.writer.finish(), self.reader.drain()) }).await;
        self.closer.close(crate::transport::close::DONE);
    }
}

impl From<crate::transport::Channel> for Link {
    fn from(channel: crate::transport::Channel) -> Self {
        let (reader, writer, closer) = channel.split();
        Self::new(reader, writer, closer, None)
    }
}

#[derive(Default)]
struct State {
    frames: VecDeque<Arc<Vec<u8>>>,
    /// The newest acknowledgement that has not left.
    acknowledge: Option<u32>,
    begun: u32,
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
pub(super) struct SendQueue {
    shared: Arc<Shared>,
    task: JoinHandle<Result<(), TransportError>>,
}

impl SendQueue {
    /// Starts to write.
    pub(super) fn start(writer: FrameWriter) -> Self {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(write(Arc::clone(&shared), writer));
        Self { shared, task }
    }

    pub(super) fn push(&self, frame: Arc<Vec<u8>>) {
        self.shared.lock().frames.push_back(frame);
        self.shared.filled.notify_one();
    }

    /// Says that `count` frames of the peer are durable, before the next frame. The newest count stands for all.
    pub(super) fn acknowledge(&self, count: u32) {
        self.shared.lock().acknowledge = Some(count);
        self.shared.filled.notify_one();
    }

    /// Whether all is written.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.shared.lock();
        state.frames.is_empty() && u64::from(state.begun) == state.written
    }

    /// Whether writing has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.lock().failed
    }

    /// Frames written so far.
    pub(super) fn written(&self) -> u64 {
        self.shared.lock().written
    }

    /// Frames of which writing has begun.
    pub(super) fn begun(&self) -> u32 {
        self.shared.lock().begun
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

    /// Drops what is not begun, sends `last` instead and ends the stream. `first`, the hello, goes out in any case: from
    /// it the peer sees for itself what does not fit.
    pub(super) fn close_with(&self, last: Option<Vec<u8>>, hello: bool) {
        let mut state = self.shared.lock();
        let keep = usize::from(hello && state.begun == 0).min(state.frames.len());
        state.frames.truncate(keep);
        drop(state);
        if let Some(frame) = last {
            self.push(Arc::new(frame));
        }
        self.close();
    }

    /// Waits until the peer's QUIC has everything, after [`SendQueue::close`].
    pub(super) async fn finished(&mut self) -> Result<(), TransportError> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::ClosedHere),
        }
    }
}

impl Drop for SendQueue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn write(shared: Arc<Shared>, mut writer: FrameWriter) -> Result<(), TransportError> {
    loop {
        let (count, next, closed) = {
            let mut state = shared.lock();
            let (count, next) = (state.acknowledge.take(), state.frames.pop_front());
            state.begun += u32::from(next.is_some());
            (count, next, state.closed)
        };
        if count.is_none() && next.is_none() {
            if closed {
                return writer.finish().await;
            }
            shared.filled.notified().await;
            continue;
        }
        let mut result = Ok(());
        if let Some(count) = count {
            result = writer.write(acknowledge(count)).await;
        }
        if let (Ok(()), Some(frame)) = (&result, &next) {
            result = writer.write(&**frame).await;
        }
        let mut state = shared.lock();
        state.written += u64::from(next.is_some());
        state.failed = result.is_err();
        drop(state);
        shared.drained.notify_one();
        result?;
    }
}
