"""The growth of a round: `demo` at several sizes, each policy at the sizes that it is for.

    cargo build --release -p blindlink-cli
    python3 benches/scale.py [--target target/release] [--suite 2] [SIZE ...]

For each size: processor seconds of both nodes and of the program that makes the lists; seconds of the round;
frame bytes both ways for each record of one list; peak memory of each side; load of the machine when the round began. The
last column is the processor time for each record, as a ratio to that of the row before: 1.00 is growth that is linear.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
from pathlib import Path

SIZES = (2000, 5000, 10_000, 20_000)


def policy_for(records: int) -> list[str]:
    """The smallest of the documented policies that allows so many records."""
    for most, name in ((20_000, None), (200_000, "large"), (1_000_000, "very-large")):
        if records <= most:
            return ["--policy", f"docs/policies/{name}.toml"] if name else []
    raise SystemExit(f"no policy is for {records} records")


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=Path, default=Path("target/release"))
    parser.add_argument("--policy", help="instead of the policy for the size")
    parser.add_argument("--suite")
    parser.add_argument("sizes", type=int, nargs="*")
    given = parser.parse_args()
    print("| records a side | processor, s | round, s | KB a record | peak MB, requester / responder | load | us a record | ratio |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    before = None
    for records in given.sizes or SIZES:
        policy = ["--policy", given.policy] if given.policy else policy_for(records)
        suite = ["--suite", given.suite] if given.suite else []
        load, began = os.getloadavg()[0], processor_seconds()
        command = [str(given.target / "blindlink"), "demo", "--records", str(records), "--json", "--no-progress", *policy, *suite]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds = processor_seconds() - began
        said = json.loads(out.splitlines()[-1])
        sent = said["bytes_requester_to_responder"] + said["bytes_responder_to_requester"]
        peak = [said["peak_rss_bytes"][side] / 1e6 for side in ("requester", "responder")]
        each = seconds / records * 1e6
        ratio = f"{each / before:.2f}" if before else ""
        before = each
        print(
            f"| {records:,} | {seconds:.1f} | {said['round_seconds']:.1f} | {sent / records / 1000:.1f} "
            f"| {peak[0]:.0f} / {peak[1]:.0f} | {load:.1f} | {each:.0f} | {ratio} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
