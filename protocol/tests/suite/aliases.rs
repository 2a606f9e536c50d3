//! One person with names that the other side lacks (V-ENCODE-015), under the default policy and in the clear.

use blindlink::encode::{EncodedRecord, encode};
use blindlink::policy::shape::Grade;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::round::ideal::ideal;
use blindlink::schema::Field;

use crate::parties::Numbers;

/// Persons that nobody has: syllables, so that no two have a name in common but by chance.
struct Invented(Numbers);

impl Invented {
    fn word(&mut self) -> String {
        let mut word = String::new();
        for _ in 0..3 {
            let (consonant, vowel) = (self.0.below(18) as usize, self.0.below(5) as usize);
            word.push(char::from(b"bdfgjklmnprstvzchy"[consonant]));
            word.push(char::from(b"aeiou"[vowel]));
        }
        word
    }

    fn name(&mut self) -> [String; 2] {
        [self.word(), self.word()]
    }

    fn whole(&mut self) -> String {
        self.name().join(" ")
    }

    fn date(&mut self, year_only: bool) -> String {
        let year = 1950 + self.0.below(55);
        if year_only {
            year.to_string()
        } else {
            format!("{year}-{:02}-{:02}", 2 + self.0.below(10), 2 + self.0.below(26))
        }
    }
}

fn policy() -> CheckedPolicy {
    Policy::default_policy().unwrap().validate().unwrap()
}

fn record(policy: &CheckedPolicy, [given, family]: &[String; 2], date: &str, aliases: &[String]) -> EncodedRecord {
    let mut raw = RawRecord::default();
    let fields = [(Field::RecordId, "r"), (Field::GivenNames, given), (Field::FamilyNames, family)];
    let more = [(Field::BirthDate, date), (Field::Sex, "F"), (Field::BirthCountry, "UTO")];
    fields.into_iter().chain(more).for_each(|(field, value)| raw.push(field, value));
    aliases.iter().for_each(|alias| raw.push(Field::OtherNames, alias));
    encode(&policy.encoding(), &[Record::check(RowId::new(0), &raw).unwrap()]).remove(0)
}

fn grade(policy: &CheckedPolicy, requester: EncodedRecord, responder: EncodedRecord, key: u8) -> Option<Grade> {
    ideal(policy.shape(), &[requester], &[responder], &[key; 32], &[key ^ 1; 32]).first().map(|pair| pair.grade)
}

/// V-ENCODE-015: names that only one side has take nothing from a pair, whichever side asks.
#[test]
fn aliases_that_the_other_side_lacks_cost_nothing() {
    let policy = policy();
    let mut persons = Invented(Numbers::new(15));
    for draw in 0..1000 {
        for year_only in [false, true] {
            let (name, date) = (persons.name(), persons.date(year_only));
            let aliases: Vec<String> = (0..draw % 9).map(|_| persons.whole()).collect();
            let plain = || record(&policy, &name, &date, &[]);
            let rich = || record(&policy, &name, &date, &aliases);
            let without = grade(&policy, plain(), plain(), 1);
            assert!(without.is_some(), "{name:?} {date}");
            assert_eq!(grade(&policy, rich(), plain(), 1), without, "{name:?} {date} {aliases:?}");
            assert_eq!(grade(&policy, plain(), rich(), 1), without, "{name:?} {date} {aliases:?}");
        }
    }
}

/// V-ENCODE-015: the name in common may be any of them.
#[test]
fn a_person_is_found_by_an_alias() {
    let policy = policy();
    let mut persons = Invented(Numbers::new(16));
    for draw in 0..300 {
        let (name, other, date) = (persons.name(), persons.name(), persons.date(false));
        let mut aliases: Vec<String> = (0..draw % 4).map(|_| persons.whole()).collect();
        aliases.push(other.join(" "));
        let plain = || record(&policy, &other, &date, &[]);
        let rich = || record(&policy, &name, &date, &aliases);
        let without = grade(&policy, plain(), plain(), 2);
        assert!(without.is_some());
        assert_eq!(grade(&policy, rich(), plain(), 2), without, "{other:?} among {aliases:?}");
        assert_eq!(grade(&policy, plain(), rich(), 2), without, "{other:?} among {aliases:?}");
    }
}

/// Strangers with many names gain nothing by them: one birth date, sex and country in common are never *strong*.
#[test]
fn many_aliases_make_no_strangers_alike() {
    let policy = policy();
    let mut persons = Invented(Numbers::new(17));
    for _ in 0..1000 {
        let date = persons.date(false);
        let mut one = || {
            let name = persons.name();
            let aliases: Vec<String> = (0..8).map(|_| persons.whole()).collect();
            record(&policy, &name, &date, &aliases)
        };
        let (x, y) = (one(), one());
        assert_ne!(grade(&policy, x, y, 3), Some(Grade::Strong));
    }
}
