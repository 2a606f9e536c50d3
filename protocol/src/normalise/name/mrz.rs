//! Names from machine-readable zones (spec 13.4.3, V-NORM-013): the Arabic table of ICAO Doc 9303-3 (section 6, table C)
//! is a cipher of letters, not a spelling. It is decoded, never read as Latin.

use super::super::tables::Tables;
use super::NameForm;
use zeroize::Zeroizing;

/// A decoded name.
pub(super) struct Decoded {
    /// Arabic letters.
    pub(super) text: Zeroizing<String>,
    /// Whether it may be Latin after all.
    pub(super) doubtful: bool,
}

/// The longest form of one letter.
const LONGEST: usize = 3;

/// Decodes a name in which every word consists of forms of table C, and of which one form shows that it is of that
/// table: three letters that begin with X, or in a machine-readable zone two.
pub(super) fn decode(tables: &Tables, text: &str, kind: NameForm) -> Option<Decoded> {
    if !text.bytes().any(|b| b | 0x20 == b'x') || !text.is_ascii() {
        return None;
    }
    let mut decoded = Zeroizing::new(String::with_capacity(text.len() * 2));
    let (mut certain, mut likely) = (false, false);
    let mut upper = Zeroizing::new(text.to_owned());
    upper.make_ascii_uppercase();
    for word in upper.split(|c: char| !c.is_ascii_uppercase()).filter(|w| !w.is_empty()) {
        decoded.push(' ');
        let mut rest = word;
        while !rest.is_empty() {
            let (form, point) = (1..=LONGEST.min(rest.len()))
                .rev()
                .find_map(|n| rest.get(..n).and_then(|form| Some((form, *tables.icao_arabic.get(form)?))))?;
            certain |= form.len() == 3;
            likely |= form.len() == 2;
            decoded.push(char::from_u32(point)?);
            rest = rest.get(form.len()..)?;
        }
    }
    (certain || likely && kind == NameForm::Mrz).then_some(Decoded { text: decoded, doubtful: !certain })
}

/// The Latin letters of a zone: the forms `NXX` and `UXX`, which a state may choose for N with tilde and U with
/// diaeresis, are the letters themselves.
pub(super) fn latin(text: &str) -> Zeroizing<String> {
    let upper = Zeroizing::new(text.to_ascii_uppercase());
    let tilde = Zeroizing::new(upper.replace("NXX", "N"));
    Zeroizing::new(tilde.replace("UXX", "U"))
}
