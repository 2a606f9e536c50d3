//! What each address does.

mod letters;
mod log;
mod node;
mod statistics;

pub(crate) use letters::letter;
pub(crate) use log::log;
pub(crate) use node::node;
pub(crate) use statistics::{publish, statistics};

use crate::accounts::{NAME_BYTES, PASSPHRASE_BYTES};
use crate::console::{CaseNotice, Console, NotTaken};
use crate::picture::bars;
use crate::sessions::{self, Session, Token};
use crate::texts::{Language, Texts};
use crate::views::{
    Count, Frame, LoginPage, MessagePage, PairPage, QueuePage, Row, StatusPage, choices, due_lines, groups, notices,
    pair_of, shown, subjects,
};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use blindlink_review::{Group, Judgement, Pair, PairId, PersonId, Reason, Refusal, Role, Stage, Verdict, What};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

type Shared = State<Arc<Console>>;
type Fields = Result<Form<BTreeMap<String, String>>, FormRejection>;

/// Rows of a page.
const PAGE: usize = 50;
const COOKIE: &str = "session";

/// Who asks.
struct Asking {
    token: Token,
    session: Session,
}

fn cookie(headers: &HeaderMap) -> Option<Token> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    values.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| sessions::token(value))
}

fn asking(console: &Console, headers: &HeaderMap) -> Option<Asking> {
    let token = cookie(headers)?;
    Some(Asking { session: console.session(&token)?, token })
}

fn accepted(headers: &HeaderMap) -> Language {
    let list = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::preferred(list.unwrap_or_default())
}

fn to_login() -> Response {
    Redirect::to("/login").into_response()
}

/// The frame of a page for somebody who has logged in.
fn frame<'a>(console: &'a Console, asking: &Asking, here: &'static str, said: Option<&'static str>) -> Frame<'a> {
    let groups = console.desk(|desk| {
        let person = desk.person(asking.session.person);
        person.map(|p| p.standing.roles.iter().map(|role| role.group()).collect::<Vec<_>>()).unwrap_or_default()
    });
    let mut menu = Vec::new();
    if groups.contains(&Group::Cases) {
        menu.push(("/queue", "nav-queue"));
    }
    if groups.contains(&Group::Oversight) {
        let overseer = console.desk(|desk| {
            let roles = [Role::DataProtection, Role::Auditor];
            desk.person(asking.session.person).is_some_and(|person| roles.into_iter().any(|role| person.has(role)))
        });
        if overseer {
            menu.push(("/log", "nav-log"));
        }
        menu.push(("/statistics", "nav-statistics"));
    }
    if !groups.is_empty() && !groups.contains(&Group::Cases) {
        menu.push(("/node", "nav-node"));
    }
    menu.push(("/status", "nav-status"));
    let form = Some(hex::encode(asking.session.form));
    Frame { t: console.texts(asking.session.language), form, menu, here, said }
}

fn stranger<'a>(console: &'a Console, headers: &HeaderMap, said: Option<&'static str>) -> Frame<'a> {
    Frame { t: console.texts(accepted(headers)), form: None, menu: Vec::new(), here: "/login", said }
}

fn message(status: StatusCode, f: Frame<'_>, key: &str) -> Response {
    shown(status, &MessagePage { f, key })
}

/// A form of somebody who has logged in, with the session's token in it.
fn form(
    console: &Console,
    headers: &HeaderMap,
    fields: Fields,
) -> Result<(Asking, BTreeMap<String, String>), Box<Response>> {
    let Some(asking) = asking(console, headers) else { return Err(Box::new(to_login())) };
    let fields = match fields {
        Ok(Form(fields)) => fields,
        Err(rejection) => {
            return Err(Box::new(message(rejection.status(), frame(console, &asking, "/queue", None), "bad-form")));
        }
    };
    if !asking.session.sent(fields.get("form").map(String::as_str)) {
        return Err(Box::new(message(StatusCode::FORBIDDEN, frame(console, &asking, "/queue", None), "bad-form")));
    }
    Ok((asking, fields))
}

