//! Progress and log on standard error: bars and log lines for people, or JSON events for a parent process.

use crate::log::{Level, Log, fields, level, text};
use blindlink::session::{self, Stage};
use blindlink_node::event::{Event, Sink};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Style {
    /// Bars on a terminal, plain log lines elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Log lines without bars.
    None,
}

enum Output {
    Log {
        log: Log,
        bars: Option<Bars>,
    },
    /// For a parent process.
    Json,
}

struct Bars {
    multi: MultiProgress,
    stages: Mutex<BTreeMap<Stage, ProgressBar>>,
}

/// Shows progress and log lines.
pub(crate) struct Reporter(Output);

impl core::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Reporter")
    }
}

impl Reporter {
    /// Bars only if standard error is a terminal and the result is for people.
    #[must_use]
    pub(crate) fn new(style: Style, least: Level, json_result: bool) -> Self {
        let bars = match style {
            Style::Json => return Self(Output::Json),
            Style::Auto if io::stderr().is_terminal() && !json_result => {
                let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
                Some(Bars { multi, stages: Mutex::default() })
            }
            Style::Auto | Style::None => None,
        };
        Self(Output::Log { log: Log::new(least, bars.as_ref().map(|bars| bars.multi.clone())), bars })
    }

    /// A line of the log.
    pub(crate) fn log(&self, level: Level, message: &str) {
        match &self.0 {
            Output::Log { log, .. } => log.line(level, message),
            Output::Json => line(&json!({"event": "log", "message": message}).to_string()),
        }
    }

    /// Something that a parent process waits for.
    fn event(name: &str, mut fields: Value) {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("event".into(), name.into());
        }
        line(&fields.to_string());
    }

    /// `done` of `total` chunks of a stage.
    pub(crate) fn stage(&self, stage: Stage, done: u32, total: u32) {
        match &self.0 {
            Output::Json => {
                line(&json!({"event": "progress", "stage": stage.name(), "done": done, "total": total}).to_string())
            }
            Output::Log { bars: None, .. } => {}
            Output::Log { bars: Some(Bars { multi, stages }), .. } => {
                let mut stages = stages.lock().unwrap_or_else(PoisonError::into_inner);
                let bar = stages.entry(stage).or_insert_with(|| multi.add(bar(stage, total)));
                bar.set_length(u64::from(total));
                bar.set_position(u64::from(done));
                if done == total {
                    bar.finish();
                }
            }
        }
    }

    /// Takes the bars of an ended round away.
    pub(crate) fn clear(&self) {
        if let Output::Log { bars: Some(Bars { multi, stages }), .. } = &self.0 {
            stages.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let _ = multi.clear();
        }
    }
}

impl Sink for Reporter {
    fn take(&self, event: &Event<'_>) {
        match event {
            Event::Progress(session::Event::Progress { stage, done, total }) => {
                self.stage(*stage, *done, *total);
                #[cfg(debug_assertions)]
                crate::hold::at(*stage, *done, *total);
            }
            Event::Progress(_) => {}
            Event::ProgressOver => self.clear(),
            event => match (&self.0, fields(event)) {
                (Output::Json, Some((name, fields))) => Self::event(name, fields),
                _ => self.log(level(event), &text(event)),
            },
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
