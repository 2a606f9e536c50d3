//! No public type name stands for two things in one crate, and files and functions stay small.

use crate::source_tree::{CRATES, files, is_test_path, read, root, split_tests, without_comments_and_literals};
use std::collections::BTreeMap;

/// Names that stand for more than one thing, with the reason.
const SAID_TWICE: &[(&str, &str)] = &[];

/// Lines of a file, at most.
const FILE: usize = 600;
/// Lines of the median file, at most.
const MEDIAN: usize = 200;
/// Lines of a function outside tables and tests, at most.
const FUNCTION: usize = 80;

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Names of the public types that code without comments declares.
fn declared(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in code.lines() {
        let Some(rest) = line.trim_start().strip_prefix("pub ") else { continue };
        for kind in ["struct ", "enum ", "trait ", "type ", "union "] {
            if let Some(name) = rest.strip_prefix(kind).or_else(|| rest.strip_prefix("unsafe ")?.strip_prefix(kind)) {
                // An associated type is no type of the crate.
                if !line.starts_with(' ') {
                    names.push(name.chars().take_while(|c| is_word(*c)).collect());
                }
            }
        }
    }
    names
}

/// Source files of a crate without its tests: path and code without tests, comments and literals.
fn sources(package: &str) -> Vec<(String, String)> {
    let (root, src) = (root(), root().join(package).join("src"));
    let all = files(&src, "rs").into_iter().filter(|file| !is_test_path(file.strip_prefix(&src).unwrap()));
    all.map(|file| {
        let code = without_comments_and_literals(&split_tests(&read(&file)).0);
        (file.strip_prefix(&root).unwrap().display().to_string(), code)
    })
    .collect()
}

fn twice(sources: &[(String, String)]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, code) in sources {
        declared(code).into_iter().for_each(|name| places.entry(name).or_default().push(path));
    }
    let allowed = |name: &str| SAID_TWICE.iter().any(|(known, _)| *known == name);
    let doubled = places.into_iter().filter(|(name, places)| places.len() > 1 && !allowed(name));
    doubled.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect()
}

#[test]
fn no_public_type_name_stands_for_two_things() {
    let found: Vec<String> = CRATES.iter().flat_map(|package| twice(&sources(package))).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_name_that_is_declared_twice_is_found() {
    let planted = [("a.rs".to_owned(), "pub struct X;".to_owned()), ("b.rs".to_owned(), "pub enum X { A }".to_owned())];
    assert_eq!(twice(&planted), ["X: a.rs, b.rs"]);
}

/// Name and lines of each function in the code: from its `fn` to the brace that closes it.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = line.split("fn ").nth(1).filter(|_| !line.trim_end().ends_with(';')) else { continue };
        let close = format!("{}}}", " ".repeat(indent));
        let end = lines[at..].iter().position(|line| *line == close).unwrap_or(0);
        found.push((name.chars().take_while(|c| is_word(*c)).collect(), end + 1));
    }
    found
}

#[test]
fn files_and_functions_stay_small() {
    let mut found = Vec::new();
    for package in CRATES {
        let mut sizes = Vec::new();
        for (path, code) in sources(package) {
            sizes.push(read(&root().join(&path)).lines().count());
            let long = functions(&code).into_iter().filter(|(_, lines)| *lines > FUNCTION);
            found.extend(long.map(|(name, lines)| format!("{path}: `{name}` has {lines} lines")));
        }
        sizes.sort_unstable();
        let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
        if median > MEDIAN {
            found.push(format!("{package}: the median file has {median} lines"));
        }
        for file in files(&root().join(package), "rs") {
            let lines = read(&file).lines().count();
            if lines > FILE {
                found.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