pub(crate) async fn home(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let first = frame(&console, &asking, "/", None).menu.first().map_or("/status", |(address, _)| *address);
    Redirect::to(first).into_response()
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/style.css")).into_response()
}

pub(crate) async fn nowhere(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    message(StatusCode::NOT_FOUND, frame(&console, &asking, "/queue", None), "not-found")
}

pub(crate) async fn login_page(State(console): Shared, headers: HeaderMap) -> Response {
    shown(StatusCode::OK, &LoginPage { f: stranger(&console, &headers, None) })
}

pub(crate) async fn login(State(console): Shared, headers: HeaderMap, fields: Fields) -> Response {
    let failed =
        || shown(StatusCode::UNAUTHORIZED, &LoginPage { f: stranger(&console, &headers, Some("login-failed")) });
    let mut fields = match fields {
        Ok(Form(fields)) => fields,
        Err(rejection) => return message(rejection.status(), stranger(&console, &headers, None), "bad-form"),
    };
    let name = fields.remove("name").unwrap_or_default();
    let passphrase = Zeroizing::new(fields.remove("passphrase").unwrap_or_default());
    if name.len() > NAME_BYTES || passphrase.len() > PASSPHRASE_BYTES {
        return failed();
    }
    let now = console.keeper.now();
    {
        let mut state = console.state();
        // A locked name is answered as a wrong passphrase, whether there is such a name or not.
        if state.tries.is_locked(&name, now) {
            return failed();
        }
        state.tries.count(&name, now);
    }
    let unavailable = || message(StatusCode::INTERNAL_SERVER_ERROR, stranger(&console, &headers, None), "failed");
    if console.catch_up().is_err() {
        return unavailable();
    }
    let Ok(known) = console.keeper.account(&name) else { return unavailable() };
    // Who has no account is compared with nobody's: it takes as long.
    let compared = known.clone().or_else(|| console.decoy.clone());
    let Ok(guess) = Arc::clone(&console.guessing).acquire_owned().await else { return failed() };
    let opens = tokio::task::spawn_blocking(move || {
        let opens = compared.is_some_and(|account| account.opens_with(&passphrase));
        drop(guess);
        opens
    });
    let opens = opens.await.unwrap_or(false);
    let Some(account) = known.filter(|_| opens) else { return failed() };
    let works_here = console.desk(|desk| desk.person(account.person).is_some_and(|person| person.active));
    let (Ok(token), Ok(form), true) = (console.keeper.random(), console.keeper.random(), works_here) else {
        return failed();
    };
    let language = accepted(&headers);
    let mut state = console.state();
    state.tries.forget(&name);
    // Whatever session the browser had before is over, and its token is worth nothing (session fixation).
    if let Some(old) = cookie(&headers) {
        state.sessions.end(&old);
    }
    state.sessions.begin(token, form, account.person, language, now);
    let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", hex::encode(token));
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

pub(crate) async fn logout(State(console): Shared, headers: HeaderMap, fields: Fields) -> Response {
    match form(&console, &headers, fields) {
        Ok((asking, _)) => {
            console.state().sessions.end(&asking.token);
            let gone = format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
            ([(header::SET_COOKIE, gone)], Redirect::to("/login")).into_response()
        }
        Err(response) => *response,
    }
}

pub(crate) async fn language(State(console): Shared, headers: HeaderMap, fields: Fields) -> Response {
    let (asking, fields) = match form(&console, &headers, fields) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    if let Some(language) = fields.get("language").and_then(|code| Language::from_code(code)) {
        console.state().sessions.speak(&asking.token, language);
    }
    // Only to a page of the menu: no address from a form is followed.
    let here = fields.get("here").map(String::as_str);
    let to = ["/queue", "/status", "/log", "/statistics", "/node"]
        .into_iter()
        .find(|page| Some(*page) == here)
        .unwrap_or("/");
    Redirect::to(to).into_response()
}

pub(crate) async fn queue(
    State(console): Shared,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let waits = || console.desk(|desk| desk.next(asking.session.person)).map_or(Stage::Candidate, |(_, stage)| stage);
    let stage = query.get("stage").and_then(|name| Stage::from_name(name)).unwrap_or_else(waits);
    let after = query.get("after").and_then(|text| pair_of(text));
    let f = frame(&console, &asking, "/queue", None);
    let (t, now) = (f.t, console.keeper.now());
    let found = console.desk(|desk| {
        let person = asking.session.person;
        let page = desk.queue(person, stage, after, PAGE + 1)?;
        let next = page.len() > PAGE;
        let rows: Vec<Row> = page.iter().take(PAGE).map(|(id, pair)| Row::new(*id, pair, now, t)).collect();
        let lanes: Vec<_> = desk.person(person).map(|p| p.standing.lanes().collect()).unwrap_or_default();
        let counts = desk.counts();
        let count =
            |stage| counts.iter().filter(|((lane, s), _)| *s == stage && lanes.contains(lane)).map(|(_, n)| n).sum();
        let stages = Stage::ALL.map(|of| (of.name(), t.of("stage", of.name()), count(of), of == stage));
        Ok((rows, next, Vec::from(stages)))
    });
    match found {
        Ok((rows, more, stages)) => {
            let next = rows.last().filter(|_| more).map(|row| row.id.clone());
            shown(StatusCode::OK, &QueuePage { f, stage: stage.name(), stages, rows, next })
        }
        Err(refusal) => refused(f, refusal),
    }
}

fn refused(f: Frame<'_>, refusal: Refusal) -> Response {
    let (status, key) = match refusal {
        Refusal::NoSuchPair | Refusal::NoSuchPerson | Refusal::NoSuchQuestion => (StatusCode::NOT_FOUND, "not-found"),
        Refusal::Role | Refusal::OwnRoles | Refusal::Standing => (StatusCode::FORBIDDEN, "refused-role"),
        Refusal::FourEyes => (StatusCode::FORBIDDEN, "refused-four-eyes"),
        Refusal::Stale => (StatusCode::CONFLICT, "refused-stale"),
        Refusal::Stage | Refusal::PairExists | Refusal::PersonExists => (StatusCode::CONFLICT, "refused-stage"),
        Refusal::Reason => (StatusCode::UNPROCESSABLE_ENTITY, "refused-reason"),
        Refusal::Note => (StatusCode::UNPROCESSABLE_ENTITY, "refused-note"),
        Refusal::Published => (StatusCode::CONFLICT, "refused-published"),
        Refusal::NotInForce => (StatusCode::CONFLICT, "refused-not-in-force"),
        Refusal::NotAsked | Refusal::TooEarly | Refusal::Backwards => (StatusCode::CONFLICT, "refused-stage"),
    };
    message(status, f, key)
}

/// Shows a pair. That a person reads a record is a step of its own, durable before the record is on the page.
pub(crate) async fn pair(State(console): Shared, headers: HeaderMap, Path(id): Path<String>, uri: Uri) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let said = (uri.query() == Some("done")).then_some("done");
    let f = frame(&console, &asking, "/queue", said);
    let Some(id) = pair_of(&id) else { return message(StatusCode::NOT_FOUND, f, "not-found") };
    let person = asking.session.person;
    match console.take(person, What::Opened { pair: id }) {
        Ok(()) => {}
        Err(NotTaken::Refused(refusal)) => return refused(f, refusal),
        Err(NotTaken::Text | NotTaken::Failed) => return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed"),
    }
    let found = console.desk(|desk| {
        let pair = desk.pair(person, id)?.clone();
        Ok((pair, desk.shows_grade(person, id), desk.person(person).cloned()))
    });
    let (pair, grade_shown, someone) = match found {
        Ok((pair, shown, Some(someone))) => (pair, shown, someone),
        Ok(_) => return refused(f, Refusal::NoSuchPerson),
        Err(refusal) => return refused(f, refusal),
    };
    let (Ok(record), Ok(evidence)) = (console.keeper.record(id), console.keeper.evidence(id, &pair.candidate)) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed");
    };
    let Ok(told) = console.keeper.notices(id) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed");
    };
    let t = f.t;
    let has = |role| someone.has(role);
    let protected = pair.candidate.child || pair.candidate.lane() == Some(blindlink::schema::kinds::Lane::Victim);
    let approves = has(if protected { Role::VictimSupport } else { Role::Approver });
    let own_eyes = pair.was_judged_by(person);
    let judges = match pair.stage {
        Stage::Candidate => has(Role::Reviewer),
        Stage::JudgedOnce => has(Role::SecondReviewer),
        _ => false,
    };
    let bars = if grade_shown { bars(t, &evidence.kinds) } else { Vec::new() };
    let tables = evidence.tables.iter().map(|table| subjects(t, table));
    let next = said.and_then(|_| console.desk(|desk| desk.next(person))).map(|(next, _)| crate::views::address(next));
    let page = PairPage {
        next,
        row: Row::new(id, &pair, console.keeper.now(), t),
        stage: t.of("stage", pair.stage.name()),
        version: pair.version,
        record: record.into_iter().map(|(name, value)| (t.field(&name), value)).collect(),
        grade: grade(t, &pair, grade_shown),
        tables: if grade_shown { tables.collect() } else { Vec::new() },
        height: bars.len() * 28 + 8,
        bars,
        judged: judged(t, &pair, own_eyes),
        may_judge: judges && !own_eyes,
        may_approve: approves && !own_eyes && pair.stage == Stage::JudgedTwice,
        may_reopen: approves && !own_eyes && matches!(pair.stage, Stage::ClosedOtherPerson | Stage::NotDecidable),
        may_disclose: approves && !own_eyes && pair.stage == Stage::ConfirmedThere,
        letters: letters::kinds(&told).map(|kind| (kind.name(), t.get(kind.title()))).collect(),
        notices: notices(t, &told),
        handling: (0..4).map(|code| (code, t.of("letter-handling", &code.to_string()))).collect(),
        may_withdraw: approves && !matches!(pair.stage, Stage::Withdrawn | Stage::Expired),
        groups: groups(t),
        withdrawing: choices(t, Reason::WITHDRAWING),
        reopening: choices(t, Reason::REOPENING),
        f,
    };
    shown(StatusCode::OK, &page)
}

