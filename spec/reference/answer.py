"""Answers questions of another implementation's tests, so that both compute on the same random inputs.

    python3 spec/reference/answer.py

A line of input is JSON: the name of a vector layer, and the inputs of a test of it. The line of output is the whole test,
with this reference's outputs, or with the error with which it refuses (`vectors/schemas/` has the fields of each layer).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import bins
import cuckoo
import encode
import going_on
import normalise
import okvs
import ot
import policy as policies
import trees
from going_on import Turn
from labelled import labelled_hash, prf
from layers.common import error
from layers import records
from layers.normalise import READERS
from parties import named
from ristretto255 import L, Element, decode_scalar

Fields = dict[str, Any]
data = bytes.fromhex


def hashed(asked: Fields) -> Fields:
    return {"output": labelled_hash(asked["label"], [data(part) for part in asked["parts"]], 80).hex()}


def keyed(asked: Fields) -> Fields:
    return {"output": prf(data(asked["key"]), asked["point"], 80).hex()}


def group(asked: Fields) -> Fields:
    Element.decode_not_identity(data(asked["encoding"]))
    return {}


def uniform(asked: Fields) -> Fields:
    return {"encoding": Element.from_uniform_bytes(data(asked["uniform"])).encode().hex()}


def oprf(asked: Fields) -> Fields:
    key, blind, item = decode_scalar(data(asked["key"])), decode_scalar(data(asked["blind"])), data(asked["input"])
    info = bins.info(data(asked["late_id"]), asked["table"], asked["bin"])
    blinded = bins.blind(item, blind)
    evaluated = bins.evaluate(key, info, blinded)
    return {
        "info": info.hex(), "blinded": blinded.encode().hex(), "evaluated": evaluated.encode().hex(),
        "output": bins.output(item, info, pow(blind, -1, L) * evaluated).hex(),
    }  # fmt: skip


def places(asked: Fields) -> Fields:
    key = cuckoo.bin_key(data(asked["round_id"]), asked["table"])
    return {"found": list(cuckoo.bins_of(key, data(asked["input"]), asked["bins"]))}


def store(asked: Fields) -> Fields:
    columns, width, of = asked["columns"], asked["width"], (asked["table"], asked["group"])
    rows = [okvs.row(data(asked["late_id"]), *of, data(row["output"]), columns, width) for row in asked["rows"]]
    values = [data(row["value"]) for row in asked["rows"]]
    pairs = [(band, value) for (band, _), value in zip(rows, values)]
    table = okvs.encode(pairs, columns, width, data(asked["free_key"]), *of)
    answered = [
        row | {"mask": mask.hex(), "read": okvs.decode(table, band).hex()}
        for row, (band, mask) in zip(asked["rows"], rows)
    ]
    return {"rows": answered, "encoded": b"".join(table).hex()}


def extension(asked: Fields) -> Fields:
    """Both sides: whoever asks gives the pairs of base OT keys, the choices and what the masks are drawn from."""
    round_id, direction = data(asked["round_id"]), asked["direction"]
    delta = int.from_bytes(data(asked["delta"]), "little")
    both, choices, mask_key = (data(asked.pop(name)) for name in ("both", "choices", "mask_key"))
    pairs = [(both[i : i + 16], both[i + 16 : i + 32]) for i in range(0, len(both), 32)]
    keys = [pair[1 - (delta >> j & 1)] for j, pair in enumerate(pairs)]
    of = trees.Trees(round_id, direction, data(asked["answers"]), data(asked["offers"]))
    leaves, grown = of.grow(pairs)
    extension_of = ot.Extension(direction, asked["chunk"], trees.digest_of(grown), data(asked["beta"]))
    message, _ = ot.extend_as_receiver(extension_of, leaves, mask_key, choices, asked["bits"])
    opened = of.open(delta, keys, grown)
    rows = ot.extend_as_sender(extension_of, delta, opened, message, asked["bits"])
    return {
        "keys": b"".join(keys).hex(), "trees": grown.hex(), "message": message.hex(),
        "rows": [row.to_bytes(16, "little").hex() for row in rows],
    }  # fmt: skip


def name(asked: Fields) -> Fields:
    forms = normalise.normalise(asked["text"], asked["kind"])
    return {
        "parts": [text for text, _ in forms.parts], "roles": [role for _, role in forms.parts],
        "others": [text for text, _ in forms.others], "exact": forms.exact,
        "skeletons": [f"{normalise.k4(text)} {normalise.k5(text)}" for text, _ in forms.parts],
    }  # fmt: skip


def value(asked: Fields) -> Fields:
    return {"source": "drawn", "output": READERS[asked["reader"]](asked["text"])}


def record(asked: Fields) -> Fields:
    policy = policies.decode(data(asked["policy"]))
    written = encode.Record(
        asked["record_id"], asked["identities"], asked["lane"], asked["case_ref"], asked["declared"]
    )
    of = encode.encoded(written, policy)
    return {
        "digest": of.digest.hex(), "filter": of.filter.hex(),
        "tokens": [[token.hex() for token in table] for table in of.tokens],
        "others": [
            {"filter": own.hex(), "tokens": [[token.hex() for token in table] for table in tokens]}
            for own, tokens in of.others
        ],
    }


def turn(asked: Fields) -> Fields:
    exchange = data(asked["exchange"]) if "exchange" in asked else None
    expected = Turn(asked["number"], exchange, *(data(asked[n]) for n in ("sender", "recipient", "previous")))
    return {"digest": going_on.read_turn(data(asked["file"]), expected).hex()}


ANSWERS: dict[str, Callable[[Fields], Fields]] = {
    "labelled_hash": hashed, "prf": keyed, "group_decode": group, "group_uniform": uniform, "bin_oprf": oprf,
    "cuckoo_bins": places, "okvs": store, "ot_extension": extension, "normalise_names": name,
    "normalise_values": value, "encode": record, "turn": turn, "records": records.outcome,
}  # fmt: skip


def answer(line: str) -> Fields:
    question = json.loads(line)
    asked = question["input"]
    try:
        found = ANSWERS[question["layer"]](asked)
        return {"result": "valid"} | asked | found
    except ValueError as refused:
        return {"result": "invalid"} | asked | {"error": error(str(named(refused)))}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)
