"""Whether a round may run (14.6), decided by one node from what it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agreement import APPROVE, Agreement, Refused, Statement, state
from policy import Policy

REQUESTER, RESPONDER, EITHER = 1, 2, 3
MOST_ASKED, REQUESTER_ONLY = 8, 1


@dataclass(frozen=True)
class Version:
    """A version of an agreement, with what its signers said."""

    agreement: Agreement
    statements: list[Statement]

    def begun(self, now: int) -> bool:
        """V-AGREE-016: from then on no earlier version has force."""
        approved = {s.signer for s in self.statements if s.kind == APPROVE}
        return len(approved) == 4 and now >= self.agreement.valid[0]


@dataclass(frozen=True)
class Question:
    """A node's view of one round."""

    own: bytes
    peer: bytes
    role: int
    now: int
    policy: Policy


def names(it: Agreement, digest: bytes) -> bool:
    """Whether a policy is one of the two of a version."""
    return digest == it.policy or is_urgent(it, digest)


def is_urgent(it: Agreement, digest: bytes) -> bool:
    """V-URGENT-003."""
    return it.urgent is not None and it.urgent.policy == digest


def claims(it: Agreement, policy: Policy) -> int:
    return 0 if is_urgent(it, policy.digest()) else it.claims


def urgent_policy(it: Agreement, policy: Policy) -> Policy | None:
    """V-URGENT-001: made from the agreed policy."""
    sizes = range(1, MOST_ASKED + 1)
    made = (replace(policy, records=(n, policy.records[1]), output=REQUESTER_ONLY) for n in sizes)
    return next((one for one in made if is_urgent(it, one.digest())), None)


def current(versions: list[Version], question: Question) -> Version:
    """V-AGREE-024, V-AGREE-025: the version that decides."""
    if not versions:
        raise Refused("NoAgreement")
    ordered = sorted(versions, key=lambda version: version.agreement.version)
    chosen = next((v for v in reversed(ordered) if v.begun(question.now)), ordered[-1])
    digest = question.policy.digest()
    earlier = [v for v in ordered if v.agreement.version < chosen.agreement.version]
    if not names(chosen.agreement, digest) and any(names(v.agreement, digest) for v in earlier):
        raise Refused("Superseded")
    return chosen


def _parties(it: Agreement, question: Question) -> None:
    """V-AGREE-020."""
    own = next((party for party in it.parties if party.node == question.own), None)
    peer = next((party for party in it.parties if party.node == question.peer), None)
    if own is None or peer is None or own == peer:
        raise Refused("Party")
    if own.role not in (EITHER, question.role):
        raise Refused("Role")


def admit(versions: list[Version], question: Question) -> Agreement:
    """The agreement under which the round may run; the first failure in the order of 14.6."""
    for version in versions:
        state(version.agreement, version.statements, question.now)
    chosen = current(versions, question)
    it, policy = chosen.agreement, question.policy
    _parties(it, question)
    refusals = {
        "draft": "MissingSignature", "partly_signed": "MissingSignature", "expired": "Expired",
        "suspended": "Suspended", "not_yet_valid": "NotYetValid",
    }  # fmt: skip
    found = state(it, chosen.statements, question.now)
    if found in refusals:
        raise Refused(refusals[found])
    urgent = is_urgent(it, policy.digest())
    output, most = (REQUESTER_ONLY, MOST_ASKED) if urgent else (it.output, it.caps[0])
    for same, refusal in (
        (policy.agreement == it.name, "Name"),
        (policy.lanes == it.lanes, "Lanes"),
        (policy.purpose == it.purpose, "Purpose"),
        (policy.epoch == it.epoch, "Epoch"),
        (policy.output == output, "Output"),
        (policy.records[0] <= most and policy.records[1] <= it.caps[1], "Size"),
        (names(it, policy.digest()), "Policy"),
    ):
        if not same:
            raise Refused(refusal)
    return it
