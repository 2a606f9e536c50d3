//! `blindlink demo`

use crate::args::Show;
use crate::demo::{self, Demonstration, Options, html, shown};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use crate::runtime::{block_on, stop_signal};
use blindlink::suite::{CURRENT, Suite};
use blindlink_node::sys::files;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Records of each list
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    records: u32,
    /// Share of the records that both lists have, 0 to 1
    #[arg(long, default_value_t = 0.3)]
    overlap: f64,
    /// Seed of the lists: the same seed gives the same persons
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How the round is computed: the suite
    #[arg(long, value_name = "NUMBER", value_parser = crate::args::suite)]
    suite: Option<&'static Suite>,
    /// Policy [default: the program's own]; its sizes become those of the lists
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Write a report with pictures
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    #[command(flatten)]
    show: Show,
}

/// Persons printed.
const SHOWN: usize = 10;

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        if !(0.0..=1.0).contains(&self.overlap) {
            return Err(Failure::new(Exit::Usage, "--overlap must lie between 0 and 1"));
        }
        self.report.as_deref().map_or(Ok(()), blindlink_node::store::results::check_writable)?;
        let suite = self.suite.unwrap_or(CURRENT);
        let policy = self.policy.as_deref().map(std::fs::read_to_string).transpose();
        let policy = policy.map_err(Failure::because(Exit::BadInput, "cannot read the policy"))?;
        let options =
            Options { records: self.records, overlap: self.overlap, seed: self.seed, suite, frame_timeout: 600 };
        let reporter = self.show.reporter();
        let demo = block_on(async {
            let stop = stop_signal();
            demo::run(options, policy.as_deref(), &reporter, stop).await
        })??;
        if let Some(path) = &self.report {
            files::write_whole(path, html::page(&demo)?.as_bytes())
                .map_err(Failure::because(Exit::CannotCreate, "cannot write the report"))?;
        }
        printed(output::print(self.show.json, &demo.numbers, || self.text(&demo)))
    }

    fn text(&self, demo: &Demonstration) -> String {
        let n = &demo.numbers;
        let mut text = format!(
            "{}\n\nThe first of {} shared persons (all of them invented):\n\n",
            crate::log::TRAINING,
            n.reported_pairs
        );
        for (a, b, grade, tables) in shown(demo, SHOWN) {
            let _ = writeln!(text, "  {grade:<8}  {a}\n            {b}\n            met in {tables}");
        }
        let _ = write!(
            text,
            "\nprecision {:.4}   recall {:.4}   F1 {:.4}   ({} true pairs, {} reported, {} strong)\n\n",
            n.precision, n.recall, n.f1, n.true_pairs, n.reported_pairs, n.strong_pairs
        );
        let row = |name: &str, seconds: f64, up: u64, down: u64| {
            vec![name.to_owned(), format!("{seconds:.2}"), output::bytes(up), output::bytes(down)]
        };
        let stages = n.stages.iter().map(|stage| {
            let (up, down) = (stage.bytes_requester_to_responder, stage.bytes_responder_to_requester);
            row(&stage.name, stage.seconds, up, down)
        });
        let round = row("round", n.round_seconds, n.bytes_requester_to_responder, n.bytes_responder_to_requester);
        text += &output::table(&["stage", "seconds", "to responder", "to requester"], stages.chain([round]));
        let peak = |side: Option<u64>| side.map_or_else(|| "not known".into(), output::bytes);
        let _ = write!(
            text,
            "\nin all {:.1} s ({:.1} s for the lists, {:.1} s to encode); {:.1} KB on \
             the wire per record\npeak memory: requester {}, responder {}\n",
            n.wall_seconds,
            n.synth_seconds,
            n.encode_seconds,
            n.udp_bytes_per_record / 1000.0,
            peak(n.peak_rss_bytes.requester),
            peak(n.peak_rss_bytes.responder)
        );
        if let Some(path) = &self.report {
            let _ = writeln!(text, "report: {}", path.display());
        }
        text
    }
}
