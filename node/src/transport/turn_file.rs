//! Turns of a round by files on disk (spec chapter 17): written frame by frame, and read twice, once to check them whole
//! and once to use them.

use crate::sys::files::{create_private, sync_folder};
use blindlink::Error;
use blindlink::error::PeerFault;
use blindlink::identity::IdentityKey;
use blindlink::ids::FrameDigest;
use blindlink::transcript::frame_digest;
use blindlink::wire::turn::{self, ExpectedTurn, HEADER_BYTES, TurnDigest, TurnHeader};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use thiserror::Error as ThisError;

/// Extension of a turn's file.
pub const EXTENSION: &str = "turn";

/// Why a turn cannot be read.
#[derive(Debug, ThisError)]
pub enum TurnError {
    /// The system says so.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not the turn that comes next, or not whole.
    #[error("{0}")]
    Refused(#[from] Error),
}

impl From<PeerFault> for TurnError {
    fn from(fault: PeerFault) -> Self {
        Self::Refused(fault.into())
    }
}

/// Name of a turn's file: the beginning of the exchange, and the number.
#[must_use]
pub fn name(header: &TurnHeader) -> String {
    let exchange = hex::encode(&header.exchange.as_bytes()[..4]);
    format!("{exchange}-{:02}.{EXTENSION}", header.number)
}

/// A turn that is being written, under a name that is not yet its own.
#[derive(Debug)]
pub struct TurnWriter {
    file: BufWriter<File>,
    temporary: PathBuf,
    path: PathBuf,
    digest: TurnDigest,
    frames: u32,
}

impl TurnWriter {
    /// Begins a turn in `folder`.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn create(folder: &Path, header: &TurnHeader) -> io::Result<Self> {
        let name = name(header);
        let (temporary, path) = (folder.join(format!(".{name}.tmp")), folder.join(name));
        // What a crash left of an earlier attempt.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = BufWriter::with_capacity(1 << 20, create_private(&temporary)?);
        file.write_all(&header.encode())?;
        Ok(Self { file, temporary, path, digest: TurnDigest::new(header), frames: 0 })
    }

    /// Appends a frame, whose digest this is.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn frame(&mut self, frame: &[u8], digest: &FrameDigest) -> io::Result<()> {
        let length = u32::try_from(frame.len()).map_err(|_| io::Error::other("a frame above 4 GiB"))?;
        self.digest.push(digest);
        self.frames += 1;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(frame)
    }

    /// Frames so far.
    #[must_use]
    pub const fn frames(&self) -> u32 {
        self.frames
    }

    /// Signs the turn and makes it durable, still under its temporary name. Gives its digest.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn sign(mut self, identity: &IdentityKey) -> io::Result<Signed> {
        self.file.write_all(&[0; 4])?;
        self.file.write_all(&self.digest.trailer(identity))?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(Signed { temporary: self.temporary, path: self.path, digest: self.digest.finish() })
    }
}

/// A turn that is signed and durable.
#[derive(Debug)]
pub struct Signed {
    temporary: PathBuf,
    path: PathBuf,
    /// Its digest.
    pub digest: [u8; 32],
}

impl Signed {
    /// Gives the file its name; that is where it is to be carried from.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn publish(self) -> io::Result<PathBuf> {
        fs::rename(&self.temporary, &self.path)?;
        self.path.parent().map_or(Ok(()), sync_folder)?;
        Ok(self.path)
    }
}

/// A turn that was checked whole.
#[derive(Clone, Debug)]
pub struct CheckedTurn {
    path: PathBuf,
    /// Its digest.
    pub digest: [u8; 32],
    /// Digests of its frames.
    pub frames: Vec<FrameDigest>,
}

/// Reads the header of the file at `path`, if it is a turn.
///
/// # Errors
/// [`TurnError`].
pub fn header(path: &Path) -> Result<TurnHeader, TurnError> {
    read_header(&mut File::open(path)?)
}

fn read_header(file: &mut impl Read) -> Result<TurnHeader, TurnError> {
    Ok(TurnHeader::decode(&read_up_to(file, HEADER_BYTES)?)?)
}

/// The next `count` bytes; fewer only at the end.
fn read_up_to(file: &mut impl Read, count: usize) -> Result<Vec<u8>, TurnError> {
    let mut bytes = Vec::new();
    file.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the whole file and checks that it is the turn that comes next. Nothing of it is used before.
///
/// # Errors
/// [`TurnError::Refused`] as [`ExpectedTurn::check`] says.
pub fn check(path: &Path, expected: &ExpectedTurn) -> Result<CheckedTurn, TurnError> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let turn::CheckedTurn { digest, frames } = turn::check(expected, |count| read_up_to(&mut file, count))?;
    Ok(CheckedTurn { path: path.to_owned(), digest, frames })
}

impl CheckedTurn {
    /// Its frames, in order. Each is the one that was checked, whatever became of the file since.
    ///
    /// # Errors
    /// [`TurnError`].
    pub fn open(&self) -> Result<impl Iterator<Item = Result<Vec<u8>, TurnError>>, TurnError> {
        let mut file = BufReader::with_capacity(1 << 20, File::open(&self.path)?);
        read_header(&mut file)?;
        let mut next = move || turn::next_frame(|count| read_up_to(&mut file, count));
        Ok(self.frames.iter().map(move |digest| match next()? {
            Some(frame) if frame_digest(&frame) == *digest => Ok(frame),
            _ => Err(PeerFault::BadSignature.into()),
        }))
    }
}
