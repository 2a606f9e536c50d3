//! Cuckoo bins, the key-value store and oblivious transfer (spec sections 8.3 to 8.6).

use super::case::{Case, Hex, HexBytes, Stop, all_same, same};
use blindlink::crypto::hash::{Prf, hash};
use blindlink::error::PeerFault;
use blindlink::labels;
use blindlink::round::oprf::{Input, OprfOutput};
use blindlink::round::ot::softspoken::extend::SoftSpokenOpener;
use blindlink::round::ot::softspoken::tree::{self, LEAVES, TreeBinding};
use blindlink::round::ot::{BaseOtContext, BaseOtKey, Direction, OtChunk, PendingOtSender, endemic};
use blindlink::round::{cuckoo, okvs};
use blindlink::secret::Secret;
use serde::Deserialize;

/// The bins of an input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CuckooBins {
    round_id: Hex<32>,
    table: u16,
    bins: u32,
    input: Hex<18>,
    found: [u32; 3],
}

impl Case for CuckooBins {
    fn run(&self) -> Result<(), Stop> {
        let function = Prf::derive(labels::CUCKOO, &[&self.round_id.0, &self.table.to_be_bytes()]);
        let found = cuckoo::bins_of(&function, &Input::dummy(self.input.0), self.bins);
        let bytes = |bins: [u32; 3]| bins.map(u32::to_be_bytes).concat();
        same("found", &bytes(self.found), &bytes(found))
    }
}

/// Rows and columns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Okvs {
    round_id: Hex<32>,
    table: u16,
    columns: u32,
    width: usize,
    free_key: Hex<32>,
    rows: Vec<Row>,
    encoded: HexBytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    output: Hex<32>,
    value: HexBytes,
    mask: HexBytes,
    read: HexBytes,
}

impl Case for Okvs {
    fn run(&self) -> Result<(), Stop> {
        let context = hash(labels::OKVS_ROW, &[&self.round_id.0, &self.table.to_be_bytes()]);
        let mut rows = okvs::Rows::new(self.width, self.rows.len());
        let mut bands = Vec::new();
        for row in &self.rows {
            let mut mask = vec![0; self.width];
            let band = okvs::row(&context, &OprfOutput::new(row.output.0), self.columns, &mut mask);
            same("mask", &row.mask.0, &mask)?;
            rows.push(band, &row.value.0);
            bands.push(band);
        }
        same("encoded", &self.encoded.0, &rows.encode(self.columns, &Prf::new(self.free_key.0), self.table))?;
        for (row, band) in self.rows.iter().zip(&bands) {
            let mut read = vec![0; self.width];
            okvs::decode(&self.encoded.0, band, &mut read);
            same("read", &row.read.0, &read)?;
        }
        Ok(())
    }
}

/// Base OTs, both sides (V-OT-002).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BaseOt {
    round_id: Hex<32>,
    direction: u8,
    offer_key: Hex<32>,
    choose_key: Hex<32>,
    choices: Hex<16>,
    offer: HexBytes,
    answer: HexBytes,
    chosen: Option<HexBytes>,
    both: Option<HexBytes>,
}

impl Case for BaseOt {
    fn run(&self) -> Result<(), Stop> {
        let context = BaseOtContext { round: &self.round_id.0, direction: direction(self.direction)? };
        let (offering, choosing) = (Prf::new(self.offer_key.0), Prf::new(self.choose_key.0));
        let choices = u128::from_le_bytes(self.choices.0);
        let (answer, chosen) = endemic::choose(&context, &choosing, choices, &self.offer.0)?;
        let both = endemic::accept(&context, &offering, &self.answer.0)?;
        same("offer", &self.offer.0, &endemic::offer(&offering))?;
        same("answer", &self.answer.0, &answer)?;
        let bytes = |keys: &[BaseOtKey]| keys.iter().flat_map(|k| *k.expose()).collect::<Vec<u8>>();
        let outputs = [("chosen", &self.chosen, bytes(&chosen)), ("both", &self.both, bytes(both.as_flattened()))];
        for (field, expected, got) in outputs {
            same(field, expected.as_ref().map_or(&[][..], |e| &e.0), &got)?;
        }
        Ok(())
    }
}

