//! The validator (spec 6.6): proves over the whole policy that noise cannot match, and refuses what it cannot prove.

use super::bounds::{Requester, score_range};
use super::shape::{self, Shape};
use super::{Policy, SCHEMA, Score, Segment, Table, Weights};
use crate::error::{Error, Misuse};
use crate::schema::declared::{Declared, Feature, Kind, Of, Part};
use crate::schema::encoding::Encoding;
use crate::schema::kinds::KeyPart;
use crate::schema::{Field, forbidden};
use crate::{limits, normalise};
use std::collections::BTreeSet;

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
    /// Checks everything that `spec/06-policy.md` demands and computes the shape.
    ///
    /// # Errors
    /// [`Misuse::Policy`] with the path of the field and the requirement it breaks.
    pub fn validate(self) -> Result<CheckedPolicy, Error> {
        check_names(&self)?;
        check_fields(&self.fields)?;
        check_segments(&self.segments, &self.fields)?;
        check_tables(&self.tables, &self.fields)?;
        let total_bins = check_sizes(&self)?;
        let shape = compile(&self, total_bins)?;
        let bytes = self.to_canonical_bytes();
        if bytes.len() > limits::MAX_POLICY_BYTES {
            return refuse("policy", "the canonical bytes are too long", "V-POLICY-001");
        }
        let digest = self.digest();
        Ok(CheckedPolicy { policy: self, shape, bytes, digest })
    }
}

fn refuse<T>(field: impl Into<String>, reason: impl Into<String>, requirement: &'static str) -> Result<T, Error> {
    Err(Error::Misuse(Misuse::Policy { field: field.into(), reason: reason.into(), requirement }))
}

/// `Err` unless `ok`.
fn demand(
    ok: bool,
    field: impl Into<String>,
    reason: impl Into<String>,
    requirement: &'static str,
) -> Result<(), Error> {
    if ok { Ok(()) } else { refuse(field, reason, requirement) }
}

fn check_names(policy: &Policy) -> Result<(), Error> {
    // V-POLICY-004
    let names = [
        ("name", &policy.name),
        ("context.agreement", &policy.context.agreement),
        ("context.purpose", &policy.context.purpose),
    ];
    for (field, name) in names {
        let fits =
            (1..=limits::MAX_POLICY_NAME).contains(&name.len()) && name.bytes().all(|b| matches!(b, 0x20..=0x7e));
        demand(
            fits,
            field,
            format!("needs 1 to {} printable ASCII characters", limits::MAX_POLICY_NAME),
            "V-POLICY-004",
        )?;
    }
    // V-POLICY-005
    demand(policy.schema == SCHEMA, "schema", format!("this release computes `{SCHEMA}`"), "V-POLICY-005")?;
    let version = &policy.normalisation.version;
    let ours = normalise::VERSION;
    demand(version == ours, "normalisation.version", format!("this release computes `{ours}`"), "V-POLICY-005")?;
    let same_tables = policy.normalisation.tables == normalise::tables_digest();
    demand(same_tables, "normalisation.tables", "this release has other tables of the same name", "V-POLICY-005")
}

fn is_id(id: &str) -> bool {
    let body = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=limits::MAX_POLICY_ID).contains(&id.len())
        && id.bytes().all(body)
        && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

fn check_fields(fields: &[Declared]) -> Result<(), Error> {
    const ID: &str = "V-POLICY-022";
    demand(fields.len() <= limits::MAX_FIELDS, "field", format!("more than {} fields", limits::MAX_FIELDS), ID)?;
    let mut names = BTreeSet::new();
    for (i, field) in fields.iter().enumerate() {
        let at = || format!("field[{i}].name");
        let fresh = is_id(&field.name) && names.insert(&field.name) && Field::from_name(&field.name).is_none();
        demand(fresh, at(), "is not an identifier, not unique, or a column of the person schema", ID)?;
        // V-RECORD-008
        if let Some(word) = forbidden(&field.name) {
            return refuse(at(), format!("`{word}` may not enter a linkage"), "V-RECORD-008");
        }
    }
    Ok(())
}

