"""What `answer.py` says of the inputs of published vectors is what the vectors say."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

import answer

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "v2"
HEAD, OUTCOME = ("id", "comment", "flags"), ("result", "error")
OTHERWISE = {"ot_extension", "normalise_values"}
"""Vectors of these have other inputs than questions, or only a part of an answer."""


class Answers(unittest.TestCase):
    def test_vectors_come_back(self) -> None:
        for layer in answer.ANSWERS.keys() - OTHERWISE:
            document = json.loads((VECTORS / f"{layer}.json").read_text(encoding="utf-8"))
            for test in document["tests"][:8] + document["tests"][-8:]:
                wanted = {name: value for name, value in test.items() if name not in HEAD}
                asked = {name: value for name, value in wanted.items() if name not in OUTCOME}
                with self.subTest(layer=layer, id=test["id"]):
                    said = answer.answer(json.dumps({"layer": layer, "input": asked}))
                    self.assertEqual(said, wanted)

    def test_a_value_is_read(self) -> None:
        said = answer.answer(json.dumps({"layer": "normalise_values", "input": {"reader": "date", "text": "1990-05"}}))
        self.assertEqual(said["output"], ["1990-05", "1990-05-01", "1990-05-31"])


if __name__ == "__main__":
    unittest.main()
