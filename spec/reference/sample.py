"""Samples of the records that a side committed to (16.5)."""

from __future__ import annotations

import agree
from evidence import Refused
from labelled import labelled_hash, prf


def positions(draw: bytes, round_id: bytes, root: bytes, padded: int, count: int) -> list[int]:
    """V-EVIDENCE-012."""
    key = labelled_hash("blindlink/2 audit sample", [draw, round_id, root])
    return sorted(sorted(range(padded), key=lambda p: (prf(key, [p], 16), p))[:count])


def path(leaves: list[bytes], position: int) -> list[bytes]:
    """Siblings from the leaf's upwards, in the tree of 9.1."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if position < half:
        return [*path(leaves[:half], position), agree.merkle_root(leaves[half:])]
    return [*path(leaves[half:], position - half), agree.merkle_root(leaves[:half])]


Opening = tuple[int, bytes, bytes, bytes, list[bytes]]
"""Position, salt, digest and encoding of the record (both empty for padding), siblings."""


def _climb(leaf: bytes, position: int, size: int, siblings: list[bytes]) -> bytes:
    if size == 1:
        if siblings:
            raise ValueError("a hash too many")
        return leaf
    if not siblings:
        raise ValueError("a hash too few")
    half, sibling = 1 << (size - 1).bit_length() - 1, siblings[-1]
    if position < half:
        pair = [_climb(leaf, position, half, siblings[:-1]), sibling]
    else:
        pair = [sibling, _climb(leaf, position - half, size - half, siblings[:-1])]
    return labelled_hash("blindlink/2 merkle node", pair)


def check_sample(root: bytes, padded: int, drawn: list[int], openings: list[Opening]) -> None:
    """V-EVIDENCE-013."""
    if [opening[0] for opening in openings] != drawn:
        raise Refused("Positions")
    for position, salt, digest, encoding, siblings in openings:
        try:
            found = _climb(agree.leaf(salt, digest, encoding), position, padded, siblings)
        except ValueError as odd:
            raise Refused("Opening") from odd
        if found != root:
            raise Refused("Opening")
