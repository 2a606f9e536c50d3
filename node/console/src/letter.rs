//! A letter about a confirmed pair, for the authority's own channel (SIENA, I-24/7, a request for assistance).
//!
//! The node sends no letter. Its fields are references and a desk; there is no place in it for a person.

use crate::console::ToldNotice;
use crate::texts::{Language, Texts};
use crate::views::moment;

/// What a letter asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Whether the other authority finds the same.
    Request,
    /// To erase what came of the pair.
    Withdrawal,
}

impl LetterKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Request, Self::Withdrawal];

    /// Name in an address and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Request => "letter-request",
            Self::Withdrawal => "letter-withdrawal",
        }
    }
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// What it asks.
    pub kind: LetterKind,
    /// Its date, as it is to be written.
    pub date: String,
    /// Name of the agreement.
    pub agreement: &'a str,
    /// The own case reference.
    pub our_reference: &'a str,
    /// The other authority's, as it disclosed it.
    pub your_reference: &'a str,
    /// Whom to call.
    pub desk: &'a str,
    /// Handling code, 0 to 3; a greater one is as strict as 3.
    pub handling: u8,
}

impl<'a> Letter<'a> {
    /// The letter that the notices about a pair allow at this time, in seconds since 1970: a request once both references are
    /// known, a withdrawal once the own reference was taken back.
    #[must_use]
    pub fn of(kind: LetterKind, told: &'a [ToldNotice], agreement: &'a str, now: u64) -> Option<Self> {
        let case = |own: bool| told.iter().rev().filter(|told| told.own == own).find_map(|told| told.case.as_ref());
        let (ours, theirs) = (case(true)?, case(false));
        let withdrawn = told.iter().any(|told| told.case.is_none());
        let fits = match kind {
            LetterKind::Request => theirs.is_some() && !withdrawn,
            LetterKind::Withdrawal => withdrawn,
        };
        fits.then(|| Self {
            kind,
            date: moment(now).split(' ').next().unwrap_or_default().to_owned(),
            agreement,
            our_reference: &ours.case_reference,
            your_reference: theirs.map_or("", |theirs| &theirs.case_reference),
            desk: &ours.desk,
            handling: ours.handling,
        })
    }
    /// The letter in a language, as plain text: a field a line, then the text.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let t = Texts::new(language);
        let text = match self.kind {
            LetterKind::Request => "letter-text-request",
            LetterKind::Withdrawal => "letter-text-withdrawal",
        };
        let handling = t.get(
            ["letter-handling-0", "letter-handling-1", "letter-handling-2", "letter-handling-3"]
                [usize::from(self.handling.min(3))],
        );
        let fields = [
            ("letter-date", self.date.as_str()),
            ("letter-agreement", self.agreement),
            ("letter-our-reference", self.our_reference),
            ("letter-your-reference", self.your_reference),
            ("letter-desk", self.desk),
            ("letter-handling", &handling),
        ];
        let mut letter = t.get(self.kind.title()) + "\n\n";
        for (key, value) in fields {
            // A value stays on its line, whatever it holds.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            letter += &format!("{}: {value}\n", t.get(key));
        }
        letter + "\n" + &t.get(text) + "\n"
    }
}
