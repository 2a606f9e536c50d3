//! `blindlink lists check`: what a list is, before anything is done with it. No value of a person is printed.

use super::page::page;
use super::report::{Filled, Keyed, Report};
use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::{base_policy, mapping};
use crate::output;
use crate::output::printed;
use blindlink::encode::encode;
use blindlink::policy::CheckedPolicy;
use blindlink::record::Record;
use blindlink_node::store::StoreError;
use blindlink_node::store::results::check_new;
use blindlink_sources::clean;
use blindlink_sources::detect::{Look, cells, look};
use blindlink_sources::{FileError, Format, Reading, Source};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Values that are shown, at most, and signs of each.
const VALUES_SHOWN: usize = 20;
const LONGEST_SHOWN: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The list
    file: PathBuf,
    #[command(flatten)]
    list: MapArgs,
    /// Write a draft of a mapping, with the evidence for it, to a file that is not there yet
    #[arg(long, value_name = "MAP.toml")]
    draft: Option<PathBuf>,
    /// Write the list as it was read, as CSV that needs no mapping, to a file that is not there yet
    #[arg(long, value_name = "CLEAN.csv")]
    out: Option<PathBuf>,
    /// Write the report as one HTML page to a file that is not there yet
    #[arg(long, value_name = "REPORT.html")]
    html: Option<PathBuf>,
    /// Policy file, for its declared fields and tables; without one, the default policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print the first values that were left out or read otherwise, too. Only on a terminal
    #[arg(long, conflicts_with = "json")]
    show_values: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        for path in [&self.draft, &self.out, &self.html].into_iter().flatten() {
            check_new(path)?;
        }
        if self.show_values && !std::io::stdout().is_terminal() {
            // What a person's record says does not go into a file, or to another program, by accident.
            return Err(Failure::new(Exit::Usage, "--show-values prints values of persons, and only on a terminal"));
        }
        let (policy, _) = base_policy(self.policy.as_deref())?;
        let policy = policy.validate()?;
        let mut map = mapping(self.list.map.as_deref())?;
        let reading = Reading { mapping: map.as_ref(), ..Reading { lanes: None, ..Reading::new(&policy) } };
        let steps = steps();
        let bytes =
            fs::read(&self.file).map_err(StoreError::reading(format!("cannot read {}", self.file.display())))?;
        let bytes = Zeroizing::new(bytes);
        let cannot =
            |error: FileError| Failure::new(Exit::BadInput, format_args!("in {}: {error}", self.file.display()));
        steps.set_message("looking at the columns");
        let seen = match Format::of(&self.file) {
            Format::Csv => Some(look(&bytes, &reading).map_err(cannot)?),
            _ => None,
        };
        if let (Some(path), Some(seen)) = (&self.draft, &seen) {
            written(path, seen.draft().as_bytes())?;
        }
        // Columns that are not known are told, not refused: this command looks.
        let unknown = seen.iter().flat_map(|seen| &seen.columns).filter(|column| column.field.is_none());
        let unknown: Vec<usize> = unknown.map(|column| column.position).collect();
        if !unknown.is_empty() {
            map.get_or_insert_default().ignore_unknown = true;
        }
        let reading = Reading { mapping: map.as_ref(), ..Reading { lanes: None, ..Reading::new(&policy) } };
        steps.set_position(1);
        steps.set_message("reading the rows");
        let source = blindlink_sources::read(bytes.as_slice(), Format::of(&self.file), &reading).map_err(cannot)?;
        if let Some(path) = &self.out {
            written(path, &clean::csv(&source.records, &policy.policy().fields))?;
        }
        steps.set_position(2);
        steps.set_message("looking who can be found by what");
        let report = report(&source, seen, unknown, &policy);
        steps.finish_and_clear();
        if let Some(path) = &self.html {
            written(path, page(&report)?.as_bytes())?;
        }
        printed(output::print(self.json, &report, || text(&report)))?;
        if self.show_values && Format::of(&self.file) == Format::Csv {
            let shown = values(&bytes, &reading, &source).map_err(cannot)?;
            printed(output::print(false, &report, || shown.to_string()))?;
        }
        if report.used == 0 {
            let rows = blindlink_sources::tally::in_words(&report.rows_by_reason);
            return Err(Failure::new(
                Exit::NoUsableRecord,
                format_args!("{}: no row can be used: {rows}", self.file.display()),
            ));
        }
        Ok(())
    }
}

/// The values that were left out or read otherwise, the first of them.
fn values(bytes: &[u8], reading: &Reading<'_>, source: &Source) -> Result<Zeroizing<String>, FileError> {
    let faults = source.rejects.iter().chain(&source.told).filter_map(|told| Some((told, told.problem.column()?)));
    let faults: Vec<_> = faults.take(VALUES_SHOWN).collect();
    let wanted: Vec<(u64, &str)> = faults.iter().map(|(told, column)| (told.line, *column)).collect();
    let mut text = Zeroizing::new("\nVALUES OF PERSONS: NOT FOR OTHERS\n".to_owned());
    for ((told, column), cell) in faults.iter().zip(cells(bytes, reading, &wanted)?) {
        let Some(cell) = cell else { continue };
        // A list must not write to the terminal what it likes.
        let plain = |c: char| if c.is_control() || is_bidi_control(c) { '\u{fffd}' } else { c };
        let cell: Zeroizing<String> = Zeroizing::new(cell.chars().take(LONGEST_SHOWN).map(plain).collect());
        let _ = writeln!(text, "line {:<6} {column}: `{}`: {}", told.line, *cell, told.problem);
    }
    Ok(text)
}

