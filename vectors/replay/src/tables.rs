//! Cuckoo bins, the key-value store and oblivious transfer (spec sections 8.3 to 8.6).

use super::case::{Case, Hex, HexBytes, Stop, all_same, same};
use blindlink::crypto::hash::Prf;
use blindlink::error::PeerFault;
use blindlink::ids::RoundId;
use blindlink::labels;
use blindlink::round::commitment::LateId;
use blindlink::round::oprf::{Input, OprfOutput};
use blindlink::round::ot::softspoken::extend::{SoftSpokenReceiver, SoftSpokenSender};
use blindlink::round::ot::softspoken::tree::{self, LEAVES, TreeBinding};
use blindlink::round::ot::{
    BaseOtContext, BaseOtKey, BaseOtMessages, Direction, OtChunk, OtReceiver, OtSender, endemic,
};
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

/// Inputs in a crowded table, and where they end up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CuckooPlace {
    round_id: Hex<32>,
    table: u16,
    bins: u32,
    walk_key: Hex<32>,
    inputs: Vec<Hex<18>>,
    /// The input in each bin; -1 for none.
    placed: Vec<i64>,
}

impl Case for CuckooPlace {
    fn run(&self) -> Result<(), Stop> {
        let function = Prf::derive(labels::CUCKOO, &[&self.round_id.0, &self.table.to_be_bytes()]);
        let bins = |input: &Hex<18>| cuckoo::bins_of(&function, &Input::dummy(input.0), self.bins);
        let items: Vec<[u32; 3]> = self.inputs.iter().map(bins).collect();
        let placed = cuckoo::place(&items, self.bins, &Prf::new(self.walk_key.0), self.table);
        let placed: Vec<i64> = placed.iter().map(|input| input.map_or(-1, i64::from)).collect();
        let bytes = |bins: &[i64]| bins.iter().flat_map(|input| input.to_be_bytes()).collect::<Vec<u8>>();
        same("placed", &bytes(&self.placed), &bytes(&placed))
    }
}

/// Rows and columns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Okvs {
    late_id: Hex<32>,
    table: u16,
    group: u32,
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
        let context = okvs::row_context(&LateId::from_bytes(self.late_id.0), self.table, self.group);
        let mut rows = okvs::Rows::new(self.width, self.rows.len());
        let mut bands = Vec::new();
        for row in &self.rows {
            let mut mask = vec![0; self.width];
            let band = okvs::row(&context, &OprfOutput::new(row.output.0), self.columns, &mut mask);
            same("mask", &row.mask.0, &mask)?;
            rows.push(band, &row.value.0);
            bands.push(band);
        }
        let encoded = rows.encode(self.columns, &Prf::new(self.free_key.0), (self.table, self.group));
        same("encoded", &self.encoded.0, &encoded)?;
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
        let context =
            BaseOtContext { round: &RoundId::from_bytes(self.round_id.0), direction: direction(self.direction)? };
        let (offering, choosing) = (Prf::new(self.offer_key.0), Prf::new(self.choose_key.0));
        let choices = self.choices.0;
        let sent = BaseOtMessages { answer: &self.answer.0, offer: &self.offer.0 };
        let answer = endemic::answer(&context, &choosing, &choices);
        endemic::check(context.direction, &self.answer.0)?;
        let chosen = endemic::chosen(&context, &choosing, &choices, sent)?;
        let both = endemic::accept(&context, &offering, &self.answer.0)?;
        same("offer", &self.offer.0, &endemic::offer(context.direction, &offering))?;
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
    sent: BaseOtMessages<'_>,
    keys: &HexBytes,
) -> Result<(TreeBinding, Vec<BaseOtKey>), Stop> {
    let context = BaseOtContext { round: &RoundId::from_bytes(round_id.0), direction: direction(direction_byte)? };
    let keys = keys.0.as_chunks::<16>().0.iter().map(|key| Secret::new(*key)).collect();
    Ok((TreeBinding::new(&context, sent), keys))
}

