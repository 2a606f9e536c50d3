//! The validator (spec 6.6): proves over the whole policy that noise cannot match, and refuses what it cannot prove.
//! Every demand is a [`Check`] with its numbers, so that what refuses a policy is also what explains it.

use super::bounds::{Requester, score_range};
use super::inequalities::{Check, Checks, Measure};
use super::shape::{self, Shape};
use super::{Policy, SCHEMA, Score, Segment, Table, Weights};
use crate::error::{Error, Misuse};
use crate::record::{FieldError, RawRecord, Reason, Record, RowId};
use crate::schema::declared::{Declared, Feature, Kind, Of, Part};
use crate::schema::encoding::Encoding;
use crate::schema::kinds::KeyPart;
use crate::schema::{Field, forbidden};
use crate::{limits, normalise};
use std::collections::{BTreeMap, BTreeSet};

/// A policy that the validator has accepted, with the shape of its computation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPolicy {
    policy: Policy,
    shape: Shape,
    bytes: Vec<u8>,
    digest: [u8; 32],
}

impl CheckedPolicy {
    /// What the round needs to know.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The policy as it was written.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What encoding needs to know.
    #[must_use]
    pub fn encoding(&self) -> Encoding<'_> {
        let Policy { schema, normalisation, context, fields, segments, tables, .. } = &self.policy;
        Encoding {
            schema,
            normalisation: &normalisation.version,
            normalisation_tables: &normalisation.tables,
            context,
            fields,
            segments,
            tables,
        }
    }

    /// Checks the values of a record that is to be encoded under this policy: with the fields that it declares, and in a
    /// lane that it compares if the record names one (V-RECORD-009). A victim's record never gets into a suspects' round.
    ///
    /// # Errors
    /// The first field that cannot be used: those of the schema first, the lane last.
    pub fn record(&self, row: RowId, raw: &RawRecord) -> Result<Record, FieldError> {
        let record = Record::check_with(row, raw, &self.policy.fields)?;
        if self.policy.context.lanes.compares(record.lane) {
            Ok(record)
        } else {
            Err(FieldError::new(Field::Lane, Reason::OtherLane))
        }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of the canonical bytes.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

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
        let (bytes, digest) = (self.to_canonical_bytes(), self.digest());
        Ok(CheckedPolicy { policy: self, shape, bytes, digest })
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
    let total_bins = check_sizes(&mut checks, policy);
    let shape = terms(&mut checks, policy).and_then(|terms| compile(&mut checks, policy, terms, total_bins));
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

fn check_source<K: Kind>(checks: &mut Checks, of: &Of<K>, fields: &[Declared], path: String) {
    let fits = match of.position(fields).and_then(|at| fields.get(at)) {
        Some(field) => of.kind.is_declared() && of.kind.allows(field.kind),
        None => !of.kind.is_declared() && of.field.is_none(),
    };
    let words = format!("`{}` can be taken: there is such a field, and its type has it", of.name());
    checks.demand("V-POLICY-022", path, words, Measure::Fact(fits));
}

fn check_segments(checks: &mut Checks, segments: &[Segment], fields: &[Declared]) {
    const ID: &str = "V-POLICY-006";
    checks.demand(ID, "segment", "segments", Measure::Within(1, size(segments.len()), size(limits::MAX_SEGMENTS)));
    let mut ids = BTreeSet::new();
    let mut kinds: BTreeSet<&Feature> = BTreeSet::new();
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

fn check_tables(checks: &mut Checks, tables: &[Table], fields: &[Declared]) {
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
        let slots = Measure::Within(1, t.slots.into(), limits::MAX_SLOTS.into());
        checks.demand(ID, format!("table[{i}].slots"), "slots a record", slots);
        let parts = Measure::Within(1, size(t.key.len()), size(limits::MAX_KEY_PARTS));
        checks.demand(ID, format!("table[{i}].key"), "parts of the key", parts);
        t.key.iter().for_each(|part| check_source(checks, part, fields, format!("table[{i}].key")));
        let different: BTreeSet<&Part> = t.key.iter().collect();
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

/// Checks sizes, copies and bins; returns the bins of all tables together.
fn check_sizes(checks: &mut Checks, policy: &Policy) -> u64 {
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
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (mut total, mut swept) = (0_u64, BTreeMap::<BTreeSet<&Part>, u64>::new());
    for (i, t) in policy.tables.iter().enumerate() {
        let slots = u64::from(t.slots);
        let bins = bins(slots * u64::from(round.copies_responder) * u64::from(round.records_requester));
        let rows = 3 * slots * u64::from(round.copies_requester) * u64::from(round.records_responder);
        total = total.saturating_add(bins);
        let fits = Measure::AtMost(number(rows), number(limits::MAX_ROWS));
        checks.demand("V-POLICY-009", format!("table[{i}].slots"), "rows of the table", fits);
        let fits = Measure::AtMost(number(total), number(limits::MAX_BINS));
        checks.demand("V-POLICY-009", format!("table[{i}].slots"), "bins of the tables so far", fits);
        // What a hostile requester could sweep in one round, in all tables whose keys have these parts.
        let bins = *swept.entry(t.key.iter().collect()).and_modify(|so_far| *so_far += bins).or_insert(bins);
        let domain = 1_i64 << t.domain_bits.min(62);
        let wide = Measure::AtMost(number(bins.saturating_mul(limits::SWEEP_FACTOR)), domain);
        let words = format!(
            "one round sweeps at most 1/{} of the key's values ({} x {bins} bins, 2^{} values)",
            limits::SWEEP_FACTOR,
            limits::SWEEP_FACTOR,
            t.domain_bits
        );
        checks.demand("V-POLICY-011", format!("table[{i}].domain_bits"), words, wide);
    }
    total
}

/// Weights, constant and thresholds, whatever the kind of score.
struct Terms {
    segments: Vec<shape::Segment>,
    constant: i32,
    possible: i32,
    strong: Option<i32>,
}

/// Nothing if a segment lacks its weights.
fn terms(checks: &mut Checks, policy: &Policy) -> Option<Terms> {
    match policy.score {
        Score::Weighted { constant, possible, strong } => {
            weighted(checks, &policy.segments, constant, possible, strong)
        }
        Score::Dice { numerator, denominator } => Some(dice(checks, &policy.segments, numerator, denominator)),
    }
}

fn weighted(
    checks: &mut Checks,
    segments: &[Segment],
    constant: i32,
    possible: i32,
    strong: Option<i32>,
) -> Option<Terms> {
    const ID: &str = "V-POLICY-012";
    let within = |w: i32| Measure::Within((-limits::MAX_WEIGHT).into(), w.into(), limits::MAX_WEIGHT.into());
    checks.demand(ID, "score.constant", "constant", within(constant));
    checks.demand(ID, "score.possible", "threshold `possible`", within(possible));
    if let Some(strong) = strong {
        checks.demand(ID, "score.strong", "threshold `strong`", within(strong));
    }
    let mut compiled = Vec::with_capacity(segments.len());
    for (i, s) in segments.iter().enumerate() {
        let field = || format!("segment[{i}].weights");
        checks.demand(ID, field(), "the segment has weights", Measure::Fact(s.weights.is_some()));
        let Some(Weights { alpha, beta, nu }) = s.weights else { continue };
        checks.demand(
            ID,
            field(),
            "alpha is not negative",
            Measure::Within(0, alpha.into(), limits::MAX_WEIGHT.into()),
        );
        let beta_fits = Measure::Within((-limits::MAX_WEIGHT).into(), beta.into(), 0);
        checks.demand(ID, field(), "beta is not positive", beta_fits);
        checks.demand(ID, field(), "nu", within(nu));
        compiled.push(shape::Segment { bits: s.bits, alpha, beta, nu });
    }
    (compiled.len() == segments.len()).then_some(Terms { segments: compiled, constant, possible, strong })
}

/// Dice >= p/q over the shared fields (spec 6.4.2): N D + P - 1 >= 0 with D = 2q|x and y| - p(|x| + |y|), P shared
/// fields and N >= P. D >= 0 gives N D + P - 1 >= 0 once P >= 1; D <= -1 gives at most P - N - 1 < 0; P = 0 gives -1.
fn dice(checks: &mut Checks, segments: &[Segment], p: u16, q: u16) -> Terms {
    const ID: &str = "V-POLICY-018";
    let words = "the numerator is at least 1 and at most the denominator";
    checks.demand(ID, "score.numerator", words, Measure::Within(1, p.into(), q.into()));
    let most = Measure::AtMost(q.into(), limits::MAX_DICE_DENOMINATOR.into());
    checks.demand(ID, "score.denominator", "denominator", most);
    for (i, s) in segments.iter().enumerate() {
        let none = Measure::Fact(s.weights.is_none());
        checks.demand("V-POLICY-012", format!("segment[{i}].weights"), "a Dice score has no weights", none);
    }
    let n = i32::try_from(segments.len()).unwrap_or(i32::MAX).min(i32::from(i16::MAX)); // at most MAX_SEGMENTS, checked
    let (alpha, beta) = ((2 * i32::from(q)).saturating_mul(n), (-i32::from(p)).saturating_mul(n));
    let compiled = segments.iter().map(|s| shape::Segment { bits: s.bits, alpha, beta, nu: 1 }).collect();
    Terms { segments: compiled, constant: -1, possible: 0, strong: None }
}

/// The shape, if its numbers fit their types.
fn compile(checks: &mut Checks, policy: &Policy, terms: Terms, total_bins: u64) -> Option<Shape> {
    let Terms { segments, constant, possible, strong } = terms;
    let [low_end, middle] = [constant, possible].map(i64::from);
    // x = u = 0 against any payload, or any x, u against y = v = 0, leaves nothing but the constant.
    let words = "no evidence, no match: the constant lies below `possible`";
    checks.demand("V-POLICY-013", "score.constant", words, Measure::Below(low_end, middle));
    if let Some(strong) = strong {
        let above = Measure::Below(middle, strong.into());
        checks.demand("V-POLICY-014", "score.strong", "`strong` lies above `possible`", above);
    }
    let honest = score_range(&segments, constant, Requester::Honest);
    let top = i64::from(strong.unwrap_or(possible));
    let field = if strong.is_some() { "score.strong" } else { "score.possible" };
    let words = "the greatest score of an honest requester reaches the upper threshold";
    checks.demand("V-POLICY-019", field, words, Measure::AtMost(top, honest.high));

    let wanted = u64::from(limits::STATISTICAL_BITS) + u64::from(ceil_log2(total_bins));
    let data_bits: u64 = segments.iter().map(|s| u64::from(s.bits)).sum::<u64>() + segments.len() as u64;
    let floor = wanted.max(u64::from(limits::MIN_CHECK_BITS));
    let check_bits = u16::try_from((data_bits + floor).next_multiple_of(8) - data_bits).ok()?;
    let words = format!(
        "check bits that noise over {total_bins} bins passes with probability at most 2^-{}",
        limits::STATISTICAL_BITS
    );
    let enough = Measure::AtMost(i64::try_from(floor).ok()?, check_bits.into());
    checks.demand("V-POLICY-015", "table", words, enough);

    // One set check bit outweighs everything an honest requester's filter could collect from noise.
    let check_weight = honest.high - middle + 1;
    let words = "the greatest score with one check bit set stays below `possible`";
    checks.demand("V-POLICY-016", "segment", words, Measure::Below(honest.high - check_weight, middle));

    // No payload and no filter, honest or not, makes d - threshold wrap around.
    let any = score_range(&segments, constant, Requester::Arbitrary);
    let low = any.low - check_weight * i64::from(check_bits);
    let reach = [Some(possible), strong].into_iter().flatten().map(i64::from);
    let largest = reach.flat_map(|t| [(any.high - t).unsigned_abs(), (low - t).unsigned_abs()]).max().unwrap_or(0);
    let ring_bits = 65 - largest.leading_zeros(); // the least k with largest < 2^(k-1)
    let words = format!("bits of a ring in which no score wraps around (distances up to {largest})");
    let fits = Measure::AtMost(ring_bits.into(), limits::MAX_RING_BITS.into());
    checks.demand("V-POLICY-017", "segment", words, fits);

    Some(Shape {
        segments,
        constant,
        possible,
        strong,
        tables: policy.tables.iter().map(|t| shape::Table { id: t.id, slots: t.slots }).collect(),
        copies_requester: policy.round.copies_requester,
        copies_responder: policy.round.copies_responder,
        records_requester: policy.round.records_requester,
        records_responder: policy.round.records_responder,
        output: policy.round.output,
        check_bits,
        check_weight: i32::try_from(check_weight).ok()?,
        ring_bits: u8::try_from(ring_bits).ok()?,
    })
}

fn ceil_log2(n: u64) -> u32 {
    n.max(1).next_power_of_two().trailing_zeros()
}
