"""Agreement files: TOML to an agreement (14.2)."""

from __future__ import annotations

import datetime

import keytext
import sections
from agreement import Agreement, Party, Urgent, is_key
from policy_file import LANES as PAIRS
from policy_file import OUTPUT
from sections import Section

TYPES = (
    "", "law_enforcement", "prosecution", "judiciary", "victim_support", "child_protection", "missing_persons",
    "civil_registry", "border_control", "immigration_enforcement", "international_organisation",
)  # fmt: skip
ROLES = ("", "requester", "responder", "either")
LANES = ("", "suspect", "convicted", "victim", "missing", "unidentified")
MUTUAL = 2
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _second(it: Section, name: str) -> int:
    """A date and time with offset `Z`, whole seconds."""
    moment = it.take(name, datetime.datetime)
    if moment.utcoffset() != datetime.timedelta(0) or moment.microsecond or moment < EPOCH:
        raise it.broken(name)
    return int((moment - EPOCH).total_seconds())


def _key(it: Section, name: str) -> bytes:
    key = keytext.read(it.text(name))
    if key is None or not is_key(key):
        raise it.broken(name)
    return key


def _signer(it: Section) -> tuple[str, bytes]:
    found = (it.text("name"), _key(it, "key"))
    it.end()
    return found


def _two(it: Section, name: str) -> tuple[Section, Section]:
    found = it.sections(name)
    if len(found) != 2:
        raise it.broken(name)
    return found[0], found[1]


def _urgent(it: Section) -> Urgent:
    found = Urgent(
        it.bytes_32("policy"), it.unsigned("rounds_per_day", 2), it.unsigned("bins_per_table", 8),
        it.unsigned("again_days", 2),
    )  # fmt: skip
    it.end()
    return found


def _party(it: Section) -> Party:
    one, two = _two(it, "signer")
    found = Party(
        it.text("name"), it.code("type", TYPES), it.code("role", ROLES), it.code("lane", LANES), _key(it, "node"),
        it.text("legal_basis"), (_signer(one), _signer(two)),
    )  # fmt: skip
    it.end()
    return found


def read(text: str) -> Agreement:
    """V-AGREE-002. Whether it is a good agreement is the validator's question."""
    top = sections.read(text, "V-AGREE-002")
    valid, caps, kept = (top.section(name) for name in ("valid", "caps", "retention"))
    one, two = _two(top, "party")
    output, asks = top.code("output", OUTPUT), caps.unsigned("records_requester", 4)
    # Defaults far below the number of records: who needs more says so.
    claims = caps.unsigned("claims", 4) if "claims" in caps.rest else max(1, asks // 16) if output == MUTUAL else 0
    matches = caps.unsigned("matches", 4) if "matches" in caps.rest else min(asks, 2 * claims)
    left_out = caps.unsigned("left_out_percent", 1) if "left_out_percent" in caps.rest else 2
    found = Agreement(
        name=top.text("name"),
        version=top.unsigned("version", 4),
        previous=top.bytes_32("previous") if "previous" in top.rest else bytes(32),
        purpose=top.text("purpose"),
        lanes=top.code("lanes", PAIRS),
        epoch=top.unsigned("epoch", 4),
        policy=top.bytes_32("policy"),
        output=output,
        valid=(_second(valid, "from"), _second(valid, "until")),
        caps=(
            asks, caps.unsigned("records_responder", 4),
            caps.unsigned("rounds_per_day", 2), caps.unsigned("period_days", 2), caps.unsigned("bins_per_table", 8),
            claims, matches, caps.unsigned("delta_records", 4), caps.unsigned("policy_changes", 2), left_out,
        ),
        retention=(kept.unsigned("journal_days", 2), kept.unsigned("results_days", 2), kept.unsigned("audit_days", 2)),
        parties=(_party(one), _party(two)),
        suite=top.unsigned("suite", 2),
        urgent=_urgent(top.section("urgent")) if "urgent" in top.rest else None,
    )  # fmt: skip
    for section in (valid, caps, kept, top):
        section.end()
    return found
