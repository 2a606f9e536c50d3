"""A small policy, and an agreement on it, for layers that need some policy and some agreement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agreement as terms
import ed25519
import normalise_tables
import policy as policies
from agreement import APPROVE, Agreement, Party, Statement, Urgent
from layers.common import seed_bytes
from plan import both
from policy import FilterSegment, Policy, Table

FROM, UNTIL, DAY = 1_767_225_600, 1_798_761_600, 86_400
MUTUAL = 2
SIGNERS = [seed_bytes(f"small agreement signer {n}") for n in range(4)]
NODES = [ed25519.public_key(seed_bytes(f"small agreement node {n}")) for n in range(2)]
STRANGER = ed25519.public_key(seed_bytes("small agreement stranger"))


def policy(**changes: Any) -> Policy:
    """131 bins of the key `birth_date` a round."""
    it = Policy(
        name="small", schema="person/1", normalisation="norm-v1", tables_digest=normalise_tables.digest(), agreement="small",
        lanes=1, purpose="vectors", epoch=1, records=(3, 2), copies=(1, 1), output=MUTUAL,
        score=(policies.WEIGHTED, -10, 8, 20), fields=(),
        segments=(FilterSegment("names", ((1, ""),), 16, 2, (5, -1, 1)), FilterSegment("sex", ((32, ""),), 8, 2, (4, -2, 0))),
        tables=(Table(1, "birth_date", ((16, ""),), both(1), 15),),
    )  # fmt: skip
    return replace(it, **changes)


def _party(number: int) -> Party:
    keys = [ed25519.public_key(SIGNERS[n]) for n in (2 * number, 2 * number + 1)]
    node = NODES[number]
    return Party(f"Utopia {number}", 1, 3, 1, node, f"Act {number}", (("one", keys[0]), ("two", keys[1])))


PARTIES = (_party(0), _party(1))


def agreement(**changes: Any) -> Agreement:
    """Between the two nodes, on the small policy."""
    it = Agreement(
        name="small", version=1, previous=bytes(32), purpose="vectors", lanes=1, epoch=1, policy=policy().digest(),
        output=MUTUAL, valid=(FROM, UNTIL), caps=(3, 2, 2, 30, 393, 2, 3, 3, 1, 2), retention=(30, 30, 30), parties=PARTIES,
    )  # fmt: skip
    return replace(it, **changes)


def urgent_policy(**changes: Any) -> Policy:
    """129 bins a round."""
    return policy(records=(1, 2), output=1, **changes)


URGENT = Urgent(urgent_policy().digest(), 2, 1000, 20)


def approvals(it: Agreement) -> list[Statement]:
    return [terms.sign(APPROVE, it, secret) for secret in SIGNERS]
