//! Canonical bytes of a policy (spec 6.3): one encoding per policy, bounded, without trailing bytes.

use super::shape::OutputMode;
use super::{
    Declared, FieldType, LinkageContext, Normalisation, Policy, RoundParameters, Score, SegmentSpec, Slots, TableSpec,
    Weights,
};
use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash;
use crate::ids::PolicyDigest;
use crate::schema::declared::{FieldSource, Sourced};
use crate::schema::kinds::LanePair;
use crate::{labels, limits};

/// Version of the layout.
const FORMAT: u16 = 1;

const WEIGHTED: u8 = 1;
const DICE: u8 = 2;

impl PolicyDigest {
    /// Digest of a policy's canonical bytes.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self::from_bytes(hash::hash(labels::POLICY_DIGEST, &[canonical]))
    }
}

impl Policy {
    /// The canonical bytes. Strings longer than 65,535 bytes are cut; the validator refuses such a policy.
    #[must_use]
    pub fn to_canonical_bytes(&self) -> Vec<u8> {
        self.canonical_fields().into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// Digest of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> PolicyDigest {
        PolicyDigest::of(&self.to_canonical_bytes())
    }

    /// Reads canonical bytes (V-POLICY-001).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`], [`DecodeError::TrailingBytes`], or [`DecodeError::BadField`] for a length, count or code
    /// point that may not be.
    pub fn from_canonical_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limits::MAX_POLICY_BYTES {
            return Err(DecodeError::BadField("policy"));
        }
        let mut r = Reader::new(bytes);
        let policy = read_policy(&mut r)?;
        r.finish()?;
        Ok(policy)
    }

    /// Every field with its path, in the order of the canonical bytes.
    pub(super) fn canonical_fields(&self) -> Vec<(String, Vec<u8>)> {
        let mut out = Fields(Vec::new());
        out.put("format", |w| w.u16(FORMAT));
        out.put("name", |w| w.str16(&self.name));
        out.put("schema", |w| w.str16(&self.schema));
        out.put("normalisation.version", |w| w.str16(&self.normalisation.version));
        out.put("normalisation.tables", |w| w.bytes(&self.normalisation.tables));
        out.put("context.agreement", |w| w.str16(&self.context.agreement));
        out.put("context.lanes", |w| w.u8(self.context.lanes.code()));
        out.put("context.purpose", |w| w.str16(&self.context.purpose));
        out.put("context.epoch", |w| w.u32(self.context.epoch));
        out.put("round.records_requester", |w| w.u32(self.round.records_requester));
        out.put("round.records_responder", |w| w.u32(self.round.records_responder));
        out.put("round.copies_requester", |w| w.u8(self.round.copies_requester));
        out.put("round.copies_responder", |w| w.u8(self.round.copies_responder));
        out.put("round.output", |w| w.u8(self.round.output.code()));
        match self.score {
            Score::Weighted { constant, possible, strong } => {
                out.put("score.kind", |w| w.u8(WEIGHTED));
                out.put("score.constant", |w| w.i32(constant));
                out.put("score.possible", |w| w.i32(possible));
                out.put("score.strong", |w| match strong {
                    None => w.u8(0),
                    Some(strong) => w.u8(1).i32(strong),
                });
            }
            Score::Dice { numerator, denominator } => {
                out.put("score.kind", |w| w.u8(DICE));
                out.put("score.numerator", |w| w.u16(numerator));
                out.put("score.denominator", |w| w.u16(denominator));
            }
        }
        out.put("field count", |w| w.u8(count(self.fields.len())));
        for (i, field) in self.fields.iter().enumerate() {
            out.put(format!("field[{i}].name"), |w| w.str16(&field.name));
            out.put(format!("field[{i}].type"), |w| w.u8(field.kind.code()));
        }
        out.put("segment count", |w| w.u8(count(self.segments.len())));
        for (i, s) in self.segments.iter().enumerate() {
            out.put(format!("segment[{i}].id"), |w| w.str16(&s.id));
            out.put(format!("segment[{i}].features"), |w| list(w, &s.features));
            out.put(format!("segment[{i}].bits"), |w| w.u16(s.bits));
            out.put(format!("segment[{i}].hashes"), |w| w.u8(s.hashes));
            out.put(format!("segment[{i}].weights"), |w| match s.weights {
                None => w.u8(0),
                Some(Weights { alpha, beta, nu }) => w.u8(1).i32(alpha).i32(beta).i32(nu),
            });
        }
        out.put("table count", |w| w.u8(count(self.tables.len())));
        for (i, t) in self.tables.iter().enumerate() {
            out.put(format!("table[{i}].id"), |w| w.u16(t.id));
            out.put(format!("table[{i}].name"), |w| w.str16(&t.name));
            out.put(format!("table[{i}].key"), |w| list(w, &t.key));
            for (name, number) in [
                ("slots_requester", t.slots.requester),
                ("slots_responder", t.slots.responder),
                ("room_requester", t.slots.room_requester),
                ("room_responder", t.slots.room_responder),
            ] {
                out.put(format!("table[{i}].{name}"), |w| w.u16(number));
            }
            out.put(format!("table[{i}].domain_bits"), |w| w.u8(t.domain_bits));
        }
        out.0
    }
}

struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    fn put(&mut self, path: impl Into<String>, write: impl FnOnce(&mut Writer) -> &mut Writer) {
        let mut writer = Writer::default();
        write(&mut writer);
        self.0.push((path.into(), writer.finish()));
    }
}

/// A count, and for each its code point, which the name of the declared field follows if it is taken from one.
fn list<'a, K: FieldSource>(w: &'a mut Writer, items: &[Sourced<K>]) -> &'a mut Writer {
    w.u8(count(items.len()));
    for item in items {
        w.u8(item.kind.code_point());
        if item.kind.is_declared() {
            w.str16(item.field.as_deref().unwrap_or_default());
        }
    }
    w
}

/// Counts above 255 are cut; the validator refuses such a policy long before.
fn count(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

fn read_policy(r: &mut Reader<'_>) -> Result<Policy, DecodeError> {
    if r.u16()? != FORMAT {
        return Err(DecodeError::BadField("policy format"));
    }
    let name = name(r, "policy name")?;
    let schema = id(r, "policy schema")?;
    let normalisation = Normalisation { version: id(r, "policy normalisation version")?, tables: r.array()? };
    let context = LinkageContext {
        agreement: self::name(r, "policy context agreement")?,
        lanes: LanePair::from_code(r.u8()?).ok_or(DecodeError::BadField("policy context lanes"))?,
        purpose: self::name(r, "policy context purpose")?,
        epoch: r.u32()?,
    };
    let round = RoundParameters {
        records_requester: r.u32()?,
        records_responder: r.u32()?,
        copies_requester: r.u8()?,
        copies_responder: r.u8()?,
        output: OutputMode::from_code(r.u8()?).ok_or(DecodeError::BadField("policy round output"))?,
    };
    let score = match r.u8()? {
        WEIGHTED => Score::Weighted {
            constant: r.i32()?,
            possible: r.i32()?,
            strong: if flag(r, "policy score strong")? { Some(r.i32()?) } else { None },
        },
        DICE => Score::Dice { numerator: r.u16()?, denominator: r.u16()? },
        _ => return Err(DecodeError::BadField("policy score kind")),
    };
    let fields =
        (0..bounded(r, limits::MAX_FIELDS, "policy field count")?).map(|_| read_field(r)).collect::<Result<_, _>>()?;
    let segments = (0..bounded(r, limits::MAX_SEGMENTS, "policy segment count")?)
        .map(|_| read_segment(r))
        .collect::<Result<_, _>>()?;
    let tables =
        (0..bounded(r, limits::MAX_TABLES, "policy table count")?).map(|_| read_table(r)).collect::<Result<_, _>>()?;
    Ok(Policy { name, schema, normalisation, context, round, score, expected_wrong: None, fields, segments, tables })
}

fn read_field(r: &mut Reader<'_>) -> Result<Declared, DecodeError> {
    Ok(Declared {
        name: id(r, "policy field name")?,
        kind: FieldType::from_code(r.u8()?).ok_or(DecodeError::BadField("policy field type"))?,
    })
}

fn read_of<K: FieldSource>(r: &mut Reader<'_>, field: &'static str) -> Result<Sourced<K>, DecodeError> {
    let kind = K::of_code(r.u8()?).ok_or(DecodeError::BadField(field))?;
    Ok(Sourced { kind, field: if kind.is_declared() { Some(id(r, field)?) } else { None } })
}

fn read_segment(r: &mut Reader<'_>) -> Result<SegmentSpec, DecodeError> {
    Ok(SegmentSpec {
        id: id(r, "policy segment id")?,
        features: (0..bounded(r, limits::MAX_FEATURE_KINDS, "policy segment features")?)
            .map(|_| read_of(r, "policy segment features"))
            .collect::<Result<_, _>>()?,
        bits: r.u16()?,
        hashes: r.u8()?,
        weights: if flag(r, "policy segment weights")? {
            Some(Weights { alpha: r.i32()?, beta: r.i32()?, nu: r.i32()? })
        } else {
            None
        },
    })
}

fn read_table(r: &mut Reader<'_>) -> Result<TableSpec, DecodeError> {
    Ok(TableSpec {
        id: r.u16()?,
        name: id(r, "policy table name")?,
        key: (0..bounded(r, limits::MAX_KEY_PARTS, "policy table key")?)
            .map(|_| read_of(r, "policy table key"))
            .collect::<Result<_, _>>()?,
        slots: Slots { requester: r.u16()?, responder: r.u16()?, room_requester: r.u16()?, room_responder: r.u16()? },
        domain_bits: r.u8()?,
    })
}

fn name(r: &mut Reader<'_>, field: &'static str) -> Result<String, DecodeError> {
    r.str16(limits::MAX_POLICY_NAME, field).map(str::to_owned)
}

fn id(r: &mut Reader<'_>, field: &'static str) -> Result<String, DecodeError> {
    r.str16(limits::MAX_POLICY_ID, field).map(str::to_owned)
}

fn bounded(r: &mut Reader<'_>, max: usize, field: &'static str) -> Result<usize, DecodeError> {
    let n = usize::from(r.u8()?);
    if n > max { Err(DecodeError::BadField(field)) } else { Ok(n) }
}

fn flag(r: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
    match r.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::BadField(field)),
    }
}