fn grade(t: &Texts, pair: &Pair, shown: bool) -> String {
    match (shown, pair.candidate.grade) {
        (false, _) => t.get("grade-hidden"),
        (true, Some(1)) => t.get("grade-possible"),
        (true, Some(2)) => t.get("grade-strong"),
        (true, _) => t.get("grade-none"),
    }
}

/// Who judged and how. While the second judgement is missing only the first judge sees the first.
fn judged(t: &Texts, pair: &Pair, own_eyes: bool) -> Vec<(String, String)> {
    let open = pair.stage != Stage::JudgedOnce || own_eyes;
    let text = |judgement: &Judgement| {
        if !open {
            return t.get("judgement-hidden");
        }
        format!("{}: {}", t.of("verdict", judgement.verdict.name()), t.of("reason", judgement.reason.name()))
    };
    pair.judged.iter().map(|(who, judgement)| (person(t, *who), text(judgement))).collect()
}

/// A step on a pair that a form asks for.
fn step(
    console: &Console,
    headers: &HeaderMap,
    id: &str,
    fields: Fields,
    make: impl FnOnce(PairId, u32, &BTreeMap<String, String>) -> Option<What>,
) -> Response {
    let (asking, fields) = match form(console, headers, fields) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let f = frame(console, &asking, "/queue", None);
    let Some(pair) = pair_of(id) else { return message(StatusCode::NOT_FOUND, f, "not-found") };
    let seen = fields.get("seen").and_then(|seen| seen.parse().ok());
    let Some(what) = seen.and_then(|seen| make(pair, seen, &fields)) else {
        return message(StatusCode::UNPROCESSABLE_ENTITY, f, "refused-reason");
    };
    after(f, id, console.take(asking.session.person, what))
}

