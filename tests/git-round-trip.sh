#!/bin/sh
# Imports a git repository, exports it again and compares each branch, tag and note:
#
#     tests/git-round-trip.sh PATH...
#
# Prints `N refs identical, N differ` for each, and ends with 1 if one differs or git finds fault with what was exported.
# SELKIE is the program, if not the one that cargo builds.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
selkie=${SELKIE:-$top/target/release/selkie}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
git config --global safe.directory '*'
names() {
    git -C "$1" for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/notes
}
bad=0
for from in "$@"; do
    from=$(cd "$from" && pwd)
    rm -rf "$work/clone" "$work/back.git"
    "$selkie" forge "$work/clone" >/dev/null
    (cd "$work/clone" && "$selkie" git import "$from" && "$selkie" git export "$work/back.git")
    names "$from" | sort >"$work/before"
    names "$work/back.git" | sort >"$work/after"
    same=$(comm -12 "$work/before" "$work/after" | wc -l)
    differ=$(comm -3 "$work/before" "$work/after" | wc -l)
    echo "$from: $((same)) refs identical, $((differ)) differ"
    [ "$((differ))" = 0 ] || bad=1
    # What git finds fault with in the original is no fault of ours.
    git -C "$from" fsck --strict --no-dangling 2>/dev/null | sort >"$work/faults" || true
    git -C "$work/back.git" fsck --strict --no-dangling 2>/dev/null | sort >"$work/ours" || true
    new=$(comm -13 "$work/faults" "$work/ours")
    [ -z "$new" ] || { echo "$new"; bad=1; }
done
exit "$bad"
