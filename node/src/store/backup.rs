//! A backup of the data folder: one file, sealed under a key that is kept elsewhere.
//!
//! It holds what a node needs to be itself again: its keys, peers, configuration, agreements, audit log, memory of lists, and
//! the database. It holds no journal of a round that is open, and none that is over: an open round that came back would
//! open what it hides (V-RESUME-017). Lists and result files are the operator's own.

use super::data_dir::DataDir;
use super::database::{self, Database};
use super::error::StoreError;
use super::journal::{StorageKey, ValueKey};
use super::keys::{BACKUP_LINE, read_key, write_key};
use crate::sys::clock;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::{create_private_folder, is_draft, write_new};
use blindlink::codec::{DecodeError, Reader, Writer};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use zeroize::Zeroizing;

/// First bytes of a backup.
const MAGIC: &[u8] = b"blindlink-backup/1\n";
/// Longest backup that is read, in bytes.
const MAX_FILE: u64 = 4 << 30;
/// Longest name of a file in it.
const MAX_NAME: usize = 1024;
/// Files of the folder itself that are kept.
const FILES: [&str; 4] = ["identity.key", "storage.key", "peers.toml", "blindlink.toml"];
/// Folders that are kept whole.
const FOLDERS: [&str; 4] = ["agreements", "policies", "audit", "memory"];

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupContents {
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// Names of its files, in the data folder.
    pub files: Vec<String>,
}

fn bad(path: &Path, what: &str) -> StoreError {
    StoreError::Config(format!("{}: {what}", path.display()))
}

/// Makes a key for backups.
///
/// # Errors
/// [`StoreError::Output`] if the file exists already or cannot be written.
pub fn create_key(path: &Path) -> Result<(), StoreError> {
    let secret = fresh_secret().map_err(StoreError::Entropy)?;
    write_key(path, BACKUP_LINE, &secret).map_err(StoreError::output(format!("cannot create {}", path.display())))
}

fn key(path: &Path) -> Result<StorageKey, StoreError> {
    read_key(path, BACKUP_LINE, "no key for backups").map(StorageKey::new)
}

/// All files below a folder, drafts and locks aside.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if entry.is_dir() {
            below(&entry, found)?;
        } else if !is_draft(&name) && name != "lock" {
            found.push(entry);
        }
    }
    Ok(())
}

/// Writes a backup to a file that must not exist.
///
/// # Errors
/// [`StoreError::Config`] if there is no node or no key; [`StoreError::Database`]; [`StoreError::Io`], [`StoreError::Output`].
pub fn write(data: &DataDir, key_path: &Path, out: &Path) -> Result<BackupContents, StoreError> {
    data.identity()?;
    let (key, storage) = (key(key_path)?, data.storage()?);
    let failed = |path: &Path| StoreError::io(format!("cannot read {}", path.display()));
    // A copy of the database that is whole, whatever is being written.
    let copy = tempfile::tempdir_in(data.path()).map_err(StoreError::io("cannot copy the database"))?;
    let database = copy.path().join("node.db");
    Database::open(data, &storage)?.copy_to(&database)?;
    let mut paths: Vec<(String, PathBuf)> = vec![("node.db".into(), database)];
    paths.extend(
        FILES.iter().map(|name| ((*name).to_owned(), data.path().join(name))).filter(|(_, path)| path.exists()),
    );
    for folder in FOLDERS {
        let mut found = Vec::new();
        below(&data.path().join(folder), &mut found).map_err(StoreError::io("cannot read the data folder"))?;
        let name = |path: &PathBuf| path.strip_prefix(data.path()).ok().and_then(Path::to_str).map(str::to_owned);
        paths.extend(found.into_iter().filter_map(|path| name(&path).map(|name| (name, path))));
    }
    let made = clock::now();
    let mut contents = Vec::with_capacity(paths.len());
    for (name, path) in &paths {
        contents.push((name, Zeroizing::new(fs::read(path).map_err(failed(path))?)));
    }
    // A buffer that grows leaves copies of the keys behind.
    let length: usize = contents.iter().map(|(name, content)| 2 + name.len() + 8 + content.len()).sum();
    let mut w = Writer::with_capacity(8 + 4 + length);
    w.u64(made).u32(u32::try_from(contents.len()).unwrap_or(u32::MAX));
    for (name, content) in &contents {
        w.str16(name).u64(content.len() as u64).bytes(content);
    }
    let plain = Zeroizing::new(w.finish());
    let (fresh, sealed_key) = key.fresh_value_key().map_err(StoreError::io("cannot seal the backup"))?;
    let sealed = fresh.seal(MAGIC, &plain).map_err(StoreError::io("cannot seal the backup"))?;
    let mut file = Writer::with_capacity(MAGIC.len() + 2 + sealed_key.len() + sealed.len());
    file.bytes(MAGIC).vec16(&sealed_key).bytes(&sealed);
    write_new(out, &file.finish()).map_err(StoreError::output(format!("cannot write {}", out.display())))?;
    Ok(BackupContents { made, files: paths.into_iter().map(|(name, _)| name).collect() })
}

type Files = BTreeMap<String, Zeroizing<Vec<u8>>>;

