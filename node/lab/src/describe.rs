//! A policy for a lawyer and an operator: what is compared, how a score comes about, what a round costs and shows.

use crate::plan::cost::Cost;
use blindlink::Error;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::explain::words;
use blindlink::plan::Plan;
use blindlink::policy::shape::{Grade, Shape};
use blindlink::policy::{CheckedPolicy, FieldType};
use blindlink::record::Record;
use blindlink::round::ideal::{counts, meetings, score, tables};
use blindlink_sources::{Reading, csv};
use indicatif::DecimalBytes;
use serde::Serialize;

/// Name of the description's schema.
pub const SCHEMA: &str = "blindlink.policy-explanation/v1";

/// What a policy does.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Name of the policy.
    pub name: String,
    /// Agreement, lanes, purpose, epoch.
    pub context: [String; 4],
    /// Padded numbers of records, requester's and responder's.
    pub records: [u32; 2],
    /// Who learns the result.
    pub output: &'static str,
    /// Thresholds: constant, possible, strong.
    pub thresholds: (i32, i32, Option<i32>),
    /// Wrong pairs of grade *strong* and of either grade to expect in a round, if the policy says so.
    pub expected_wrong: Option<[f64; 2]>,
    /// One entry a segment.
    pub fields: Vec<Field>,
    /// One entry a table: name, key in words, slots, bins, log2 of the key's values.
    pub tables: Vec<(String, String, u16, u32, u8)>,
    /// Pairs of invented persons under this policy.
    pub examples: Vec<ScoreExample>,
    /// Cost of a round.
    pub cost: Cost,
    /// Bits of a payload and of the ring.
    pub sizes: [usize; 2],
}

/// The points of one segment for the persons of the examples; an absent field always gives none.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Id of the segment.
    pub id: String,
    /// What is compared.
    pub what: String,
    /// Where both have the same value.
    pub equal: i64,
    /// Where the values differ a little.
    pub similar: i64,
    /// Where they differ.
    pub different: i64,
}

/// What becomes of a pair.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreExample {
    /// What tells the two records apart.
    pub difference: &'static str,
    /// Names of the tables in which they meet.
    pub tables: Vec<String>,
    /// Score, which a round hides.
    pub score: i64,
    /// `none`, `possible` or `strong`: none if they do not meet.
    pub grade: &'static str,
}

const HEADER: &str = "record_id,given_names,family_names,birth_date,sex,nationality,birth_country,birth_place,\
                      document_type,document_issuer,document_number,phone,email";
/// The specimen of ICAO Doc 9303, with a second given name as there; number and address are in ranges set aside.
const BASE: &str = "0,Anna Maria,Eriksson,1974-08-12,F,UTO,UTO,Zenith,P,UTO,L898902C3,+999 555 0100,anna.e@example.org";
const SIMILAR: &str =
    "1,Ana Mariya,Ericson,1974-12-08,F,UTO,UTO,Zenit,P,UTO,L898902C8,+999 555 0101,anna.f@example.org";
const DIFFERENT: &str =
    "2,Boris Karim,Tolonen,1991-03-27,M,ZZZ,ZZZ,Quarry,P,ZZZ,K400731B2,+999 555 7342,karim@example.org";
/// Other views of the same or of another person.
const EXAMPLES: [(&str, &str); 11] = [
    ("nothing", BASE),
    ("another spelling of all names, day and month swapped, one digit wrong in every number", SIMILAR),
    (
        "family name before given names",
        "1,Eriksson,Anna Maria,1974-08-12,F,UTO,UTO,Zenith,P,UTO,L898902C3,+999 555 0100,anna.e@example.org",
    ),
    ("no document, telephone or e-mail in one of them", "1,Anna Maria,Eriksson,1974-08-12,F,UTO,UTO,Zenith,,,,,"),
    (
        "no numbers, second given name missing, one letter of the family name wrong",
        "1,Anna,Erikson,1974-08-12,F,UTO,UTO,,,,,,",
    ),
    ("no numbers, only the year of birth known", "1,Anna Maria,Eriksson,1974,F,UTO,UTO,,,,,,"),
    ("no numbers, year of birth one off", "1,Anna Maria,Eriksson,1975-08-12,F,UTO,UTO,,,,,,"),
    ("only one name and the date of birth known", "1,Anna,,1974-08-12,,,,,,,,,"),
    (
        "a namesake: same names, born on another day of another year",
        "1,Anna Maria,Eriksson,1981-02-20,F,UTO,UTO,,P,UTO,M112233D4,+999 555 8821,",
    ),
    (
        "a sister: other given names, another date of birth, same telephone",
        "1,Berta,Eriksson,1977-01-30,F,UTO,UTO,Zenith,P,UTO,N445566E7,+999 555 0100,",
    ),
    ("another person in every field", DIFFERENT),
];

