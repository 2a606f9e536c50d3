//! The validator (spec 6.6): proves over the whole policy that noise cannot match, and refuses what it cannot prove.
//! Every demand is a [`Check`] with its numbers, so that what refuses a policy is also what explains it.

use super::compile::{compile, terms};
use super::inequalities::{Check, Checks, Measure};
use super::related::KeyKinds;
use super::shape::{OutputMode, Shape};
use super::{CheckedPolicy, Policy, SCHEMA, SegmentSpec, TableSpec};
use crate::error::{Error, Misuse};
use crate::schema::declared::{Declared, FeatureOf, FieldSource, KeyPartOf, Sourced};
use crate::schema::kinds::KeyPart;
use crate::schema::{Field, forbidden};
use crate::{limits, normalise};
use std::collections::BTreeSet;

/// Bins of the cuckoo table for `queries` queries: max(ceil(1.27 n), n + 128).
#[must_use]
pub const fn bins(queries: u64) -> u64 {
    let scaled = queries.saturating_mul(127).div_ceil(100);
    let padded = queries.saturating_add(128);
    if scaled > padded { scaled } else { padded }
}

impl Policy {
    /// Everything that `spec/06-policy.md` demands, in the order in which it is demanded. Where the weights are missing
    /// there is no score, and what would be demanded of it is left out.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        examine(self).0.into_vec()
    }

    /// Checks everything that `spec/06-policy.md` demands and computes the shape.
    ///
    /// # Errors
    /// [`Misuse::Policy`] with the path of the field and the requirement it breaks: the first that does not hold.
    pub fn validate(self) -> Result<CheckedPolicy, Error> {
        let (checks, shape) = examine(&self);
        if let Some(broken) = checks.into_vec().into_iter().find(|check| !check.holds()) {
            let reason = format!("must hold: {}", broken.sentence());
            return refuse(broken.field, reason, broken.requirement);
        }
        let Some(shape) = shape else { return refuse("segment", "the score is too large", "V-POLICY-017") };
        Ok(CheckedPolicy::new(self, shape))
    }
}

fn refuse<T>(field: impl Into<String>, reason: impl Into<String>, requirement: &'static str) -> Result<T, Error> {
    Err(Error::Misuse(Misuse::Policy { field: field.into(), reason: reason.into(), requirement }))
}

/// All checks, and the shape if they hold.
fn examine(policy: &Policy) -> (Checks, Option<Shape>) {
    let mut checks = Checks::default();
    check_names(&mut checks, policy);
    check_fields(&mut checks, &policy.fields);
    check_segments(&mut checks, &policy.segments, &policy.fields);
    check_tables(&mut checks, &policy.tables, &policy.fields);
    check_sizes(&mut checks, policy);
    let shape = terms(&mut checks, policy).and_then(|terms| compile(&mut checks, policy, terms));
    // No field of a policy makes lengths of its own, so the bytes of one that holds so far are soon counted.
    if checks.hold() {
        let measure = Measure::AtMost(size(policy.to_canonical_bytes().len()), size(limits::MAX_POLICY_BYTES));
        checks.demand("V-POLICY-001", "policy", "the canonical bytes fit", measure);
    }
    let shape = shape.filter(|_| checks.hold());
    (checks, shape)
}

