"""Budgets (14.7): what a round costs, and whether there is room for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agreement import Agreement, Refused, text
from labelled import labelled_hash
from policy import DECLARED, Policy, Table

DAY, LISTS, RETURNS, MUTUAL, REQUESTER = 86_400, 8, 3, 2, 1
PARTS = {
    1: "name_part_k4", 2: "name_part_k5", 3: "name_pair_k4", 4: "name_pair_k5", 5: "name_all_k4", 6: "name_all_k5",
    7: "name_part_p3", 8: "name_pair_p3", 9: "name_initial",
    10: "name_part_k3", 11: "name_part_s3", 12: "name_pair_k3", 16: "birth_date", 17: "birth_year", 18: "birth_month_day",
    19: "birth_year_month", 32: "sex", 33: "nationality", 34: "birth_country", 35: "birth_place", 36: "country_any", 48: "document",
    49: "phone", 50: "email", 51: "document_or_phone", 52: "any_contact", 64: "exact", 65: "word", 66: "k4", 67: "date", 68: "year",
    69: "month_day",
}  # fmt: skip
"""Names of the parts of a key (6.2)."""
ONE_KIND = dict.fromkeys(("nationality", "birth_country", "country_any"), "country")
ONE_KIND |= dict.fromkeys(("document", "phone", "email", "document_or_phone", "any_contact"), "contact")


@dataclass(frozen=True)
class Debit:
    time: int
    role: int
    peer: bytes
    lanes: int
    agreement: str
    look: bytes
    tables: tuple[tuple[str, int], ...]
    """Match key and what its table costs."""
    urgent: bool = False
    """It is of an account of its own (14.9)."""

    def encode(self) -> bytes:
        """As in an entry of the audit log (15.2), after its time."""
        out = bytes([self.role]) + self.peer + bytes([self.lanes]) + text(self.agreement) + self.look
        out += bytes([len(self.tables)])
        return out + b"".join(text(key) + bins.to_bytes(8, "big") for key, bins in self.tables)

    def bins_of(self, key: str) -> int:
        """Of all tables whose key contains this one or is contained in it."""
        return sum(bins for name, bins in self.tables if related(kinds(name), kinds(key)))


def part_name(kind: int, declared: str) -> str:
    return f"{declared}.{PARTS[kind]}" if kind >= DECLARED else PARTS[kind]


def key_name(key: tuple[tuple[int, str], ...]) -> str:
    """Of a match key: the names of its parts, sorted, whatever order a policy has."""
    return "+".join(sorted(part_name(*part) for part in key))


def kinds(key: str) -> frozenset[str]:
    """Parts of a key by its name; forms of a name part are one kind, and so are the countries, and so are the contacts."""
    return frozenset(ONE_KIND.get(part) or re.sub("^name_(part|pair|all)_..$", r"name_\1", part) for part in key.split("+"))


def related(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether one key contains the other: then who sweeps one sweeps the other."""
    return one <= two or two <= one


def bins(queries: int) -> int:
    return max(-(-127 * queries // 100), queries + 128)


def tried(policy: Policy, table: Table) -> int:
    """Values of a key that a responder can try: those of its tokens, or those that it lists (2.4), whatever is more."""
    return max(table.slots.stored(policy.records[1]) * policy.copies[0], policy.records[1])


def cost(policy: Policy, table: Table) -> int:
    """Bins; in mutual mode what the responder can try, if it is more."""
    asked = bins(table.slots.asked(policy.records[0]) * policy.copies[1])
    return max(asked, tried(policy, table)) if policy.output == MUTUAL else asked


def debit(policy: Policy, role: int, peer: bytes, time: int, urgent: bool = False) -> Debit:
    """V-BUDGET-001, V-BUDGET-004."""
    look = labelled_hash("blindlink/1 look", [replace(policy, name="", records=(0, 0)).encode()])
    tables = tuple((key_name(t.key), cost(policy, t)) for t in policy.tables)
    return Debit(time, role, peer, policy.lanes, policy.agreement, look, tables, urgent)


List = frozenset[tuple[bytes, bytes]]
"""Of every record its digest (4.4) and what was encoded of it (9.1)."""


def too_near(one: List, two: List, least: int) -> bool:
    """V-BUDGET-006."""
    records, encodings = (len({of[i] for of in one} ^ {of[i] for of in two}) for i in (0, 1))
    return encodings > 0 and (encodings < least or 0 < records < least)


@dataclass
class Account:
    """One node's debits, and the lists with which it entered rounds."""

    debits: list[Debit] = field(default_factory=list)
    returned: list[tuple[int, Debit]] = field(default_factory=list)
    """Debits that were given back, each with the time at which."""
    lists: dict[tuple[int, bytes, int], list[List]] = field(default_factory=dict)
    asked: list[tuple[Debit, List]] = field(default_factory=list)
    """Urgent rounds of the requester, with their lists."""

    def enter(self, agreement: Agreement, new: Debit, records: List) -> None:
        """Refuses the round, and keeps nothing of it, or debits it."""
        _, _, rounds, days, most, _, _, least, changes, _ = agreement.caps
        if new.urgent:
            # V-URGENT-004
            assert agreement.urgent is not None
            rounds, most = agreement.urgent.rounds_per_day, agreement.urgent.bins_per_table
        road = (new.role, new.peer, new.lanes)
        same_road = [d for d in self.debits if (d.role, d.peer, d.lanes) == road and d.urgent == new.urgent]
        # V-BUDGET-003
        if len([d for d in same_road if d.time > new.time - DAY]) >= rounds:
            raise Refused("Rounds")
        period = [d for d in same_road if d.time > new.time - days * DAY]
        # V-BUDGET-004
        looks = {new.look} | {d.look for d in period if d.agreement == new.agreement}
        if len(looks) > changes + 1:
            raise Refused("Changes")
        # V-BUDGET-002
        for key in sorted({key for key, _ in new.tables}):
            if sum(d.bins_of(key) for d in [*period, new]) > most:
                raise Refused("Bins")
        if new.urgent and new.role == REQUESTER:
            self._ask(agreement, new, records)
            return
        # V-BUDGET-006, V-URGENT-006
        known = self.lists.setdefault(road, [])
        if any(too_near(records, before, least) for before in known):
            raise Refused("Batch")
        self.debits.append(new)
        self.lists[road] = [*(before for before in known if before != records), records][-LISTS:]

    def _ask(self, agreement: Agreement, new: Debit, records: List) -> None:
        """V-URGENT-005."""
        assert agreement.urgent is not None
        since = new.time - agreement.urgent.again_days * DAY
        for debit, before in self.asked:
            if debit.time > since and (debit.peer, debit.lanes) == (new.peer, new.lanes):
                if any({one[i] for one in records} & {one[i] for one in before} for i in (0, 1)):
                    raise Refused("Batch")
        self.debits.append(new)
        self.asked.append((new, records))

    def give_back(self, debit: Debit, time: int) -> bool:
        """V-BUDGET-007: of a round that stopped before this side had sent anything that rests on its list."""
        road = (debit.role, debit.peer, debit.lanes)
        late = [d for at, d in self.returned if at > time - DAY and (d.role, d.peer, d.lanes) == road]
        if len(late) >= RETURNS:
            return False
        self.debits.remove(debit)
        self.returned.append((time, debit))
        return True
