"""Seals (8.9), copies (5.5), what the late round id gives (9.2.1), and walks in crowded cuckoo tables (8.3)."""

from __future__ import annotations

from typing import Any

import agree
import cuckoo
import okvs
import seals
import sides
from agree import RESPONDER, Randomness, Record
from layers.common import Tests, seed_bytes

LATE = seed_bytes("settling late id")


def _number(label: str) -> int:
    return int.from_bytes(seed_bytes(f"settling {label}", 16), "little")


def _seals() -> dict[str, Any]:
    tests = Tests()
    delta = _number("delta") | 1
    chunk, key = 3, seed_bytes("settling seal key")
    sealing = seals.sealing_key(LATE, chunk, key)
    token = seed_bytes("settling token", 16)
    for comment, flag, number, mutual, circuits, reached in (
        ("requester only, one threshold, reached", "Reached", 7, False, 1, (True,)),
        ("requester only, one threshold, not reached", "Missed", 8, False, 1, (False,)),
        ("requester only, both reached", "Reached", 9, False, 2, (True, True)),
        ("requester only, the lower reached", "Reached", 10, False, 2, (True, False)),
        ("mutual, one threshold, reached", "Reached", 11, True, 1, (True,)),
        ("mutual, both reached", "Reached", 12, True, 2, (True, True)),
        ("mutual, the lower reached", "Reached", 2**25, True, 2, (True, False)),
        ("mutual, only the upper reached: neither opens", "Missed", 14, True, 2, (False, True)),
        ("mutual, none reached", "Missed", 15, True, 2, (False, False)),
    ):
        size = 16 + 8 * (circuits - 1)
        mask = seed_bytes(f"settling mask {number}", size)
        zero = [_number(f"label {number} {i}") for i in range(circuits)]
        sealed = seals.seal(sealing, number, mask, zero, delta, mutual)
        content = token + (seals.strong_tag(LATE, token, number) if circuits > 1 else b"")
        share = okvs.xor(content, mask)
        labels = [label if hit else label ^ delta for label, hit in zip(zero, reached)]
        found, tag, checked = seals.opened(sealing, number, sealed, share, labels, mutual)
        strong = circuits > 1 and tag == seals.strong_tag(LATE, found, number)
        if (found == token) != reached[0] or not checked or strong != all(reached) * (circuits > 1):
            raise ValueError(comment)
        tests.valid(
            comment, flag, late_id=LATE.hex(), chunk=chunk, key=key.hex(), commitment=seals.commitment(LATE, chunk, key).hex(),
            bin=number, mutual=mutual, mask=mask.hex(), delta=delta.to_bytes(16, "little").hex(),
            reached=[label.to_bytes(16, "little").hex() for label in zero], seal=sealed.hex(), share=share.hex(),
            labels=[label.to_bytes(16, "little").hex() for label in labels], token=found.hex(),
            pseudonym=seals.shown(found).hex(), strong=strong,
        )  # fmt: skip
    notes = {
        "Reached": "V-SETTLE-009 to V-SETTLE-011: the seal of a bin from its mask (g_b, h_b) and the labels that mean `reached`; "
        "what R opens with its share and its active `labels`",
        "Missed": "what opens is another token, which nobody lists",
    }
    return tests.document("seals", "spec/08-primitives.md section 8.9", "spec/reference", notes)


def _copies() -> dict[str, Any]:
    tests = Tests()
    key = seed_bytes("settling keep key")
    names = {name: seed_bytes(f"settling holder {name}", 16) for name in "abcdef"}
    for comment, flag, table, slots, most, room, held in (
        ("one copy", "Kept", 0, 2, 1, 9, "a b ab"), ("three of five holders", "Kept", 2, 2, 3, 9, "a a ab a a"),
        ("fewer holders than copies", "Spread", 1, 2, 8, 9, "a b a c"),
        ("eight of nine", "Kept", 31, 2, 8, 9, "c c c c c c c c c"), ("nobody", "Spread", 0, 2, 2, 9, ""),
        ("the one with tokens in fewer tables", "Kept", 1, 1, 1, 9, "a2 a1 a a2 b b1"),
        ("one slot of three tokens", "Room", 0, 1, 2, 9, "abc abc abc"),
        ("first tokens before second ones", "Room", 0, 3, 1, 4, "ab1 c d2 ef"),
        ("of second ones those of records in fewer tables", "Room", 0, 2, 1, 5, "ab2 cd1 ef"),
        ("no room for a copy", "Room", 0, 1, 3, 2, "a a a"), ("no room at all but for one", "Room", 3, 2, 1, 1, "ab cd"),
    ):  # fmt: skip
        records, others = [], []
        for holder in held.split():
            others.append(int(digits) if (digits := holder.strip("abcdef")) else 0)
            own = sorted(names[n] for n in holder if n in names)
            records.append(Record(b"", b"", [[]] * table + [own] + [[names["a"]]] * others[-1]))
        kept = sides.kept(records, table, slots, most, room, key)
        tests.valid(
            comment, flag, keep_key=key.hex(), table=table, slots=slots, copies=most, room=room,
            records=[
                {"tokens": [token.hex() for token in record.tokens[table]], "others": more}
                for record, more in zip(records, others)
            ],
            kept=[{"token": token.hex(), "copy": copy, "record": record} for token, copy, record in kept],
        )  # fmt: skip
    notes = {
        "Kept": "V-ENCODE-008: those with the smallest priority; V-ENCODE-013: which copy index each has",
        "Room": "V-ENCODE-014: first tokens of records before second ones, as far as there is room",
        "Spread": "V-ENCODE-013: indices are distinct, below `copies`, and no ranks",
    }
    return tests.document("copies", "spec/05-encode.md section 5.5", "spec/reference", notes)


