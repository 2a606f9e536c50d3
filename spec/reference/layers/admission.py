"""Layer `admission`: what a node has, and whether a round may run (14.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import admission
import agreement as terms
import agreement_validator
import ed25519
from admission import REQUESTER, RESPONDER, Question, Version
from agreement import RESUME, SUSPEND, Agreement, Refused, Statement
from layers import small
from layers.common import ERROR_CODES, REFUSAL_CODES, Tests, seed_bytes
from layers.small import DAY, FROM, NODES, SIGNERS, STRANGER, UNTIL
from policy import Policy

SIGNED = small.approvals(small.agreement())


class Cases:
    def __init__(self) -> None:
        self.tests = Tests(ERROR_CODES | REFUSAL_CODES)

    def case(
        self, comment: str, flag: str, fault: str = "", *, versions: list[Version] | None = None, own: bytes = NODES[0],
        peer: bytes = NODES[1], role: int = REQUESTER, now: int = FROM, policy: Policy | None = None,
    ) -> None:  # fmt: skip
        policy = policy or small.policy()
        versions = [_signed()] if versions is None else versions
        fields: dict[str, Any] = {
            "training": False, "versions": [_written(version) for version in versions], "own": own.hex(),
            "peer": peer.hex(), "role": role, "now": now, "policy": policy.encode().hex(),
        }  # fmt: skip
        try:
            admitted = admission.admit(versions, Question(own, peer, role, now, policy))
            said, fields["agreement"], fields["claims"] = "", admitted.digest().hex(), admission.claims(admitted, policy)
        except Refused as refused:
            said = str(refused)
        self.tests.judged(comment, flag, fault, said, **fields)


def _signed(it: Agreement | None = None, more: list[Statement] | None = None) -> Version:
    it = it or small.agreement()
    agreement_validator.check(it)
    statements = SIGNED if it == small.agreement() else small.approvals(it)
    return Version(it, [*statements, *(more or [])])


def _written(version: Version) -> dict[str, Any]:
    return {"agreement": version.agreement.encode().hex(), "statements": [s.encode().hex() for s in version.statements]}


def _suspension(it: Agreement, signer: int) -> Statement:
    return terms.sign(SUSPEND, it, SIGNERS[signer], FROM.to_bytes(8, "big") + seed_bytes("admission nonce", 16))


def _parties(cases: Cases) -> None:
    cases.case("the first party asks", "Admitted")
    cases.case("the second party asks", "Admitted", own=NODES[1], peer=NODES[0])
    cases.case("the second party answers", "Admitted", own=NODES[1], peer=NODES[0], role=RESPONDER)
    cases.case("another peer than the other party", "Parties", "Party", peer=STRANGER)
    cases.case("the own node is no party", "Parties", "Party", own=STRANGER)
    cases.case("the own node for both", "Parties", "Party", peer=NODES[0])
    signer = ed25519.public_key(SIGNERS[0])
    cases.case("a signer is no node", "Parties", "Party", own=signer)
    one, two = small.PARTIES
    one_way = [_signed(small.agreement(parties=(replace(one, role=REQUESTER), replace(two, role=RESPONDER))))]
    cases.case("who may only ask asks", "Admitted", versions=one_way)
    cases.case("who may only answer answers", "Admitted", versions=one_way, own=NODES[1], peer=NODES[0], role=RESPONDER)
    cases.case("who may only ask answers", "Parties", "Role", versions=one_way, role=RESPONDER)
    cases.case("who may only answer asks", "Parties", "Role", versions=one_way, own=NODES[1], peer=NODES[0])


def _states(cases: Cases) -> None:
    it = small.agreement()
    cases.case("the last second", "Admitted", now=UNTIL - 1)
    cases.case("a second before it begins", "State", "NotYetValid", now=FROM - 1)
    cases.case("the end", "State", "Expired", now=UNTIL)
    cases.case("nobody has signed", "State", "MissingSignature", versions=[Version(it, [])])
    for missing in range(4):
        three = [s for n, s in enumerate(SIGNED) if n != missing]
        cases.case(f"signer {missing} has not signed", "State", "MissingSignature", versions=[Version(it, three)])
    twice = [*SIGNED[:3], SIGNED[0]]
    cases.case("three have signed, one of them twice", "State", "MissingSignature", versions=[Version(it, twice)])
    first = _suspension(it, 0)
    lifted = [first, *(terms.sign(RESUME, it, SIGNERS[n], first.digest()) for n in (0, 1))]
    cases.case("the own side has suspended", "State", "Suspended", versions=[_signed(more=[first])])
    cases.case("the peer's side has suspended", "State", "Suspended", versions=[_signed(more=[_suspension(it, 3)])])
    cases.case("half resumed", "State", "Suspended", versions=[_signed(more=lifted[:2])])
    cases.case("both of the side have resumed", "Admitted", versions=[_signed(more=lifted)])
    stranger = terms.sign(terms.APPROVE, it, seed_bytes("admission stranger"))
    cases.case("a statement of a stranger among good ones", "State", "BadStatement", versions=[_signed(more=[stranger])])


def _policies(cases: Cases) -> None:
    policy = small.policy()
    for comment, fault, changes in (
        ("the policy names another agreement", "Name", {"agreement": "smaller"}),
        ("other lanes", "Lanes", {"lanes": 2}),
        ("another purpose", "Purpose", {"purpose": "vector"}),
        ("another epoch", "Epoch", {"epoch": 2}),
        ("only the requester learns", "Output", {"output": 1}),
        ("a record more for the requester", "Size", {"records": (4, 2)}),
        ("a record more for the responder", "Size", {"records": (3, 3)}),
        ("another name of the policy", "Policy", {"name": "smaller"}),
        ("a record less", "Policy", {"records": (3, 1)}),
        ("a threshold moved by one", "Policy", {"score": (*policy.score[:2], 9, 20)}),
    ):
        cases.case(comment, "Policy", fault, policy=replace(policy, **changes))
    roomy = small.agreement(caps=(2000, 2000, *small.agreement().caps[2:]))
    cases.case("caps above the padded sizes", "Admitted", versions=[_signed(roomy)])
    silent = replace(policy, output=1)
    caps = small.agreement().caps
    quiet = small.agreement(output=1, caps=(*caps[:5], 0, 0, *caps[7:]), policy=silent.digest())
    cases.case("only the requester learns, as agreed", "Admitted", versions=[_signed(quiet)], policy=silent)


def _urgent(cases: Cases) -> None:
    """V-URGENT-001, V-URGENT-003."""
    it, urgent = small.agreement(urgent=small.URGENT), small.urgent_policy()
    if admission.urgent_policy(it, small.policy()) != urgent:
        raise ValueError("the urgent policy does not follow from the agreed one")
    both = [_signed(it)]
    cases.case("an urgent round", "Urgent", policy=urgent, versions=both)
    cases.case("an ordinary round beside it", "Admitted", versions=both)
    cases.case("the urgent policy without an urgent part", "UrgentPolicy", "Output", policy=urgent)
    cases.case("another urgent size", "UrgentPolicy", "Output", policy=replace(urgent, records=(2, 2)), versions=both)
    cases.case("a name of its own", "UrgentPolicy", "Output", policy=replace(urgent, name="urgent"), versions=both)

    def agreed(policy: Policy) -> list[Version]:
        return [_signed(replace(it, urgent=replace(small.URGENT, policy=policy.digest())))]

    nine = replace(urgent, records=(9, 2))
    cases.case("nine persons, although agreed", "UrgentPolicy", "Size", policy=nine, versions=agreed(nine))
    eight = replace(urgent, records=(8, 2))
    cases.case("eight, more than the caps of ordinary rounds", "Urgent", policy=eight, versions=agreed(eight))
    more = replace(urgent, records=(1, 3))
    cases.case("a record more of the responder", "UrgentPolicy", "Size", policy=more, versions=agreed(more))
    mutual = replace(urgent, output=small.MUTUAL)
    cases.case("both learn, although agreed", "UrgentPolicy", "Output", policy=mutual, versions=agreed(mutual))
    later = FROM + 10 * DAY
    second = small.agreement(version=2, previous=it.digest(), valid=(later, UNTIL), policy=small.policy(name="second").digest())
    cases.case("the second version has no urgent part", "UrgentPolicy", "Superseded", policy=urgent, versions=[_signed(it), _signed(second)], now=later)
    kept = replace(second, urgent=small.URGENT)
    cases.case("the second version has the same", "Urgent", policy=urgent, versions=[_signed(it), _signed(kept)], now=later)


def _versions(cases: Cases) -> None:
    it, later = small.agreement(), FROM + 10 * DAY
    other = small.policy(name="second")
    second = small.agreement(version=2, previous=it.digest(), policy=other.digest(), valid=(later, UNTIL))
    both = [_signed(), _signed(second)]
    draft = [_signed(), Version(second, small.approvals(second)[:3])]
    amended = [_signed(), _signed(replace(second, policy=it.policy))]
    cases.case("no agreement", "Versions", "NoAgreement", versions=[])
    cases.case("the second version begins later: the first holds", "Admitted", versions=both, now=later - 1)
    cases.case("the second version holds", "Admitted", versions=both, now=later, policy=other)
    cases.case("the first version's policy is superseded", "Versions", "Superseded", versions=both, now=later)
    cases.case("the second version before it begins", "Versions", "Policy", versions=both, now=later - 1, policy=other)
    cases.case("the second version lacks a signature: the first holds", "Admitted", versions=draft, now=later)
    cases.case("and its policy is not agreed yet", "Versions", "Policy", versions=draft, now=later, policy=other)
    cases.case("both versions on one policy: the second holds", "Admitted", versions=amended, now=later)
    suspended = [_signed(), _signed(second, [_suspension(second, 1)])]
    cases.case("the second version is suspended: the first stays without force", "Versions", "Superseded", versions=suspended, now=later)
    cases.case("and so is the second", "Versions", "Suspended", versions=suspended, now=later, policy=other)
    short = replace(second, valid=(later, later + DAY))
    ended = [_signed(), _signed(short)]
    cases.case("the second version has ended: the first stays without force", "Versions", "Superseded", versions=ended, now=later + DAY)
    unsigned = [Version(it, SIGNED[:3]), Version(second, small.approvals(second)[:3])]
    cases.case("neither is signed by all: the second is asked", "Versions", "MissingSignature", versions=unsigned, now=later, policy=other)
    third = small.policy(name="third")
    cases.case("a policy of no version", "Versions", "Policy", versions=both, now=later, policy=third)


def files() -> dict[str, dict[str, Any]]:
    cases = Cases()
    _parties(cases)
    _states(cases)
    _policies(cases)
    _versions(cases)
    _urgent(cases)
    policy = small.policy().encode().hex()
    question = {"own": NODES[0].hex(), "peer": STRANGER.hex(), "role": REQUESTER, "now": FROM, "policy": policy}
    cases.tests.valid(
        "training: any pinned peer, and no agreement", "Training", training=True, versions=[], **question,
        agreement=bytes(32).hex(), claims=0,
    )  # fmt: skip
    notes = {
        "Admitted": "the digest of the agreement under which the round runs, and the matches that it returns at most",
        "Parties": "V-AGREE-020: must be refused",
        "State": "V-AGREE-012, V-AGREE-021: must be refused",
        "Policy": "V-AGREE-022: must be refused",
        "Urgent": "V-URGENT-003: it claims nothing",
        "UrgentPolicy": "V-URGENT-001, V-URGENT-003: must be refused",
        "Versions": "V-AGREE-016, V-AGREE-024, V-AGREE-025: must be refused",
        "Training": "14.1: the receipt's digest is zero",
    }
    return {"admission": cases.tests.document("admission", "spec/14-agreement.md section 14.6", "spec/reference", notes)}
