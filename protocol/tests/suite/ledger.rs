//! The validation ledger: every requirement `V-AREA-nnn` of `spec/` is cited by the code that meets it and by a test or
//! vector that shows it, and every ID that is cited is defined.
//!
//! A requirement is defined where its ID begins a line of a chapter, list and table marks aside.

use crate::source_tree::{CRATES, files, is_test_path, read, root, split_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The table that this test writes: no chapter of its own.
const CONFORMANCE: &str = "92-conformance.md";

/// All IDs in a text, with their positions.
fn ids(text: &str) -> Vec<(usize, String)> {
    text.match_indices("V-")
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-'))
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            let area = rest.find('-').map(|n| &rest[..n]).filter(|a| !a.is_empty())?;
            let number = rest.get(area.len() + 1..area.len() + 4)?;
            let more = rest[area.len() + 4..].chars().next().is_some_and(|c| c.is_alphanumeric());
            let shaped = area.bytes().all(|b| b.is_ascii_uppercase()) && number.bytes().all(|b| b.is_ascii_digit());
            (shaped && !more).then(|| (at, format!("V-{area}-{number}")))
        })
        .collect()
}

/// IDs that begin a line.
fn defined(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let start = line.trim_start_matches([' ', '-', '*', '|', '#', '`', '>', '[']);
            ids(start).into_iter().find(|(at, _)| *at == 0).map(|(_, id)| id)
        })
        .collect()
}

/// What does not add up, one line each.
fn problems(spec: &BTreeMap<String, String>, code: &str, tests: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut chapters: BTreeMap<String, &str> = BTreeMap::new();
    for (chapter, text) in spec {
        for id in defined(text) {
            if let Some(first) = chapters.insert(id.clone(), chapter) {
                wrong.push(format!("{id} is defined in {first} and again in {chapter}"));
            }
        }
    }
    let cited = |text: &str| ids(text).into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>();
    let (in_code, in_tests) = (cited(code), cited(tests));
    let in_spec = spec.values().flat_map(|text| cited(text)).collect::<BTreeSet<_>>();
    for (id, chapter) in &chapters {
        if !in_code.contains(id) {
            wrong.push(format!("{id} ({chapter}) is not cited in the code"));
        }
        if !in_tests.contains(id) {
            wrong.push(format!("{id} ({chapter}) is not cited in a test or vector"));
        }
    }
    let all = in_code.union(&in_tests).cloned().collect::<BTreeSet<_>>();
    for id in all.union(&in_spec).filter(|id| !chapters.contains_key(*id)) {
        wrong.push(format!("{id} is cited and defined nowhere"));
    }
    wrong
}

/// A text with its path from the root.
type Named = (String, String);

/// The chapters, the code, and the tests and vectors.
fn sources() -> (BTreeMap<String, String>, Vec<Named>, Vec<Named>) {
    let root = root();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    let chapters = files(&root.join("spec"), "md").into_iter().filter(|path| !path.ends_with(CONFORMANCE));
    // By the path within the folder: two files may have one name, and neither may hide the other.
    let within = |path: &Path| path.strip_prefix(root.join("spec")).unwrap().to_string_lossy().into_owned();
    let spec = chapters.map(|path| (within(&path), read(&path))).collect();
    let (mut code, mut tests) = (Vec::new(), Vec::new());
    for package in CRATES {
        let src = root.join(package).join("src");
        for path in files(&src, "rs") {
            let text = read(&path);
            if is_test_path(path.strip_prefix(&src).unwrap()) {
                tests.push((name(&path), text));
            } else {
                let (own, inline) = split_tests(&text);
                code.push((name(&path), own));
                tests.push((name(&path), inline));
            }
        }
        // This file's own examples are no citations.
        let shown = files(&root.join(package).join("tests"), "rs");
        tests.extend(shown.iter().filter(|path| !path.ends_with("ledger.rs")).map(|path| (name(path), read(path))));
    }
    tests.extend(files(&root.join("vectors/v2"), "json").iter().map(|path| (name(path), read(path))));
    (spec, code, tests)
}

