//! Maintenance: while the file `maintenance` is there, the node takes no rounds. It holds the time at which that ends.

use super::data_dir::DataDir;
use super::error::StoreError;
use crate::sys::files::write_whole;
use std::fs;
use std::io;
use std::path::PathBuf;

fn path(data: &DataDir) -> PathBuf {
    data.path().join("maintenance")
}

/// Until when the node takes no rounds; 0 if it takes them at `now`. A file that cannot be read closes for an hour from
/// now: whoever wrote it meant to close.
#[must_use]
pub fn closed_until(data: &DataDir, now: u64) -> u64 {
    match fs::read_to_string(path(data)) {
        Ok(text) => text.trim().parse().ok().map_or(now + 3600, |until| if until > now { until } else { 0 }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(_) => now + 3600,
    }
}

/// Takes no rounds until a time.
///
/// # Errors
/// [`StoreError::Io`].
pub fn close(data: &DataDir, until: u64) -> Result<(), StoreError> {
    write_whole(&path(data), format!("{until}\n").as_bytes()).map_err(StoreError::io("cannot note the maintenance"))
}

/// Takes rounds again.
///
/// # Errors
/// [`StoreError::Io`].
pub fn open(data: &DataDir) -> Result<(), StoreError> {
    match fs::remove_file(path(data)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("cannot end the maintenance")(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_ends_at_its_time_or_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().into())).unwrap();
        assert_eq!(closed_until(&data, 10), 0);
        close(&data, 100).unwrap();
        assert_eq!((closed_until(&data, 99), closed_until(&data, 100)), (100, 0));
        fs::write(path(&data), "until tomorrow").unwrap();
        assert_eq!(closed_until(&data, 100), 3700, "what cannot be read closes");
        open(&data).unwrap();
        open(&data).unwrap();
        assert_eq!(closed_until(&data, 10), 0);
    }
}
