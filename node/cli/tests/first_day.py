"""Types docs/first-day.md as it stands: each command on a terminal, in the folder of its side.

    python3 node/cli/tests/first_day.py PAGE PROGRAM FOLDER

FOLDER has `north/list.csv` and `south/list.csv`. Ends with 0 if every command ended with 0, `link` found pairs, and neither side
had more to do than `MOST` says.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```sh (north|south)\n(.*?)^```$", re.M | re.S)
# What somebody has to do at most: commands and files of a side, files that cross the border, telephone calls.
MOST = {"commands": 9, "files": 7, "crossings": 2, "calls": 1}
CROSSING = re.compile(r"^\*\*Crossing \d+:\*\* `([^`]+)` goes from (north|south) to (north|south)\.$", re.M)


def steps(page: str) -> list[tuple[str, ...]]:
    """Commands with what is typed afterwards, and crossings, in the page's order."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for block in BLOCK.finditer(page):
        lines = block[2].splitlines()
        for n, line in enumerate(lines):
            if not line.startswith("> "):
                typed = [after[2:] for after in lines[n + 1 : n + 2] if after.startswith("> ")]
                found.append((block.start() + n, (block[1], line, *typed)))
    found += [(m.start(), ("cross", *m.groups())) for m in CROSSING.finditer(page)]
    return [step for _, step in sorted(found)]


def files(folder: Path) -> list[str]:
    """What a person handles: everything beside the node's folder, and the results in it."""
    here = [path for path in folder.iterdir() if path.name != "node"]
    return sorted(path.name for path in [*here, *(folder / "node" / "results").glob("*.csv")])


def too_much(counts: dict[str, dict[str, int]]) -> list[str]:
    """Where more was to be done than should be."""
    return [f"{what} {of}" for what, of in counts.items() if max(of.values()) > MOST[what]]


def on_terminal(command: list[str], typed: str, **more: object) -> tuple[int, str]:
    """Runs a command on a terminal and types a line when it asks for one; what it printed."""
    own, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, **more) as process:  # type: ignore[call-overload]
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(own, 4096)
            except OSError:
                part = b""
            if not part:
                break
            said += part
            # A question ends without a line end.
            if typed and said.rstrip(b" ").endswith(b":"):
                os.write(own, typed.encode() + b"\n")
                typed = ""
        code = process.wait()
    os.close(own)
    return code, said.decode(errors="replace")


def listening(command: list[str], **more: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload]
    for line in process.stderr:
        print(line, end="")
        if "listening" in line:
            return process
    raise SystemExit(f"`serve` ended with {process.wait()}")


def main(page: Path, program: Path, folder: Path) -> None:
    serving = None
    sides = ("north", "south")
    counts = {"commands": dict.fromkeys(sides, 0), "calls": dict.fromkeys(sides, 0), "crossings": {"both": 0}}
    said = ""
    for step in steps(page.read_text(encoding="utf-8")):
        if step[0] == "cross":
            _, name, source, target = step
            counts["crossings"]["both"] += 1
            shutil.copy(folder / source / name, folder / target / name)
            continue
        side, line, *typed = step
        counts["commands"][side] += 1
        # Words are compared on the telephone.
        counts["calls"][side] += "same" in typed
        print(f"{side}$ {line}", flush=True)
        command = shlex.split(line)
        if command[0] != "blindlink":
            raise SystemExit(f"no command of the program: {line}")
        command[0] = str(program)
        env = {**os.environ, "BLINDLINK_DATA_DIR": str(folder / side / "node")}
        if command[1] == "serve":
            serving = listening(command, cwd=folder / side, env=env)
            continue
        code, said = on_terminal(command, typed[0] if typed else "", cwd=folder / side, env=env)
        print(said, flush=True)
        if code != 0:
            raise SystemExit(f"{side}: `{line}` ended with {code}")
    if serving is None:
        raise SystemExit("nobody served")
    serving.terminate()
    serving.wait()
    if not re.search(r"[1-9]\d* pairs", said):
        raise SystemExit("no pairs were found")
    results = list((folder / "north" / "node" / "results").glob("*-south-*.csv"))
    if len(results) != 1:
        raise SystemExit(f"{len(results)} results")
    handled = {side: files(folder / side) for side in sides}
    print(f"files {handled}")
    counts["files"] = {side: len(names) for side, names in handled.items()}
    if more := too_much(counts):
        raise SystemExit(f"more to do than {MOST}: {more}")
    print("; ".join(f"{what} {counts[what]}" for what in MOST))


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
