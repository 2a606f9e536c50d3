"""The OPRF of a round, with an own key for every bin, and its proofs (8.1, 8.2)."""

from __future__ import annotations

from labelled import labelled_hash, prf
from oprf import (
    MODE_POPRF,
    Proof,
    challenge,
    context_string,
    finalize_hash,
    framed,
    hash_to_group,
    hash_to_scalar,
    info_scalar,
)
from ristretto255 import G, L, Element

QUERY_CHUNK = "blindlink/2 query chunk"
EVALUATION_CHUNK = "blindlink/2 evaluation chunk"
DLEQ_WEIGHT = "blindlink/2 dleq weight"
OPRF_KEY_CONTEXT = "blindlink/2 oprf key context"


def info(late_id: bytes, table_id: int, local_bin: int) -> bytes:
    return late_id + table_id.to_bytes(2, "big") + local_bin.to_bytes(4, "big")


def blind(item: bytes, r: int) -> Element:
    return r * hash_to_group(item, context_string(MODE_POPRF))


def evaluate(key: int, bin_info: bytes, blinded: Element) -> Element:
    return pow(key + info_scalar(bin_info), -1, L) * blinded


def output(item: bytes, bin_info: bytes, unblinded: Element) -> bytes:
    return finalize_hash(item, unblinded, MODE_POPRF, bin_info)[:32]


def direct(key: int, bin_info: bytes, item: bytes) -> bytes:
    """The function as the key's holder computes it."""
    point = hash_to_group(item, context_string(MODE_POPRF))
    return output(item, bin_info, evaluate(key, bin_info, point))


def chunk_digest(late_id: bytes, public: Element, chunk: int, blinded: bytes, evaluated: bytes) -> bytes:
    return labelled_hash(EVALUATION_CHUNK, [late_id, public.encode(), chunk.to_bytes(4, "big"), blinded, evaluated])


def _weights(digest: bytes, count: int) -> list[int]:
    key = labelled_hash(DLEQ_WEIGHT, [digest])
    return [int.from_bytes(prf(key, [i], 16), "little") for i in range(count)]


def _sum(scalars: list[int], elements: list[Element]) -> Element:
    """All products at once, bit by bit from the top, so that the doublings are shared."""
    pairs = list(zip(scalars, elements, strict=True))
    total = Element.identity()
    for bit in reversed(range(max(scalars).bit_length())):
        total = total.double()
        for scalar, element in pairs:
            if scalar >> bit & 1:
                total = total + element
    return total


def prove_chunk(key: int, digest: bytes, evaluated: list[Element], r: int) -> Proof:
    """log_G(pk) = log_M(Z), with Z = k M."""
    m = _sum(_weights(digest, len(evaluated)), evaluated)
    c = challenge(key * G, m, key * m, r * G, r * m, context_string(MODE_POPRF))
    return Proof(c, (r - c * key) % L)


def verify_chunk(
    public: Element, digest: bytes, infos: list[bytes], blinded: list[Element], evaluated: list[Element], proof: Proof
) -> bool:
    """Z is formed from public values: k D = B - h D."""
    weights = _weights(digest, len(evaluated))
    m = _sum(weights, evaluated)
    tweaked = [weight * info_scalar(i) % L for weight, i in zip(weights, infos, strict=True)]
    z = _sum(weights, blinded) - _sum(tweaked, evaluated)
    t2, t3 = proof.s * G + proof.c * public, proof.s * m + proof.c * z
    return challenge(public, m, z, t2, t3, context_string(MODE_POPRF)) == proof.c


def _key_challenge(round_id: bytes, public: Element, commitment: Element) -> int:
    context = labelled_hash(OPRF_KEY_CONTEXT, [round_id])
    message = b"KeyKnowledge" + context + framed(public.encode()) + framed(commitment.encode())
    return hash_to_scalar(message, context_string(MODE_POPRF))


def prove_key(round_id: bytes, key: int, u: int) -> Proof:
    """Schnorr proof of knowledge of the key."""
    c = _key_challenge(round_id, key * G, u * G)
    return Proof(c, (u - c * key) % L)


def verify_key(round_id: bytes, public: Element, proof: Proof) -> bool:
    return _key_challenge(round_id, public, proof.s * G + proof.c * public) == proof.c