fn opened(path: &Path, key_path: &Path) -> Result<(u64, Files), StoreError> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_FILE) {
        return Err(bad(path, "too long for a backup"));
    }
    let bytes = fs::read(path).map_err(StoreError::reading(format!("cannot read {}", path.display())))?;
    let body = bytes.strip_prefix(MAGIC).ok_or_else(|| bad(path, "no backup of this release"))?;
    let mut r = Reader::new(body);
    let sealed_key = r.vec16(1024, "key").map_err(|_| bad(path, "damaged"))?;
    let sealed = body.get(2 + sealed_key.len()..).unwrap_or_default();
    let fresh: ValueKey =
        key(key_path)?.value_key(sealed_key).ok_or_else(|| bad(path, "it was not sealed under this key"))?;
    let plain = fresh.open(MAGIC, sealed).ok_or_else(|| bad(path, "damaged"))?;
    Reader::all(&plain, files).map_err(|_| bad(path, "damaged"))
}

fn files(r: &mut Reader<'_>) -> Result<(u64, Files), DecodeError> {
    let (made, count) = (r.u64()?, r.u32()?);
    let mut files = Files::new();
    for _ in 0..count {
        let name = r.str16(MAX_NAME, "name")?.to_owned();
        let length = usize::try_from(r.u64()?).map_err(|_| DecodeError::Truncated)?;
        // It was sealed by this node, and still no file may land outside of the folder.
        if Path::new(&name).components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err(DecodeError::BadField("name"));
        }
        files.insert(name, Zeroizing::new(r.bytes(length)?.to_vec()));
    }
    Ok((made, files))
}

/// What a backup holds, without restoring it.
///
/// # Errors
/// [`StoreError::Config`] if it is damaged or sealed under another key; [`StoreError::Missing`].
pub fn read(path: &Path, key_path: &Path) -> Result<BackupContents, StoreError> {
    let (made, files) = opened(path, key_path)?;
    Ok(BackupContents { made, files: files.into_keys().collect() })
}

/// Restores a backup into a folder that has no node yet. Nothing that is there is written over.
///
/// # Errors
/// As [`read`]; [`StoreError::Config`] if there is a node in the folder; [`StoreError::Io`].
pub fn restore(data: &DataDir, path: &Path, key_path: &Path) -> Result<BackupContents, StoreError> {
    let (made, files) = opened(path, key_path)?;
    let taken = FILES.iter().any(|name| data.path().join(name).exists()) || database::path(data).exists();
    if taken {
        return Err(bad(data.path(), "there is a node here: a backup is restored into an empty folder only"));
    }
    let failed = |path: &Path| StoreError::io(format!("cannot write {}", path.display()));
    // The identity comes last: before it is there, there is no node.
    let mut names: Vec<&String> = files.keys().collect();
    names.sort_by_key(|name| *name == "identity.key");
    for name in names {
        let path = data.path().join(name);
        if let Some(folder) = path.parent() {
            create_private_folder(folder).map_err(failed(folder))?;
        }
        write_new(&path, files.get(name).map_or(&[][..], |content| content.as_slice())).map_err(failed(&path))?;
    }
    Ok(BackupContents { made, files: files.into_keys().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::RoundFilter;

    fn folder() -> (tempfile::TempDir, DataDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
        let key = folder.path().join("backup.key");
        create_key(&key).unwrap();
        (folder, data, key)
    }

    #[test]
    fn a_node_comes_back_without_its_rounds() {
        let (folder, data, key) = folder();
        let id = data.init().unwrap().key().id();
        let storage = data.storage().unwrap();
        Database::open(&data, &storage).unwrap();
        fs::write(data.path().join("peers.toml"), "").unwrap();
        create_private_folder(&data.path().join("audit/tile")).unwrap();
        fs::write(data.path().join("audit/tile/0"), "SENTINEL").unwrap();
        fs::write(data.path().join("audit/lock"), "").unwrap();
        fs::write(data.rounds().unwrap().join("1-aa.open"), "never back").unwrap();
        let out = folder.path().join("backup");
        let made = write(&data, &key, &out).unwrap();
        assert!(write(&data, &key, &out).is_err(), "never written over");
        let bytes = fs::read(&out).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"SENTINEL"), "sealed");
        assert_eq!(read(&out, &key).unwrap().made, made.made);

        let other = DataDir::locate(Some(folder.path().join("other"))).unwrap();
        let back = restore(&other, &out, &key).unwrap();
        assert_eq!(other.identity().unwrap().key().id(), id);
        assert_eq!(fs::read(other.path().join("audit/tile/0")).unwrap(), b"SENTINEL");
        assert!(back.files.iter().all(|name| !name.starts_with("rounds") && !name.ends_with("lock")), "{back:?}");
        let db = Database::open(&other, &other.storage().unwrap()).unwrap();
        assert!(db.rounds(&RoundFilter::default()).unwrap().is_empty());
        assert!(restore(&other, &out, &key).is_err(), "there is a node");
    }

    #[test]
    fn a_changed_backup_and_another_key_are_refused() {
        let (folder, data, key) = folder();
        data.init().unwrap();
        let out = folder.path().join("backup");
        write(&data, &key, &out).unwrap();
        let good = fs::read(&out).unwrap();
        for at in [0, MAGIC.len() + 1, MAGIC.len() + 40, good.len() / 2, good.len() - 1] {
            let mut changed = good.clone();
            changed[at] ^= 1;
            fs::write(&out, &changed).unwrap();
            assert!(read(&out, &key).is_err(), "byte {at}");
        }
        fs::write(&out, &good).unwrap();
        let other = folder.path().join("other.key");
        create_key(&other).unwrap();
        let said = read(&out, &other).unwrap_err().to_string();
        assert!(said.ends_with("it was not sealed under this key"), "{said}");
    }
}
