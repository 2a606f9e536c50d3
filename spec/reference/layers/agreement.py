"""Agreements: canonical bytes, statements of signers, states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agreement as terms
import agreement_file
import agreement_validator as validator
import ed25519
import keytext
from agreement import APPROVE, RESUME, SUSPEND, Agreement, Party, Refused, Urgent
from layers.common import ERROR_CODES, MISUSE_CODES, Tests, seed_bytes

FROM, UNTIL = 1_767_225_600, 1_798_761_600
SIGNERS = [seed_bytes(f"agreement signer {n}") for n in range(4)]


URGENT = Urgent(seed_bytes("agreement urgent policy"), 3, 100_000, 30)


def _party(number: int, kind: int, lane: int) -> Party:
    signers = [(f"office {n}", ed25519.public_key(SIGNERS[n])) for n in (2 * number, 2 * number + 1)]
    node = ed25519.public_key(seed_bytes(f"agreement node {number}"))
    name = ("Ministry of Justice of Utopia", "Bürö of the Sóuth")[number]
    return Party(name, kind, 3, lane, node, f"Utopian Act {number + 1}/2025", (signers[0], signers[1]))


def _agreement() -> Agreement:
    return Agreement(
        name="vector agreement", version=1, previous=bytes(32), purpose="vectors", lanes=4, epoch=3,
        policy=seed_bytes("agreement policy"), output=2, valid=(FROM, UNTIL),
        caps=(2000, 1000, 2, 30, 10**7, 100, 200, 25, 3, 2), retention=(30, 90, 1095),
        parties=(_party(0, 4, 3), _party(1, 6, 4)),
    )  # fmt: skip


def _states(tests: Tests, it: Agreement) -> None:
    approvals = [terms.sign(APPROVE, it, secret) for secret in SIGNERS]
    moment = (FROM + 7).to_bytes(8, "big")
    first = terms.sign(SUSPEND, it, SIGNERS[2], moment + seed_bytes("agreement nonce 1", 16))
    second = terms.sign(SUSPEND, it, SIGNERS[3], moment + seed_bytes("agreement nonce 2", 16))
    resume = [terms.sign(RESUME, it, secret, first.digest()) for secret in SIGNERS]
    lifted = [*approvals, first, *resume[2:]]
    for comment, flag, statements, now, expected in (
        ("nobody has signed", "States", [], FROM, "draft"),
        ("three have signed, one of them twice", "States", approvals[:3] + approvals[:1], FROM, "partly_signed"),
        ("a second before", "States", approvals, FROM - 1, "not_yet_valid"),
        ("the first second", "States", approvals, FROM, "in_force"),
        ("the last second", "States", approvals, UNTIL - 1, "in_force"),
        ("the end", "States", approvals, UNTIL, "expired"),
        ("one signer suspends", "Suspension", [*approvals, first], FROM, "suspended"),
        ("before the beginning too", "Suspension", [*approvals, first], FROM - 1, "suspended"),
        ("after the end no more", "Suspension", [*approvals, first], UNTIL, "expired"),
        ("one of the side resumes", "Suspension", [*approvals, first, resume[2]], FROM, "suspended"),
        ("one of each side resumes", "Suspension", [*approvals, first, resume[0], resume[2]], FROM, "suspended"),
        ("the other side resumes", "Suspension", [*approvals, first, *resume[:2]], FROM, "suspended"),
        ("both of the side resume", "Suspension", lifted, FROM, "in_force"),
        ("the same in another order", "Suspension", lifted[::-1], FROM, "in_force"),
        ("a second suspension is another", "Suspension", [*lifted, second], FROM, "suspended"),
    ):
        if terms.state(it, statements, now) != expected:
            raise ValueError(f"{comment}: {terms.state(it, statements, now)}")
        tests.valid(
            comment, flag, agreement=it.encode().hex(), digest=it.digest().hex(), now=now,
            statements=[s.encode().hex() for s in statements], state=expected,
        )  # fmt: skip


def _refusals(tests: Tests, it: Agreement) -> None:
    good, data = terms.sign(APPROVE, it, SIGNERS[0]), it.encode()
    strange = terms.sign(APPROVE, it, seed_bytes("agreement stranger"))
    elsewhere = terms.sign(APPROVE, replace(it, epoch=4), SIGNERS[0])
    swapped = replace(good, signer=ed25519.public_key(SIGNERS[1]))
    flipped = replace(good, signature=bytes([good.signature[0] ^ 1]) + good.signature[1:])
    high = int.from_bytes(good.signature[32:], "little") + (1 << 252) + 27742317777372353535851937790883648493
    malleable = replace(good, signature=good.signature[:32] + high.to_bytes(32, "little"))
    kind = good.encode()
    for comment, flag, fault, raw, statements in (
        ("cut short", "Bytes", "Truncated", data[:-1], []),
        ("a byte too many", "Bytes", "TrailingBytes", data + b"\0", []),
        ("format 1", "Bytes", "BadField", b"\0\1" + data[2:], []),
        ("format 4", "Bytes", "BadField", b"\0\4" + data[2:], []),
        ("format 3 without an urgent part", "Bytes", "BadField", b"\0\3" + data[2:], []),
        ("an urgent part cut short", "Bytes", "Truncated", replace(it, urgent=URGENT).encode()[:-1], []),
        ("format 2 with an urgent part", "Bytes", "BadField", b"\0\2" + replace(it, urgent=URGENT).encode()[2:], []),
        ("victims with suspects", "Bytes", "BadField", replace(it, lanes=6).encode(), []),
        ("no output mode 3", "Bytes", "BadField", replace(it, output=3).encode(), []),
        ("a name of 129 bytes", "Bytes", "BadField", replace(it, name="n" * 129).encode(), []),
        ("a name that is not UTF-8", "Bytes", "BadField", data.replace(b"Utopia", b"Utop\xffa", 1), []),
        ("an authority of no type", "Bytes", "BadField", replace(it, parties=(replace(it.parties[0], kind=11), it.parties[1])).encode(), []),
        ("a node key of small order", "Bytes", "BadField", data.replace(it.parties[0].node, b"\1" + bytes(31), 1), []),
        ("more than 8192 bytes", "Bytes", "BadField", data + bytes(8193 - len(data)), []),
        ("a statement cut short", "Statement", "Truncated", data, [kind[:-1]]),
        ("a statement with a byte too many", "Statement", "TrailingBytes", data, [kind + b"\0"]),
        ("a statement of kind 4", "Statement", "BadField", data, [b"\4" + kind[1:]]),
        ("a stranger approves", "Statement", "BadStatement", data, [strange.encode()]),
        ("an approval of another agreement", "Statement", "BadStatement", data, [elsewhere.encode()]),
        ("the name of another signer", "Statement", "BadStatement", data, [swapped.encode()]),
        ("a flipped signature", "Statement", "BadStatement", data, [flipped.encode()]),
        ("a signature with s + L", "Statement", "BadStatement", data, [malleable.encode()]),
    ):  # fmt: skip
        try:
            terms.state(terms.decode(raw), [terms.decode_statement(s) for s in statements], FROM)
        except Refused as refused:
            if str(refused) != fault:
                raise ValueError(f"{comment}: refused as {refused}") from refused
        else:
            raise ValueError(f"{comment}: accepted")
        tests.invalid(comment, flag, fault, agreement=raw.hex(), now=FROM, statements=[s.hex() for s in statements])


def _side(it: Agreement, side: int, **changes: Any) -> Agreement:
    parties = list(it.parties)
    parties[side] = replace(parties[side], **changes)
    return replace(it, parties=(parties[0], parties[1]))


def _capped(it: Agreement, place: int, value: int) -> Agreement:
    return replace(it, caps=(*it.caps[:place], value, *it.caps[place + 1 :]))


def _roles(it: Agreement, one: int, two: int) -> Agreement:
    return _side(_side(it, 0, role=one), 1, role=two)


def _allowed(tests: Tests, it: Agreement) -> None:
    day, one_way = validator.DAY, replace(_capped(_capped(it, 5, 0), 6, 0), output=1)
    for comment, valid in (
        ("the longest names", replace(_side(_side(it, 0, name="n" * 128), 1, legal_basis="\u00fc" * 256), name="~" * 128, purpose=" " * 128)),
        ("a second version", replace(it, version=2, previous=it.digest())),
        ("the lanes in the other order", _side(_side(it, 0, lane=4), 1, lane=3)),
        ("one asks, the other answers", _roles(it, 1, 2)),
        ("one answers, the other asks", _roles(it, 2, 1)),
        ("immigration enforcement, in a pair without victims", _side(_side(replace(it, lanes=5), 0, kind=9, lane=4), 1, lane=5)),
        ("the least caps", replace(_capped(it, 5, 1), caps=(1, 1, 1, 1, 1, 1, 1, 1, 0, 0))),
        ("the greatest caps", replace(it, caps=(2**20, 2**20, 1000, 3660, 2**40, 2**20, 2**20, 2**20, 65_535, 100), retention=(1, 1, 3660))),
        ("only the requester learns: no claims", one_way),
        ("the audit log is kept for one period", replace(it, retention=(3660, 3660, 30))),
        ("one second", replace(it, valid=(FROM, FROM + 1))),
        ("the least urgent part", replace(it, urgent=replace(URGENT, rounds_per_day=1, bins_per_table=1, again_days=1))),
        ("the greatest urgent part", replace(it, urgent=replace(URGENT, rounds_per_day=100, bins_per_table=2**40, again_days=3660))),
        ("1830 days", replace(it, valid=(FROM, FROM + 1830 * day))),
    ):  # fmt: skip
        validator.check(valid)
        if terms.decode(valid.encode()) != valid:
            raise ValueError(f"{comment}: does not come back")
        tests.valid(
            comment, "Allowed", agreement=valid.encode().hex(), digest=valid.digest().hex(), now=FROM, statements=[],
            state="draft",
        )  # fmt: skip


def _broken(tests: Tests, it: Agreement) -> None:
    """One violation each."""
    one, two = it.parties
    basis, names, keys = "legal_basis", "V-AGREE-003", "V-AGREE-005"
    pair, caps, kept = "V-AGREE-006", "V-AGREE-009", "V-AGREE-010"
    (office, first), (other_office, _) = one.signers
    caps_fields = ("records_requester", "records_responder", "rounds_per_day", "period_days", "bins_per_table", "claims", "matches", "delta_records")
    cases = [
        ("no name", "name", names, replace(it, name="")),
        ("a letter beyond ASCII in the name", "name", names, replace(it, name="caf\u00e9")),
        ("no purpose", "purpose", names, replace(it, purpose="")),
        ("a line feed in the purpose", "purpose", names, replace(it, purpose="a\nb")),
        ("a party without a name", "party[0].name", names, _side(it, 0, name="")),
        ("a control character of Latin-1 in a party's name", "party[1].name", names, _side(it, 1, name="a\u0085b")),
        ("text turned round in a party's name", "party[0].name", names, _side(it, 0, name="a\u202eb")),
        ("no legal basis", f"party[1].{basis}", names, _side(it, 1, legal_basis="")),
        ("an isolate in a legal basis", f"party[0].{basis}", names, _side(it, 0, legal_basis="a\u2066b")),
        ("a mark of direction in a signer's name", "party[0].signer[1].name", names, _side(it, 0, signers=((office, first), ("\u200f", one.signers[1][1])))),
        ("version 0", "version", "V-AGREE-004", replace(it, version=0, previous=bytes([1] * 32))),
        ("a first version that follows another", "previous", "V-AGREE-004", replace(it, previous=it.digest())),
        ("a second version that follows none", "previous", "V-AGREE-004", replace(it, version=2)),
        ("both sides have one node", "party[1].node", keys, _side(it, 1, node=one.node)),
        ("a node signs for its party", "party[0].signer[0].key", keys, _side(it, 0, signers=((office, one.node), one.signers[1]))),
        ("one person signs twice", "party[0].signer[1].key", keys, _side(it, 0, signers=((office, first), (other_office, first)))),
        ("one person signs for both", "party[1].signer[0].key", keys, _side(it, 1, signers=(one.signers[0], two.signers[1]))),
        ("both lists of one lane", "party[0].lane", pair, _side(it, 1, lane=3)),
        ("lanes of another pair", "party[0].lane", pair, _side(it, 0, lane=5)),
        ("both only ask", "party[0].role", pair, _roles(it, 1, 1)),
        ("both only answer", "party[0].role", pair, _roles(it, 2, 2)),
        ("one may do either, the other may not", "party[0].role", pair, _roles(it, 3, 2)),
        ("immigration enforcement with a list of victims", "party[0].type", "V-AGREE-007", _side(it, 0, kind=9)),
        ("immigration enforcement against a list of victims", "party[1].type", "V-AGREE-007", _side(it, 1, kind=9)),
        ("suite 3", "suite", "V-AGREE-008", replace(it, suite=3)),
        ("suite 0", "suite", "V-AGREE-008", replace(it, suite=0)),
        *((f"{name} of 0", f"caps.{name}", caps, _capped(it, place, 0)) for place, name in enumerate(caps_fields)),
        ("the requester has a record too many", "caps.records_requester", caps, _capped(it, 0, 2**20 + 1)),
        ("the responder has a record too many", "caps.records_responder", caps, _capped(it, 1, 2**20 + 1)),
        ("1001 rounds a day", "caps.rounds_per_day", caps, _capped(it, 2, 1001)),
        ("a period of 3661 days", "caps.period_days", caps, replace(_capped(it, 3, 3661), retention=(30, 90, 3660))),
        ("a bin too many", "caps.bins_per_table", caps, _capped(it, 4, 2**40 + 1)),
        ("more claims than records", "caps.claims", caps, _capped(it, 5, 2001)),
        ("claims although only the requester learns", "caps.claims", caps, replace(it, output=1)),
        ("a least difference above all lists", "caps.delta_records", caps, _capped(it, 7, 2**20 + 1)),
        ("101 per cent of rows left out", "caps.left_out_percent", caps, _capped(it, 9, 101)),
        ("more matches than records", "caps.matches", caps, _capped(it, 6, 2001)),
        ("fewer matches than claims", "caps.matches", caps, _capped(it, 6, 99)),
        ("journals kept for no day", "retention.journal_days", kept, replace(it, retention=(0, 90, 1095))),
        ("journals kept for 3661 days", "retention.journal_days", kept, replace(it, retention=(3661, 90, 1095))),
        ("results kept for no day", "retention.results_days", kept, replace(it, retention=(30, 0, 1095))),
        ("the audit log is gone before the period", "retention.audit_days", kept, replace(it, retention=(30, 90, 29))),
        ("the audit log kept for 3661 days", "retention.audit_days", kept, replace(it, retention=(30, 90, 3661))),
        ("an urgent part on the agreed policy itself", "urgent.policy", "V-URGENT-002", replace(it, urgent=replace(URGENT, policy=it.policy))),
        ("urgent rounds on no day", "urgent.rounds_per_day", "V-URGENT-002", replace(it, urgent=replace(URGENT, rounds_per_day=0))),
        ("101 urgent rounds a day", "urgent.rounds_per_day", "V-URGENT-002", replace(it, urgent=replace(URGENT, rounds_per_day=101))),
        ("no bins for urgent rounds", "urgent.bins_per_table", "V-URGENT-002", replace(it, urgent=replace(URGENT, bins_per_table=0))),
        ("a bin too many for urgent rounds", "urgent.bins_per_table", "V-URGENT-002", replace(it, urgent=replace(URGENT, bins_per_table=2**40 + 1))),
        ("the same person again on the same day", "urgent.again_days", "V-URGENT-002", replace(it, urgent=replace(URGENT, again_days=0))),
        ("again after 3661 days", "urgent.again_days", "V-URGENT-002", replace(it, urgent=replace(URGENT, again_days=3661))),
        ("no second", "valid.until", "V-AGREE-011", replace(it, valid=(FROM, FROM))),
        ("the end before the beginning", "valid.until", "V-AGREE-011", replace(it, valid=(FROM, FROM - 1))),
        ("1830 days and a second", "valid.until", "V-AGREE-011", replace(it, valid=(FROM, FROM + 1830 * validator.DAY + 1))),
    ]  # fmt: skip
    for comment, field, requirement, bad in cases:
        data = bad.encode()
        if terms.decode(data) != bad:
            raise ValueError(f"{comment}: does not come back")
        try:
            validator.check(bad)
        except validator.Broken as broken:
            if (broken.field, broken.requirement) != (field, requirement):
                raise ValueError(f"{comment}: {broken}") from broken
        else:
            raise ValueError(f"{comment}: accepted")
        tests.invalid(
            comment, "Broken", "Agreement", agreement=data.hex(), now=FROM, statements=[], field=field,
            requirement=requirement,
        )  # fmt: skip


def _toml(it: Agreement) -> str:
    """A file of the agreement, with a comment, keys in both forms, and `previous` only where there is one."""
    caps = ("records_requester", "records_responder", "rounds_per_day", "period_days", "bins_per_table", "claims", "matches", "delta_records", "policy_changes", "left_out_percent")
    lines = [
        "# between invented parties", f'name = "{it.name}"', f"version = {it.version}",
        *([f'previous = "{it.previous.hex()}"'] if any(it.previous) else []), f'purpose = "{it.purpose}"',
        f'lanes = "{agreement_file.PAIRS[it.lanes]}"', f"epoch = {it.epoch}", f'policy = "{it.policy.hex()}"',
        f"suite = {it.suite}", f'output = "{agreement_file.OUTPUT[it.output]}"', "[valid]",
        "from = 2026-01-01T00:00:00Z", "until = 2027-01-01 00:00:00Z", "[caps]",
        *(f"{name} = {n}" for name, n in zip(caps, it.caps)), "[retention]",
        *(f"{name}_days = {n}" for name, n in zip(("journal", "results", "audit"), it.retention)),
    ]  # fmt: skip
    if it.urgent is not None:
        lines += [
            "[urgent]", f'policy = "{it.urgent.policy.hex()}"', f"rounds_per_day = {it.urgent.rounds_per_day}",
            f"bins_per_table = {it.urgent.bins_per_table}", f"again_days = {it.urgent.again_days}",
        ]  # fmt: skip
    for party in it.parties:
        lines += [
            "[[party]]", f'name = "{party.name}"', f'type = "{agreement_file.TYPES[party.kind]}"',
            f'role = "{agreement_file.ROLES[party.role]}"', f'lane = "{agreement_file.LANES[party.lane]}"',
            f'node = "{keytext.write(party.node)}"', f'legal_basis = "{party.legal_basis}"',
        ]  # fmt: skip
        for form, (name, key) in zip((keytext.write(party.signers[0][1]), party.signers[1][1].hex()), party.signers):
            lines += ["[[party.signer]]", f'name = "{name}"', f'key = "{form}"']
    return "\n".join(lines) + "\n"


def _files(tests: Tests, it: Agreement) -> None:
    """V-AGREE-002."""
    amended = replace(it, version=2, previous=it.digest())
    for comment, good in (("a file", it), ("a file of an amendment", amended), ("a file with an urgent part", replace(it, urgent=URGENT))):
        if agreement_file.read(_toml(good)) != good:
            raise ValueError(f"{comment}: is read otherwise")
        tests.valid(
            comment, "File", toml=_toml(good), agreement=good.encode().hex(), digest=good.digest().hex(), now=FROM,
            statements=[], state="draft",
        )  # fmt: skip
    for comment, named, claims, matches in (
        ("no share of rows left out: 2 per cent", ("left_out_percent",), 100, 200),
        ("neither claims nor matches: a sixteenth and an eighth of the records", ("claims", "matches"), 125, 250),
        ("claims without matches: twice as many", ("matches",), 100, 200),
    ):
        text = "".join(line for line in _toml(it).splitlines(True) if line.split(" ")[0] not in named)
        good = replace(it, caps=(*it.caps[:5], claims, matches, *it.caps[7:]))
        if agreement_file.read(text) != good:
            raise ValueError(f"{comment}: is read otherwise")
        tests.valid(
            comment, "File", toml=text, agreement=good.encode().hex(), digest=good.digest().hex(), now=FROM,
            statements=[], state="draft",
        )  # fmt: skip
    node, signer = keytext.write(it.parties[1].node), it.parties[1].signers[1][1].hex()
    typo = node[:30] + ("q" if node[30] != "q" else "p") + node[31:]
    for comment, field, old, new in (
        ("a field that nobody knows", "colour", "epoch = 3", "epoch = 3\ncolour = 1"),
        ("one in a party", "party[1].country", 'lane = "missing"', 'lane = "missing"\ncountry = "UTO"'),
        ("one of a signer", "party[1].signer[0].colour", 'name = "office 2"', 'name = "office 2"\ncolour = 1'),
        ("no caps of this name", "caps.rounds_per_week", "period_days", "rounds_per_week = 3\nperiod_days"),
        ("a negative epoch", "epoch", "epoch = 3", "epoch = -3"),
        ("a text for a number", "version", "version = 1", 'version = "1"'),
        ("victims with suspects", "lanes", "victim-missing", "victim-suspect"),
        ("a type of no name", "party[0].type", "victim_support", "army"),
        ("a role of no name", "party[0].role", "either", "neither"),
        ("a lane of no name", "party[1].lane", 'lane = "missing"', 'lane = "lost"'),
        ("an output of no name", "output", "mutual", "both"),
        ("a date without its time", "valid.from", "2026-01-01T00:00:00Z", "2026-01-01"),
        ("a time without offset", "valid.from", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("an offset of two hours", "valid.until", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00+02:00"),
        ("a fraction of a second", "valid.until", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00.5Z"),
        ("a time before 1970", "valid.from", "2026-01-01T00:00:00Z", "1969-12-31T23:59:59Z"),
        ("a key mistyped in one place", "party[1].node", node, typo),
        ("a key that lacks its last character", "party[1].node", node, node[:-1]),
        ("a signer's key of small order", "party[1].signer[1].key", signer, "01" + "00" * 31),
        ("an urgent part with records", "urgent.records", "[[party]]", f'[urgent]\nrecords = 8\npolicy = "{it.policy.hex()}"\nrounds_per_day = 1\nbins_per_table = 9\nagain_days = 1\n[[party]]'),
        ("a digest of 62 digits", "policy", it.policy.hex(), it.policy.hex()[2:]),
    ):
        text = _toml(it)
        if old not in text:
            raise ValueError(f"{comment}: there is no {old!r}")
        text = text.replace(old, new, 1)
        try:
            agreement_file.read(text)
        except validator.Broken as broken:
            if (broken.field, broken.requirement) != (field, "V-AGREE-002"):
                raise ValueError(f"{comment}: {broken}") from broken
        else:
            raise ValueError(f"{comment}: accepted")
        tests.invalid(comment, "File", "Agreement", toml=text, now=FROM, statements=[], field=field, requirement="V-AGREE-002")


def files() -> dict[str, dict[str, Any]]:
    tests = Tests(ERROR_CODES | MISUSE_CODES)
    it = _agreement()
    validator.check(it)
    if terms.decode(it.encode()) != it:
        raise ValueError("the agreement does not come back")
    _states(tests, it)
    _refusals(tests, it)
    _allowed(tests, it)
    _broken(tests, it)
    _files(tests, it)
    notes = {
        "States": "V-AGREE-015: what approvals and the clock make of an agreement",
        "Suspension": "V-AGREE-013, V-AGREE-014: one suspends, both of the same side resume",
        "Bytes": "V-AGREE-001: canonical bytes that must be refused",
        "Statement": "V-AGREE-012: statements that must be refused",
        "Allowed": "V-AGREE-003 to V-AGREE-011, V-URGENT-002: at a bound, and within it",
        "Broken": "V-AGREE-003 to V-AGREE-011, V-URGENT-002: `field` does not hold what `requirement` demands; nothing else is wrong",
        "File": "V-AGREE-002: a file and its canonical bytes, or the field for which it is refused",
    }
    return {"agreement": tests.document("agreement", "spec/14-agreement.md", "spec/reference", notes)}
