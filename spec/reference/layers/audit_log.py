"""Layer `audit_log`: a node's log in files, whole or damaged (15.2, 15.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import audit
import audit_log
import budget
import ed25519
from audit import Refused
from audit_log import Entry
from layers import small
from layers.common import Tests, seed_bytes
from layers.small import FROM

SECRET = seed_bytes("audit log node")
NODE = ed25519.public_key(SECRET)
OTHER_SECRET = seed_bytes("audit log other node")
OTHER = ed25519.public_key(OTHER_SECRET)
DEBIT = budget.debit(small.policy(), 1, OTHER, FROM).encode()


def _digest(name: str) -> bytes:
    return seed_bytes(f"audit log {name}")


ENTRIES = [
    Entry(FROM, 1, NODE),
    Entry(FROM + 1, 2, _digest("agreement")),
    Entry(FROM + 2, 3, _digest("agreement") + _digest("statement") + b"\1"),
    Entry(FROM + 3, 4, b"\1" + OTHER + _digest("agreement") + _digest("policy")),
    Entry(FROM + 3, 6, DEBIT),
    Entry(FROM + 4, 10, OTHER),
    Entry(FROM + 5, 11, OTHER + _digest("round")),
    Entry(FROM + 6, 7, _digest("round") + _digest("receipt")),
    Entry(FROM + 7, 5, b"\2" + OTHER + _digest("policy") + (620).to_bytes(2, "big")),
    Entry(FROM + 8, 8, OTHER + b"\x15"),
    Entry(FROM + 9, 9, OTHER + (3).to_bytes(8, "big") + _digest("root")),
    Entry(FROM + 10, 12, _digest("round")),
    Entry(FROM + 11, 13, b"\1" + OTHER + b"\1" + (4).to_bytes(8, "big")),
    Entry(FROM + 12, 14, OTHER + _digest("round") + _digest("run")),
    Entry(FROM + 13, 15, OTHER + b"\2" + _digest("notice")),
    Entry(FROM + 14, 16, DEBIT + _digest("approval")),
    Entry(FROM + 15, 17, b""),
]
"""Every kind."""
DATA = [replace(entry, salt=seed_bytes(f"audit log salt {n}", 16)).encode() for n, entry in enumerate(ENTRIES)]
BUNDLE, TILE = "tile/entries/000.p/17", "tile/0/000.p/17"


class Cases:
    def __init__(self) -> None:
        self.tests = Tests()

    def case(self, comment: str, flag: str, files: dict[str, bytes], fault: str = "", place: int | None = None) -> None:
        fields: dict[str, Any] = {"node": NODE.hex(), "files": {name: data.hex() for name, data in sorted(files.items())}}
        try:
            size, root, entries = audit_log.check(files, NODE)
            said = ""
            fields |= {"size": size, "root": root.hex()}
            fields["entries"] = [{"time": entry.time, "kind": audit_log.KINDS[entry.kind]} for entry in entries]
        except Refused as refused:
            said = str(refused)
        self.tests.judged(comment, flag, fault, said, **fields, **({} if place is None else {"place": place}))

    def with_entry(self, comment: str, data: bytes) -> None:
        """A log that somebody signed, with an entry that is none."""
        entries = [DATA[0], data, DATA[2]]
        self.case(comment, "Entry", audit_log.write(entries, NODE, SECRET), "Format", 1)


def _whole(cases: Cases) -> None:
    cases.case("every kind of entry", "Whole", audit_log.write(DATA, NODE, SECRET))
    cases.case("one entry", "Whole", audit_log.write(DATA[:1], NODE, SECRET))
    older = {name: data for name, data in audit_log.write(DATA[:3], NODE, SECRET).items() if name != "checkpoint"}
    cases.case("partial tiles of a size before lie beside it", "Whole", audit_log.write(DATA, NODE, SECRET) | older)
    long = DATA[:1] + [Entry(FROM + n, 2, _digest("agreement")).encode() for n in range(257)]
    files = audit_log.write(long, NODE, SECRET)
    if "tile/1/000.p/1" not in files or "tile/entries/001.p/2" not in files:
        raise ValueError("the long log does not fill a tile")
    cases.case("258 entries: a full tile, a partial one, and one of level 1", "Whole", files)
    beyond = audit_log.write(DATA[:4], NODE, SECRET) | {"checkpoint": audit_log.checkpoint(DATA[:3], NODE, SECRET)}
    beyond |= {n: d for n, d in audit_log.write(DATA[:3], NODE, SECRET).items() if n != "checkpoint"}
    cases.case("what lies beyond the checkpoint is no part of it", "Whole", beyond)
    level = "tile/1/000.p/1"
    cases.case("a tile of level 1 is missing", "Missing", {n: d for n, d in files.items() if n != level}, "Missing", 0)
    cases.case("a tile of level 1 with a hash too many", "Missing", files | {level: files[level] + bytes(32)}, "Missing", 0)
    cases.case("one bit of a tile of level 1", "Root", files | {level: bytes([files[level][0] ^ 1]) + files[level][1:]}, "Root")
    cases.case("the second bundle is missing", "Missing", {n: d for n, d in files.items() if n != "tile/entries/001.p/2"}, "Missing", 256)


def _damaged(cases: Cases) -> None:
    good = audit_log.write(DATA, NODE, SECRET)

    def without(name: str) -> dict[str, bytes]:
        return {other: data for other, data in good.items() if other != name}

    bundle, tile, note = good[BUNDLE], good[TILE], good["checkpoint"]
    size = int.from_bytes(bundle[:2], "big")
    cases.case("no checkpoint", "Checkpoint", without("checkpoint"), "Format")
    cases.case("no bundle", "Missing", without(BUNDLE), "Missing", 0)
    cases.case("no tile of level 0", "Missing", without(TILE), "Missing", 0)
    cases.case("a bundle cut short", "Missing", good | {BUNDLE: bundle[:-1]}, "Missing", 0)
    cases.case("a bundle with a byte too many", "Missing", good | {BUNDLE: bundle + b"\0"}, "Missing", 0)
    cases.case("a bundle without its last entry", "Missing", good | {BUNDLE: bundle[: -len(DATA[-1]) - 2]}, "Missing", 0)
    cases.case("a tile cut short", "Missing", good | {TILE: tile[:-32]}, "Missing", 0)
    cases.case("a tile with a hash too many", "Missing", good | {TILE: tile + bytes(32)}, "Missing", 0)
    flipped = bytearray(bundle)
    flipped[2 + size + 2 + 21] ^= 1
    cases.case("one bit of the second entry's time", "Changed", good | {BUNDLE: bytes(flipped)}, "Entry", 1)
    salted = bytearray(bundle)
    salted[2 + 2] ^= 1
    cases.case("one bit of the first entry's salt", "Changed", good | {BUNDLE: bytes(salted)}, "Entry", 0)
    hashes = bytearray(tile)
    hashes[32 * 7 + 3] ^= 128
    cases.case("one bit of a hash in the tile", "Changed", good | {TILE: bytes(hashes)}, "Entry", 7)
    swapped = audit_log.write([*DATA[:4], DATA[5], DATA[4], *DATA[6:]], NODE, SECRET)
    cases.case("two entries exchanged in the bundle", "Changed", good | {BUNDLE: swapped[BUNDLE]}, "Entry", 4)
    both = good | {BUNDLE: swapped[BUNDLE], TILE: swapped[TILE]}
    cases.case("and in the tile", "Root", both, "Root")
    rewritten = [*DATA[:4], Entry(FROM + 3, 8, OTHER + b"\0").encode(), *DATA[5:]]
    forged = {n: d for n, d in audit_log.write(rewritten, NODE, SECRET).items() if n != "checkpoint"}
    cases.case("a debit replaced by something else, in bundle and tile", "Root", good | forged, "Root")
    back = audit_log.write(DATA[:10], NODE, SECRET)
    rolled = {n: d for n, d in back.items() if n != "checkpoint"} | {"checkpoint": note}
    cases.case("the last entry taken away, the checkpoint not", "Missing", rolled, "Missing", 0)
    theirs = audit_log.write(DATA, OTHER, OTHER_SECRET)
    cases.case("the checkpoint of another node", "Checkpoint", good | {"checkpoint": theirs["checkpoint"]}, "Unsigned")
    text = audit.checkpoint(audit_log.origin(OTHER), len(DATA), audit.root([audit.leaf(entry) for entry in DATA]))
    signed = f"{text}\n{audit.sign(text, audit_log.origin(NODE), SECRET)}".encode()
    cases.case("the checkpoint of another log, signed by this node", "Origin", good | {"checkpoint": signed}, "Origin")
    plain = text.replace(audit_log.origin(OTHER), "blindlink.invalid/log")
    signed = f"{plain}\n{audit.sign(plain, audit_log.origin(NODE), SECRET)}".encode()
    cases.case("an origin without a key", "Origin", good | {"checkpoint": signed}, "Origin")
    altered = note.replace(b"\n17\n", b"\n11\n")
    cases.case("another size in the checkpoint", "Checkpoint", good | {"checkpoint": altered}, "Signature")


def _entries(cases: Cases) -> None:
    """V-AUDIT-007."""
    it = ENTRIES[3]
    data, statement, debit, warned = it.encode(), DATA[2], DATA[4], DATA[5]
    small_order = b"\1" + bytes(31)
    for comment, bad in (
        ("format 1", b"\0\1" + data[2:]),
        ("no kind 0", data[:26] + b"\0" + data[27:]),
        ("no kind 18", data[:26] + b"\x12" + data[27:]),
        ("cut short", data[:-1]),
        ("a byte too many", data + b"\0"),
        ("nothing", b""),
        ("no role 3", data[:27] + b"\3" + data[28:]),
        ("a key of small order", data[:28] + small_order + data[60:]),
        ("no statement of kind 4", statement[:-1] + b"\4"),
        ("a debit given back of no lanes", DATA[12][:60] + b"\0" + DATA[12][61:]),
        ("a notice that neither left nor came", DATA[14][:59] + b"\3" + DATA[14][60:]),
        ("a warning that says why", warned + b"\1"),
        ("an erasure that says whom", DATA[16] + b"\1"),
        ("a debit without its lanes", debit[:60] + b"\0" + debit[61:]),
        ("a debit of 33 tables", debit.replace(b"\1\0\x0abirth_date", b"\x21\0\x0abirth_date", 1)),
        ("a match key above 512 bytes", debit.replace(b"\1\0\x0abirth_date", b"\1\2\1" + b"k" * 513, 1)),
    ):
        cases.with_entry(f"an entry: {comment}", bad)


def files() -> dict[str, dict[str, Any]]:
    cases = Cases()
    for part in (_whole, _damaged, _entries):
        part(cases)
    notes = {
        "Whole": "V-AUDIT-008, V-AUDIT-009, V-AUDIT-013: what the log of `node` holds",
        "Missing": "V-AUDIT-008: a file is missing or does not hold its entries, of which `place` is the first",
        "Changed": "V-AUDIT-009: the entry `place` is not the one in the tree",
        "Root": "V-AUDIT-009: the entries are not those of the checkpoint",
        "Origin": "V-AUDIT-006: another log",
        "Checkpoint": "V-AUDIT-004, V-AUDIT-005: a checkpoint that is none, or not of this node",
        "Entry": "V-AUDIT-007: the entry `place` lies in the tree and is none",
    }
    return {"audit_log": cases.tests.document("audit_log", "spec/15-audit.md section 15.5", "spec/reference", notes)}
