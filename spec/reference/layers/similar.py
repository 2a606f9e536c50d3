"""The suite `similar` (Delegated Regulation (EU) 2023/332): see `spec/reference/similar/`."""

from __future__ import annotations

import json
from typing import Any

from layers.common import Tests
from similar.draw import Draw
from similar.rules import RULES, SCRIPTS, near_miss

EACH = 20
"""Positive vectors a rule and script, and as many negative ones."""

LEAST: dict[str, int] = {"dates_a": 85, "dates_c": 85}
"""Percent of a rule's positive vectors that the default policy must find, where it is not 95; the reasons are in the docs."""

TRIES = 20
"""Draws for each pair wanted; some give none."""


def _tests(group: str, label: str, each: int) -> tuple[Tests, dict[str, str]]:
    tests, notes = Tests(), {}
    for rule, (meaning, make) in RULES.items():
        if not rule.startswith(group):
            continue
        flag = "".join(part.capitalize() for part in rule.split("_"))
        notes[flag] = meaning
        for code, script in SCRIPTS.items():
            draw, seen = Draw(f"{label}{rule} {code}"), set()
            for _ in range(TRIES * each):
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
                if len(seen) == each:
                    break
    return tests, notes


def _document(group: str, label: str, each: int) -> dict[str, Any]:
    tests, notes = _tests(group, label, each)
    source = "Delegated Regulation (EU) 2023/332, Annex II, section 3; each test names the scheme, calendar or table"
    document = tests.document("similar", "docs/similar.md", source, notes)
    rules = [rule for rule in RULES if rule.startswith(group)]
    document["least_percent"] = {rule: LEAST.get(rule, 95) for rule in rules}
    # The tests stay last, where readers of the other files find them.
    document["tests"] = document.pop("tests")
    return document


def files(label: str = "", each: int = EACH) -> dict[str, dict[str, Any]]:
    """The files; another label gives other persons and damages."""
    return {f"similar_{group}": _document(group, label, each) for group in ("names", "dates", "places")}
