"""RFC 9497: the official vectors, recomputed, and proofs that must not verify."""

from __future__ import annotations

from typing import Any

import official
import oprf
from layers.common import Tests, seed_bytes, seed_scalar
from oprf import Proof
from ristretto255 import G, L, Element, decode_scalar, encode_scalar

NAMES = {oprf.MODE_OPRF: "OPRF", oprf.MODE_VOPRF: "VOPRF", oprf.MODE_POPRF: "POPRF"}


def _recompute(suite: dict[str, Any], vector: dict[str, Any]) -> dict[str, Any]:
    """The vector's fields, every one computed here from seed, key info, inputs, blinds and the proof's scalar."""
    mode = suite["mode"]
    seed, key_info = bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"])
    secret, public = oprf.derive_key_pair(seed, key_info, mode)
    inputs = [bytes.fromhex(part) for part in vector["Input"].split(",")]
    blinds = [decode_scalar(bytes.fromhex(part)) for part in vector["Blind"].split(",")]
    info = bytes.fromhex(vector.get("Info", ""))
    random = decode_scalar(bytes.fromhex(vector["Proof"]["r"])) if "Proof" in vector else 0
    blinded = [oprf.blind(m, r, mode) for m, r in zip(inputs, blinds, strict=True)]
    evaluated, proof = oprf.blind_evaluate(mode, secret, blinded, random, info)
    outputs = oprf.finalize(mode, inputs, blinds, evaluated, blinded, public, proof, info)
    fields: dict[str, Any] = {"mode": mode, "seed": seed.hex(), "key_info": key_info.hex()}
    fields["secret_key"] = encode_scalar(secret).hex()
    if mode != oprf.MODE_OPRF:
        fields["public_key"] = public.encode().hex()
    if mode == oprf.MODE_POPRF:
        fields["info"] = info.hex()
    fields["inputs"] = [m.hex() for m in inputs]
    fields["blinds"] = [encode_scalar(r).hex() for r in blinds]
    fields["blinded"] = [e.encode().hex() for e in blinded]
    fields["evaluated"] = [e.encode().hex() for e in evaluated]
    if proof is not None:
        fields["proof_random"] = encode_scalar(random).hex()
        fields["proof"] = proof.encode().hex()
    fields["outputs"] = [o.hex() for o in outputs]
    return fields


def _compare(suite: dict[str, Any], vector: dict[str, Any], fields: dict[str, Any]) -> None:
    quoted = {
        "secret_key": suite["skSm"],
        "blinded": vector["BlindedElement"].split(","),
        "evaluated": vector["EvaluationElement"].split(","),
        "outputs": vector["Output"].split(","),
    }
    if "Proof" in vector:
        quoted |= {"public_key": suite["pkSm"], "proof": vector["Proof"]["proof"]}
    for name, value in quoted.items():
        if fields[name] != value:
            raise ValueError(f"the reference disagrees with RFC 9497 appendix A.1 in {name}")


def _official() -> dict[str, Any]:
    rfc = official.load("rfc9497")
    tests = Tests()
    for suite in rfc["suites"]:
        for number, vector in enumerate(suite["vectors"], 1):
            fields = _recompute(suite, vector)
            _compare(suite, vector, fields)
            mode = NAMES[suite["mode"]]
            tests.valid(f"appendix A.1, {mode} test vector {number}", mode, **fields)
    notes = {
        "OPRF": "mode 0x00, no proof",
        "VOPRF": "mode 0x01, batched proof under the public key",
        "POPRF": "mode 0x02, public info tweaks the key",
    }
    return tests.document("rfc9497", "RFC 9497 sections 2 and 3", rfc["source"], notes)


