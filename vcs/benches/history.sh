#!/usr/bin/env bash
# Histories beside git's: `vcs/benches/history.sh [FOLDER [SEALS]]`. Prints a table of instructions where
# valgrind is installed, which other work on the machine does not change, and CPU seconds of pairs.
set -euo pipefail

folder=${1:-$(mktemp -d)}
seals=${2:-80000}
top=$(cd "$(dirname "$0")/../.." && pwd)
path=folder0/inner0/file7.txt
cold_path=folder19/inner9/file3.txt

cargo build --release --quiet --manifest-path "$top/Cargo.toml" -p selkie-vcs --example history
history=$top/target/release/examples/history

if [ ! -e "$folder/store/tip" ]; then
    mkdir -p "$folder/store"
    git init --quiet --bare --initial-branch=main "$folder/git"
    "$history" make "$folder/store" "$seals" | git -C "$folder/git" fast-import --quiet
    git -C "$folder/git" gc --quiet
fi
rm -f "$folder/store/graph"
# `time` of the shell: user + system seconds.
TIMEFORMAT='%U + %S CPU s'
echo "graph made, with changed paths:"
time "$history" grow "$folder/store"
ls -l "$folder/store/graph" | awk '{print $5, "bytes"}'

cost() {
    if command -v valgrind > /dev/null; then
        valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$@" 2>&1 > /dev/null |
            awk '/I +refs/ {gsub(",", "", $NF); printf "%.1f M instructions", $NF / 1e6}'
    fi
    local best=999999 now
    for _ in 1 2 3 4 5; do
        now=$({ TIMEFORMAT='%U %S'; time "$@" > /dev/null; } 2>&1 |
            awk '{printf "%.0f", 1000 * ($1 + $2)}')
        [ "$now" -lt "$best" ] && best=$now
    done
    echo ", least of five: $best ms CPU"
}

row() {
    local name=$1 theirs=$2 ours=$3
    echo "$name"
    echo "  git:    $(cost git -C "$folder/git" $theirs)"
    echo "  selkie: $(cost "$history" $ours)"
}

row "all, one line each" "log --oneline" "log $folder/store"
row "newest 20" "log --oneline -n 20" "newest $folder/store"
row "one path that changes often" "log --oneline -- $path" "log-path $folder/store $path"
row "one path that changes seldom" "log --oneline -- $cold_path" "log-path $folder/store $cold_path"
row "merge base of the newest merge" "merge-base main^1 main^2" "bases $folder/store"
row "all counted" "rev-list --count main" "distance $folder/store"
