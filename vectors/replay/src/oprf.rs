//! RFC 9497, through the same functions that a round uses.

use super::case::{Case, Hex, HexBytes, Stop, all_same, same};
use super::group::{element, elements, scalar};
use blindlink::crypto::dleq::{DleqStatement, Proof, composites, generator};
use blindlink::crypto::group::{Element, Scalar, mul_encode};
use blindlink::crypto::voprf::{Mode, derive_key, finalize, hash_to_group, info_scalar};
use blindlink::error::PeerFault;
use serde::Deserialize;

/// One official vector.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rfc9497 {
    mode: u8,
    seed: Hex<32>,
    key_info: HexBytes,
    secret_key: Hex<32>,
    public_key: Option<Hex<32>>,
    info: Option<HexBytes>,
    inputs: Vec<HexBytes>,
    blinds: Vec<Hex<32>>,
    blinded: Vec<Hex<32>>,
    evaluated: Vec<Hex<32>>,
    proof_random: Option<Hex<32>>,
    proof: Option<Hex<64>>,
    outputs: Vec<Hex<64>>,
}

impl Case for Rfc9497 {
    fn run(&self) -> Result<(), Stop> {
        let mode = match self.mode {
            0 => Mode::Oprf,
            1 => Mode::Voprf,
            2 => Mode::Poprf,
            _ => return Err(PeerFault::BadField("mode").into()),
        };
        let key = derive_key(mode, &self.seed.0, &self.key_info.0).ok_or(PeerFault::BadField("seed"))?;
        same("secret_key", &self.secret_key.0, &key.encode())?;
        let public = Element::base_mul(&key);
        if let Some(expected) = &self.public_key {
            same("public_key", &expected.0, &public.encode())?;
        }
        let tweak = self.info.as_ref().map(|info| info_scalar(&info.0));
        let tweaked = tweak.as_ref().map_or_else(|| key.clone(), |h| key.add(h));

        let blinds: Vec<Scalar> = self.blinds.iter().map(scalar).collect::<Result<_, _>>()?;
        let points: Vec<Element> = self.inputs.iter().map(|input| hash_to_group(mode, &input.0)).collect();
        all_same("blinded", &self.blinded, mul_encode(blinds.iter().zip(&points)))?;

        let blinded = elements(&self.blinded)?;
        let factor = if tweak.is_some() { inverse(&tweaked) } else { key };
        all_same("evaluated", &self.evaluated, mul_encode(blinded.iter().map(|b| (&factor, b))))?;

        let evaluated = elements(&self.evaluated)?;
        if let (Some(random), Some(expected)) = (&self.proof_random, &self.proof) {
            // In POPRF mode the inverse is proved: the pairs are the other way round, the key is the tweaked one.
            let (b, pairs) = match &tweak {
                Some(h) => (public.add(&Element::base_mul(h)), pairs(&evaluated, &blinded)),
                None => (public, pairs(&blinded, &evaluated)),
            };
            let (m, z) = composites(mode, &b, &pairs).ok_or(PeerFault::BadField("batch"))?;
            let statement = DleqStatement { a: generator(), b, m, z };
            same("proof", &expected.0, &statement.prove(mode, &tweaked, &scalar(random)?).encode())?;
            verify(&statement, mode, expected)?;
        }

        let inverses: Vec<Scalar> = blinds.iter().map(inverse).collect();
        let unblinded = mul_encode(inverses.iter().zip(&evaluated));
        let info = self.info.as_ref().map(|info| info.0.as_slice());
        let outputs = self.inputs.iter().zip(&unblinded).map(|(input, n)| finalize(&input.0, info, n));
        all_same("outputs", &self.outputs, outputs)
    }
}

/// A batched proof in mode VOPRF.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dleq {
    public_key: Hex<32>,
    blinded: Vec<Hex<32>>,
    evaluated: Vec<Hex<32>>,
    proof: Hex<64>,
}

impl Case for Dleq {
    fn run(&self) -> Result<(), Stop> {
        let b = element(&self.public_key, 0)?;
        let pairs = pairs(&elements(&self.blinded)?, &elements(&self.evaluated)?);
        let (m, z) = composites(Mode::Voprf, &b, &pairs).ok_or(PeerFault::BadField("batch"))?;
        Ok(verify(&DleqStatement { a: generator(), b, m, z }, Mode::Voprf, &self.proof)?)
    }
}

fn verify(statement: &DleqStatement, mode: Mode, proof: &Hex<64>) -> Result<(), PeerFault> {
    let proof = Proof::decode(&proof.0).ok_or(PeerFault::BadScalar)?;
    if statement.verify(mode, &proof) { Ok(()) } else { Err(PeerFault::BadProof { chunk: 0 }) }
}

fn pairs(c: &[Element], d: &[Element]) -> Vec<(Element, Element)> {
    c.iter().cloned().zip(d.iter().cloned()).collect()
}

fn inverse(s: &Scalar) -> Scalar {
    let mut one = [s.clone()];
    Scalar::invert_batch(&mut one);
    let [inverse] = one;
    inverse
}
