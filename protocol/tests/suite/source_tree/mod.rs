//! Reading the repository's own sources, for the tests that enforce its rules.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of the workspace's crates.
pub(crate) const CRATES: [&str; 11] = [
    "protocol",
    "protocol/kernels",
    "node",
    "node/sources",
    "node/lab",
    "node/cli",
    "node/testkit",
    "node/review",
    "node/console",
    "vectors/replay",
    "benches",
];

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_path_buf()
}

/// All files below `dir` with the extension `ext`, but those that a build left there, sorted; none if there is no such folder.
pub(crate) fn files(dir: &Path, ext: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, ext));
        } else if path.extension().is_some_and(|e| e == ext) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file's text.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Whether a path inside a source folder is test code by its name: `tests.rs`, or anything in a folder `tests`.
pub(crate) fn is_test_path(path: &Path) -> bool {
    path.components().any(|c| matches!(c.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

/// The source with comments and the contents of literals replaced by spaces; line breaks stay.
pub(crate) fn without_comments_and_literals(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut i = 0;
    while i < chars.len() {
        let end = literal_or_comment_end(&chars, i);
        if end > i {
            out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

/// Where the comment or literal that begins at `i` ends; `i` itself if none begins there.
fn literal_or_comment_end(chars: &[char], i: usize) -> usize {
    let at = |j: usize| chars.get(j).copied().unwrap_or('\0');
    let word_before = i > 0 && (at(i - 1).is_alphanumeric() || at(i - 1) == '_');
    match at(i) {
        '/' if at(i + 1) == '/' => (i..chars.len()).find(|&j| at(j) == '\n').unwrap_or(chars.len()),
        '/' if at(i + 1) == '*' => {
            let (mut depth, mut j) = (1, i + 2);
            while j < chars.len() && depth > 0 {
                match (at(j), at(j + 1)) {
                    ('/', '*') => (depth, j) = (depth + 1, j + 2),
                    ('*', '/') => (depth, j) = (depth - 1, j + 2),
                    _ => j += 1,
                }
            }
            j
        }
        'r' if !word_before || at(i.wrapping_sub(1)) == 'b' => {
            let hashes = (i + 1..chars.len()).take_while(|&j| at(j) == '#').count();
            let open = i + 1 + hashes;
            if at(open) != '"' {
                return i;
            }
            let closes = |j: usize| at(j) == '"' && (1..=hashes).all(|k| at(j + k) == '#');
            (open + 1..chars.len()).find(|&j| closes(j)).map_or(chars.len(), |j| j + 1 + hashes)
        }
        '"' => {
            let mut j = i + 1;
            while j < chars.len() && at(j) != '"' {
                j += if at(j) == '\\' { 2 } else { 1 };
            }
            (j + 1).min(chars.len())
        }
        // A lifetime has no closing quote right after one character.
        '\'' if at(i + 1) == '\\' => (i + 3..chars.len()).find(|&j| at(j) == '\'').map_or(i, |j| j + 1),
        '\'' if at(i + 2) == '\'' => i + 3,
        _ => i,
    }
}

/// Splits a source into its code and its inline `#[cfg(test)] mod` blocks. Line breaks of the removed parts stay.
pub(crate) fn split_tests(source: &str) -> (String, String) {
    let bare = without_comments_and_literals(source);
    assert_eq!(bare.chars().count(), source.chars().count(), "stripping keeps positions");
    let (bare, raw): (Vec<char>, Vec<char>) = (bare.chars().collect(), source.chars().collect());
    let (mut code, mut tests) = (String::new(), String::new());
    let mut i = 0;
    while i < raw.len() {
        match test_block_end(&bare, i) {
            Some(end) => {
                tests.extend(&raw[i..end]);
                code.extend(raw[i..end].iter().filter(|c| **c == '\n'));
                i = end;
            }
            None => {
                code.push(raw[i]);
                i += 1;
            }
        }
    }
    (code, tests)
}

/// Where the block of `#[cfg(test)] mod name { .. }` that begins at `i` ends.
fn test_block_end(bare: &[char], i: usize) -> Option<usize> {
    const MARK: &str = "#[cfg(test)]";
    if !bare[i..].iter().take(MARK.len()).copied().eq(MARK.chars()) {
        return None;
    }
    let open = (i..bare.len()).find(|&j| matches!(bare[j], '{' | ';'))?;
    if bare[open] == ';' {
        return None;
    }
    let mut depth = 0;
    for (j, c) in bare.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(j + 1);
        }
    }
    Some(bare.len())
}
