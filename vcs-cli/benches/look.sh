#!/usr/bin/env bash
# Looking into files and their history, against git in one run.
#
#   look.sh
#
# A file of 2 000 lines through SEALS (200) seals that each change a few of them, every third one another file; and
# FILES (4000) files of 60 lines, of which one in a hundred has what is looked for. Both tools print the same lines, which is
# checked. Instructions are counted by callgrind, children and threads included, so they hold on a busy machine.
set -euo pipefail

folder=$(cd "$(dirname "$0")/.." && pwd)
(cd "$folder" && cargo build --quiet --release)
selkie=$(cd "$folder" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/selkie
command -v valgrind > /dev/null || { echo "valgrind counts the instructions, and is not here" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seals=${SEALS:-200} files=${FILES:-4000}
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$work/git"
git config --global user.name bench
git config --global user.email bench@example.org
git config --global init.defaultBranch main
git config --global gc.auto 0
"$selkie" config -q set user.name bench
git -C "$work/git" init --quiet
"$selkie" forge -q "$work/ours"

for ((number = 0; number < files; number++)); do
    mkdir -p "$work/git/many/$((number % 50))"
    seq -f "line %g of file $number" 60 > "$work/git/many/$((number % 50))/$number.txt"
    ((number % 100)) || echo "a needle in $number" >> "$work/git/many/$((number % 50))/$number.txt"
done
seq -f "first version of line %g" 2000 > "$work/git/file.txt"
cp -r "$work/git/many" "$work/git/file.txt" "$work/ours"
seal() {
    git -C "$work/git" add . && git -C "$work/git" commit --quiet -m "$1"
    "$selkie" -C "$work/ours" gather -q . && "$selkie" -C "$work/ours" seal -q -m "$1"
}
seal first
for ((number = 1; number < seals; number++)); do
    if ((number % 3)); then
        at=$((number * 7919 % 1990 + 1))
        sed -i "${at},$((at + 4))s/.*/& of seal $number/" "$work/git/file.txt"
        cp "$work/git/file.txt" "$work/ours/file.txt"
    else
        echo "$number" | tee "$work/git/other.txt" > "$work/ours/other.txt"
    fi
    seal "change $number"
done

# told COMMAND...: what it prints goes to $work/NAME, and its instructions, in millions, to standard output.
counted() {
    local name=$1
    shift
    valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$work/cg.%p" "$@" > "$work/$name" 2> "$work/err"
    awk '/Collected :/ { sum += $NF } END { printf "%.1f", sum / 1e6 }' "$work/err"
}
row() { awk -v n="$1" -v g="$2" -v o="$3" 'BEGIN { printf "%-44s git %8.1f, ours %8.1f: %.2f\n", n, g, o, o / g }'; }

theirs=$(counted git.blame git -C "$work/git" blame -s file.txt)
ours=$(counted ours.blame "$selkie" -C "$work/ours" blame file.txt)
# Both name as many seals, and change from one to the next at the same lines.
turns() { awk '{ if ($1 != last) printf "%d ", NR; last = $1 }' "$work/$1"; }
[ "$(turns git.blame)" = "$(turns ours.blame)" ] || { echo "they do not tell the same" >&2; exit 1; }
row "who brought 2000 lines, $seals seals, M instr." "$theirs" "$ours"

for pattern in needle 'l[aeiou]ne 5. of file 39+7' 'e'; do
    theirs=$(counted git.find git -C "$work/git" --no-pager grep -nE "$pattern" -- many)
    ours=$(counted ours.find "$selkie" -C "$work/ours" find "$pattern" many)
    cmp -s "$work/git.find" "$work/ours.find" || { echo "they do not find the same" >&2; exit 1; }
    row "'$pattern' in $files files, M instr." "$theirs" "$ours"
done
theirs=$(counted git.pick git -C "$work/git" log --format=%s -S 'of seal 7' -- file.txt)
ours=$(counted ours.pick "$selkie" -C "$work/ours" find -F --history 'of seal 7' file.txt)
[ "$(wc -l < "$work/git.pick")" = "$(grep -c '^[^ ]' "$work/ours.pick")" ] || { echo "other seals" >&2; exit 1; }
row "which seals changed a text, M instr." "$theirs" "$ours"
