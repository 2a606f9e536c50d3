//! `blindlink vectors replay`

use super::shared::printed;
use crate::exit::{Exit, Failure};
use crate::{output, vectors};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Vectors {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Replay a folder of test vectors; nothing is skipped.
    Replay {
        /// The folder that holds `v1/` and `schemas/`
        dir: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn text(report: &vectors::Report) -> String {
    let mut text = String::new();
    for file in &report.files {
        text += &format!("{:<28} {:5} tests, {} failed\n", file.name, file.tests, file.failures.len());
        for failure in &file.failures {
            let vectors::Failure { id, comment, expected, got } = failure;
            text += &format!("  test {id} ({comment})\n    expected {expected}\n    got      {got}\n");
        }
    }
    for problem in &report.problems {
        text += &format!("{problem}\n");
    }
    text + &format!("{} tests in {} files\n", report.tests(), report.files.len())
}

impl Vectors {
    pub(super) fn run(self) -> Result<(), Failure> {
        let What::Replay { dir, json } = self.what;
        let report = vectors::replay(&dir);
        if report.passed() {
            return printed(output::print(json, &report, || text(&report)));
        }
        // With --json the failure is the one object; the details go to standard error.
        let failed = report.files.iter().map(|file| file.failures.len()).sum::<usize>();
        eprint!("{}", text(&report));
        Err(Failure::new(
            Exit::Vectors,
            format_args!("{failed} of {} tests failed, {} problems", report.tests(), report.problems.len()),
        ))
    }
}
