//! Events of the node as lines of a log and as JSON for a parent process.

use crate::wording;
use blindlink::identity::keytext;
use blindlink_node::event::{Event, Replaying};
use blindlink_node::store::query_history::HistoryWarning;
use serde_json::{Value, json};

/// What is shown where a round rests on no agreement.
pub(crate) const TRAINING: &str = "TRAINING: no agreement, for invented persons only";

/// Name and fields of an event that a parent process waits for; the others are lines of the log.
pub(crate) fn fields(event: &Event<'_>) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::Listening { addr, key, .. } => {
            ("listening", json!({"addr": addr.to_string(), "key": keytext::to_text(key)}))
        }
        Event::TurnedAway { remote, key } => {
            let key = key.as_ref().map(keytext::to_text);
            ("turned_away", json!({"remote": remote.to_string(), "key": key}))
        }
        Event::Connected { peer } => ("connected", json!({"peer": peer})),
        Event::ConnectionLost { peer, .. } => ("connection_lost", json!({"peer": peer})),
        Event::Resumed { peer, round } => ("resumed", json!({"peer": peer, "round": round.map(hex::encode)})),
        Event::Carry { file, peer, .. } => ("carry", json!({"file": file, "peer": peer})),
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
        Event::Listening { addr, key, records } => {
            format!("listening at {addr} as {}, {records} records", keytext::to_text(key))
        }
        Event::TurnedAway { remote, key: Some(key) } => format!(
            "turned away {remote}: its key {} is not in the list of peers (claimed, not proven)",
            keytext::to_text(key)
        ),
        Event::TurnedAway { remote, key: None } => {
            format!("turned away {remote}: the handshake failed, or another round is running")
        }
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
        Event::Training => TRAINING.into(),
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
        Event::ReadingTurn(number) => format!("reading turn {number}"),
        Event::Waiting { unread } => format!("waiting{unread}"),
        Event::RoundFailed(error) => {
            let exit = crate::exit::Exit::from(error.code());
            format!("round failed [{}]: {}; hint: {}", exit.code(), wording::node(error), exit.hint())
        }
        other => format!("{other:?}"),
    }
}
