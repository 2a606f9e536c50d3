"""A TOML file read field by field: every field is taken once, and none may be left (V-POLICY-002, V-AGREE-002)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from agreement_validator import Broken


class Section:
    """A table of the file, and the requirement that a bad field breaks."""

    def __init__(self, value: Any, path: str, requirement: str) -> None:
        self.path, self.requirement = path, requirement
        if not isinstance(value, dict):
            raise Broken(requirement, path)
        self.rest = dict(value)

    def broken(self, name: str) -> Broken:
        return Broken(self.requirement, self.at(name))

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str, kind: type) -> Any:
        if name not in self.rest:
            raise self.broken(name)
        value = self.rest.pop(name)
        if type(value) is not kind:
            raise self.broken(name)
        return value

    def text(self, name: str) -> str:
        return self.take(name, str)

    def unsigned(self, name: str, size: int) -> int:
        number = self.take(name, int)
        if not 0 <= number < 1 << 8 * size:
            raise self.broken(name)
        return number

    def signed(self, name: str) -> int:
        number = self.take(name, int)
        if not -(1 << 31) <= number < 1 << 31:
            raise self.broken(name)
        return number

    def code(self, name: str, names: tuple[str, ...]) -> int:
        text = self.text(name)
        if text not in names[1:]:
            raise self.broken(name)
        return names.index(text)

    def section(self, name: str) -> Section:
        return Section(self.take(name, dict), self.at(name), self.requirement)

    def sections(self, name: str) -> list[Section]:
        items = self.take(name, list)
        return [Section(value, f"{self.at(name)}[{i}]", self.requirement) for i, value in enumerate(items)]

    def bytes_32(self, name: str) -> bytes:
        """64 hexadecimal digits."""
        text = self.text(name)
        if re.fullmatch("[0-9a-fA-F]{64}", text) is None:
            raise self.broken(name)
        return bytes.fromhex(text)

    def end(self) -> None:
        for name in self.rest:
            raise self.broken(name)


def read(text: str, requirement: str) -> Section:
    try:
        return Section(tomllib.loads(text), "", requirement)
    except tomllib.TOMLDecodeError as error:
        raise Broken(requirement, "") from error
