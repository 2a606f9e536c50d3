"""Reproducible choices: SHA-256 of a label and a counter."""

from __future__ import annotations

import hashlib
from typing import Sequence, TypeVar

T = TypeVar("T")


class Draw:
    def __init__(self, label: str) -> None:
        self._label = label
        self._count = 0

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1; the bias of 2^-64 * bound does not matter here."""
        digest = hashlib.sha256(f"blindlink/1 similar {self._label} {self._count}".encode()).digest()
        self._count += 1
        return int.from_bytes(digest[:8], "big") * bound >> 64

    def one(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def two(self, items: Sequence[T]) -> tuple[T, T]:
        """Two different places' items, in either order."""
        first = self.below(len(items))
        second = (first + 1 + self.below(len(items) - 1)) % len(items)
        return items[first], items[second]