def _proofs() -> dict[str, Any]:
    mode = oprf.MODE_VOPRF
    secret, public = oprf.derive_key_pair(seed_bytes("rfc9497 proof key"), b"vector", mode)
    blinded = [oprf.blind(bytes([i]), seed_scalar(f"rfc9497 proof blind {i}"), mode) for i in range(4)]
    evaluated, proof = oprf.blind_evaluate(mode, secret, blinded, seed_scalar("rfc9497 proof random"))
    _, other = oprf.blind_evaluate(mode, secret, blinded[:2], seed_scalar("rfc9497 other proof random"))
    assert proof is not None and other is not None

    def fields(
        public: Element = public,
        blinded: list[Element] = blinded,
        evaluated: list[Element] = evaluated,
        proof: bytes = proof.encode(),
    ) -> dict[str, Any]:
        return {
            "public_key": public.encode().hex(),
            "blinded": [e.encode().hex() for e in blinded],
            "evaluated": [e.encode().hex() for e in evaluated],
            "proof": proof.hex(),
        }

    c, s = proof.c, proof.s
    tests = Tests()
    tests.valid("four elements", "Normal", **fields())
    tests.valid("two elements", "Normal", **fields(blinded=blinded[:2], evaluated=evaluated[:2], proof=other.encode()))
    for comment, flag, changed in (
        ("one evaluated element is another", "AlteredElement", fields(evaluated=[evaluated[0] + G, *evaluated[1:]])),
        ("one blinded element is another", "AlteredElement", fields(blinded=[blinded[0] + G, *blinded[1:]])),
        ("two evaluated elements are swapped", "SwappedElements", fields(evaluated=[evaluated[1], evaluated[0], *evaluated[2:]])),
        ("two pairs are swapped", "SwappedElements", fields(blinded=[blinded[1], blinded[0], *blinded[2:]], evaluated=[evaluated[1], evaluated[0], *evaluated[2:]])),
        ("the last pair is missing", "OtherBatch", fields(blinded=blinded[:3], evaluated=evaluated[:3])),
        ("the proof of another batch", "OtherBatch", fields(proof=other.encode())),
        ("another public key", "OtherKey", fields(public=public + G)),
        ("c is one more", "AlteredProof", fields(proof=Proof((c + 1) % L, s).encode())),
        ("s is one more", "AlteredProof", fields(proof=Proof(c, (s + 1) % L).encode())),
        ("c and s are swapped", "AlteredProof", fields(proof=Proof(s, c).encode())),
        ("all zero", "AlteredProof", fields(proof=bytes(64))),
    ):  # fmt: skip
        _must_not_verify(changed)
        tests.invalid(comment, flag, "BadProof", **changed)
    tests.invalid(
        "c plus the group order", "UnreducedScalar", "BadScalar",
        **fields(proof=(c + L).to_bytes(32, "little") + encode_scalar(s)),
    )  # fmt: skip
    tests.invalid(
        "s plus the group order", "UnreducedScalar", "BadScalar",
        **fields(proof=encode_scalar(c) + (s + L).to_bytes(32, "little")),
    )  # fmt: skip
    return tests.document(
        "dleq",
        "RFC 9497 section 2.2, mode VOPRF",
        "spec/reference",
        {
            "Normal": "an honest proof",
            "AlteredElement": "an element changed after the proof was made",
            "SwappedElements": "the batch is ordered: weights bind position",
            "OtherBatch": "a proof binds its batch",
            "OtherKey": "a proof binds the public key",
            "AlteredProof": "a changed challenge or response",
            "UnreducedScalar": "scalars have one encoding",
        },
    )


def _must_not_verify(fields: dict[str, Any]) -> None:
    try:
        oprf.verify_proof(
            G,
            Element.decode(bytes.fromhex(fields["public_key"])),
            [Element.decode(bytes.fromhex(e)) for e in fields["blinded"]],
            [Element.decode(bytes.fromhex(e)) for e in fields["evaluated"]],
            Proof.decode(bytes.fromhex(fields["proof"])),
            oprf.MODE_VOPRF,
        )
    except oprf.BadProof:
        return
    raise ValueError("the reference accepts a proof that must fail")


def files() -> dict[str, dict[str, Any]]:
    return {"rfc9497": _official(), "dleq": _proofs()}
