//! No two modules of a crate import each other, directly or in a circle. A module may use what its ancestors define: a
//! folder's `mod.rs` is the vocabulary of the files in it.

use crate::source_tree::{files, is_test_path, read, root, split_tests, without_comments_and_literals};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Sources of the crates.
const CRATES: &[&str] = &[
    "protocol/src",
    "protocol/kernels/src",
    "node/src",
    "node/sources/src",
    "node/lab/src",
    "node/cli/src",
    "vectors/replay/src",
];

type Modules = BTreeMap<Vec<String>, String>;

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths that begin at `rest`, groups resolved: of `a::{b, c::d}`, `a::b` and `a::c::d`.
fn paths(rest: &str, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    let mut at = 0;
    loop {
        at += rest[at..].len() - rest[at..].trim_start().len();
        if rest[at..].starts_with('{') {
            at += 1;
            while at < rest.len() && !rest[at..].starts_with('}') {
                at += paths(&rest[at..], &path, found).max(1);
            }
            return at + 1;
        }
        let word: String = rest[at..].chars().take_while(|c| is_word(*c)).collect();
        at += word.len();
        if !word.is_empty() {
            path.push(word);
        }
        if !rest[at..].starts_with("::") {
            if path.len() > before.len() {
                found.push(path);
            }
            return at;
        }
        at += 2;
    }
}

/// Paths below the crate that the code of a module names.
fn named(own: &[String], code: &str, modules: &Modules) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let children: BTreeSet<&str> = modules
        .keys()
        .filter(|path| path.len() == own.len() + 1 && path.starts_with(own))
        .filter_map(|path| path.last().map(String::as_str))
        .collect();
    let mut at = 0;
    while let Some(start) = code[at..].find(is_word).map(|n| at + n) {
        let word: String = code[start..].chars().take_while(|c| is_word(*c)).collect();
        let fresh = !code[..start].ends_with("::");
        let end = start + word.len();
        at = end;
        if !fresh || !code[end..].starts_with("::") {
            continue;
        }
        let (base, mut rest) = match word.as_str() {
            "crate" => (Vec::new(), end + 2),
            "self" => (own.to_vec(), end + 2),
            "super" => (own[..own.len().saturating_sub(1)].to_vec(), end + 2),
            child if children.contains(child) => (own.to_vec(), start),
            _ => continue,
        };
        let mut base = base;
        while code[rest..].starts_with("super::") {
            base.pop();
            rest += "super::".len();
        }
        paths(&code[rest..], &base, &mut found);
    }
    found
}

/// The module that a path leads to: its longest beginning that is one.
fn target(path: &[String], modules: &Modules) -> Option<Vec<String>> {
    (1..=path.len()).rev().map(|n| path[..n].to_vec()).find(|path| modules.contains_key(path))
}

fn edges(modules: &Modules) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let imports = |own: &Vec<String>, code: &String| {
        let targets = named(own, code, modules).into_iter().filter_map(|path| target(&path, modules));
        targets.filter(|to| !own.starts_with(to)).collect()
    };
    modules.iter().map(|(own, code)| (own.clone(), imports(own, code))).collect()
}

/// Modules that can be reached from themselves, with the module through which.
fn circles(modules: &Modules) -> Vec<String> {
    let edges = edges(modules);
    let reach = |from: &Vec<String>| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            next.extend(edges.get(module).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
        }
        seen
    };
    let through = |module: &Vec<String>| {
        let back = edges[module].iter().filter(|to| reach(to).contains(module)).map(|to| to.join("::"));
        back.collect::<Vec<_>>().join(", ")
    };
    let round = edges.keys().filter(|module| reach(module).contains(*module));
    round.map(|module| format!("{} -> {}", module.join("::"), through(module))).collect()
}

fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> = relative.with_extension("").iter().map(|c| c.to_string_lossy().into_owned()).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

fn of_crate(src: &str) -> Modules {
    let src = root().join(src);
    let mut modules = Modules::new();
    for file in files(&src, "rs") {
        let relative = file.strip_prefix(&src).unwrap();
        let path = module_path(relative);
        if !is_test_path(relative) && !path.is_empty() {
            modules.insert(path, without_comments_and_literals(&split_tests(&read(&file)).0));
        }
    }
    modules
}

#[test]
fn no_crate_has_a_circle_of_modules() {
    let mut found = Vec::new();
    for src in CRATES {
        let modules = of_crate(src);
        assert!(modules.len() > 3, "{src}: only {} modules were read", modules.len());
        found.extend(circles(&modules).into_iter().map(|circle| format!("{src}: {circle}")));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let path = |path: &str| path.split("::").map(str::to_owned).collect();
    circles(&files.iter().map(|(own, code)| (path(own), (*code).to_owned())).collect())
}

#[test]
fn planted_circles_are_found() {
    for files in [
        &[("a", "use crate::b::X;"), ("b", "fn f() { crate::a::g() }")][..],
        &[("a", ""), ("a::x", "use super::y::Y;"), ("a::y", "use super::{x::X, z};"), ("a::z", "")],
        &[
            ("a", ""),
            ("a::x", "use crate::{a::{z, y::Y}};"),
            ("a::y", "use super::z::Z;"),
            ("a::z", "use super::x::X;"),
        ],
        &[("a", "mod x; x::f();"), ("a::x", "use crate::b::B;"), ("b", "use crate::a::A;")],
    ] {
        assert!(!planted(files).is_empty(), "{files:?}");
    }
}

#[test]
fn what_a_folder_defines_its_files_may_use() {
    for files in [
        &[("a", "mod x; use x::X;"), ("a::x", "use super::Shared;")][..],
        &[("a", "use crate::b::B;"), ("b", "use core::a::A; fn a() {}")],
        &[("a", ""), ("a::x", "use super::y::Y;"), ("a::y", "use super::Shared; fn x() {}")],
    ] {
        assert_eq!(planted(files), Vec::<String>::new(), "{files:?}");
    }
}
