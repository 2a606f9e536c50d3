//! The persons behind the lists, with the look-alikes among them that a linkage must keep apart.

use super::names::{Culture, Families, Name, cultures};
use super::rng::Rng;

/// Shares of the population, fixed before anything was measured.
pub mod rates {
    /// Persons with a sibling: same parents' names, mostly the same place, often the same telephone.
    pub const SIBLING: f64 = 0.04;
    /// Persons with a twin: a sibling born on the same day.
    pub const TWIN: f64 = 0.01;
    /// Persons with a namesake: same names, sex and country, another date of birth.
    pub const NAMESAKE: f64 = 0.02;
    /// Persons with a namesake born in the same year.
    pub const NAMESAKE_OF_YEAR: f64 = 0.01;
    /// Persons with a son or daughter of the same names, a generation younger.
    pub const SAME_NAME_CHILD: f64 = 0.01;
    /// Persons whose telephone belongs to a controller who holds several persons.
    pub const CONTROLLED: f64 = 0.03;
    /// Siblings that share a telephone.
    pub const SHARED_PHONE: f64 = 0.5;
    /// Siblings born in the same place.
    pub const SAME_PLACE: f64 = 0.8;
    /// Persons born abroad whose nationality is that of their parents' country.
    pub const NATIONALITY_OF_PARENTS: f64 = 0.7;
    /// Persons with two nationalities.
    pub const TWO_NATIONALITIES: f64 = 0.03;
    /// Persons of the population for each controller: one then holds six on average.
    pub const PER_CONTROLLER: usize = 200;
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, from 1.
    pub month: u16,
    /// Day, from 1.
    pub day: u16,
}

/// Why a person looks like another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// Sibling.
    Sibling,
    /// Twin.
    Twin,
    /// Namesake.
    Namesake,
    /// Namesake born in the same year.
    NamesakeOfYear,
    /// Child of the same names.
    SameNameChild,
    /// Same controller's telephone.
    Controlled,
}

impl Likeness {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Sibling, Self::Twin, Self::Namesake, Self::NamesakeOfYear, Self::SameNameChild, Self::Controlled];

    /// Its name in the file of look-alikes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sibling => "sibling",
            Self::Twin => "twin",
            Self::Namesake => "namesake",
            Self::NamesakeOfYear => "namesake_of_year",
            Self::SameNameChild => "same_name_child",
            Self::Controlled => "controlled_phone",
        }
    }
}

/// One person, as they are.
#[derive(Clone, Debug)]
pub struct Person {
    /// Culture whose names the person bears.
    pub culture: &'static Culture,
    /// Given names.
    pub given: Vec<Name>,
    /// Given names of the father and of his father.
    pub fathers: Vec<Name>,
    /// Family names of the house, as men bear them.
    pub family: Vec<Name>,
    /// Family name of the spouse.
    pub spouse: Option<Name>,
    /// Date of birth.
    pub born: Date,
    /// Whether female.
    pub female: bool,
    /// Country of birth.
    pub country: String,
    /// Nationalities.
    pub nationalities: Vec<String>,
    /// Place of birth.
    pub place: Name,
    /// Document number.
    pub document: String,
    /// Telephone number.
    pub phone: String,
    /// Number of the controller whose telephone it is.
    pub controller: Option<u32>,
    /// E-mail address.
    pub email: String,
    /// Number of the person that this one looks like.
    pub like: Option<(u32, Likeness)>,
}

/// What a random stream is for.
mod stream {
    pub(super) const PERSON: u64 = 1;
    pub(super) const CONTROLLER: u64 = 2;
}

/// A population: any of its persons can be made on its own.
#[derive(Clone, Debug)]
pub struct Population {
    seed: u64,
    size: u32,
    /// Cultures of its persons.
    cultures: Vec<&'static Culture>,
}

impl Population {
    /// A population of this many persons of all cultures.
    #[must_use]
    pub fn new(seed: u64, size: u32) -> Self {
        Self { seed, size, cultures: cultures().iter().collect() }
    }

