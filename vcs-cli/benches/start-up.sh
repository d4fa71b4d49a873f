#!/usr/bin/env bash
# W12: what the program costs where there is nothing to do, against git in one run.
#
#   start-up.sh
#
# In a repository of 3 files: the version, the status, and a seal of one changed file (git: add and commit).
# Instructions are counted by callgrind, children included, so they hold on a busy machine; wall times are medians of
# ROUNDS (21) runs in turns.
set -euo pipefail

folder=$(cd "$(dirname "$0")/.." && pwd)
(cd "$folder" && cargo build --quiet --release)
selkie=$(cd "$folder" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/selkie
command -v valgrind > /dev/null || { echo "valgrind counts the instructions, and is not here" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rounds=${ROUNDS:-21}
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$work/git"
git config --global user.name bench
git config --global user.email bench@example.org
git config --global init.defaultBranch main
git config --global gc.auto 0
"$selkie" config -q set user.name bench
git -C "$work/git" init --quiet
"$selkie" forge -q "$work/ours"
for name in one two three; do
    echo "$name" | tee "$work/git/$name" > "$work/ours/$name"
done

seal_git() { git -C "$work/git" add . && git -C "$work/git" commit --quiet -m "$1"; }
seal_ours() { "$selkie" -C "$work/ours" gather -q . && "$selkie" -C "$work/ours" seal -q -m "$1"; }
seal_git first
seal_ours first

# counted COMMAND...: the instructions that it takes, in thousands.
counted() {
    valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$work/cg.%p" "$@" > /dev/null 2> "$work/err"
    awk '/Collected :/ { sum += $NF } END { printf "%d", sum / 1000 }' "$work/err"
}
# row NAME GIT OURS
row() { awk -v n="$1" -v g="$2" -v o="$3" 'BEGIN { printf "%-32s git %8.1f, ours %8.1f: %.2f (must 2.0, aim 1.0)\n", n, g, o, o / g }'; }

row "version, 1000 instructions" "$(counted git --version)" "$(counted "$selkie" --version)"
row "status, 1000 instructions" "$(counted git -C "$work/git" status)" "$(counted "$selkie" -C "$work/ours" status)"
echo counted | tee "$work/git/one" > "$work/ours/one"
gathered=$(counted git -C "$work/git" add .)
sealed=$(counted git -C "$work/git" commit --quiet -m counted)
ours=$(($(counted "$selkie" -C "$work/ours" gather -q .) + $(counted "$selkie" -C "$work/ours" seal -q -m counted)))
row "record, 1000 instructions" $((gathered + sealed)) "$ours"

# timed FILE COMMAND...: runs it and adds its wall milliseconds to FILE.
timed() {
    local file=$1 from to
    shift
    from=$(date +%s%N)
    "$@"
    to=$(date +%s%N)
    echo $(((to - from) / 1000)) >> "$work/$file"
}
median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1000 }'; }
for ((run = 0; run < rounds; run++)); do
    echo "$run" | tee "$work/git/one" > "$work/ours/one"
    timed git.wall seal_git "run $run"
    timed ours.wall seal_ours "run $run"
done
row "record, ms of wall" "$(median git.wall)" "$(median ours.wall)"
