//! Policies as files and as canonical bytes, what follows from them, and what must be refused (spec chapter 6).

use super::case::{Case, Hex, HexBytes, Stop, broken, same};
use blindlink::Error;
use blindlink::plan::Plan;
use blindlink::policy::{Policy, Slots, bins};
use serde::Deserialize;

/// A policy, to its digest and the numbers of its computation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policies {
    toml: Option<String>,
    policy: Option<HexBytes>,
    digest: Option<Hex<32>>,
    payload_bits: Option<usize>,
    value_bytes: Option<usize>,
    ring_bits: Option<u8>,
    bins: Option<u64>,
    field: Option<String>,
    requirement: Option<String>,
}

impl Policies {
    fn read(&self) -> Result<Policy, Stop> {
        let of_file = self.toml.as_deref().map(Policy::from_toml).transpose().map_err(|e| self.broken(e))?;
        let Some(bytes) = &self.policy else {
            let none = || Stop::Differs { field: "toml", expected: "a file or bytes".into(), got: "neither".into() };
            return of_file.ok_or_else(none);
        };
        let policy = Policy::from_canonical_bytes(&bytes.0)?;
        let file_bytes = of_file.map_or_else(|| bytes.0.clone(), |policy| policy.to_canonical_bytes());
        same("policy", &bytes.0, &file_bytes)?;
        same("policy", &bytes.0, &policy.to_canonical_bytes())?;
        Ok(policy)
    }

    fn broken(&self, error: Error) -> Stop {
        broken(error, self.field.as_deref(), self.requirement.as_deref())
    }
}

fn equal<T: PartialEq + ToString>(field: &'static str, expected: Option<T>, got: T) -> Result<(), Stop> {
    match expected {
        Some(expected) if expected == got => Ok(()),
        expected => {
            let expected = expected.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
            Err(Stop::Differs { field, expected, got: got.to_string() })
        }
    }
}

impl Case for Policies {
    fn run(&self) -> Result<(), Stop> {
        let checked = self.read()?.validate().map_err(|e| self.broken(e))?;
        let shape = checked.shape();
        let asked = |slots: Slots| slots.asked(shape.records_requester) * u64::from(shape.copies_responder);
        same("digest", self.digest.as_ref().map_or(&[][..], |digest| &digest.0), checked.digest().as_bytes())?;
        equal("payload_bits", self.payload_bits, shape.payload_bits())?;
        equal("value_bytes", self.value_bytes, Plan::new(shape.clone()).map_err(Error::from)?.value_bytes())?;
        equal("ring_bits", self.ring_bits, shape.ring_bits)?;
        equal("bins", self.bins, shape.tables.iter().map(|table| bins(asked(table.slots))).sum())
    }
}
