"""Files with proofs about an audit log (15.3): inclusion as tlog-proof, consistency as a witness gets it."""

from __future__ import annotations

import audit
from audit import LOG, Refused
from audit_log import origin

INCLUSION = "c2sp.org/tlog-proof@v1\n"
MOST = 64


def write_inclusion(index: int, proof: list[bytes], checkpoint: str) -> str:
    return f"{INCLUSION}index {index}\n{_lines(proof)}\n{checkpoint}"


def write_consistency(old: int, proof: list[bytes], checkpoint: str) -> str:
    return f"old {old}\n{_lines(proof)}\n{checkpoint}"


def _lines(proof: list[bytes]) -> str:
    return "".join(f"{audit.encode64(sibling)}\n" for sibling in proof)


def _split(text: str, word: str) -> tuple[int, list[bytes], str]:
    """Number, hashes, checkpoint."""
    head, end, checkpoint = text.partition("\n\n")
    first, *rest = head.split("\n")
    number = first.removeprefix(word)
    plain = number.isascii() and number.isdecimal() and str(int(number)) == number and int(number) < 1 << 64
    if not end or not first.startswith(word) or not plain or len(rest) > MOST:
        raise Refused("Format")
    hashes = [audit.decode64(line) for line in rest]
    if any(len(found) != 32 for found in hashes):
        raise Refused("Format")
    return int(number), hashes, checkpoint


def _open(checkpoint: str, node: bytes) -> tuple[int, bytes]:
    """15.4: size and root of the node's log."""
    named, size, root = audit.read_checkpoint(audit.open_note(checkpoint.encode(), origin(node), LOG, node))
    if named != origin(node):
        raise Refused("Origin")
    return size, root


def check_inclusion(text: str, entry: bytes, node: bytes) -> int:
    """V-AUDIT-010: the entry's number."""
    if not text.startswith(INCLUSION):
        raise Refused("Format")
    body = text.removeprefix(INCLUSION)
    if body.startswith("extra "):
        body = body.partition("\n")[2]
    index, proof, checkpoint = _split(body, "index ")
    size, root = _open(checkpoint, node)
    audit.check_inclusion(entry, index, size, proof, root)
    return index


def check_consistency(text: str, old: tuple[int, bytes] | None, node: bytes) -> tuple[int, bytes]:
    """V-AUDIT-011: size and root to which a log has come from `old`, or from nothing."""
    said, proof, checkpoint = _split(text, "old ")
    new = _open(checkpoint, node)
    before = old or (0, audit.root([]))
    if said != before[0]:
        raise Refused("Consistency")
    audit.check_consistency(*before, *new, proof)
    return new
