//! The requester, step by step. Every step consumes the last; work on single chunks borrows it and may run anywhere.

use super::agree::{Randomness, Round};
use super::compare::{garble, score};
use super::oprf::poprf::Asking;
use super::oprf::{Asker, Input, Output};
use super::ot::base::{self, Context};
use super::ot::extend::{Chunk, Opener, Receiver, Sender};
use super::ot::tree::Binding;
use super::settle::{self, Revealed};
use super::{cuckoo, okvs, ot};
use crate::codec::Reader;
use crate::crypto::cipher::{Stream, Tccr};
use crate::crypto::dleq::{Proof, verify_key};
use crate::crypto::group::Element;
use crate::crypto::hash::{Prf, hash};
use crate::encode::copies::keep_among;
use crate::encode::{EncodedRecord, Filter};
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::policy::plan::PSEUDONYM_BYTES;
use crate::policy::shape::Grade;
use crate::wire::schedule::{BASE_OTS, correction_bytes, sealed_bytes};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The requester in state `S`.
#[derive(Clone, Debug)]
pub struct Requester<S> {
    round: Arc<Round>,
    random: Randomness,
    records: Arc<[EncodedRecord]>,
    bins: Arc<Bins>,
    state: S,
}

/// What lies in every bin of the round: an input, and the record it came from unless it is a dummy.
struct Bins {
    inputs: Vec<Input>,
    records: Vec<Option<u32>>,
}

impl core::fmt::Debug for Bins {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bins(..)")
    }
}

/// Queries are placed.
#[derive(Clone, Debug)]
pub struct Placed(());

/// The responder's keys are checked.
#[derive(Clone, Debug)]
pub struct Keyed {
    oprf: Arc<Asking>,
    opener: Arc<Opener>,
    key_commitment: [u8; 32],
}

/// All evaluations are open and the table is here.
#[derive(Clone, Debug)]
pub struct Comparing {
    keyed: Keyed,
    sender: Arc<Sender>,
    receiver: Arc<Receiver>,
    outputs: Arc<Vec<Output>>,
    tables: Arc<Vec<Vec<u8>>>,
}

/// What the requester keeps of a chunk between its correction and the garbled answer.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Corrected {
    /// Body of the correction message.
    pub body: Vec<u8>,
    labels: Vec<u128>,
    shares: Vec<[u8; PSEUDONYM_BYTES]>,
}

/// What the requester keeps of a chunk until the round key comes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Evaluated {
    first_bin: u32,
    labels: Vec<Zeroizing<Vec<u128>>>,
    sealed: Vec<u8>,
    shares: Vec<[u8; PSEUDONYM_BYTES]>,
}

/// A pair of an own record and a pseudonym token.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Own record.
    pub own: u32,
    /// Pseudonym token; proves the claim.
    pub token: [u8; 16],
    /// Grade.
    pub grade: Grade,
    /// Table ids, ascending.
    pub tables: Vec<u16>,
}

impl core::fmt::Debug for Found {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Found(..)")
    }
}

impl Requester<Placed> {
    /// Chooses copies and places all queries, with dummies up to the agreed number; heavy.
    #[must_use]
    pub fn place(round: Arc<Round>, random: Randomness, records: Arc<[EncodedRecord]>, keep_key: &[u8; 32]) -> Self {
        let shape = &round.plan.shape;
        let dummies = random.stream(labels::DUMMY);
        let walk = random.stream(labels::CUCKOO_WALK);
        let mut bins = Bins { inputs: Vec::new(), records: Vec::new() };
        for (index, table) in round.plan.tables.iter().enumerate() {
            let function = cuckoo::bin_function(&round, table.id);
            let most = table.queries.checked_div(shape.copies_responder.into()).unwrap_or(0) as usize;
            let kept = keep_among(&records, index, shape.copies_requester, keep_key, most);
            let own = kept
                .iter()
                .flat_map(|k| (0..shape.copies_responder).map(|j| (k.record, Input::new(&k.token, k.copy, j))));
            let items = cuckoo::padded(own, &dummies, table.id, table.queries);
            let places: Vec<[u32; 3]> = items.iter().map(|(_, i)| cuckoo::bins_of(&function, i, table.bins)).collect();
            for (bin, item) in (table.first_bin..).zip(cuckoo::place(&places, table.bins, &walk, table.id)) {
                let item = item.and_then(|i| items.get(i as usize));
                let dummy = || Input::dummy(dummies.bytes(&[u64::from(bin)]));
                bins.inputs.push(item.map_or_else(dummy, |(_, input)| input.clone()));
                bins.records.push(item.and_then(|(record, _)| *record));
            }
        }
        Self { round, random, records, bins: Arc::new(bins), state: Placed(()) }
    }

