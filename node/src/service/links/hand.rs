//! Tasks that run beside one another in one thread, and may borrow what the node has.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Poll, Waker};

type Task<'s, T> = Pin<Box<dyn Future<Output = T> + 's>>;

/// Tasks under way.
pub(super) struct Hand<'s, T> {
    tasks: Vec<Task<'s, T>>,
    waker: Option<Waker>,
}

impl<T> Default for Hand<'_, T> {
    fn default() -> Self {
        Self { tasks: Vec::new(), waker: None }
    }
}

impl<'s, T> Hand<'s, T> {
    /// Takes one more.
    pub(super) fn add(&mut self, task: Task<'s, T>) {
        self.tasks.push(task);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// What the next that is through came to; never, while there is none. Cancel-safe.
    pub(super) async fn next(&mut self) -> T {
        poll_fn(|context| {
            self.waker = Some(context.waker().clone());
            let ready = self.tasks.iter_mut().enumerate().find_map(|(at, task)| match task.as_mut().poll(context) {
                Poll::Ready(done) => Some((at, done)),
                Poll::Pending => None,
            });
            let Some((at, done)) = ready else { return Poll::Pending };
            drop(self.tasks.swap_remove(at));
            Poll::Ready(done)
        })
        .await
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}
