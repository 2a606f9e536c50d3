"""Layer `budget`: rounds over time, each let in and debited or refused (14.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import admission
import agreement_validator
import budget
from agreement import Agreement, Refused
from budget import Account
from layers import small
from layers.common import REFUSAL_CODES, Tests, seed_bytes
from layers.small import DAY, FROM, NODES, STRANGER
from plan import both
from policy import FilterSegment, Policy, Table

PEER = NODES[1]
COST = 131
"""Bins of a round under the small policy."""


def _list(*numbers: int, renewed: str = "", under: str = "") -> list[bytes]:
    """Digest and encoding of each record: of one whose `renewed` is another the digest changed, and under another context
    every encoding is another."""
    return [seed_bytes(f"budget record {n}{renewed}") + seed_bytes(f"budget encoding {n}{under}") for n in numbers]


USUAL = _list(1, 2, 3)


def _round(time: int, said: str = "", policy: Policy | None = None, role: int = 2, peer: bytes = PEER, records: list[bytes] | None = None, stopped: int | None = None) -> dict[str, Any]:
    return {
        "time": time, "said": said, "policy": policy or small.policy(), "role": role, "peer": peer,
        "records": USUAL if records is None else records, "stopped": stopped,
    }  # fmt: skip


class Cases:
    def __init__(self) -> None:
        self.tests = Tests(REFUSAL_CODES)

    def case(self, comment: str, flag: str, it: Agreement, rounds: list[dict[str, Any]]) -> None:
        """Invalid if the last round is refused; a refusal before is marked with its code."""
        agreement_validator.check(it)
        account, written, fault = Account(), [], ""
        for number, one in enumerate(rounds):
            urgent = admission.is_urgent(it, one["policy"].digest())
            debit = budget.debit(one["policy"], one["role"], one["peer"], one["time"], urgent)
            fields: dict[str, Any] = {
                "time": one["time"], "role": one["role"], "peer": one["peer"].hex(),
                "policy": one["policy"].encode().hex(), "records": [record.hex() for record in one["records"]],
                "debit": debit.encode().hex(),
            }  # fmt: skip
            try:
                account.enter(it, debit, frozenset((record[:32], record[32:]) for record in one["records"]))
                fault = ""
            except Refused as refused:
                fault = str(refused)
            if fault != one["said"]:
                raise ValueError(f"{comment}, round {number}: {fault or 'let in'}")
            if fault and number < len(rounds) - 1:
                fields["refused"] = REFUSAL_CODES[fault]
            if one["stopped"] is not None:
                if fault:
                    raise ValueError(f"{comment}, round {number}: stopped, but never let in")
                fields["stopped"] = {"time": one["stopped"], "returned": account.give_back(debit, one["stopped"])}
            written.append(fields)
        fields = {"agreement": it.encode().hex(), "rounds": written}
        if fault:
            self.tests.invalid(comment, flag, fault, **fields)
        else:
            self.tests.valid(comment, flag, **fields)


def _caps(rounds: int = 1000, days: int = 30, bins: int = 2**40, delta: int = 1, changes: int = 100) -> Agreement:
    it = small.agreement()
    return replace(it, caps=(3, 2, rounds, days, bins, 2, 3, delta, changes, 2), retention=(30, 30, max(30, days)))


def _key(*parts: int, name: str = "other", number: int = 2, slots: int = 1) -> Table:
    return Table(number, name, tuple((part, "") for part in parts), both(slots), 15)


def _bins(cases: Cases) -> None:
    three, one_less = _caps(bins=3 * COST), _caps(bins=3 * COST - 1)
    days = [FROM + n * 2 * DAY for n in range(4)]
    in_room = [_round(at) for at in days[:3]]
    cases.case("three rounds use up the last bin", "Room", three, in_room)
    cases.case("a fourth has no room", "Bins", three, [*in_room, _round(days[3], "Bins")])
    cases.case("a bin less, and the third has none", "Bins", one_less, [*in_room[:2], _round(days[2], "Bins")])
    cases.case("not even one", "Bins", _caps(bins=COST - 1), [_round(FROM, "Bins")])
    end = FROM + 30 * DAY
    old = [_round(FROM), _round(FROM + DAY), _round(FROM + 2 * DAY)]
    cases.case("after the period the first is forgotten", "Room", three, [*old, _round(end)])
    cases.case("a second before it is not", "Bins", three, [*old, _round(end - 1, "Bins")])
    refused = [_round(end - 2, "Bins"), _round(end - 1, "Bins")]
    cases.case("what was refused is not debited", "Room", three, [*old, *refused, _round(end), _round(end + DAY)])
    cases.case("and only what was forgotten is free again", "Bins", three, [*old, _round(end), _round(end, "Bins")])
    back = [_round(FROM + DAY), _round(FROM + DAY), _round(FROM + DAY)]
    cases.case("a clock that goes back gives nothing back", "Bins", three, [*back, _round(FROM, "Bins")])
    for comment, other in (
        ("the other role has its own", {"role": 1}),
        ("another peer has its own", {"peer": STRANGER}),
        ("other lanes have their own", {"policy": small.policy(lanes=2)}),
        ("another key has its own", {"policy": small.policy(tables=(_key(49),))}),
        ("a key that shares a part is another key", {"policy": small.policy(tables=(_key(17, 49),))}),
    ):
        cases.case(comment, "Room", three, [*in_room, _round(days[3], **other)])
    elsewhere = small.policy(agreement="elsewhere")
    cases.case("another agreement has not", "Bins", three, [*in_room, _round(days[3], "Bins", policy=elsewhere)])
    renamed = small.policy(tables=(_key(16, name="renamed", number=9),))
    cases.case("another number and name of the table neither", "Bins", three, [*in_room, _round(days[3], "Bins", policy=renamed)])
    long, turned = (small.policy(tables=(_key(*parts),)) for parts in ((16, 32), (32, 16)))
    first = [_round(at, policy=long) for at in days[:3]]
    comment = "the same parts in another order are the same key"
    cases.case(comment, "Bins", three, [*first, _round(days[3], "Bins", policy=turned)])
    for comment, other in (("a longer key counts with it", (16, 32)), ("a name beside it too", (7, 16))):
        longer = small.policy(tables=(_key(*other),))
        cases.case(comment, "Bins", three, [*in_room, _round(days[3], "Bins", policy=longer)])
    one_kind = [small.policy(tables=(_key(part, 33),)) for part in (1, 2, 7)]
    asked = [_round(at, policy=it) for at, it in zip(days, one_kind)]
    cases.case("skeletons and beginnings of a name are one kind", "Bins", three, [*asked, _round(days[3], "Bins", policy=one_kind[0])])
    pair = small.policy(tables=(_key(3, 33),))
    cases.case("two names are another kind than one", "Room", three, [*asked, _round(days[3], policy=pair)])
    twice = small.policy(tables=(Table(1, "one", ((16, ""),), both(1), 15), _key(16)))
    cases.case("two tables of one key count together", "Room", _caps(bins=2 * COST), [_round(FROM, policy=twice)])
    cases.case("and have no room for a bin less", "Bins", _caps(bins=2 * COST - 1), [_round(FROM, "Bins", policy=twice)])
    second = small.policy(tables=(Table(1, "one", ((49, ""),), both(1), 15), _key(16)))
    cases.case("one key of two has no room", "Bins", three, [*in_room, _round(days[3], "Bins", policy=second)])
    phone = small.policy(tables=(_key(49),))
    after = [_round(days[3], "Bins", policy=second), _round(days[3], policy=phone), _round(days[3], policy=phone)]
    cases.case("and then the other is not debited either", "Room", three, [*in_room, *after, _round(days[3], policy=phone)])


def _costs(cases: Cases) -> None:
    roomy = _caps()
    declared = small.policy(
        fields=(("register", 5),), segments=(FilterSegment("names", ((1, ""),), 16, 2, (5, -1, 1)),), score=(1, -10, 8),
        tables=(Table(4, "first", ((7, ""), (18, "")), both(2), 16), Table(7, "second", ((64, "register"), (9, "")), both(1), 15)),
    )  # fmt: skip
    cases.case("parts of a key, a declared field among them", "Cost", roomy, [_round(FROM, policy=declared)])
    many = small.policy(records=(1000, 2), copies=(1, 2), tables=(_key(48, slots=3),))
    many = replace(many, tables=(replace(many.tables[0], domain_bits=30),))
    cases.case("slots, copies of the responder and padded records", "Cost", roomy, [_round(FROM, policy=many)])
    copies = replace(many, copies=(2, 1))
    cases.case("copies of the requester cost nothing", "Cost", roomy, [_round(FROM, policy=copies)])
    sweep = small.policy(records=(1, 5000), copies=(2, 1), tables=(replace(_key(48, slots=3), domain_bits=30),))
    cases.case("mutual: the tokens of the responder, where they are more", "Cost", roomy, [_round(FROM, policy=sweep)])
    narrow = replace(sweep, records=(1, 7000), tables=(replace(sweep.tables[0], slots=replace(sweep.tables[0].slots, room_responder=30)),))
    cases.case("mutual: the responder's list, where it is longer than its tokens", "Cost", roomy, [_round(FROM, policy=narrow)])
    alone = replace(sweep, output=1)
    cases.case("not where only the requester learns", "Cost", roomy, [_round(FROM, policy=alone)])


def _rounds(cases: Cases) -> None:
    two = _caps(rounds=2)
    day = [_round(FROM), _round(FROM + 100)]
    cases.case("two rounds in a day", "Room", two, day)
    cases.case("a third in the same day", "Rounds", two, [*day, _round(FROM + DAY - 1, "Rounds")])
    cases.case("a day after the first", "Room", two, [*day, _round(FROM + DAY)])
    refused = [_round(FROM + 200 + n, "Rounds") for n in range(3)]
    cases.case("refused rounds are none", "Room", two, [*day, *refused, _round(FROM + DAY)])
    cases.case("rounds at the same second", "Rounds", two, [_round(FROM), _round(FROM), _round(FROM, "Rounds")])
    cases.case("as the requester besides", "Room", two, [*day, _round(FROM + 200, role=1)])
    cases.case("with another peer besides", "Room", two, [*day, _round(FROM + 200, peer=STRANGER)])
    later = [_round(FROM + 500), _round(FROM + 600)]
    cases.case("a debit of the future counts", "Rounds", two, [*later, _round(FROM, "Rounds")])
    cases.case("the day comes before the bins", "Rounds", _caps(rounds=1, bins=COST), [_round(FROM), _round(FROM, "Rounds")])


def _changes(cases: Cases) -> None:
    score = small.policy().score

    def look(number: int, **changes: Any) -> Policy:
        return small.policy(score=(*score[:2], 8 + number, 20), **changes)

    one = _caps(changes=1)
    moved = [_round(FROM, policy=look(0)), _round(FROM + DAY, policy=look(1))]
    cases.case("one change", "Room", one, moved)
    cases.case("a second change", "Changes", one, [*moved, _round(FROM + 2 * DAY, "Changes", policy=look(2))])
    cases.case("back to the first is none", "Room", one, [*moved, _round(FROM + 2 * DAY, policy=look(0))])
    cases.case("none is allowed", "Changes", _caps(changes=0), [moved[0], _round(FROM + DAY, "Changes", policy=look(1))])
    end = FROM + 30 * DAY
    cases.case("after the period the first look is forgotten", "Room", one, [*moved, _round(end, policy=look(2))])
    cases.case("a second before it is not", "Changes", one, [*moved, _round(end - 1, "Changes", policy=look(2))])
    refused = _round(FROM + 2 * DAY, "Changes", policy=look(2))
    cases.case("a look that was refused is not remembered", "Room", one, [*moved, refused, _round(end, policy=look(3))])
    other_name = look(2, agreement="elsewhere")
    cases.case("under another agreement", "Room", one, [*moved, _round(FROM + 2 * DAY, policy=other_name)])
    longer = [_round(FROM + 2 * DAY, policy=small.policy(name="longer", records=(2, 1))), moved[0] | {"time": FROM + 3 * DAY}]
    cases.case("name and padded sizes are no look", "Room", _caps(changes=0), [moved[0], *longer])
    lines = small.policy().segments
    weight = small.policy(segments=(replace(lines[0], weights=(5, -1, 2)), lines[1]))
    cases.case("a weight is", "Changes", _caps(changes=0), [moved[0], _round(FROM + DAY, "Changes", policy=weight)])
    few = _caps(changes=0, bins=COST)
    cases.case("changes come before the bins", "Changes", few, [moved[0], _round(FROM + DAY, "Changes", policy=look(1))])


def _batches(cases: Cases) -> None:
    five = _caps(delta=5)
    usual = _list(*range(10))
    more = [_list(*range(10 + n)) for n in range(7)]
    first = _round(FROM, records=usual)
    cases.case("the same list again", "Room", five, [first, _round(FROM + DAY, records=usual[::-1])])
    cases.case("five records more", "Room", five, [first, _round(FROM + DAY, records=more[5])])
    cases.case("four more", "Batch", five, [first, _round(FROM + DAY, "Batch", records=more[4])])
    cases.case("four fewer", "Batch", five, [first, _round(FROM + DAY, "Batch", records=usual[:6])])
    cases.case("two exchanged", "Batch", five, [first, _round(FROM + DAY, "Batch", records=[*usual[:8], *_list(20, 21)])])
    cases.case("three exchanged", "Room", five, [first, _round(FROM + DAY, records=[*usual[:7], *_list(20, 21, 22)])])
    steps = [first, _round(FROM + DAY, records=more[6]), _round(FROM + 2 * DAY, "Batch", records=more[2])]
    cases.case("compared with the list before the last too", "Batch", five, steps)
    small_steps = [first, _round(FROM + DAY, "Batch", records=more[3]), _round(FROM + 2 * DAY, records=more[6])]
    cases.case("a list that was refused is not remembered", "Room", five, small_steps)
    lists = [_list(*range(100 * n, 100 * n + 6)) for n in range(1, 9)]
    eight = [_round(FROM + n * DAY, records=records) for n, records in enumerate([usual, *lists])]
    late = FROM + 40 * DAY
    cases.case("eight lists later", "Room", five, [*eight, _round(late, records=more[1])])
    cases.case("seven lists later", "Batch", five, [*eight[:8], _round(late, "Batch", records=more[1])])
    again = [*eight[:4], _round(FROM + 4 * DAY, records=usual), *(one | {"time": FROM + n * DAY} for n, one in enumerate(eight[4:], 5))]
    cases.case("a list that came again is as young as its last round", "Batch", five, [*again[:-1], _round(late, "Batch", records=more[1])])
    cosmetic = [*_list(*range(50), renewed=" corrected"), *_list(50)]
    fifty = _round(FROM, records=_list(*range(50)))
    cases.case("a new record among many whose files were renamed", "Batch", five, [fifty, _round(FROM + DAY, "Batch", records=cosmetic)])
    cases.case("nothing but such names", "Room", five, [fifty, _round(FROM + DAY, records=cosmetic[:50])])
    epoch = _list(*range(51), under=" in another epoch")
    cases.case("a new record under another context", "Batch", five, [fifty, _round(FROM + DAY, "Batch", records=epoch)])
    cases.case("another context alone", "Room", five, [fifty, _round(FROM + DAY, records=epoch[:50])])
    cases.case("with another peer", "Room", five, [first, _round(FROM + DAY, records=more[1], peer=STRANGER)])
    cases.case("in the other role", "Room", five, [first, _round(FROM + DAY, records=more[1], role=1)])
    cases.case("in other lanes", "Room", five, [first, _round(FROM + DAY, records=more[1], policy=small.policy(lanes=2))])
    cases.case("long after the period", "Batch", five, [first, _round(FROM + 300 * DAY, "Batch", records=more[1])])
    cases.case("an empty list, then a record", "Batch", five, [_round(FROM, records=[]), _round(FROM + DAY, "Batch", records=_list(1))])
    cases.case("the least difference is one record", "Room", _caps(delta=1), [first, _round(FROM + DAY, records=more[1])])


def _returns(cases: Cases) -> None:
    """A round with `stopped` ended then, before anything that rests on the own list had left."""
    two = _caps(rounds=2)
    stopped = [_round(FROM + n, stopped=FROM + n + 5) for n in range(3)]
    cases.case("what is given back is no round", "Room", two, [*stopped, _round(FROM + 100), _round(FROM + 101)])
    cases.case("what was not given back is one", "Rounds", two, [*stopped, _round(FROM + 100), _round(FROM + 101), _round(FROM + 102, "Rounds")])
    one = _caps(bins=COST)
    cases.case("its bins are free again", "Room", one, [_round(FROM, stopped=FROM), _round(FROM + 1)])
    cases.case("and are spent once", "Bins", one, [_round(FROM, stopped=FROM), _round(FROM + 1), _round(FROM + 2, "Bins")])
    fourth = [*stopped, _round(FROM + 10, stopped=FROM + 11)]
    cases.case("three a day: the fourth stays", "Bins", one, [*fourth, _round(FROM + 100, "Bins")])
    end = FROM + 5 + DAY
    late = [*stopped, _round(FROM + 10, stopped=end)]
    cases.case("a day after the first it does not", "Room", one, [*late, _round(end + 1)])
    soon = [*stopped, _round(FROM + 10, stopped=end - 1)]
    cases.case("a second before it does", "Bins", one, [*soon, _round(end, "Bins")])
    back = [_round(FROM + n, stopped=FROM + DAY) for n in range(3)]
    cases.case("one of the future counts", "Bins", one, [*back, _round(FROM + 10, stopped=FROM + 11), _round(FROM + 12, "Bins")])
    other = [_round(FROM + 10, role=1, stopped=FROM + 11), _round(FROM + 20, role=1)]
    cases.case("the other role has three of its own", "Room", one, [*stopped, *other])
    stranger = [_round(FROM + 10, peer=STRANGER, stopped=FROM + 11), _round(FROM + 20, peer=STRANGER)]
    cases.case("another peer has three of its own", "Room", one, [*stopped, *stranger])
    lanes = small.policy(lanes=2)
    lane = [_round(FROM + 10, policy=lanes, stopped=FROM + 11), _round(FROM + 20, policy=lanes)]
    cases.case("other lanes have three of their own", "Room", one, [*stopped, *lane])
    score = small.policy().score
    moved = small.policy(score=(*score[:2], 9, 20))
    first = _round(FROM, policy=moved, stopped=FROM + 1)
    cases.case("a look that was given back is none", "Room", _caps(changes=0), [first, _round(FROM + 2)])
    five = _caps(delta=5)
    usual, more = _list(*range(10)), _list(*range(11))
    seen = _round(FROM, records=usual, stopped=FROM + 1)
    cases.case("its list stays remembered", "Batch", five, [seen, _round(FROM + 2, "Batch", records=more)])


def _urgent(cases: Cases) -> None:
    """Urgent rounds (14.9): 129 bins each."""
    ask = small.urgent_policy()
    it = replace(_caps(rounds=1, bins=2 * COST, delta=5), urgent=replace(small.URGENT, bins_per_table=3 * 129))
    persons = [_list(n) for n in range(8)]

    def asks(time: int, person: int, said: str = "", **more: Any) -> dict[str, Any]:
        return _round(time, said, policy=ask, records=persons[person], **({"role": 1} | more))

    day = [asks(FROM, 0), asks(FROM + 100, 1)]
    cases.case("two urgent rounds in a day", "Urgent", it, day)
    cases.case("a third in the same day", "Rounds", it, [*day, asks(FROM + 200, 2, "Rounds")])
    cases.case("three use up the bins of urgent rounds", "Urgent", it, [*day, asks(FROM + DAY, 2)])
    cases.case("a fourth has no room", "Bins", it, [*day, asks(FROM + DAY, 2), asks(FROM + 2 * DAY, 3, "Bins")])
    beside = [*day, _round(FROM + 200, role=1)]
    cases.case("ordinary rounds have their own account", "Urgent", it, beside)
    cases.case("and so have urgent ones", "Urgent", it, [_round(FROM, role=1), *(one | {"time": one["time"] + 50} for one in day)])
    cases.case("a second ordinary round has no room although", "Rounds", it, [*beside, _round(FROM + 300, "Rounds", role=1)])
    again = FROM + 20 * DAY
    cases.case("the same person again too early", "Again", it, [asks(FROM, 0), asks(again - 1, 0, "Batch")])
    cases.case("the same person again", "Urgent", it, [asks(FROM, 0), asks(again, 0)])
    two = _round(FROM + DAY, "Batch", policy=ask, role=1, records=[*persons[3], *persons[0]])
    cases.case("the same person together with another", "Again", it, [asks(FROM, 0), two])
    renamed = _round(FROM + DAY, "Batch", policy=ask, role=1, records=_list(0, renewed=" corrected"))
    cases.case("the same person under another case reference", "Again", it, [asks(FROM, 0), renamed])
    other_keys = _round(FROM + DAY, "Batch", policy=ask, role=1, records=_list(0, under=" in another epoch"))
    cases.case("the same person under another context", "Again", it, [asks(FROM, 0), other_keys])
    refused = [*day, asks(FROM + 200, 2, "Rounds"), asks(FROM + 2 * DAY, 2)]
    cases.case("who was refused was not asked about", "Urgent", it, refused)
    cases.case("another peer may be asked", "Urgent", it, [asks(FROM, 0), asks(FROM + 1, 0, peer=STRANGER)])
    cases.case("a clock that goes back forgets nobody", "Again", it, [asks(FROM + DAY, 0), asks(FROM, 0, "Batch")])
    usual = _round(FROM, role=1, records=_list(*range(10)))
    one_more = _round(FROM + 2 * DAY, "Batch", role=1, records=_list(*range(11)))
    cases.case("a person who was asked about hides in no ordinary list", "Batch", it, [usual, asks(FROM + DAY, 5), one_more])
    answered = [_round(FROM, records=_list(*range(10))), _round(FROM + DAY, policy=ask, records=_list(*range(10)))]
    cases.case("the responder's list is the same", "Urgent", it, answered)
    moved = _round(FROM + DAY, "Batch", policy=ask, records=_list(*range(11)))
    cases.case("the responder's list has one record more", "Batch", it, [answered[0], moved])
    grown = _round(FROM + DAY, policy=ask, records=_list(*range(15)))
    cases.case("the responder's list has five more", "Urgent", it, [answered[0], grown])
    back = _round(FROM + 3 * DAY, "Batch", records=_list(*range(14)))
    cases.case("what it answered an urgent round with is remembered", "Batch", it, [answered[0], grown, back])
    stopped = [_round(FROM, policy=ask, records=USUAL, stopped=FROM + 5), _round(FROM + 6, policy=ask), _round(FROM + 7, policy=ask)]
    cases.case("the debit of one that stopped early is given back", "Urgent", it, stopped)


def files() -> dict[str, dict[str, Any]]:
    cases = Cases()
    for part in (_costs, _bins, _rounds, _changes, _batches, _returns, _urgent):
        part(cases)
    notes = {
        "Cost": "V-BUDGET-001, V-BUDGET-004: what a round debits",
        "Room": "V-BUDGET-002 to V-BUDGET-007: every round is let in, but those with `refused`, of which nothing is kept; the debit of one with `stopped` is given back, or not",
        "Bins": "V-BUDGET-002: the last round must be refused",
        "Rounds": "V-BUDGET-003: the last round must be refused",
        "Changes": "V-BUDGET-004: the last round must be refused",
        "Batch": "V-BUDGET-006, V-URGENT-006: the last round must be refused",
        "Urgent": "V-URGENT-004 to V-URGENT-006: as under Room; a round whose policy is that of the urgent part is urgent",
        "Again": "V-URGENT-005: the last round must be refused",
    }
    return {"budget": cases.tests.document("budget", "spec/14-agreement.md section 14.7", "spec/reference", notes)}
