#!/bin/sh
# Makes the folder `data` anew: make.sh BLINDLINK, with a debug build of the program (it can hold a round). See README.md.
set -eu
bin=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here/policy.toml" .
north="$bin --data-dir north" south="$bin --data-dir south"

$bin synth --records 8 --seed 7 --out lists > /dev/null
for node in north south; do $bin --data-dir $node init > /dev/null; done
key() { $bin --data-dir "$1" identity show --json | sed -n 's/.*"key":"\([^"]*\)".*/\1/p'; }
$north peer add south --key "$(key south)" --addr 127.0.0.1:47434 > /dev/null
$south peer add north --key "$(key north)" > /dev/null

# An agreement that four persons have signed.
signers=
for n in 0 1 2 3; do
    signers="$signers $($bin signer init --out "$n.key" --json | sed -n 's/.*"key":"\([^"]*\)".*/\1/p')"
done
set -- $signers
$north agreement new --policy policy.toml --peer south --suite 1 --own-signers "$1" "$2" --peer-signers "$3" "$4" \
    --out draft.toml > /dev/null
sed -e 's/to be filled in: the law on which this party acts/Utopian Act 1/' -e 's/to be filled in: this authority/Utopia/' \
    -e 's/first signer/the minister/' -e 's/second signer/the officer/' \
    -e 's/^rounds_per_day = .*/rounds_per_day = 4/' -e 's/^bins_per_table = .*/bins_per_table = 4000/' \
    -e 's/^claims = .*/claims = 8/' -e 's/^matches = .*/matches = 8/' draft.toml > agreement.toml
for n in 0 1 2 3; do
    $north agreement sign agreement.toml --key "$n.key" --out "approval-$n" --yes > /dev/null
done
for node in north south; do
    $bin --data-dir $node agreement add --agreement agreement.toml approval-0 approval-1 approval-2 approval-3 > /dev/null
done

# Somebody who reviews.
echo 'invented passphrase of nobody' > passphrase
$south account add chief --role security --new-passphrase-file passphrase > /dev/null

# A round that ends, and one that is stopped in the middle: nothing lets it go on.
serve() { $south serve --once --listen 127.0.0.1:47434 --records lists/a.csv --policy policy.toml "$@"; }
link() { $north link south --records lists/b.csv --policy policy.toml --out "$1" --json --progress none; }
serve --json --progress none > served.json 2> served.log &
sleep 2
link matches.csv > linked.json 2> linked.log
wait
BLINDLINK_TEST_HOLD="compare:50:$work/never" serve --json --progress json > /dev/null 2> stopped.log &
server=$!
sleep 2
link never.csv > /dev/null 2> stopped-too.log &
caller=$!
until grep -q '"stage":"compare"' stopped.log; do sleep 1; done
sleep 2
kill -9 $server $caller
wait || true

rm -rf "$here/data"
mkdir "$here/data"
cp -R south/. "$here/data"
find "$here/data" -name '*.lock' -delete
