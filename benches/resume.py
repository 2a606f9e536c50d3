"""Rounds under trouble: each with one kill -9 of one node at a random moment, and some over a link that is cut every few
seconds. Compares the matches with what the same seeds and lists give without a round, and counts the bytes that were
sent again.

    cargo build --release -p blindlink-cli --bin blindlink --example expected_pairs
    python3 benches/resume.py [--target target/release] [--records 2000] [--kills 30] [--cut 5] [--seed 1]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


class Failed(Exception):
    """A node ended with an error."""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Relay:
    """Forwards datagrams. What belongs to a flow from before the last cut is swallowed."""

    def __init__(self, target: int) -> None:
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.front.setsockopt(socket.SOL_SOCKET, option, 4 << 20)
        self.front.bind(("127.0.0.1", 0))
        self.port, self.target, self.cuts, self.over = self.front.getsockname()[1], target, 0, False
        threading.Thread(target=self.forward, daemon=True).start()

    def cut(self) -> None:
        self.cuts += 1

    def forward(self) -> None:
        flows: dict[Any, tuple[socket.socket, int]] = {}
        owner: dict[int, tuple[Any, int]] = {}
        while not self.over:
            sockets = [self.front, *(back for back, born in flows.values() if born == self.cuts)]
            for ready in select.select(sockets, [], [], 0.1)[0]:
                try:
                    if ready is self.front:
                        packet, caller = self.front.recvfrom(65536)
                        if caller not in flows:
                            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                            back.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                            back.connect(("127.0.0.1", self.target))
                            flows[caller] = (back, self.cuts)
                            owner[back.fileno()] = (caller, self.cuts)
                        back, born = flows[caller]
                        if born == self.cuts:
                            back.send(packet)
                    else:
                        packet = ready.recv(65536)
                        caller, born = owner[ready.fileno()]
                        if born == self.cuts:
                            self.front.sendto(packet, caller)
                except OSError:
                    pass  # nobody listens at the other end now


class Lab:
    def __init__(self, target: Path, records: int, folder: Path) -> None:
        self.program, self.expected_pairs, self.folder = target / "blindlink", target / "examples" / "expected_pairs", folder
        program = self.program
        run(program, "synth", "--records", records, "--overlap", "0.5", "--seed", 7, "--out", folder / "lists")
        policy = run(program, "policy", "show").splitlines()
        sized = [f"{line.split(' ')[0]} = {records}" if line.startswith("records_re") else line for line in policy]
        (folder / "policy.toml").write_text("\n".join(sized) + "\n", encoding="utf-8")
        keys = {side: json.loads(self.node(side, "init", "--json"))["key"] for side in ("requester", "responder")}
        self.node("responder", "peer", "add", "requester", "--key", keys["requester"])
        self.key = keys["responder"]

    def node(self, side: str, *command: object) -> str:
        return run(self.program, "--data-dir", self.folder / side, *command)

    def start(self, side: str, *command: object) -> subprocess.Popen[str]:
        listed = "a.csv" if side == "responder" else "b.csv"
        out = self.result(side)
        full = [self.program, "--data-dir", self.folder / side, *command, "--records", self.folder / "lists" / listed]
        full += ["--policy", self.folder / "policy.toml", "--out", out, "--training", "--json", "--no-progress"]
        full += ["--idle-timeout", 2, "--handshake-timeout", 3, "--give-up-after", 300]
        return subprocess.Popen([str(p) for p in full], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, side: str) -> Path:
        return self.folder / f"{side}.csv"

    def pairs(self) -> set[tuple[str, str, str]]:
        def rows(side: str) -> list[dict[str, str]]:
            with self.result(side).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))

        owner = {row["peer_pseudonym"]: row["own_id"] for row in rows("responder")}
        return {(row["own_id"], owner[row["peer_pseudonym"]], row["grade"]) for row in rows("requester")}

    def expected(self, number: str) -> set[tuple[str, str, str]]:
        """What this round must have found."""
        lists, nodes = self.folder / "lists", [self.folder / "requester", self.folder / "responder"]
        text = run(self.expected_pairs, self.folder / "policy.toml", lists / "b.csv", nodes[0], lists / "a.csv", nodes[1], number)
        return {tuple(line.split(",")) for line in text.splitlines()}

    def round(self, trouble: Any, relayed: bool = False) -> tuple[dict[str, Any], dict[str, Any], set[tuple[str, str, str]], float]:
        port = free_port()
        relay = Relay(port) if relayed else None
        called = relay.port if relay else port
        subprocess.run([str(self.program), "--data-dir", str(self.folder / "requester"), "peer", "remove", "responder"], capture_output=True)
        for side in ("requester", "responder"):
            self.result(side).unlink(missing_ok=True)
        self.node("requester", "peer", "add", "responder", "--key", self.key, "--addr", f"127.0.0.1:{called}")
        commands = {"responder": ("serve", "--once", "--listen", f"127.0.0.1:{port}"), "requester": ("link", "responder")}
        running = {"responder": self.start("responder", *commands["responder"])}
        time.sleep(1.5)
        began = time.monotonic()
        running["requester"] = self.start("requester", *commands["requester"])
        trouble(running, lambda side: self.start(side, *commands[side]), relay)
        ends = {}
        for side in ("requester", "responder"):
            out, err = running[side].communicate(timeout=600)
            if running[side].returncode:
                for process in running.values():
                    process.kill()
                raise Failed(f"{side} ended with {running[side].returncode}:\n{out}{err}")
            ends[side] = json.loads(out)
        took = time.monotonic() - began
        if relay:
            relay.over = True
        return ends["requester"], ends["responder"], self.pairs(), took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=Path("target/release"))
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--cut", type=int, default=5)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two cuts")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(options.target.resolve(), options.records, Path(folder))
        one, two, found, took = lab.round(lambda *_: None)
        total = one["bytes_sent"] + two["bytes_sent"]
        same = found == lab.expected(one["round"])
        print(f"without trouble: {len(found)} pairs, {took:.1f} s, {total / 1e6:.1f} MB of frames, {same=}", flush=True)
        shares = []

        def report(name: str, ends: tuple[dict[str, Any], dict[str, Any], set[Any], float]) -> None:
            one, two, found, took = ends
            wanted = lab.expected(one["round"])
            share = (one["bytes_resent"] + two["bytes_resent"]) / total
            shares.append(share)
            same = f"the same {len(found)} pairs" if found == wanted else f"OTHER PAIRS: {len(found ^ wanted)} differ"
            resumed = max(one["resumptions"], two["resumptions"])
            print(f"{name}: {same}, {took:.1f} s, gone on {resumed} times, {100 * share:.2f} % sent again", flush=True)
            if found != wanted:
                raise SystemExit(1)

        number = 0
        while number < options.kills:
            victim, moment = chance.choice(["requester", "responder"]), chance.uniform(0.02, 0.98) * took
            killed, over = [], []

            def kill(running: Any, start: Any, _: Any, victim: str = victim, moment: float = moment) -> None:
                time.sleep(moment)
                if running[victim].poll() is None:
                    running[victim].send_signal(signal.SIGKILL)
                    running[victim].communicate()
                    if lab.result(victim).exists():
                        over.append(victim)
                    running[victim] = start(victim)
                    killed.append(victim)

            try:
                ends = lab.round(kill)
            except Failed:
                # It had its result, and the peer was gone when it was started again.
                if over:
                    continue
                raise
            # A round that was faster than the first one had ended before: it does not count.
            if killed and not over:
                number += 1
                report(f"kill {number}: {victim} at {moment:.1f} s", ends)
        for number in range(options.cut):

            def cut(running: Any, _start: Any, relay: Any) -> None:
                while running["requester"].poll() is None:
                    time.sleep(chance.uniform(0.7, 1.3) * options.every)
                    relay.cut()

            report(f"cut {number + 1}", lab.round(cut, relayed=True))
        if shares:
            print(f"sent again: {100 * sum(shares) / len(shares):.2f} % on average, {100 * max(shares):.2f} % at most")


if __name__ == "__main__":
    main()