/// V-POLICY-022
fn check_source<K: Kind>(of: &Of<K>, fields: &[Declared], path: String) -> Result<(), Error> {
    let fits = match of.position(fields).and_then(|at| fields.get(at)) {
        Some(field) => of.kind.is_declared() && of.kind.allows(field.kind),
        None => !of.kind.is_declared() && of.field.is_none(),
    };
    demand(fits, path, format!("`{}` cannot be taken: no such field, or of another type", of.name()), "V-POLICY-022")
}

fn check_segments(segments: &[Segment], fields: &[Declared]) -> Result<(), Error> {
    const ID: &str = "V-POLICY-006";
    let fits = (1..=limits::MAX_SEGMENTS).contains(&segments.len());
    demand(fits, "segment", format!("needs 1 to {} segments", limits::MAX_SEGMENTS), ID)?;
    let mut ids = BTreeSet::new();
    let mut kinds: BTreeSet<&Feature> = BTreeSet::new();
    let mut total = 0_u32;
    for (i, s) in segments.iter().enumerate() {
        demand(
            is_id(&s.id) && ids.insert(&s.id),
            format!("segment[{i}].id"),
            "is not an identifier, or not unique",
            ID,
        )?;
        let fits = (1..=limits::MAX_FEATURE_KINDS).contains(&s.features.len());
        demand(fits, format!("segment[{i}].features"), "is empty or too long", ID)?;
        let fresh = s.features.iter().all(|feature| kinds.insert(feature));
        demand(fresh, format!("segment[{i}].features"), "repeats a feature kind of the policy", ID)?;
        s.features.iter().try_for_each(|feature| check_source(feature, fields, format!("segment[{i}].features")))?;
        demand(s.bits >= 8, format!("segment[{i}].bits"), "is below 8", ID)?;
        let fits = (1..=limits::MAX_HASHES).contains(&s.hashes) && u16::from(s.hashes) <= s.bits / 2;
        demand(fits, format!("segment[{i}].hashes"), "is zero or above half of the bits", ID)?;
        total += u32::from(s.bits);
    }
    demand(total <= limits::MAX_FILTER_BITS, "segment", format!("more than {} bits", limits::MAX_FILTER_BITS), ID)
}

fn check_tables(tables: &[Table], fields: &[Declared]) -> Result<(), Error> {
    const ID: &str = "V-POLICY-007";
    let fits = (1..=limits::MAX_TABLES).contains(&tables.len());
    demand(fits, "table", format!("needs 1 to {} tables", limits::MAX_TABLES), ID)?;
    let mut names = BTreeSet::new();
    let mut last = None;
    for (i, t) in tables.iter().enumerate() {
        demand(last.is_none_or(|l| l < t.id), format!("table[{i}].id"), "is not above the one before", ID)?;
        last = Some(t.id);
        let named = is_id(&t.name) && names.insert(&t.name);
        demand(named, format!("table[{i}].name"), "is not an identifier, or not unique", ID)?;
        let fits = (1..=limits::MAX_SLOTS).contains(&t.slots);
        demand(fits, format!("table[{i}].slots"), format!("is not within 1 to {}", limits::MAX_SLOTS), ID)?;
        let fits = (1..=limits::MAX_KEY_PARTS).contains(&t.key.len());
        demand(fits, format!("table[{i}].key"), format!("needs 1 to {} parts", limits::MAX_KEY_PARTS), ID)?;
        t.key.iter().try_for_each(|part| check_source(part, fields, format!("table[{i}].key")))?;
        let different: BTreeSet<&Part> = t.key.iter().collect();
        let once = |of: fn(KeyPart) -> bool| t.key.iter().filter(|part| of(part.kind)).count() <= 1;
        let fits = different.len() == t.key.len() && once(KeyPart::is_name) && once(KeyPart::is_date);
        demand(fits, format!("table[{i}].key"), "repeats a part, or has two name or two date parts", ID)?;
        let ceiling: u32 = t.key.iter().map(|p| u32::from(p.kind.max_domain_bits())).sum();
        let field = format!("table[{i}].domain_bits");
        let honest = u32::from(t.domain_bits) <= ceiling.min(60);
        demand(honest, field, format!("claims more than the {} bits of its parts", ceiling.min(60)), "V-POLICY-010")?;
    }
    Ok(())
}