/// Shows the pair again, or says why a step was not taken.
fn after(f: Frame<'_>, id: &str, taken: Result<(), NotTaken>) -> Response {
    match taken {
        Ok(()) => Redirect::to(&format!("/pair/{id}?done")).into_response(),
        Err(NotTaken::Refused(refusal)) => refused(f, refusal),
        Err(NotTaken::Text) => message(StatusCode::UNPROCESSABLE_ENTITY, f, "refused-text"),
        Err(NotTaken::Failed) => message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed"),
    }
}

pub(crate) async fn disclose(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let (asking, mut fields) = match form(&console, &headers, fields) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let f = frame(&console, &asking, "/queue", None);
    let Some(pair) = pair_of(&id) else { return message(StatusCode::NOT_FOUND, f, "not-found") };
    let parsed = |name: &str| fields.get(name).and_then(|text| text.parse::<u32>().ok());
    let handling = parsed("handling").and_then(|code| u8::try_from(code).ok()).filter(|code| *code <= 3);
    let (Some(seen), Some(handling)) = (parsed("seen"), handling) else {
        return message(StatusCode::UNPROCESSABLE_ENTITY, f, "refused-text");
    };
    let mut text = |name: &str| fields.remove(name).unwrap_or_default().trim().to_owned();
    let case = CaseNotice { case_reference: text("case"), desk: text("desk"), handling };
    after(f, &id, console.disclose(asking.session.person, (pair, seen), case))
}

