"""Policy files: TOML to a policy (6.2)."""

from __future__ import annotations

import normalise_tables
import sections
from budget import PARTS
from plan import Slots
from policy import DECLARED, DICE, WEIGHTED, FilterSegment, Policy, Table
from sections import Section

LANES = ("", "suspect-suspect", "suspect-convicted", "victim-victim", "victim-missing", "missing-unidentified")
OUTPUT = ("", "requester", "mutual")
TYPES = ("", "name", "date", "code", "text", "identifier")
FEATURES = {
    1: "name_bigrams", 2: "name_skeletons", 3: "name_k3", 4: "name_sounds", 5: "name_consonants", 16: "birth_year", 17: "birth_month_day",
    18: "birth_year_digits", 19: "birth_month_day_digits", 32: "sex", 33: "nationality",
    34: "birth_country", 35: "birth_place", 48: "document_number", 49: "phone", 50: "email", 64: "bigrams", 65: "exact",
    66: "skeletons", 67: "year", 68: "month_day",
}  # fmt: skip


def _kinds(it: Section, name: str, names: dict[int, str]) -> tuple[tuple[int, str], ...]:
    found = []
    for text in it.take(name, list):
        if not isinstance(text, str):
            raise it.broken(name)
        field, dot, kind = text.rpartition(".")
        code = next((code for code, other in names.items() if other == kind and (code >= DECLARED) == bool(dot)), None)
        if code is None:
            raise it.broken(name)
        found.append((code, field))
    return tuple(found)


def _score(top: Section) -> tuple[int, ...]:
    it = top.section("score")
    kind = it.code("kind", ("", "weighted", "dice"))
    if kind == WEIGHTED:
        score = (kind, it.signed("constant"), it.signed("possible"))
        score += (it.signed("strong"),) if "strong" in it.rest else ()
    else:
        score = (DICE, it.unsigned("numerator", 2), it.unsigned("denominator", 2))
    it.end()
    return score


def _segment(it: Section) -> FilterSegment:
    weights = None
    if "weights" in it.rest:
        w = it.section("weights")
        weights = (w.signed("alpha"), w.signed("beta"), w.signed("nu"))
        w.end()
    found = FilterSegment(
        it.text("id"), _kinds(it, "features", FEATURES), it.unsigned("bits", 2), it.unsigned("hashes", 1), weights
    )  # fmt: skip
    it.end()
    return found


def _table(it: Section) -> Table:
    number, name, key = it.unsigned("id", 2), it.text("name"), _kinds(it, "key", PARTS)
    each = [it.unsigned(f"slots_{side}", 2) for side in ("requester", "responder")]
    rooms = [
        it.unsigned(f"room_{side}", 2) if f"room_{side}" in it.rest else min(100 * slots, 65_535)
        for side, slots in zip(("requester", "responder"), each)
    ]
    found = Table(number, name, key, Slots(*each, *rooms), it.unsigned("domain_bits", 1))
    it.end()
    return found


def _field(it: Section) -> tuple[str, int]:
    found = (it.text("name"), it.code("type", TYPES))
    it.end()
    return found


def read(text: str) -> Policy:
    """V-POLICY-002. Whether it is a good policy is the validator's question."""
    top = sections.read(text, "V-POLICY-002")
    normalisation, context, sizes = (top.section(name) for name in ("normalisation", "context", "round"))
    written = "tables" in normalisation.rest
    digest = normalisation.bytes_32("tables") if written else normalise_tables.digest()
    found = Policy(
        name=top.text("name"),
        schema=top.text("schema"),
        normalisation=normalisation.text("version"),
        tables_digest=digest,
        agreement=context.text("agreement"),
        lanes=context.code("lanes", LANES),
        purpose=context.text("purpose"),
        epoch=context.unsigned("epoch", 4),
        records=(sizes.unsigned("records_requester", 4), sizes.unsigned("records_responder", 4)),
        copies=(sizes.unsigned("copies_requester", 1), sizes.unsigned("copies_responder", 1)),
        output=sizes.code("output", OUTPUT),
        score=_score(top),
        fields=tuple(map(_field, top.sections("field"))) if "field" in top.rest else (),
        segments=tuple(map(_segment, top.sections("segment"))),
        tables=tuple(map(_table, top.sections("table"))),
    )
    if "expected_wrong" in top.rest:  # V-POLICY-040: for people only
        people = top.section("expected_wrong")
        for name in ("records", "strong", "possible"):
            people.unsigned(name, 4)
        people.end()
    for section in (normalisation, context, sizes, top):
        section.end()
    return found
