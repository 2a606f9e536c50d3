//! Engine of suite 1: RFC 9497 POPRF over ristretto255 with the bin as public info.

use super::{Input, OprfClient, OprfOutput, OprfServer, QueryChunk};
use crate::crypto::dleq::{Evaluations, PROOF_BYTES, Proof, prove_key, verify_key};
use crate::crypto::group::{ELEMENT_BYTES, Element, Scalar, mul_encode};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::voprf::{Mode, finalize, hash_to_group, info_scalar};
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::round::commitment::{LateId, Randomness, RoundContext};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Public info of a bin: late round id, table id, number of the bin in its table (V-OPRF-005).
#[must_use]
pub fn info(round: &RoundContext, late: &LateId, bin: u32) -> Vec<u8> {
    let (table, local) = round.plan.locate(bin).unwrap_or((usize::MAX, bin));
    let id = round.plan.tables.get(table).map_or(u16::MAX, |t| t.id);
    [&late.as_bytes()[..], &id.to_be_bytes(), &local.to_be_bytes()].concat()
}

fn tweaks(round: &RoundContext, late: &LateId, first_bin: u32, n: usize) -> Vec<Scalar> {
    (first_bin..).take(n).map(|bin| info_scalar(&info(round, late, bin))).collect()
}

fn output(input: &Input, info: &[u8], element: &[u8; 32]) -> OprfOutput {
    let full = finalize(input.as_bytes(), Some(info), element);
    let mut half = [0; 32];
    half.copy_from_slice(&full[..32]);
    OprfOutput::new(half)
}

/// The inputs in the group: as good as the tokens themselves, so they are wiped.
fn points<'a>(inputs: impl Iterator<Item = &'a Input>) -> Zeroizing<Vec<Element>> {
    Zeroizing::new(inputs.map(|input| hash_to_group(Mode::Poprf, input.as_bytes())).collect())
}

/// Canonical elements, none the identity (V-OPRF-001).
fn decode(bytes: &[u8]) -> Result<Vec<Element>, PeerFault> {
    bytes
        .as_chunks::<ELEMENT_BYTES>()
        .0
        .iter()
        .enumerate()
        .map(|(position, e)| Element::decode(e).ok_or(PeerFault::BadElement { position }))
        .collect()
}

/// What weights and nonce of a chunk's proof depend on: everything that the proof is about.
fn chunk_digest(late: &LateId, pk: &Element, chunk: u32, blinded: &[u8], evaluated: &[u8]) -> [u8; 32] {
    Labelled::new(labels::EVALUATION_CHUNK)
        .part(late.as_bytes())
        .part(&pk.encode())
        .part(&chunk.to_be_bytes())
        .part(blinded)
        .part(evaluated)
        .finish()
}

/// The client, with the server's public key checked.
#[derive(Debug)]
pub struct PoprfClient {
    round: Arc<RoundContext>,
    pk: Element,
    blinds: Prf,
}

impl PoprfClient {
    /// Checks the server's key message.
    ///
    /// # Errors
    /// [`PeerFault::BadElement`], [`PeerFault::BadScalar`], [`PeerFault::BadProof`].
    pub fn new(round: Arc<RoundContext>, random: &Randomness, key: &[u8]) -> Result<Self, PeerFault> {
        let (element, proof) = key.split_first_chunk().ok_or(PeerFault::Truncated)?;
        let proof = proof.try_into().map_err(|_| PeerFault::Truncated)?;
        let pk = Element::decode(element).ok_or(PeerFault::BadElement { position: 0 })?;
        let proof = Proof::decode(&proof).ok_or(PeerFault::BadScalar)?;
        let context = hash(labels::OPRF_KEY_CONTEXT, &[round.id.as_bytes()]);
        // V-OPRF-002.
        if !verify_key(&pk, &context, &proof) {
            return Err(PeerFault::BadProof { chunk: 0 });
        }
        Ok(Self { round, pk, blinds: random.stream(labels::BLIND) })
    }

    fn blinds(&self, first_bin: u32, n: usize) -> Vec<Scalar> {
        (first_bin..).take(n).map(|bin| Scalar::from_wide(&self.blinds.bytes(&[u64::from(bin)]))).collect()
    }
}

impl OprfClient for PoprfClient {
    fn blind(&self, chunk: QueryChunk, inputs: &[Input]) -> Vec<u8> {
        let blinds = self.blinds(chunk.first_bin, inputs.len());
        let points = points(inputs.iter());
        mul_encode(blinds.iter().zip(&*points)).concat()
    }

