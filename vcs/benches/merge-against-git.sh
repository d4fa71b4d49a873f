#!/usr/bin/env bash
# Merging large files against `git merge-file`, in one run. Printed are CPU seconds, the least of five runs.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
(cd "$root" && cargo build --quiet --release -p selkie)
bin=$(cd "$root" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/selkie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# least COMMAND...: CPU seconds of the fastest run. A conflict is no failure.
least() {
    TIMEFORMAT='%U %S'
    for _ in 1 2 3 4 5; do
        { time "$@" > out 2> err || true; } 2>&1 | awk '{ print $1 + $2 }'
    done | sort -n | head -1
}
compared() {
    printf '%-44s git %6.3f   selkie %6.3f\n' "$1" \
        "$(least git merge-file -p --diff-algorithm=histogram ours base theirs)" \
        "$(least "$bin" merge-file base ours theirs merged "$2")"
}

lines() { awk -v count="$1" "BEGIN { for (i = 0; i < count; i++) { $2 } }"; }

lines 100000 'print "line " i' > base
lines 100000 'print (i % 100 == 50 ? "ours " : "line ") i' > ours
lines 100000 'print (i % 100 == 50 ? "theirs " : "line ") i' > theirs
compared "100 000 lines, 1 000 conflicts" a.txt

lines 100000 'print "line " i' > base
lines 100000 'print (i % 2 == 0 ? "ours " : "line ") i' > ours
lines 100000 'print (i % 2 == 1 ? "theirs " : "line ") i' > theirs
compared "100 000 lines, each side every other one" a.txt

lines 150000 'printf "a b c; "' > base
{ printf X; cat base; } > ours
{ cat base; printf Y; } > theirs
compared "1 MiB in one line" a.txt

lines 50000 'print "old " i' > base
lines 50000 'print "new " i (i % 3 ? " a" : " b")' > ours
lines 50000 'print "new " i (i % 5 ? " a" : " c")' > theirs
compared "50 000 lines, all rewritten by both" a.txt

lines 1 'print "x = 1"' > base
{ cat base; lines 30000 'print "k" i " = 1"'; } > ours
{ cat base; lines 30000 'print "j" i " = 1"'; } > theirs
compared "30 000 keys added by each" a.conf

keys() { echo '{'; lines 50000 "print \"  \\\"key\" i \"\\\": \\\"\" ($1) \"\\\",\""; echo '  "end": 0'; echo '}'; }
keys '"v" i' > base
keys '(i % 50 == 7 ? "o" : "v") i' > ours
keys '(i % 50 == 8 || i % 500 == 7 ? "t" : "v") i' > theirs
compared "JSON, 50 000 keys, 100 conflicts" a.json
