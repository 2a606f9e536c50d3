//! `blindlink vectors replay`

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
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
        /// The folder that holds `v2/` and `schemas/`
        dir: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Print the figures of the suite `similar` as Markdown, and its misses, instead of the list of files.
        #[arg(long, conflicts_with = "json")]
        figures: bool,
    },
}

fn text(report: &blindlink_vectors::Report) -> String {
    let mut text = String::new();
    for file in &report.files {
        text += &format!("{:<28} {:5} tests, {} failed\n", file.name, file.tests, file.failures.len());
        for failure in &file.failures {
            let blindlink_vectors::Failure { id, comment, expected, got } = failure;
            text += &format!("  test {id} ({comment})\n    expected {expected}\n    got      {got}\n");
        }
    }
    for problem in &report.problems {
        text += &format!("{problem}\n");
    }
    text + &format!("{} tests in {} files\n", report.tests(), report.files.len())
}

/// The suite's table and every pair that was missed.
fn figures(report: &blindlink_vectors::Report) -> String {
    let suites: Vec<_> = report.files.iter().filter_map(|file| file.suite.as_ref()).collect();
    let mut text = blindlink_vectors::similar::markdown(&suites);
    for file in &report.files {
        for blindlink_vectors::Failure { id, comment, expected, got } in
            file.suite.iter().flat_map(|suite| &suite.misses)
        {
            text += &format!("\n- {} test {id} ({comment}): {expected}; {got}", file.name);
        }
    }
    text + "\n"
}

impl Vectors {
    pub(super) fn run(self) -> Result<(), Failure> {
        let What::Replay { dir, json, figures: wanted } = self.what;
        let report = blindlink_vectors::replay(&dir);
        if report.passed() {
            return printed(output::print(json, &report, || if wanted { figures(&report) } else { text(&report) }));
        }
        // With --json the failure is the one object; the details go to standard error.
        let failed = report.files.iter().map(|file| file.failures.len()).sum::<usize>();
        if wanted {
            eprint!("{}", figures(&report));
        }
        eprint!("{}", text(&report));
        Err(Failure::new(
            Exit::Vectors,
            format_args!("{failed} of {} tests failed, {} problems", report.tests(), report.problems.len()),
        ))
    }
}
