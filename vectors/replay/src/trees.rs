//! The OPRF from trees (spec section 8.11): its code, and one query chunk on both sides.

use super::case::{Case, Hex, HexBytes, Stop, all_same, same};
use super::round::ShapeCase;
use blindlink::error::{Error, PeerFault};
use blindlink::ids::RoundId;
use blindlink::plan::Plan;
use blindlink::round::commitment::{LateId, Randomness, RoundContext};
use blindlink::round::oprf::tree::code::{self, INPUT_BITS};
use blindlink::round::oprf::tree::{ROW_BYTES, output_of};
use blindlink::round::oprf::{self, Input, OprfOutput, QueryChunk};
use blindlink::secret::Seed;
use blindlink::suite::{CODE_BITS, CODE_SYMBOLS, SUITE_2};
use serde::Deserialize;
use std::sync::Arc;

/// A word of the code, and its product with an element of GF(16) (V-OPRF-006).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    x: Hex<16>,
    word: Hex<47>,
    delta: u8,
    product: Hex<47>,
}

/// Bits of one row of columns that have one byte each.
fn row(columns: &[u8]) -> [u8; ROW_BYTES] {
    let mut out = [0; ROW_BYTES];
    columns.iter().take(CODE_BITS).enumerate().for_each(|(j, column)| out[j / 8] |= (column & 1) << (j % 8));
    out
}

impl Case for Code {
    fn run(&self) -> Result<(), Stop> {
        let x: Vec<u8> = (0..INPUT_BITS).map(|j| self.x.0[j / 8] >> (j % 8) & 1).collect();
        let mut word = vec![0; CODE_BITS];
        code::encode(&x, 1, &mut word);
        same("word", &self.word.0, &row(&word))?;
        let masks = core::array::from_fn(|b| (self.delta >> b & 1).wrapping_neg());
        let (mut t, mut product) = (vec![0; 16], vec![0; CODE_BITS]);
        for symbol in 0..CODE_SYMBOLS {
            let planes = 4 * symbol..4 * symbol + 4;
            code::scale(masks, &word[planes.clone()], 1, &mut t, &mut product[planes]);
        }
        same("product", &self.product.0, &row(&product))
    }
}

/// A query chunk (V-OPRF-007, V-OPRF-008).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    shape: ShapeCase,
    round_id: Hex<32>,
    late_id: Hex<32>,
    to_keys: Hex<32>,
    seeds: [Hex<32>; 2],
    roots: [Hex<32>; 2],
    inputs: Vec<Hex<18>>,
    key: HexBytes,
    base: HexBytes,
    query: HexBytes,
    #[serde(default)]
    code_inputs: Vec<Hex<16>>,
    #[serde(default)]
    rows: Vec<Hex<47>>,
    #[serde(default)]
    outputs: Vec<Hex<32>>,
    /// For other implementations: here it shows in the key only.
    #[serde(default)]
    delta: Option<Hex<47>>,
}

impl Case for Query {
    fn run(&self) -> Result<(), Stop> {
        let plan = Plan::of_suite(&SUITE_2, self.shape.shape()).map_err(Error::from)?;
        let round = Arc::new(RoundContext { plan, id: RoundId::from_bytes(self.round_id.0) });
        let random = |i: usize| {
            Randomness::new(&Seed::new(self.seeds[i].0), &round.id, &self.roots[i].0, if i == 0 { 1 } else { 2 })
        };
        let late = LateId::from_bytes(self.late_id.0);
        let chunk = QueryChunk { index: 0, first_bin: 0 };
        let server = oprf::server(&round, &random(1));
        same("key", &self.key.0, &server.key())?;
        let opened = server.opened(&self.base.0, &self.to_keys.0)?.ok_or(PeerFault::BadField("base"))?;
        opened.blind_evaluate(&late, chunk, &self.query.0)?;

        let (client, base) = oprf::client(&round, &random(0), &self.key.0, &self.to_keys.0)?;
        same("base", &self.base.0, &base)?;
        let inputs: Vec<Input> = self.inputs.iter().map(|input| Input::dummy(input.0)).collect();
        same("query", &self.query.0, &client.blind(chunk, &inputs))?;
        let outputs = client.finalize(&late, chunk, &inputs, &self.query.0, &[])?;
        let first = |all: Vec<OprfOutput>| all.into_iter().take(self.outputs.len()).map(|o| *o.expose());
        all_same("outputs", &self.outputs, first(outputs))?;
        let bins: Vec<u32> = (0..).take(inputs.len()).collect();
        let items: Vec<(&Input, &[u32])> = inputs.iter().zip(bins.chunks(1)).collect();
        all_same("outputs", &self.outputs, first(opened.evaluate_own(&late, &items)?))?;
        let of_rows = (0u32..).zip(self.code_inputs.iter().zip(&self.rows));
        all_same(
            "outputs",
            &self.outputs,
            of_rows.map(|(bin, (x, row))| *output_of(&late, bin, &x.0, &row.0).expose()),
        )?;
        if self.delta.is_some() == self.outputs.is_empty() { Err(PeerFault::BadField("delta").into()) } else { Ok(()) }
    }
}
