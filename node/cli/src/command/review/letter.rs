//! A letter about a pair, for the authority's own channel.

use super::Refusal;
use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use blindlink_console::{Keeper, Language, Letter, LetterKind};
use blindlink_node::sys::clock;
use blindlink_review::{PairId, PersonId};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    text: String,
}

pub(super) fn kind(text: &str) -> Result<LetterKind, String> {
    super::one_of(text, &LetterKind::ALL, LetterKind::name)
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    let all = blindlink_console::LANGUAGES.map(|(language, ..)| language);
    super::one_of(text, &all, Language::code)
}

/// Prints the letter.
pub(super) fn print(
    office: &Office,
    person: PersonId,
    pair: PairId,
    (kind, language): (LetterKind, Language),
    json: bool,
) -> Result<(), Failure> {
    let Ok(candidate) = office.desk().pair(person, pair).map(|pair| pair.candidate.clone()) else {
        return Err(Refusal::NoSuchPair.into());
    };
    let keeper = office.keeper();
    let failed = |_| Failure::new(Exit::Io, "the notices of the pair cannot be read");
    let told = keeper.notices(pair).map_err(failed)?;
    let agreement = keeper.agreement(&candidate.agreement).map_err(failed)?;
    let Some(letter) = Letter::of(kind, &told, &agreement, clock::now()) else {
        let text = "there is no such letter about this pair: a request needs both case references, a withdrawal a pair \
                    that was taken back";
        return Err(Failure::new(Exit::Review, text));
    };
    let shown = Shown { schema: "blindlink.letter/v1", text: letter.text(language) };
    printed(output::print(json, &shown, || shown.text.clone()))
}
