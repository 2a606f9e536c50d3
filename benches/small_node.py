"""A round with one node on a small machine: one processor and 512 MiB, held by a control group, the peer beside it.

    cargo build --release -p blindlink-cli
    sudo python3 benches/small_node.py [--records 20000] [--mib 512] [--side responder|requester]

Needs root and the memory controller (version 1 or 2). The kernel ends a process that wants more than the group has. Prints one
JSON object: how long a service takes until it listens, seconds and processor time of the round, the largest resident set of the
node and the most that the group held, pages of files among it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from links import free_port, resized, run

V1, V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
# As the unit of the service has it.
ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "2097152", "MALLOC_TRIM_THRESHOLD_": "1048576"}


class Group:
    """A control group with so much memory, and no swap."""

    def __init__(self, mib: int) -> None:
        second = (V2 / "cgroup.controllers").exists()
        self.folder = (V2 if second else V1) / f"blindlink-{os.getpid()}"
        self.folder.mkdir()
        names = ("memory.max", "memory.swap.max") if second else ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        for name, value in zip(names, (mib << 20, 0 if second else mib << 20)):
            if (self.folder / name).exists():
                (self.folder / name).write_text(str(value))
        self.most = self.folder / ("memory.peak" if second else "memory.max_usage_in_bytes")

    def enter(self) -> None:
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))
        os.sched_setaffinity(0, {0})

    def peak(self) -> int:
        return int(self.most.read_text())

    def close(self) -> None:
        self.folder.rmdir()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=Path("target/release/blindlink"))
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--side", choices=("responder", "requester"), default="responder")
    given = parser.parse_args()
    program = given.program.resolve()
    with tempfile.TemporaryDirectory(prefix="blindlink-small-") as name:
        folder = Path(name)
        run(program, "synth", "--records", given.records, "--overlap", "0.1", "--seed", 7, "--out", folder / "lists")
        policy = folder / "policy.toml"
        policy.write_text(resized(run(program, "policy", "show"), given.records), encoding="utf-8")
        sides = ("requester", "responder")
        keys = {side: json.loads(run(program, "--data-dir", folder / side, "init", "--json"))["key"] for side in sides}
        addr = f"127.0.0.1:{free_port()}"
        run(program, "--data-dir", folder / "responder", "peer", "add", "requester", "--key", keys["requester"])
        run(program, "--data-dir", folder / "requester", "peer", "add", "responder", "--key", keys["responder"], "--addr", addr)
        (folder / "responder" / "blindlink.toml").write_text(f'[node]\ntraining = true\nlisten = "{addr}"\n', encoding="utf-8")
        group = Group(given.mib)

        def node(side: str, *command: str) -> subprocess.Popen[str]:
            small = side == given.side
            full = [str(part) for part in (program, "--data-dir", folder / side, *command)]
            env = {**os.environ, **(ALLOCATOR if small else {})}
            enter = group.enter if small else lambda: os.sched_setaffinity(0, {os.cpu_count() - 1})
            pipe = subprocess.PIPE
            return subprocess.Popen(full, stdout=pipe, stderr=pipe, text=True, env=env, preexec_fn=enter)

        def listens(process: subprocess.Popen[str]) -> float:
            began = time.monotonic()
            for line in process.stderr:
                if '"listening"' in line:
                    seconds = time.monotonic() - began
                    # What nobody reads would stop it.
                    threading.Thread(target=process.stderr.read, daemon=True).start()
                    return seconds
            raise SystemExit(f"it ended with {process.wait()}")

        def of_round(side: str, *command: str) -> subprocess.Popen[str]:
            letter = "a" if side == "responder" else "b"
            more = ["--policy", policy, "--records", folder / "lists" / f"{letter}.csv", "--out", folder / f"{side}.csv"]
            return node(side, *command, *map(str, more), "--training", "--json", "--progress", "json")

        try:
            service = node("responder", "run", "--json", "--progress", "json")
            ready = listens(service)
            service.terminate()
            service.wait()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            responder = of_round("responder", "serve", "--once", "--listen", addr)
            listens(responder)
            began = time.monotonic()
            requester = of_round("requester", "link", "responder")
            ended = {"requester": requester.communicate()[0], "responder": responder.stdout.read()}
            responder.wait()
            seconds = time.monotonic() - began
            if requester.returncode or responder.returncode:
                raise SystemExit(f"{requester.returncode}, {responder.returncode}: {ended}"[-3000:])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            said = {side: json.loads(out) for side, out in ended.items()}
            small = said[given.side]
            print(json.dumps({
                "side": given.side,
                "records": given.records,
                "mib": given.mib,
                "run_ready_seconds": round(ready, 3),
                "round_seconds": round(seconds, 1),
                "processor_seconds_both": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
                "peak_rss_bytes": small["peak_rss_bytes"],
                "group_peak_bytes": group.peak(),
                "stages": {stage["name"]: round(stage["seconds"], 1) for stage in small["stages"]},
                "matches": said["requester"]["matches"],
                "load": os.getloadavg()[0],
            }))
        finally:
            time.sleep(1)
            group.close()


if __name__ == "__main__":
    main()
