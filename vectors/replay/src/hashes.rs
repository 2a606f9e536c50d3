//! BLAKE3 as the protocol uses it.

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::crypto::hash::{Labelled, Prf};
use serde::Deserialize;

/// Keyed mode over long inputs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyedHash {
    input_length: usize,
    key: Hex<32>,
    output: Hex<131>,
}

impl Case for KeyedHash {
    fn run(&self) -> Result<(), Stop> {
        let input: Vec<u8> = (0..=250).cycle().take(self.input_length).collect();
        let mut out = [0; 131];
        Prf::new(self.key.0).fill_at(&input, &mut out);
        same("output", &self.output.0, &out)
    }
}

/// A labelled hash.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelledHash {
    label: String,
    parts: Vec<HexBytes>,
    output: Hex<80>,
}

impl Case for LabelledHash {
    fn run(&self) -> Result<(), Stop> {
        let hash = self.parts.iter().fold(Labelled::new(&self.label), |hash, part| hash.part(&part.0));
        let mut out = [0; 80];
        hash.clone().fill(&mut out);
        same("output", &self.output.0, &out)?;
        same("first 32 bytes", &self.output.0[..32], &hash.finish())
    }
}

/// The keyed function of numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyedFunction {
    key: Hex<32>,
    point: Vec<u64>,
    output: Hex<80>,
}

impl Case for KeyedFunction {
    fn run(&self) -> Result<(), Stop> {
        same("output", &self.output.0, &Prf::new(self.key.0).bytes::<80>(&self.point))
    }
}
