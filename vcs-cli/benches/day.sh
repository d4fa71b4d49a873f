#!/usr/bin/env bash
# A day's commands, the whole program against git on the same files in one run, as a table of ratios and goals.
#
#   day.sh [FOLDER]
#
# FOLDER is copied; without one a tree of FILES (37000) files and MIB (250) mebibytes is made. BIG_MIB (256) is the length of
# a file of noise, SEALS (100) are sealed one after the other. Each figure is the median of PAIRS (5) runs in turns, the ratio
# the median of the pairs' ratios. Times are CPU seconds, user + system: other work on the machine changes them less. git
# does not sync what it commits, its automatic gc is off, and selkie does and signs as well.
set -euo pipefail

files=${FILES:-37000} mib=${MIB:-250} big_mib=${BIG_MIB:-256} seals=${SEALS:-100} pairs=${PAIRS:-5}
top=$(cd "$(dirname "$0")/../.." && pwd)
cargo build --quiet --release --manifest-path "$top/Cargo.toml" -p selkie
cargo build --quiet --release --manifest-path "$top/Cargo.toml" -p selkie-store --example grow
target=$(cargo metadata --manifest-path "$top/Cargo.toml" --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release
selkie=$target/selkie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
git config --global init.defaultBranch main
git config --global advice.detachedHead false
"$selkie" config -q set user.name bench

git=$work/git our=$work/our
g() { git -C "$git" "$@"; }
s() { "$selkie" -C "$our" "$@"; }
both() { for folder in "$git" "$our"; do (cd "$folder" && "$@"); done; }
cpu() { # COMMAND...: its CPU seconds; its words go to a file
    TIMEFORMAT='%U %S'
    { time "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time" || { cat "$work/err" >&2; exit 1; }
    awk '{ print $1 + $2 }' "$work/time"
}
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
row() { # WHAT GIT OURS UNIT RATIO MUST AIM
    awk -v what="$1" -v git="$2" -v ours="$3" -v unit="$4" -v ratio="$5" -v must="$6" -v aim="$7" 'BEGIN {
        verdict = ratio + 0 <= aim + 0 ? "aim" : ratio + 0 <= must + 0 ? "must" : "missed"
        printf "| %s | %.4g %s | %.4g %s | **%.2f** | %s | %s | %s |\n", what, git, unit, ours, unit, ratio, must, aim, verdict }'
}
# pair WHAT MUST AIM: git_it and our_it in turns, each after before_it if there is one.
pair() {
    local side
    : > "$work/gits" && : > "$work/ours"
    for ((run = 0; run < pairs; run++)); do
        for side in git our; do
            if declare -F before_it > /dev/null; then before_it "$side" > "$work/before" 2>&1; fi
            cpu "${side}_it" >> "$work/${side}s"
        done
    done
    row "$1" "$(median < "$work/gits")" "$(median < "$work/ours")" s \
        "$(paste "$work/gits" "$work/ours" | awk '{ print $2 / ($1 > 0 ? $1 : 0.001) }' | median)" "$2" "$3"
    unset -f before_it
}

echo "$(git --version), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null || uptime)"
echo
echo "| | git | selkie | ratio | must | aim | |"
echo "| --- | --- | --- | --- | --- | --- | --- |"

# Everything, recorded once.
if [ -n "${1:-}" ]; then cp -r "$1" "$git" && rm -rf "$git/.git" "$git/.selkie"; else "$target/examples/grow" "$git" "$files" "$mib"; fi
cp -r "$git" "$our"
before_it() { case $1 in git) rm -rf "$git/.git" ;; our) rm -rf "$our/.selkie" ;; esac; }
git_it() { git init --quiet "$git" && g add . && g commit --quiet -m all; }
our_it() { "$selkie" forge -q "$our" && s gather -q . && s seal -q -m all; }
pair "W1: forge, gather, seal $(find "$git" -name .git -prune -o -type f -print | wc -l) files" 0.3 0.12
size() { du -s --block-size=1 "$1" | cut -f1; }
before=$(size "$our/.selkie")
cp -r "$git/.git" "$work/packed" && git --git-dir="$work/packed" gc --quiet
row "W1: on disk, of git after gc" "$(($(size "$work/packed") / 1000000))" "$((before / 1000000))" MB \
    "$(awk -v git="$(size "$work/packed")" -v our="$before" 'BEGIN { print our / git }')" 1.2 1.0

# What is changed.
git_it() { g status; }
our_it() { s status; }
pair "W2: status, clean" 0.7 0.4
mapfile -t some < <(cd "$git" && git ls-files | awk 'NR % 371 == 0' | head -100)
both sed -i '1s/^/changed /' "${some[@]}"
pair "W3: status, ${#some[@]} files changed" 0.7 0.3
git_it() { g diff; }
our_it() { s diff; }
pair "W5: diff of these" 1.0 0.6
number=0
before_it() { number=$((number + 1)) && case $1 in git) sed -i "1s/^/$number /" "${some[@]/#/$git/}" ;; our) sed -i "1s/^/$number /" "${some[@]/#/$our/}" ;; esac; }
git_it() { g add -u && g commit --quiet -m more; }
our_it() { s seal -q -a -m more; }
pair "W3: seal of ${#some[@]} files" 0.7 0.3
before_it() { number=$((number + 1)) && echo "$number" >> "$work/$1/${some[0]}"; }
pair "W3: seal of 1 file" 0.7 0.3

