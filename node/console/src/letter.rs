//! A letter about a confirmed pair, for the authority's own channel (SIENA, I-24/7, a request for assistance).
//!
//! The node sends no letter. Its fields are references and a desk; there is no place in it for a person.

use crate::texts::{Language, Texts};

/// What a letter asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Whether the other authority finds the same.
    Request,
    /// To erase what came of the pair.
    Withdrawal,
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// What it asks.
    pub kind: LetterKind,
    /// Its date, as it is to be written.
    pub date: &'a str,
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

impl Letter<'_> {
    /// The letter in a language, as plain text: a field a line, then the text.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let t = Texts::new(language);
        let (title, text) = match self.kind {
            LetterKind::Request => ("letter-request", "letter-text-request"),
            LetterKind::Withdrawal => ("letter-withdrawal", "letter-text-withdrawal"),
        };
        let handling = t.get(
            ["letter-handling-0", "letter-handling-1", "letter-handling-2", "letter-handling-3"]
                [usize::from(self.handling.min(3))],
        );
        let fields = [
            ("letter-date", self.date),
            ("letter-agreement", self.agreement),
            ("letter-our-reference", self.our_reference),
            ("letter-your-reference", self.your_reference),
            ("letter-desk", self.desk),
            ("letter-handling", &handling),
        ];
        let mut letter = t.get(title) + "\n\n";
        for (key, value) in fields {
            // A value stays on its line, whatever it holds.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            letter += &format!("{}: {value}\n", t.get(key));
        }
        letter + "\n" + &t.get(text) + "\n"
    }
}
