#!/usr/bin/env bash
# The working copy against git on the same data in one run.
#
#   against-git.sh [FOLDER]
#
# FOLDER is copied; without one a tree of 37 000 files and 250 MB is made. Each figure is the median of
# pairs run in turns: CPU seconds, user + system, and wall seconds. ROUNDS (11) is how many pairs.
set -euo pipefail

vcs=$(cd "$(dirname "$0")/.." && pwd)
(cd "$vcs" && cargo build --quiet --release --example work)
(cd "$vcs/../store" && cargo build --quiet --release --example grow)
bin=$(cd "$vcs" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rounds=${ROUNDS:-11}
export GIT_CONFIG_GLOBAL=$work/gitconfig
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
git config --global init.defaultBranch main

# timed FILE COMMAND...: runs it and adds its CPU and wall seconds to FILE.
timed() {
    local file=$1
    shift
    TIMEFORMAT='%U %S %R'
    { time "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time" || { cat "$work/err"; exit 1; }
    awk '{ print $1 + $2, $3 }' "$work/time" >> "$work/$file"
}
median() { sort -n -k "$2" "$work/$1" | awk -v field="$2" '{ v[NR] = $field } END { print v[int((NR + 1) / 2)] }'; }
# report NAME: the medians of what was timed into git and ours.
report() {
    awk -v name="$1" -v gc="$(median git 1)" -v gw="$(median git 2)" -v oc="$(median ours 1)" -v ow="$(median ours 2)" \
        'BEGIN { printf "%-34s git %.3f CPU s %.3f s, ours %.3f CPU s %.3f s: %.2f CPU, %.2f wall\n", name, gc, gw, oc, ow, oc / gc, ow / gw }'
    rm -f "$work/git" "$work/ours"
}

if [ -n "${1:-}" ]; then
    cp -r "$1" "$work/a"
    rm -rf "$work/a/.git" "$work/a/.selkie"
else
    "$bin/grow" "$work/a" 37000 250
fi
cp -r "$work/a" "$work/b"
a=$work/a b=$work/b
echo "$(find "$a" -type f | wc -l) files, $(du -sb --apparent-size "$a" | cut -f1) bytes, median of $rounds pairs"
git -C "$a" init --quiet
git -C "$a" add .
git -C "$a" commit --quiet -m one
mkdir "$b/.selkie"
"$bin/work" seal "$b" > "$work/sealed"
git -C "$a" status > /dev/null
"$bin/work" status "$b" > /dev/null

for ((run = 0; run < rounds; run++)); do
    timed git git -C "$a" status
    timed ours "$bin/work" status "$b"
done
report "W2 status, clean"

"$bin/work" index "$b"

# The same files on both sides, by their order; some keep their length, so that only their bytes differ.
mapfile -t touched < <(cd "$a" && git ls-files | awk 'NR % 371 == 0' | head -100)
for folder in "$a" "$b"; do
    for number in "${!touched[@]}"; do
        if ((number % 2)); then
            echo "more" >> "$folder/${touched[number]}"
        else
            sed -i '1s/^[a-z ]/Z/' "$folder/${touched[number]}"
        fi
    done
done
for ((run = 0; run < rounds; run++)); do
    timed git git -C "$a" status
    timed ours "$bin/work" status "$b"
done
report "W3 status, 100 files changed"

timed git sh -c "git -C '$a' add -A && git -C '$a' commit --quiet -m two"
timed ours "$bin/work" seal "$b"
report "W3 record of 100, once"
for ((run = 0; run < rounds; run++)); do
    echo "line $run" >> "$a/${touched[0]}"
    echo "line $run" >> "$b/${touched[0]}"
    timed git sh -c "git -C '$a' add -A && git -C '$a' commit --quiet -m more"
    timed ours "$bin/work" seal "$b"
done
report "W3 record of 1"

git -C "$a" checkout --quiet -b other
before=$(cat "$b/.selkie/tree")
mapfile -t many < <(cd "$a" && git ls-files | awk 'NR % 37 == 0' | head -1000)
for folder in "$a" "$b"; do
    for file in "${many[@]}"; do echo "// another timeline" >> "$folder/$file"; done
done
git -C "$a" commit --quiet -a -m other
"$bin/work" seal "$b" > "$work/sealed"
two=$(cat "$b/.selkie/tree")
git -C "$a" checkout --quiet main
"$bin/work" switch "$b" "$before" > /dev/null
for ((run = 0; run < rounds; run++)); do
    timed git git -C "$a" checkout --quiet other
    timed ours "$bin/work" switch "$b" "$two"
    timed git git -C "$a" checkout --quiet main
    timed ours "$bin/work" switch "$b" "$before"
done
report "W4 switch, 1 000 files"

rm -rf "$work/git-new" "$work/new"
mkdir -p "$work/new/.selkie"
cp -r "$b/.selkie/packs" "$b/.selkie/format" "$work/new/.selkie"
timed git git clone --quiet --no-hardlinks "$a" "$work/git-new"
timed ours "$bin/work" switch "$work/new" "$two"
report "checkout of everything, once"
