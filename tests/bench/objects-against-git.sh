#!/bin/sh
# Fetches objects from core to core, without a network, and git beside it: the figures of sync/BENCHMARKS.md, "Objects".
#
#     tests/bench/objects-against-git.sh REPOSITORY [FOLDER]
#
# REPOSITORY is a git repository with 500 commits on its first-parent line or more. FOLDER holds what is made; one in
# memory leaves the disk out. LONG_MIB is the length of the long file.
set -eu
repository=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
mib=${LONG_MIB:-1024}
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
cargo build --quiet --release -p selkie-sync --example objects -p selkie-store --example replay
bin=${CARGO_TARGET_DIR:-target}/release/examples
fresh() { rm -rf "$work/run"; mkdir -p "$work/run"; }

fresh && "$bin/objects" long "$mib" "$work/run"
fresh && "$bin/objects" many 20000 "$work/run"
fresh && "$bin/objects" cut 256 "$work/run"
fresh && "$bin/replay" "$repository" "$work/run/history" 502 > "$work/run/replay"
cp -r "$work/run/history" "$work/run/again"
"$bin/objects" history "$work/run/history" "$work/run/all" all
"$bin/objects" history "$work/run/again" "$work/run/packed" packed
rm -rf "$work/run/history/logs"
"$bin/objects" history "$work/run/history" "$work/run/newest"

# The same trees as one line of commits, sent by git.
fresh
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init --quiet --bare "$work/run/again.git"
objects=$(git -C "$repository" rev-parse --git-path objects)
case $objects in /*) ;; *) objects=$repository/$objects ;; esac
echo "$objects" > "$work/run/again.git/objects/info/alternates"
again() { git --git-dir="$work/run/again.git" "$@"; }
newest='' before=''
for commit in $(git -C "$repository" rev-list --first-parent --reverse -n 502 HEAD); do
    before=$newest
    newest=$(git -C "$repository" log -1 --format=%B "$commit" |
        again commit-tree "$commit^{tree}" ${before:+-p "$before"})
done
echo "git, a whole history: $(echo "$newest" | again pack-objects --revs --stdout --delta-base-offset -q | wc -c) bytes"
echo "git, the newest seal: $(printf '%s\n^%s\n' "$newest" "$before" |
    again pack-objects --revs --stdout --thin --delta-base-offset -q | wc -c) bytes, without the negotiation"
rm -rf "$work/run"