    /// Checks the responder's keys and answers its base OTs. Returns the body of the base OT message.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn keys(self, body: &[u8]) -> Result<(Requester<Keyed>, Vec<u8>), Error> {
        let (pk, proof, key_commitment, offer) =
            Reader::all(body, |r| Ok((r.array()?, r.array()?, r.array()?, r.bytes(ot_offer_bytes())?)))
                .map_err(PeerFault::from)?;
        let pk = Element::decode(&pk).ok_or(PeerFault::BadElement { position: 0 })?;
        let proof = Proof::decode(&proof).ok_or(PeerFault::BadScalar)?;
        let context = hash(labels::OPRF_KEY_CONTEXT, &[&self.round.id]);
        // V-OPRF-002.
        if !verify_key(&pk, &context, &proof) {
            return Err(PeerFault::BadProof { chunk: 0 }.into());
        }
        let delta = u128::from_le_bytes(choosing(&self.random).bytes(&[u64::MAX]));
        let context = Context { round: &self.round.id, direction: ot::Direction::Masks };
        let (answer, keys) = base::choose(&context, &choosing(&self.random), !delta, offer)?;
        let mut body = base::offer(&offering(&self.random));
        body.extend_from_slice(&answer);
        let state = Keyed {
            oprf: Arc::new(Asking::new(Arc::clone(&self.round), pk, self.random.stream(labels::BLIND))),
            opener: Arc::new(Opener::new(Binding::new(&context, &answer), delta, keys)),
            key_commitment,
        };
        Ok((self.with(state), body))
    }
}

/// Base OT randomness of the set in which this side offers, and of the set in which it chooses.
pub(super) fn offering(random: &Randomness) -> Prf {
    Prf::new(random.bound(labels::BASE_OT, &[b"offer"]))
}

pub(super) fn choosing(random: &Randomness) -> Prf {
    Prf::new(random.bound(labels::BASE_OT, &[b"choose"]))
}

pub(super) const fn ot_offer_bytes() -> usize {
    BASE_OTS * 32
}

impl<S> Requester<S> {
    fn with<T>(self, state: T) -> Requester<T> {
        Requester { round: self.round, random: self.random, records: self.records, bins: self.bins, state }
    }

    fn inputs(&self, (first, n): (u32, u32)) -> &[Input] {
        self.bins.inputs.get(first as usize..(first + n) as usize).unwrap_or(&[])
    }
}

impl Requester<Keyed> {
    /// Body of a query chunk.
    #[must_use]
    pub fn ask(&self, chunk: u32) -> Vec<u8> {
        let range = self.round.plan.query_range(chunk);
        self.state.oprf.ask(range.0, self.inputs(range))
    }

    /// Opens the evaluation of a query chunk.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn open(&self, chunk: u32, asked: &[u8], answer: &[u8]) -> Result<Vec<Output>, Error> {
        let range = self.round.plan.query_range(chunk);
        self.state.oprf.open(chunk, range.0, self.inputs(range), asked, answer)
    }

    /// Goes on to the comparison, with the body of the responder's base OT message, all outputs in bin order and the
    /// tables. Returns the body of the message with the own trees.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn compare(
        self,
        base: &[u8],
        outputs: Vec<Output>,
        tables: Vec<Vec<u8>>,
    ) -> Result<(Requester<Comparing>, Vec<u8>), Error> {
        let (answer, trees) = base.split_at_checked(BASE_OTS * 64).ok_or(PeerFault::Truncated)?;
        let sender = self.state.opener.open(trees)?;
        let context = Context { round: &self.round.id, direction: ot::Direction::Shares };
        let keys = base::accept(&context, &offering(&self.random), answer)?;
        let masks = self.random.stream(labels::OT_MASK);
        let (receiver, own_trees) = Receiver::grow(&Binding::new(&context, answer), &keys, masks);
        let state = Comparing {
            keyed: self.state.clone(),
            sender: Arc::new(sender),
            receiver: Arc::new(receiver),
            outputs: Arc::new(outputs),
            tables: Arc::new(tables),
        };
        Ok((self.with(state), own_trees))
    }
}

impl Requester<Comparing> {
    /// Payload and pseudonym share of a bin, as decoded: the record's, masked, where the responder holds the token;
    /// noise elsewhere.
    pub(super) fn payload(&self, bin: u32) -> Zeroizing<Vec<u8>> {
        let plan = &self.round.plan;
        let mut value = Zeroizing::new(vec![0; plan.value_bytes()]);
        let Some((table, _)) = plan.locate(bin) else { return value };
        let (Some(table_plan), Some(columns)) = (plan.tables.get(table), self.state.tables.get(table)) else {
            return value;
        };
        let Some(output) = self.state.outputs.get(bin as usize) else { return value };
        let context = okvs::row_context(&self.round, table_plan.id);
        let band = okvs::row(&context, output, table_plan.columns, &mut value);
        okvs::decode(columns, &band, &mut value);
        value
    }

