//! V-LABEL-001: the label registry of `spec/91-labels.md` and the code agree, and no label has two uses.

use crate::source_tree;

use blindlink::labels::ALL;
use std::collections::BTreeSet;

#[test]
fn registry_and_code_have_the_same_labels() {
    let text = source_tree::read(&source_tree::root().join("spec/91-labels.md"));
    let registered: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).collect();
    let used: Vec<&str> = ALL.iter().map(|(_, text)| *text).collect();
    assert_eq!(registered, used);
    assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), used.len(), "two names for one label");
    assert!(used.iter().all(|l| l.starts_with("blindlink/1 ") || l.starts_with("blindlink/2 ")));
}
