"""Public keys in text form (11.1): Bech32m (BIP-350) with the prefix `blind`."""

from __future__ import annotations

import re

PREFIX = "blind"
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M = 0x2BC830A3


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term if top >> bit & 1 else 0
    return check


def write(key: bytes, prefix: str = PREFIX) -> str:
    """Groups of five bits from the front, the last one filled with zeros, and six of checksum."""
    bits = int.from_bytes(key, "big") << (-8 * len(key) % 5)
    count = -(-8 * len(key) // 5)
    values = [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]
    head = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod([*head, *values, *[0] * 6]) ^ BECH32M
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return f"{prefix}1" + "".join(ALPHABET[value] for value in values)


def read(text: str) -> bytes | None:
    """The 32 bytes of a key, in text form or as hexadecimal digits, or None. Whether it is a key is not asked."""
    text = "".join(c for c in text if not c.isspace() and c != "-")
    if re.fullmatch("[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    text = text.lower() if text.isupper() else text
    head, _, rest = text.rpartition("1")
    if head != PREFIX or len(text) != 64 or any(c not in ALPHABET for c in rest):
        return None
    bits = 0
    for c in rest[:-6]:
        bits = bits << 5 | ALPHABET.index(c)
    key = (bits >> 4).to_bytes(32, "big")
    return key if write(key) == text else None