/// Describes a policy. The examples go through the very encoding that a round uses.
///
/// # Errors
/// Never for a checked policy; the sizes were proved by the validator.
pub fn describe(policy: &CheckedPolicy) -> Result<Description, Error> {
    let (p, shape) = (policy.policy(), policy.shape());
    let plan = Plan::new(shape.clone())?;
    let records =
        |row: &str, values: usize| -> Vec<EncodedRecord> { encode(&policy.encoding(), &read(policy, row, values)) };
    let (base, similar, different) = (records(BASE, 0), records(SIMILAR, 1), records(DIFFERENT, 2));
    let points = |other: &[EncodedRecord]| match (base.first(), other.first()) {
        (Some(x), Some(y)) => segments(shape, x, y),
        _ => Vec::new(),
    };
    let (equal, alike, unlike) = (points(&base), points(&similar), points(&different));
    let at = |points: &[i64], i: usize| points.get(i).copied().unwrap_or(0);
    let fields = p.segments.iter().enumerate().map(|(i, segment)| Field {
        id: segment.id.clone(),
        what: words::join(segment.features.iter().map(words::feature)),
        equal: at(&equal, i),
        similar: at(&alike, i),
        different: at(&unlike, i),
    });
    let tables = p.tables.iter().zip(&plan.tables);
    let tables =
        tables.map(|(t, plan)| (t.name.clone(), words::key(t), t.slots.requester, plan.bins, t.domain_bits)).collect();
    // Declared fields are left empty in the examples: their values are not ours to invent.
    let base = encode(&policy.encoding(), &read(policy, BASE, usize::MAX));
    let examples = EXAMPLES.iter().filter_map(|(difference, row)| {
        let other = encode(&policy.encoding(), &read(policy, row, usize::MAX));
        Some(example(policy, difference, &base, &other, score(shape, &base.first()?.filter, &other.first()?.filter)))
    });
    Ok(Description {
        schema: SCHEMA,
        name: p.name.clone(),
        context: [
            p.context.agreement.clone(),
            p.context.lanes.name().to_owned(),
            p.context.purpose.clone(),
            p.context.epoch.to_string(),
        ],
        records: [shape.records_requester, shape.records_responder],
        output: shape.output.name(),
        thresholds: (shape.constant, shape.possible, shape.strong),
        expected_wrong: p.expected_wrong.map(|e| e.between(shape.records_requester, shape.records_responder)),
        fields: fields.collect(),
        tables,
        examples: examples.collect(),
        cost: Cost::of(&plan, policy.canonical_bytes().len()),
        sizes: [shape.payload_bits(), shape.ring_bits.into()],
    })
}

/// An invented row, with the n-th invented value in every declared field (none past the last).
fn read(policy: &CheckedPolicy, row: &str, nth: usize) -> Vec<Record> {
    let fields = &policy.policy().fields;
    let value = |kind: FieldType| {
        let values = match kind {
            FieldType::Date => ["1999-04-17", "1999-04-18", "2006-11-02"],
            FieldType::Code => ["A1", "A7", "Z9"],
            FieldType::Identifier => ["4471190", "4471198", "8820035"],
            FieldType::Name | FieldType::Text => ["Marketstone", "Marketston", "Riverhill"],
        };
        values.get(nth).copied().unwrap_or_default()
    };
    let columns: String = fields.iter().map(|field| format!(",{}", field.name)).collect();
    let values: String = fields.iter().map(|field| format!(",{}", value(field.kind))).collect();
    let reading = Reading { fields, ..Reading::PERSON };
    csv::read(&format!("{HEADER}{columns}\n{row}{values}\n"), &reading)
        .map(|source| source.records.clone())
        .unwrap_or_default()
}

/// The points of each segment.
fn segments(shape: &Shape, x: &EncodedRecord, y: &EncodedRecord) -> Vec<i64> {
    let parts = counts(shape, &x.filter, &y.filter).zip(&shape.segments).map(|(c, s)| {
        let [common, forth, back] = [c.common, c.ones_requester, c.ones_responder].map(i64::from);
        let [u, v] = [c.in_requester, c.in_responder].map(i64::from);
        let [alpha, beta, nu] = [s.alpha, s.beta, s.nu].map(i64::from);
        alpha * common + beta * (v * forth + u * back) + nu * u * v
    });
    parts.collect()
}

