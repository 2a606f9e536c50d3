"""Which frames each side sends, in which order and how long (7.2)."""

from __future__ import annotations

from agree import REQUESTER, RESPONDER
from plan import COMPARE_CHUNK, QUERY_CHUNK, TABLE_CHUNK, WINDOW, Plan
from sides import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, EVALUATION, GARBLED, HELLO, KEYS, QUERY,
    QUERY_DIGESTS, RECEIPT, REVEAL, TABLE, TREES,
)  # fmt: skip

MAX_HELLO = 5 + 2 + 2 + 1 + 96 + 2 + 65_535 + 2 + 8_192
QUESTIONS = {EVALUATION: QUERY, CORRECTION: CHOICE, GARBLED: CORRECTION}
"""What a frame answers, with the same index (V-WIRE-006)."""


def schedules(plan: Plan, window: int = WINDOW) -> dict[int, list[tuple[int, int, int]]]:
    """Kind, index and length of every frame of both sides (7.2); of a hello the greatest length."""
    shape = plan.shape
    w, k, circuits = shape.payload_bits, shape.ring_bits, len(shape.thresholds)

    def extension(choices: int) -> int:
        return 512 * (-(-choices // 128) + 2) + 64

    queries, compares = plan.chunks(QUERY_CHUNK), plan.chunks(COMPARE_CHUNK)
    requester = [(HELLO, 0, MAX_HELLO - 5), (COMMIT, 0, 64), (BASE_REQUESTER, 0, 12_288)]
    requester += [(QUERY_DIGESTS, 0, 32 * len(queries))]
    requester += [(QUERY, i, 32 * len(chunk)) for i, chunk in enumerate(queries)]
    requester.append((TREES, 0, 4128))
    for i, chunk in enumerate(compares):
        n = len(chunk)
        requester.append((CORRECTION, i, -(-n * w * k // 8) + extension(n * k)))
    requester += [(CLAIMS, 0, 16 * shape.records_requester)] if shape.mutual else []
    responder = [(HELLO, 0, MAX_HELLO - 5), (COMMIT, 0, 64), (KEYS, 0, 4224), (BASE_RESPONDER, 0, 12_320)]
    responder += [(EVALUATION, i, 32 * len(chunk) + 64) for i, chunk in enumerate(queries)]
    number = 0
    for table in plan.tables:
        for first in range(0, table.columns, TABLE_CHUNK):
            responder.append((TABLE, number, plan.value_bytes * min(TABLE_CHUNK, table.columns - first)))
            number += 1
    choices = [(CHOICE, i, extension(len(chunk) * w)) for i, chunk in enumerate(compares)]
    responder += choices[:window]
    for i, chunk in enumerate(compares):
        n = len(chunk)
        responder.append((GARBLED, i, 16 + 32 * n * circuits * (k - 1) + n * (16 + 8 * circuits)))
        responder += choices[i + window : i + window + 1]
    responder.append((REVEAL, 0, 32 + 16 * shape.records_responder))
    return {
        role: [(kind, index, body + 5) for kind, index, body in [*frames, (RECEIPT, 0, 96)]]
        for role, frames in ((REQUESTER, requester), (RESPONDER, responder))
    }
