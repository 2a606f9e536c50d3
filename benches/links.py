"""A round over a weak line: two nodes on this machine and between them the relay of `weak_link`.

    cargo build --release -p blindlink-cli -p blindlink-testkit --bin blindlink --example weak_link
    python3 benches/links.py --records 2000 --down 2000 --up 500 --delay 250 --lost 10 [--policy FILE] [--cut-every 60 --cut-for 10]

Rates in kbit/s towards and from the requester, the delay of one way in ms, losses of a thousand packets each way, cuts in
seconds. Prints one JSON object: seconds of the round and of each stage, bytes of frames each way, bytes that passed the line.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def resized(text: str, records: int) -> str:
    lines = text.splitlines()
    return "\n".join(f"{line.split(' ')[0]} = {records}" if line.startswith("records_re") else line for line in lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=Path, default=Path("target/release"))
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--policy", type=Path)
    for name, default in (("down", 2000), ("up", 500), ("delay", 250), ("lost", 10), ("cut-every", 0), ("cut-for", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--timeout", type=int, default=4 * 3600)
    given = parser.parse_args()
    program = given.target / "blindlink"
    with tempfile.TemporaryDirectory(prefix="blindlink-links-") as name:
        folder = Path(name)
        run(program, "synth", "--records", given.records, "--overlap", "0.3", "--seed", 7, "--out", folder / "lists")
        text = given.policy.read_text(encoding="utf-8") if given.policy else run(program, "policy", "show")
        (folder / "policy.toml").write_text(resized(text, given.records), encoding="utf-8")
        keys = {
            side: json.loads(run(program, "--data-dir", folder / side, "init", "--json"))["key"]
            for side in ("requester", "responder")
        }
        port, called = free_port(), free_port()
        run(program, "--data-dir", folder / "responder", "peer", "add", "requester", "--key", keys["requester"])
        run(program, "--data-dir", folder / "requester", "peer", "add", "responder", "--key", keys["responder"], "--addr", f"127.0.0.1:{called}")

        def node(side: str, *command: str) -> subprocess.Popen[str]:
            full = [program, "--data-dir", folder / side, *command, "--policy", folder / "policy.toml"]
            full += ["--records", folder / "lists" / ("a.csv" if side == "responder" else "b.csv")]
            full += ["--out", folder / f"{side}.csv", "--training", "--json", "--no-progress", "--give-up-after", str(given.timeout)]
            return subprocess.Popen([str(part) for part in full], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        line = [given.down, given.up, given.delay, given.lost, given.cut_every, given.cut_for]
        passed = folder / "passed"
        running = []
        try:
            with passed.open("w") as out:
                relay = [given.target / "examples" / "weak_link", f"127.0.0.1:{called}", f"127.0.0.1:{port}", *line]
                running.append(subprocess.Popen([str(part) for part in relay], stdout=out))
            running.append(responder := node("responder", "serve", "--once", "--listen", f"127.0.0.1:{port}"))
            time.sleep(3)
            began = time.monotonic()
            running.append(requester := node("requester", "link", "responder"))
            out, err = requester.communicate(timeout=given.timeout)
            seconds = time.monotonic() - began
            if requester.returncode:
                raise SystemExit(f"the requester ended with {requester.returncode}: {out} {err[-2000:]}")
            responder.communicate(timeout=120)
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
        result = json.loads(out)
        shown = {"records": given.records, "line": line, "seconds": round(seconds, 1), "load": os.getloadavg()[0]}
        print(json.dumps(shown | {"passed": passed.read_text().splitlines()[-1:], "result": result}))


if __name__ == "__main__":
    main()
