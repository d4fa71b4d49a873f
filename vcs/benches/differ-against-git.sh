#!/usr/bin/env bash
# Comparing trees against git on the same data in one run.
#
#   differ-against-git.sh [REPOSITORY BEFORE AFTER]
#
# A tree of 37 000 files and 250 MB is made, and 100 of its files are edited; then, if given, two revisions of
# REPOSITORY are compared. Runs alternate; printed is the median of CPU seconds, user + system, and of the wall's.
# Where `valgrind` is installed and INSTRUCTIONS is set, instructions are counted as well.
set -euo pipefail

vcs=$(cd "$(dirname "$0")/.." && pwd)
(cd "$vcs/.." && cargo build --quiet --release --examples -p selkie-store -p selkie-vcs)
bin=$(cd "$vcs/.." && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
git config --global init.defaultBranch main

# timed NAME COMMAND...: runs it and keeps its CPU and wall seconds under its name.
timed() {
    local name=$1
    shift
    TIMEFORMAT='%U %S %R'
    { time "$@" > "$work/out" 2> "$work/err"; } 2>> "$work/times-$name" || { cat "$work/err"; exit 1; }
}
medians() {
    local name
    for name in "$@"; do
        awk '{ print $1 + $2 }' "$work/times-$name" | sort -n > "$work/cpu"
        awk '{ print $3 }' "$work/times-$name" | sort -n > "$work/wall"
        printf '%-36s %8.3f CPU s %8.3f s\n' "$name" \
            "$(sed -n "$(((runs + 1) / 2))p" "$work/cpu")" "$(sed -n "$(((runs + 1) / 2))p" "$work/wall")"
        rm "$work/times-$name"
    done
}
counted() {
    [ -n "${INSTRUCTIONS:-}" ] && command -v valgrind > /dev/null || return 0
    local name=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 > /dev/null |
        sed -n "s/.*refs: *\(.*\)/$name: \1 instructions/p"
}
# compared LABEL GIT-FOLDER BEFORE AFTER STORE TREE TREE
compared() {
    local label=$1 git=$2 before=$3 after=$4 store=$5 one=$6 other=$7 what
    echo "$label"
    for what in names patch; do
        local as=--patch
        [ $what = names ] && as=--name-status
        for _ in $(seq "$runs"); do
            timed "git-$what" git -C "$git" diff $as "$before" "$after" --
            timed "differ-$what" "$bin/differ" show "$store" "$one" "$other" $what
        done
        medians "git-$what" "differ-$what"
        counted "git $what" git -C "$git" diff $as "$before" "$after" --
        counted "differ $what" "$bin/differ" show "$store" "$one" "$other" $what
    done
}

"$bin/grow" "$work/tree" 37000 250
one=$("$bin/differ" take "$work/tree" "$work/store")
git -C "$work/tree" init --quiet
git -C "$work/tree" add .
git -C "$work/tree" commit --quiet -m before
find "$work/tree" -name 'file*' | LC_ALL=C sort | awk 'NR % 370 == 1' | while read -r file; do
    sed -i '3s/.*/changed/; 20i added' "$file"
done
git -C "$work/tree" commit --quiet -am after
mv "$work/tree/.git" "$work/git"
other=$("$bin/differ" take "$work/tree" "$work/store" "$one")
mv "$work/git" "$work/tree/.git"
compared "W5: 100 of 37 000 files" "$work/tree" HEAD~ HEAD "$work/store" "$one" "$other"

if [ $# -eq 3 ]; then
    mkdir "$work/before" "$work/after"
    git -C "$1" archive "$2" | tar x -C "$work/before"
    git -C "$1" archive "$3" | tar x -C "$work/after"
    one=$("$bin/differ" take "$work/before" "$work/store2")
    other=$("$bin/differ" take "$work/after" "$work/store2" "$one")
    compared "W5: $2 to $3" "$1" "$2" "$3" "$work/store2" "$one" "$other"
fi
