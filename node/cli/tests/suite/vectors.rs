//! `blindlink vectors replay`, as an auditor runs it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn replay(dir: &Path, options: &[&str]) -> Output {
    let command = ["vectors", "replay"];
    Command::new(blindlink_testkit::program()).args(command).arg(dir).args(options).output().unwrap()
}

#[test]
fn published_vectors_pass_and_the_report_lists_every_file() {
    let output = replay(&vectors(), &["--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "blindlink.vectors/v1");
    let files = std::fs::read_dir(vectors().join("v2")).unwrap().count();
    assert_eq!(report["files"].as_array().unwrap().len(), files);
    assert_eq!(report["problems"], serde_json::json!([]));
}

#[test]
fn what_fails_is_named_and_the_exit_code_says_so() {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["v2", "schemas"] {
        std::fs::create_dir(copy.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(vectors().join(folder)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
        }
    }
    let path = copy.path().join("v2/prf.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let output = document["tests"][0]["output"].as_str().unwrap().replace('0', "1");
    document["tests"][0]["output"] = output.clone().into();
    std::fs::write(&path, document.to_string()).unwrap();

    let result = replay(copy.path(), &[]);
    assert_eq!(result.status.code(), Some(50));
    let said = String::from_utf8(result.stderr).unwrap();
    assert!(said.contains("test 1 (at nothing)") && said.contains(&format!("expected output {output}")), "{said}");
    assert!(said.contains("got      ") && said.contains("round.json"), "{said}");

    let result = replay(copy.path(), &["--json"]);
    let error: Value = serde_json::from_slice(&result.stdout).unwrap();
    assert_eq!(error["error"]["code"], "E_VECTORS");
}

#[test]
fn a_folder_that_is_not_there_is_no_success() {
    let result = replay(Path::new("no such folder"), &[]);
    assert_eq!(result.status.code(), Some(50));
    assert!(String::from_utf8(result.stderr).unwrap().contains("no such folder"));
}
