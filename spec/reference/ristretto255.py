"""The ristretto255 group, RFC 9496, in plain integers.

Written for reading, not for secrets: Python integers are not constant-time, so this code must never see real data.
Names are those of the RFC.
"""

from __future__ import annotations

import functools

P = 2**255 - 19
"""The field's prime."""

L = 2**252 + 27742317777372353535851937790883648493
"""The group's order (RFC 9496 section 4.4)."""

# RFC 9496 section 4.1. `test_ristretto255.py` checks each against its definition.
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ = 1159843021668779879193775521855586647937357759715417654439879720876111806838
D_MINUS_ONE_SQ = 40440834346308536858101042469323190826248399146238708352240133220865137265952

ELEMENT_LENGTH = 32
SCALAR_LENGTH = 32


class BadElement(ValueError):
    """Bytes that are not the canonical encoding of a group element, or encode the identity where it is forbidden."""


class BadScalar(ValueError):
    """Bytes that are not a reduced scalar."""


def _is_negative(x: int) -> bool:
    return x % P & 1 == 1


def _abs(x: int) -> int:
    return -x % P if _is_negative(x) else x % P


def _sqrt_ratio_m1(u: int, v: int) -> tuple[bool, int]:
    """(True, +sqrt(u/v)) if u/v is a square, else (False, +sqrt(SQRT_M1 * u/v)); RFC 9496 section 4.2."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    correct_sign = check == u % P
    flipped_sign = check == -u % P
    flipped_sign_i = check == -u * SQRT_M1 % P
    if flipped_sign or flipped_sign_i:
        r = r * SQRT_M1 % P
    return correct_sign or flipped_sign, _abs(r)


class Element:
    """A group element, held as extended twisted Edwards coordinates (x = X/Z, y = Y/Z, T = XY/Z) of a representative."""

    __slots__ = ("x", "y", "z", "t")

    def __init__(self, x: int, y: int, z: int, t: int) -> None:
        self.x, self.y, self.z, self.t = x % P, y % P, z % P, t % P

    @classmethod
    def identity(cls) -> Element:
        return cls(0, 1, 1, 0)

    @classmethod
    def generator(cls) -> Element:
        """The Ed25519 base point (RFC 9496 section 4.4)."""
        y = 4 * pow(5, -1, P) % P
        _, x = _sqrt_ratio_m1(y * y - 1, D * y * y + 1)
        return cls(x, y, 1, x * y)

    @classmethod
    def decode(cls, encoded: bytes) -> Element:
        """RFC 9496 section 4.3.1. Raises BadElement for every non-canonical encoding. Accepts the identity."""
        if len(encoded) != ELEMENT_LENGTH:
            raise BadElement("length")
        s = int.from_bytes(encoded, "little")
        if s >= P:
            raise BadElement("not reduced")
        if _is_negative(s):
            raise BadElement("negative")
        ss = s * s % P
        u1 = (1 - ss) % P
        u2 = (1 + ss) % P
        u2_sqr = u2 * u2 % P
        v = (-(D * u1 * u1) - u2_sqr) % P
        was_square, invsqrt = _sqrt_ratio_m1(1, v * u2_sqr)
        den_x = invsqrt * u2 % P
        den_y = invsqrt * den_x * v % P
        x = _abs(2 * s * den_x)
        y = u1 * den_y % P
        t = x * y % P
        if not was_square:
            raise BadElement("not on the curve")
        if _is_negative(t):
            raise BadElement("negative xy")
        if y == 0:
            raise BadElement("zero y")
        return cls(x, y, 1, t)

    @classmethod
    def decode_not_identity(cls, encoded: bytes) -> Element:
        """As `decode`, and raises BadElement for the identity (RFC 9497 section 4.1, DeserializeElement)."""
        element = cls.decode(encoded)
        if element == cls.identity():
            raise BadElement("identity")
        return element

    def encode(self) -> bytes:
        """RFC 9496 section 4.3.2: the one canonical encoding, 32 bytes."""
        u1 = (self.z + self.y) * (self.z - self.y) % P
        u2 = self.x * self.y % P
        _, invsqrt = _sqrt_ratio_m1(1, u1 * u2 * u2)
        den1 = invsqrt * u1 % P
        den2 = invsqrt * u2 % P
        z_inv = den1 * den2 * self.t % P
        if _is_negative(self.t * z_inv):
            x, y = self.y * SQRT_M1 % P, self.x * SQRT_M1 % P
            den_inv = den1 * INVSQRT_A_MINUS_D % P
        else:
            x, y, den_inv = self.x, self.y, den2
        if _is_negative(x * z_inv):
            y = -y % P
        return _abs(den_inv * (self.z - y)).to_bytes(ELEMENT_LENGTH, "little")

    @classmethod
    def from_uniform_bytes(cls, uniform: bytes) -> Element:
        """RFC 9496 section 4.3.4: 64 uniform bytes to a uniform element."""
        if len(uniform) != 64:
            raise ValueError("64 bytes are needed")
        halves = (int.from_bytes(uniform[i : i + 32], "little") % 2**255 for i in (0, 32))
        first, second = (cls._map(t) for t in halves)
        return first + second

    @classmethod
    def _map(cls, t: int) -> Element:
        """The one-way map MAP of RFC 9496 section 4.3.4 (Elligator 2)."""
        r = SQRT_M1 * t * t % P
        u = (r + 1) * ONE_MINUS_D_SQ % P
        v = (-1 - r * D) * (r + D) % P
        was_square, s = _sqrt_ratio_m1(u, v)
        if was_square:
            c = -1
        else:
            s = -_abs(s * t) % P
            c = r
        n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
        w0 = 2 * s * v
        w1 = n * SQRT_AD_MINUS_ONE
        w2 = 1 - s * s
        w3 = 1 + s * s
        return cls(w0 * w3, w2 * w1, w1 * w3, w0 * w2)

    def __add__(self, other: Element) -> Element:
        """The complete addition law of the twisted Edwards curve a = -1 (Hisil, Wong, Carter, Dawson 2008)."""
        a = (self.y - self.x) * (other.y - other.x) % P
        b = (self.y + self.x) * (other.y + other.x) % P
        c = 2 * D * self.t * other.t % P
        d = 2 * self.z * other.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Element(e * f, g * h, f * g, e * h)

    def double(self) -> Element:
        """The doubling of the same paper, cheaper than adding."""
        a, b, c = self.x * self.x % P, self.y * self.y % P, 2 * self.z * self.z % P
        e, g = ((self.x + self.y) ** 2 - a - b) % P, b - a
        f, h = g - c, -a - b
        return Element(e * f, g * h, f * g, e * h)

    def __neg__(self) -> Element:
        return Element(-self.x, self.y, self.z, -self.t)

    def __sub__(self, other: Element) -> Element:
        return self + -other

    def __rmul__(self, scalar: int) -> Element:
        """Double and add, from the top bit; of the generator the doublings are at hand."""
        result = Element.identity()
        if self is G:
            return sum((double for i, double in enumerate(_doublings_of_g()) if scalar % L >> i & 1), result)
        for bit in bin(scalar % L)[2:]:
            result = result.double()
            if bit == "1":
                result = result + self
        return result

    def __eq__(self, other: object) -> bool:
        """RFC 9496 section 4.3.3: equality of elements, whatever their representatives."""
        if not isinstance(other, Element):
            return NotImplemented
        return (self.x * other.y - self.y * other.x) % P == 0 or (self.y * other.y - self.x * other.x) % P == 0

    def __hash__(self) -> int:
        return hash(self.encode())

    def __repr__(self) -> str:
        return f"Element({self.encode().hex()})"


G = Element.generator()


@functools.cache
def _doublings_of_g() -> list[Element]:
    """G, 2 G, 4 G.. for all bits of a scalar."""
    found = [G]
    while len(found) < L.bit_length():
        found.append(found[-1].double())
    return found


def encode_scalar(scalar: int) -> bytes:
    """32 bytes, little-endian, reduced modulo L."""
    return (scalar % L).to_bytes(SCALAR_LENGTH, "little")


def decode_scalar(encoded: bytes) -> int:
    """The scalar of a canonical encoding. Raises BadScalar for others (RFC 9497 section 4.1, DeserializeScalar)."""
    scalar = int.from_bytes(encoded, "little")
    if len(encoded) != SCALAR_LENGTH or scalar >= L:
        raise BadScalar("scalar out of range")
    return scalar
