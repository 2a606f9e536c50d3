"""The codes of chapter 10, the vectors that show them, and the list of those that no vector can show.

    python3 spec/reference/codes.py     # prints every code with its number of vectors, and what is wrong
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LEAST_TESTS, LEAST_NEGATIVE = 400, 150
HEADING = "## Codes without a vector\n"


def of_chapter(chapter: str) -> dict[int, str]:
    """Code to class, from the table of chapter 10."""
    rows = re.findall(r"^\| (\d{3}) \| `([A-Za-z]+)` \|", chapter, re.MULTILINE)
    if len({code for code, _ in rows}) != len(rows):
        raise ValueError("a code stands twice in chapter 10")
    return {int(code): name for code, name in rows}


def excepted(readme: str) -> dict[int, str]:
    """Code to reason, from the table under the heading; a row may name several codes."""
    _, found, rest = readme.partition(HEADING)
    if not found:
        raise ValueError(f"{HEADING.strip()!r} is missing")
    section = rest.partition("\n## ")[0]
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \| (.+?) \|$", section, re.MULTILINE)
    pairs = [(int(code), reason) for codes, reason in rows for code in codes.split(", ")]
    if len({code for code, _ in pairs}) != len(pairs):
        raise ValueError("a code is excepted twice")
    return dict(pairs)


def shown(documents: dict[str, dict[str, Any]]) -> Counter[tuple[int, str]]:
    """How often each code and class is what an invalid test expects."""
    negative = [test for document in documents.values() for test in document["tests"] if test["result"] == "invalid"]
    return Counter((test["error"]["code"], test["error"]["class"]) for test in negative)


def problems(chapter: str, readme: str, documents: dict[str, dict[str, Any]]) -> list[str]:
    known, exceptions, found = of_chapter(chapter), excepted(readme), shown(documents)
    wrong = [
        f"{code} {name}: chapter 10 calls it {known.get(code, 'nothing')}"
        for code, name in sorted(found)
        if known.get(code) != name
    ]
    codes = {code for code, _ in found}
    wrong += [f"{code} {known[code]}: no vector" for code in sorted(known.keys() - codes - exceptions.keys())]
    wrong += [f"{code}: has a vector now, strike it from the list of exceptions" for code in sorted(exceptions.keys() & codes)]
    wrong += [f"{code}: is excepted, and not in chapter 10" for code in sorted(exceptions.keys() - known.keys())]
    tests, negative = sum(len(document["tests"]) for document in documents.values()), sum(found.values())
    if tests < LEAST_TESTS or negative < LEAST_NEGATIVE:
        wrong.append(f"{tests} tests, {negative} of them negative: at least {LEAST_TESTS} and {LEAST_NEGATIVE} are wanted")
    return wrong


def read() -> tuple[str, str, dict[str, dict[str, Any]]]:
    """Chapter 10, the vectors' README, and the vector files."""
    files = sorted((ROOT / "vectors" / "v2").glob("*.json"))
    documents = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in files}
    chapter, readme = (ROOT / "spec/10-errors.md", ROOT / "vectors/README.md")
    return chapter.read_text(encoding="utf-8"), readme.read_text(encoding="utf-8"), documents


def main() -> int:
    chapter, readme, documents = read()
    found, exceptions = shown(documents), excepted(readme)
    for code, name in of_chapter(chapter).items():
        print(code, name, found[code, name] or exceptions.get(code, "NO VECTOR"))
    print(sum(len(d["tests"]) for d in documents.values()), "tests,", sum(found.values()), "of them negative")
    wrong = problems(chapter, readme, documents)
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
