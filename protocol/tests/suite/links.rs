//! Every relative link of the documentation leads to a file, and its fragment to a heading there.

use crate::source_tree::{files, read, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Targets of the links in a text: what stands in parentheses after a bracket, outside code.
fn targets(text: &str) -> Vec<&str> {
    let outside = text.lines().filter(|line| !line.starts_with("    ")).flat_map(|line| line.split('`').step_by(2));
    let links = outside.flat_map(|part| part.split("](").skip(1));
    links.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)).collect()
}

/// The fragments of a text's headings, as hosts of repositories make them: lower case, spaces to hyphens, letters,
/// digits, hyphens and underscores kept.
fn fragments(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let keep = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    headings.map(|h| h.to_lowercase().chars().filter(keep).map(|c| if c == ' ' { '-' } else { c }).collect()).collect()
}

/// Links of `text`, which lies in `folder`, that lead nowhere.
fn broken(text: &str, folder: &Path, documents: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let leads = |target: &str| {
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let found = if path.is_empty() { None } else { folder.join(path).canonicalize().ok() };
        let named = match &found {
            Some(path) => documents.get(path).map(String::as_str),
            None if path.is_empty() => Some(text),
            None => return false,
        };
        fragment.is_empty() || named.is_some_and(|text| fragments(text).iter().any(|f| f == fragment))
    };
    let relative = targets(text).into_iter().filter(|t| !t.contains("://") && !t.starts_with("mailto:"));
    relative.filter(|target| !leads(target)).map(str::to_owned).collect()
}

#[test]
fn links_lead_somewhere() {
    let root = root().canonicalize().unwrap();
    let folders = ["spec", "docs", "vectors", "benches", "node", "protocol"].map(|folder| root.join(folder));
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder, "md")).collect();
    let at_top = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(at_top.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    paths.retain(|path| !path.components().any(|part| part.as_os_str() == "target"));
    let documents: BTreeMap<PathBuf, String> = paths.into_iter().map(|path| (path.clone(), read(&path))).collect();
    assert!(documents.len() > 20);
    let wrong: Vec<String> = documents
        .iter()
        .flat_map(|(path, text)| {
            let name = path.strip_prefix(&root).unwrap().display();
            let found = broken(text, path.parent().unwrap(), &documents);
            found.into_iter().map(|target| format!("{name}: {target}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_broken_link_is_seen() {
    let folder = root().join("spec").canonicalize().unwrap();
    let documents = BTreeMap::from([(folder.join("README.md"), "# A `b`, c\n## 2.3 D-e".to_owned())]);
    let found = |text: &str| broken(text, &folder, &documents);
    assert!(
        found("[x](README.md) [x](README.md#a-b-c) [x](#h) [x](https://example.org/no) `H[x](y)`\n\n    H[x](y)\n# H")
            .is_empty()
    );
    assert_eq!(found("[x](README.md#23-d-e) [x](no.md) [x](README.md#b) [x](#x)"), ["no.md", "README.md#b", "#x"]);
}
