"""Ed25519 signatures, RFC 8032 section 5.1, for the receipt."""

from __future__ import annotations

import hashlib

from ristretto255 import G, L, P, Element


def _encode(point: Element) -> bytes:
    """y with the sign of x in the top bit."""
    inverse = pow(point.z, -1, P)
    x, y = point.x * inverse % P, point.y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _expand(secret: bytes) -> tuple[int, bytes]:
    """The clamped scalar and the prefix."""
    full = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(full[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254
    return scalar, full[32:]


def public_key(secret: bytes) -> bytes:
    return _encode(_expand(secret)[0] * G)


def sign(secret: bytes, message: bytes) -> bytes:
    scalar, prefix = _expand(secret)
    public = _encode(scalar * G)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = _encode(r * G)
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % L
    return point + ((r + k * scalar) % L).to_bytes(32, "little")
