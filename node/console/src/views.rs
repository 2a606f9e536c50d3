//! What the pages show: templates, which escape everything, and the values in them.

use crate::console::ToldNotice;
use crate::picture::Bar;
use crate::texts::{LANGUAGES, Texts};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use blindlink::agreement::time;
use blindlink::explain::Subject;
use blindlink::ids::{Pseudonym, RoundId};
use blindlink_review::{DueKind, Pair, PairId, Reason, Verdict};

/// What every page has.
pub(crate) struct Frame<'a> {
    pub(crate) t: &'a Texts,
    /// The form token, if somebody has logged in.
    pub(crate) form: Option<String>,
    /// Addresses of the menu, by the key of their text.
    pub(crate) menu: Vec<(&'static str, &'static str)>,
    /// Where the page is, for the choice of a language.
    pub(crate) here: &'static str,
    /// What became of the last step: a key.
    pub(crate) said: Option<&'static str>,
}

impl Frame<'_> {
    pub(crate) fn languages(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        LANGUAGES.iter().filter(|(language, ..)| *language != self.t.language).map(|(_, code, name)| (*code, *name))
    }
}

/// A row of the queue.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) short: String,
    pub(crate) lane: String,
    pub(crate) received: String,
    pub(crate) due: String,
    pub(crate) late: bool,
    pub(crate) child: bool,
}

impl Row {
    pub(crate) fn new(id: PairId, pair: &Pair, now: u64, t: &Texts) -> Self {
        let lane = pair.candidate.lane().map(|lane| t.of("lane", lane.name())).unwrap_or_default();
        let due = pair.due();
        Self {
            id: address(id),
            short: short(id),
            lane,
            received: moment(pair.received),
            due: due.map_or_else(String::new, |(_, until)| moment(until)),
            late: due.is_some_and(|(_, until)| until <= now),
            child: pair.candidate.child,
        }
    }
}

/// The address of a pair.
pub(crate) fn address(id: PairId) -> String {
    format!("{}-{}-{}", hex::encode(id.meeting.round), hex::encode(id.meeting.pseudonym), id.own)
}

/// The pair of an address, which has one form only.
pub(crate) fn pair_of(text: &str) -> Option<PairId> {
    let mut parts = text.split('-');
    let (round, pseudonym) = (RoundId::from_hex(parts.next()?)?, Pseudonym::from_hex(parts.next()?)?);
    let own = parts.next()?.parse().ok()?;
    let id = PairId { meeting: blindlink_review::Meeting { round, pseudonym }, own };
    (parts.next().is_none() && address(id) == text).then_some(id)
}

/// What some subjects are called together.
pub(crate) fn subjects(t: &Texts, subjects: &[Subject]) -> String {
    let word = |subject: &Subject| match subject {
        Subject::Declared(field) => field.clone(),
        known => t.of("subject", &known.code()),
    };
    subjects.iter().map(word).collect::<Vec<_>>().join(" + ")
}

/// What people call a pair among themselves.
pub(crate) fn short(id: PairId) -> String {
    format!("{}\u{a0}·\u{a0}{}", hex::encode(&id.meeting.pseudonym.as_bytes()[..4]), id.own)
}

/// A time, to the minute, in UTC.
pub(crate) fn moment(seconds: u64) -> String {
    let text = time::text(seconds);
    text.get(..16).map_or_else(|| text.clone(), |minute| minute.replace('T', " "))
}

/// A choice in a form.
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) text: String,
}

/// The reasons of one verdict.
pub(crate) struct Group {
    pub(crate) verdict: Choice,
    pub(crate) reasons: Vec<Choice>,
}

pub(crate) fn choices(t: &Texts, reasons: &[Reason]) -> Vec<Choice> {
    reasons.iter().map(|reason| Choice { value: reason.name(), text: t.of("reason", reason.name()) }).collect()
}

pub(crate) fn groups(t: &Texts) -> Vec<Group> {
    let group = |verdict: Verdict| Group {
        verdict: Choice { value: verdict.name(), text: t.of("verdict", verdict.name()) },
        reasons: choices(t, Reason::of(verdict)),
    };
    Verdict::ALL.into_iter().map(group).collect()
}

