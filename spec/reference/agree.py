"""Commitments, round id, randomness (chapter 9), frames and transcript (7.2, 12.1)."""

from __future__ import annotations

from dataclasses import dataclass

from labelled import labelled_hash, prf

REQUESTER, RESPONDER = 1, 2
VERSION, SUITE = 1, 1


@dataclass(frozen=True)
class Record:
    """A record as the round sees it."""

    digest: bytes
    filter: bytes
    tokens: list[list[bytes]]
    """One list a table."""


def merkle_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return labelled_hash("blindlink/1 merkle node", [])
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return labelled_hash("blindlink/1 merkle node", [merkle_root(leaves[:half]), merkle_root(leaves[half:])])


class Commitment:
    """What a party commits to before the round, from its seed and its records."""

    def __init__(self, seed: bytes, records: list[Record], padded: int) -> None:
        salts = labelled_hash("blindlink/1 record salt", [seed])
        digests = [record.digest for record in records] + [b""] * (padded - len(records))
        leaves = [
            labelled_hash("blindlink/1 merkle leaf", [prf(salts, [i], 32), digest]) for i, digest in enumerate(digests)
        ]
        self.root = merkle_root(leaves)
        self.body = labelled_hash("blindlink/1 seed commitment", [seed]) + self.root
        self.nonce = labelled_hash("blindlink/1 nonce", [seed, self.root])
        self.keep_key = labelled_hash("blindlink/1 keep key", [seed, self.root])


def round_id(hello_requester: bytes, hello_responder: bytes, commit_requester: bytes, commit_responder: bytes) -> bytes:
    """From the digests of the hello frames and the bodies of the commits."""
    parts = [hello_requester, hello_responder, commit_requester, commit_responder]
    return labelled_hash("blindlink/1 round id", parts)


class Randomness:
    """One party's randomness in one round (9.2)."""

    def __init__(self, seed: bytes, round_id: bytes, root: bytes, role: int) -> None:
        key = labelled_hash("blindlink/1 party randomness", [seed, round_id, root, bytes([role])])
        self._root = prf(key, [0], 32)

    def key(self, label: str, *context: bytes) -> bytes:
        """The key of one use."""
        return labelled_hash(f"blindlink/1 {label}", [self._root, *context])


def frame(kind: int, index: int, body: bytes) -> bytes:
    return bytes([kind]) + index.to_bytes(4, "big") + body


def frame_digest(data: bytes) -> bytes:
    return labelled_hash("blindlink/1 frame", [data])


def chain(digests: list[bytes]) -> bytes:
    state = bytes(32)
    for digest in digests:
        state = labelled_hash("blindlink/1 transcript link", [state, digest])
    return state


def transcript(from_requester: list[bytes], from_responder: list[bytes]) -> bytes:
    """From the digests of all frames but the receipts."""
    return labelled_hash("blindlink/1 transcript", [chain(from_requester), chain(from_responder)])


def hello(
    role: int, identity: bytes, nonce: bytes, binding: bytes, policy: bytes, agreement: bytes = b""
) -> bytes:
    """Without an agreement: training (14.1)."""
    head = VERSION.to_bytes(2, "big") + SUITE.to_bytes(2, "big") + bytes([role])
    sized = [len(part).to_bytes(2, "big") + part for part in (policy, agreement)]
    return head + identity + nonce + binding + b"".join(sized)
