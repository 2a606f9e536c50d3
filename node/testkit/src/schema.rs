//! What commands print for machines, held against the schemas in `docs/schemas`.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Where the schema of this name lies.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(format!("{name}.json"))
}

/// The name of the schema that an object says it follows.
#[must_use]
pub fn name(printed: &Value) -> Option<&str> {
    if printed.get("error").is_some() {
        return Some("error");
    }
    printed["schema"].as_str()?.strip_prefix("blindlink.")?.strip_suffix("/v1")
}

/// Holds an object against its schema, if there is one.
pub fn hold(printed: &Value) {
    let Some(path) = name(printed).map(file).filter(|path| path.exists()) else { return };
    let rules: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    if let Err(problem) = blindlink_vectors::schema::hold(printed, &path.display().to_string(), rules) {
        panic!("{problem}\n{printed:#}");
    }
}
