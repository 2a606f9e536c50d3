//! What the late round id gives, copies, seals (spec sections 5.5, 8.9 and 9.2.1).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::encode::copies::{Keep, select_copies};
use blindlink::encode::{EncodedFields, EncodedRecord, Filter, Token};
use blindlink::ids::RoundId;
use blindlink::labels;
use blindlink::round::commitment::{LateId, Randomness};
use blindlink::round::settle::{SealKey, Sealing, StrongTags, commit_seal_key, public_pseudonym};
use blindlink::secret::Seed;
use serde::Deserialize;

/// The responder's randomness once it has the query digests (V-RAND-006, V-RAND-007).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Late {
    seed: Hex<32>,
    root: Hex<32>,
    round_id: Hex<32>,
    to_keys: Hex<32>,
    to_digests: Hex<32>,
    chunk: u32,
    to_correction: Hex<32>,
    late_id: Hex<32>,
    bin_mask: Hex<40>,
    pseudonym: Hex<16>,
    filler: Hex<18>,
    offer_key: Hex<32>,
    label_seed: Hex<16>,
    seal_key: Hex<32>,
}

impl Case for Late {
    fn run(&self) -> Result<(), Stop> {
        const RESPONDER: u8 = 2;
        let late = LateId::new(&RoundId::from_bytes(self.round_id.0), &self.to_keys.0, &self.to_digests.0);
        same("late_id", &self.late_id.0, late.as_bytes())?;
        let early =
            Randomness::new(&Seed::new(self.seed.0), &RoundId::from_bytes(self.round_id.0), &self.root.0, RESPONDER);
        let random = early.late(&late);
        same("bin_mask", &self.bin_mask.0, &random.stream(labels::BIN_MASK).bytes::<40>(&[9]))?;
        same("pseudonym", &self.pseudonym.0, &random.stream(labels::PSEUDONYM).bytes::<16>(&[2]))?;
        same("filler", &self.filler.0, &random.stream(labels::OKVS_FILLER).bytes::<18>(&[7, 1, 3]))?;
        same("offer_key", &self.offer_key.0, &random.bound(labels::BASE_OT, &[b"offer", &[1]]))?;
        let place: [&[u8]; 2] = [&self.chunk.to_be_bytes(), &self.to_correction.0];
        same("label_seed", &self.label_seed.0, &random.bound(labels::LABEL_SEED, &place)[..16])?;
        same("seal_key", &self.seal_key.0, &random.bound(labels::SEAL_KEY, &place))
    }
}

/// Records that share tokens, to the copies that are kept (V-ENCODE-008, V-ENCODE-013).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copies {
    keep_key: Hex<32>,
    table: usize,
    slots: u16,
    copies: u8,
    room: usize,
    /// Of each record the tokens in this table, and in how many others it has any.
    records: Vec<Holder>,
    kept: Vec<Kept>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holder {
    tokens: Vec<Hex<16>>,
    others: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    token: Hex<16>,
    copy: u8,
    record: u32,
}

impl Case for Copies {
    fn run(&self) -> Result<(), Stop> {
        let record = |holder: &Holder| {
            let mut tables = vec![Vec::new(); self.table];
            tables.push(holder.tokens.iter().map(|token| Token::from_bytes(token.0)).collect());
            tables.extend((0..holder.others).map(|_| vec![Token::from_bytes([0; 16])]));
            EncodedRecord::unchecked(EncodedFields {
                digest: [0; 32],
                filter: Filter::zero(0),
                tokens: tables,
                others: Vec::new(),
            })
        };
        let records: Vec<EncodedRecord> = self.records.iter().map(record).collect();
        let keep = Keep { slots: self.slots, copies: self.copies, room: self.room, records: 0 };
        let kept = select_copies(&records, self.table, &keep, &self.keep_key.0);
        let bytes = |token: &[u8; 16], copy: u8, record: u32| [&token[..], &[copy], &record.to_be_bytes()].concat();
        let expected: Vec<u8> = self.kept.iter().flat_map(|k| bytes(&k.token.0, k.copy, k.record)).collect();
        let got: Vec<u8> = kept.iter().flat_map(|k| bytes(k.token.as_bytes(), k.copy, k.record)).collect();
        same("kept", &expected, &got)
    }
}

/// The seal of a bin, and what it opens to (V-SETTLE-009, V-SETTLE-010, V-SETTLE-011).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seals {
    late_id: Hex<32>,
    chunk: u32,
    key: Hex<32>,
    commitment: Hex<32>,
    bin: u32,
    mutual: bool,
    mask: HexBytes,
    delta: Hex<16>,
    reached: Vec<Hex<16>>,
    seal: HexBytes,
    share: HexBytes,
    labels: Vec<Hex<16>>,
    token: Hex<16>,
    pseudonym: Hex<16>,
    strong: bool,
}

impl Case for Seals {
    fn run(&self) -> Result<(), Stop> {
        let (late, key) = (LateId::from_bytes(self.late_id.0), SealKey::new(self.key.0));
        same("commitment", &self.commitment.0, &commit_seal_key(&late, self.chunk, &key))?;
        let sealing = Sealing::new(&late, self.chunk, &key, self.mutual);
        let numbers = |labels: &[Hex<16>]| labels.iter().map(|l| u128::from_le_bytes(l.0)).collect::<Vec<u128>>();
        let mut seal = Vec::new();
        let delta = u128::from_le_bytes(self.delta.0);
        sealing.seal(self.bin, &self.mask.0, &numbers(&self.reached), delta, &mut seal);
        same("seal", &self.seal.0, &seal)?;
        let opened = sealing.open(self.bin, &seal, &self.share.0, &numbers(&self.labels));
        same("token", &self.token.0, &opened.token)?;
        same("pseudonym", &self.pseudonym.0, public_pseudonym(&opened.token).as_bytes())?;
        let strong = opened.tag == Some(StrongTags::new(&late).tag(&opened.token, self.bin));
        same("strong", &[u8::from(self.strong)], &[u8::from(strong)])?;
        same("checked", &[1], &[u8::from(opened.checked)])
    }
}
