//! The responder, step by step. Every step consumes the last; work on single chunks borrows it and may run anywhere.

use super::agree::{Randomness, Round};
use super::compare::{garble, score};
use super::oprf::poprf::Evaluating;
use super::oprf::{Evaluator, Input};
use super::ot::base::{self, Context};
use super::ot::extend::{Chunk, Opener, Receiver, Sender};
use super::ot::tree::Binding;
use super::requester::{active_labels, choosing, gate_hash, offering, ot_offer_bytes, pad_hash, split_correction};
use super::settle::{self, Revealed, RoundKey, Sealing};
use super::{cuckoo, okvs, ot};
use crate::crypto::dleq::prove_key;
use crate::crypto::group::{Element, Scalar};
use crate::crypto::hash::{Prf, hash};
use crate::encode::EncodedRecord;
use crate::encode::copies::keep_among;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::policy::plan::PSEUDONYM_BYTES;
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Tokens in one part of a table's rows.
pub const ROW_PART: u32 = 1024;

/// The responder in state `S`.
#[derive(Clone, Debug)]
pub struct Responder<S> {
    round: Arc<Round>,
    random: Randomness,
    records: Arc<[EncodedRecord]>,
    oprf: Arc<Evaluating>,
    masks: Prf,
    pseudonyms: Prf,
    round_key: RoundKey,
    state: S,
}

/// Keys are offered.
#[derive(Clone, Debug)]
pub struct Offered(());

/// Base OTs are done.
#[derive(Clone, Debug)]
pub struct Answering {
    receiver: Arc<Receiver>,
    opener: Arc<Opener>,
}

/// An own token with its bins, and the record it stands for unless it is a dummy.
#[derive(Clone)]
pub struct Item {
    record: Option<u32>,
    input: Input,
    bins: [u32; 3],
}

impl core::fmt::Debug for Item {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Item(..)")
    }
}

/// What the responder keeps of a chunk between its choices and the correction.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Chosen {
    rows: Vec<u128>,
}

/// A claimed own record.
#[derive(Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Own record.
    pub own: u32,
    /// Pseudonym token.
    pub token: [u8; 16],
}

impl Responder<Offered> {
    /// Draws the keys of the round. Returns the body of the keys message.
    #[must_use]
    pub fn offer(round: Arc<Round>, random: Randomness, records: Arc<[EncodedRecord]>) -> (Self, Vec<u8>) {
        let wide = |stream: &Prf| Zeroizing::new(stream.bytes(&[0]));
        let key = Scalar::from_wide(&wide(&random.stream(labels::OPRF_KEY)));
        let pk = Element::base_mul(&key);
        let nonces = random.stream(labels::PROOF_NONCE);
        let context = hash(labels::OPRF_KEY_CONTEXT, &[&round.id]);
        let proof = prove_key(&key, &pk, &context, &Scalar::from_wide(&wide(&nonces)));
        let round_key = RoundKey::new(random.stream(labels::ROUND_KEY).bytes(&[0]));
        let mut body = pk.encode().to_vec();
        body.extend_from_slice(&proof.encode());
        body.extend_from_slice(&settle::commit_key(&round_key, &round.id));
        body.extend_from_slice(&base::offer(&offering(&random)));
        let oprf = Arc::new(Evaluating::new(Arc::clone(&round), key, nonces));
        let masks = random.stream(labels::BIN_MASK);
        let pseudonyms = random.stream(labels::PSEUDONYM);
        (Self { round, random, records, oprf, masks, pseudonyms, round_key, state: Offered(()) }, body)
    }

    /// Does the base OTs with the requester's message. Returns the body of the answer, own trees included.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn base(self, body: &[u8]) -> Result<(Responder<Answering>, Vec<u8>), Error> {
        let (offer, answer) = body.split_at_checked(ot_offer_bytes()).ok_or(PeerFault::Truncated)?;
        let context = Context { round: &self.round.id, direction: ot::Direction::Masks };
        let keys = base::accept(&context, &offering(&self.random), answer)?;
        let (receiver, trees) =
            Receiver::grow(&Binding::new(&context, answer), &keys, self.random.stream(labels::OT_MASK));
        // The low bit of Delta is set: it is the colour that tells the two labels of a wire apart.
        let delta = u128::from_le_bytes(choosing(&self.random).bytes(&[u64::MAX])) | 1;
        let context = Context { round: &self.round.id, direction: ot::Direction::Shares };
        let (mut reply, keys) = base::choose(&context, &choosing(&self.random), !delta, offer)?;
        let opener = Opener::new(Binding::new(&context, &reply), delta, keys);
        reply.extend_from_slice(&trees);
        Ok((self.with(Answering { receiver: Arc::new(receiver), opener: Arc::new(opener) }), reply))
    }
}