def _late() -> dict[str, Any]:
    tests = Tests()
    seed, root, round_id = (seed_bytes(f"settling {name}") for name in ("seed", "root", "round id"))
    to_keys, to_digests, chain = (seed_bytes(f"settling {name}") for name in ("to keys", "to digests", "to correction"))
    random = Randomness.of_party(seed, round_id, root, RESPONDER)
    for comment, flag, keys, digests, corrections in (
        ("a round", "Late", to_keys, to_digests, chain),
        ("other queries", "Other", to_keys, seed_bytes("settling other digests"), chain),
        ("other keys", "Other", seed_bytes("settling other keys"), to_digests, chain),
        ("another correction", "Other", to_keys, to_digests, seed_bytes("settling other correction")),
    ):
        late_id = agree.late_id(round_id, keys, digests)
        late = random.late(late_id)
        tests.valid(
            comment, flag, seed=seed.hex(), root=root.hex(), round_id=round_id.hex(), to_keys=keys.hex(), to_digests=digests.hex(),
            chunk=5, to_correction=corrections.hex(), late_id=late_id.hex(),
            bin_mask=okvs.prf(late.key("bin mask"), [9], 40).hex(), pseudonym=okvs.prf(late.key("pseudonym"), [2], 16).hex(),
            filler=okvs.prf(late.key("okvs filler"), [7, 1, 3], 18).hex(), offer_key=late.key("base ot", b"offer", b"\1").hex(),
            label_seed=late.key("label seed", seals.u32(5), corrections)[:16].hex(),
            seal_key=late.key("seal key", seals.u32(5), corrections).hex(),
        )  # fmt: skip
    notes = {
        "Late": "V-RAND-006, V-RAND-007: the late round id from the two chains, and what S draws then: mask (40 bytes) of bin 9, "
        "pseudonym token 2, filler 3 of group 1 of table 7, key of its offers, label seed and seal key of chunk 5",
        "Other": "what S draws for other frames has nothing in common with it",
    }
    return tests.document("late_id", "spec/09-randomness.md section 9.2.1", "spec/reference", notes)


def _walks() -> dict[str, Any]:
    tests = Tests()
    key, walk = cuckoo.bin_key(seed_bytes("settling round"), 3), seed_bytes("settling walk")
    for comment, flag, bins, count in (
        ("half full", "Walk", 20, 10), ("as full as it holds", "Walk", 40, 36), ("five in three bins: two are dropped", "Dropped", 3, 5),
        ("too full", "Dropped", 12, 14),
    ):  # fmt: skip
        inputs = [seed_bytes(f"settling input {i}", 18) for i in range(count)]
        places = [cuckoo.bins_of(key, item, bins) for item in inputs]
        placed = cuckoo.place(places, bins, walk, 3)
        lying = {i for i in placed if i is not None}
        if (len(lying) == count) != (flag == "Walk"):
            raise ValueError(f"{comment}: {len(lying)} lie")
        tests.valid(
            comment, flag, round_id=seed_bytes("settling round").hex(), table=3, bins=bins, walk_key=walk.hex(),
            inputs=[item.hex() for item in inputs], placed=[-1 if i is None else i for i in placed],
        )  # fmt: skip
    notes = {
        "Walk": "8.3, 9.4: for every bin the number of the input that lies there, -1 for none",
        "Dropped": "V-CUCKOO-001: after 1,000 steps the query in hand is dropped, whichever it is by then",
    }
    return tests.document("cuckoo_place", "spec/08-primitives.md section 8.3", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"seals": _seals(), "copies": _copies(), "late_id": _late(), "cuckoo_place": _walks()}
