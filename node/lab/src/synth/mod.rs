//! Synthetic lists of persons with a known truth. Every person is invented and marked so: case reference `SYNTHETIC`,
//! issuer of documents `UTO` (the specimen state of ICAO Doc 9303), telephone numbers under the unassigned country code 999, e-mail
//! addresses at example.org. The model, its rates and its sources are in docs/synthetic.md.

mod calendar;
pub mod cells;
pub mod corruption;
pub mod names;
pub mod noise;
pub mod person;
pub mod rng;
mod write;

pub use cells::{COLUMNS, Cells};
pub use write::{write_list, write_lookalikes, write_truth};

use corruption::Applied;
use noise::{Register, Side};
use person::{Likeness, Population};
use rng::Rng;
use std::collections::HashMap;

/// Difficulty of `--difficulty moderate`.
pub const MODERATE: f64 = 0.5;
/// Difficulty of `--difficulty hard`.
pub const HARD: f64 = 1.0;

/// What to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Records of list A.
    pub records_a: u32,
    /// Records of list B.
    pub records_b: u32,
    /// Share of the smaller list's records whose person the other one has too, 0 to 1.
    pub overlap: f64,
    /// Number of those persons, instead of the share.
    pub shared: Option<u32>,
    /// Seed: the same one gives the same files.
    pub seed: u64,
    /// Difficulty: 0 clean, [`MODERATE`], [`HARD`].
    pub h: f64,
    /// Whether names come in the spellings of the published groups, and offices write most names in their own way.
    pub variants: bool,
    /// Cultures of the persons; all if none is named.
    pub cultures: Vec<&'static names::Culture>,
}

