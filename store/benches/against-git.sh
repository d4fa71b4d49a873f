#!/usr/bin/env bash
# The store against git on the same data in one run.
#
#   against-git.sh [FOLDER [REPOSITORY]]
#
# FOLDER is sealed as it is; without one a tree of 37 000 files and 250 MB is made. The newest 500
# commits of REPOSITORY are sealed again, if one is given. Times are CPU seconds, user + system.
set -euo pipefail

store=$(cd "$(dirname "$0")/.." && pwd)
(cd "$store" && cargo build --quiet --release --examples)
bin=$(cd "$store/.." && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
git config --global init.defaultBranch main

# cpu NAME COMMAND...: runs it and prints its CPU and wall seconds.
cpu() {
    local name=$1
    shift
    TIMEFORMAT='%U %S %R'
    { time "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time" || { cat "$work/err"; exit 1; }
    awk -v name="$name" '{ printf "%-44s %7.2f CPU s %7.2f s\n", name, $1 + $2, $3 }' "$work/time"
}
bytes() { printf '%-44s %11d bytes\n' "$1" "$(du -sb --apparent-size "$2" | cut -f1)"; }
blocks() { printf '%-44s %11d bytes\n' "$1" "$(du -s --block-size=1 "$2" | cut -f1)"; }

folder=${1:-}
if [ -z "$folder" ]; then
    folder=$work/tree
    "$bin/grow" "$folder" 37000 250
fi
echo "W1: $(find "$folder" -type f | wc -l) files, $(du -sb --apparent-size "$folder" | cut -f1) bytes"
cp -r "$folder" "$work/git"
git -C "$work/git" init --quiet
git_seal() { git -C "$work/git" add . && git -C "$work/git" commit --quiet -m all; }
for run in 1 2 3; do
    rm -rf "$work/store" "$work/git/.git"
    git -C "$work/git" init --quiet
    cpu "git add + commit, run $run" git_seal
    cpu "selkie-store import, run $run" "$bin/import" "$work/git" "$work/store"
done
blocks "git, as it stands" "$work/git/.git/objects"
blocks "selkie-store, as it stands" "$work/store"
cpu "git gc" git -C "$work/git" gc --quiet
blocks "git after gc" "$work/git/.git/objects"

echo "W14: random reads of 20 000 objects of that tree, 200 000 absent ids"
git -C "$work/git" cat-file --batch-all-objects --batch-check='%(objectname)' |
    shuf -n 20000 > "$work/ids"
awk 'BEGIN { for (n = 0; n < 200000; n++) printf "%08x%032x\n", n * 21474, n }' > "$work/absent"
read_git() { git -C "$work/git" cat-file --batch --buffer < "$work/ids" > /dev/null; }
has_git() { git -C "$work/git" cat-file --batch-check --buffer < "$work/absent" > /dev/null; }
cpu "git cat-file --batch" read_git
cpu "git cat-file --batch-check, absent" has_git
"$bin/lookups" "$work/store" 20000 > "$work/out"
head -3 "$work/out"
echo "W14: a million objects of 1 000 batches"
"$bin/many" "$work/million" 1000 1000
echo "$(find "$work/million/packs" -name '*.pack' | wc -l) packs"
"$bin/lookups" "$work/million" 20000 > "$work/out"
head -3 "$work/out"

if [ -n "${2:-}" ]; then
    echo "W8: 500 seals of $2"
    git clone --quiet "$2" "$work/clone"
    git -C "$work/clone" log --first-parent --format=%H -n 501 HEAD | tac > "$work/commits"
    export GIT_WORK_TREE=$work/clone
    git --git-dir="$work/again" init --quiet
    again() { git --git-dir="$work/again" add -A . && git --git-dir="$work/again" commit --quiet --allow-empty -m x; }
    cd "$work/clone"
    TIMEFORMAT='%U %S %R'
    while read -r commit; do
        env -u GIT_WORK_TREE git -C "$work/clone" checkout --quiet "$commit"
        { time again; } 2>> "$work/seals"
    done < "$work/commits"
    unset GIT_WORK_TREE
    awk '{ print $1 + $2, $3 }' "$work/seals" | sort -n |
        awk '{ cpu[NR] = $1; wall[NR] = $2 } END { m = int((NR + 1) / 2); printf "git add + commit, median: %.1f CPU ms\n", cpu[m] * 1000 }'
    blocks "git, as it stands" "$work/again/objects"
    git --git-dir="$work/again" gc --quiet
    blocks "git after gc" "$work/again/objects"
    cpu "selkie-store, 501 seals with reading git" "$bin/replay" "$2" "$work/replayed" 501
    cat "$work/out"
    blocks "selkie-store, as it stands" "$work/replayed"
    cpu "selkie-store repack" "$bin/maintain" "$work/replayed"
    blocks "selkie-store after repack" "$work/replayed"
fi

echo "W9: 1 GiB of noise; 1 KiB changed in it; 1 000 bytes inserted"
head -c 1G /dev/urandom > "$work/big"
for change in none changed inserted; do
    case $change in
    none) ;;
    changed) head -c 1K /dev/urandom | dd of="$work/big" bs=1K seek=524288 conv=notrunc status=none ;;
    inserted) { head -c 300M "$work/big"; head -c 1000 /dev/urandom; tail -c +314572801 "$work/big"; } > "$work/big2"; mv "$work/big2" "$work/big" ;;
    esac
    cpu "selkie-store record, $change" "$bin/record" "$work/big" "$work/bigstore"
    bytes "  its size then" "$work/bigstore"
done
