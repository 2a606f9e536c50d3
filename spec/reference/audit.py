"""The audit log (chapter 15): RFC 6962 trees, C2SP notes and checkpoints."""

from __future__ import annotations

import base64
import binascii
import hashlib

import ed25519

LOG, COSIGNATURE = 1, 4


class Refused(ValueError):
    """The error class of chapter 10."""


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def inclusion(leaves: list[bytes], m: int) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*inclusion(leaves[:k], m), root(leaves[k:])]
    return [*inclusion(leaves[k:], m - k), root(leaves[:k])]


def consistency(leaves: list[bytes], m: int, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*consistency(leaves[:k], m, whole), root(leaves[k:])]
    return [*consistency(leaves[k:], m - k, False), root(leaves[:k])]


def check_inclusion(entry: bytes, m: int, n: int, proof: list[bytes], top: bytes) -> None:
    """V-AUDIT-002, by undoing PATH: what the proof makes of the leaf must be the root."""

    def up(m: int, n: int, rest: list[bytes]) -> bytes:
        if n == 1:
            if rest:
                raise Refused("Inclusion")
            return leaf(entry)
        if not rest:
            raise Refused("Inclusion")
        k = _split(n)
        if m < k:
            return node(up(m, k, rest[:-1]), rest[-1])
        return node(rest[-1], up(m - k, n - k, rest[:-1]))

    if m >= n or up(m, n, proof) != top:
        raise Refused("Inclusion")


def check_consistency(m: int, old: bytes, n: int, new: bytes, proof: list[bytes]) -> None:
    """V-AUDIT-003, by undoing SUBPROOF: it must give both roots."""

    def up(m: int, n: int, rest: list[bytes], whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            if whole and not rest:
                return old, old
            if whole or len(rest) != 1:
                raise Refused("Consistency")
            return rest[0], rest[0]
        if not rest:
            raise Refused("Consistency")
        k = _split(n)
        if m <= k:
            first, second = up(m, k, rest[:-1], whole)
            return first, node(second, rest[-1])
        first, second = up(m - k, n - k, rest[:-1], False)
        return node(rest[-1], first), node(rest[-1], second)

    if m > n:
        raise Refused("Consistency")
    if m == 0:
        if proof and n:
            raise Refused("Consistency")
        if old != root([]) or (n == 0 and new != old):
            raise Refused("Consistency")
        return
    if up(m, n, proof, True) != (old, new):
        raise Refused("Consistency")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def signature_line(name: str, kind: int, public: bytes, signature: bytes) -> str:
    return f"\u2014 {name} {encode64(key_id(name, kind, public) + signature)}\n"


def timed(time: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def sign(text: str, name: str, secret: bytes) -> str:
    return signature_line(name, LOG, ed25519.public_key(secret), ed25519.sign(secret, text.encode()))


def cosign(text: str, name: str, secret: bytes, time: int) -> str:
    signature = time.to_bytes(8, "big") + ed25519.sign(secret, timed(time, text))
    return signature_line(name, COSIGNATURE, ed25519.public_key(secret), signature)


def checkpoint(origin: str, size: int, top: bytes) -> str:
    return f"{origin}\n{size}\n{encode64(top)}\n"


def encode64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused("Format") from error
    if encode64(data) != text:
        raise Refused("Format")
    return data


def open_note(data: bytes, name: str, kind: int, public: bytes) -> str:
    """V-AUDIT-004, V-AUDIT-005: the text, if this key has signed it."""
    try:
        note = data.decode()
    except UnicodeDecodeError as error:
        raise Refused("Format") from error
    if len(data) > 65_536 or any(c < " " and c != "\n" for c in note) or not note.endswith("\n") or "\n\n" not in note:
        raise Refused("Format")
    at = note.rindex("\n\n")
    text, lines = note[: at + 1], note[at + 2 :].split("\n")[:-1]
    if not 1 <= len(lines) <= 64:
        raise Refused("Format")
    found = False
    for line in lines:
        dash, _, rest = line.partition(" ")
        signer, space, encoded = rest.partition(" ")
        if dash != "\u2014" or not signer or not space or "+" in signer:
            raise Refused("Format")
        whole = decode64(encoded)
        if len(whole) < 5:
            raise Refused("Format")
        if signer != name or whole[:4] != key_id(name, kind, public):
            continue
        message, signature = text.encode(), whole[4:]
        if kind == COSIGNATURE:
            message, signature = timed(int.from_bytes(signature[:8], "big"), text), signature[8:]
        if len(signature) != 64 or not ed25519.verify(public, message, signature):
            raise Refused("Signature")
        found = True
    if not found:
        raise Refused("Unsigned")
    return text


def read_checkpoint(text: str) -> tuple[str, int, bytes]:
    """V-AUDIT-006."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise Refused("Format")
    origin, size, encoded = lines[:3]
    if not size.isascii() or not size.isdecimal() or str(int(size)) != size or int(size) >= 1 << 64:
        raise Refused("Format")
    top = decode64(encoded)
    if len(top) != 32:
        raise Refused("Format")
    return origin, int(size), top
