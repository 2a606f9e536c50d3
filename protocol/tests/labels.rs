//! The label registry of `spec/91-labels.md` and the code agree, and no label has two uses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use blindlink::labels::ALL;
use std::collections::BTreeSet;

#[test]
fn registry_and_code_have_the_same_labels() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/91-labels.md");
    let text = std::fs::read_to_string(path).unwrap();
    let registered: BTreeSet<&str> = text.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).collect();
    let used: BTreeSet<&str> = ALL.iter().map(|(_, text)| *text).collect();
    assert_eq!(used.len(), ALL.len(), "two names for one label");
    assert_eq!(registered, used);
    assert!(used.iter().all(|l| l.starts_with("blindlink/1 ")));
}
