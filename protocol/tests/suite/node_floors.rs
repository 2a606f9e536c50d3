//! The floors of the node (ARCHITECTURE.md, "Floors of `node/`"), and what its crates never name.

use crate::source_tree::{files, is_test_path, read, root, split_tests, without_comments_and_literals};
use std::collections::BTreeSet;
use std::path::Path;

/// A module imports from its own floor and from those below it.
const FLOORS: &[&[&str]] = &[
    &["sys"],
    &["store", "transport"],
    &["driver"],
    &["error", "failure_code"],
    &["admission", "event", "own_list"],
    &["round", "evidence"],
    &["service"],
];

/// Imports that a floor would allow and that are still wrong.
const FORBIDDEN_IMPORTS: &[(&str, &str)] = &[("store", "transport"), ("transport", "store")];

/// Words that no file of the node may hold: the command line, its exit codes, and what has a crate of its own.
const FORBIDDEN_WORDS: &[&str] = &[
    "clap",
    "indicatif",
    "basin",
    "toml_edit",
    "csv",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "ExitCode",
    "Exit",
];

/// Names that only these modules may use.
const RESERVED: &[(&str, &[&str])] = &[("quinn", &["transport"]), ("rustls", &["transport"]), ("DataDir", HAVE_FOLDER)];

/// Modules that may name the data folder.
const HAVE_FOLDER: &[&str] = &["store", "admission", "round", "evidence", "service"];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn holds(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_some_and(is_word);
        let after = code[at + word.len()..].chars().next().is_some_and(is_word);
        !(before || after && word.ends_with(is_word))
    })
}

/// Modules that the code names right after `crate::`, groups included.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let end = group.find('}').unwrap_or(group.len());
                found.extend(group[..end].split(',').map(word));
            }
            None => drop(found.insert(word(rest))),
        }
    }
    found.retain(|name| name.starts_with(char::is_lowercase));
    found
}

/// What is wrong in a file of this top module.
fn problems(top: &str, code: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for word in FORBIDDEN_WORDS.iter().filter(|word| holds(code, word)) {
        problems.push(format!("names `{word}`"));
    }
    for (name, allowed) in RESERVED {
        if holds(code, name) && !allowed.contains(&top) {
            problems.push(format!("names `{name}`"));
        }
    }
    for import in imports(code).into_iter().filter(|import| import != top) {
        match (floor(top), floor(&import)) {
            (None, _) => problems.push("is on no floor".to_owned()),
            (_, None) => problems.push(format!("imports `{import}`, which is on no floor")),
            (Some(mine), Some(theirs)) if theirs > mine => problems.push(format!("imports `{import}` from above")),
            _ if FORBIDDEN_IMPORTS.contains(&(top, &import)) => problems.push(format!("imports `{import}`")),
            _ => {}
        }
    }
    problems
}

fn top(relative: &Path) -> String {
    relative.with_extension("").iter().next().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_module_of_the_node_keeps_to_its_floor() {
    let src = root().join("node/src");
    let (mut found, mut seen) = (Vec::new(), 0);
    for file in files(&src, "rs") {
        let relative = file.strip_prefix(&src).unwrap();
        if is_test_path(relative) || relative == Path::new("lib.rs") {
            continue;
        }
        seen += 1;
        let code = without_comments_and_literals(&split_tests(&read(&file)).0);
        found.extend(problems(&top(relative), &code).into_iter().map(|p| format!("{} {p}", relative.display())));
    }
    assert!(seen > 40, "only {seen} files were read");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn planted_violations_are_found() {
    for (module, code) in [
        ("sys", "use crate::store::DataDir;"),
        ("store", "use crate::driver::DriveError;"),
        ("store", "use crate::{sys::clock, transport::Channel};"),
        ("driver", "use crate::store::DataDir;"),
        ("driver", "fn f() { quinn::Endpoint::x() }"),
        ("round", "use crate::service::Service;"),
        ("error", "struct Exit(u8);"),
        ("round", "fn f() { println!(\"x\") }"),
        ("admission", "use crate::surprise;"),
    ] {
        assert!(!problems(module, code).is_empty(), "{module}: {code}");
    }
    assert_eq!(
        problems("round", "use crate::{admission::Admission, store::StoreError}; // exit"),
        Vec::<String>::new()
    );
}

/// What the node's manifest must not depend on: each has its place in another crate.
#[test]
fn the_node_depends_on_no_command_line_and_no_statistics() {
    let manifest = read(&root().join("node/Cargo.toml"));
    let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap();
    for name in ["clap", "indicatif", "basin", "toml_edit", "csv", "anyhow", "blindlink-lab", "blindlink-vectors"] {
        let named = dependencies.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(name));
        assert!(!named, "node/Cargo.toml names `{name}`");
    }
}
