//! The letter about a pair, as a file in one of the six languages.

use super::{Shared, asking, frame, message, refused, to_login};
use crate::console::{NotTaken, ToldNotice};
use crate::letter::{Letter, LetterKind};
use crate::texts::Language;
use crate::views::pair_of;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use axum::response::{IntoResponse, Response};
use blindlink_review::{Refusal, What};

/// The letters that there are about a pair with these notices.
pub(super) fn kinds(told: &[ToldNotice]) -> impl Iterator<Item = LetterKind> {
    LetterKind::ALL.into_iter().filter(|kind| Letter::of(*kind, told, "", 0).is_some())
}

/// Gives the letter about a pair of which the own reference was sent. As with the page of a pair, that it was read is a step
/// of the log.
pub(crate) async fn letter(
    State(console): Shared,
    headers: HeaderMap,
    Path((id, kind, language)): Path<(String, String, String)>,
) -> Response {
    let Some(asking) = asking(&console, &headers) else { return to_login() };
    let f = frame(&console, &asking, "/queue", None);
    let (pair, kind) = (pair_of(&id), LetterKind::from_name(&kind));
    let (Some(pair), Some(kind), Some(language)) = (pair, kind, Language::from_code(&language)) else {
        return message(StatusCode::NOT_FOUND, f, "not-found");
    };
    let person = asking.session.person;
    match console.take(person, What::Opened { pair }) {
        Ok(()) => {}
        Err(NotTaken::Refused(refusal)) => return refused(f, refusal),
        Err(NotTaken::Text | NotTaken::Failed) => return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed"),
    }
    let Ok(candidate) = console.desk(|desk| desk.pair(person, pair).map(|pair| pair.candidate.clone())) else {
        return refused(f, Refusal::NoSuchPair);
    };
    let keeper = &console.keeper;
    let (Ok(told), Ok(agreement)) = (keeper.notices(pair), keeper.agreement(&candidate.agreement)) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, f, "failed");
    };
    let Some(letter) = Letter::of(kind, &told, &agreement, keeper.now()) else {
        return message(StatusCode::CONFLICT, f, "letter-none");
    };
    let name = format!("attachment; filename=\"letter-{}-{}.txt\"", kind.name(), language.code());
    let kind = "text/plain; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], letter.text(language)).into_response()
}