impl<S> Responder<S> {
    fn with<T>(self, state: T) -> Responder<T> {
        Responder {
            round: self.round,
            random: self.random,
            records: self.records,
            oprf: self.oprf,
            masks: self.masks,
            pseudonyms: self.pseudonyms,
            round_key: self.round_key,
            state,
        }
    }

    fn pseudonym(&self, record: u32) -> [u8; PSEUDONYM_BYTES] {
        self.pseudonyms.bytes(&[u64::from(record)])
    }

    /// Bin mask and pseudonym mask of a bin, one after the other.
    pub(super) fn mask(&self, bin: u32, out: &mut [u8]) {
        self.masks.fill(&[u64::from(bin)], out);
    }

    /// All own tokens of a table, padded with dummies to the agreed number. Dummies take the same path as tokens, so
    /// that time does not tell how many there are (V-OKVS-001).
    #[must_use]
    pub fn items(&self, table: usize, keep_key: &[u8; 32]) -> Vec<Item> {
        let Some(plan) = self.round.plan.tables.get(table) else { return Vec::new() };
        let shape = &self.round.plan.shape;
        let function = cuckoo::bin_function(&self.round, plan.id);
        let dummies = self.random.stream(labels::DUMMY);
        let most = plan.tokens.checked_div(shape.copies_requester.into()).unwrap_or(0) as usize;
        let kept = keep_among(&self.records, table, shape.copies_responder, keep_key, most);
        let own =
            kept.iter().flat_map(|k| (0..shape.copies_requester).map(|i| (k.record, Input::new(&k.token, i, k.copy))));
        cuckoo::padded(own, &dummies, plan.id, plan.tokens)
            .into_iter()
            .map(|(record, input)| {
                let bins = cuckoo::bins_of(&function, &input, plan.bins).map(|b| b + plan.first_bin);
                Item { record, input, bins }
            })
            .collect()
    }

    /// OKVS rows of some items of a table.
    #[must_use]
    pub fn rows(&self, table: usize, items: &[Item]) -> okvs::Rows {
        let plan = &self.round.plan;
        let width = plan.value_bytes();
        let mut rows = okvs::Rows::new(width, items.len() * 3);
        let Some(table) = plan.tables.get(table) else { return rows };
        let context = okvs::row_context(&self.round, table.id);
        let inputs: Vec<(Input, [u32; 3])> = items.iter().map(|i| (i.input.clone(), i.bins)).collect();
        let mut value = Zeroizing::new(vec![0; width]);
        let mut mask = Zeroizing::new(vec![0; width]);
        let mut content = Zeroizing::new(vec![0; width]);
        for (item, outputs) in items.iter().zip(self.oprf.own(&inputs)) {
            // A dummy keeps the plain masks, nobody can form its key, but takes the steps of a token (V-OKVS-001).
            let record = item.record.and_then(|r| self.records.get(r as usize));
            let filter = record.map_or(&[][..], |r| r.filter.as_bytes());
            let (payload, share) = content.split_at_mut(plan.payload_bytes());
            payload.iter_mut().zip(filter.iter().chain(core::iter::repeat(&0))).for_each(|(c, f)| *c = *f);
            let keep = if record.is_some() { 0xff } else { 0 };
            let pseudonym = self.pseudonym(item.record.unwrap_or(u32::MAX));
            share.iter_mut().zip(pseudonym).for_each(|(c, p)| *c = p & keep);
            for (output, bin) in outputs.iter().zip(item.bins) {
                let band = okvs::row(&context, output, table.columns, &mut value);
                self.mask(bin, &mut mask);
                value.iter_mut().zip(mask.iter().zip(&*content)).for_each(|(v, (m, c))| *v ^= m ^ c);
                rows.push(band, &value);
            }
        }
        rows
    }

    /// Columns of a table from all its rows.
    #[must_use]
    pub fn encode(&self, table: usize, rows: &okvs::Rows) -> Vec<u8> {
        let Some(plan) = self.round.plan.tables.get(table) else { return Vec::new() };
        rows.encode(plan.columns, &self.random.stream(labels::OKVS_FREE), plan.id)
    }

    /// Body of the answer to a query chunk.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn evaluate(&self, chunk: u32, query: &[u8]) -> Result<Vec<u8>, Error> {
        self.oprf.evaluate(chunk, self.round.plan.query_range(chunk).0, query)
    }
}

impl Responder<Answering> {
    fn chunk_masks(&self, chunk: u32) -> (Zeroizing<Vec<u8>>, Vec<[u8; PSEUDONYM_BYTES]>) {
        let (first, n) = self.round.plan.compare_range(chunk);
        let payload = self.round.plan.payload_bytes();
        let mut whole = Zeroizing::new(vec![0; self.round.plan.value_bytes()]);
        let mut masks = Zeroizing::new(Vec::with_capacity(n as usize * payload));
        let mut shares = Vec::with_capacity(n as usize);
        for bin in first..first + n {
            self.mask(bin, &mut whole);
            let (mask, share) = whole.split_at(payload);
            masks.extend_from_slice(mask);
            shares.push(share.first_chunk().copied().unwrap_or([0; PSEUDONYM_BYTES]));
        }
        (masks, shares)
    }

