//! Progress and log on standard error: bars for a terminal, plain lines, JSON lines for a parent process, or nothing.

use blindlink::session::{Event, Stage};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Style {
    /// Bars on a terminal, plain log lines elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Log lines without bars.
    None,
}

enum Sink {
    Bars(MultiProgress, Mutex<BTreeMap<Stage, ProgressBar>>),
    Lines,
    Json,
}

/// Shows progress and log lines.
pub struct Reporter(Sink);

impl core::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Reporter")
    }
}

impl Reporter {
    /// Bars only if standard error is a terminal and the result is for people.
    #[must_use]
    pub fn new(style: Style, json_result: bool) -> Self {
        Self(match style {
            Style::Json => Sink::Json,
            Style::Auto if io::stderr().is_terminal() && !json_result => {
                Sink::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr()), Mutex::default())
            }
            Style::Auto | Style::None => Sink::Lines,
        })
    }

    /// A line of the log.
    pub fn log(&self, message: &str) {
        match &self.0 {
            Sink::Bars(bars, _) => drop(bars.println(message)),
            Sink::Lines => line(message),
            Sink::Json => line(&json!({"event": "log", "message": message}).to_string()),
        }
    }

    /// Something that a parent process waits for; for people a line of the log.
    pub fn event(&self, name: &str, mut fields: Value, message: &str) {
        match &self.0 {
            Sink::Json => {
                if let Some(fields) = fields.as_object_mut() {
                    fields.insert("event".into(), name.into());
                }
                line(&fields.to_string());
            }
            Sink::Bars(..) | Sink::Lines => self.log(message),
        }
    }

    /// Progress of a round.
    pub fn progress(&self, event: &Event) {
        let Event::Progress { stage, done, total } = event else { return };
        self.stage(*stage, *done, *total);
    }

    /// `done` of `total` chunks of a stage.
    pub fn stage(&self, stage: Stage, done: u32, total: u32) {
        match &self.0 {
            Sink::Json => {
                line(&json!({"event": "progress", "stage": stage.name(), "done": done, "total": total}).to_string())
            }
            Sink::Lines => {}
            Sink::Bars(multi, bars) => {
                let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
                let bar = bars.entry(stage).or_insert_with(|| multi.add(bar(stage, total)));
                bar.set_length(u64::from(total));
                bar.set_position(u64::from(done));
                if done == total {
                    bar.finish();
                }
            }
        }
    }

    /// Takes the bars of an ended round away.
    pub fn clear(&self) {
        if let Sink::Bars(multi, bars) = &self.0 {
            bars.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let _ = multi.clear();
        }
    }
}

fn bar(stage: Stage, total: u32) -> ProgressBar {
    let number = Stage::ALL.iter().position(|known| *known == stage).unwrap_or_default() + 1;
    let bar = ProgressBar::new(u64::from(total));
    if let Ok(style) = ProgressStyle::with_template("{prefix:>5} {msg:<8} [{bar:30}] {pos}/{len} chunks, {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(format!("{number}/{}", Stage::ALL.len()));
    bar.set_message(stage.name());
    bar
}

fn line(text: &str) {
    // A closed standard error must not stop a round.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
