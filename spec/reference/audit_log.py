"""A node's audit log: entries (15.2), files (15.5), and what a check of the whole log says."""

from __future__ import annotations

from dataclasses import dataclass

import audit
import keytext
from agreement import Reader
from agreement import Refused as BadEntry
from audit import LOG, Refused

WIDTH = 256
KINDS = {
    1: "begun", 2: "agreement_added", 3: "statement_added", 4: "round_begun", 5: "refused", 6: "debited",
    7: "round_ended", 8: "round_failed", 9: "cosigned", 10: "warned", 11: "round_resumed",
    12: "journal_deleted", 13: "debit_returned", 14: "run_ended", 15: "noticed",
    16: "urgent_debited", 17: "record_erased",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    time: int
    kind: int
    body: bytes
    salt: bytes = bytes(16)
    """16 random bytes: a leaf hash that a proof shows gives no entry away (V-AUDIT-018)."""

    def encode(self) -> bytes:
        return b"\0\2" + self.salt + self.time.to_bytes(8, "big") + bytes([self.kind]) + self.body


def _read_body(r: Reader, kind: int) -> None:
    """The fields of 15.2; what may stand in them."""
    match kind:
        case 1:
            r.key()
        case 2:
            r.take(32)
        case 3:
            r.take(64)
            r.code((1, 2, 3))
        case 4:
            r.code((1, 2))
            r.key()
            r.take(64)
        case 5:
            r.code((1, 2))
            r.key()
            r.take(32 + 2)
        case 6 | 16:
            r.code((1, 2))
            r.key()
            r.code(range(1, 6))
            r.text(128)
            r.take(32)
            for _ in range(r.code(range(33))):
                r.text(512)
                r.take(8)
            r.take(32 if kind == 16 else 0)
        case 7:
            r.take(64)
        case 12:
            r.take(32)
        case 13:
            r.code((1, 2))
            r.key()
            r.code(range(1, 6))
            r.take(8)
        case 14:
            r.key()
            r.take(64)
        case 15:
            r.key()
            r.code((1, 2))
            r.take(32)
        case 8:
            r.key()
            r.take(1)
        case 9:
            r.key()
            r.take(8 + 32)
        case 10:
            r.key()
        case 17:
            pass
        case _:
            r.key()
            r.take(32)


def read_entry(data: bytes) -> Entry:
    """V-AUDIT-007."""
    try:
        r = Reader(data)
        if r.number(2) != 2:
            raise Refused("Format")
        salt, time, kind = r.take(16), r.number(8), r.code(KINDS)
        body = r.rest
        _read_body(r, kind)
        r.end()
    except BadEntry as bad:
        raise Refused("Format") from bad
    return Entry(time, kind, body, salt)


def path(kind: str, index: int, width: int) -> str:
    """C2SP tlog-tiles."""
    name = f"{index % 1000:03}"
    while index := index // 1000:
        name = f"x{index % 1000:03}/{name}"
    return f"tile/{kind}/{name}" + (f".p/{width}" if width < WIDTH else "")


def _tiles(size: int) -> list[tuple[int, int]]:
    """Number and width of each tile of a level."""
    return [(i, min(WIDTH, size - WIDTH * i)) for i in range(-(-size // WIDTH))]


def origin(node: bytes) -> str:
    return f"blindlink.invalid/log/{keytext.write(node)}"


def checkpoint(entries: list[bytes], node: bytes, secret: bytes) -> bytes:
    text = audit.checkpoint(origin(node), len(entries), audit.root([audit.leaf(entry) for entry in entries]))
    return f"{text}\n{audit.sign(text, origin(node), secret)}".encode()


def write(entries: list[bytes], node: bytes, secret: bytes) -> dict[str, bytes]:
    """The files of 15.5, partial tiles of sizes before left out."""
    files = {"checkpoint": checkpoint(entries, node, secret)}
    hashes, level = [audit.leaf(entry) for entry in entries], 0
    for i, width in _tiles(len(entries)):
        bundle = entries[WIDTH * i : WIDTH * i + width]
        files[path("entries", i, width)] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in bundle)
    while hashes:
        tiles = [(i, width, hashes[WIDTH * i : WIDTH * i + width]) for i, width in _tiles(len(hashes))]
        files |= {path(str(level), i, width): b"".join(tile) for i, width, tile in tiles}
        hashes, level = [audit.root(tile) for _, width, tile in tiles if width == WIDTH], level + 1
    return files


def _bundle(data: bytes, width: int) -> list[bytes]:
    """V-AUDIT-008."""
    r, entries = Reader(data), []
    try:
        for _ in range(width):
            entries.append(r.take(r.number(2)))
        r.end()
    except BadEntry as bad:
        raise Refused("Missing") from bad
    return entries


def _upper(files: dict[str, bytes], size: int) -> list[bytes]:
    """V-AUDIT-008: the hashes of level 1, 2, .., all tiles of a level one after the other."""
    levels: list[bytes] = []
    while size := size // WIDTH:
        found = [(files.get(path(str(len(levels) + 1), i, width)), width) for i, width in _tiles(size)]
        if any(tile is None or len(tile) != 32 * width for tile, width in found):
            raise Refused("Missing")
        levels.append(b"".join(tile for tile, _ in found if tile is not None))
    return levels


def check(files: dict[str, bytes], node: bytes) -> tuple[int, bytes, list[Entry]]:
    """V-AUDIT-013: size, root and entries."""
    if "checkpoint" not in files:
        raise Refused("Format")
    name = origin(node)
    said, size, root = audit.read_checkpoint(audit.open_note(files["checkpoint"], name, LOG, node))
    if said != name:
        raise Refused("Origin")
    entries: list[bytes] = []
    hashes: list[bytes] = []
    for i, width in _tiles(size):
        bundle, tile = files.get(path("entries", i, width)), files.get(path("0", i, width))
        if bundle is None or tile is None or len(tile) != 32 * width:
            raise Refused("Missing")
        entries += _bundle(bundle, width)
        hashes += [tile[at : at + 32] for at in range(0, len(tile), 32)]
    upper = _upper(files, size)
    leaves = [audit.leaf(entry) for entry in entries]
    # V-AUDIT-009
    if leaves != hashes:
        raise Refused("Entry")
    below = leaves
    for tiles in upper:
        below = [audit.root(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)]
        if tiles != b"".join(below):
            raise Refused("Root")
    if audit.root(leaves) != root:
        raise Refused("Root")
    return size, root, [read_entry(entry) for entry in entries]
