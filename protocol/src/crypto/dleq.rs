//! Proofs that two pairs of elements have the same discrete logarithm (RFC 9497 section 2.2), single and batched.

use super::group::{Element, Scalar, public_sum};
use super::hash::Prf;
use super::voprf::{Mode, framed, hash_to_scalar};
use crate::labels;
use curve25519_dalek::scalar::Scalar as Raw;
use sha2::{Digest, Sha512};

/// Bytes of an encoded proof.
pub const PROOF_BYTES: usize = 64;

/// A proof (c, s).
#[derive(Clone, Debug)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

impl Proof {
    /// Decodes c and s; `None` if one is not reduced.
    #[must_use]
    pub fn decode(bytes: &[u8; 64]) -> Option<Self> {
        let (c, rest) = bytes.split_first_chunk::<32>()?;
        let (s, _) = rest.split_first_chunk::<32>()?;
        Some(Self { challenge: Scalar::decode(c)?, response: Scalar::decode(s)? })
    }

    /// c followed by s.
    #[must_use]
    pub fn encode(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&self.challenge.encode());
        out[32..].copy_from_slice(&self.response.encode());
        out
    }
}

/// The claim that is proved: log_A(B) = log_M(Z), with A the generator or a given element.
#[derive(Clone, Debug)]
pub struct DleqStatement {
    /// A.
    pub a: Element,
    /// B = k A.
    pub b: Element,
    /// M.
    pub m: Element,
    /// Z = k M.
    pub z: Element,
}

impl DleqStatement {
    fn challenge(&self, mode: Mode, t2: &Element, t3: &Element) -> Scalar {
        let parts = [&self.b, &self.m, &self.z, t2, t3].map(|e| framed(&e.encode()));
        let [b, m, z, t2, t3] = &parts;
        hash_to_scalar(mode, &[b, m, z, t2, t3, b"Challenge"])
    }

    /// GenerateProof with the nonce `r` given, from the composites on.
    #[must_use]
    pub fn prove(&self, mode: Mode, k: &Scalar, r: &Scalar) -> Proof {
        let challenge = self.challenge(mode, &self.a.mul(r), &self.m.mul(r));
        let response = r.sub(&challenge.mul(k));
        Proof { challenge, response }
    }

    /// VerifyProof from the composites on. Variable time: everything here is public.
    #[must_use]
    pub fn verify(&self, mode: Mode, proof: &Proof) -> bool {
        let (c, s) = (proof.challenge.0, proof.response.0);
        let t2 = Element(public_sum(&[s, c], &[self.a.0, self.b.0]));
        let t3 = Element(public_sum(&[s, c], &[self.m.0, self.z.0]));
        self.challenge(mode, &t2, &t3).0 == c
    }
}

/// ComputeComposites of RFC 9497 section 2.2.1: (M, Z) over pairs (C_i, D_i) for the key `b`.
/// `None` for more pairs than the two-byte index can number.
#[must_use]
pub fn composites(mode: Mode, b: &Element, pairs: &[(Element, Element)]) -> Option<(Element, Element)> {
    // The index is two bytes.
    let count = u16::try_from(pairs.len()).ok()?;
    let seed_dst = [&b"Seed-"[..], &mode.context()].concat();
    let seed: [u8; 64] =
        Sha512::new().chain_update(framed(&b.encode())).chain_update(framed(&seed_dst)).finalize().into();
    let weights: Vec<Raw> = pairs
        .iter()
        .zip(0..count)
        .map(|((c, d), i)| {
            let (c, d) = (framed(&c.encode()), framed(&d.encode()));
            hash_to_scalar(mode, &[&framed(&seed), &i.to_be_bytes(), &c, &d, b"Composite"]).0
        })
        .collect();
    let (c, d): (Vec<_>, Vec<_>) = pairs.iter().map(|(c, d)| (c.0, d.0)).unzip();
    Some((Element(public_sum(&weights, &c)), Element(public_sum(&weights, &d))))
}

/// The public side of one chunk of per-bin evaluations: blinded B_i, evaluated D_i and info scalars h_i, with
/// k D_i = B_i - h_i D_i for every i (spec section 8.2).
#[derive(Clone, Debug)]
pub struct Evaluations<'a> {
    /// B_i as received.
    pub blinded: &'a [Element],
    /// D_i = (k + h_i)^-1 B_i.
    pub evaluated: &'a [Element],
    /// h_i.
    pub tweaks: &'a [Scalar],
}

