//! The node itself, for those who run it and those who oversee it.

use super::{Shared, asking, frame, message, refused, to_login};
use crate::texts::Texts;
use crate::views::{Frame, moment, shown};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::Response;
use blindlink_review::{Group, Refusal};

/// A table: heads of columns, then rows.
struct Table {
    id: &'static str,
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "node.html")]
struct NodePage<'a> {
    f: Frame<'a>,
    log: Option<usize>,
    tables: Vec<Table>,
}

fn table(t: &Texts, id: &'static str, title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { id, title: t.get(title), heads: heads.iter().map(|key| t.get(key)).collect(), rows }
}

pub(crate) async fn node(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let f = frame(&console, &asking, "/node", None);
    let allowed = console.desk(|desk| {
        let mut roles = desk.person(asking.session.person).into_iter().flat_map(|person| &person.standing.roles);
        roles.any(|role| matches!(role.group(), Group::Operation | Group::Oversight | Group::Security))
    });
    if !allowed {
        return refused(f, Refusal::Role);
    }
    let Ok(view) = console.keeper.node() else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed");
    };
    let t = f.t;
    let rounds = view.rounds.into_iter().map(|round| {
        let outcome = match (round.open, round.failure, round.found) {
            (true, ..) => t.get("node-round-open"),
            (false, Some(code), _) => code,
            (false, None, found) => {
                let (pairs, strong) = found.unwrap_or_default();
                let strong =
                    if round.called { format!(", {}", t.number("node-strong", strong)) } else { String::new() };
                t.number(if round.called { "node-pairs" } else { "node-claims" }, pairs) + &strong
            }
        };
        let role = t.get(if round.called { "node-called" } else { "node-answered" });
        vec![round.round, moment(round.begun), round.peer, role, outcome]
    });
    let peers = view.peers.into_iter().map(|peer| {
        let (here, there) = peer.cosigned;
        let reached = peer.reached.map_or_else(|| t.get("node-never"), moment);
        vec![peer.name, reached, here.to_string(), there.to_string(), peer.key]
    });
    let agreements = view.agreements.into_iter().map(|agreement| {
        let state = t.of("agreement", agreement.state);
        vec![agreement.name, agreement.version.to_string(), state, moment(agreement.until)]
    });
    let rounds = rounds.collect();
    let heads = ["node-round", "col-time", "node-peer", "node-role", "node-outcome"];
    let mut tables = vec![table(t, "rounds", "node-rounds", &heads, rounds)];
    let heads = ["node-agreement", "node-version", "node-state", "node-until"];
    tables.push(table(t, "agreements", "node-agreements", &heads, agreements.collect()));
    let heads = ["node-peer", "node-reached", "node-cosigned-here", "node-cosigned-there", "node-key"];
    tables.push(table(t, "peers", "node-peers", &heads, peers.collect()));
    let log = view.log.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    shown(StatusCode::OK, &NodePage { f, log, tables })
}
