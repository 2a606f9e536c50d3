"""What a policy says of the computation, and every size of a round (7.1)."""

from __future__ import annotations

from dataclasses import dataclass

QUERY_CHUNK, TABLE_CHUNK, COMPARE_CHUNK, WINDOW = 2048, 4096, 128, 6


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
    tables: list[tuple[int, int]]
    """Id and slots."""
    copies_requester: int
    copies_responder: int
    records_requester: int
    records_responder: int
    mutual: bool
    check_bits: int
    check_weight: int
    ring_bits: int

    @property
    def filter_bits(self) -> int:
        return sum(segment.bits for segment in self.segments)

    @property
    def payload_bits(self) -> int:
        return self.filter_bits + len(self.segments) + self.check_bits


@dataclass(frozen=True)
class TablePlan:
    id: int
    queries: int
    bins: int
    first_bin: int
    tokens: int
    columns: int


class Plan:
    """All sizes of a round."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.tables: list[TablePlan] = []
        first = 0
        for table_id, slots in shape.tables:
            queries = slots * shape.copies_responder * shape.records_requester
            bins = max((127 * queries + 99) // 100, queries + 128)
            tokens = slots * shape.copies_requester * shape.records_responder
            columns = -(-11 * 3 * tokens // 10) + 256
            self.tables.append(TablePlan(table_id, queries, bins, first, tokens, columns))
            first += bins
        self.bins = first
        self.value_bytes = shape.payload_bits // 8 + 16

    def locate(self, number: int) -> tuple[TablePlan, int]:
        """Table of a bin, and the bin's number in it."""
        table = [t for t in self.tables if t.first_bin <= number][-1]
        return table, number - table.first_bin

    def chunks(self, size: int) -> list[range]:
        return [range(first, min(first + size, self.bins)) for first in range(0, self.bins, size)]