/// Trees behind an extension, owner and opener (V-OT-004, V-OT-005).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtTrees {
    round_id: Hex<32>,
    direction: u8,
    answers: HexBytes,
    offers: HexBytes,
    delta: Hex<16>,
    keys: HexBytes,
    both: Option<HexBytes>,
    message: HexBytes,
    #[serde(default)]
    leaves: Vec<HexBytes>,
}

impl Case for OtTrees {
    fn run(&self) -> Result<(), Stop> {
        let sent = BaseOtMessages { answer: &self.answers.0, offer: &self.offers.0 };
        let (binding, keys) = chooser(&self.round_id, self.direction, sent, &self.keys)?;
        let delta = u128::from_le_bytes(self.delta.0);
        let opened = tree::open(&binding, &self.delta.0, &keys, &self.message.0)?;
        let Some(both) = &self.both else { return Ok(()) };
        let (grown, message) = tree::grow(&binding, &pairs(both));
        same("message", &self.message.0, &message)?;
        let grown: Vec<Vec<u8>> = grown.iter().map(|leaves| leaves.as_flattened().to_vec()).collect();
        same("leaves", &self.leaves.iter().flat_map(|tree| tree.0.clone()).collect::<Vec<u8>>(), &grown.concat())?;
        for (number, (tree, opened)) in self.leaves.iter().zip(&opened).enumerate() {
            let punctured = (delta >> (number * LEAVES.ilog2() as usize)) as usize % LEAVES;
            let keys = tree.0.as_chunks::<32>().0.iter().enumerate();
            for (position, leaf) in keys.filter(|(position, _)| *position != punctured) {
                same("leaves", leaf, &opened[position ^ punctured])?;
            }
        }
        Ok(())
    }
}

/// Both keys of every base OT.
fn pairs(both: &HexBytes) -> Vec<[BaseOtKey; 2]> {
    let pair = |pair: &[u8; 32]| {
        let (halves, _) = pair.as_chunks::<16>();
        [Secret::new(halves[0]), Secret::new(halves[1])]
    };
    both.0.as_chunks::<32>().0.iter().map(pair).collect()
}

/// Both sides of an extension (V-OT-001, V-OT-006, V-OT-007).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtExtension {
    round_id: Hex<32>,
    direction: u8,
    answers: HexBytes,
    offers: HexBytes,
    delta: Hex<16>,
    keys: HexBytes,
    trees: HexBytes,
    chunk: u32,
    beta: Hex<32>,
    bits: usize,
    message: HexBytes,
    /// What the receiver has, where it is made again too.
    both: Option<HexBytes>,
    mask_key: Option<Hex<32>>,
    choices: Option<HexBytes>,
    #[serde(default)]
    rows: Vec<Hex<16>>,
}

impl Case for OtExtension {
    fn run(&self) -> Result<(), Stop> {
        let sent = BaseOtMessages { answer: &self.answers.0, offer: &self.offers.0 };
        let (binding, keys) = chooser(&self.round_id, self.direction, sent, &self.keys)?;
        let sender = SoftSpokenSender::open(&binding, u128::from_le_bytes(self.delta.0), &keys, &self.trees.0)?;
        let chunk = OtChunk { direction: direction(self.direction)?, index: self.chunk, beta: &self.beta.0 };
        if let (Some(both), Some(mask_key), Some(choices)) = (&self.both, &self.mask_key, &self.choices) {
            let (receiver, trees) = SoftSpokenReceiver::grow(&binding, &pairs(both), Prf::new(mask_key.0));
            same("trees", &self.trees.0, &trees)?;
            same("message", &self.message.0, &receiver.extend(&chunk, &choices.0, self.bits).0)?;
        }
        match sender.extend(&chunk, &self.message.0, self.bits) {
            Ok(rows) => all_same("rows", &self.rows, rows.iter().map(|row| row.to_le_bytes())),
            Err(error) => Err(Stop::from(error)),
        }
    }
}
