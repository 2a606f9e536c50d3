"""The message tables (`spec/messages.json`) against the frames that this reference sends, as the round vector lists them."""

from __future__ import annotations

import json
import re
import unittest
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from kinds import MAX_FRAME
from layers.round import POLICY, SHAPE
from plan import COMPARE_CHUNK, SEAL_KEYS, TOKENS, WINDOW, Plan, Segment, Shape, both, pieces
from schedule import schedules

ROOT = Path(__file__).resolve().parents[2]


def python(formula: str) -> str:
    """Numbers side by side become products: `32 n (k - 1)` is `32 * n * (k - 1)`."""
    tokens = re.findall(r"\w+|\S", formula)
    out: list[str] = []
    for previous, token in zip(["("] + tokens, tokens):
        if (previous.isalnum() or previous == ")") and (token.isalnum() or token == "(") and previous not in ("ceil", "X"):
            out.append("*")
        out.append(token)
    return " ".join(out)


class Messages(unittest.TestCase):
    def setUp(self) -> None:
        self.tables = json.loads((ROOT / "spec" / "messages.json").read_text(encoding="utf-8"))
        self.frames = {frame["name"]: frame for frame in self.tables["frames"]}
        self.plan = Plan(SHAPE)

    def value(self, formula: str, sizes: dict[str, int]) -> int:
        function = python(self.tables["functions"]["X(n)"])
        names: dict[str, Any] = {name: Fraction(size) for name, size in sizes.items()}
        names |= {"ceil": ceil, "X": lambda n: eval(function, {"ceil": ceil, "n": n})}  # noqa: S307
        value = Fraction(eval(python(formula), names))  # noqa: S307
        self.assertEqual(value.denominator, 1, formula)
        return int(value)

    def sizes(self, name: str = "", index: int = 0) -> dict[str, int]:
        chunk = 2048 if name in ("query", "evaluation") else COMPARE_CHUNK
        columns, chunks = self.plan.table_chunks(), len(self.plan.chunks(COMPARE_CHUNK))
        split = {
            "seal keys": (chunks, SEAL_KEYS), "pseudonyms": (SHAPE.records_responder, TOKENS),
            "claims": (SHAPE.records_requester, TOKENS),
        }  # fmt: skip
        frames = {kind: pieces(*of) for kind, of in split.items()}
        return {
            "w": SHAPE.payload_bits, "k": SHAPE.ring_bits, "T": len(SHAPE.thresholds), "V": self.plan.value_bytes,
            "U": int(SHAPE.mutual), "e": len(frames[name][index]) if name in frames else 0,
            "K": len(frames["seal keys"]), "S": len(frames["pseudonyms"]), "L": len(frames["claims"]),
            "N": SHAPE.records_requester, "M": SHAPE.records_responder, "Q": len(self.plan.query_chunks()), "P": len(columns),
            "C": chunks, "p": len(POLICY), "a": 0, "W": WINDOW,
            "n": max(0, min(chunk, self.plan.bins - chunk * index)), "m": columns[index] if index < len(columns) else 0,
        }  # fmt: skip

    def schedule(self, side: str) -> list[tuple[int, int, int]]:
        out = []
        for step in self.tables["schedule"][side]:
            for c in range(self.value(step.get("times", "1"), self.sizes())):
                for entry in step["frames"]:
                    index = self.value(entry.get("index", "0"), self.sizes() | {"c": c})
                    if "below" in entry and index >= self.value(entry["below"], self.sizes()):
                        continue
                    if entry.get("mode") == "mutual" and not SHAPE.mutual:
                        continue
                    frame = self.frames[entry["frame"]]
                    sizes = self.sizes(frame["name"], index)
                    length = sum(self.value(field["length"], sizes) for field in frame["fields"])
                    if frame["bytes"] != "variable":
                        self.assertEqual(self.value(frame["bytes"], sizes), length, frame["name"])
                    out.append((int(frame["kind"], 16), index, 5 + length))
        return out

    def test_frames_are_those_of_the_tables(self) -> None:
        vector = json.loads((ROOT / "vectors" / "v2" / "round.json").read_text(encoding="utf-8"))["tests"][0]
        for side in ("requester", "responder"):
            sent = [(frame["kind"], frame["index"], frame["length"]) for frame in vector[f"{side}_frames"]]
            self.assertEqual(sent, self.schedule(side))

    def test_no_frame_is_longer_than_may_be(self) -> None:
        """V-FRAME-005, under the policy with the longest of every kind: bits, ring, thresholds, lists, bins."""
        segments = [Segment(128, 1, 0, 0)] * 32
        longest = Shape(segments, -1, [0, 1], [(1, both(15))], 1, 3, 2**20, 2**20, True, 31)
        frames = schedules(Plan(longest), 6)
        for side in frames.values():
            self.assertLessEqual(max(length for _, _, length in side), MAX_FRAME)
        split = [kind for kind, index, _ in frames[2] if index > 0 and kind in (0x0D, 0x12)]
        self.assertEqual(set(split), {0x0D, 0x12})


if __name__ == "__main__":
    unittest.main()
