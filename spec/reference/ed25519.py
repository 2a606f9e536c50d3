"""Ed25519 signatures, RFC 8032 section 5.1, for receipts, statements and notes."""

from __future__ import annotations

import hashlib

from ristretto255 import D, G, L, P, SQRT_M1, Element


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


def _decode(encoded: bytes) -> Element | None:
    """The point of RFC 8032 section 5.1.3, or None."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_M1 % P
        if (v * x * x - u) % P:
            return None
    if x == 0 and sign:
        return None
    x = P - x if x & 1 != sign else x
    return Element(x, y, 1, x * y % P)


def is_key(public: bytes) -> bool:
    """A point, and not one of small order."""
    point = _decode(public)
    return point is not None and _encode(8 * point) != _encode(0 * G)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Strictly: reduced scalar, no point of small order, the equation without the cofactor."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    point = _decode(public)
    if len(signature) != 64 or s >= L or point is None or not is_key(public) or not is_key(r):
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return _encode(s * G - k * point) == r