    /// Opens the requester's trees: what it takes to garble.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn open(&self, trees: &[u8]) -> Result<Sender, Error> {
        Ok(self.state.opener.open(trees)?)
    }

    /// Body of a choice chunk, and what to keep for its correction.
    #[must_use]
    pub fn choose(&self, chunk: u32) -> (Vec<u8>, Chosen) {
        let (masks, _) = self.chunk_masks(chunk);
        let place = Chunk { round: &self.round.id, direction: ot::Direction::Masks, index: chunk };
        let (body, rows) = self.state.receiver.extend(&place, &masks, masks.len() * 8);
        (body, Chosen { rows })
    }

    /// Body of the garbled answer to a correction. The digests are those of the choice and the correction frame.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn garble(
        &self,
        sender: &Sender,
        chunk: u32,
        chosen: &Chosen,
        choice: &[u8; 32],
        correction: &[u8],
        digest: &[u8; 32],
    ) -> Result<Vec<u8>, Error> {
        let plan = &self.round.plan;
        let shape = &plan.shape;
        let k = usize::from(shape.ring_bits);
        let first_bin = plan.compare_range(chunk).0;
        let (n, corrections, extension) =
            split_correction(&self.round, chunk, correction).ok_or(PeerFault::Truncated)?;
        let place = Chunk { round: &self.round.id, direction: ot::Direction::Shares, index: chunk };
        let labels = Zeroizing::new(sender.extend(&place, &extension, n * k)?);
        let (masks, pseudonym_masks) = self.chunk_masks(chunk);
        let pads = pad_hash(&self.round, chunk, choice);
        let scores = Zeroizing::new(score::absorb(shape, &pads, &chosen.rows, &corrections, &masks));

        // V-RAND-005. Bound to the correction: other choices of the requester meet unrelated labels.
        let seed_full = self.random.bound(labels::LABEL_SEED, &[&chunk.to_be_bytes(), digest]);
        let mut seed = [0; 16];
        seed.copy_from_slice(&seed_full[..16]);
        let hash = gate_hash(&self.round, chunk, digest);
        let sealing = Sealing::new(&self.round_key, &self.round.id);
        let mut body = seed.to_vec();
        let mut reached = Vec::new();
        for ((threshold, circuit), first_gate) in plan.thresholds().into_iter().zip(0u32..).zip((0u32..).step_by(k - 1))
        {
            let shares: Vec<u32> = scores.iter().map(|s| s.wrapping_sub(threshold.cast_unsigned())).collect();
            let shares = Zeroizing::new(shares);
            let active = active_labels(&seed, circuit, n * k);
            let (tables, labels) = garble::garble(&hash, sender.delta(), k, first_gate, &labels, &active, &shares);
            body.extend_from_slice(&tables);
            reached.push(labels);
        }
        for ((i, bin), share) in (0..n).zip(first_bin..).zip(&pseudonym_masks) {
            for (labels, circuit) in reached.iter().zip(0u8..) {
                let content: &[u8] = if circuit == 0 { share } else { &[] };
                sealing.seal(bin, circuit, labels.get(i).copied().unwrap_or(0), content, &mut body);
            }
        }
        Ok(body)
    }

    /// Body of the reveal message.
    #[must_use]
    pub fn reveal(&self) -> Vec<u8> {
        // As many as agreed, however many records there are.
        let padded = self.round.plan.shape.records_responder;
        Revealed::write(&self.round_key, (0..padded).map(|record| self.pseudonym(record)))
    }

    /// Own records among the claims, by position.
    ///
    /// # Errors
    /// [`PeerFault::BadField`] if the claims are not sorted or not distinct.
    pub fn claims(&self, body: &[u8]) -> Result<Vec<Claimed>, Error> {
        let (tokens, _) = body.as_chunks::<16>();
        // V-SETTLE-004.
        if !tokens.is_sorted_by(|a, b| a < b) {
            return Err(PeerFault::BadField("claims").into());
        }
        // V-SETTLE-007: as many as agreed, however many records there are.
        let padded = self.round.plan.shape.records_responder;
        let own: BTreeMap<[u8; 16], u32> = (0..padded).map(|r| (self.pseudonym(r), r)).collect();
        // V-SETTLE-005: what is no token of ours is padding.
        let of = |token: &[u8; 16]| own.get(token).copied().filter(|own| (*own as usize) < self.records.len());
        let mut claimed: Vec<Claimed> =
            tokens.iter().filter_map(|t| of(t).map(|own| Claimed { own, token: *t })).collect();
        claimed.sort_by_key(|c| c.own);
        Ok(claimed)
    }
}
