//! Replays the test vectors of `vectors/` against the protocol crate (`vectors/README.md`).
//!
//! Nothing is skipped in silence: an unknown file, layer or key, a missing layer and a test that could not be run are
//! all failures.

mod admission;
mod agreed;
mod agreement;
mod audit;
mod audit_log;
mod bins;
mod budget;
mod case;
mod confirm;
mod encode;
mod evidence;
mod file_round;
mod going_on;
mod group;
mod hashes;
mod inquiry;
mod log_head;
mod normalise;
mod oprf;
mod policy;
mod records;
mod round;
pub mod schema;
mod session;
mod settling;
pub mod similar;
mod stores;
mod strict;
mod tables;
#[cfg(test)]
mod tests;
mod trees;

use case::{Case, Envelope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use strict::Whole;

/// Folder of the vectors of this version.
const VERSION: &str = "v2";
/// What lies beside it.
const BESIDE: &[&str] = &["replay", "README.md", "LICENSE", "schemas", VERSION];

/// Runs all tests of one file's document.
type Runner = fn(Envelope) -> Outcome;

/// What came of a file.
struct Outcome {
    failures: Vec<Failure>,
    /// Figures, where the layer has some.
    suite: Option<similar::Suite>,
}

/// Every layer, from the bottom up.
const LAYERS: &[(&str, Runner)] = &[
    ("group_decode", run::<group::Decode>),
    ("group_uniform", run::<group::Uniform>),
    ("rfc9497", run::<oprf::Rfc9497>),
    ("dleq", run::<oprf::Dleq>),
    ("keyed_hash", run::<hashes::KeyedHash>),
    ("labelled_hash", run::<hashes::LabelledHash>),
    ("prf", run::<hashes::KeyedFunction>),
    ("bin_oprf", run::<bins::BinOprf>),
    ("bin_proof", run::<bins::BinProof>),
    ("key_proof", run::<bins::KeyProof>),
    ("oprf_code", run::<trees::Code>),
    ("oprf_query", run::<trees::Query>),
    ("cuckoo_bins", run::<tables::CuckooBins>),
    ("cuckoo_place", run::<tables::CuckooPlace>),
    ("okvs", run::<tables::Okvs>),
    ("table", run::<stores::Table>),
    ("base_ot", run::<tables::BaseOt>),
    ("ot_trees", run::<tables::OtTrees>),
    ("ot_extension", run::<tables::OtExtension>),
    ("commitment", run::<agreed::Committed>),
    ("transcript", run::<agreed::Transcript>),
    ("receipt", run::<agreed::Receipts>),
    ("late_id", run::<settling::Late>),
    ("copies", run::<settling::Copies>),
    ("seals", run::<settling::Seals>),
    ("claims", run::<agreed::Claims>),
    ("round", run::<round::Round>),
    ("normalise_forms", run::<normalise::Forms>),
    ("normalise_skeletons", run::<normalise::Skeletons>),
    ("normalise_names", run::<normalise::Names>),
    ("normalise_values", run::<normalise::Values>),
    ("records", run::<records::List>),
    ("encode", run::<encode::Encode>),
    ("similar", similar::run),
    ("policy", run::<policy::Policies>),
    ("agreement", run::<agreement::Terms>),
    ("admission", run::<admission::Admission>),
    ("budget", run::<budget::Budget>),
    ("audit_proof", run::<audit::Proof>),
    ("audit_note", run::<audit::Signed>),
    ("audit_proof_file", run::<audit::ProofFile>),
    ("audit_log", run::<audit_log::Files>),
    ("log_head", run::<log_head::LogHeads>),
    ("resume", run::<going_on::Resume>),
    ("turn", run::<going_on::Turn>),
    ("file_binding", run::<going_on::Binding>),
    ("session", session::run),
    ("file_round", run::<file_round::FileRound>),
    ("inquiry", run::<inquiry::Inquiries>),
    ("check_words", run::<inquiry::Words>),
    ("confirm", run::<confirm::Runs>),
    ("confirm_notice", run::<confirm::Notices>),
    ("evidence", evidence::run),
    ("evidence_sample", run::<evidence::Sample>),
];

/// A test that did not go as its file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Number of the test in its file.
    pub id: u64,
    /// What the test is about.
    pub comment: String,
    /// Output or field that differs, and what the file says.
    pub expected: String,
    /// What the library gave.
    pub got: String,
}