/// All texts as one.
fn whole(texts: &[Named]) -> String {
    texts.iter().map(|(_, text)| text.as_str()).collect()
}

/// The conformance table: where each requirement is defined, met and shown.
fn conformance((spec, code, tests): &(BTreeMap<String, String>, Vec<Named>, Vec<Named>)) -> String {
    let citing = |texts: &[Named]| {
        let mut by_id: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, text) in texts {
            for (_, id) in ids(text) {
                by_id.entry(id).or_default().insert(format!("`{name}`"));
            }
        }
        by_id
    };
    let (code, tests) = (citing(code), citing(tests));
    let mut defined_in: BTreeMap<String, &str> = BTreeMap::new();
    for (chapter, text) in spec {
        defined_in.extend(defined(text).into_iter().map(|id| (id, chapter.as_str())));
    }
    let list = |by_id: &BTreeMap<String, BTreeSet<String>>, id: &str| {
        by_id.get(id).map_or(String::new(), |names| names.iter().cloned().collect::<Vec<_>>().join(", "))
    };
    let mut table = String::from(
        "# 92. Conformance\n\nEvery requirement, the chapter that defines it, the code that meets it, and the tests and \
         vectors that show it. Written by `BLINDLINK_WRITE_LEDGER=1 cargo test -p blindlink --test suite ledger`; that test \
         fails if this file is not what it would write, or if a requirement has an empty cell.\n\n\
         | requirement | chapter | code | tests and vectors |\n|---|---|---|---|\n",
    );
    for (id, chapter) in &defined_in {
        let number = chapter.split('-').next().unwrap_or_default();
        table.push_str(&format!("| {id} | [{number}]({chapter}) | {} | {} |\n", list(&code, id), list(&tests, id)));
    }
    table
}

#[test]
fn requirements_code_and_tests_agree() {
    let (spec, code, tests) = sources();
    assert!(spec.contains_key("README.md") && spec.contains_key("tables/README.md"));
    let wrong = problems(&spec, &whole(&code), &whole(&tests));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_conformance_table_is_up_to_date() {
    let (path, table) = (root().join("spec").join(CONFORMANCE), conformance(&sources()));
    if std::env::var_os("BLINDLINK_WRITE_LEDGER").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert!(table.lines().count() > 100);
    assert!(!table.contains("|  |"), "a requirement has an empty cell");
    assert!(read(&path) == table, "{CONFORMANCE} is out of date: see its first lines");
}

#[test]
fn the_check_sees_each_kind_of_gap() {
    let spec = |text: &str| BTreeMap::from([("x.md".to_owned(), text.to_owned())]);
    let chapter = "- **V-OKVS-001** The band MUST have 256 bits, see V-OKVS-001.\n| V-OKVS-002 | table |\n";
    let all = "V-OKVS-001 V-OKVS-002";
    assert_eq!(problems(&spec(chapter), all, all), Vec::<String>::new());
    for (spec_text, code, tests, expected) in [
        (chapter, "V-OKVS-001", all, "V-OKVS-002 (x.md) is not cited in the code"),
        (chapter, all, "V-OKVS-002", "V-OKVS-001 (x.md) is not cited in a test or vector"),
        (chapter, "V-OKVS-001 V-OKVS-002 V-OT-009", all, "V-OT-009 is cited and defined nowhere"),
        ("V-A-001 x\nV-A-001 y", "V-A-001", "V-A-001", "V-A-001 is defined in x.md and again in x.md"),
        ("V-A-001 as in V-A-002", "V-A-001", "V-A-001", "V-A-002 is cited and defined nowhere"),
    ] {
        assert_eq!(problems(&spec(spec_text), code, tests), vec![expected.to_owned()]);
    }
}

#[test]
fn ids_have_one_shape() {
    let found = |text: &str| ids(text).into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    assert_eq!(found("(V-POLICY-003), V-OT-010."), ["V-POLICY-003", "V-OT-010"]);
    assert_eq!(found("V-POLICY-03 V-policy-003 V-OT-0100 XV-OT-010 V-OT-01x V-"), Vec::<String>::new());
}
