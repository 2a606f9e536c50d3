//! `blindlink evaluate`: links two lists in one process against a known truth.

use crate::evaluate::{Evaluation, Truth, in_the_clear, report, sealed, seeds};
use crate::source::{self, Format, Reading, Source};
use anyhow::{Context, Result, bail, ensure};
use blindlink::policy::{OutputMode, Policy};
use blindlink::record::Record;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

/// Link two lists in one process and compare the result with the truth.
#[derive(Clone, Debug, clap::Args)]
pub struct EvaluateArgs {
    /// The responder's list.
    #[arg(long)]
    a: PathBuf,
    /// The requester's list.
    #[arg(long)]
    b: PathBuf,
    /// The pairs that are one person: a CSV file with `a_id,b_id`.
    #[arg(long)]
    truth: PathBuf,
    /// Policy file; without one, the default policy.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Find the pairs through a sealed round of two sessions in this process, in mutual mode whatever the policy says:
    /// a requester alone could not tell which of the other list's records it found.
    #[arg(long)]
    sealed: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command. The padded sizes of the policy are set to those of the lists.
///
/// # Errors
/// If a file cannot be read or the policy is refused.
pub fn run(args: &EvaluateArgs) -> Result<()> {
    let policy = match &args.policy {
        Some(path) => Policy::from_toml(&fs::read_to_string(path).with_context(|| cannot_read(path))?)?,
        None => Policy::default_policy()?,
    };
    let reading = Reading { fields: &policy.fields, lanes: Some(policy.context.lanes) };
    let (a, b) = (list(&args.a, &reading)?, list(&args.b, &reading)?);
    let truth = truth(&args.truth, &a.records, &b.records)?;
    let size = |records: &[Record]| u32::try_from(records.len()).map(|n| n.max(1));
    let mut policy = policy.clone().with_records(size(&b.records)?, size(&a.records)?);
    if args.sealed {
        policy.round.output = OutputMode::Mutual;
    }
    let policy = policy.validate()?;
    let linked = if args.sealed {
        sealed(&policy, &a.records, &b.records, seeds())?
    } else {
        in_the_clear(&policy, &a.records, &b.records, &seeds())
    };
    let evaluation = report(&policy, &linked, &truth, [a.records.len(), b.records.len()]);
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &evaluation)?;
        writeln!(out)?;
    } else {
        print(&mut out, &evaluation)?;
    }
    Ok(())
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

fn list(path: &Path, reading: &Reading<'_>) -> Result<Source> {
    let file = File::open(path).with_context(|| cannot_read(path))?;
    let source = source::read(BufReader::new(file), Format::of(path), reading)
        .with_context(|| format!("in {}", path.display()))?;
    let mut err = io::stderr().lock();
    for reject in &source.rejects {
        writeln!(err, "{}:{}: left out: {}", path.display(), reject.line, reject.problem)?;
    }
    if !source.rejects.is_empty() {
        writeln!(err, "{}: {} rows left out", path.display(), source.rejects.len())?;
    }
    Ok(source)
}

fn truth(path: &Path, a: &[Record], b: &[Record]) -> Result<Truth> {
    let index = |records: &[Record]| -> HashMap<String, usize> {
        records.iter().enumerate().map(|(i, r)| (r.id.clone(), i)).collect()
    };
    let (a, b) = (index(a), index(b));
    let mut reader = ::csv::Reader::from_path(path).with_context(|| cannot_read(path))?;
    ensure!(reader.headers()?.iter().eq(["a_id", "b_id"]), "{} must begin with `a_id,b_id`", path.display());
    let mut truth = Truth::new();
    for (row, line) in reader.records().zip(2_u64..) {
        let row = row.with_context(|| format!("{} line {line}", path.display()))?;
        match (row.get(0).and_then(|id| a.get(id)), row.get(1).and_then(|id| b.get(id))) {
            (Some(a), Some(b)) => truth.insert((*a, *b)),
            _ => bail!("{} line {line} names a record that neither list has", path.display()),
        };
    }
    Ok(truth)
}

fn print(out: &mut impl Write, e: &Evaluation) -> io::Result<()> {
    writeln!(out, "records       {} and {}", e.records_a, e.records_b)?;
    writeln!(out, "true pairs    {}", e.true_pairs)?;
    writeln!(out, "              reported  precision  recall  F1")?;
    writeln!(out, "all grades    {:8}  {:9.4}  {:6.4}  {:6.4}", e.reported_pairs, e.precision, e.recall, e.f1)?;
    let s = e.strong;
    writeln!(out, "strong only   {:8}  {:9.4}  {:6.4}  {:6.4}", s.reported, s.precision, s.recall, s.f1)?;
    for (name, t) in &e.tables {
        writeln!(out, "table {name}: {} pairs, {} true, {} met nowhere else", t.reported, t.correct, t.alone)?;
    }
    for (stage, seconds) in &e.stages {
        writeln!(out, "{stage:13} {seconds:.3} s")?;
    }
    writeln!(out, "in all        {:.3} s", e.wall_seconds)
}