fn reason_and_note(fields: &BTreeMap<String, String>) -> Option<(Reason, String)> {
    Some((Reason::from_name(fields.get("reason")?)?, fields.get("note").cloned().unwrap_or_default()))
}

pub(crate) async fn judge(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    step(&console, &headers, &id, fields, |pair, seen, fields| {
        // The choice names verdict and reason together: no form without script can pair them wrongly.
        let (verdict, reason) = fields.get("choice")?.split_once('.')?;
        let (verdict, reason) = (Verdict::from_name(verdict)?, Reason::from_name(reason)?);
        let note = fields.get("note").cloned().unwrap_or_default();
        Some(What::Judged { pair, seen, judgement: Judgement { verdict, reason, note } })
    })
}

pub(crate) async fn approve(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    step(&console, &headers, &id, fields, |pair, seen, _| Some(What::Approved { pair, seen }))
}

pub(crate) async fn withdraw(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    step(&console, &headers, &id, fields, |pair, seen, fields| {
        let (reason, note) = reason_and_note(fields)?;
        Some(What::Withdrawn { pair, seen: Some(seen), reason, note })
    })
}

pub(crate) async fn reopen(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    step(&console, &headers, &id, fields, |pair, seen, fields| {
        let (reason, note) = reason_and_note(fields)?;
        Some(What::Reopened { pair, seen, reason, note })
    })
}

pub(crate) async fn status(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let f = frame(&console, &asking, "/status", None);
    let (t, now) = (f.t, console.keeper.now());
    let (counts, due) = console.desk(|desk| {
        let someone = desk.person(asking.session.person);
        let cases = someone.is_some_and(|p| p.standing.roles.iter().any(|role| role.group() == Group::Cases));
        let sees = |lane| !cases || someone.is_some_and(|p| p.standing.works_in(lane));
        let counts = desk.counts().into_iter().filter(|((lane, _), _)| sees(*lane));
        let counts = counts.map(|((lane, stage), n)| Count {
            lane: t.of("lane", lane.name()),
            stage: t.of("stage", stage.name()),
            n,
        });
        let due: Vec<_> = desk
            .due(now)
            .into_iter()
            .filter(|due| !cases || desk.pair(asking.session.person, due.pair).is_ok())
            .collect();
        (counts.collect(), due_lines(t, &due))
    });
    shown(StatusCode::OK, &StatusPage { f, counts, due })
}

fn person(t: &Texts, PersonId(n): PersonId) -> String {
    t.number("person", usize::try_from(n).unwrap_or(usize::MAX))
}
