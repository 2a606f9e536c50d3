//! `blindlink synth`: synthetic lists with a known truth.

use crate::exit::{Exit, Failure};
use blindlink_lab::synth::corruption::Corruption;
use blindlink_lab::synth::names::{Culture, cultures};
use blindlink_lab::synth::person::Likeness;
use blindlink_lab::synth::{HARD, Lists, MODERATE, Plan, generate, write_list, write_lookalikes, write_truth};
use blindlink_node::store::StoreError;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Make two lists of invented persons and the truth about them: a.csv, b.csv, truth.csv, lookalikes.csv.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SynthArgs {
    /// Records of each list.
    #[arg(long, default_value_t = 2000)]
    records: u32,
    /// Records of list A, if it is to have another size.
    #[arg(long)]
    records_a: Option<u32>,
    /// Records of list B, if it is to have another size.
    #[arg(long)]
    records_b: Option<u32>,
    /// List B has that many times the records of list A.
    #[arg(long, value_name = "N", conflicts_with = "records_b")]
    ratio: Option<u32>,
    /// Share of the smaller list's records that the other one has too, 0 to 1.
    #[arg(long, default_value_t = 0.3)]
    overlap: f64,
    /// Exactly that many persons in both lists, instead of a share.
    #[arg(long, value_name = "N", conflicts_with = "overlap")]
    shared: Option<u32>,
    /// Persons of this culture only; may be given several times; a wrong one tells all.
    #[arg(long, value_name = "CULTURE")]
    culture: Vec<String>,
    /// The same seed gives the same lists.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How much damage; `variants` is as hard, with published spellings of names and offices that write in their own way.
    #[arg(long, visible_alias = "level", value_enum, default_value_t = Difficulty::Moderate)]
    difficulty: Difficulty,
    /// Difficulty as a number: 0 none, 0.5 moderate, 1 hard.
    #[arg(long, conflicts_with = "difficulty")]
    h: Option<f64>,
    /// Directory for the files; made if it does not exist.
    #[arg(long)]
    out: PathBuf,
}

/// How much damage.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Difficulty {
    Moderate,
    Hard,
    Variants,
}

/// Runs the command.
///
/// # Errors
/// If a number is out of range, or a file cannot be written.
pub(crate) fn run(args: &SynthArgs) -> Result<(), Failure> {
    ensure((0.0..=1.0).contains(&args.overlap), "--overlap must lie between 0 and 1")?;
    let h = args.h.unwrap_or(match args.difficulty {
        Difficulty::Moderate => MODERATE,
        Difficulty::Hard | Difficulty::Variants => HARD,
    });
    ensure((0.0..=2.0).contains(&h), "--h must lie between 0 and 2")?;
    let records_a = args.records_a.unwrap_or(args.records);
    let other = args.ratio.map_or(args.records, |times| records_a.saturating_mul(times));
    let records_b = args.records_b.unwrap_or(other);
    let chosen = args.culture.iter().map(|name| culture(name)).collect::<Result<Vec<_>, Failure>>()?;
    let max = blindlink::limits::MAX_RECORDS;
    ensure(records_a.max(records_b) <= max, &format!("a list may have at most {max} records"))?;
    fs::create_dir_all(&args.out).map_err(StoreError::output(format!("cannot make {}", args.out.display())))?;
    let variants = matches!(args.difficulty, Difficulty::Variants);
    let (overlap, shared, seed) = (args.overlap, args.shared, args.seed);
    let lists = generate(&Plan { records_a, records_b, overlap, shared, seed, h, variants, cultures: chosen });
    write(&args.out.join("a.csv"), |out| write_list(&lists.a, out))?;
    write(&args.out.join("b.csv"), |out| write_list(&lists.b, out))?;
    write(&args.out.join("truth.csv"), |out| write_truth(&lists.truth, out))?;
    write(&args.out.join("lookalikes.csv"), |out| write_lookalikes(&lists.lookalikes, out))?;
    summary(&lists, h, args.seed, &mut io::stdout().lock())
        .map_err(Failure::because(Exit::Io, "cannot write the summary"))
}

fn culture(name: &str) -> Result<&'static Culture, Failure> {
    let names = || cultures().iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = cultures().iter().find(|culture| culture.name == name);
    found.ok_or_else(|| Failure::new(Exit::BadInput, format!("--culture must be one of {}", names())))
}

#[allow(clippy::cast_precision_loss)]
fn summary(lists: &Lists, h: f64, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let (a, b, both) = (lists.a.len(), lists.b.len(), lists.truth.len());
    writeln!(out, "{a} and {b} records, {both} persons in both, seed {seed}, difficulty {h}")?;
    let share = lists.persons_alike as f64 * 100.0 / lists.persons.max(1) as f64;
    writeln!(
        out,
        "\n{share:.1} % of the persons look like another one; pairs across the lists that are not one person:"
    )?;
    for kind in Likeness::ALL {
        let count = lists.lookalikes.iter().filter(|pair| pair.likeness == kind).count();
        writeln!(out, "{count:7} {}", kind.name())?;
    }
    writeln!(out, "\nerrors and gaps, for each list on its own")?;
    for corruption in Corruption::ALL {
        let seen = |rows: &[blindlink_lab::synth::Row]| rows.iter().filter(|row| row.applied.has(*corruption)).count();
        let (rate, of) = (corruption.rate(h) * 100.0, corruption.of().words());
        let (in_a, in_b) = (seen(&lists.a), seen(&lists.b));
        writeln!(
            out,
            "{:22} {rate:6.2} % of {of}: {in_a} in A, {in_b} in B; {}",
            corruption.name(),
            corruption.meaning().trim()
        )?;
    }
    Ok(())
}

fn ensure(holds: bool, what: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(Exit::BadInput, what)) }
}

fn write(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Failure> {
    let written = File::create(path).map(BufWriter::new).and_then(|mut out| write(&mut out).and_then(|()| out.flush()));
    Ok(written.map_err(StoreError::output(format!("cannot write {}", path.display())))?)
}
