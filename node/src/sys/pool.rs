//! A fixed pool of threads for heavy maths.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    state: Mutex<(VecDeque<Task>, bool)>,
    wake: Condvar,
}

/// Threads that run tasks in the order in which they came. Dropping it waits for the tasks that are running and drops
/// those that are not.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `threads` threads, at least one.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let threads = (0..threads.max(1))
            .map(|n| {
                let shared = Arc::clone(&shared);
                thread::Builder::new().name(format!("maths-{n}")).spawn(move || shared.work())
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { shared, threads })
    }

    /// As many threads as the machine runs at once.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub fn for_this_machine() -> std::io::Result<Self> {
        Self::new(thread::available_parallelism().map_or(2, usize::from))
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Runs `task` when a thread is free.
    pub fn submit(&self, task: impl FnOnce() + Send + 'static) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).0.push_back(Box::new(task));
        self.shared.wake.notify_one();
    }
}

impl Shared {
    fn work(&self) {
        loop {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let task = loop {
                if state.1 {
                    return;
                }
                match state.0.pop_front() {
                    Some(task) => break task,
                    None => state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(state);
            // A task reports its own panic by dropping its sender; the thread lives on for other rounds.
            let _ = catch_unwind(AssertUnwindSafe(task));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.0.clear();
            state.1 = true;
        }
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl core::fmt::Debug for Pool {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Pool({} threads)", self.threads.len())
    }
}