/// Checks sizes, copies and bins; returns the bins of all tables together.
fn check_sizes(policy: &Policy) -> Result<u64, Error> {
    let round = &policy.round;
    let records =
        [("round.records_requester", round.records_requester), ("round.records_responder", round.records_responder)];
    for (field, n) in records {
        let fits = (1..=limits::MAX_RECORDS).contains(&n);
        demand(fits, field, format!("is not within 1 to {}", limits::MAX_RECORDS), "V-POLICY-008")?;
    }
    let copies =
        [("round.copies_requester", round.copies_requester), ("round.copies_responder", round.copies_responder)];
    for (field, n) in copies {
        let fits = (1..=limits::MAX_COPIES).contains(&n);
        demand(fits, field, format!("is not within 1 to {}", limits::MAX_COPIES), "V-POLICY-008")?;
    }
    let mut total = 0;
    for (i, t) in policy.tables.iter().enumerate() {
        let slots = u64::from(t.slots);
        let bins = bins(slots * u64::from(round.copies_responder) * u64::from(round.records_requester));
        let rows = 3 * slots * u64::from(round.copies_requester) * u64::from(round.records_responder);
        total += bins;
        // V-POLICY-009
        demand(rows <= limits::MAX_ROWS, format!("table[{i}].slots"), "gives too many rows", "V-POLICY-009")?;
        demand(total <= limits::MAX_BINS, format!("table[{i}].slots"), "gives too many bins", "V-POLICY-009")?;
        // V-POLICY-011: what a hostile requester could sweep in one round.
        let domain = 1_u64 << t.domain_bits;
        let reason = format!("{bins} bins against a key domain of 2^{}: the key could be swept", t.domain_bits);
        let wide = bins.saturating_mul(limits::SWEEP_FACTOR) <= domain;
        demand(wide, format!("table[{i}].domain_bits"), reason, "V-POLICY-011")?;
    }
    Ok(total)
}

/// Weights, constant and thresholds, whatever the kind of score.
struct Terms {
    segments: Vec<shape::Segment>,
    constant: i32,
    possible: i32,
    strong: Option<i32>,
}

fn terms(policy: &Policy) -> Result<Terms, Error> {
    match policy.score {
        Score::Weighted { constant, possible, strong } => weighted(&policy.segments, constant, possible, strong),
        Score::Dice { numerator, denominator } => dice(&policy.segments, numerator, denominator),
    }
}

fn weighted(segments: &[Segment], constant: i32, possible: i32, strong: Option<i32>) -> Result<Terms, Error> {
    const ID: &str = "V-POLICY-012";
    let within = |w: i32| (-limits::MAX_WEIGHT..=limits::MAX_WEIGHT).contains(&w);
    demand(within(constant), "score.constant", "is out of range", ID)?;
    demand(within(possible), "score.possible", "is out of range", ID)?;
    demand(strong.is_none_or(within), "score.strong", "is out of range", ID)?;
    let mut compiled = Vec::with_capacity(segments.len());
    for (i, s) in segments.iter().enumerate() {
        let field = || format!("segment[{i}].weights");
        let Some(Weights { alpha, beta, nu }) = s.weights else {
            return refuse(field(), "is missing; a weighted score needs it", ID);
        };
        demand(within(alpha) && within(beta) && within(nu), field(), "is out of range", ID)?;
        demand(alpha >= 0 && beta <= 0, field(), "needs alpha >= 0 and beta <= 0", ID)?;
        compiled.push(shape::Segment { bits: s.bits, alpha, beta, nu });
    }
    Ok(Terms { segments: compiled, constant, possible, strong })
}