# Timelines a thousand files apart.
mapfile -t many < <(cd "$git" && git ls-files | awk 'NR % 37 == 1' | head -1000)
g checkout --quiet -b side && s timeline -q new side
both sed -i '1s/^/side /' "${many[@]}"
g commit --quiet -a -m side && s seal -q -a -m side
git_it() { g checkout --quiet main && g checkout --quiet side; }
our_it() { s switch -q main && s switch -q side; }
pair "W4: switch, ${#many[@]} files apart, and back" 0.8 0.5
git_it() { g diff main side; }
our_it() { s diff main side; }
pair "W5: diff of the two" 1.0 0.6

# As many changed on each side.
mapfile -t others < <(cd "$git" && git ls-files | awk 'NR % 37 == 2' | head -1000)
g checkout --quiet main && s switch -q main
both sed -i '1s/^/main /' "${others[@]}"
g commit --quiet -a -m main && s seal -q -a -m main
g tag here
before_it() { case $1 in git) g reset --quiet --hard here ;; our) [ ! -e "$work/fused" ] || s undo ;; esac; }
git_it() { g merge --quiet --no-edit side; }
our_it() { s fuse -q side && touch "$work/fused"; }
pair "W7: fuse, ${#many[@]} files changed on each side" 0.7 0.4
g reset --quiet --hard here && s undo -q
both sed -i '1s/^/mine /' "${many[@]:0:50}"
g commit --quiet -a -m mine && s seal -q -a -m mine
g tag -f here > /dev/null
before_it() { case $1 in git) g reset --quiet --hard here ;; our) [ ! -e "$work/open" ] || s fuse --abort ;; esac; }
git_it() { g merge --no-edit side || true; }
our_it() { s fuse -y side || true; touch "$work/open"; }
pair "W7: fuse with 50 conflicts" 0.7 0.4
g reset --quiet --hard here && s fuse -q --abort

# The history of one file of many.
git_it() { g log --oneline -- "${some[0]}"; }
our_it() { s log --oneline -- "${some[0]}"; }
pair "log of one path" 0.5 0.2
git_it() { g log -p --no-renames; }
our_it() { s log -p --no-renames; }
pair "log of all with what they changed" 1.0 0.6

# One seal after the other.
rm -rf "$git" "$our"
"$target/examples/grow" "$git" 400 4 && cp -r "$git" "$our"
git init --quiet "$git" && "$selkie" forge -q "$our"
g add . && g commit --quiet -m all && s gather -q . && s seal -q -m all
mapfile -t some < <(cd "$git" && git ls-files)
change() { for step in 0 1 2; do sed -i "1s/^/$2 /" "$1/${some[$((($2 * 7919 + step * 104729) % ${#some[@]}))]}"; done; }
: > "$work/gits" && : > "$work/ours"
git_it() { g commit --quiet -a -m more; }
our_it() { s seal -q -a -m more; }
for ((number = 0; number < seals; number++)); do
    change "$git" "$number" && cpu git_it >> "$work/gits"
    change "$our" "$number" && cpu our_it >> "$work/ours"
done
sum() { awk '{ sum += $1 } END { print sum }' "$1"; }
row "W8: $seals successive seals" "$(sum "$work/gits")" "$(sum "$work/ours")" s \
    "$(awk -v git="$(sum "$work/gits")" -v our="$(sum "$work/ours")" 'BEGIN { print our / git }')" 0.5 0.25
kb() { echo "$(($(size "$1") / 1000))"; }
row "W8: on disk" "$(kb "$git/.git")" "$(kb "$our/.selkie")" kB \
    "$(awk -v git="$(kb "$git/.git")" -v our="$(kb "$our/.selkie")" 'BEGIN { print our / git }')" 1.0 0.6
g gc --quiet && s gc -q
row "W8: on disk, after gc of both" "$(kb "$git/.git")" "$(kb "$our/.selkie")" kB \
    "$(awk -v git="$(kb "$git/.git")" -v our="$(kb "$our/.selkie")" 'BEGIN { print our / git }')" 1.1 0.9

# A file of noise.
rm -rf "$git" "$our"
mkdir "$git" && head -c "${big_mib}M" /dev/urandom > "$git/noise" && cp -r "$git" "$our"
git init --quiet "$git" && "$selkie" forge -q "$our"
git_it() { g add . && g commit --quiet -m more; }
our_it() { s gather -q . && s seal -q -m more; }
pairs=1
pair "W9: $big_mib MiB of noise" 0.3 0.3
before=$(size "$our/.selkie")
head -c 1K /dev/urandom > "$work/few"
for folder in "$git" "$our"; do dd if="$work/few" of="$folder/noise" bs=1K seek=$((big_mib * 512)) conv=notrunc status=none; done
pair "W9: 1 KiB of it changed" 0.3 0.3
echo
echo "W9: grew by $((($(size "$our/.selkie") - before) / 1024)) KiB"
