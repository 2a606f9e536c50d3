"""RFC 9497 (OPRF, VOPRF, POPRF) for the suite ristretto255-SHA512, in plain Python.

Names are those of the RFC in lower case. Randomness is an argument everywhere, so every output is reproducible.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ristretto255 import G, L, Element, decode_scalar, encode_scalar

SUITE = "ristretto255-SHA512"
MODE_OPRF, MODE_VOPRF, MODE_POPRF = 0x00, 0x01, 0x02
MAX_BATCH = 2**16 - 1
"""A proof counts its elements in two bytes."""


class BadProof(ValueError):
    """A proof that does not verify."""


class InvalidInput(ValueError):
    """An input that hashes to the identity, or a key whose inverse does not exist (probability about 2^-252)."""


def i2osp(value: int, length: int) -> bytes:
    return value.to_bytes(length, "big")


def framed(data: bytes) -> bytes:
    """Data with its length in two bytes in front."""
    return i2osp(len(data), 2) + data


def context_string(mode: int) -> bytes:
    """RFC 9497 section 3.1."""
    return b"OPRFV1-" + i2osp(mode, 1) + b"-" + SUITE.encode()


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-512 (output 64 bytes, block 128 bytes)."""
    if len(dst) > 255:
        dst = hashlib.sha512(b"H2C-OVERSIZE-DST-" + dst).digest()
    blocks = -(-length // 64)
    if blocks > 255 or length > 65535:
        raise ValueError("too many bytes asked for")
    dst_prime = dst + i2osp(len(dst), 1)
    b0 = hashlib.sha512(bytes(128) + message + i2osp(length, 2) + b"\0" + dst_prime).digest()
    block = hashlib.sha512(b0 + b"\x01" + dst_prime).digest()
    out = block
    for i in range(2, blocks + 1):
        block = hashlib.sha512(bytes(x ^ y for x, y in zip(b0, block)) + i2osp(i, 1) + dst_prime).digest()
        out += block
    return out[:length]


def hash_to_group(message: bytes, context: bytes) -> Element:
    """RFC 9497 section 4.1: 64 bytes of expand_message_xmd through the map of RFC 9496 section 4.3.4."""
    return Element.from_uniform_bytes(expand_message_xmd(message, b"HashToGroup-" + context, 64))


def hash_to_scalar(message: bytes, context: bytes, prefix: bytes = b"HashToScalar-") -> int:
    """RFC 9497 section 4.1: 64 bytes of expand_message_xmd, little-endian, modulo L."""
    return int.from_bytes(expand_message_xmd(message, prefix + context, 64), "little") % L


def derive_key_pair(seed: bytes, info: bytes, mode: int) -> tuple[int, Element]:
    """RFC 9497 section 3.2.1."""
    for counter in range(256):
        secret = hash_to_scalar(seed + framed(info) + i2osp(counter, 1), context_string(mode), b"DeriveKeyPair")
        if secret != 0:
            return secret, secret * G
    raise InvalidInput("DeriveKeyPairError")


@dataclass(frozen=True)
class Proof:
    """A DLEQ proof: challenge and response."""

    c: int
    s: int

    def encode(self) -> bytes:
        return encode_scalar(self.c) + encode_scalar(self.s)

    @classmethod
    def decode(cls, encoded: bytes) -> Proof:
        if len(encoded) != 64:
            raise ValueError("a proof has 64 bytes")
        return cls(decode_scalar(encoded[:32]), decode_scalar(encoded[32:]))


def _composite_scalars(b: Element, cs: list[Element], ds: list[Element], context: bytes) -> list[int]:
    """The weights d_i of RFC 9497 section 2.2.1."""
    if not 0 < len(cs) == len(ds) <= MAX_BATCH:
        raise ValueError("a batch has 1 to 65535 pairs")
    seed = hashlib.sha512(framed(b.encode()) + framed(b"Seed-" + context)).digest()
    return [
        hash_to_scalar(framed(seed) + i2osp(i, 2) + framed(c.encode()) + framed(d.encode()) + b"Composite", context)
        for i, (c, d) in enumerate(zip(cs, ds))
    ]


def _sum(weights: list[int], elements: list[Element]) -> Element:
    total = Element.identity()
    for weight, element in zip(weights, elements):
        total = total + weight * element
    return total


def challenge(b: Element, m: Element, z: Element, t2: Element, t3: Element, context: bytes) -> int:
    transcript = b"".join(framed(e.encode()) for e in (b, m, z, t2, t3)) + b"Challenge"
    return hash_to_scalar(transcript, context)


def generate_proof(k: int, a: Element, b: Element, cs: list[Element], ds: list[Element], r: int, mode: int) -> Proof:
    """RFC 9497 section 2.2.1: log_a(b) = log_c(d) = k for every pair (c, d). `r` is the proof's random scalar."""
    context = context_string(mode)
    weights = _composite_scalars(b, cs, ds, context)
    m = _sum(weights, cs)
    z = k * m
    c = challenge(b, m, z, r * a, r * m, context)
    return Proof(c, (r - c * k) % L)


def verify_proof(a: Element, b: Element, cs: list[Element], ds: list[Element], proof: Proof, mode: int) -> None:
    """RFC 9497 section 2.2.2. Raises BadProof."""
    context = context_string(mode)
    weights = _composite_scalars(b, cs, ds, context)
    m, z = _sum(weights, cs), _sum(weights, ds)
    t2 = proof.s * a + proof.c * b
    t3 = proof.s * m + proof.c * z
    if challenge(b, m, z, t2, t3, context) != proof.c:
        raise BadProof("VerifyError")


def blind(message: bytes, r: int, mode: int) -> Element:
    """RFC 9497 section 3.3.1."""
    element = hash_to_group(message, context_string(mode))
    if element == Element.identity():
        raise InvalidInput("InvalidInputError")
    return r * element


def info_scalar(info: bytes) -> int:
    """The tweak of POPRF mode: HashToScalar("Info" || I2OSP(len(info), 2) || info) (RFC 9497 section 3.3.3)."""
    return hash_to_scalar(b"Info" + framed(info), context_string(MODE_POPRF))


def poprf_tweaked_key(public: Element, info: bytes) -> Element:
    """The client's side of the tweak: m G + pk, which must not be the identity."""
    tweaked = info_scalar(info) * G + public
    if tweaked == Element.identity():
        raise InvalidInput("InvalidInputError")
    return tweaked


def blind_evaluate(
    mode: int, secret: int, blinded: list[Element], r: int = 0, info: bytes = b""
) -> tuple[list[Element], Proof | None]:
    """RFC 9497 sections 3.3.1 to 3.3.3, over a batch. No proof in OPRF mode. `r` is the proof's random scalar."""
    if mode == MODE_OPRF:
        return [secret * b for b in blinded], None
    if mode == MODE_VOPRF:
        evaluated = [secret * b for b in blinded]
        return evaluated, generate_proof(secret, G, secret * G, blinded, evaluated, r, mode)
    tweaked = (secret + info_scalar(info)) % L
    if tweaked == 0:
        raise InvalidInput("InverseError")
    inverse = pow(tweaked, -1, L)
    evaluated = [inverse * b for b in blinded]
    return evaluated, generate_proof(tweaked, G, tweaked * G, evaluated, blinded, r, mode)


def finalize_hash(message: bytes, unblinded: Element, mode: int, info: bytes = b"") -> bytes:
    """The last hash of RFC 9497: in POPRF mode it covers the info too."""
    tail = framed(unblinded.encode()) + b"Finalize"
    middle = framed(info) if mode == MODE_POPRF else b""
    return hashlib.sha512(framed(message) + middle + tail).digest()


def finalize(
    mode: int,
    messages: list[bytes],
    blinds: list[int],
    evaluated: list[Element],
    blinded: list[Element],
    public: Element | None = None,
    proof: Proof | None = None,
    info: bytes = b"",
) -> list[bytes]:
    """RFC 9497 Finalize over a batch; checks the proof in the verifiable modes."""
    if mode != MODE_OPRF:
        if public is None or proof is None:
            raise ValueError("the verifiable modes need a public key and a proof")
        if mode == MODE_VOPRF:
            verify_proof(G, public, blinded, evaluated, proof, mode)
        else:
            verify_proof(G, poprf_tweaked_key(public, info), evaluated, blinded, proof, mode)
    outputs = []
    for message, r, element in zip(messages, blinds, evaluated, strict=True):
        outputs.append(finalize_hash(message, pow(r, -1, L) * element, mode, info))
    return outputs


def evaluate(mode: int, secret: int, message: bytes, info: bytes = b"") -> bytes:
    """The PRF itself, computed by the key's holder (RFC 9497 Evaluate)."""
    element = hash_to_group(message, context_string(mode))
    if element == Element.identity():
        raise InvalidInput("InvalidInputError")
    scalar = secret
    if mode == MODE_POPRF:
        scalar = (secret + info_scalar(info)) % L
        if scalar == 0:
            raise InvalidInput("InverseError")
        scalar = pow(scalar, -1, L)
    return finalize_hash(message, scalar * element, mode, info)


