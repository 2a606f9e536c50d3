"""Kinds of frames (7.2)."""

from __future__ import annotations

HELLO, COMMIT, KEYS, BASE_REQUESTER, BASE_RESPONDER = 0x01, 0x02, 0x03, 0x04, 0x05
QUERY_DIGESTS, QUERY, EVALUATION, TABLE = 0x06, 0x07, 0x08, 0x09
CHOICE, CORRECTION, GARBLED, SEAL_KEYS, CLAIMS, RECEIPT = 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
COSIGNATURE, PSEUDONYMS, ABORT = 0x11, 0x12, 0x7F

NAMES = {
    HELLO: "hello", COMMIT: "commit", KEYS: "keys", BASE_REQUESTER: "base requester", BASE_RESPONDER: "base responder",
    QUERY_DIGESTS: "query digests", QUERY: "query", EVALUATION: "evaluation", TABLE: "table", CHOICE: "choice",
    CORRECTION: "correction", GARBLED: "garbled", SEAL_KEYS: "seal keys", PSEUDONYMS: "pseudonyms", CLAIMS: "claims",
    COSIGNATURE: "cosignature", RECEIPT: "receipt",
}  # fmt: skip
MAX_FRAME = 4 * 2**20
"""V-FRAME-005."""
