//! The floors of the crate (CONTRIBUTING.md, "Floors"): who may import whom, and what the protocol crate never touches.

use crate::source_tree::{CRATES, files, is_test_path, read, root, split_tests, without_comments_and_literals};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module imports from floors below it; from its own floor only without going round in a circle.
const FLOORS: &[&[&str]] = &[
    &["error", "secret", "codec", "labels", "limits", "crypto", "code_points", "ids", "suite"],
    &["record", "schema", "normalise"],
    &["encode"],
    &["policy", "agreement", "identity", "transcript"],
    &["plan", "explain", "assignment"],
    &["wire"],
    &["round"],
    &["receipt", "audit", "confirm"],
    &["session"],
    &["evidence"],
];

/// Imports that a floor would allow and that are still wrong: the round never sees a record in the clear.
const FORBIDDEN_IMPORTS: &[(&str, &str)] = &[("round", "record"), ("round", "normalise"), ("wire", "record")];

/// What no module of the crate may name: it has no I/O, no clock, no threads, no ambient randomness.
const FORBIDDEN_WORDS: &[&str] =
    &["tokio", "rayon", "getrandom", "thread::spawn", "println!", "eprintln!", "print!", "eprint!", "dbg!"];

/// Modules of the standard library that stand for I/O, clock and threads.
const FORBIDDEN_STD: &[&str] = &["fs", "io", "net", "os", "env", "process", "time", "thread"];

/// Crates that only these files may name.
const RESERVED_CRATES: &[(&str, &[&str])] = &[
    ("curve25519_dalek", &["crypto"]),
    ("sha2", &["crypto"]),
    ("blake3", &["crypto"]),
    ("blindlink_kernels", &["crypto"]),
    ("ed25519_dalek", &["crypto", "identity"]),
];

const MAX_LINES: usize = 700;

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Byte positions at which `needle` stands as whole words in `code`.
fn occurrences<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(needle).map(|(at, _)| at).filter(move |&at| {
        let before = code[..at].chars().next_back();
        let after = code[at + needle.len()..].chars().next();
        let inside = before.is_some_and(is_word) || needle.ends_with(is_word) && after.is_some_and(is_word);
        !inside
    })
}

