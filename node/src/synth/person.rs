//! The persons behind the lists, with siblings and namesakes among them.

use super::names::{Culture, Name, cultures};
use super::rng::Rng;

/// Shares of the population, fixed before anything was measured.
pub mod rates {
    /// Persons with a sibling in the population: same family names, country and mostly the same telephone.
    pub const SIBLING: f64 = 0.05;
    /// Siblings that are twins.
    pub const TWIN: f64 = 0.05;
    /// Persons with a namesake: same names and sex, another date of birth.
    pub const NAMESAKE: f64 = 0.03;
    /// Persons with a second given name.
    pub const SECOND_GIVEN: f64 = 0.35;
    /// Persons whose family name is a rare one.
    pub const RARE_FAMILY: f64 = 0.35;
    /// Siblings that share a telephone.
    pub const SHARED_PHONE: f64 = 0.5;
}

/// One person, as they are.
#[derive(Clone, Debug)]
pub struct Person {
    /// Given names.
    pub given: Vec<Name>,
    /// Family names.
    pub family: Vec<Name>,
    /// Year, month, day.
    pub born: (u16, u16, u16),
    /// Whether female.
    pub female: bool,
    /// Country of birth.
    pub country: String,
    /// Document number.
    pub document: String,
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}

/// Draws persons.
#[derive(Debug)]
pub struct Population<'a> {
    rng: &'a mut Rng,
    cultures: Vec<Culture>,
}

impl<'a> Population<'a> {
    /// A population of all cultures.
    #[must_use]
    pub fn new(rng: &'a mut Rng) -> Self {
        Self { rng, cultures: cultures() }
    }

    /// That many persons.
    #[must_use]
    pub fn persons(mut self, count: usize) -> Vec<Person> {
        let mut persons: Vec<Person> = Vec::with_capacity(count);
        while persons.len() < count {
            let person = if self.rng.chance(rates::SIBLING) {
                let model = self.rng.pick(&persons).cloned();
                model.map(|m| self.sibling(m))
            } else if self.rng.chance(rates::NAMESAKE) {
                let model = self.rng.pick(&persons).cloned();
                model.map(|m| self.namesake(m))
            } else {
                self.stranger()
            };
            persons.extend(person);
        }
        persons
    }

    fn stranger(&mut self) -> Option<Person> {
        let culture = self.cultures.get(self.rng.below(self.cultures.len()))?.clone();
        let female = self.rng.chance(0.5);
        let family_names = if culture.countries.iter().any(|c| c == "COL") { 2 } else { 1 };
        let family: Vec<Name> = (0..family_names).filter_map(|_| self.family(&culture)).collect();
        let given = self.given(&culture, female);
        let (document, phone) = (self.document(), self.phone());
        let email = self.email(&given);
        let country = self.rng.pick_skewed(&culture.countries)?.clone();
        Some(Person { given, family, born: self.born(), female, country, document, phone, email })
    }

    fn sibling(&mut self, model: Person) -> Person {
        let female = self.rng.chance(0.5);
        let culture = self.cultures.iter().find(|c| c.countries.contains(&model.country)).cloned();
        let given = culture.map_or_else(Vec::new, |c| self.given(&c, female));
        let born = if self.rng.chance(rates::TWIN) {
            model.born
        } else {
            let (_, month, day) = self.born();
            (model.born.0 + self.rng.between(1, 6), month, day)
        };
        let phone = if self.rng.chance(rates::SHARED_PHONE) { model.phone.clone() } else { self.phone() };
        let email = self.email(&given);
        Person { given, born, female, phone, email, document: self.document(), ..model }
    }

    fn namesake(&mut self, model: Person) -> Person {
        let (document, phone, email) = (self.document(), self.phone(), self.email(&model.given));
        Person { born: self.born(), document, phone, email, ..model }
    }

    fn family(&mut self, culture: &Culture) -> Option<Name> {
        if self.rng.chance(rates::RARE_FAMILY) {
            let latin = format!("{}{}", self.rng.pick(&culture.stems)?, self.rng.pick(&culture.ends)?);
            return Some(Name { latin, others: Vec::new(), native: None });
        }
        self.rng.pick_skewed(&culture.family).cloned()
    }

    fn given(&mut self, culture: &Culture, female: bool) -> Vec<Name> {
        let names = if female { &culture.female } else { &culture.male };
        let mut given: Vec<Name> = self.rng.pick_skewed(names).cloned().into_iter().collect();
        if self.rng.chance(rates::SECOND_GIVEN) {
            given.extend(self.rng.pick_skewed(names).filter(|n| !given.contains(n)).cloned());
        }
        given
    }

    /// Ages of 10 to 60, the young ones likelier.
    fn born(&mut self) -> (u16, u16, u16) {
        let year = self.rng.between(1966, 2015).max(self.rng.between(1966, 2015));
        (year, self.rng.between(1, 12), self.rng.between(1, 28))
    }

    fn document(&mut self) -> String {
        let letters: String =
            (0..2).map(|_| char::from(b'A' + u8::try_from(self.rng.below(26)).unwrap_or(0))).collect();
        format!("{letters}{:07}", self.rng.below(10_000_000))
    }

    fn phone(&mut self) -> String {
        format!("+999 {:03} {:06}", self.rng.between(100, 999), self.rng.below(1_000_000))
    }

    fn email(&mut self, given: &[Name]) -> String {
        let letters = given.first().map_or("person", |n| n.latin.as_str()).to_lowercase();
        let name: String = letters.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{name}{}@example.org", self.rng.between(1, 9_999))
    }
}
