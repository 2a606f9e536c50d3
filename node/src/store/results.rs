//! Result files: pairs for the requester, claimed records for the responder.

use super::csv_text::CsvText;
use super::database::{KeptPair, News};
use super::error::StoreError;
use crate::sys::files::{Draft, sweep};
use blindlink::session::Role;
use std::path::{Path, PathBuf};

/// Checks before a long round that its result can be written afterwards. Removes what a killed process left beside it.
///
/// # Errors
/// [`StoreError::Output`], [`StoreError::IsFolder`].
pub fn check_writable(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(StoreError::IsFolder(path.to_owned()));
    }
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
        sweep(folder, Some(name));
    }
    Draft::create(path).map(drop).map_err(StoreError::output(format!("cannot write {}", path.display())))
}

/// As [`check_writable`], and that nothing is there yet: a result is never written over another.
///
/// # Errors
/// As [`check_writable`], [`StoreError::Exists`].
pub fn check_new(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(StoreError::IsFolder(path.to_owned()));
    }
    if path.exists() {
        return Err(StoreError::Exists(path.to_owned()));
    }
    check_writable(path)
}

/// `matches.csv` to `matches-1a2b3c4d5e6f7081.csv`.
#[must_use]
pub fn with_round(path: &Path, round: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let tag = round.get(..16).unwrap_or(round);
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{tag}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{tag}"),
    };
    path.with_file_name(name)
}

/// The result as CSV: `own_id,peer_pseudonym,grade,tables` for the requester, else `own_id,peer_pseudonym`.
///
#[must_use]
pub fn text(role: Role, pairs: &[KeptPair]) -> Vec<u8> {
    let mut rows = CsvText::default();
    match role {
        Role::Requester => rows.row(&["own_id", "peer_pseudonym", "grade", "tables"]),
        Role::Responder => rows.row(&["own_id", "peer_pseudonym"]),
    }
    for pair in pairs {
        let pseudonym = hex::encode(pair.pseudonym);
        match pair.grade {
            Some(grade) => rows.row(&[&pair.own_id, &pseudonym, grade.name(), &pair.tables.join("|")]),
            None => rows.row(&[&pair.own_id, &pseudonym]),
        }
    }
    rows.finish()
}

/// As [`text`] for the requester, with a last column `new` that says why a pair is told as new.
#[must_use]
pub fn news_text(role: Role, news: &News) -> Vec<u8> {
    let mut rows = CsvText::default();
    match role {
        Role::Requester => rows.row(&["own_id", "peer_pseudonym", "grade", "tables", "new"]),
        Role::Responder => rows.row(&["own_id", "peer_pseudonym", "new"]),
    }
    for (pair, why) in &news.pairs {
        let pseudonym = hex::encode(pair.pseudonym);
        match pair.grade {
            Some(grade) => rows.row(&[&pair.own_id, &pseudonym, grade.name(), &pair.tables.join("|"), why.name()]),
            None => rows.row(&[&pair.own_id, &pseudonym, why.name()]),
        }
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_impossible_place_is_told_before_the_round() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_writable(&folder.path().join("no/where.csv")).is_err());
        assert!(check_writable(folder.path()).is_err());
        std::fs::write(folder.path().join("old.csv"), "x").unwrap();
        assert!(matches!(check_new(&folder.path().join("old.csv")), Err(StoreError::Exists(_))));
        check_new(&folder.path().join("new.csv")).unwrap();
        check_writable(&folder.path().join("out.csv")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