    /// Answers a choice chunk with corrections and the second extension. `digest` is the choice frame's.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn correct(&self, chunk: u32, choice: &[u8], digest: &[u8; 32]) -> Result<Corrected, Error> {
        let shape = &self.round.plan.shape;
        let (first, n) = self.round.plan.compare_range(chunk);
        let (w, k) = (shape.payload_bits(), usize::from(shape.ring_bits));
        let place = Chunk { round: &self.round.id, direction: ot::Direction::Masks, index: chunk };
        let rows = Zeroizing::new(self.state.sender.extend(&place, choice, n as usize * w)?);

        // The filter of a bin without a record: only the check bits count, and the constant stays below every threshold.
        let empty = Filter::zero(shape.filter_bits() + shape.segments.len());
        let mut payloads = Zeroizing::new(Vec::with_capacity(n as usize * (w / 8)));
        let (mut shares, mut weights) = (Vec::with_capacity(n as usize), Vec::with_capacity(n as usize));
        for bin in first..first + n {
            let value = self.payload(bin);
            let (payload, share) = value.split_at(w / 8);
            payloads.extend_from_slice(payload);
            shares.push(share.first_chunk().copied().unwrap_or([0; PSEUDONYM_BYTES]));
            let record =
                self.bins.records.get(bin as usize).copied().flatten().and_then(|r| self.records.get(r as usize));
            let filter = record.map_or(&empty, |r| &r.filter);
            weights.push(Zeroizing::new(score::coefficients(shape, filter)));
        }
        let hash = pad_hash(&self.round, chunk, digest);
        let (mut body, scores) = score::correct(shape, &hash, &rows, self.state.sender.delta(), &payloads, &weights);
        let scores = Zeroizing::new(scores);

        let place = Chunk { round: &self.round.id, direction: ot::Direction::Shares, index: chunk };
        let bits = Zeroizing::new(pack_bits(&scores, k));
        let (extension, labels) = self.state.receiver.extend(&place, &bits, n as usize * k);
        body.extend_from_slice(&extension);
        Ok(Corrected { body, labels, shares })
    }

    /// Evaluates a garbled chunk. `digest` is the own correction frame's.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`] if the body is not what the schedule says.
    pub fn evaluate(
        &self,
        chunk: u32,
        mut corrected: Corrected,
        body: &[u8],
        digest: &[u8; 32],
    ) -> Result<Evaluated, Error> {
        let (first_bin, n) = self.round.plan.compare_range(chunk);
        let n = n as usize;
        let k = usize::from(self.round.plan.shape.ring_bits);
        let circuits = self.round.plan.thresholds().len();
        let (seed, rest) = body.split_first_chunk::<16>().ok_or(PeerFault::Truncated)?;
        let (mut tables, sealed) = rest.split_at_checked(n * circuits * (k - 1) * 32).ok_or(PeerFault::Truncated)?;
        let hash = gate_hash(&self.round, chunk, digest);
        let mut labels = Vec::with_capacity(circuits);
        for (circuit, first_gate) in (0u32..).zip((0u32..).step_by(k - 1)).take(circuits) {
            let (own, rest) = tables.split_at(n * (k - 1) * 32);
            tables = rest;
            let theirs = active_labels(seed, circuit, n * k);
            labels.push(garble::evaluate(&hash, k, first_gate, &corrected.labels, &theirs, own));
        }
        Ok(Evaluated { first_bin, labels, sealed: sealed.to_vec(), shares: core::mem::take(&mut corrected.shares) })
    }

    /// Checks the reveal.
    ///
    /// # Errors
    /// As [`Revealed::read`].
    pub fn unlock(&self, body: &[u8]) -> Result<Revealed, Error> {
        Ok(Revealed::read(body, &self.round.id, &self.state.keyed.key_commitment)?)
    }

    /// Opens everything: all pairs, by own record and token. Every label of every bin is tried, those of dummies too, so
    /// that time does not tell how many there are (V-SETTLE-007). In a bin without a common token what opens depends on
    /// the own token and on what the peer put there: it counts only if the peer has listed it (V-SETTLE-008).
    #[must_use]
    pub fn reveal(&self, revealed: &Revealed, chunks: &[Evaluated]) -> Vec<Found> {
        let sealing = &revealed.sealing;
        let circuits = self.round.plan.thresholds().len();
        let mut pairs: BTreeMap<(u32, [u8; 16]), (Grade, Vec<u16>)> = BTreeMap::new();
        for chunk in chunks {
            let bins = (chunk.first_bin..).zip(&chunk.shares).zip(chunk.sealed.chunks_exact(sealed_bytes(circuits)));
            for (i, ((bin, share), sealed)) in bins.enumerate() {
                let label = |t: usize| chunk.labels.get(t).and_then(|l| l.get(i)).copied().unwrap_or(0);
                let (possible, strong) = sealed.split_at(16 + settle::SEAL_CHECK_BYTES);
                let possible = sealing.open(bin, 0, label(0), possible);
                let strong = (circuits > 1).then(|| sealing.open(bin, 1, label(1), strong)).flatten();
                // A dummy cannot match, whatever the peer garbled.
                let own = self.bins.records.get(bin as usize).copied().flatten();
                let (Some(own), Some(mask)) = (own, possible) else { continue };
                let grade = if strong.is_some() { Grade::Strong } else { Grade::Possible };
                let token = core::array::from_fn(|b| share[b] ^ mask.get(b).copied().unwrap_or(0));
                if !revealed.lists(&token) {
                    continue;
                }
                let table = self.round.plan.locate(bin).and_then(|(t, _)| self.round.plan.tables.get(t)).map(|t| t.id);
                let pair = pairs.entry((own, token)).or_insert((grade, Vec::new()));
                pair.0 = pair.0.max(grade);
                pair.1.extend(table);
            }
        }
        let found = pairs.into_iter().map(|((own, token), (grade, mut tables))| {
            tables.sort_unstable();
            tables.dedup();
            Found { own, token, grade, tables }
        });
        found.collect()
    }

    /// Body of the claims message, of at most as many tokens as the agreement lets this side claim (V-SETTLE-006).
    #[must_use]
    pub fn claims(&self, found: &[Found], cap: usize) -> Vec<u8> {
        let padding = self.random.stream(labels::CLAIM_PADDING);
        let pairs = found.iter().map(|pair| (pair.token, pair.grade));
        settle::claims(pairs, cap, self.round.plan.shape.records_requester, &padding)
    }
}