    /// The same of these cultures only, if any is named.
    #[must_use]
    pub fn of(self, cultures: &[&'static Culture]) -> Self {
        if cultures.is_empty() { self } else { Self { cultures: cultures.to_vec(), ..self } }
    }

    /// Person number `i`.
    #[must_use]
    pub fn person(&self, i: u32) -> Person {
        let mut rng = Rng::of(self.seed, stream::PERSON, u64::from(i));
        let rng = &mut rng;
        let mut person = match self.likeness(i, rng) {
            Some((model, likeness)) => like(self.person(model), self.stranger(rng), (model, likeness), rng),
            None => self.stranger(rng),
        };
        if rng.chance(rates::CONTROLLED) {
            let controller =
                u32::try_from(rng.below(self.size as usize / rates::PER_CONTROLLER + 1)).unwrap_or_default();
            person.controller = Some(controller);
            person.phone = phone(&mut Rng::of(self.seed, stream::CONTROLLER, u64::from(controller)));
        }
        person
    }

    /// An earlier person that this one looks like.
    fn likeness(&self, i: u32, rng: &mut Rng) -> Option<(u32, Likeness)> {
        let mut at = rng.unit();
        let model = u32::try_from(rng.below(i as usize)).ok().filter(|_| i > 0)?;
        let shares = [
            (rates::SIBLING, Likeness::Sibling),
            (rates::TWIN, Likeness::Twin),
            (rates::NAMESAKE, Likeness::Namesake),
            (rates::NAMESAKE_OF_YEAR, Likeness::NamesakeOfYear),
            (rates::SAME_NAME_CHILD, Likeness::SameNameChild),
        ];
        for (share, likeness) in shares {
            if at < share {
                return Some((model, likeness));
            }
            at -= share;
        }
        None
    }

    fn stranger(&self, rng: &mut Rng) -> Person {
        stranger(&self.cultures, rng)
    }
}

fn stranger(of: &[&'static Culture], rng: &mut Rng) -> Person {
    static NONE: std::sync::LazyLock<Culture> = std::sync::LazyLock::new(Culture::default);
    let culture = rng.pick(of).copied().unwrap_or(&NONE);
    let female = rng.chance(0.5);
    let count = match culture.families {
        Families::One => 1,
        Families::FatherFirst | Families::FatherLast => 2,
        Families::OftenNone => usize::from(!rng.chance(culture.missing)),
        Families::Chain | Families::None => 0,
    };
    let family = (0..count).filter_map(|_| culture.family_name(rng)).collect();
    let fathers = (0..2).filter_map(|_| culture.male.draw(rng).cloned()).collect();
    let given = culture.given_names(female, rng);
    let spouse = if culture.wife && female { culture.family_name(rng) } else { None };
    let country = rng.pick(&culture.countries).cloned().unwrap_or_default();
    Person {
        culture,
        nationalities: nationalities(culture, &country, rng),
        fathers,
        family,
        spouse,
        born: born(rng),
        female,
        country,
        place: culture.places.draw(rng).cloned().unwrap_or_default(),
        document: document(rng),
        phone: phone(rng),
        controller: None,
        email: email(&given, rng),
        given,
        like: None,
    }
}

fn nationalities(culture: &Culture, country: &String, rng: &mut Rng) -> Vec<String> {
    let parents = culture.countries.first().filter(|_| rng.chance(rates::NATIONALITY_OF_PARENTS));
    let mut nationalities = vec![parents.unwrap_or(country).clone()];
    let second = rng.pick(&culture.countries).filter(|c| !nationalities.contains(c));
    nationalities.extend(second.filter(|_| rng.chance(rates::TWO_NATIONALITIES)).cloned());
    nationalities
}

/// `own` with what makes it look like the model.
fn like(model: Person, own: Person, (number, likeness): (u32, Likeness), rng: &mut Rng) -> Person {
    let shares_phone = rng.chance(rates::SHARED_PHONE);
    let like = Some((number, likeness));
    match likeness {
        Likeness::Sibling | Likeness::Twin => {
            let female = rng.chance(0.5);
            let given = model.culture.given_names(female, rng);
            let born = if likeness == Likeness::Twin {
                model.born
            } else {
                let years = rng.between(1, 8);
                let year = if rng.chance(0.5) { model.born.year + years } else { model.born.year - years };
                Date { year, ..own.born }.existing()
            };
            let spouse =
                own.spouse.and_then(|_| model.culture.family_name(rng)).filter(|_| model.culture.wife && female);
            let same_place = likeness == Likeness::Twin || rng.chance(rates::SAME_PLACE);
            let place =
                if same_place { model.place } else { model.culture.places.draw(rng).cloned().unwrap_or_default() };
            let phone = if shares_phone { model.phone } else { own.phone };
            let email = email(&given, rng);
            Person {
                given,
                born,
                spouse,
                female,
                place,
                phone,
                email,
                controller: None,
                document: own.document,
                like,
                ..model
            }
        }
        Likeness::SameNameChild => {
            let fathers = model
                .given
                .first()
                .filter(|_| !model.female)
                .into_iter()
                .chain(&model.fathers)
                .take(2)
                .cloned()
                .collect();
            let born = Date { year: model.born.year.saturating_sub(rng.between(19, 38)), ..own.born }.existing();
            let phone = if shares_phone { model.phone } else { own.phone };
            // The model is the younger one, so that nobody is born in the future.
            Person { fathers, born, phone, controller: None, document: own.document, email: own.email, like, ..model }
        }
        Likeness::Namesake | Likeness::NamesakeOfYear | Likeness::Controlled => {
            let place = model.culture.places.draw(rng).cloned().unwrap_or_default();
            let Person { mut born, document, phone, email, .. } = own;
            if likeness == Likeness::NamesakeOfYear {
                born = Date { year: model.born.year, ..born }.existing();
            }
            Person { born, place, document, phone, email, controller: None, like, ..model }
        }
    }
}

impl Date {
    /// Days of its month.
    #[must_use]
    pub const fn days(self) -> u16 {
        match self.month {
            2 if self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400)) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// The date, or the last day of its month if it has no such day.
    #[must_use]
    pub fn existing(self) -> Self {
        Self { day: self.day.min(self.days()), ..self }
    }
}

/// Ages of 12 to 60, the young ones likelier.
fn born(rng: &mut Rng) -> Date {
    let year = rng.between(1966, 2013).max(rng.between(1966, 2013));
    let month = rng.between(1, 12);
    let date = Date { year, month, day: 1 };
    Date { day: rng.between(1, date.days()), ..date }
}

pub(super) fn document(rng: &mut Rng) -> String {
    let letters: String = (0..2).map(|_| char::from(b'A' + u8::try_from(rng.below(26)).unwrap_or(0))).collect();
    format!("{letters}{:07}", rng.below(10_000_000))
}

/// Under the country code 999, which is not assigned.
pub(super) fn phone(rng: &mut Rng) -> String {
    format!("+999 {:03} {:06}", rng.between(100, 999), rng.below(1_000_000))
}

pub(super) fn email(given: &[Name], rng: &mut Rng) -> String {
    let letters = given.last().map_or("person", |n| n.latin.as_str()).to_lowercase();
    let name: String = letters.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{name}{}@example.org", rng.between(1, 9_999))
}
