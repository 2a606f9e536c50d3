//! The log, for oversight.

use super::{PAGE, Shared, asking, frame, message, person, refused, to_login};
use crate::texts::Texts;
use crate::views::{Line, LogPage, moment, short, shown};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::Response;
use blindlink_review::{Actor, Entry, Log, Refusal, Role, What};
use std::collections::BTreeMap;

/// How many decisions are drawn.
const DRAWN: usize = 10;

/// The log, for oversight: who did what and when, to which pair, and whether the log holds. No record and no note.
pub(crate) async fn log(
    State(console): Shared,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let f = frame(&console, &asking, "/log", None);
    let overseer = console.desk(|desk| {
        let roles = [Role::DataProtection, Role::Auditor];
        desk.person(asking.session.person).is_some_and(|person| roles.into_iter().any(|role| person.has(role)))
    });
    if !overseer {
        return refused(f, Refusal::Role);
    }
    let Ok(entries) = console.keeper.entries(0, usize::MAX) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed");
    };
    let length = entries.len();
    let head = console.state().log.head();
    let last = length.saturating_sub(PAGE);
    let drawn = match query.contains_key("drawn").then(|| console.keeper.random()) {
        Some(Ok(chance)) => Some(draw(&entries, chance)),
        Some(Err(_)) => return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed"),
        None => None,
    };
    let from = query.get("from").and_then(|from| from.parse().ok()).unwrap_or(last).min(last);
    let sampled = drawn.is_some();
    let page = drawn.unwrap_or_else(|| (from..length.min(from + PAGE)).collect());
    let lines = page.into_iter().filter_map(|number| Some(line(f.t, number, entries.get(number)?))).collect();
    let holds = Log::replay(entries).is_ok_and(|log| log.head() == head);
    let earlier = (from > 0 && !sampled).then(|| from.saturating_sub(PAGE));
    let later = (from < last && !sampled).then(|| (from + PAGE).min(last));
    shown(StatusCode::OK, &LogPage { f, holds, length, lines, sampled, earlier, later })
}

/// Decisions of people, drawn by chance, in the order of the log.
fn draw(entries: &[Entry], chance: [u8; 32]) -> Vec<usize> {
    let decides = |what: &What| {
        matches!(
            what,
            What::Judged { .. }
                | What::Approved { .. }
                | What::Released { .. }
                | What::Withdrawn { .. }
                | What::Reopened { .. }
        )
    };
    let of_person = |entry: &Entry| matches!(entry.event.by, Actor::Person(_)) && decides(&entry.event.what);
    let mut left: Vec<usize> = (0..).zip(entries).filter(|(_, entry)| of_person(entry)).map(|(n, _)| n).collect();
    let mut drawn = Vec::new();
    for words in chance.chunks_exact(2).take(DRAWN) {
        let word = words.iter().fold(0, |word, byte| word << 8 | usize::from(*byte));
        // 16 bits suffice to be unforeseen; that they favour some entries by a part in thousands does not matter here.
        let Some(at) = word.checked_rem(left.len()) else { break };
        drawn.push(left.swap_remove(at));
    }
    drawn.sort_unstable();
    drawn
}

fn line(t: &Texts, number: usize, Entry { event, .. }: &Entry) -> Line {
    let who = match event.by {
        Actor::Person(id) => person(t, id),
        Actor::Node => t.get("actor-node"),
        Actor::Peer => t.get("actor-peer"),
        Actor::Installer => t.get("actor-installer"),
    };
    let key = match &event.what {
        What::PersonAdded { .. } => "what-person-added",
        What::PersonChanged { .. } => "what-person-changed",
        What::PersonLeft { .. } => "what-person-left",
        What::AgreementBegan { .. } => "what-agreement-began",
        What::AgreementStopped { .. } => "what-agreement-stopped",
        What::Received { .. } => "what-received",
        What::Opened { .. } => "what-opened",
        What::Judged { .. } => "what-judged",
        What::Approved { .. } => "what-approved",
        What::Reopened { .. } => "what-reopened",
        What::RunEnded { .. } => "what-run-ended",
        What::Released { .. } => "what-released",
        What::Withdrawn { .. } => "what-withdrawn",
        What::Expired { .. } => "what-expired",
        What::Published { .. } => "what-published",
        What::Calibrated { .. } => "what-calibrated",
        What::Asked { .. } => "what-asked",
        What::QuestionOpened { .. } => "what-question-opened",
        What::QuestionApproved { .. } => "what-question-approved",
        What::Answered { .. } => "what-answered",
    };
    // What a person decided, with its reason: what oversight samples. Own words stay closed.
    let why = match &event.what {
        What::Judged { judgement, .. } => {
            let [verdict, reason] = [("verdict", judgement.verdict.name()), ("reason", judgement.reason.name())];
            format!(": {} ({})", t.of(verdict.0, verdict.1), t.of(reason.0, reason.1))
        }
        What::Reopened { reason, .. } | What::Withdrawn { reason, .. } => {
            format!(": {}", t.of("reason", reason.name()))
        }
        _ => String::new(),
    };
    let pair = event.what.pair().map(short).unwrap_or_default();
    Line { number, at: moment(event.at), who, what: t.get(key) + &why, pair }
}
