"""Layer `table`: one table of S in groups of bins (8.4, 8.10)."""

from __future__ import annotations

from typing import Any

import agree
import plan
from agree import RESPONDER, Commitment, Record
from layers.common import Tests, seed_bytes
from layers.round import SHAPE, written_shape
from plan import GROUP_ROWS, Plan, TablePlan
from responder import Responder, grouped
from sides import Party

TOKENS = 24
BINS = 200


def _sizes(tests: Tests) -> None:
    for comment, flag, bins, tokens in (
        ("20,000 records, two slots: one group", "OneGroup", 50_800, 40_000), ("the last number of tokens with one group", "OneGroup", 5_000, 87_381),
        ("the first with two", "Groups", 5_000, 87_382), ("three groups of unequal numbers of bins", "Groups", 5_000, 200_000),
        ("the most rows that a policy can ask for", "Groups", 2**26, 2**28 // 3), ("fewer bins than groups", "Groups", 129, 2**28 // 3),
    ):  # fmt: skip
        found = plan.groups(bins, tokens)
        if (len(found) == 1) != (flag == "OneGroup"):
            raise ValueError(comment)
        ends = found if len(found) <= 3 else [found[0], found[1], found[-1]]
        tests.valid(
            comment, flag, kind="sizes", bins=bins, tokens=tokens, count=len(found),
            groups=[{"first_bin": g.first_bin, "bins": g.bins, "rows": g.rows, "columns": g.columns} for g in ends],
        )  # fmt: skip


def _responder() -> Responder:
    """24 tokens of 24 records in one table; only what a table needs is real."""
    records = [
        Record(seed_bytes(f"table record {n}"), seed_bytes(f"table filter {n}", 3) + b"\3", [[seed_bytes(f"table token {n}", 16)], []])
        for n in range(20)
    ]
    party, round_id, late_id = Party(seed_bytes("table seed"), b"", records), seed_bytes("table round"), seed_bytes("table late id")
    contents = [(record.digest, record.encoding([1, 7])) for record in records]
    commitment = Commitment(party.seed, contents, TOKENS)
    side = Responder(party, Plan(SHAPE), round_id, commitment, RESPONDER)
    side.keys()
    side.late_id, side.late_random = late_id, side.random.late(late_id)
    return side


def _tables(tests: Tests) -> None:
    side = _responder()
    for comment, flag, group_rows in (("24 tokens in one group", "OneGroup", GROUP_ROWS), ("the same in three groups", "Groups", 30)):
        of_groups = plan.groups(BINS, TOKENS, group_rows)
        table = TablePlan(1, BINS - 128, BINS, 0, TOKENS, of_groups)
        side.plan.tables[0] = table
        stores = side.table(0)
        tests.valid(
            comment, flag, kind="table", seed=side.party.seed.hex(), round_id=side.id.hex(), late_id=side.late_id.hex(),
            shape=written_shape(SHAPE), padded=TOKENS, bins=BINS, tokens=TOKENS, group_rows=group_rows,
            records=[
                {"digest": r.digest.hex(), "filter": r.filter.hex(), "token": r.tokens[0][0].hex()} for r in side.party.records
            ],
            groups=[
                {"first_bin": g.first_bin, "bins": g.bins, "rows": g.rows, "columns": g.columns,
                 "digest": agree.frame_digest(b"".join(store)).hex()}
                for g, store in zip(of_groups, stores)
            ],
        )  # fmt: skip
    # Rows beyond the number of their group are left out; a group that is short of them is filled up.
    table = TablePlan(1, 6, 9, 0, 12, plan.groups(9, 12, 13))
    rows = [(0 if i < 40 else 8, seed_bytes(f"table row {i}", 18), b"") for i in range(45)]
    key = seed_bytes("table fillers")
    tests.valid(
        "rows of one bin: some are left out, elsewhere fillers", "Groups", kind="rows", filler_key=key.hex(), table=1, bins=9, tokens=12,
        group_rows=13, rows=[{"bin": b, "input": item.hex()} for b, item, _ in rows],
        groups=[[{"bin": b, "input": item.hex()} for b, item, _ in group] for group in grouped(table, rows, key, 0)],
    )  # fmt: skip


def files() -> dict[str, dict[str, Any]]:
    tests = Tests()
    _sizes(tests)
    _tables(tests)
    notes = {
        "OneGroup": "8.10: a table with at most 2^18 rows has one group, with exactly 3 rows a token",
        "Groups": "V-OKVS-003: groups of bins. `sizes` lists the first two groups and the last where there are more than three. `group_rows` is "
        "2^18 in a round; less here keeps the test small. `table` gives the digest (as of a frame, 12.1) of each group's columns",
    }
    return {"table": tests.document("table", "spec/08-primitives.md section 8.10", "spec/reference", notes)}
