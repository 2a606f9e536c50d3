//! Machine-readable zones of documents (spec section 4.2.2), one after the other: two lines of 44 or 36 characters, or
//! three of 30.

use super::{Collector, FileError, Problem, Reading, Source};
use blindlink::normalise::mrz::{self, Zone};
use blindlink::record::RawRecord;
use blindlink::schema::Field;
use zeroize::Zeroize;

/// Reads a whole file. `year` is the present one: a zone writes years of birth with two digits.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(text: &str, reading: &Reading<'_>, year: u16) -> Result<Source, FileError> {
    let rules = Reading { year: Some(year), ..*reading }.rules();
    let mut collector = Collector::default();
    // V-MRZ-001: scanners end lines with CR too. Characters are counted: one that zones do not have is still one.
    let ended = text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    let mut lines = (1_u64..).zip(ended.map(str::trim)).filter(|(_, line)| !line.is_empty()).peekable();
    while let Some((first, line)) = lines.next() {
        let length = line.chars().count();
        let more = if length == 30 { 2 } else { 1 };
        let mut zone = line.to_owned();
        for _ in 0..more {
            // A line of another length begins another zone: one bad line must not shift all that follow.
            if let Some((_, next)) = lines.next_if(|(_, next)| next.chars().count() == length) {
                zone.push('\n');
                zone.push_str(next);
            }
        }
        let read = mrz::parse(&zone);
        zone.zeroize();
        collector.id(&format!("line-{first}"), first)?;
        collector.row(first, |id, told| {
            let zone = read?;
            // V-MRZ-003
            told.extend(zone.faults.iter().map(|fault| Problem::Mrz(*fault)));
            reading.check(id, &raw(&zone, first, year), &rules, told)
        })?;
    }
    Ok(collector.finish())
}

/// V-MRZ-002
fn raw(zone: &Zone, line: u64, year: u16) -> RawRecord {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, &format!("line-{line}"));
    if !(zone.primary.is_empty() && zone.secondary.is_empty()) {
        // A blank that a scanner left in the zone is none of the name.
        let mut both = format!("{}<<{}", zone.primary, zone.secondary);
        let mut name = both.trim_matches(' ').replace(' ', "<");
        both.zeroize();
        raw.push(Field::MrzNames, &name);
        name.zeroize();
    }
    if let Some(mut born) = zone.birth_date_text(year) {
        raw.push(Field::BirthDate, &born);
        raw.push(Field::BirthBasis, "document");
        born.zeroize();
    }
    raw.push(Field::Sex, &char::from(zone.sex).to_string());
    raw.push(Field::Nationality, &zone.nationality);
    if !zone.document_number.is_empty() {
        let kind = match zone.document_type.as_bytes().first() {
            Some(b'P') => "passport",
            Some(b'V') => "visa",
            _ => "national_id",
        };
        raw.push(Field::DocumentType, kind);
        raw.push(Field::DocumentIssuer, &zone.issuer);
        raw.push(Field::DocumentNumber, &zone.document_number);
    }
    raw
}

#[cfg(test)]
mod tests;
