//! Files that are whole or not there.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::{Builder, NamedTempFile};

/// Age from which on a draft that nobody has locked was left behind: its lock comes a moment after its name.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

/// Creates a file that only this user may read; it must not exist.
///
/// # Errors
/// Whatever the file system says.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder, and those above it, that only this user may enter.
///
/// # Errors
/// Whatever the file system says.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a new or renamed file's name durable, where the system can.
///
/// # Errors
/// Whatever the file system says.
#[allow(clippy::unnecessary_wraps)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(named(folder))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The folder of a path that has none in it.
fn named(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// A file that is written under a hidden name, `.NAME.RANDOM.tmp`, until it is whole. Dropped before, it is removed.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    path: PathBuf,
}

impl Draft {
    /// Begins the file that will be `path`; only this user may read it.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let draft = Self::unlocked(path)?;
        // Not every place has locks. No draft there is ever taken for one that was left behind.
        let _ = draft.file.as_file().try_lock();
        Ok(draft)
    }

    /// As [`Draft::create`], where the lock has to hold; it stays with the file.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn create_locked(path: &Path) -> io::Result<Self> {
        let draft = Self::unlocked(path)?;
        draft.file.as_file().lock()?;
        Ok(draft)
    }

    fn unlocked(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        // The library gives the file mode 0600.
        let file = Builder::new().prefix(&format!(".{name}.")).suffix(".tmp").tempfile_in(named(folder))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Where to write.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Makes it durable and gives it its name, whatever has that name now.
    ///
    /// # Errors
    /// Whatever the file system says; then what had the name is as it was.
    pub fn replace(self) -> io::Result<File> {
        self.file.as_file().sync_all()?;
        let file = self.file.persist(&self.path)?;
        self.path.parent().map_or(Ok(()), sync_folder)?;
        Ok(file)
    }

    /// Makes it durable and gives it its name, which nothing may have yet.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`]; whatever else the file system says.
    pub fn publish(self) -> io::Result<File> {
        self.file.as_file().sync_all()?;
        let file = self.file.persist_noclobber(&self.path)?;
        self.path.parent().map_or(Ok(()), sync_folder)?;
        Ok(file)
    }
}

/// The name of which this is a draft's.
fn draft_of(hidden: &OsStr) -> Option<&str> {
    Some(hidden.to_str()?.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?.0)
}

/// Whether a name is that of a draft.
#[must_use]
pub fn is_draft(name: &OsStr) -> bool {
    draft_of(name).is_some()
}

/// Removes the drafts that killed processes left in `folder`: of the file `name`, or of all.
pub fn sweep(folder: &Path, name: Option<&OsStr>) {
    let name = name.map(OsStr::to_string_lossy);
    for entry in fs::read_dir(named(folder)).into_iter().flatten().flatten() {
        let hidden = entry.file_name();
        let meant = draft_of(&hidden).is_some_and(|of| name.as_ref().is_none_or(|name| *name == of));
        if meant && left_behind(&entry.path()) {
            // Who may not remove it may still work here.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// As [`sweep`], of all files of this folder and of those below.
pub fn sweep_all(folder: &Path) {
    sweep(folder, None);
    for entry in fs::read_dir(named(folder)).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep_all(&entry.path());
        }
    }
}

fn left_behind(path: &Path) -> bool {
    let old = fs::symlink_metadata(path).is_ok_and(|meta| {
        let age = meta.modified().ok().and_then(|written| written.elapsed().ok());
        meta.is_file() && age.is_some_and(|age| age > LEFT_BEHIND)
    });
    old && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Waits until no other process holds the lock of this name, and holds it while the file is there.
///
/// # Errors
/// Whatever the file system says.
pub fn lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    file.lock()?;
    Ok(file)
}

/// As [`lock`], without waiting: `None` if another process holds it.
///
/// # Errors
/// Whatever the file system says.
pub fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Writes `content` to `path` at once: under another name first, made durable, then renamed over it.
///
/// # Errors
/// Whatever the file system says; then `path` is as it was.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = Draft::create(path)?;
    draft.file().write_all(content)?;
    draft.replace().map(drop)
}

/// As [`write_whole`], to a name that nothing may have yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; whatever else the file system says.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = Draft::create(path)?;
    draft.file().write_all(content)?;
    draft.publish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary name is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_new_file_is_whole_private_and_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut draft = Draft::create(&path).unwrap();
        draft.file().write_all(b"half").unwrap();
        assert!(!path.exists(), "half of it has no name");
        drop(draft);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "what was not finished is gone");
        write_new(&path, b"one").unwrap();
        assert_eq!(write_new(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn drafts_of_killed_processes_are_removed_and_those_of_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let old = std::time::SystemTime::now() - 2 * LEFT_BEHIND;
        let held = Draft::create(&place("out.csv")).unwrap();
        held.file.as_file().set_modified(old).unwrap();
        for name in [".out.csv.1.tmp", ".other.csv.2.tmp", ".out.csv", "out.csv.tmp"] {
            create_private(&place(name)).unwrap().set_modified(old).unwrap();
        }
        create_private(&place(".out.csv.3.tmp")).unwrap();
        sweep(folder.path(), Some(OsStr::new("out.csv")));
        assert!(!place(".out.csv.1.tmp").exists());
        assert!(held.file.path().exists() && place(".out.csv.3.tmp").exists(), "locked, and just begun");
        sweep(folder.path(), None);
        assert!(!place(".other.csv.2.tmp").exists());
        assert!(held.file.path().exists() && place(".out.csv").exists() && place("out.csv.tmp").exists());
    }
}