    fn finalize(
        &self,
        late: &LateId,
        QueryChunk { index: chunk, first_bin }: QueryChunk,
        inputs: &[Input],
        query: &[u8],
        evaluation: &[u8],
    ) -> Result<Vec<OprfOutput>, Error> {
        let n = inputs.len();
        let expected = n * ELEMENT_BYTES + PROOF_BYTES;
        let (evaluated, proof) = match evaluation.split_last_chunk::<PROOF_BYTES>() {
            Some(parts) if evaluation.len() == expected => parts,
            _ => return Err(PeerFault::Length { expected, got: evaluation.len() }.into()),
        };
        let digest = chunk_digest(late, &self.pk, chunk, query, evaluated);
        let evaluated = decode(evaluated)?;
        let blinded = decode(query).map_err(|_| Error::Internal("own query does not decode"))?;
        let tweaks = tweaks(&self.round, late, first_bin, n);
        let proof = Proof::decode(proof).ok_or(PeerFault::BadScalar)?;
        let all = Evaluations { blinded: &blinded, evaluated: &evaluated, tweaks: &tweaks };
        // V-OPRF-004.
        if !all.verify(&self.pk, &digest, &proof) {
            return Err(PeerFault::BadProof { chunk }.into());
        }
        let mut inverses = self.blinds(first_bin, n);
        Scalar::invert_batch(&mut inverses);
        let unblinded = Zeroizing::new(mul_encode(inverses.iter().zip(&evaluated)));
        let outputs = inputs.iter().zip(first_bin..).zip(unblinded.iter());
        Ok(outputs.map(|((input, bin), e)| output(input, &info(&self.round, late, bin), e)).collect())
    }
}

/// The server.
#[derive(Debug)]
pub struct PoprfServer {
    round: Arc<RoundContext>,
    key: Scalar,
    pk: Element,
    nonces: Prf,
}

impl PoprfServer {
    /// Draws the key of a round.
    #[must_use]
    pub fn new(round: Arc<RoundContext>, random: &Randomness) -> Self {
        let wide = Zeroizing::new(random.stream(labels::OPRF_KEY).bytes(&[0]));
        let key = Scalar::from_wide(&wide);
        let pk = Element::base_mul(&key);
        Self { round, key, pk, nonces: random.stream(labels::PROOF_NONCE) }
    }

    /// (k + h)^-1 for each of these info scalars.
    fn inverse_keys(&self, tweaks: &[Scalar]) -> Vec<Scalar> {
        let mut keys: Vec<Scalar> = tweaks.iter().map(|h| self.key.add(h)).collect();
        Scalar::invert_batch(&mut keys);
        keys
    }
}

impl OprfServer for PoprfServer {
    fn key(&self) -> Vec<u8> {
        let context = hash(labels::OPRF_KEY_CONTEXT, &[self.round.id.as_bytes()]);
        let nonce = Zeroizing::new(self.nonces.bytes(&[0]));
        let proof = prove_key(&self.key, &self.pk, &context, &Scalar::from_wide(&nonce));
        [&self.pk.encode()[..], &proof.encode()].concat()
    }

    fn opened(&self, _: &[u8], _: &[u8; 32]) -> Result<Option<Arc<dyn OprfServer>>, Error> {
        Ok(None)
    }

    fn blind_evaluate(
        &self,
        late: &LateId,
        QueryChunk { index: chunk, first_bin }: QueryChunk,
        query: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        let blinded = decode(query)?;
        let tweaks = tweaks(&self.round, late, first_bin, blinded.len());
        let keys = self.inverse_keys(&tweaks);
        let mut answer = mul_encode(keys.iter().zip(&blinded)).concat();
        let digest = chunk_digest(late, &self.pk, chunk, query, &answer);
        let evaluated = decode(&answer).map_err(|_| Error::Internal("own evaluation does not decode"))?;
        // The nonce depends on the chunk's content: two proofs never share one.
        let mut wide = Zeroizing::new([0; 64]);
        self.nonces.fill_at(&digest, wide.as_mut_slice());
        let all = Evaluations { blinded: &blinded, evaluated: &evaluated, tweaks: &tweaks };
        let proof = all.prove(&self.key, &self.pk, &digest, &Scalar::from_wide(&wide));
        answer.extend_from_slice(&proof.encode());
        Ok(Some(answer))
    }

    fn evaluate_own(&self, late: &LateId, items: &[(&Input, &[u32])]) -> Result<Vec<OprfOutput>, Error> {
        let bins = || items.iter().flat_map(|(_, bins)| bins.iter().copied());
        let infos: Vec<Vec<u8>> = bins().map(|bin| info(&self.round, late, bin)).collect();
        let tweaks: Vec<Scalar> = infos.iter().map(|i| info_scalar(i)).collect();
        let keys = self.inverse_keys(&tweaks);
        let points = points(items.iter().map(|(input, _)| *input));
        let each = points.iter().zip(items).flat_map(|(point, (_, bins))| bins.iter().map(move |_| point));
        let elements = Zeroizing::new(mul_encode(keys.iter().zip(each)));
        let inputs = items.iter().flat_map(|(input, bins)| bins.iter().map(move |_| *input));
        let outputs = inputs.zip(&infos).zip(elements.iter());
        Ok(outputs.map(|((input, info), element)| output(input, info, element)).collect())
    }
}
