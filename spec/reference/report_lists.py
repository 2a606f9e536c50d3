"""What is read of lists: for each line of standard input, a JSON object as in the vectors `records`, one line of JSON.

    python3 spec/reference/report_lists.py < lists.jsonl
"""

from __future__ import annotations

import json
import sys

from layers.records import outcome


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line)), sort_keys=True))


if __name__ == "__main__":
    main()
