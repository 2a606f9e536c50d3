"""A mapping in TOML (4.6)."""

from __future__ import annotations

import tomllib

from reading_dates import CALENDARS, Rules
from record_check import Mapping


def parse(text: str) -> Mapping:
    """V-MAP-001. The encoding is not read here: the reference reads UTF-8 and UTF-16."""
    file = tomllib.loads(text)
    if set(file) - {"separator", "encoding", "ignore_unknown", "columns", "dates"}:
        raise ValueError("an unknown member")
    rules = {}
    for field, of in file.get("dates", {}).items():
        if of.get("order", "") not in ("", "dmy", "mdy") or of.get("calendar", "gregorian") not in CALENDARS:
            raise ValueError("an unknown word")
        rules[field] = Rules(of.get("order", ""), of.get("calendar", ""), of.get("excel", False), None, of.get("age_on"))
    return Mapping(file.get("columns", {}), rules, file.get("separator", ""), file.get("ignore_unknown", False))
