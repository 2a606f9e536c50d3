//! `blindlink vectors`: checks this build against the published test vectors.

use super::shared::printed;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::vectors::{Report, replay};
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Vectors {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Replay the test vectors of a folder and say which fail.
    Replay {
        /// The folder that holds `v1/` and `schemas/`, as this project's `vectors/` does
        dir: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl Vectors {
    pub(super) fn run(self) -> Result<(), Failure> {
        let What::Replay { dir, json } = self.what;
        if !dir.is_dir() {
            return Err(Failure::new(Exit::NoInput, format_args!("{} is no folder", dir.display())));
        }
        let report = replay(&dir);
        printed(output::print(json, &report, || text(&report)))?;
        if report.passed() {
            return Ok(());
        }
        Err(Failure::new(Exit::BadInput, "not every vector passed: this build or these vectors are wrong"))
    }
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    for file in &report.files {
        let state = if file.failures.is_empty() { "ok    " } else { "FAILED" };
        let _ = writeln!(out, "{state} {} ({} tests)", file.name, file.tests);
        for failure in &file.failures {
            let _ = writeln!(out, "       test {}: {}", failure.id, failure.comment);
            let _ = writeln!(out, "         expected {}", failure.expected);
            let _ = writeln!(out, "         got      {}", failure.got);
        }
    }
    for problem in &report.problems {
        let _ = writeln!(out, "FAILED {problem}");
    }
    let _ = writeln!(out, "{} tests in {} files", report.tests(), report.files.len());
    out
}