fn direction(number: u8) -> Result<Direction, PeerFault> {
    match number {
        1 => Ok(Direction::Masks),
        2 => Ok(Direction::Shares),
        _ => Err(PeerFault::BadField("direction")),
    }
}

/// What is bound, and the keys of the chooser.
fn chooser(
    round_id: &Hex<32>,
    direction_byte: u8,
    answers: &HexBytes,
    keys: &HexBytes,
) -> Result<(TreeBinding, Vec<BaseOtKey>), Stop> {
    let context = BaseOtContext { round: &round_id.0, direction: direction(direction_byte)? };
    let keys = keys.0.as_chunks::<16>().0.iter().map(|key| Secret::new(*key)).collect();
    Ok((TreeBinding::new(&context, &answers.0), keys))
}

/// Trees behind an extension, owner and opener (V-OT-004, V-OT-005).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtTrees {
    round_id: Hex<32>,
    direction: u8,
    answers: HexBytes,
    delta: Hex<16>,
    keys: HexBytes,
    both: Option<HexBytes>,
    message: HexBytes,
    #[serde(default)]
    leaves: Vec<HexBytes>,
}

impl Case for OtTrees {
    fn run(&self) -> Result<(), Stop> {
        let (binding, keys) = chooser(&self.round_id, self.direction, &self.answers, &self.keys)?;
        let delta = u128::from_le_bytes(self.delta.0);
        let opened = tree::open(&binding, delta, &keys, &self.message.0)?;
        let Some(both) = &self.both else { return Ok(()) };
        let pair = |pair: &[u8; 32]| {
            let (halves, _) = pair.as_chunks::<16>();
            [Secret::new(halves[0]), Secret::new(halves[1])]
        };
        let pairs: Vec<_> = both.0.as_chunks::<32>().0.iter().map(pair).collect();
        let (grown, message) = tree::grow(&binding, &pairs);
        same("message", &self.message.0, &message)?;
        let bytes = |leaf: u128| leaf.to_le_bytes();
        let grown: Vec<Vec<u8>> = grown.iter().map(|leaves| leaves.iter().copied().flat_map(bytes).collect()).collect();
        same("leaves", &self.leaves.iter().flat_map(|tree| tree.0.clone()).collect::<Vec<u8>>(), &grown.concat())?;
        for (number, (tree, opened)) in self.leaves.iter().zip(&opened).enumerate() {
            let punctured = (delta >> (number * LEAVES.ilog2() as usize)) as usize % LEAVES;
            let keys = tree.0.as_chunks::<16>().0.iter().enumerate();
            for (position, leaf) in keys.filter(|(position, _)| *position != punctured) {
                same("leaves", leaf, &bytes(opened[position ^ punctured]))?;
            }
        }
        Ok(())
    }
}

/// The sender's side of an extension (V-OT-001).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtExtension {
    round_id: Hex<32>,
    direction: u8,
    answers: HexBytes,
    delta: Hex<16>,
    keys: HexBytes,
    trees: HexBytes,
    chunk: u32,
    bits: usize,
    message: HexBytes,
    #[serde(default)]
    rows: Vec<Hex<16>>,
}

impl Case for OtExtension {
    fn run(&self) -> Result<(), Stop> {
        let (binding, keys) = chooser(&self.round_id, self.direction, &self.answers, &self.keys)?;
        let sender = SoftSpokenOpener::new(binding, u128::from_le_bytes(self.delta.0), keys).open(&self.trees.0)?;
        let chunk = OtChunk { round: &self.round_id.0, direction: direction(self.direction)?, index: self.chunk };
        match sender.extend(&chunk, &self.message.0, self.bits) {
            Ok(rows) => all_same("rows", &self.rows, rows.into_iter().map(u128::to_le_bytes)),
            Err(error) => Err(Stop::from(error)),
        }
    }
}