/// One file's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// File name.
    pub name: String,
    /// Tests in it.
    pub tests: usize,
    /// Those that failed.
    pub failures: Vec<Failure>,
    /// Figures of a suite that allows misses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<similar::Suite>,
}

/// The result of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Name of this report's form.
    pub schema: &'static str,
    /// Files that could be read.
    pub files: Vec<FileReport>,
    /// Files, layers and keys that could not.
    pub problems: Vec<String>,
}

impl Report {
    /// Tests run.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.files.iter().map(|f| f.tests).sum()
    }

    /// Whether every layer was there and every test went as its file says.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.problems.is_empty() && self.tests() > 0 && self.files.iter().all(|f| f.failures.is_empty())
    }
}

/// Replays a folder of vectors (the one that holds `v2/` and `schemas/`).
#[must_use]
pub fn replay(dir: &Path) -> Report {
    let mut report = Report { schema: "blindlink.vectors/v1", files: Vec::new(), problems: Vec::new() };
    for name in names(dir, &mut report.problems) {
        if !BESIDE.contains(&name.as_str()) {
            report.problems.push(format!("{name}: nobody knows this file"));
        }
    }
    let mut seen = BTreeSet::new();
    for name in names(&dir.join(VERSION), &mut report.problems) {
        match read(dir, &name) {
            Ok(envelope) => {
                seen.insert(envelope.layer.clone());
                let Some((_, runner)) = LAYERS.iter().find(|(layer, _)| *layer == envelope.layer) else {
                    report.problems.push(format!("{name}: unknown layer `{}`", envelope.layer));
                    continue;
                };
                let tests = envelope.tests.len();
                let Outcome { failures, suite } = runner(envelope);
                report.files.push(FileReport { name, tests, failures, suite });
            }
            Err(why) => report.problems.push(format!("{name}: {why}")),
        }
    }
    for (layer, _) in LAYERS.iter().filter(|(layer, _)| !seen.contains(*layer)) {
        report.problems.push(format!("layer `{layer}` is missing"));
    }
    report
}

/// Names in a folder, sorted.
fn names(dir: &Path, problems: &mut Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    match std::fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => names.extend(entries.iter().map(|e| e.file_name().to_string_lossy().into_owned())),
        Err(e) => problems.push(format!("{}: {e}", dir.display())),
    }
    names.sort();
    names
}

fn read(dir: &Path, name: &str) -> Result<Envelope, String> {
    let text = std::fs::read_to_string(dir.join(VERSION).join(name)).map_err(|e| e.to_string())?;
    let Whole(value) = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let envelope = Envelope::deserialize(&value).map_err(|e| e.to_string())?;
    fits(dir, &envelope.schema, &value)?;
    if envelope.tests.is_empty() || envelope.tests.len() != envelope.count {
        return Err(format!("it holds {} tests, and says that it holds {}", envelope.tests.len(), envelope.count));
    }
    Ok(envelope)
}

/// Whether a file is as its schema says.
fn fits(dir: &Path, schema: &str, value: &serde_json::Value) -> Result<(), String> {
    let text = std::fs::read_to_string(dir.join(schema)).map_err(|_| format!("its schema `{schema}` is not there"))?;
    let Whole(rules) = serde_json::from_str(&text).map_err(|e| format!("its schema `{schema}`: {e}"))?;
    schema::hold(value, schema, rules)
}

/// Runs every test of a file as a case of one layer.
fn run<C: Case>(envelope: Envelope) -> Outcome {
    // A share belongs to the suite alone.
    let stray = envelope.least_percent.keys().next().map(|rule| Failure {
        id: 0,
        comment: "least_percent".to_owned(),
        expected: "no such member in this layer".to_owned(),
        got: rule.clone(),
    });
    let tests = envelope.tests.into_iter().zip(1..);
    let failures = tests.filter_map(|(test, number)| test.failure::<C>(number, &envelope.notes));
    Outcome { failures: stray.into_iter().chain(failures).collect(), suite: None }
}
