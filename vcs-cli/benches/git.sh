#!/usr/bin/env bash
# W10: the history of a git repository brought here and given back, beside `git fast-export | git fast-import`, and what a linked
# repository costs.
#
#   git.sh REPOSITORY
#
# CPU seconds, user + system, medians of PAIRS (3) runs in turns; bytes on disk; and the most memory that one process of each held, what is
# mapped of git's packs included. Then every branch, tag and note that was given back is compared with the one that came. `status` is
# that of the newest files, in the same folder before it is linked and after. SELKIE is the program, if not the one that cargo builds.
set -euo pipefail

[ -n "${1:-}" ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
from=$(cd "$1" && pwd)
pairs=${PAIRS:-3} looks=${LOOKS:-11}
top=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "${SELKIE:-}" ]; then
    cargo build --quiet --release --manifest-path "$top/Cargo.toml" -p selkie
    SELKIE=$(cargo metadata --manifest-path "$top/Cargo.toml" --format-version 1 --no-deps |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/selkie
fi
selkie=$SELKIE
command -v /usr/bin/time > /dev/null || { echo "/usr/bin/time measures the memory, and is not here" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global safe.directory '*'
git config --global gc.auto 0
git config --global user.name bench
git config --global user.email bench@example.org
"$selkie" config -q set user.name bench

cpu() { # FILE FUNCTION: adds its CPU seconds to the file
    TIMEFORMAT='%U %S'
    { time "$2" > "$work/out" 2> "$work/err"; } 2> "$work/time" || { cat "$work/err" >&2; exit 1; }
    awk '{ print $1 + $2 }' "$work/time" >> "$work/$1"
}
median() { sort -g "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
most() { sort -g "$@" | tail -1 | awk '{ printf "%.0f", $1 / 1024 }'; }
held() { /usr/bin/time -a -o "$work/held.$1" -f %M "${@:2}"; }
disk() { du -sk "$1" | awk '{ printf "%.1f", $1 / 1024 }'; }
row() { # WHAT GIT OURS UNIT
    awk -v what="$1" -v git="$2" -v ours="$3" -v unit="$4" \
        'BEGIN { printf "| %s | %.5g %s | %.5g %s | **%.2f** |\n", what, git, unit, ours, unit, ours / git }'
}

git_moves() {
    rm -rf "$work/git.git"
    git init --quiet --bare "$work/git.git"
    held git git -C "$from" fast-export --branches --tags --reencode=no --signed-tags=verbatim \
        --tag-of-filtered-object=drop |
        held git git -C "$work/git.git" fast-import --quiet
}
our_import() {
    rm -rf "$work/ours"
    "$selkie" forge -q "$work/ours"
    # Whatever can not be kept is left out by name: git's own history has a tag that stands at a blob.
    held import "$selkie" -C "$work/ours" git import --incomplete "$from"
}
our_export() {
    rm -rf "$work/back.git"
    held export "$selkie" -C "$work/ours" git export "$work/back.git"
}
names() { git -C "$1" for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/notes | sort; }

echo "$(git --version), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null || uptime)"
echo "$(git -C "$from" rev-list --branches --tags --count) commits, medians of $pairs"
echo '| | git | selkie | ratio |'
echo '| --- | --- | --- | --- |'
for ((run = 0; run < pairs; run++)); do
    cpu git git_moves
    cpu import our_import
    cpu export our_export
done
row import "$(median git)" "$(median import)" s
row 'import, on disk' "$(disk "$work/git.git")" "$(disk "$work/ours/.selkie")" MiB
row 'import, memory' "$(most "$work/held.git")" "$(most "$work/held.import")" MiB
row export "$(median git)" "$(median export)" s
row 'export, on disk' "$(disk "$work/git.git")" "$(disk "$work/back.git")" MiB
row 'export, memory' "$(most "$work/held.git")" "$(most "$work/held.export")" MiB
names "$from" > "$work/before"
names "$work/back.git" > "$work/after"
echo "$(comm -12 "$work/before" "$work/after" | wc -l) refs identical, $(comm -23 "$work/before" "$work/after" | wc -l) left out," \
    "$(comm -13 "$work/before" "$work/after" | wc -l) that were not there"

newest=$(git -C "$work/back.git" rev-list --max-count 1 --branches --tags)
git clone --quiet --no-checkout "$work/back.git" "$work/files" 2> "$work/err" || { cat "$work/err" >&2; exit 1; }
git -C "$work/files" checkout --quiet -B bench "$newest"
(cd "$work/files" && "$selkie" git link && "$selkie" status) > "$work/out" 2>&1
# Ten of them: the clock of a process has steps of a millisecond.
look() { for _ in 1 2 3 4 5 6 7 8 9 10; do "$selkie" -C "$work/files" status; done; }
for ((run = 0; run < looks; run++)); do cpu linked look; done
"$selkie" -C "$work/files" git unlink > "$work/out" 2>&1
for ((run = 0; run < looks; run++)); do cpu alone look; done
echo '| | alone | linked | ratio |'
echo '| --- | --- | --- | --- |'
row "ten times status, $(git -C "$work/files" ls-files | wc -l) files" "$(median alone)" "$(median linked)" s
