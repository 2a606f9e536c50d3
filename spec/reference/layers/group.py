"""ristretto255 (RFC 9496): encodings, refused encodings, elements from uniform bytes."""

from __future__ import annotations

from typing import Any

import official
from layers.common import Tests
from ristretto255 import G, BadElement, Element

FLAGS = {
    "not reduced": "NonCanonicalField",
    "negative": "NegativeField",
    "not on the curve": "NonSquare",
    "negative xy": "NegativeXy",
    "zero y": "ZeroY",
}


def _decode(rfc: dict[str, Any]) -> dict[str, Any]:
    tests = Tests()
    for multiple, encoding in enumerate(rfc["multiples"]):
        if (multiple * G).encode().hex() != encoding:
            raise ValueError("the reference disagrees with RFC 9496 appendix A.1")
        if multiple:
            tests.valid(f"{multiple} G", "Normal", encoding=encoding, multiple=multiple)
        else:
            tests.invalid("the identity is no element of a message", "Identity", "BadElement", encoding=encoding)
    for reason, encodings in rfc["bad_encodings"].items():
        for encoding in encodings:
            try:
                Element.decode(bytes.fromhex(encoding))
            except BadElement:
                tests.invalid(reason, FLAGS[reason], "BadElement", encoding=encoding)
            else:
                raise ValueError("the reference accepts an encoding that RFC 9496 appendix A.2 refuses")
    return tests.document(
        "group_decode",
        "RFC 9496 section 4.3.1; RFC 9497 section 2.1",
        rfc["source"],
        {
            "Normal": "a multiple of the generator; re-encoding gives the same bytes",
            "Identity": "RFC 9496 decodes it, a message may not hold it (RFC 9497 section 2.1)",
            "NonCanonicalField": "the field element is not below p",
            "NegativeField": "the field element is odd",
            "NonSquare": "there is no such point on the curve",
            "NegativeXy": "the decoded x y is odd",
            "ZeroY": "s = -1, so y = 0",
        },
    )


def _uniform(rfc: dict[str, Any]) -> dict[str, Any]:
    tests = Tests()
    for number, case in enumerate(rfc["uniform"]):
        if Element.from_uniform_bytes(bytes.fromhex(case["input"])).encode().hex() != case["output"]:
            raise ValueError("the reference disagrees with RFC 9496 appendix A.3")
        flag = "Normal" if number < 7 else "SameElement"
        tests.valid(f"appendix A.3, input {number + 1}", flag, uniform=case["input"], encoding=case["output"])
    return tests.document(
        "group_uniform",
        "RFC 9496 section 4.3.4",
        rfc["source"],
        {
            "Normal": "64 bytes to an element",
            "SameElement": "four inputs that the map sends to one element, with unreduced halves and set top bits",
        },
    )


def files() -> dict[str, dict[str, Any]]:
    rfc = official.load("rfc9496")
    return {"group_decode": _decode(rfc), "group_uniform": _uniform(rfc)}
