"""The part of JSON Schema (2020-12) that `vectors/schemas/` uses, checked strictly: an unknown keyword is an error."""

from __future__ import annotations

import re
from typing import Any

ANNOTATIONS = {"$schema", "$id", "title", "description", "$defs"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
}


class SchemaError(ValueError):
    """A value that does not fit, or a schema that this checker does not understand."""


def check(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, path: str = "$") -> None:
    """Raises SchemaError where `value` does not fit `schema`."""
    root = schema if root is None else root
    for keyword, argument in schema.items():
        if keyword in ANNOTATIONS:
            continue
        if not _fits(value, keyword, argument, schema, root, path):
            raise SchemaError(f"{path}: violates {keyword} {argument!r}")


def _fits(value: Any, keyword: str, argument: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> bool:
    match keyword:
        case "$ref":
            check(value, root["$defs"][argument.removeprefix("#/$defs/")], root, path)
            return True
        case "type":
            return TYPES[argument](value)
        case "const":
            return value == argument
        case "enum":
            return value in argument
        case "pattern":
            return re.search(argument, value) is not None
        case "minimum":
            return value >= argument
        case "maximum":
            return value <= argument
        case "minItems":
            return len(value) >= argument
        case "minLength":
            return len(value) >= argument
        case "required":
            return all(name in value for name in argument)
        case "properties":
            for name, inner in argument.items():
                if name in value:
                    check(value[name], inner, root, f"{path}.{name}")
            return True
        case "additionalProperties" if argument is False:
            return all(name in schema.get("properties", {}) for name in value)
        case "additionalProperties":
            for name, inner in value.items():
                if name not in schema.get("properties", {}):
                    check(inner, argument, root, f"{path}.{name}")
            return True
        case "items":
            for i, inner in enumerate(value):
                check(inner, argument, root, f"{path}[{i}]")
            return True
        case "oneOf":
            return sum(_passes(value, option, root, path) for option in argument) == 1
    raise SchemaError(f"{path}: keyword {keyword} is not understood")


def _passes(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> bool:
    try:
        check(value, schema, root, path)
    except SchemaError:
        return False
    return True
