//! The log: lines with time and level on a terminal, JSON lines elsewhere. Events of the node in words.

use crate::wording;
use blindlink::identity::keytext;
use blindlink_node::event::{Event, Replaying};
use blindlink_node::store::query_history::HistoryWarning;
use blindlink_node::sys::clock;
use indicatif::MultiProgress;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

/// How much of the log is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Level {
    /// Rounds that failed.
    Error,
    /// Also what an operator should look at.
    Warn,
    /// Also what the node does.
    #[default]
    Info,
}

impl Level {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// Writes lines of the log.
pub(crate) struct Log(Dispatch);

impl Log {
    /// Shows lines of at least this level; above the bars if there are some.
    pub(crate) fn new(least: Level, bars: Option<MultiProgress>) -> Self {
        let least = match least {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
        };
        let builder = tracing_subscriber::fmt().with_max_level(least).with_target(false).with_ansi(false);
        let writer = move || LogWriter(bars.clone());
        Self(if io::stderr().is_terminal() {
            builder.with_writer(writer).into()
        } else {
            builder.json().flatten_event(true).with_writer(writer).into()
        })
    }

    /// Writes one line.
    pub(crate) fn line(&self, level: Level, message: &str) {
        tracing::dispatcher::with_default(&self.0, || match level {
            Level::Error => tracing::error!("{message}"),
            Level::Warn => tracing::warn!("{message}"),
            Level::Info => tracing::info!("{message}"),
        });
    }
}

/// Standard error, or the place above the bars.
struct LogWriter(Option<MultiProgress>);

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A closed standard error must not stop a round.
        let _ = match &self.0 {
            Some(bars) => bars.println(String::from_utf8_lossy(line).trim_end()),
            None => io::stderr().lock().write_all(line),
        };
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much an event matters.
pub(crate) const fn level(event: &Event<'_>) -> Level {
    match event {
        Event::RoundFailed(_) => Level::Error,
        Event::Warned(_)
        | Event::ListShrunk { .. }
        | Event::RowLeftOut { .. }
        | Event::RowsLeftOut { .. }
        | Event::ValueTold { .. }
        | Event::ValuesTold { .. }
        | Event::Training
        | Event::NotSaved
        | Event::ExpiryFailed(_)
        | Event::Abandoned { .. }
        | Event::Halted { .. }
        | Event::BegunAnew { .. }
        | Event::LinkBroken { .. }
        | Event::ReloadFailed(_)
        | Event::NotNoted(_)
        | Event::Unconfirmed => Level::Warn,
        _ => Level::Info,
    }
}

/// What is shown where a round rests on no agreement.
pub(crate) const TRAINING: &str = "TRAINING: no agreement, for invented persons only";

/// Name and fields of an event that a parent process waits for; the others are lines of the log.
pub(crate) fn fields(event: &Event<'_>) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::Listening { addr, key, .. } => {
            ("listening", json!({"addr": addr.to_string(), "key": keytext::to_text(key)}))
        }
        Event::TurnedAway { remote, key, others } => {
            let key = key.as_ref().map(keytext::to_text);
            ("turned_away", json!({"remote": remote.to_string(), "key": key, "others": others}))
        }
        Event::Connected { peer } => ("connected", json!({"peer": peer})),
        Event::ConnectionLost { peer, .. } => ("connection_lost", json!({"peer": peer})),
        Event::Resumed { peer, round } => ("resumed", json!({"peer": peer, "round": round.map(hex::encode)})),
        Event::Carry { file, peer, .. } => ("carry", json!({"file": file, "peer": peer})),
        Event::LinkReady { link, records } => ("link_ready", json!({"link": link, "records": records})),
        Event::LinkBroken { link, error } => {
            let exit = crate::exit::Exit::from(error.code());
            ("link_broken", json!({"link": link, "code": exit.code(), "exit": exit.exit()}))
        }
        Event::RoundDue { link } => ("round_due", json!({"link": link})),
        Event::Reloaded { links } => ("reloaded", json!({"links": links})),
        Event::ReloadFailed(_) => ("reload_failed", json!({})),
        Event::Warned(warning) => ("warned", json!({"kind": warning.kind()})),
        Event::RoundFailed(error) => {
            let exit = crate::exit::Exit::from(error.code());
            ("round_failed", json!({"code": exit.code(), "exit": exit.exit()}))
        }
        _ => return None,
    })
}