impl Plan {
    /// Two lists of one size, of moderate difficulty.
    #[must_use]
    pub const fn new(records: u32, overlap: f64, seed: u64) -> Self {
        Self {
            records_a: records,
            records_b: records,
            overlap,
            shared: None,
            seed,
            h: MODERATE,
            variants: false,
            cultures: Vec::new(),
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn shared(&self) -> u32 {
        let most = self.records_a.min(self.records_b);
        let share = (f64::from(most) * self.overlap.clamp(0.0, 1.0)).round() as u32;
        self.shared.unwrap_or(share).min(most)
    }
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Identifier in its list.
    pub id: String,
    /// What the list knows.
    pub cells: Cells,
    /// What happened to it on the way.
    pub applied: Applied,
    /// Number of the person.
    person: u32,
}

/// A pair of records of one person.
#[derive(Clone, Debug)]
pub struct TruePair {
    /// Identifier in list A.
    pub a: String,
    /// Identifier in list B.
    pub b: String,
    /// Culture of the person.
    pub culture: &'static str,
    /// What happened to the record of list A.
    pub applied_a: Applied,
    /// What happened to the record of list B.
    pub applied_b: Applied,
}

/// A pair of records of two persons who look alike.
#[derive(Clone, Debug)]
pub struct LookAlike {
    /// Identifier in list A.
    pub a: String,
    /// Identifier in list B.
    pub b: String,
    /// Why they look alike.
    pub likeness: Likeness,
}

/// Two lists and the truth about them.
#[derive(Clone, Debug)]
pub struct Lists {
    /// First list.
    pub a: Vec<Row>,
    /// Second list.
    pub b: Vec<Row>,
    /// Pairs that are one person, in the order of `a`.
    pub truth: Vec<TruePair>,
    /// Pairs that are two persons who look alike.
    pub lookalikes: Vec<LookAlike>,
    /// Persons of the population that were made to look like another one, whichever lists have them.
    pub persons_alike: usize,
    /// Persons of the population.
    pub persons: usize,
}

/// What a random stream is for; [`person`] has others.
mod stream {
    pub(super) const SPLIT: u64 = 11;
    pub(super) const VIEW_A: u64 = 12;
    pub(super) const VIEW_B: u64 = 13;
}

/// Makes two lists.
#[must_use]
pub fn generate(plan: &Plan) -> Lists {
    let shared = plan.shared();
    let size = plan.records_a + plan.records_b - shared;
    let population = Population::new(plan.seed, size).of(&plan.cultures);
    let rng = &mut Rng::of(plan.seed, stream::SPLIT, 0);
    let (in_a, in_b) = split(size, plan.records_a, shared, rng);
    let mut made = Made::default();
    let a = rows(&population, &in_a, (Side::A, stream::VIEW_A), plan, &mut made);
    let b = rows(&population, &in_b, (Side::B, stream::VIEW_B), plan, &mut made);
    let at =
        |list: &[Row]| -> HashMap<u32, usize> { list.iter().enumerate().map(|(i, row)| (row.person, i)).collect() };
    let (at_a, at_b) = (at(&a), at(&b));
    let truth = a
        .iter()
        .filter_map(|row| {
            let other = at_b.get(&row.person).and_then(|i| b.get(*i))?;
            Some(TruePair {
                a: row.id.clone(),
                b: other.id.clone(),
                culture: made.cultures.get(&row.person)?,
                applied_a: row.applied.clone(),
                applied_b: other.applied.clone(),
            })
        })
        .collect();
    let mut lookalikes = Vec::new();
    let id = |list: &[Row], at: &HashMap<u32, usize>, person: u32| {
        at.get(&person).and_then(|i| list.get(*i)).map(|row| row.id.clone())
    };
    for (one, other, likeness) in made.pairs(size) {
        for (a_person, b_person) in [(one, other), (other, one)] {
            if let (Some(a), Some(b)) = (id(&a, &at_a, a_person), id(&b, &at_b, b_person)) {
                lookalikes.push(LookAlike { a, b, likeness });
            }
        }
    }
    Lists { truth, lookalikes, persons_alike: made.alike.len(), persons: size as usize, a, b }
}

/// Number of another person, and in what one looks like that one.
type Model = (u32, Likeness);

/// What is remembered of the persons while the lists are made.
#[derive(Default)]
struct Made {
    cultures: HashMap<u32, &'static str>,
    /// Of those who look like others: the model, and the controller.
    alike: HashMap<u32, (Option<Model>, Option<u32>)>,
}

impl Made {
    /// Pairs of persons who look alike: each with its model, and each with the one before it at the same controller.
    fn pairs(&self, size: u32) -> Vec<(u32, u32, Likeness)> {
        let mut pairs = Vec::new();
        let mut held: HashMap<u32, u32> = HashMap::new();
        for (person, (like, controller)) in (0..size).filter_map(|i| Some((i, self.alike.get(&i)?))) {
            pairs.extend(like.map(|(model, likeness)| (person, model, likeness)));
            let before = controller.and_then(|c| held.insert(c, person));
            pairs.extend(before.map(|other| (person, other, Likeness::Controlled)));
        }
        pairs
    }
}

fn rows(population: &Population, persons: &[u32], (side, view): (Side, u64), plan: &Plan, made: &mut Made) -> Vec<Row> {
    let register = Register { side, h: plan.h, variants: plan.variants, seed: plan.seed };
    let prefix = if side == Side::A { 'A' } else { 'B' };
    persons
        .iter()
        .zip(1..)
        .map(|(&number, n): (&u32, u32)| {
            let person = population.person(number);
            made.cultures.insert(number, &person.culture.name);
            if person.like.is_some() || person.controller.is_some() {
                made.alike.insert(number, (person.like, person.controller));
            }
            let mut rng = Rng::of(plan.seed, view, u64::from(number));
            let (cells, applied) = noise::view(&person, register, &mut rng);
            Row { id: format!("{prefix}{n:07}"), cells, applied, person: number }
        })
        .collect()
}

/// Persons of the two lists: `shared` in both, chosen at random, so that look-alikes are in either.
fn split(persons: u32, records_a: u32, shared: u32, rng: &mut Rng) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..persons).collect();
    rng.shuffle(&mut order);
    let mut a: Vec<u32> = order.iter().take(records_a as usize).copied().collect();
    let mut b: Vec<u32> =
        order.iter().take(shared as usize).chain(order.iter().skip(records_a as usize)).copied().collect();
    rng.shuffle(&mut a);
    rng.shuffle(&mut b);
    (a, b)
}

#[cfg(test)]
mod tests;
