//! `blindlink synth`: synthetic lists with a known truth.

use crate::synth::{Plan, generate, noise, person, write_list, write_truth};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Make two lists of invented persons and the truth about them: a.csv, b.csv, truth.csv.
#[derive(Clone, Debug, clap::Args)]
pub struct SynthArgs {
    /// Records of each list.
    #[arg(long, default_value_t = 2000)]
    records: u32,
    /// Share of the records that both lists have, 0 to 1.
    #[arg(long, default_value_t = 0.3)]
    overlap: f64,
    /// The same seed gives the same lists.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Directory for the three files; made if it does not exist.
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// If the overlap is no share, or a file cannot be written.
pub fn run(args: &SynthArgs) -> Result<()> {
    ensure!((0.0..=1.0).contains(&args.overlap), "--overlap must lie between 0 and 1");
    let max = blindlink::limits::MAX_RECORDS;
    ensure!(args.records <= max, "--records may be at most {max}");
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let lists = generate(Plan { records: args.records, overlap: args.overlap, seed: args.seed });
    write(&args.out.join("a.csv"), |out| write_list(&lists.a, out))?;
    write(&args.out.join("b.csv"), |out| write_list(&lists.b, out))?;
    write(&args.out.join("truth.csv"), |out| write_truth(&lists.truth, out))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{} records a list, {} persons in both, seed {}", args.records, lists.truth.len(), args.seed)?;
    writeln!(out, "\nerrors and gaps, for each list on its own:")?;
    for (meaning, rate) in noise::rates::ALL {
        writeln!(out, "{:5.1} % {meaning}", rate * 100.0, meaning = meaning.trim())?;
    }
    writeln!(out, "\npersons:")?;
    let persons = [
        ("have a sibling in the lists", person::rates::SIBLING),
        ("have a namesake in the lists", person::rates::NAMESAKE),
        ("have a second given name", person::rates::SECOND_GIVEN),
        ("have a rare family name", person::rates::RARE_FAMILY),
    ];
    for (meaning, rate) in persons {
        writeln!(out, "{:5.1} % {meaning}", rate * 100.0)?;
    }
    Ok(())
}

fn write(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let mut out = BufWriter::new(File::create(path).with_context(context)?);
    write(&mut out).and_then(|()| out.flush()).with_context(context)
}
