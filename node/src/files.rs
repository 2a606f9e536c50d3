//! Result files that are whole or not there.

use crate::driver::sync_folder;
use crate::exit::{Exit, Failure};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

/// Name beside `path` under which the file is written first.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// Writes `content` to `path` at once: under another name first, made durable, then renamed over it.
///
/// # Errors
/// Whatever the file system says; then `path` is as it was.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let written = create_private(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    if let Err(error) = written {
        // It may not be there at all; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    path.parent().map_or(Ok(()), sync_folder)
}

/// Sees to it before a long round that its result can be written afterwards.
///
/// # Errors
/// [`Exit::CannotCreate`].
pub fn check_writable(path: &Path) -> Result<(), Failure> {
    let failed = Failure::because::<io::Error>(Exit::CannotCreate, format!("cannot write {}", path.display()));
    if path.is_dir() {
        return Err(Failure::new(Exit::CannotCreate, format_args!("{} is a folder", path.display())));
    }
    let temporary = temporary(path);
    create_private(&temporary).and_then(|_| fs::remove_file(&temporary)).map_err(failed)
}

/// Reads a text file that should be there.
///
/// # Errors
/// [`Exit::NoInput`] if it is not, [`Exit::Io`] otherwise.
pub fn read_text(path: &Path, what: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        let exit = match error.kind() {
            io::ErrorKind::NotFound => Exit::NoInput,
            io::ErrorKind::InvalidData => Exit::BadInput,
            _ => Exit::Io,
        };
        Failure::new(exit, format_args!("cannot read {what} {}: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

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
    fn an_impossible_place_is_told_before_the_round() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check_writable(&folder.path().join("no/where.csv")).unwrap_err().exit, Exit::CannotCreate);
        assert_eq!(check_writable(folder.path()).unwrap_err().exit, Exit::CannotCreate);
        check_writable(&folder.path().join("out.csv")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
