//! Engine of suite 1: RFC 9497 POPRF over ristretto255 with the bin as public info.

use super::{Asker, Evaluator, Input, Output};
use crate::crypto::dleq::{Evaluations, PROOF_BYTES, Proof};
use crate::crypto::group::{ELEMENT_BYTES, Element, Scalar, mul_encode};
use crate::crypto::hash::{Labelled, Prf};
use crate::crypto::voprf::{Mode, finalize, hash_to_group, info_scalar};
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::round::agree::Round;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Public info of a bin: round id, table id, number of the bin in its table (V-OPRF-005).
#[must_use]
pub fn info(round: &Round, bin: u32) -> Vec<u8> {
    let (table, local) = round.plan.locate(bin).unwrap_or((usize::MAX, bin));
    let id = round.plan.tables.get(table).map_or(u16::MAX, |t| t.id);
    [&round.id[..], &id.to_be_bytes(), &local.to_be_bytes()].concat()
}

fn tweaks(round: &Round, first_bin: u32, n: usize) -> Vec<Scalar> {
    (first_bin..).take(n).map(|bin| info_scalar(&info(round, bin))).collect()
}

fn output(input: &Input, info: &[u8], element: &[u8; 32]) -> Output {
    let full = finalize(input.as_bytes(), Some(info), element);
    let mut half = [0; 32];
    half.copy_from_slice(&full[..32]);
    Output::new(half)
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
fn chunk_digest(round: &Round, pk: &Element, chunk: u32, blinded: &[u8], evaluated: &[u8]) -> [u8; 32] {
    Labelled::new(labels::EVALUATION_CHUNK)
        .part(&round.id)
        .part(&pk.encode())
        .part(&chunk.to_be_bytes())
        .part(blinded)
        .part(evaluated)
        .finish()
}

/// The requester's half, with the responder's public key checked.
#[derive(Debug)]
pub struct Asking {
    round: Arc<Round>,
    pk: Element,
    blinds: Prf,
}

impl Asking {
    /// With the requester's blinding randomness.
    #[must_use]
    pub const fn new(round: Arc<Round>, pk: Element, blinds: Prf) -> Self {
        Self { round, pk, blinds }
    }

    fn blinds(&self, first_bin: u32, n: usize) -> Vec<Scalar> {
        (first_bin..).take(n).map(|bin| Scalar::from_wide(&self.blinds.bytes(&[u64::from(bin)]))).collect()
    }
}

impl Asker for Asking {
    fn ask(&self, first_bin: u32, inputs: &[Input]) -> Vec<u8> {
        let blinds = self.blinds(first_bin, inputs.len());
        let points = points(inputs.iter());
        mul_encode(blinds.iter().zip(&*points)).concat()
    }

    fn open(
        &self,
        chunk: u32,
        first_bin: u32,
        inputs: &[Input],
        asked: &[u8],
        answer: &[u8],
    ) -> Result<Vec<Output>, Error> {
        let n = inputs.len();
        let expected = n * ELEMENT_BYTES + PROOF_BYTES;
        let (evaluated, proof) = match answer.split_last_chunk::<PROOF_BYTES>() {
            Some(parts) if answer.len() == expected => parts,
            _ => return Err(PeerFault::Length { expected, got: answer.len() }.into()),
        };
        let digest = chunk_digest(&self.round, &self.pk, chunk, asked, evaluated);
        let evaluated = decode(evaluated)?;
        let blinded = decode(asked).map_err(|_| Error::Internal("own query does not decode"))?;
        let tweaks = tweaks(&self.round, first_bin, n);
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
        Ok(outputs.map(|((input, bin), e)| output(input, &info(&self.round, bin), e)).collect())
    }
}

/// The responder's half.
#[derive(Debug)]
pub struct Evaluating {
    round: Arc<Round>,
    key: Scalar,
    pk: Element,
    nonces: Prf,
}

impl Evaluating {
    /// With the responder's key of this round and the randomness of its proofs.
    #[must_use]
    pub fn new(round: Arc<Round>, key: Scalar, nonces: Prf) -> Self {
        let pk = Element::base_mul(&key);
        Self { round, key, pk, nonces }
    }

    /// (k + h)^-1 for each of these info scalars.
    fn inverse_keys(&self, tweaks: &[Scalar]) -> Vec<Scalar> {
        let mut keys: Vec<Scalar> = tweaks.iter().map(|h| self.key.add(h)).collect();
        Scalar::invert_batch(&mut keys);
        keys
    }
}

impl Evaluator for Evaluating {
    fn evaluate(&self, chunk: u32, first_bin: u32, query: &[u8]) -> Result<Vec<u8>, Error> {
        let blinded = decode(query)?;
        let tweaks = tweaks(&self.round, first_bin, blinded.len());
        let keys = self.inverse_keys(&tweaks);
        let mut answer = mul_encode(keys.iter().zip(&blinded)).concat();
        let digest = chunk_digest(&self.round, &self.pk, chunk, query, &answer);
        let evaluated = decode(&answer).map_err(|_| Error::Internal("own evaluation does not decode"))?;
        // The nonce depends on the chunk's content: two proofs never share one.
        let mut wide = Zeroizing::new([0; 64]);
        self.nonces.fill_at(&digest, wide.as_mut_slice());
        let all = Evaluations { blinded: &blinded, evaluated: &evaluated, tweaks: &tweaks };
        let proof = all.prove(&self.key, &self.pk, &digest, &Scalar::from_wide(&wide));
        answer.extend_from_slice(&proof.encode());
        Ok(answer)
    }

    fn own(&self, items: &[(Input, [u32; 3])]) -> Vec<[Output; 3]> {
        let infos: Vec<[Vec<u8>; 3]> = items.iter().map(|(_, bins)| bins.map(|b| info(&self.round, b))).collect();
        let tweaks: Vec<Scalar> = infos.iter().flatten().map(|i| info_scalar(i)).collect();
        let keys = self.inverse_keys(&tweaks);
        let points = points(items.iter().map(|(input, _)| input));
        let elements = Zeroizing::new(mul_encode(keys.iter().zip(points.iter().flat_map(|p| [p; 3]))));
        let (elements, _) = elements.as_chunks::<3>();
        let out = items.iter().zip(&infos).zip(elements);
        out.map(|(((input, _), infos), [a, b, c])| {
            let [x, y, z] = infos;
            [output(input, x, a), output(input, y, b), output(input, z, c)]
        })
        .collect()
    }
}
