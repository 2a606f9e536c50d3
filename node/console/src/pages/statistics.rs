//! Numbers of a quarter, for oversight; who has the role publishes them.

use super::{Fields, Shared, asking, form, frame, message, refused, to_login};
use crate::console::NotTaken;
use crate::texts::Texts;
use crate::views::{Frame, shown};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use blindlink::schema::kinds::Lane;
use blindlink_review::{Cell, Group, Measure, Quarter, Refusal, Role};

/// A quarter on the page.
struct Part {
    name: String,
    /// The lanes that have a number, as heads of columns.
    lanes: Vec<String>,
    /// What is counted, and the numbers of these lanes.
    rows: Vec<(String, Vec<String>)>,
    published: bool,
}

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage<'a> {
    f: Frame<'a>,
    may_publish: bool,
    quarters: Vec<Part>,
}

fn part(t: &Texts, quarter: Quarter, figures: Option<&Vec<Cell>>) -> Part {
    let empty = Vec::new();
    let cells = figures.unwrap_or(&empty);
    let told = |lane: &Lane| cells.iter().any(|cell| cell.lane() == Some(*lane) && cell.n.is_some());
    let lanes: Vec<Lane> = Lane::ALL.into_iter().filter(told).collect();
    let number = |lane: &Lane, measure: Measure| {
        let cell = cells.iter().find(|cell| cell.lane() == Some(*lane) && cell.measure == measure);
        cell.and_then(|cell| cell.n).map_or_else(|| t.get("statistics-small"), |n| n.to_string())
    };
    let row =
        |measure: Measure| (t.of("measure", measure.name()), lanes.iter().map(|lane| number(lane, measure)).collect());
    Part {
        name: quarter.to_string(),
        rows: if lanes.is_empty() { Vec::new() } else { Measure::ALL.map(row).into() },
        lanes: lanes.iter().map(|lane| t.of("lane", lane.name())).collect(),
        published: figures.is_some(),
    }
}

pub(crate) async fn statistics(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let f = frame(&console, &asking, "/statistics", None);
    let (t, now) = (f.t, console.keeper.now());
    let found = console.desk(|desk| {
        let person = desk.person(asking.session.person)?;
        let oversees = person.standing.roles.iter().any(|role| role.group() == Group::Oversight);
        let quarters = desk.quarters(now).into_iter().map(|quarter| part(t, quarter, desk.published(quarter)));
        oversees.then(|| (person.has(Role::Statistics), quarters.collect()))
    });
    match found {
        Some((may_publish, quarters)) => shown(StatusCode::OK, &StatisticsPage { f, may_publish, quarters }),
        None => refused(f, Refusal::Role),
    }
}

pub(crate) async fn publish(State(console): Shared, headers: HeaderMap, fields: Fields) -> Response {
    let (asking, fields) = match form(&console, &headers, fields) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let f = frame(&console, &asking, "/statistics", None);
    let Some(quarter) = fields.get("quarter").and_then(|text| Quarter::parse(text)) else {
        return message(StatusCode::UNPROCESSABLE_ENTITY, f, "bad-form");
    };
    match console.publish(asking.session.person, quarter) {
        Ok(()) => Redirect::to("/statistics").into_response(),
        Err(NotTaken::Refused(refusal)) => refused(f, refusal),
        Err(NotTaken::Text | NotTaken::Failed) => message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed"),
    }
}
