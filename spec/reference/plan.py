"""What a policy says of the computation, and every size of a round (7.1, 8.10)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

TABLE_CHUNK, COMPARE_CHUNK, WINDOW = 4096, 128, 6
QUERY_CHUNKS = {1: 2048, 2: 16_384}
"""Bins of a query chunk, by suite."""
SEAL_KEYS, TOKENS = 65_536, 131_072
"""Seal keys, and pseudonyms or claims, of one frame."""
GROUP_ROWS = 2**18
"""Rows of one group of bins, about, in a table that has several."""


@dataclass(frozen=True)
class Slots:
    """Tokens of a table that each side uses: most of one record, and how many of 100 padded records."""

    requester: int
    responder: int
    room_requester: int
    room_responder: int

    def asked(self, records: int) -> int:
        return -(-self.room_requester * records // 100)

    def stored(self, records: int) -> int:
        return -(-self.room_responder * records // 100)

    @property
    def most(self) -> int:
        return max(self.requester, self.responder)


def both(slots: int) -> Slots:
    """The same for both sides, with room for all."""
    return Slots(slots, slots, 100 * slots, 100 * slots)


@dataclass(frozen=True)
class Segment:
    bits: int
    alpha: int
    beta: int
    nu: int


@dataclass(frozen=True)
class Shape:
    segments: list[Segment]
    constant: int
    thresholds: list[int]
    """One or two: possible, strong."""
    tables: list[tuple[int, Slots]]
    """Id and slots."""
    copies_requester: int
    copies_responder: int
    records_requester: int
    records_responder: int
    mutual: bool
    ring_bits: int

    @property
    def filter_bits(self) -> int:
        return sum(segment.bits for segment in self.segments)

    @property
    def payload_bits(self) -> int:
        """Filter and presence bits, up to a whole byte."""
        return 8 * -(-(self.filter_bits + len(self.segments)) // 8)

    @property
    def value_bytes(self) -> int:
        """Payload, pseudonym token, and the tag of a strong pair where there is such a grade."""
        return self.payload_bits // 8 + 16 + 8 * (len(self.thresholds) - 1)


def root(number: int) -> int:
    """The square root, rounded up."""
    return isqrt(number - 1) + 1 if number else 0


@dataclass(frozen=True)
class Group:
    """Bins of one table whose rows lie in one store."""

    first_bin: int
    """In its table."""
    bins: int
    rows: int

    @property
    def columns(self) -> int:
        return -(-11 * self.rows // 10) + 256


def groups(bins: int, tokens: int, group_rows: int = GROUP_ROWS) -> list[Group]:
    """8.10. Another `group_rows` is for test vectors."""
    rows = 3 * tokens
    count = min(bins, max(1, -(-rows // group_rows)))
    if count == 1:
        return [Group(0, bins, rows)]
    out = []
    for g in range(count):
        first, end = g * bins // count, (g + 1) * bins // count
        mean = -(-rows * (end - first) // bins)
        out.append(Group(first, end - first, min(rows, mean + root(56 * mean) + 19)))
    return out


@dataclass(frozen=True)
class TablePlan:
    id: int
    queries: int
    bins: int
    first_bin: int
    tokens: int
    groups: list[Group]

    def group_of(self, local: int) -> int:
        """Number of the group in which a bin of this table lies."""
        return [g for g, group in enumerate(self.groups) if group.first_bin <= local][-1]


def bins_of(queries: int) -> int:
    return max((127 * queries + 99) // 100, queries + 128)


class Plan:
    """All sizes of a round."""

    def __init__(self, shape: Shape, suite: int = 1) -> None:
        self.shape, self.suite = shape, suite
        self.tables: list[TablePlan] = []
        first = 0
        for table_id, slots in shape.tables:
            queries = slots.asked(shape.records_requester) * shape.copies_responder
            bins = bins_of(queries)
            tokens = slots.stored(shape.records_responder) * shape.copies_requester
            self.tables.append(TablePlan(table_id, queries, bins, first, tokens, groups(bins, tokens)))
            first += bins
        self.bins = first
        self.value_bytes = shape.value_bytes

    def locate(self, number: int) -> tuple[TablePlan, int]:
        """Table of a bin, and the bin's number in it."""
        table = [t for t in self.tables if t.first_bin <= number][-1]
        return table, number - table.first_bin

    def chunks(self, size: int) -> list[range]:
        return [range(first, min(first + size, self.bins)) for first in range(0, self.bins, size)]

    def query_chunks(self) -> list[range]:
        return self.chunks(QUERY_CHUNKS[self.suite])

    def table_chunks(self) -> list[int]:
        """Columns of every table chunk: 4,096 of one group, through all groups of all tables."""
        columns = [group.columns for table in self.tables for group in table.groups]
        return [min(TABLE_CHUNK, of - first) for of in columns for first in range(0, of, TABLE_CHUNK)]


def pieces(count: int, most: int) -> list[range]:
    """Numbers of what is split over frames of at most so many."""
    return [range(first, min(first + most, count)) for first in range(0, count, most)]