impl Evaluations<'_> {
    /// One statement for the whole chunk. The 128-bit weights depend on `chunk_digest`, a hash over the round, the
    /// chunk and *all* its B_i and D_i: weights that each depend on their own pair alone can be solved for by
    /// generalised birthday search.
    fn weights(&self, chunk_digest: &[u8; 32]) -> Vec<Raw> {
        let prf = Prf::derive(labels::DLEQ_WEIGHT, &[chunk_digest]);
        (0..self.evaluated.len())
            .map(|i| {
                let i = u64::try_from(i).unwrap_or(u64::MAX);
                Raw::from(u128::from_le_bytes(prf.bytes(&[i])))
            })
            .collect()
    }

    fn first_composite(&self, weights: &[Raw]) -> Element {
        let points: Vec<_> = self.evaluated.iter().map(|d| d.0).collect();
        Element(public_sum(weights, &points))
    }

    /// Proves the chunk under the key `k` with public key `pk` and nonce `r`.
    #[must_use]
    pub fn prove(&self, k: &Scalar, pk: &Element, chunk_digest: &[u8; 32], r: &Scalar) -> Proof {
        let m = self.first_composite(&self.weights(chunk_digest));
        let z = m.mul(k);
        DleqStatement { a: generator(), b: pk.clone(), m, z }.prove(Mode::Poprf, k, r)
    }

    /// Checks the chunk's proof.
    #[must_use]
    pub fn verify(&self, pk: &Element, chunk_digest: &[u8; 32], proof: &Proof) -> bool {
        if self.blinded.len() != self.evaluated.len() || self.tweaks.len() != self.evaluated.len() {
            return false;
        }
        let weights = self.weights(chunk_digest);
        let m = self.first_composite(&weights);
        let scalars: Vec<Raw> =
            weights.iter().copied().chain(weights.iter().zip(self.tweaks).map(|(w, h)| -(w * h.0))).collect();
        let points: Vec<_> = self.blinded.iter().chain(self.evaluated).map(|e| e.0).collect();
        let z = Element(public_sum(&scalars, &points));
        DleqStatement { a: generator(), b: pk.clone(), m, z }.verify(Mode::Poprf, proof)
    }
}

/// The group's generator.
#[must_use]
pub fn generator() -> Element {
    Element(curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT)
}

/// Schnorr proof of knowledge of `k` with `pk = k G`, bound to `context`.
#[must_use]
pub fn prove_key(k: &Scalar, pk: &Element, context: &[u8; 32], r: &Scalar) -> Proof {
    let challenge = key_challenge(pk, &Element::base_mul(r), context);
    let response = r.sub(&challenge.mul(k));
    Proof { challenge, response }
}

/// Checks a proof of [`prove_key`].
#[must_use]
pub fn verify_key(pk: &Element, context: &[u8; 32], proof: &Proof) -> bool {
    let (c, s) = (proof.challenge.0, proof.response.0);
    let t = Element(public_sum(&[s, c], &[generator().0, pk.0]));
    key_challenge(pk, &t, context).0 == c
}

fn key_challenge(pk: &Element, t: &Element, context: &[u8; 32]) -> Scalar {
    hash_to_scalar(Mode::Poprf, &[b"KeyKnowledge", context, &framed(&pk.encode()), &framed(&t.encode())])
}

/// The claim that both elements of a pair were multiplied by the same secret: to = w from (spec section 18.4).
#[derive(Clone, Debug)]
pub struct ScaledPair<'a> {
    /// The pair before.
    pub from: [&'a Element; 2],
    /// The pair after.
    pub to: [&'a Element; 2],
}

impl ScaledPair<'_> {
    /// Proves it for the secret `w` with nonce `r`, bound to `context`, which depends on all four elements.
    #[must_use]
    pub fn prove(&self, w: &Scalar, context: &[u8; 32], r: &Scalar) -> Proof {
        let challenge = self.challenge(context, &self.from.map(|e| e.mul(r)));
        let response = r.sub(&challenge.mul(w));
        Proof { challenge, response }
    }

    /// Checks such a proof. Variable time: everything here is public.
    #[must_use]
    pub fn verify(&self, context: &[u8; 32], proof: &Proof) -> bool {
        let (c, s) = (proof.challenge.0, proof.response.0);
        let [first, second] = [0, 1].map(|i| Element(public_sum(&[s, c], &[self.from[i].0, self.to[i].0])));
        self.challenge(context, &[first, second]).0 == c
    }

    fn challenge(&self, context: &[u8; 32], commitments: &[Element; 2]) -> Scalar {
        let ([s1, s2], [f1, f2], [t1, t2]) = (self.from, self.to, commitments);
        let [s1, f1, s2, f2, t1, t2] = [s1, f1, s2, f2, t1, t2].map(|e| framed(&e.encode()));
        hash_to_scalar(Mode::Poprf, &[b"ScaledPair", context, &s1, &f1, &s2, &f2, &t1, &t2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9497 numbers the pairs of a batch in two bytes: more are refused.
    #[test]
    fn too_large_batches_are_refused() {
        let pair = (generator(), generator());
        assert!(composites(Mode::Voprf, &generator(), &vec![pair.clone(); 65_536]).is_none());
        assert!(composites(Mode::Voprf, &generator(), &[pair]).is_some());
    }
}
