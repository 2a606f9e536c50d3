"""Agreements: canonical bytes, statements of signers, states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agreement as terms
import ed25519
from agreement import APPROVE, RESUME, SUSPEND, Agreement, Party, Refused
from layers.common import Tests, seed_bytes

FROM, UNTIL = 1_767_225_600, 1_798_761_600
SIGNERS = [seed_bytes(f"agreement signer {n}") for n in range(4)]


def _party(number: int, kind: int, lane: int) -> Party:
    signers = [(f"office {n}", ed25519.public_key(SIGNERS[n])) for n in (2 * number, 2 * number + 1)]
    node = ed25519.public_key(seed_bytes(f"agreement node {number}"))
    name = ("Ministry of Justice of Utopia", "Bürö of the Sóuth")[number]
    return Party(name, kind, 3, lane, node, f"Utopian Act {number + 1}/2025", (signers[0], signers[1]))


def _agreement() -> Agreement:
    return Agreement(
        name="vector agreement", version=1, previous=bytes(32), purpose="vectors", lanes=4, epoch=3,
        policy=seed_bytes("agreement policy"), output=2, valid=(FROM, UNTIL),
        caps=(2000, 1000, 2, 30, 10**7, 100, 25, 3), retention=(30, 90, 1095),
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
        ("format 2", "Bytes", "BadField", b"\0\2" + data[2:], []),
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


def files() -> dict[str, dict[str, Any]]:
    tests = Tests()
    it = _agreement()
    if terms.decode(it.encode()) != it:
        raise ValueError("the agreement does not come back")
    _states(tests, it)
    _refusals(tests, it)
    notes = {
        "States": "V-AGREE-015: what approvals and the clock make of an agreement",
        "Suspension": "V-AGREE-013, V-AGREE-014: one suspends, both of the same side resume",
        "Bytes": "V-AGREE-001: canonical bytes that must be refused",
        "Statement": "V-AGREE-012: statements that must be refused",
    }
    return {"agreement": tests.document("agreement", "spec/14-agreement.md", "spec/reference", notes)}