/// Signs that change the order in which a terminal shows others.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn written(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(Failure::because(Exit::CannotCreate, path.display()))
}

/// How far the command is; hidden where standard error is no terminal.
fn steps() -> ProgressBar {
    let bar = ProgressBar::new(3);
    let style = ProgressStyle::with_template("[{bar:20}] {msg}, {elapsed}");
    style.into_iter().for_each(|style| bar.set_style(style.progress_chars("=> ")));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(0)
}

fn report(source: &Source, look: Option<Look>, unknown_columns: Vec<usize>, policy: &CheckedPolicy) -> Report {
    let records = &source.records;
    let encoded = encode(&policy.encoding(), records);
    let keyed =
        |at: usize| encoded.iter().filter(|r| r.tokens.get(at).is_some_and(|tokens| !tokens.is_empty())).count();
    let tables = policy.policy().tables.iter().enumerate();
    let keys = tables.map(|(at, table)| {
        let found = keyed(at);
        Keyed { table: table.name.clone(), records: found, percent: percent(found, records.len()) }
    });
    Report {
        schema: "blindlink.lists/v1",
        rows: source.rows(),
        used: records.len(),
        left_out: source.rejects.len(),
        values_left_out: source.values_left_out(),
        look,
        unknown_columns,
        rows_by_reason: source.rows_by_reason(),
        values_by_reason: source.values_by_reason(),
        completeness: completeness(records),
        duplicates: duplicates(records),
        keys: keys.collect(),
        without_key: encoded.iter().filter(|record| record.tokens.iter().all(Vec::is_empty)).count(),
    }
}

fn completeness(records: &[Record]) -> Vec<Filled> {
    type Has = fn(&blindlink::record::PersonIdentity) -> bool;
    let fields: [(&'static str, Has); 7] = [
        ("names", |i| !i.names.is_empty()),
        ("birth_date", |i| !i.births.is_empty()),
        ("sex", |i| !i.sexes.is_empty()),
        ("nationality", |i| !i.nationalities.is_empty()),
        ("birth_place", |i| !i.birth_places.is_empty()),
        ("document_number", |i| !i.documents.is_empty()),
        ("phone or email", |i| !i.contacts.is_empty()),
    ];
    let filled = |has: Has| records.iter().filter(|record| record.identities.iter().any(has)).count();
    let all = fields.into_iter().map(|(field, has)| (field, filled(has)));
    all.map(|(field, n)| Filled { field, records: n, percent: percent(n, records.len()) }).collect()
}

/// Records whose names and dates of birth are all those of another one.
fn duplicates(records: &[Record]) -> usize {
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    for record in records {
        let mut key: Vec<String> = Vec::new();
        for identity in &record.identities {
            key.extend(identity.names.iter().map(|name| blindlink::normalise::text::folded(&name.text)));
            let date = |birth: &blindlink::record::Birth| {
                let date = birth.date.date;
                format!("{} {:?} {:?}", date.year, date.month, date.day)
            };
            key.extend(identity.births.iter().map(date));
        }
        key.sort();
        if !key.is_empty() {
            *seen.entry(key).or_default() += 1;
        }
    }
    seen.into_values().filter(|n| *n > 1).sum()
}

fn text(report: &Report) -> String {
    let mut text = format!(
        "{} rows: {} records used, {} left out; {} values left out of records that are used\n",
        report.rows, report.used, report.left_out, report.values_left_out
    );
    if let Some(look) = &report.look {
        let separator = match look.separator {
            '\t' => "tab".to_owned(),
            sign => format!("`{sign}`"),
        };
        text += &format!(
            "file            {}, columns between {separator}, {} columns\n",
            look.encoding,
            look.columns.len()
        );
        if let Some(guess) = &look.encoding_guess {
            text += &format!("                looks like {guess}: a guess, confirm it in a mapping (--draft)\n");
        }
    }
    for position in &report.unknown_columns {
        text += &format!("column {position:<9}is not known and was passed over here; name it in a mapping (--draft)\n");
    }
    for (what, tallies) in [("ROWS LEFT OUT", &report.rows_by_reason), ("VALUES", &report.values_by_reason)] {
        if !tallies.is_empty() {
            text += &format!("\n{what}\n");
        }
        for tally in tallies {
            let used = if tally.used { " (used)" } else { "" };
            text += &format!("{:8} {}{used}, first on line {}\n", tally.count, tally.words, tally.first_line);
        }
    }
    text += "\nRECORDS WITH A VALUE\n";
    for filled in &report.completeness {
        text += &format!("{:>6} %  {}\n", filled.percent, filled.field);
    }
    text += "\nRECORDS THAT CAN BE FOUND BY\n";
    for key in &report.keys {
        text += &format!("{:>6} %  {}\n", key.percent, key.table);
    }
    text += &format!("{:>8}  records have no key at all: nobody can find them\n", report.without_key);
    if report.duplicates > 0 {
        text += &format!(
            "{:>8}  records share all names and dates of birth with another one of the list\n",
            report.duplicates
        );
    }
    text
}