fn example(
    policy: &CheckedPolicy,
    difference: &'static str,
    base: &[EncodedRecord],
    other: &[EncodedRecord],
    score: i64,
) -> ScoreExample {
    let met = meetings(policy.shape(), base, other, &[0; 32], &[0; 32]).remove(&(0, 0)).unwrap_or_default();
    let grade = policy.shape().grade(score).filter(|_| !met.is_empty()).map_or("none", Grade::name);
    let name = |id: &u16| policy.policy().tables.iter().find(|table| table.id == *id).map(|table| table.name.clone());
    ScoreExample { difference, tables: tables(&met).iter().filter_map(name).collect(), score, grade }
}

impl Description {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let [agreement, lanes, purpose, epoch] = &self.context;
        let mut text = format!(
            "POLICY {}\n  agreement {agreement}; lists {lanes}; purpose: {purpose}; epoch {epoch}\n",
            self.name
        );
        text += "\nWHAT IS COMPARED, AND FOR HOW MANY POINTS\n  Points for the invented persons below; other values of a field give a little more or less. A field that one\n  of the two records lacks gives none.\n";
        text += "  field                 equal  similar  different  what is compared\n";
        for f in &self.fields {
            text += &format!("  {:<20}  {:5}  {:7}  {:9}  {}\n", f.id, f.equal, f.similar, f.different, f.what);
        }
        let (constant, possible, strong) = self.thresholds;
        text += &format!("  start at {constant}; `possible` from {possible} points");
        text += &strong.map_or_else(|| ".\n".to_owned(), |strong| format!(", `strong` from {strong}.\n"));
        if let Some([strong, all]) = self.expected_wrong {
            text += &format!(
                "  In a round of these sizes about {strong:.1} pairs of grade `strong` and {all:.0} of either grade are expected to be\n  wrong, whatever the lists share (training lists).\n"
            );
        }
        text += "\nWHICH PAIRS ARE COMPARED AT ALL\n  Those that agree in one key of a table:\n";
        for (name, key, slots, bins, domain) in &self.tables {
            text += &format!(
                "  {name}: {key}\n    at most {slots} keys a record; {bins} questions a round against about 2^{domain} values of the key\n"
            );
        }
        text += "\nEXAMPLES\n  An invented person against another record that differs in:\n";
        for e in &self.examples {
            let met =
                if e.tables.is_empty() { "do not meet".to_owned() } else { format!("meet in {}", e.tables.join(", ")) };
            text += &format!("  - {}\n      {met}; {} points: {}\n", e.difference, e.score, e.grade);
        }
        text + &self.round()
    }

    fn round(&self) -> String {
        let [requester, responder] = self.records;
        let [payload, ring] = self.sizes;
        let c = &self.cost;
        let mut text = format!(
            "\nWHAT A ROUND COSTS\n  lists padded to {requester} (requester) and {responder} (responder) records\n  {} bins of {payload} bits, scores modulo 2^{ring}\n  requester sends {}, responder {}, whatever the lists hold\n",
            c.bins,
            DecimalBytes(c.bytes_requester_to_responder),
            DecimalBytes(c.bytes_responder_to_requester)
        );
        text += "\nWHO LEARNS WHAT\n  requester: of each reported pair its own record, the grade, the tables, and a pseudonym that means nothing after\n    the round. Of other pairs nothing: neither that they met, nor a score.\n";
        text += match self.output {
            "mutual" => {
                "  responder: which of its own records the requester claims, under the same pseudonyms. No grade, table or score.\n"
            }
            _ => "  responder: nothing of the result.\n",
        };
        text +=
            "  both: this policy and the padded sizes. The network: that the two nodes ran a round, and these sizes.\n";
        text += "  A requester that cheats: in each bin whose token it guessed, one of two outcomes, or of three if the policy has two\n    grades: nothing, the pseudonym, the pseudonym and strong, for a predicate of its choice (spec/02-threats.md).\n";
        text + match self.output {
            "mutual" => {
                "  A responder that cheats: which of its guesses the requester holds, up to the claims that the agreement allows in a\n    round. `domain_bits` bound its guesses only if they are true of the list: `blindlink policy plan` measures them.\n"
            }
            _ => "  A responder that cheats: nothing of the requester's list. It can make the result wrong.\n",
        }
    }
}

#[cfg(test)]
mod tests;
