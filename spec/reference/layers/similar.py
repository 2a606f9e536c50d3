"""The suite `similar` (Delegated Regulation (EU) 2023/332): see `spec/reference/similar/`."""

from __future__ import annotations

import json
from typing import Any

from layers.common import Tests
from similar.draw import Draw
from similar.rules import RULES, SCRIPTS, near_miss

EACH = 20
"""Positive vectors a rule and script, and as many negative ones."""

LEAST: dict[str, int] = {}
"""Percent of a rule's positive vectors that the default policy must find, where it is not 95; the reasons are in the docs."""

TRIES = 400


def _tests(group: str) -> tuple[Tests, dict[str, str]]:
    tests, notes = Tests(), {}
    for rule, (meaning, make) in RULES.items():
        if not rule.startswith(group):
            continue
        flag = "".join(part.capitalize() for part in rule.split("_"))
        notes[flag] = meaning
        for code, script in SCRIPTS.items():
            draw, seen = Draw(f"{rule} {code}"), set()
            for _ in range(TRIES):
                pair = make(script, draw)
                if pair is None or pair.a == pair.b or (key := json.dumps([pair.a, pair.b])) in seen:
                    continue
                seen.add(key)
                for expected, made in (("possible", pair), ("none", near_miss(pair, script, draw))):
                    tests.valid(
                        made.comment,
                        flag,
                        rule=rule,
                        script=code,
                        source=made.source,
                        expected=expected,
                        a={"record_id": "a"} | made.a,
                        b={"record_id": "b"} | made.b,
                    )
                if len(seen) == EACH:
                    break
    return tests, notes


def _document(group: str) -> dict[str, Any]:
    tests, notes = _tests(group)
    source = "Delegated Regulation (EU) 2023/332, Annex II, section 3; each test names the scheme, calendar or table"
    document = tests.document("similar", "docs/similar.md", source, notes)
    rules = [rule for rule in RULES if rule.startswith(group)]
    document["least_percent"] = {rule: LEAST.get(rule, 95) for rule in rules}
    # The tests stay last, where readers of the other files find them.
    document["tests"] = document.pop("tests")
    return document


def files() -> dict[str, dict[str, Any]]:
    return {f"similar_{group}": _document(group) for group in ("names", "dates", "places")}
