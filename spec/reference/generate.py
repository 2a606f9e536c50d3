"""Writes every file of `vectors/v2/`, or with --check compares them bit for bit with what would be written.

    python3 spec/reference/generate.py [--check]
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from pathlib import Path
from typing import Any

import schema
from layers import (
    admission, agreed, agreement, audit, audit_log, budget, confirming, encode, evidence, file_round, going_on, group, hashes, inquiries, log_heads,
    normalise, primitives, records, rfc9497, session, settling, similar, tables,
    tree_oprf,
)  # fmt: skip
from layers import policy as policy_layer
from layers import round as whole_round

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
LAYERS = (
    group, rfc9497, hashes, primitives, settling, tables, tree_oprf, agreed, log_heads, whole_round, policy_layer, agreement, admission, budget,
    audit, audit_log, inquiries, confirming, evidence, file_round, session, going_on, normalise, records, encode, similar,
)  # fmt: skip


@functools.cache
def documents() -> dict[str, dict[str, Any]]:
    """All vector files by name, each checked against its schema."""
    found: dict[str, dict[str, Any]] = {}
    for layer in LAYERS:
        for name, bare in layer.files().items():
            document = {key: value for key, value in bare.items() if key != "tests"}
            document |= {"count": len(bare["tests"]), "tests": bare["tests"]}
            rules = json.loads((VECTORS / document["schema"]).read_text(encoding="utf-8"))
            schema.check(document, rules)
            found[f"{name}.json"] = document
    return found


def text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (folder / name).write_text(text(document), encoding="utf-8")


def differences(folder: Path) -> list[str]:
    """What is missing, superfluous or different."""
    wanted = {name: text(document) for name, document in documents().items()}
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    problems = [f"{name}: not made by the generator" for name in sorted(present - wanted.keys())]
    for name, content in wanted.items():
        if name not in present:
            problems.append(f"{name}: missing")
        elif (folder / name).read_text(encoding="utf-8") != content:
            problems.append(f"{name}: differs")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description="Write or check the test vectors.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    folder = VECTORS / "v2"
    if not parser.parse_args().check:
        write(folder)
        return 0
    problems = differences(folder)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
