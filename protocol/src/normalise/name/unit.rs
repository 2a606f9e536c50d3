//! Units of a text: folded code points and signs.

use super::super::tables::Alternate;
use zeroize::Zeroize;

/// Units that are no letters.
pub(super) const BREAK: u32 = 0x20;
pub(super) const HYPHEN: u32 = 0x2d;
pub(super) const APOSTROPHE: u32 = 0x27;

/// A folded code point, or one of the signs above, with another romanisation if it has one.
#[derive(Clone, Copy, Default, Zeroize)]
pub(super) struct Unit {
    pub(super) point: u32,
    /// The Cyrillic letter before it lost its mark, lower case, or `point`.
    pub(super) written: u32,
    #[zeroize(skip)]
    pub(super) alternate: Option<Alternate>,
}

/// What a unit is written in, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Han,
    Hangul,
    Other,
}

pub(super) const fn writing(point: u32) -> Writing {
    match point {
        0x3400..=0x4dbf | 0x4e00..=0x9fff => Writing::Han,
        0xac00..=0xd7a3 | 0x1100..=0x11ff => Writing::Hangul,
        _ => Writing::Other,
    }
}
