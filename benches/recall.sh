#!/usr/bin/env bash
# Writes docs/recall.md: recall by culture and by corruption on synthetic lists. Run from the root of the repository:
#     benches/recall.sh [PROGRAM] [POLICY]
# PROGRAM is the node's (default target/release/blindlink), POLICY a policy file (default: the default policy).
set -euo pipefail
program=$(realpath "${1:-target/release/blindlink}")
policy=()
if [[ $# -ge 2 ]]; then policy=(--policy "$(realpath "$2")"); fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

evaluated() { # difficulty, overlap, seed, further arguments
    local lists="$folder/$1-$2-$3"
    "$program" synth --records 20000 --overlap "$2" --seed "$3" --difficulty "$1" --out "$lists" >"$lists.txt"
    "$program" evaluate --a "$lists/a.csv" --b "$lists/b.csv" --truth "$lists/truth.csv" "${policy[@]}" "${@:4}"
}

{
    cat <<'END'
# Recall by culture and corruption

Made by `benches/recall.sh`; do not edit. Lists and corruptions are described in [synthetic.md](synthetic.md); the policy is the default one unless the script was given another. What these lists cannot show is said there too.

END
    for difficulty in moderate hard; do
        printf '## %s\n\n20,000 by 20,000 records, 10 %% in both, seed 1:\n\n```\n' "${difficulty^}"
        evaluated "$difficulty" 0.1 1 | sed -n '/^records/,/^ compare/p' | grep -vE '^( compare|list [ab])' | cat -s | sed '$ { /^$/d }'
        # More pairs for the tables: with 2,000 a culture would have 75.
        printf '```\n\nRecall over 10,000 pairs (20,000 by 20,000 records, 50 %% in both, seed 2). A pair counts under each of its corruptions, whichever list has them; those with less than 100 pairs say little.\n\n'
        evaluated "$difficulty" 0.5 2 --breakdown | sed -n '/^| culture/,$p'
        echo
    done
} >"$folder/recall.md"
mv "$folder/recall.md" docs/recall.md
