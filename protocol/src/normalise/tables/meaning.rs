//! What code points mean.

/// What a code point is to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Separates parts: also everything that no table knows.
    Break,
    /// Nothing.
    Ignored,
    /// An apostrophe.
    Apostrophe,
    /// A hyphen.
    Hyphen,
    /// A letter or vowel sign with its romanisation.
    Letter(&'static str),
    /// A Han character with its reading.
    Han(&'static str),
    /// Other code points.
    Folds(&'static [u32]),
}

/// Where a sequence has its romanisation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Anywhere.
    Any,
    /// At the beginning of a word only.
    Initial,
}

/// A sequence of folded code points with a romanisation of its own.
pub(crate) struct Sequence {
    pub(crate) points: Vec<u32>,
    pub(crate) place: Place,
    pub(crate) letters: &'static str,
}

/// Other letters, and the set of them that they belong to: those of one set are used together.
pub(crate) type Alternate = (&'static str, u8);

/// The scripts whose letters are taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    Greek,
}
