"""Seals of output labels, pseudonyms and claims (8.9)."""

from __future__ import annotations

import blake3
from agreement import Refused
from labelled import labelled_hash, prf
from okvs import xor

POSSIBLE, STRONG = 0, 1
SEAL, CHECK, TAG = 16, 12, 8


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def shown(token: bytes) -> bytes:
    """What both sides show of a pseudonym token."""
    return labelled_hash("blindlink/2 pseudonym shown", [token])[:16]


def strong_tag(late_id: bytes, token: bytes, number: int) -> bytes:
    """What a strong pair opens in a bin."""
    return blake3.keyed_hash(labelled_hash("blindlink/2 strong tag", [late_id]), token + u32(number), TAG)


def ascending(texts: list[bytes]) -> None:
    if any(a >= b for a, b in zip(texts, texts[1:])):
        raise Refused("BadField")


def commitment(late_id: bytes, chunk: int, key: bytes) -> bytes:
    return labelled_hash("blindlink/2 seal key commitment", [late_id, u32(chunk), key])


def sealing_key(late_id: bytes, chunk: int, key: bytes) -> bytes:
    return labelled_hash("blindlink/2 seal", [late_id, u32(chunk), key])


def _pad(sealing: bytes, number: int, circuit: int, labels: list[int], length: int) -> bytes:
    data = u32(number) + bytes([circuit]) + b"".join(label.to_bytes(16, "little") for label in labels)
    return blake3.keyed_hash(sealing, data, length)


def seal(sealing: bytes, number: int, mask: bytes, reached: list[int], delta: int, mutual: bool) -> bytes:
    """`mask` is g_b, and h_b where there is a grade strong; `reached` has the label "reached" of each circuit."""
    out = xor(mask[:SEAL], _pad(sealing, number, 0, reached[:1], SEAL))
    if mutual:
        by_colour = sorted((reached[0], reached[0] ^ delta), key=lambda label: label & 1)
        out += b"".join(_pad(sealing, number, 0, [label], SEAL + CHECK)[SEAL:] for label in by_colour)
    if len(reached) > 1:
        out += xor(mask[SEAL:], _pad(sealing, number, 1, reached, TAG))
    return out


def opened(sealing: bytes, number: int, sealed: bytes, share: bytes, labels: list[int], mutual: bool) -> tuple[bytes, bytes, bool]:
    """Token, what stands for the tag, and whether the label check holds (V-SETTLE-011). All three are noise where the
    threshold was not reached."""
    pad = _pad(sealing, number, 0, labels[:1], SEAL + CHECK)
    token = xor(share[:SEAL], xor(sealed[:SEAL], pad[:SEAL]))
    checked = True
    if mutual:
        at = SEAL + CHECK * (labels[0] & 1)
        checked = sealed[at : at + CHECK] == pad[SEAL:]
    tag = b""
    if len(labels) > 1:
        tag = xor(share[SEAL:], xor(sealed[-TAG:], _pad(sealing, number, 1, labels, TAG)))
    return token, tag, checked


def claims_of(pairs: list[tuple[bytes, int]], most: int, padded: int, padding: bytes) -> list[bytes]:
    """Claimed tokens of pairs, each with token and grade (V-SETTLE-005, V-SETTLE-006)."""
    best: dict[bytes, int] = {}
    for token, grade in pairs:
        best[token] = max(best.get(token, POSSIBLE), grade)
    tokens = sorted(best, key=lambda token: (-best[token], token))[:most]
    tokens += [prf(padding, [i], 16) for i in range(padded)]
    return sorted(tokens[:padded])
