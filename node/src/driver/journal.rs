//! The round journal: digests of received frames, durable before anything that depends on them leaves.
//!
//! The file is a line `blindlink-journal/1` and then entries of 40 bytes: number of the frame (8 bytes, big-endian) and
//! its digest (32). It holds nothing from which a record could be read.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use tokio::sync::mpsc as results;

const HEADER: &[u8] = b"blindlink-journal/1\n";

/// Appends digests with one `fsync` for as many as are waiting.
#[derive(Debug)]
pub struct Journal {
    entries: mpsc::Sender<(u64, [u8; 32])>,
    durable: results::UnboundedReceiver<io::Result<Vec<u64>>>,
}

impl Journal {
    /// Creates the file at `path`, which must not exist.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(HEADER)?;
        file.sync_all()?;
        if let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
        let (entries, waiting) = mpsc::channel();
        let (done, durable) = results::unbounded_channel();
        thread::Builder::new().name("journal".into()).spawn(move || append(file, &waiting, &done))?;
        Ok(Self { entries, durable })
    }

    /// Asks for a digest to be made durable.
    pub fn append(&self, seq: u64, digest: [u8; 32]) {
        // A journal that failed has said so through `durable` already.
        let _ = self.entries.send((seq, digest));
    }

    /// The numbers that became durable since the last call, in order. Cancel-safe.
    ///
    /// # Errors
    /// Whatever the file system said.
    pub async fn durable(&mut self) -> io::Result<Vec<u64>> {
        match self.durable.recv().await {
            Some(done) => done,
            None => Err(io::Error::other("the journal thread is gone")),
        }
    }
}

fn append(
    mut file: File,
    waiting: &mpsc::Receiver<(u64, [u8; 32])>,
    done: &results::UnboundedSender<io::Result<Vec<u64>>>,
) {
    while let Ok(first) = waiting.recv() {
        let (mut bytes, mut seqs) = (Vec::new(), Vec::new());
        for (seq, digest) in std::iter::once(first).chain(waiting.try_iter()) {
            bytes.extend_from_slice(&seq.to_be_bytes());
            bytes.extend_from_slice(&digest);
            seqs.push(seq);
        }
        let written = file.write_all(&bytes).and_then(|()| file.sync_data()).map(|()| seqs);
        let failed = written.is_err();
        if done.send(written).is_err() || failed {
            return;
        }
    }
}

/// Makes a new or renamed file's name durable, where the system can.
#[allow(clippy::unnecessary_wraps)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
