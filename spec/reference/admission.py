"""Whether a round may run (14.6), decided by one node from what it has."""

from __future__ import annotations

from dataclasses import dataclass

from agreement import APPROVE, Agreement, Refused, Statement, state
from policy import Policy

REQUESTER, RESPONDER, EITHER = 1, 2, 3


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


def current(versions: list[Version], question: Question) -> Version:
    """V-AGREE-024, V-AGREE-025: the version that decides."""
    if not versions:
        raise Refused("NoAgreement")
    ordered = sorted(versions, key=lambda version: version.agreement.version)
    chosen = next((v for v in reversed(ordered) if v.begun(question.now)), ordered[-1])
    digest = question.policy.digest()
    earlier = [v for v in ordered if v.agreement.version < chosen.agreement.version]
    if chosen.agreement.policy != digest and any(v.agreement.policy == digest for v in earlier):
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
    for same, refusal in (
        (policy.agreement == it.name, "Name"),
        (policy.lanes == it.lanes, "Lanes"),
        (policy.purpose == it.purpose, "Purpose"),
        (policy.epoch == it.epoch, "Epoch"),
        (policy.output == it.output, "Output"),
        (policy.records[0] <= it.caps[0] and policy.records[1] <= it.caps[1], "Size"),
        (policy.digest() == it.policy, "Policy"),
    ):
        if not same:
            raise Refused(refusal)
    return it
