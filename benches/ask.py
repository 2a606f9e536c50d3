"""Urgent questions against a list of 20,000, over loopback or a weak line: seconds from `ask send` to the answer, and bytes.

    cargo build --release -p blindlink-cli
    cargo build --release -p blindlink-testkit --example weak_link
    python3 benches/ask.py [--target target/release] [--records 20000] [--line loopback good N1 N3] [--questions 2]
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

LINES = {"good": (100_000, 20_000, 10, 0, 0, 0), "N1": (20_000, 5_000, 40, 1, 0, 0), "N2": (2_000, 500, 125, 10, 3600, 30), "N3": (512, 128, 350, 30, 600, 60)}
"""Of `weak_link`: kbit/s down and up, ms of one way, thousandths lost, seconds between cuts and of a cut."""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Node:
    def __init__(self, program: Path, folder: Path, name: str) -> None:
        self.program, self.folder, self.name, self.data = program, folder, name, folder / name
        self.run("init")

    def command(self, *arguments: object) -> list[str]:
        return [str(self.program), "--data-dir", str(self.data), *(str(part) for part in arguments)]

    def run(self, *arguments: object) -> Any:
        done = subprocess.run([*self.command(*arguments), "--json"], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{self.name} {arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def signer(self, name: str) -> str:
        path = self.folder / f"{self.name}-{name}.key"
        self.run("signer", "init", "--out", path)
        return str(path)


def agreed(asks: Node, answers: Node, folder: Path, records: int, port: int) -> None:
    """An agreement with an urgent part, signed by four and stored on both sides."""
    shown = subprocess.run([str(asks.program), "policy", "show"], check=True, capture_output=True, text=True)
    text = shown.stdout
    text = text.replace('agreement = "lab"', 'agreement = "north-south"')
    text = text.replace('purpose = "test with synthetic persons"', 'purpose = "find shared persons"')
    text = re.sub(r"(?m)^(records_(requester|responder)) = \d+", rf"\1 = {records}", text)
    policy = folder / "policy.toml"
    policy.write_text(text)
    keys = {node: [node.signer("one"), node.signer("two")] for node in (asks, answers)}

    def side(node: Node) -> list[object]:
        signers = [part for n, key in zip(("First", "Second"), keys[node]) for part in ("--signer", f"{n} of {node.name}={key}")]
        return ["--party", f"Ministry of {node.name}", "--legal-basis", "Utopian Act 1", *signers]

    invitation, bundle = folder / "south.invite", folder / "north-south.bundle"
    answers.run("peer", "invite", "--name", "south", "--addr", f"127.0.0.1:{port}", *side(answers), "--out", invitation)
    asks.run("agreement", "propose", "--invitation", invitation, "--as", "north", *side(asks), "--policy", policy, "--urgent", 100, "--out", bundle)
    for key in (*keys[asks], *keys[answers]):
        asks.run("agreement", "sign", bundle, "--key", key, "--yes")
    # Both sides are on one machine: nobody stands between them, and the words are those that it prints.
    asks.run("peer", "add", "south", "--key", answers.run("identity", "show")["key"], "--addr", f"127.0.0.1:{port}")
    words = asks.run("peer", "words", "south")["words"]
    asks.run("peer", "remove", "south")
    for node in (asks, answers):
        node.run("agreement", "accept", bundle, "--words", words)


def people(node: Node, folder: Path) -> dict[str, list[object]]:
    """Who asks, and who approves."""
    acting: dict[str, list[object]] = {}
    for name, role in (("chief", "security"), ("anna", "reviewer"), ("carla", "approver"), ("paul", "approver")):
        file = folder / f"{name}.pass"
        file.write_text(f"a long passphrase of {name}\n")
        acting[name] = ["--as", name, "--passphrase-file", file]
        lists = [] if role == "security" else ["--list", "suspect"]
        by = [] if name == "chief" else acting["chief"]
        node.run("account", "add", name, "--role", role, *lists, "--new-passphrase-file", file, *by)
    return acting


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure urgent questions.")
    parser.add_argument("--target", type=Path, default=Path("target/release"))
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--line", nargs="+", default=["loopback", "good", "N1"])
    parser.add_argument("--questions", type=int, default=2)
    given = parser.parse_args()
    program, folder = given.target.absolute() / "blindlink", Path(tempfile.mkdtemp())
    subprocess.run([program, "synth", "--records", str(given.records), "--seed", "77", "--out", folder / "lists"], check=True, capture_output=True)
    asks, answers = Node(program, folder, "north"), Node(program, folder, "south")
    port = free_port()
    agreed(asks, answers, folder, given.records, port)
    policy = next((answers.data / "policies").glob("*.toml"))
    (answers.data / "blindlink.toml").write_text(
        f'[node]\nlisten = "127.0.0.1:{port}"\n[[link]]\nname = "first"\npeer = "north"\nrole = "responder"\n'
        f'policy = "{policy}"\nlist = "{folder / "lists" / "a.csv"}"\n'
    )
    acting = people(asks, folder)
    began = time.monotonic()
    service = subprocess.Popen(answers.command("run"), stderr=subprocess.PIPE, text=True)
    assert service.stderr is not None
    for line in service.stderr:
        if "first urgent" in line:
            break
    print(f"{given.records} records read and encoded twice in {time.monotonic() - began:.1f} s")
    head, *rows = (folder / "lists" / "a.csv").read_text().splitlines()
    row = 0
    for line in given.line:
        relay = None
        if line != "loopback":
            front = free_port()
            numbers = [str(number) for number in LINES[line]]
            relay = subprocess.Popen(
                [given.target.absolute() / "examples" / "weak_link", f"127.0.0.1:{front}", f"127.0.0.1:{port}", *numbers],
                stdout=subprocess.DEVNULL,
            )
            address = f"127.0.0.1:{front}"
        else:
            address = f"127.0.0.1:{port}"
        peer = next(one for one in asks.run("peer", "list")["peers"] if one["name"] == "south")
        asks.run("peer", "remove", "south")
        asks.run("peer", "add", "south", "--key", peer["key"], "--addr", address)
        for _ in range(given.questions):
            file = folder / f"person-{row}.csv"
            file.write_text(f"{head}\nperson-{row},{rows[row].split(',', 1)[1]}\n")
            row += 1
            made = asks.run("ask", "--peer", "south", "--record", file, "--reason", "a measurement", *acting["anna"])
            number = made["questions"][-1]["number"]
            for approver in ("carla", "paul"):
                asks.run("ask", "approve", number, *acting[approver])
            began = time.monotonic()
            found = asks.run("ask", "send", number)
            took = time.monotonic() - began
            sent, received = found["bytes_sent"], found["bytes_received"]
            print(f"{line:9} {took:7.1f} s  {sent / 1e6:6.2f} MB out  {received / 1e6:6.2f} MB in  {found['matches']} pairs", flush=True)
        if relay is not None:
            relay.kill()
    service.terminate()
    service.wait()


if __name__ == "__main__":
    main()
