#!/usr/bin/env bash
# Repeats Blindlink's FEBRL figures: converts, learns weights on FEBRL 3, links FEBRL 4, sweeps the threshold.
# Usage: run.sh FOLDER [--sealed], with `blindlink` on the PATH or named by BLINDLINK.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
folder="${1:?run.sh FOLDER [--sealed]}"
blindlink="${BLINDLINK:-blindlink}"
[[ -f "$folder/test/truth.csv" ]] || python3 "$here/convert.py" "$folder"
for columns in name-dob address; do
    lists() { echo --a "$folder/$1/$columns/a.csv" --b "$folder/$1/$columns/b.csv" --truth "$folder/$1/truth.csv"; }
    trained="$folder/$columns.toml"
    # shellcheck disable=SC2046  # the options are words
    "$blindlink" policy train $(lists train) --policy "$here/$columns.toml" --out "$trained"
    echo "== FEBRL 4, $columns =="
    # shellcheck disable=SC2046
    "$blindlink" evaluate $(lists test) --policy "$trained" --sweep
    # shellcheck disable=SC2046
    if [[ "${2:-}" == --sealed ]]; then "$blindlink" evaluate $(lists test) --policy "$trained" --sealed; fi
done
