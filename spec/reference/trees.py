"""The trees behind an OT extension (8.6): the owner knows every leaf, the opener all but the one at its Delta."""

from __future__ import annotations

from functools import reduce

from labelled import labelled_hash
from okvs import xor

OT_TREES = "blindlink/2 ot trees"
OT_TREE_PAD = "blindlink/2 ot tree pad"
OT_TREE_NODE = "blindlink/2 ot tree node"
OT_TREE_LEAF = "blindlink/2 ot tree leaf"
OT_TREE_CHECK = "blindlink/2 ot tree check"

K = 4
LEAVES = 2**K
TREES = 128 // K
TREE_BYTES = 32 * (K - 1) + 32
"""Sums of the levels after the first, then the xor of the checks."""


class InconsistentTree(ValueError):
    """The trees' check failed."""


def total(parts: list[bytes]) -> bytes:
    """Xor of all parts."""
    return reduce(xor, parts)


def digest_of(message: bytes) -> bytes:
    """`e`, to which every extension is bound (V-OT-006)."""
    return message[-32:]


class Trees:
    """All trees of one direction, bound to all its answers and offers."""

    def __init__(self, round_id: bytes, direction: int, answers: bytes, offers: bytes) -> None:
        self._binding = labelled_hash(OT_TREES, [round_id, bytes([direction]), answers, offers])

    def _pad(self, instance: int, branch: int, key: bytes) -> bytes:
        return labelled_hash(OT_TREE_PAD, [self._binding, instance.to_bytes(2, "big") + bytes([branch]), key])[:16]

    def _children(self, tree: int, level: int, position: int, node: bytes) -> tuple[bytes, bytes]:
        """Of the node at this position of level - 1: those at 2 position and 2 position + 1 of `level`."""
        both = labelled_hash(OT_TREE_NODE, [self._binding, bytes([tree, level, position]), node])
        return both[:16], both[16:]

    def _leaf(self, tree: int, position: int, node: bytes) -> tuple[bytes, bytes]:
        """Leaf key and check."""
        out = labelled_hash(OT_TREE_LEAF, [self._binding, bytes([tree, position]), node], 64)
        return out[:32], out[32:]

    def _digest(self, checks: list[bytes]) -> bytes:
        return labelled_hash(OT_TREE_CHECK, [self._binding, *checks])

    def grow(self, keys: list[tuple[bytes, bytes]]) -> tuple[list[list[bytes]], bytes]:
        """Leaf keys of every tree, and the message."""
        message, trees, all_checks = b"", [], []
        for tree in range(len(keys) // K):
            nodes: list[bytes] = []
            for level in range(K):
                instance = K * tree + K - 1 - level
                pads = [self._pad(instance, branch, keys[instance][branch]) for branch in (0, 1)]
                if level == 0:
                    nodes = pads
                    continue
                nodes = [c for p, node in enumerate(nodes) for c in self._children(tree, level, p, node)]
                message += xor(pads[0], total(nodes[0::2])) + xor(pads[1], total(nodes[1::2]))
            leaves = [self._leaf(tree, p, node) for p, node in enumerate(nodes)]
            message += total([check for _, check in leaves])
            trees.append([key for key, _ in leaves])
            all_checks += [check for _, check in leaves]
        return trees, message + self._digest(all_checks)

    def open(self, delta: int, keys: list[bytes], message: bytes) -> list[dict[int, bytes]]:
        """Leaf keys of every tree by position; that at Delta is missing. `keys` are those of the branches that Delta
        does not take. Raises InconsistentTree."""
        count = len(keys) // K
        if len(message) != count * TREE_BYTES + 32:
            raise ValueError("length")
        trees, all_checks = [], []
        for tree in range(count):
            part = message[tree * TREE_BYTES : (tree + 1) * TREE_BYTES]
            nodes: dict[int, bytes] = {}
            path = 0
            for level in range(K):
                instance = K * tree + K - 1 - level
                bit = delta >> instance & 1
                sibling = self._pad(instance, 1 - bit, keys[instance])
                if level > 0:
                    # The nodes of the level above, of which the one on the path is missing.
                    pairs = {p: self._children(tree, level, p, node) for p, node in nodes.items()}
                    nodes = {2 * p + branch: pair[branch] for p, pair in pairs.items() for branch in (0, 1)}
                    start = 32 * (level - 1) + 16 * (1 - bit)
                    known = [pair[1 - bit] for pair in pairs.values()]
                    sibling = total([sibling, part[start : start + 16], *known])
                nodes[2 * path + 1 - bit] = sibling
                path = 2 * path + bit
            leaves = {p: self._leaf(tree, p, node) for p, node in nodes.items()}
            missing = total([part[-32:], *(check for _, check in leaves.values())])
            all_checks += [leaves[p][1] if p in leaves else missing for p in range(LEAVES)]
            trees.append({p: key for p, (key, _) in leaves.items()})
        if self._digest(all_checks) != message[-32:]:
            raise InconsistentTree
        return trees
