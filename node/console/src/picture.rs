//! A waterfall: what each kind of field can add to a score, as an inline picture without style or script.

use crate::texts::Texts;
use crate::views::subjects;
use blindlink::explain::Subject;

/// A bar of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) adds: u32,
    /// Where it begins and how long it is, in parts of 220.
    pub(crate) from: u32,
    pub(crate) width: u32,
    /// Its top, in points.
    pub(crate) top: u32,
    /// The baseline of its text.
    pub(crate) base: u32,
}

/// All bars, one below the other, each beginning where the one above ends.
pub(crate) fn bars(t: &Texts, kinds: &[(Vec<Subject>, u32)]) -> Vec<Bar> {
    let total: u64 = kinds.iter().map(|(_, adds)| u64::from(*adds)).sum::<u64>().max(1);
    let part = |of: u64| u32::try_from(of * 220 / total).unwrap_or(220);
    let (mut before, mut bars) = (0_u64, Vec::new());
    for ((kinds, adds), row) in kinds.iter().zip(0_u32..) {
        let (from, after) = (part(before), before + u64::from(*adds));
        let width = part(after).saturating_sub(from).max(1);
        bars.push(Bar { label: subjects(t, kinds), adds: *adds, from, width, top: row * 28 + 4, base: row * 28 + 19 });
        before = after;
    }
    bars
}
