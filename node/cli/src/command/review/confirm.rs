//! `blindlink review confirm`: runs of mutual confirmation with a peer, and the notices of both sides.

use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use crate::runtime::block_on;
use blindlink_node::round::confirmation::Confirmation;
use blindlink_node::store::StoreError;
use blindlink_node::transport::Settings;
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    round: String,
    /// Number of the run; none if only notices crossed.
    run: Option<u32>,
    /// Pseudonyms that were claimed in the round.
    items: usize,
    /// Own yeses among them.
    asked: usize,
    /// Of them those to which the peer says yes too.
    confirmed: usize,
    notices_sent: usize,
    notices_received: usize,
}

#[derive(Serialize)]
struct Rows {
    schema: &'static str,
    peer: String,
    rounds: Vec<Row>,
}

fn row(done: &Confirmation) -> Row {
    Row {
        round: hex::encode(done.round),
        run: done.number,
        items: done.items,
        asked: done.asked,
        confirmed: done.confirmed,
        notices_sent: done.sent,
        notices_received: done.received,
    }
}

pub(super) fn confirm(
    office: &mut Office,
    name: &str,
    digits: Option<&str>,
    run: bool,
    json: bool,
) -> Result<(), Failure> {
    let peers = office.peers()?;
    let peer = peers.get(name)?;
    let Some(addr) = peer.addr.as_deref() else {
        let text = format!("peer `{}` has no address: it calls this node, and this node answers", peer.name);
        return Err(Failure::new(Exit::Config, text));
    };
    let rows = office.confirming(|node, _| -> Result<Vec<Row>, Failure> {
        let mut rounds = node.rounds(&peer.id)?;
        rounds.retain(|round| digits.is_none_or(|digits| hex::encode(round).starts_with(digits)));
        if rounds.is_empty() {
            return Err(StoreError::NoRound("no round with this peer can be asked about").into());
        }
        let mut rows = Vec::new();
        for round in rounds {
            let done = block_on(node.call((peer, addr), &Settings::default(), &round, run))??;
            rows.push(row(&done));
        }
        Ok(rows)
    })??;
    let rows = Rows { schema: "blindlink.confirmations/v1", peer: peer.name.clone(), rounds: rows };
    printed(output::print(json, &rows, || rows.rounds.iter().map(in_words).collect()))
}

fn in_words(row: &Row) -> String {
    let Row { round, run, items, asked, confirmed, notices_sent, notices_received } = row;
    let run = match run {
        Some(run) => {
            format!("run {run}: of {items} claimed pairs this side says yes to {asked}, both to {confirmed}; ")
        }
        None => String::new(),
    };
    format!("round {}: {run}{notices_sent} notices sent, {notices_received} received\n", &round[..12])
}
