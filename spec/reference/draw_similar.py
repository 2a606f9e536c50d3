"""Writes another draw of the suite `similar` over that of a copy of `vectors/`, to see whether a policy that was tuned to the
published one holds on pairs that nobody looked at.

    cp -r vectors FOLDER && python3 spec/reference/draw_similar.py FOLDER LABEL EACH
    blindlink vectors replay FOLDER --figures
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from layers import similar


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    folder, label, each = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for name, document in similar.files(f"{label} ", each).items():
        (folder / "v2" / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