/// Splits a correction body into corrections and extension.
pub(super) fn split_correction(round: &Round, chunk: u32, body: &[u8]) -> Option<(usize, Vec<u8>, Vec<u8>)> {
    let n = round.plan.compare_range(chunk).1;
    let (corrections, extension) = body.split_at_checked(correction_bytes(&round.plan, n))?;
    Some((n as usize, corrections.to_vec(), extension.to_vec()))
}

/// Hash of the score pads of a chunk: keyed by the choice frame, so that another matrix means other pads
/// (V-OT-003).
pub(super) fn pad_hash(round: &Round, chunk: u32, choice: &[u8; 32]) -> Tccr {
    tccr(labels::PAD_KEY, round, chunk, choice)
}

/// Hash of the gates of a chunk: keyed by the correction frame, so that other choices mean other gates.
pub(super) fn gate_hash(round: &Round, chunk: u32, correction: &[u8; 32]) -> Tccr {
    tccr(labels::GATE_KEY, round, chunk, correction)
}

fn tccr(label: &str, round: &Round, chunk: u32, digest: &[u8; 32]) -> Tccr {
    let key = hash(label, &[&round.id, &chunk.to_be_bytes(), digest]);
    let mut half = [0; 16];
    half.copy_from_slice(&key[..16]);
    Tccr::new(&half)
}

/// Active labels of the responder's shares in one circuit.
pub(super) fn active_labels(seed: &[u8; 16], circuit: u32, n: usize) -> Vec<u128> {
    let mut bytes = vec![0; n * 16];
    Stream::new(seed).fill(circuit, 0, &mut bytes);
    bytes.as_chunks::<16>().0.iter().map(|b| u128::from_le_bytes(*b)).collect()
}

/// The low `k` bits of each number, least significant first, packed.
pub(super) fn pack_bits(numbers: &[u32], k: usize) -> Vec<u8> {
    let mut out = vec![0u8; (numbers.len() * k).div_ceil(8)];
    for (i, number) in numbers.iter().enumerate() {
        for b in 0..k {
            out[(i * k + b) / 8] |= u8::from(number >> b & 1 == 1) << ((i * k + b) % 8);
        }
    }
    out
}

/// What only tests look at.
#[cfg(test)]
impl Requester<Comparing> {
    pub(super) fn record_in(&self, bin: u32) -> Option<u32> {
        self.bins.records.get(bin as usize).copied().flatten()
    }

    pub(super) fn bin_of(&self, record: u32) -> Option<usize> {
        self.bins.records.iter().position(|r| *r == Some(record))
    }

    pub(super) fn receiver(&self) -> &Receiver {
        &self.state.receiver
    }
}