/// The names right after a path prefix: of `a::b`, `a`; of `{a::b, c}`, both `a` and `c`.
fn first_names(rest: &str) -> Vec<String> {
    let rest = rest.trim_start();
    let Some(group) = rest.strip_prefix('{') else {
        return Vec::from_iter(
            Some(rest.chars().take_while(|c| is_word(*c)).collect()).filter(|s: &String| !s.is_empty()),
        );
    };
    let (mut names, mut depth, mut expecting) = (Vec::new(), 1, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => expecting = true,
            c if is_word(c) && expecting => {
                names.push(group[at..].chars().take_while(|c| is_word(*c)).collect());
                expecting = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// Top-level modules that bare code in the module `own` (path below the crate) names through `crate::` or `super::`.
fn imports(own: &[&str], code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for at in occurrences(code, "crate::") {
        found.extend(first_names(&code[at + "crate::".len()..]));
    }
    for at in occurrences(code, "super::") {
        let mut rest = &code[at..];
        let mut depth = own.len();
        while let Some(above) = rest.strip_prefix("super::") {
            rest = above;
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            found.extend(first_names(rest));
        }
    }
    // Not modules: types and macros re-exported at the root.
    found.retain(|name| name.starts_with(|c: char| c.is_lowercase()));
    if let Some(top) = own.first() {
        found.remove(*top);
    }
    found
}

/// The module path of a file below `src`.
fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> = relative.with_extension("").iter().map(|c| c.to_string_lossy().into_owned()).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// What is wrong in one module's code, its import edges included.
fn check(own: &[&str], code: &str) -> (Vec<String>, BTreeSet<String>) {
    let mut problems = Vec::new();
    let top = own.first().copied().unwrap_or("");
    for needle in FORBIDDEN_WORDS {
        if occurrences(code, needle).next().is_some() {
            problems.push(format!("names `{needle}`"));
        }
    }
    for name in occurrences(code, "std::").flat_map(|at| first_names(&code[at + "std::".len()..])) {
        if FORBIDDEN_STD.contains(&name.as_str()) {
            problems.push(format!("names `std::{name}`"));
        }
    }
    for (name, allowed) in RESERVED_CRATES {
        let named = occurrences(code, name).any(|at| code[at + name.len()..].starts_with("::"));
        if named && !allowed.contains(&top) {
            problems.push(format!("names the crate `{name}`"));
        }
    }
    let imports = imports(own, code);
    for import in &imports {
        match (floor(top), floor(import)) {
            (None, _) => problems.push("is in no floor of the table".to_owned()),
            (_, None) => problems.push(format!("imports `{import}`, which is in no floor of the table")),
            (Some(mine), Some(theirs)) if theirs > mine => {
                problems.push(format!("imports `{import}` from a floor above"))
            }
            _ => {}
        }
        if FORBIDDEN_IMPORTS.contains(&(top, import.as_str())) {
            problems.push(format!("imports `{import}`, which it must not know"));
        }
    }
    (problems, imports)
}

#[test]
fn every_module_keeps_to_its_floor() {
    let src = root().join("protocol/src");
    let mut problems = Vec::new();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen = 0;
    for file in files(&src, "rs") {
        let relative = file.strip_prefix(&src).unwrap();
        if is_test_path(relative) || relative == Path::new("lib.rs") {
            continue;
        }
        seen += 1;
        let path = module_path(relative);
        let own: Vec<&str> = path.iter().map(String::as_str).collect();
        if floor(own[0]).is_none() {
            problems.push(format!("{}: `{}` is in no floor of the table", relative.display(), own[0]));
        }
        let (code, _) = split_tests(&read(&file));
        let (found, imports) = check(&own, &without_comments_and_literals(&code));
        problems.extend(found.into_iter().map(|p| format!("{} {p}", relative.display())));
        edges.entry(own[0].to_owned()).or_default().extend(imports);
    }
    assert!(seen > 10, "only {seen} files were read");
    problems.extend(cycle(&edges).map(|modules| format!("modules import each other in a circle: {modules}")));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Modules that remain when all that import nothing that remains were taken away.
fn cycle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let mut left = edges.clone();
    loop {
        let free: Vec<String> = left
            .iter()
            .filter(|(_, imports)| !imports.iter().any(|i| left.contains_key(i)))
            .map(|(module, _)| module.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|module| {
            left.remove(module);
        });
    }
    (!left.is_empty()).then(|| left.keys().cloned().collect::<Vec<_>>().join(", "))
}

/// In the node, QUIC and TLS have one place.
#[test]
fn the_node_keeps_its_rooms_apart() {
    let src = root().join("node/src");
    let mut problems = Vec::new();
    for file in files(&src, "rs") {
        let relative = file.strip_prefix(&src).unwrap();
        let path = module_path(relative);
        let room = path.first().map_or("", String::as_str);
        let (code, _) = split_tests(&read(&file));
        let code = without_comments_and_literals(&code);
        for name in ["quinn", "rustls"] {
            let named = occurrences(&code, name).any(|at| code[at + name.len()..].starts_with("::"));
            if named && room != "transport" {
                problems.push(format!("{} names `{name}`", relative.display()));
            }
        }
        let own: Vec<&str> = path.iter().map(String::as_str).collect();
        if imports(&own, &code).contains("cli") && room != "main" {
            problems.push(format!("{} imports `cli`", relative.display()));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Crates whose code has `unsafe` in it, of those with these sources.
fn unsafe_crates<'a>(sources: impl Iterator<Item = (&'a str, String)>) -> BTreeSet<&'a str> {
    let found = sources.filter(|(_, code)| {
        let code = without_comments_and_literals(code);
        // A lint about it is none.
        occurrences(&code, "unsafe").any(|at| !code[at..].starts_with("unsafe_"))
    });
    found.map(|(package, _)| package).collect()
}

/// `unsafe` has one place, and all that the protocol computes besides is free of it.
#[test]
fn only_the_kernels_are_unsafe() {
    let root = root();
    let sources = CRATES.iter().flat_map(|package| {
        let folders = ["src", "tests", "benches", "examples"].map(|folder| root.join(package).join(folder));
        folders.into_iter().flat_map(|folder| files(&folder, "rs")).map(|file| (*package, read(&file)))
    });
    assert_eq!(unsafe_crates(sources), BTreeSet::from(["protocol/kernels"]));
    assert!(read(&root.join("protocol/src/lib.rs")).contains("#![forbid(unsafe_code)]"));
    let kernels = read(&root.join("protocol/kernels/Cargo.toml"));
    assert!(kernels.contains("undocumented_unsafe_blocks = \"deny\""), "each block gives its reason");
    let planted = ["fn f() { unsafe { g() } }", "#![forbid(unsafe_code)] // unsafe", "const X: &str = \"unsafe\";"];
    let found = unsafe_crates(["a", "b", "c"].into_iter().zip(planted.map(str::to_owned)));
    assert_eq!(found, BTreeSet::from(["a"]));
}

#[test]
fn no_file_is_too_long() {
    let root = root();
    let long: Vec<String> = CRATES
        .iter()
        .flat_map(|package| files(&root.join(package), "rs"))
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, file)| format!("{}: {lines} lines", file.strip_prefix(&root).unwrap().display()))
        .collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines:\n{}", long.join("\n"));
}

fn problems_of(module: &str, code: &str) -> Vec<String> {
    let own: Vec<&str> = module.split("::").collect();
    check(&own, &without_comments_and_literals(&split_tests(code).0)).0
}

#[test]
fn the_check_sees_what_it_must_see() {
    for (module, code) in [
        ("codec", "use crate::session::Session;"),
        ("codec", "use crate::{error::Error, round::oprf};"),
        ("wire::hello", "fn f() { let _ = crate::receipt::x(); }"),
        ("wire::hello", "use super::super::session;"),
        ("codec", "use super::wire;"),
        ("round::oprf", "use crate::record::Record;"),
        ("round", "use crate::{encode, normalise};"),
        ("encode::bloom", "use blake3::Hasher;"),
        ("session", "fn f() { std::thread::spawn(|| ()); }"),
        ("session", "fn f() { println!(\"x\"); }"),
        ("receipt", "use std::time::Instant;"),
        ("receipt", "use ::std::{collections::BTreeMap, time::{Instant, Duration}};"),
        ("wire", "fn f() { ::blake3::hash(b\"\"); }"),
        ("round::oprf::chunk", "use super::super::super::{encode, session};"),
        ("policy", "use crate::surprise;"),
    ] {
        assert!(!problems_of(module, code).is_empty(), "{module} with {code}");
    }
}

#[test]
fn the_check_leaves_honest_code_alone() {
    for (module, code) in [
        ("codec", "use crate::error::PeerFault; // crate::session"),
        ("codec", "const X: &str = \"std::fs crate::session \\\" tokio\";"),
        ("codec", "const X: &str = r#\"crate::\"session\"#; fn f<'a>(_: &'a u8) -> char { '\"' }"),
        ("round::oprf", "use super::super::crypto::group; use super::agree;"),
        ("crypto::hash", "use blake3::Hasher; pub(crate) fn blake3_of() {}"),
        ("identity", "use ed25519_dalek::Signer;"),
        ("codec", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::session; fn g() { println!(); } }"),
        ("round", "/* crate::record /* nested */ */ use crate::Error;"),
    ] {
        assert_eq!(problems_of(module, code), Vec::<String>::new(), "{module} with {code}");
    }
}

#[test]
fn circles_are_found() {
    let edges = |pairs: &[(&str, &str)]| {
        let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        pairs.iter().for_each(|(a, b)| {
            map.entry((*a).to_owned()).or_default().insert((*b).to_owned());
        });
        map
    };
    assert_eq!(cycle(&edges(&[("a", "b"), ("b", "c")])), None);
    assert_eq!(cycle(&edges(&[("a", "b"), ("b", "a"), ("c", "a")])), Some("a, b, c".to_owned()));
}