/// Dice >= p/q over the shared fields (spec 6.5.2): N D + P - 1 >= 0 with D = 2q|x and y| - p(|x| + |y|), P shared
/// fields and N >= P. D >= 0 gives N D + P - 1 >= 0 once P >= 1; D <= -1 gives at most P - N - 1 < 0; P = 0 gives -1.
fn dice(segments: &[Segment], p: u16, q: u16) -> Result<Terms, Error> {
    const ID: &str = "V-POLICY-018";
    let fits = 1 <= p && p <= q && q <= limits::MAX_DICE_DENOMINATOR;
    demand(fits, "score.numerator", "needs 1 <= numerator <= denominator <= 1000", ID)?;
    if let Some(i) = segments.iter().position(|s| s.weights.is_some()) {
        return refuse(format!("segment[{i}].weights"), "has no place under a Dice score", "V-POLICY-012");
    }
    let n = i32::try_from(segments.len()).unwrap_or(i32::MAX); // at most MAX_SEGMENTS, checked before
    let (alpha, beta) = (2 * i32::from(q) * n, -i32::from(p) * n);
    let compiled = segments.iter().map(|s| shape::Segment { bits: s.bits, alpha, beta, nu: 1 }).collect();
    Ok(Terms { segments: compiled, constant: -1, possible: 0, strong: None })
}

fn compile(policy: &Policy, total_bins: u64) -> Result<Shape, Error> {
    let Terms { segments, constant, possible, strong } = terms(policy)?;
    // V-POLICY-013: x = u = 0 against any payload, or any x, u against y = v = 0, leaves nothing but the constant.
    demand(constant < possible, "score.constant", "must lie below `possible`: no evidence, no match", "V-POLICY-013")?;
    // V-POLICY-014
    demand(strong.is_none_or(|s| s > possible), "score.strong", "must lie above `possible`", "V-POLICY-014")?;
    let honest = score_range(&segments, constant, Requester::Honest);
    // V-POLICY-019
    let top = i64::from(strong.unwrap_or(possible));
    let field = if strong.is_some() { "score.strong" } else { "score.possible" };
    demand(honest.high >= top, field, "can never be reached", "V-POLICY-019")?;

    // V-POLICY-015
    let wanted = u64::from(limits::STATISTICAL_BITS) + u64::from(ceil_log2(total_bins));
    let data_bits: u64 = segments.iter().map(|s| u64::from(s.bits)).sum::<u64>() + segments.len() as u64;
    let floor = wanted.max(u64::from(limits::MIN_CHECK_BITS));
    let check_bits = (data_bits + floor).next_multiple_of(8) - data_bits;
    let check_bits = narrow(check_bits)?;

    // V-POLICY-016: one set check bit outweighs everything an honest requester's filter could collect from noise.
    let check_weight: i32 = narrow(honest.high - i64::from(possible) + 1)?;

    // V-POLICY-017: no payload and no filter, honest or not, makes d - threshold wrap around.
    let any = score_range(&segments, constant, Requester::Arbitrary);
    let low = any.low - i64::from(check_weight) * i64::from(check_bits);
    let reach = [Some(possible), strong].into_iter().flatten().map(i64::from);
    let largest = reach.flat_map(|t| [(any.high - t).unsigned_abs(), (low - t).unsigned_abs()]).max().unwrap_or(0);
    let ring_bits = 65 - largest.leading_zeros(); // the least k with largest < 2^(k-1)
    let reason = format!("the score needs a ring of {ring_bits} bits, at most {} are allowed", limits::MAX_RING_BITS);
    demand(ring_bits <= u32::from(limits::MAX_RING_BITS), "segment", reason, "V-POLICY-017")?;

    Ok(Shape {
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
        check_weight,
        ring_bits: narrow(ring_bits)?,
    })
}

fn ceil_log2(n: u64) -> u32 {
    n.max(1).next_power_of_two().trailing_zeros()
}

fn narrow<A, B: TryFrom<A>>(value: A) -> Result<B, Error> {
    B::try_from(value).or_else(|_| refuse("segment", "the score is too large", "V-POLICY-017"))
}
