"""Small audit logs of two invented nodes, for layers whose rounds carry their heads (7.5)."""

from __future__ import annotations

import audit
import log_head
from layers.common import seed_bytes
from log_head import Checkpoint
from sealed_round import Log

TIME = 1_767_225_600


def leaves(name: str, count: int) -> list[bytes]:
    return [audit.leaf(seed_bytes(f"log of {name}, entry {i}")) for i in range(count)]


def checkpoint(name: str, count: int) -> Checkpoint:
    return count, audit.root(leaves(name, count))


def log(secret: bytes, name: str, size: int, since: int, peer: str, cosigned: int) -> Log:
    """Of a node whose log has this size, whose peer cosigned it at `since`, and which itself cosigned its peer's log at
    `cosigned`; 0 for never."""
    head = log_head.head_of(secret, leaves(name, size), since)
    known = checkpoint(peer, cosigned) if cosigned else log_head.NOTHING
    return Log(head.encode(), known, TIME)


def logs(secrets: list[bytes], names: tuple[str, str] = ("requester", "responder")) -> tuple[Log, Log]:
    """R's log has 11 entries, of which S has cosigned 6; S's 4, and R sees it for the first time."""
    one, two = names
    return log(secrets[0], one, 11, 6, two, 0), log(secrets[1], two, 4, 0, one, 6)


def written(of: Log) -> dict[str, object]:
    size, top = of.known
    return {"head": of.head.hex(), "known": {"size": size, "root": top.hex()}, "time": of.time}