/// An event for people.
pub(crate) fn text(event: &Event<'_>) -> String {
    match event {
        Event::Listening { addr, key, records: 0 } => format!("listening at {addr} as {}", keytext::to_text(key)),
        Event::Listening { addr, key, records } => {
            format!("listening at {addr} as {}, {records} records", keytext::to_text(key))
        }
        Event::TurnedAway { remote, key, others } => {
            let why = match key {
                Some(key) => {
                    let key = keytext::to_text(key);
                    format!("its key {key} is not in the list of peers (claimed, not proven)")
                }
                None => "the handshake failed, or no slot is free".to_owned(),
            };
            let others =
                if *others > 0 { format!("; {others} others in the last minute or more") } else { String::new() };
            format!("turned away {remote}: {why}{others}")
        }
        Event::PeerBusy { peer } => format!("{peer} is busy with others; calling again"),
        Event::Calling { peer, addr } => format!("calling {peer} at {addr}"),
        Event::Connected { peer } => format!("connected with {peer}"),
        Event::ConnectionLost { peer, error } => {
            format!("the connection with {peer} is lost ({error}); the round stays open")
        }
        Event::Resumed { peer, .. } => format!("the round with {peer} goes on"),
        Event::Carry { file, peer, last: false } => format!("carry {} to {peer}", file.display()),
        Event::Carry { file, peer, last: true } => format!("carry the last file, {}, to {peer}", file.display()),
        Event::Warned(HistoryWarning::Jump) => {
            "warning: the number of own records has jumped since the last round with this peer".into()
        }
        Event::Warned(HistoryWarning::Sweep) => {
            "warning: most of what is asked was never asked of this peer: is the list what it should be?".into()
        }
        Event::RowLeftOut { list, line, why } => format!("{list}: line {line}: {why}; left out"),
        Event::RowsLeftOut { list, left_out, used } => format!("{list}: {left_out} rows left out, {used} used"),
        Event::ValueTold { list, line, why } => format!("{list}: line {line}: {why}; {}", crate::inputs::became(why)),
        Event::ValuesTold { list, left_out, otherwise } => {
            format!(
                "{list}: {left_out} values left out of records that are used, {otherwise} read otherwise than written"
            )
        }
        Event::Training => TRAINING.into(),
        Event::ListShrunk { before, now, ended } => format!(
            "warning: the list has {now} records; in the last round with this peer, on {}, it had {before}: if that is not \
             meant, stop this round (Ctrl-C), and look whether the export of the list broke off",
            clock::date(*ended)
        ),
        Event::NotSaved => "no --out: the own records that the peer claims will be counted and not saved".into(),
        Event::ExpiryFailed(error) => format!("warning: old journals could not be deleted: {}", wording::node(error)),
        Event::Replaying { begun, peer, kind } => match kind {
            Replaying::Calling => format!("going on with the open round of {begun} with {peer}"),
            Replaying::Answering => format!("the round of {begun} with {peer} is open: making it again"),
            Replaying::Offline => format!("going on with the round of {begun} with {peer}"),
        },
        Event::Abandoned { begun, why } => format!("the open round of {begun} is given up: {why}"),
        Event::Halted { peer, error } => format!("the round with {peer} is stopped: {}", wording::node(error)),
        Event::BegunAnew { peer, error } => {
            format!("{peer} begins anew; its open round is burnt: {}", wording::node(error))
        }
        Event::Unconfirmed => "the peer left before it confirmed the end; this side has its whole result".into(),
        Event::LinkReady { link, records } => format!("link {link} is ready, {records} records"),
        Event::LinkBroken { link, error } => {
            let exit = crate::exit::Exit::from(error.code());
            format!("link {link} cannot be used [{}]: {}; hint: {}", exit.code(), wording::node(error), exit.hint())
        }
        Event::RoundDue { link } => format!("a round of link {link} is due"),
        Event::Reloaded { links } => format!("configuration, peers and lists are read anew: {links} links"),
        Event::ReloadFailed(error) => {
            format!("the configuration cannot be read, everything stays as it was: {}", wording::node(error))
        }
        Event::NotNoted(error) => format!("something could not be noted: {}", wording::node(error)),
        Event::ReadingTurn(number) => format!("reading turn {number}"),
        Event::Waiting { unread } => format!("waiting{unread}"),
        Event::RoundFailed(error) => {
            let exit = crate::exit::Exit::from(error.code());
            format!("round failed [{}]: {}; hint: {}", exit.code(), wording::node(error), exit.hint())
        }
        other => format!("{other:?}"),
    }
}
