"""BLAKE3 as the protocol uses it: the keyed mode (published vectors, recomputed), labelled hashes, the PRF."""

from __future__ import annotations

from typing import Any

import blake3
import official
from labelled import labelled_hash, prf
from layers.common import Tests, seed_bytes


def _keyed() -> dict[str, Any]:
    published = official.load("blake3")
    key = published["key"].encode()
    tests = Tests()
    for case in published["cases"]:
        length = case["input_len"]
        output = blake3.keyed_hash(key, bytes(i % 251 for i in range(length)), 131).hex()
        if output != case["keyed_hash"]:
            raise ValueError(f"the reference disagrees with the published BLAKE3 vector of length {length}")
        tests.valid(f"{length} bytes", "Normal", input_length=length, key=key.hex(), output=output)
    notes = {"Normal": "input byte i is i mod 251; the output is extended to 131 bytes, its first 32 are the digest"}
    return tests.document("keyed_hash", "BLAKE3, keyed mode", published["source"], notes)


def _labelled() -> dict[str, Any]:
    label = "blindlink/1 test vector label"
    tests = Tests()
    for comment, flag, parts in (
        ("no part", "Framing", []),
        ("one empty part", "Framing", [b""]),
        ("two empty parts", "Framing", [b"", b""]),
        ("ab, c", "Framing", [b"ab", b"c"]),
        ("a, bc", "Framing", [b"a", b"bc"]),
        *((f"one part of {n} bytes", "Lengths", [seed_bytes(f"labelled {n}", n)]) for n in (32, 55, 56, 57, 1015, 1016, 1017)),
        *((f"three parts, {n} bytes in all", "Lengths", [seed_bytes(f"labelled part {i}", n // 3) for i in range(3)]) for n in (96, 3072)),
    ):  # fmt: skip
        tests.valid(
            comment, flag, label=label, parts=[p.hex() for p in parts], output=labelled_hash(label, parts, 80).hex()
        )
    notes = {
        "Framing": "the parts' borders enter the hash",
        "Lengths": "around the borders of BLAKE3 blocks and chunks, the 8-byte lengths included",
    }
    return tests.document("labelled_hash", "spec/03-conventions.md", "spec/reference", notes)


def _prf() -> dict[str, Any]:
    key = seed_bytes("prf key")
    tests = Tests()
    for point in ([], [0], [1], [256], [2**53 - 1], [1, 2], [2, 1], list(range(9))):
        comment = "at " + (", ".join(map(str, point)) or "nothing")
        tests.valid(comment, "Normal", key=key.hex(), point=point, output=prf(key, point, 80).hex())
    notes = {"Normal": "each number of the point is 8 bytes, big-endian; the output is extended to 80 bytes"}
    return tests.document("prf", "spec/03-conventions.md", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"keyed_hash": _keyed(), "labelled_hash": _labelled(), "prf": _prf()}
