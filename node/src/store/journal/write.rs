//! Writing a journal: a thread that seals and appends, with one `fsync` for as much as is waiting.

use super::read::{ENTRY_RECORD, KEY_RECORD};
use super::seal::{EntryKey, StorageKey};
use super::{Entry, Header, JournalError, MAGIC, Tail};
use crate::sys::files::Draft;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::sync::mpsc as results;

/// Something to append.
enum Wish {
    /// A frame that came, and its companion if it has one. Durable before it is reported.
    Received(Arc<Vec<u8>>, Option<Entry>),
    /// Written with whatever comes next; lost at worst, and then found out again by replaying.
    Entry(Entry),
    /// Answers when everything before it is durable.
    Sync(tokio::sync::oneshot::Sender<()>),
}

/// Opens the journal at `path` for this process alone. What it says is read after that: before, another could go on.
///
/// # Errors
/// [`JournalError::InUse`]; whatever the file system says.
pub fn lock(path: &Path) -> Result<File, JournalError> {
    let file = OpenOptions::new().write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// An open journal. Only one process can have it open.
#[derive(Debug)]
pub struct Journal {
    /// With it goes the lock, for as long as somebody has it.
    file: Arc<File>,
    wishes: mpsc::Sender<Wish>,
    durable: results::UnboundedReceiver<io::Result<u64>>,
    backlog: Arc<AtomicUsize>,
}

impl Journal {
    /// Creates the file at `path`, which must not exist. It has that name only once its header is in it, both durable:
    /// a name without a header would look like a damaged round (V-JOURNAL-005).
    ///
    /// # Errors
    /// Whatever the file system says; then there is no part of such a file.
    pub fn create(path: &Path, storage: &StorageKey, header: &Header) -> io::Result<Self> {
        let mut draft = Draft::create_locked(path)?;
        draft.file().write_all(MAGIC)?;
        let (key, sealed) = storage.fresh(0)?;
        let mut writer = Writer { file: draft.file(), key, number: 0 };
        writer.record(KEY_RECORD, &sealed)?;
        writer.append(header.encode().to_vec())?;
        let Writer { key, number, .. } = writer;
        Self::start(Writer { file: draft.publish()?, key, number }, 0)
    }

    /// Goes on with a file that [`lock`] gave, after `tail`; what stands behind it is cut off.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn reopen(locked: &File, storage: &StorageKey, tail: Tail) -> Result<Self, JournalError> {
        let mut file = locked.try_clone()?;
        file.set_len(tail.length)?;
        file.seek(SeekFrom::Start(tail.length))?;
        let (key, sealed) = storage.fresh(tail.number)?;
        let mut writer = Writer { file, key, number: tail.number };
        writer.record(KEY_RECORD, &sealed)?;
        writer.file.sync_all()?;
        Ok(Self::start(writer, tail.received)?)
    }

    fn start(writer: Writer<File>, received: u64) -> io::Result<Self> {
        let file = Arc::new(writer.file.try_clone()?);
        let (wishes, waiting) = mpsc::channel();
        let (done, durable) = results::unbounded_channel();
        let backlog = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&backlog);
        thread::Builder::new()
            .name("journal".into())
            .spawn(move || append(writer, received, &waiting, &done, &left))?;
        Ok(Self { file, wishes, durable, backlog })
    }

    /// The file with its lock, for who needs the lock for longer.
    #[must_use]
    pub fn locked(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    fn wish(&self, wish: Wish) {
        // A journal that failed has said so through `durable` already.
        let _ = self.wishes.send(wish);
    }

    /// Asks for the next received frame to be made durable, and with it `companion`.
    pub fn received(&self, frame: Arc<Vec<u8>>, companion: Option<Entry>) {
        self.backlog.fetch_add(frame.len(), Ordering::Relaxed);
        self.wish(Wish::Received(frame, companion));
    }

    /// Appends an entry that need not be durable by itself.
    pub fn note(&self, entry: Entry) {
        self.wish(Wish::Entry(entry));
    }

    /// Bytes of frames that wait to be written.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }

    /// How many received frames are durable, whenever the number has grown. Cancel-safe.
    ///
    /// # Errors
    /// Whatever the file system said.
    pub async fn durable(&mut self) -> io::Result<u64> {
        match self.durable.recv().await {
            Some(done) => done,
            None => Err(io::Error::other("the journal thread is gone")),
        }
    }

    /// Waits until everything that was asked for is durable.
    ///
    /// # Errors
    /// If it cannot be.
    pub async fn sync(&self) -> io::Result<()> {
        let (done, wait) = tokio::sync::oneshot::channel();
        self.wish(Wish::Sync(done));
        wait.await.map_err(|_| io::Error::other("the journal could not be written"))
    }
}

/// The file and the key of what is appended to it.
struct Writer<F> {
    file: F,
    key: EntryKey,
    number: u64,
}

impl<F: Write> Writer<F> {
    fn record(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(|_| io::Error::other("an entry above 4 GiB"))?;
        let mut head = vec![kind];
        head.extend_from_slice(&length.to_be_bytes());
        self.file.write_all(&head)?;
        self.file.write_all(body)
    }

    fn append(&mut self, mut entry: Vec<u8>) -> io::Result<()> {
        self.key.seal(self.number, &mut entry)?;
        self.number += 1;
        self.record(ENTRY_RECORD, &entry)
    }
}

fn append(
    mut writer: Writer<File>,
    mut received: u64,
    waiting: &mpsc::Receiver<Wish>,
    done: &results::UnboundedSender<io::Result<u64>>,
    backlog: &AtomicUsize,
) {
    while let Ok(first) = waiting.recv() {
        let (before, mut answers) = (received, Vec::new());
        let written = std::iter::once(first).chain(waiting.try_iter()).try_for_each(|wish| match wish {
            Wish::Received(frame, companion) => {
                received += 1;
                backlog.fetch_sub(frame.len(), Ordering::Relaxed);
                writer.append(Entry::received(&frame))?;
                companion.map_or(Ok(()), |entry| writer.append(entry.encode()))
            }
            Wish::Entry(entry) => writer.append(entry.encode()),
            Wish::Sync(answer) => {
                answers.push(answer);
                Ok(())
            }
        });
        // Notes alone are not worth a wait for the disk.
        let sync = received > before || !answers.is_empty();
        let written = written.and_then(|()| if sync { writer.file.sync_data() } else { Ok(()) });
        let failed = written.is_err();
        if failed || received > before {
            let _ = done.send(written.map(|()| received));
        }
        if failed {
            // The answers are dropped unsaid: whoever waits for them hears that.
            return;
        }
        for answer in answers {
            // Whoever asked may have gone.
            let _ = answer.send(());
        }
    }
}
