//! The OPRF of a round, bin by bin, and its proofs (spec sections 8.1 and 8.2).

use super::case::{Case, Hex, Stop, same};
use super::group::{element, elements, scalar};
use blindlink::crypto::dleq::{Evaluations, Proof, verify_key};
use blindlink::crypto::group::{Scalar, mul_encode};
use blindlink::crypto::hash::hash;
use blindlink::crypto::voprf::{Mode, finalize, hash_to_group, info_scalar};
use blindlink::error::PeerFault;
use blindlink::labels;
use serde::Deserialize;

fn info(late: &Hex<32>, table: u16, bin: u32) -> Vec<u8> {
    [&late.0[..], &table.to_be_bytes(), &bin.to_be_bytes()].concat()
}

/// One input in one bin (V-OPRF-005).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BinOprf {
    late_id: Hex<32>,
    table: u16,
    bin: u32,
    key: Hex<32>,
    input: Hex<18>,
    blind: Hex<32>,
    info: Hex<38>,
    blinded: Hex<32>,
    evaluated: Hex<32>,
    output: Hex<32>,
}

impl Case for BinOprf {
    fn run(&self) -> Result<(), Stop> {
        let info = info(&self.late_id, self.table, self.bin);
        same("info", &self.info.0, &info)?;
        let point = hash_to_group(Mode::Poprf, &self.input.0);
        let blind = scalar(&self.blind)?;
        same("blinded", &self.blinded.0, &mul_encode([(&blind, &point)]).concat())?;
        let mut inverses = [scalar(&self.key)?.add(&info_scalar(&info)), blind];
        Scalar::invert_batch(&mut inverses);
        let [key, unblind] = &inverses;
        same("evaluated", &self.evaluated.0, &mul_encode([(key, &element(&self.blinded, 0)?)]).concat())?;
        let evaluated = element(&self.evaluated, 0)?;
        for unblinded in mul_encode([(unblind, &evaluated), (key, &point)]) {
            same("output", &self.output.0, &finalize(&self.input.0, Some(&info), &unblinded)[..32])?;
        }
        Ok(())
    }
}

/// A query chunk's proof (V-OPRF-001, V-OPRF-004).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BinProof {
    late_id: Hex<32>,
    table: u16,
    bins: Vec<u32>,
    chunk: u32,
    public_key: Hex<32>,
    blinded: Vec<Hex<32>>,
    evaluated: Vec<Hex<32>>,
    proof: Hex<64>,
}

impl Case for BinProof {
    fn run(&self) -> Result<(), Stop> {
        let pk = element(&self.public_key, 0)?;
        let join = |all: &[Hex<32>]| all.iter().flat_map(|e| e.0).collect::<Vec<u8>>();
        let (blinded, evaluated) = (join(&self.blinded), join(&self.evaluated));
        let parts: [&[u8]; 5] = [&self.late_id.0, &self.public_key.0, &self.chunk.to_be_bytes(), &blinded, &evaluated];
        let digest = hash(labels::EVALUATION_CHUNK, &parts);
        let tweaks: Vec<Scalar> =
            self.bins.iter().map(|bin| info_scalar(&info(&self.late_id, self.table, *bin))).collect();
        let (blinded, evaluated) = (elements(&self.blinded)?, elements(&self.evaluated)?);
        let proof = Proof::decode(&self.proof.0).ok_or(PeerFault::BadScalar)?;
        let all = Evaluations { blinded: &blinded, evaluated: &evaluated, tweaks: &tweaks };
        if all.verify(&pk, &digest, &proof) { Ok(()) } else { Err(PeerFault::BadProof { chunk: self.chunk }.into()) }
    }
}

/// Proof of knowledge of the OPRF key (V-OPRF-002).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyProof {
    round_id: Hex<32>,
    public_key: Hex<32>,
    proof: Hex<64>,
}

impl Case for KeyProof {
    fn run(&self) -> Result<(), Stop> {
        let pk = element(&self.public_key, 0)?;
        let proof = Proof::decode(&self.proof.0).ok_or(PeerFault::BadScalar)?;
        let context = hash(labels::OPRF_KEY_CONTEXT, &[&self.round_id.0]);
        if verify_key(&pk, &context, &proof) { Ok(()) } else { Err(PeerFault::BadProof { chunk: 0 }.into()) }
    }
}
