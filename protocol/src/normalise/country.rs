//! Country codes (spec 13.9).

use super::tables::rows;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zeroize::Zeroize;

/// A three-letter code, upper case.
pub type Code = [u8; 3];

/// The kind of a code, and so whether it says something about nationality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeBasis {
    /// ISO 3166-1.
    Iso,
    /// A code of ICAO Doc 9303-3, section 5, for a person of a state.
    Icao,
    /// A state that is no more: the codes are those of its successors.
    Historic,
    /// An organisation that issues documents; no nationality.
    Organisation,
    /// Stateless, refugee, unknown: no nationality. Two such codes that are equal say nothing about the persons.
    Status,
    /// Specimen documents and synthetic persons.
    Specimen,
    /// In no table: three letters that may be a code of tomorrow.
    Unknown,
}

/// A code as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// ICAO or ISO 3166-1 alpha-3 codes; several for a historic state, in alphabetical order.
    pub codes: Cow<'static, [Code]>,
    /// What it is.
    pub basis: CodeBasis,
}

/// Wipes codes that no table knows; of others the place in the table is forgotten.
impl Zeroize for Country {
    fn zeroize(&mut self) {
        if let Cow::Owned(codes) = &mut self.codes {
            codes.zeroize();
        }
        self.codes = Cow::Borrowed(&[]);
        self.basis = CodeBasis::Unknown;
    }
}

fn table() -> &'static BTreeMap<Code, (Vec<Code>, CodeBasis)> {
    static TABLE: OnceLock<BTreeMap<Code, (Vec<Code>, CodeBasis)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows("countries.tsv")
            .filter_map(|row| {
                let codes = row.get(1)?.split(' ').filter_map(|code| code.as_bytes().try_into().ok()).collect();
                let basis = match *row.get(2)? {
                    "iso" => CodeBasis::Iso,
                    "icao" => CodeBasis::Icao,
                    "historic" => CodeBasis::Historic,
                    "organisation" => CodeBasis::Organisation,
                    "status" => CodeBasis::Status,
                    _ => CodeBasis::Specimen,
                };
                Some((padded(row.first()?), (codes, basis)))
            })
            .collect()
    })
}

/// Reads one to three letters in either case, fillers `<` at the end left out (V-NORM-020). Three letters that no table
/// knows are their own code: codes come and go. Fewer letters that no table knows are refused.
#[must_use]
pub fn read(text: &str) -> Option<Country> {
    let text = text.trim().trim_end_matches('<');
    if !(1..=3).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let code = padded(text);
    if let Some((codes, basis)) = table().get(&code) {
        return Some(Country { codes: Cow::Borrowed(codes), basis: *basis });
    }
    (text.len() == 3).then(|| Country { codes: Cow::Owned(vec![code]), basis: CodeBasis::Unknown })
}

/// A code of one to three letters in upper case, filled up with zeros.
fn padded(text: &str) -> Code {
    let mut code = [0; 3];
    code.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from.to_ascii_uppercase());
    code
}

impl Country {
    /// Whether equal codes are evidence for one nationality.
    #[must_use]
    pub const fn is_nationality(&self) -> bool {
        !matches!(self.basis, CodeBasis::Organisation | CodeBasis::Status)
    }
}