#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "queue.html")]
pub(crate) struct QueuePage<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) stage: &'static str,
    /// Codes, texts and numbers of all stages, and which is shown.
    pub(crate) stages: Vec<(&'static str, String, usize, bool)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<String>,
}

/// A notice about a pair: its head, then names and values.
pub(crate) struct NoticeLines {
    pub(crate) head: String,
    pub(crate) fields: Vec<(String, String)>,
}

pub(crate) fn notices(t: &Texts, told: &[ToldNotice]) -> Vec<NoticeLines> {
    let lines = |told: &ToldNotice| {
        let way = t.get(if told.own { "notice-sent" } else { "notice-received" });
        let waits =
            if told.own && !told.acknowledged { format!(" ({})", t.get("notice-waits")) } else { String::new() };
        let fields = match &told.case {
            Some(case) => {
                let handling = t.of("letter-handling", &case.handling.min(3).to_string());
                vec![
                    (t.get("disclose-case"), case.case_reference.clone()),
                    (t.get("disclose-desk"), case.desk.clone()),
                    (t.get("letter-handling"), handling),
                ]
            }
            None => vec![(t.get("stage-withdrawn"), String::new())],
        };
        NoticeLines { head: format!("{way} {}{waits}", moment(told.time)), fields }
    };
    told.iter().map(lines).collect()
}

#[derive(Template)]
#[template(path = "pair.html")]
pub(crate) struct PairPage<'a> {
    pub(crate) f: Frame<'a>,
    /// After a step: the pair that waits next for this person.
    pub(crate) next: Option<String>,
    pub(crate) row: Row,
    pub(crate) stage: String,
    pub(crate) version: u32,
    pub(crate) record: Vec<(String, String)>,
    pub(crate) grade: String,
    pub(crate) tables: Vec<String>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) height: usize,
    pub(crate) judged: Vec<(String, String)>,
    pub(crate) may_judge: bool,
    pub(crate) may_approve: bool,
    pub(crate) may_disclose: bool,
    pub(crate) notices: Vec<NoticeLines>,
    /// Letters that can be had, with their titles.
    pub(crate) letters: Vec<(&'static str, String)>,
    /// Handling codes with their texts.
    pub(crate) handling: Vec<(u8, String)>,
    pub(crate) may_reopen: bool,
    pub(crate) may_withdraw: bool,
    pub(crate) groups: Vec<Group>,
    pub(crate) withdrawing: Vec<Choice>,
    pub(crate) reopening: Vec<Choice>,
}

/// A line of the status: a lane, a stage and how many.
pub(crate) struct Count {
    pub(crate) lane: String,
    pub(crate) stage: String,
    pub(crate) n: usize,
}

#[derive(Template)]
#[template(path = "status.html")]
pub(crate) struct StatusPage<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) counts: Vec<Count>,
    pub(crate) due: Vec<String>,
}

pub(crate) fn due_lines(t: &Texts, due: &[blindlink_review::Due]) -> Vec<String> {
    let of = |kind| due.iter().filter(|due| due.kind == kind).count();
    [("due-decide", DueKind::Decide), ("due-answer", DueKind::Answer), ("due-expire", DueKind::Expire)]
        .into_iter()
        .map(|(key, kind)| (key, of(kind)))
        .filter(|(_, n)| *n > 0)
        .map(|(key, n)| t.number(key, n))
        .collect()
}

/// A line of the log.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) what: String,
    pub(crate) pair: String,
}

#[derive(Template)]
#[template(path = "log.html")]
pub(crate) struct LogPage<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) holds: bool,
    pub(crate) length: usize,
    pub(crate) lines: Vec<Line>,
    /// Whether the lines were drawn by chance.
    pub(crate) sampled: bool,
    pub(crate) earlier: Option<usize>,
    pub(crate) later: Option<usize>,
}

#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) key: &'a str,
}

/// A page with a status.
pub(crate) fn shown(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
