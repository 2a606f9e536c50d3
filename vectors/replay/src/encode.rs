//! Records to digest, filter and tokens (spec chapters 4 and 5).

use super::case::{Case, Hex, HexBytes, Stop, all_same, same};
use blindlink::encode::{Token, encode};
use blindlink::policy::{Declared, Policy};
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::schema::encoding::Encoding;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A record under a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Encode {
    policy: HexBytes,
    record_id: String,
    lane: String,
    case_ref: String,
    identities: Vec<BTreeMap<String, Vec<String>>>,
    declared: Vec<Vec<String>>,
    digest: Hex<32>,
    filter: HexBytes,
    tokens: Vec<Vec<Hex<16>>>,
    others: Vec<Other>,
}

/// The record under another name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    filter: HexBytes,
    tokens: Vec<Vec<Hex<16>>>,
}

impl Encode {
    fn record(&self, fields: &[Declared]) -> Result<Record, Stop> {
        let wrong = |what: &str| Stop::Differs { field: "record", expected: "a record".into(), got: what.into() };
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, &self.record_id);
        raw.push(Field::Lane, &self.lane);
        raw.push(Field::CaseRef, &self.case_ref);
        for (i, identity) in self.identities.iter().enumerate() {
            if i > 0 {
                raw.next_identity().map_err(|e| wrong(&e.to_string()))?;
            }
            for (name, values) in identity {
                let field = Field::from_name(name).ok_or_else(|| wrong(name))?;
                values.iter().for_each(|value| raw.push(field, value));
            }
        }
        for (position, values) in self.declared.iter().enumerate() {
            values.iter().for_each(|value| raw.push_declared(position, value));
        }
        Record::check_with(RowId::new(0), &raw, fields).map_err(|e| wrong(&e.to_string()))
    }
}

fn all_tokens(expected: &[Vec<Hex<16>>], got: &[Vec<Token>]) -> Result<(), Stop> {
    expected
        .iter()
        .zip(got)
        .try_for_each(|(expected, got)| all_same("tokens", expected, got.iter().map(|token| *token.as_bytes())))
}

impl Case for Encode {
    fn run(&self) -> Result<(), Stop> {
        let policy = Policy::from_canonical_bytes(&self.policy.0)?;
        same("policy", &self.policy.0, &policy.to_canonical_bytes())?;
        let encoding = Encoding {
            schema: &policy.schema,
            normalisation: &policy.normalisation.version,
            normalisation_tables: &policy.normalisation.tables,
            context: &policy.context,
            fields: &policy.fields,
            segments: &policy.segments,
            tables: &policy.tables,
        };
        let encoded = encode(&encoding, &[self.record(&policy.fields)?]).remove(0);
        same("digest", &self.digest.0, &encoded.digest)?;
        same("filter", &self.filter.0, encoded.filter.as_bytes())?;
        if encoded.tokens.len() != self.tokens.len() {
            return Err(Stop::Differs {
                field: "tokens",
                expected: self.tokens.len().to_string(),
                got: encoded.tokens.len().to_string(),
            });
        }
        all_tokens(&self.tokens, &encoded.tokens)?;
        same("others", &[self.others.len() as u8], &[encoded.others.len() as u8])?;
        for (expected, got) in self.others.iter().zip(&encoded.others) {
            same("others.filter", &expected.filter.0, got.filter.as_bytes())?;
            all_tokens(&expected.tokens, &got.tokens)?;
        }
        Ok(())
    }
}
