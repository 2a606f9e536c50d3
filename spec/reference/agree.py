"""Commitments, round id, randomness (chapter 9), frames and transcript (7.2, 12.1)."""

from __future__ import annotations

from dataclasses import dataclass

from labelled import labelled_hash, prf

REQUESTER, RESPONDER = 1, 2
VERSION = 2


@dataclass(frozen=True)
class Record:
    """A record as the round sees it."""

    digest: bytes
    filter: bytes
    tokens: list[list[bytes]]
    """One list a table."""
    others: tuple[tuple[bytes, list[list[bytes]]], ...] = ()
    """Of each other name the filter, and those of the tokens that lead to it (V-ENCODE-015)."""

    def encoding(self, tables: list[int]) -> bytes:
        """Digest of what enters the round, under these tables' ids (9.1)."""
        parts = []
        for own_filter, tokens in ((self.filter, self.tokens), *self.others):
            parts.append(own_filter)
            parts += [b"".join([table.to_bytes(2, "big"), *sorted(own)]) for table, own in zip(tables, tokens, strict=True)]
        return labelled_hash("blindlink/2 encoding", parts)

    def filter_of(self, table: int, token: bytes) -> bytes:
        """The filter under the name that a token of the table at this position leads to."""
        return next((own_filter for own_filter, tokens in self.others if token in tokens[table]), self.filter)


def merkle_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return labelled_hash("blindlink/2 merkle node", [])
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return labelled_hash("blindlink/2 merkle node", [merkle_root(leaves[:half]), merkle_root(leaves[half:])])


def leaf(salt: bytes, digest: bytes, encoding: bytes) -> bytes:
    """Digest and encoding are empty for padding."""
    return labelled_hash("blindlink/2 merkle leaf", [salt, digest, encoding])


class Commitment:
    """What a party commits to before the round, from its seed and its records."""

    def __init__(self, seed: bytes, contents: list[tuple[bytes, bytes]], padded: int) -> None:
        """`contents` has digest and encoding of every record."""
        salts = labelled_hash("blindlink/2 record salt", [seed])
        filled = [*contents, *[(b"", b"")] * (padded - len(contents))]
        self.root = merkle_root([leaf(prf(salts, [i], 32), *content) for i, content in enumerate(filled)])
        self.body = labelled_hash("blindlink/2 seed commitment", [seed]) + self.root
        self.nonce = labelled_hash("blindlink/2 nonce", [seed, self.root])
        self.keep_key = labelled_hash("blindlink/2 keep key", [seed, self.root])


def round_id(hello_requester: bytes, hello_responder: bytes, commit_requester: bytes, commit_responder: bytes) -> bytes:
    """From the digests of the hello frames and the bodies of the commits."""
    parts = [hello_requester, hello_responder, commit_requester, commit_responder]
    return labelled_hash("blindlink/2 round id", parts)


def late_id(round_id: bytes, responder_to_keys: bytes, requester_to_digests: bytes) -> bytes:
    """From the round id and the chains of S's frames up to keys and of R's up to query digests (9.2.1)."""
    return labelled_hash("blindlink/2 late id", [round_id, responder_to_keys, requester_to_digests])


class Randomness:
    """One party's randomness in one round (9.2)."""

    def __init__(self, key: bytes) -> None:
        self._root = prf(key, [0], 32)

    @classmethod
    def of_party(cls, seed: bytes, round_id: bytes, root: bytes, role: int) -> Randomness:
        return cls(labelled_hash("blindlink/2 party randomness", [seed, round_id, root, bytes([role])]))

    def late(self, late_id: bytes) -> Randomness:
        """What S draws from once it has the query digests."""
        return Randomness(labelled_hash("blindlink/2 late randomness", [self._root, late_id]))

    def key(self, label: str, *context: bytes) -> bytes:
        """The key of one use."""
        return labelled_hash(f"blindlink/2 {label}", [self._root, *context])


def frame(kind: int, index: int, body: bytes) -> bytes:
    return bytes([kind]) + index.to_bytes(4, "big") + body


def frame_digest(data: bytes) -> bytes:
    return labelled_hash("blindlink/2 frame", [data])


def link(state: bytes, digest: bytes) -> bytes:
    return labelled_hash("blindlink/2 transcript link", [state, digest])


def chain(digests: list[bytes]) -> bytes:
    state = bytes(32)
    for digest in digests:
        state = link(state, digest)
    return state


def transcript(from_requester: list[bytes], from_responder: list[bytes]) -> bytes:
    """From the digests of all frames but the receipts."""
    return labelled_hash("blindlink/2 transcript", [chain(from_requester), chain(from_responder)])


def hello(
    role: int, identity: bytes, nonce: bytes, binding: bytes, policy: bytes, agreement: bytes, head: bytes,
    suite: int = 1,
) -> bytes:  # fmt: skip
    """Without an agreement: training (14.1). `head` is that of the own log (7.5)."""
    begin = VERSION.to_bytes(2, "big") + suite.to_bytes(2, "big") + bytes([role])
    sized = [len(part).to_bytes(2, "big") + part for part in (policy, agreement)]
    return begin + identity + nonce + binding + b"".join(sized) + head