fn size(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn check_names(checks: &mut Checks, policy: &Policy) {
    let names = [
        ("name", &policy.name),
        ("context.agreement", &policy.context.agreement),
        ("context.purpose", &policy.context.purpose),
    ];
    for (field, name) in names {
        const ID: &str = "V-POLICY-004";
        let length = Measure::Within(1, size(name.len()), size(limits::MAX_POLICY_NAME));
        checks.demand(ID, field, format!("characters of `{field}`"), length);
        let printable = name.bytes().all(|b| matches!(b, 0x20..=0x7e));
        let words = format!("`{field}` is printable ASCII: one spelling, one key");
        checks.demand(ID, field, words, Measure::Fact(printable));
    }
    const ID: &str = "V-POLICY-005";
    let fact = Measure::Fact(policy.schema == SCHEMA);
    checks.demand(ID, "schema", format!("the schema is that of this release, `{SCHEMA}`"), fact);
    let fact = Measure::Fact(policy.normalisation.version == normalise::VERSION);
    let words = format!("the normalisation is that of this release, `{}`", normalise::VERSION);
    checks.demand(ID, "normalisation.version", words, fact);
    let fact = Measure::Fact(policy.normalisation.tables == normalise::tables_digest());
    let words = "the tables of the normalisation are those of this release";
    checks.demand(ID, "normalisation.tables", words, fact);
}

fn is_id(id: &str) -> bool {
    let body = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=limits::MAX_POLICY_ID).contains(&id.len())
        && id.bytes().all(body)
        && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

fn check_fields(checks: &mut Checks, fields: &[Declared]) {
    const ID: &str = "V-POLICY-022";
    checks.demand(ID, "field", "declared fields", Measure::AtMost(size(fields.len()), size(limits::MAX_FIELDS)));
    let mut names = BTreeSet::new();
    for (i, field) in fields.iter().enumerate() {
        let fresh = is_id(&field.name) && names.insert(&field.name) && Field::from_name(&field.name).is_none();
        let words = "the name is a lower-case identifier that no other field and no column of the person schema has";
        checks.demand(ID, format!("field[{i}].name"), words, Measure::Fact(fresh));
        let word = forbidden(&field.name);
        let words = match word {
            None => "the name says nothing that may not enter a linkage".to_owned(),
            Some(word) => format!("the name says nothing that may not enter a linkage, as `{word}` does"),
        };
        checks.demand("V-RECORD-008", format!("field[{i}].name"), words, Measure::Fact(word.is_none()));
    }
}

fn check_source<K: FieldSource>(checks: &mut Checks, of: &Sourced<K>, fields: &[Declared], path: String) {
    let fits = match of.position(fields).and_then(|at| fields.get(at)) {
        Some(field) => of.kind.is_declared() && of.kind.allows(field.kind),
        None => !of.kind.is_declared() && of.field.is_none(),
    };
    let words = format!("`{}` can be taken: there is such a field, and its type has it", of.name());
    checks.demand("V-POLICY-022", path, words, Measure::Fact(fits));
}

fn check_segments(checks: &mut Checks, segments: &[SegmentSpec], fields: &[Declared]) {
    const ID: &str = "V-POLICY-006";
    checks.demand(ID, "segment", "segments", Measure::Within(1, size(segments.len()), size(limits::MAX_SEGMENTS)));
    let mut ids = BTreeSet::new();
    let mut kinds: BTreeSet<&FeatureOf> = BTreeSet::new();
    let mut total = 0_i64;
    for (i, s) in segments.iter().enumerate() {
        let unique = Measure::Fact(is_id(&s.id) && ids.insert(&s.id));
        checks.demand(ID, format!("segment[{i}].id"), "the id is a lower-case identifier that no other has", unique);
        let features = Measure::Within(1, size(s.features.len()), size(limits::MAX_FEATURE_KINDS));
        checks.demand(ID, format!("segment[{i}].features"), "kinds of features", features);
        let fresh = Measure::Fact(s.features.iter().all(|feature| kinds.insert(feature)));
        checks.demand(ID, format!("segment[{i}].features"), "no kind of feature stands twice in the policy", fresh);
        let path = || format!("segment[{i}].features");
        s.features.iter().for_each(|feature| check_source(checks, feature, fields, path()));
        checks.demand(ID, format!("segment[{i}].bits"), "bits, at least 8", Measure::AtMost(8, s.bits.into()));
        let most = i64::from(s.bits / 2).min(limits::MAX_HASHES.into());
        let hashes = Measure::Within(1, s.hashes.into(), most);
        checks.demand(ID, format!("segment[{i}].hashes"), "hashes, at most half of the bits", hashes);
        total = total.saturating_add(s.bits.into());
    }
    checks.demand(ID, "segment", "bits of all segments", Measure::AtMost(total, limits::MAX_FILTER_BITS.into()));
}

fn check_tables(checks: &mut Checks, tables: &[TableSpec], fields: &[Declared]) {
    const ID: &str = "V-POLICY-007";
    checks.demand(ID, "table", "token tables", Measure::Within(1, size(tables.len()), size(limits::MAX_TABLES)));
    let mut names = BTreeSet::new();
    let mut last = -1;
    for (i, t) in tables.iter().enumerate() {
        let ascending = Measure::Below(last, t.id.into());
        checks.demand(ID, format!("table[{i}].id"), "the id is above the one before", ascending);
        last = t.id.into();
        let unique = Measure::Fact(is_id(&t.name) && names.insert(&t.name));
        checks.demand(ID, format!("table[{i}].name"), "the name is a lower-case identifier that no other has", unique);
        for (side, slots, room) in [
            ("requester", t.slots.requester, t.slots.room_requester),
            ("responder", t.slots.responder, t.slots.room_responder),
        ] {
            let within = Measure::Within(1, slots.into(), limits::MAX_SLOTS.into());
            checks.demand(ID, format!("table[{i}].slots_{side}"), format!("slots a record of the {side}"), within);
            let within = Measure::Within(1, room.into(), 100 * i64::from(slots));
            checks.demand(
                ID,
                format!("table[{i}].room_{side}"),
                format!("tokens of the {side} for 100 records"),
                within,
            );
        }
        let parts = Measure::Within(1, size(t.key.len()), size(limits::MAX_KEY_PARTS));
        checks.demand(ID, format!("table[{i}].key"), "parts of the key", parts);
        t.key.iter().for_each(|part| check_source(checks, part, fields, format!("table[{i}].key")));
        let different: BTreeSet<&KeyPartOf> = t.key.iter().collect();
        let once = |of: fn(KeyPart) -> bool| t.key.iter().filter(|part| of(part.kind)).count() <= 1;
        let fits = different.len() == t.key.len() && once(KeyPart::is_name) && once(KeyPart::is_date);
        let words = "the parts of the key differ, with at most one of a name and one of a date";
        checks.demand(ID, format!("table[{i}].key"), words, Measure::Fact(fits));
        let ceiling: u32 = t.key.iter().map(|p| u32::from(p.kind.max_domain_bits())).sum();
        let honest = Measure::AtMost(t.domain_bits.into(), ceiling.min(60).into());
        let words = "the entropy claimed for the key is no more than its parts can have";
        checks.demand("V-POLICY-010", format!("table[{i}].domain_bits"), words, honest);
    }
}

/// Checks sizes, copies, bins, and what one round can sweep.
fn check_sizes(checks: &mut Checks, policy: &Policy) {
    let round = &policy.round;
    let records =
        [("round.records_requester", round.records_requester), ("round.records_responder", round.records_responder)];
    for (field, n) in records {
        let fits = Measure::Within(1, n.into(), limits::MAX_RECORDS.into());
        checks.demand("V-POLICY-008", field, "padded number of records", fits);
    }
    let copies =
        [("round.copies_requester", round.copies_requester), ("round.copies_responder", round.copies_responder)];
    for (field, n) in copies {
        let fits = Measure::Within(1, n.into(), limits::MAX_COPIES.into());
        checks.demand("V-POLICY-008", field, "copies kept of a token", fits);
    }
    let mut total = 0_u64;
    for (i, t) in policy.tables.iter().enumerate() {
        let rows = tokens(policy, t).saturating_mul(3);
        total = total.saturating_add(asked(policy, t));
        let fits = Measure::AtMost(number(rows), number(limits::MAX_ROWS));
        checks.demand("V-POLICY-009", format!("table[{i}].room_responder"), "rows of the table", fits);
        let fits = Measure::AtMost(number(total), number(limits::MAX_BINS));
        checks.demand("V-POLICY-009", format!("table[{i}].room_requester"), "bins of the tables so far", fits);
        check_sweep(checks, policy, i, &Swept { requirement: "V-POLICY-011", what: "bins", count: asked });
        if round.output == OutputMode::Mutual {
            check_sweep(checks, policy, i, &Swept { requirement: "V-POLICY-032", what: "guesses", count: tried });
        }
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Bins of a table: what a dishonest requester can ask for in a round.
pub(crate) fn asked(policy: &Policy, table: &TableSpec) -> u64 {
    let round = &policy.round;
    bins(table.slots.asked(round.records_requester) * u64::from(round.copies_responder))
}

/// Tokens of a table: what a responder puts into it.
fn tokens(policy: &Policy, table: &TableSpec) -> u64 {
    let round = &policy.round;
    table.slots.stored(round.records_responder) * u64::from(round.copies_requester)
}

/// Guesses of a table's key that a dishonest responder can try in mutual mode (spec 2.4): what it puts into the table, and
/// what it lists without having put it anywhere, as long as its list is. Of two tables either may be what it lists for.
pub(crate) fn tried(policy: &Policy, table: &TableSpec) -> u64 {
    tokens(policy, table).max(policy.round.records_responder.into())
}

/// What one side can sweep in a round.
struct Swept {
    requirement: &'static str,
    what: &'static str,
    count: fn(&Policy, &TableSpec) -> u64,
}

/// V-POLICY-011, V-POLICY-032: who knows one key of a person knows every key that it contains. So all tables up to the
/// last whose keys are related to one count against that one's values, for each key that the last is related to.
fn check_sweep(checks: &mut Checks, policy: &Policy, last: usize, swept: &Swept) {
    let tables: Vec<(KeyKinds, &TableSpec)> =
        policy.tables.iter().take(last + 1).map(|table| (KeyKinds::of_parts(&table.key), table)).collect();
    let Some((own, _)) = tables.last() else { return };
    for (of, table) in tables.iter().filter(|(of, _)| of.is_related(own)) {
        let all = tables.iter().filter(|(key, _)| key.is_related(of)).map(|(_, other)| (swept.count)(policy, other));
        let sum = all.fold(0, u64::saturating_add);
        let domain = 1_i64 << table.domain_bits.min(62);
        let wide = Measure::AtMost(number(sum.saturating_mul(limits::SWEEP_FACTOR)), domain);
        let (most, what) = (limits::SWEEP_FACTOR, swept.what);
        let words = format!(
            "one round sweeps at most 1/{most} of the key's values ({most} x {sum} {what} of `{}` and of what is related \
             to it, 2^{} values)",
            table.name, table.domain_bits
        );
        checks.demand(swept.requirement, format!("table[{last}].domain_bits"), words, wide);
    }
}
