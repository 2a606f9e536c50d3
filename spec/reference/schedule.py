"""Which frames each side sends, in which order and how long (7.2)."""

from __future__ import annotations

import plan as sizes
from agree import REQUESTER, RESPONDER
from kinds import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, COSIGNATURE, EVALUATION, GARBLED, HELLO, KEYS,
    PSEUDONYMS, QUERY, QUERY_DIGESTS, RECEIPT, SEAL_KEYS, TABLE,
)  # fmt: skip
from log_head import HEAD_BYTES
from plan import COMPARE_CHUNK, WINDOW, Plan, pieces

MAX_HELLO = 5 + 2 + 2 + 1 + 96 + 2 + 65_535 + 2 + 8_192 + HEAD_BYTES
QUESTIONS = {EVALUATION: QUERY, CORRECTION: CHOICE, GARBLED: CORRECTION}
"""What a frame answers, with the same index (V-WIRE-006)."""

Frame = tuple[int, int, int]


def _extension(choices: int) -> int:
    return 512 * (-(-choices // 128) + 2) + 64


def _query(bins: int) -> int:
    """Y of 7.2."""
    return 5952 * (-(-bins // 128) + 2) + 4128


def _split(kind: int, count: int, most: int, width: int) -> list[Frame]:
    return [(kind, i, width * len(piece)) for i, piece in enumerate(pieces(count, most))]


def schedules(plan: Plan, window: int = WINDOW) -> dict[int, list[Frame]]:
    """Kind, index and length of every frame of both sides (7.2); of a hello the greatest length."""
    shape = plan.shape
    w, k, circuits = shape.payload_bits, shape.ring_bits, len(shape.thresholds)
    queries, compares, trees = plan.query_chunks(), plan.chunks(COMPARE_CHUNK), plan.suite == 2
    requester = [(HELLO, 0, MAX_HELLO - 5), (COMMIT, 0, 64), (BASE_REQUESTER, 0, 40_256 if trees else 16_416)]
    requester += [(QUERY_DIGESTS, 0, 32 * len(queries))]
    requester += [(QUERY, i, _query(len(chunk)) if trees else 32 * len(chunk)) for i, chunk in enumerate(queries)]
    for i, chunk in enumerate(compares):
        n = len(chunk)
        requester.append((CORRECTION, i, -(-n * w * k // 8) + _extension(n * k)))
    if shape.mutual:
        requester += _split(CLAIMS, shape.records_requester, sizes.TOKENS, 16)
    responder = [(HELLO, 0, MAX_HELLO - 5), (COMMIT, 0, 64), (KEYS, 0, 32_000 if trees else 8288), (BASE_RESPONDER, 0, 8224)]
    if not trees:
        responder += [(EVALUATION, i, 32 * len(chunk) + 64) for i, chunk in enumerate(queries)]
    responder += [(TABLE, i, plan.value_bytes * columns) for i, columns in enumerate(plan.table_chunks())]
    choices = [(CHOICE, i, _extension(len(chunk) * w)) for i, chunk in enumerate(compares)]
    responder += choices[:window]
    seal = 16 + 24 * shape.mutual + 8 * (circuits - 1)
    for i, chunk in enumerate(compares):
        n = len(chunk)
        responder.append((GARBLED, i, 48 + 32 * n * circuits * (k - 1) + n * seal))
        responder += choices[i + window : i + window + 1]
    responder += _split(SEAL_KEYS, len(compares), sizes.SEAL_KEYS, 32)
    responder += _split(PSEUDONYMS, shape.records_responder, sizes.TOKENS, 16)
    ends = [(COSIGNATURE, 0, 72), (RECEIPT, 0, 96)]
    return {
        role: [(kind, index, body + 5) for kind, index, body in [*frames, *ends]]
        for role, frames in ((REQUESTER, requester), (RESPONDER, responder))
    }
