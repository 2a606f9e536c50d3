//! Synthetic lists of persons with a known truth. Every person is invented: nationality `UTO` (the specimen state of
//! ICAO Doc 9303), telephone numbers under the unassigned country code 999, e-mail addresses at example.org.

pub mod names;
pub mod noise;
pub mod person;
pub mod rng;

use blindlink::schema::Field;
use noise::View;
use person::Population;
use rng::Rng;
use std::io::{self, Write};

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Records of each list.
    pub records: u32,
    /// Share of the records that both lists have, 0 to 1.
    pub overlap: f64,
    /// Seed: the same one gives the same files.
    pub seed: u64,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Identifier in its list.
    pub id: String,
    /// What the list knows.
    pub view: View,
}

/// Two lists and the truth about them.
#[derive(Clone, Debug)]
pub struct Lists {
    /// First list.
    pub a: Vec<Row>,
    /// Second list.
    pub b: Vec<Row>,
    /// Identifiers of the pairs that are one person, in the order of `a`.
    pub truth: Vec<(String, String)>,
}

/// Makes two lists.
#[must_use]
pub fn generate(plan: Plan) -> Lists {
    let mut rng = Rng::new(plan.seed);
    let records = plan.records as usize;
    let shared = shared(plan);
    let persons = Population::new(&mut rng).persons(2 * records - shared);
    let (mut a, mut b): (Vec<usize>, Vec<usize>) = split(persons.len(), records, shared, &mut rng);
    rng.shuffle(&mut a);
    rng.shuffle(&mut b);
    let rows = |list: &[usize], prefix: char, rng: &mut Rng| -> Vec<Row> {
        list.iter()
            .zip(1..)
            .filter_map(|(&i, n)| Some(Row { id: format!("{prefix}{n:07}"), view: noise::view(persons.get(i)?, rng) }))
            .collect()
    };
    let (rows_a, rows_b) = (rows(&a, 'A', &mut rng), rows(&b, 'B', &mut rng));
    let mut where_in_b = vec![None; persons.len()];
    for (&person, row) in b.iter().zip(&rows_b) {
        if let Some(slot) = where_in_b.get_mut(person) {
            *slot = Some(&row.id);
        }
    }
    let truth = a
        .iter()
        .zip(&rows_a)
        .filter_map(|(&person, row)| Some((row.id.clone(), where_in_b.get(person).copied().flatten()?.clone())))
        .collect();
    Lists { a: rows_a, b: rows_b, truth }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn shared(plan: Plan) -> usize {
    (f64::from(plan.records) * plan.overlap.clamp(0.0, 1.0)).round() as usize
}

/// Persons of the two lists: `shared` in both, chosen at random, so that siblings and namesakes are in either.
fn split(persons: usize, records: usize, shared: usize, rng: &mut Rng) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..persons).collect();
    rng.shuffle(&mut order);
    let a = order.iter().take(records).copied().collect();
    let b = order.iter().take(shared).chain(order.iter().skip(records)).copied().collect();
    (a, b)
}

/// Columns of the lists.
pub const COLUMNS: [Field; 12] = [
    Field::RecordId,
    Field::GivenNames,
    Field::FamilyNames,
    Field::BirthDate,
    Field::Sex,
    Field::Nationality,
    Field::BirthCountry,
    Field::DocumentType,
    Field::DocumentIssuer,
    Field::DocumentNumber,
    Field::Phone,
    Field::Email,
];

/// Writes a list as CSV.
///
/// # Errors
/// Those of the writer.
pub fn write_list(rows: &[Row], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS.map(Field::name))?;
    for row in rows {
        writer.write_record(row.view.cells(&row.id))?;
    }
    writer.flush()
}

/// Writes the truth as CSV.
///
/// # Errors
/// Those of the writer.
pub fn write_truth(truth: &[(String, String)], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["a_id", "b_id"])?;
    for (a, b) in truth {
        writer.write_record([a, b])?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests;
