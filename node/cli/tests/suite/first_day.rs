//! docs/first-day.md, typed as it stands.

use blindlink_testkit::program;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_first_day_goes_as_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lists = folder.path().join("lists");
    let made = Command::new(program())
        .args(["synth", "--records", "500", "--seed", "7", "--out"])
        .arg(&lists)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    for (side, list) in [("north", "b.csv"), ("south", "a.csv")] {
        fs::create_dir(folder.path().join(side)).unwrap();
        fs::copy(lists.join(list), folder.path().join(side).join("list.csv")).unwrap();
    }
    let page = root.join("../../docs/first-day.md");
    let typed = Command::new("python3")
        .arg(root.join("tests/first_day.py"))
        .args([&page, &program(), folder.path()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&typed.stdout);
    assert!(typed.status.success(), "{said}\n{}", String::from_utf8_lossy(&typed.stderr));
    // The limits stand in the script; what it takes now stands here and on the page.
    let takes = "commands {'north': 9, 'south': 8}; files {'north': 6, 'south': 6}; crossings {'both': 2}; \
                 calls {'north': 1, 'south': 1}\n";
    assert!(said.ends_with(takes), "{said}");
}
