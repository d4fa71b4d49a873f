#!/usr/bin/env bash
# The store against git on the same data in one run, as a table of ratios and goals.
#
#   tests/bench/store-against-git.sh [FOLDER [REPOSITORY]]
#
# FOLDER is recorded as it is; without one a tree of FILES (37000) files and MIB (250) mebibytes is made. The newest
# SEALS (500) commits of REPOSITORY are sealed again; without one a history of as many is made. BIG_MIB (1024) is the
# length of the file of noise, BATCHES (1000) of 1 000 objects each are asked for absent ids. Each time is the median of
# PAIRS (5) runs in turns, the ratio is the median of the pairs' ratios. Times are CPU seconds, user + system: other work on
# the machine changes them less. The store syncs what it writes, and git does not.
set -euo pipefail

files=${FILES:-37000} mib=${MIB:-250} seals=${SEALS:-500} big_mib=${BIG_MIB:-1024} batches=${BATCHES:-1000} pairs=${PAIRS:-5}
top=$(cd "$(dirname "$0")/../.." && pwd)
cargo build --quiet --release --manifest-path "$top/Cargo.toml" -p selkie-store --examples
bin=$(cargo metadata --manifest-path "$top/Cargo.toml" --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
git config --global init.defaultBranch main

cpu() {
    TIMEFORMAT='%U %S'
    { time "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time" || { cat "$work/err" >&2; exit 1; }
    awk '{ print $1 + $2 }' "$work/time"
}
on_disk() { du -s --block-size=1 "$1" | cut -f1; }
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
row() { # WHAT GIT OURS UNIT RATIO MUST AIM
    awk -v what="$1" -v git="$2" -v ours="$3" -v unit="$4" -v ratio="$5" -v must="$6" -v aim="$7" 'BEGIN {
        verdict = ratio + 0 <= aim + 0 ? "aim" : ratio + 0 <= must + 0 ? "must" : "missed"
        printf "| %s | %.4g %s | %.4g %s | **%.2f** | %s | %s | %s |\n", what, git, unit, ours, unit, ratio, must, aim, verdict }'
}
# pair WHAT MUST AIM NAME: the functions git_NAME and our_NAME in turns, each after reset_NAME if there is one. Each
# prints what it took in seconds.
pair() {
    local what=$1 must=$2 aim=$3 name=$4 side
    : > "$work/git" && : > "$work/our" && : > "$work/ratio"
    for ((run = 0; run < pairs; run++)); do
        for side in git our; do
            if declare -F "reset_$name" > /dev/null; then "reset_$name" "$side"; fi
            "${side}_$name" >> "$work/$side"
        done
        paste <(tail -n 1 "$work/git") <(tail -n 1 "$work/our") | awk '{ print $2 / $1 }' >> "$work/ratio"
    done
    row "$what" "$(median < "$work/git")" "$(median < "$work/our")" s "$(median < "$work/ratio")" "$must" "$aim"
}
size() { # WHAT MUST AIM GIT OURS
    row "$1" "$(awk -v n="$4" 'BEGIN { print n / 1e6 }')" "$(awk -v n="$5" 'BEGIN { print n / 1e6 }')" MB \
        "$(awk -v git="$4" -v ours="$5" 'BEGIN { print ours / git }')" "$2" "$3"
}

echo "$(git --version), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null || uptime)"
echo
echo "| | git | store | ratio | must | aim | |"
echo "| --- | --- | --- | --- | --- | --- | --- |"

# W1: everything of a tree, recorded once.
folder=${1:-$work/tree}
[ -n "${1:-}" ] || "$bin/grow" "$folder" "$files" "$mib"
mkdir "$work/import"
cp -r "$folder" "$work/import/tree"
rm -rf "$work/import/tree/.git"
git_add_all() { git -C "$work/import/tree" add . && git -C "$work/import/tree" commit --quiet -m all; }
reset_import() {
    case $1 in
    git) rm -rf "$work/import/tree/.git" && git -C "$work/import/tree" init --quiet ;;
    our) rm -rf "$work/import/store" "$work/import/away" && mv "$work/import/tree/.git" "$work/import/away" ;;
    esac
}
git_import() { cpu git_add_all; }
our_import() { cpu "$bin/import" "$work/import/tree" "$work/import/store"; }
pair "W1: $(find "$folder" -type f | wc -l) files recorded" 0.3 0.12 import
mv "$work/import/away" "$work/import/tree/.git"
tree=$work/import/tree tree_store=$work/import/store
git -C "$tree" gc --quiet
size "W1: its size, of git after gc" 1.2 1.0 "$(on_disk "$tree/.git/objects")" "$(on_disk "$tree_store")"

# W14: objects of that tree.
draw() { shuf -n "$1" --random-source=<(yes); }
ids_of() { # GIT STORE COUNT: draws ids of both into files.
    git -C "$1" cat-file --batch-all-objects --batch-check='%(objectname)' > "$work/all"
    "$bin/lookups" "$2" ids > "$work/our_all"
    # More than there are: each is read several times.
    for side in all our_all; do
        awk -v count="$3" '{ id[NR] = $0 } END { for (n = 0; n < count; n++) print id[1 + n % NR] }' "$work/$side" |
            draw "$3" > "$work/${side/all/ids}"
    done
}
git_batch() { git -C "$work/of" cat-file --batch --buffer < "$work/ids"; }
git_check() { git -C "$work/of" cat-file --batch-check --buffer < "$work/git_absent"; }
our_lookups() { "$bin/lookups" "$work/of_store" "$1" < "$2"; }
git_read() { cpu git_batch; }
our_read() { cpu our_lookups read "$work/our_ids"; }
git_has() { cpu git_check; }
our_has() { cpu our_lookups has "$work/our_absent"; }
git_missing() { cpu git_check; }
our_missing() { cpu our_lookups missing "$work/our_absent"; }
git_opened() { git -C "$work/of" cat-file --batch-check < /dev/null; }
our_opened() { "$bin/lookups" "$work/of_store" open; }
git_open() { cpu git_opened; }
our_open() { cpu our_opened; }
of() { ln -sfn "$1" "$work/of" && ln -sfn "$2" "$work/of_store"; }
awk 'BEGIN { for (n = 0; n < 100000; n++) printf "%08x%032x\n", n * 42949, n }' > "$work/git_absent"
awk 'BEGIN { for (n = 0; n < 100000; n++) printf "%08x%056x\n", n * 42949, n }' > "$work/our_absent"
of "$tree" "$tree_store"
ids_of "$tree" "$tree_store" 20000
pair "W14: 20 000 random reads of it" 1.0 0.5 read
pair "W14: \`has\` of 100 000 absent ids, one after the other" 1.0 0.5 has
pair "W14: \`missing\` of 100 000 absent ids" 1.0 0.5 missing

# W8: successive seals of a history.
history=${2:-$work/history}
edit() { # NUMBER: changes three files of the tree, as far from each other as they come.
    local number=$1 step at
    for step in 0 1 2; do
        at=$(((number * 7919 + step * 104729) % ${#paths[@]}))
        sed -i "$((1 + number * 31 % 40))s/.*/    changed(${number}, ${step});/" "${paths[at]}"
    done
}
if [ -z "${2:-}" ]; then
    git init --quiet "$history"
    "$bin/grow" "$history/tree" 400 4
    mapfile -t paths < <(find "$history/tree" -type f | LC_ALL=C sort)
    for ((number = 0; number < seals; number++)); do
        edit "$number"
        git -C "$history" add -A . && git -C "$history" commit --quiet --allow-empty -m "change $number"
    done
fi
git clone --quiet "$history" "$work/clone" 2> /dev/null
git -C "$work/clone" log --first-parent --format=%H -n "$seals" HEAD | tac > "$work/commits"
again() { git --git-dir="$work/again" --work-tree="$work/clone" "$@"; }
seal_again() { again add -A . && again commit --quiet --allow-empty -m again; }
reset_seals() { rm -rf "$work/replayed"; [ "$1" = our ] || { rm -rf "$work/again" && git --git-dir="$work/again" init --quiet --bare; }; }
git_seals() {
    while read -r commit; do
        git -C "$work/clone" checkout --quiet "$commit"
        (cd "$work/clone" && cpu seal_again)
    done < "$work/commits" | awk '{ sum += $1 } END { print sum }'
}
our_seals() { "$bin/replay" "$history" "$work/replayed" "$seals" | cut -d' ' -f1; }
all_pairs=$pairs pairs=$((pairs < 3 ? pairs : 3))
pair "W8: $(wc -l < "$work/commits") successive seals" 0.5 0.25 seals
pairs=$all_pairs
size "W8: their size, as it stands" 1.0 0.6 "$(on_disk "$work/again/objects")" "$(on_disk "$work/replayed")"
git --git-dir="$work/again" gc --quiet
cost=$(cpu "$bin/maintain" "$work/replayed")
size "W8: their size, of git after gc, of the store after repack ($cost s)" 1.1 0.9 "$(on_disk "$work/again/objects")" "$(on_disk "$work/replayed")"
of "$work/again" "$work/replayed"
ids_of "$work/again" "$work/replayed" 20000
pair "W14: 20 000 random reads of that, after gc and repack" 1.0 0.5 read

# W14: a million objects, put in a thousand batches.
objects() { # as the example many makes them
    awk -v batch="$1" 'BEGIN { for (n = 0; n < 1000; n++) { line = "object " n " of batch " batch ", much like the others\n"
        text = line line line line line line line line; printf "blob\ndata %d\n%s\n", length(text), text } }'
}
git init --quiet --bare "$work/million"
for ((batch = 0; batch < batches; batch++)); do
    objects "$batch" | git -C "$work/million" fast-import --quiet
done
"$bin/many" "$work/packs" "$batches" 1000 keep > "$work/out"
"$bin/many" "$work/tidied" "$batches" 1000 tidy > "$work/out"
packs() { find "$1" -name '*.pack' | wc -l; }
of "$work/million" "$work/packs"
pair "W14: \`has\` of 100 000 absent ids, $(packs "$work/million") packs of git's, $(packs "$work/packs") of ours" 1.0 0.5 has
pair "W14: \`missing\` of them" 1.0 0.5 missing
of "$work/million" "$work/tidied"
pair "W14: \`has\`, ours merged as after seals: $(packs "$work/tidied") packs" 1.0 0.5 has
git -C "$work/million" repack --quiet -a -d --keep-unreachable
pair "W14: \`has\`, git repacked: $(packs "$work/million") pack" 1.0 0.5 has
pair "W14: opened, all in all" 1.0 0.5 open

# W9: a file of noise.
mkdir "$work/big"
git_big() { cpu git_add_big; }
our_big() { cpu "$bin/record" "$work/big/noise" "$work/big_store"; }
git_add_big() { git -C "$work/big" add . && git -C "$work/big" commit --quiet -m big; }
head -c "${big_mib}M" /dev/urandom > "$work/big/noise"
git -C "$work/big" init --quiet
all_pairs=$pairs pairs=1
pair "W9: $big_mib MiB of noise recorded" 0.3 0.3 big
before=$(on_disk "$work/big_store")
head -c 1K /dev/urandom | dd of="$work/big/noise" bs=1K seek=$((big_mib * 512)) conv=notrunc status=none
pair "W9: 1 KiB of it changed, recorded" 0.3 0.3 big
changed=$(on_disk "$work/big_store")
middle=$((big_mib * 314572))
{ head -c "$middle" "$work/big/noise"; head -c 1000 /dev/urandom; tail -c +$((middle + 1)) "$work/big/noise"; } > "$work/longer"
mv "$work/longer" "$work/big/noise"
pair "W9: 1 000 bytes inserted, recorded" 0.3 0.3 big
pairs=$all_pairs
growth() { # WHAT BYTES: in KiB, against 2 MiB and 256 KiB
    awk -v what="$1" -v kib="$(($2 / 1024))" 'BEGIN {
        printf "| %s | | %d KiB | | 2048 KiB | 256 KiB | %s |\n", what, kib, kib <= 256 ? "aim" : kib <= 2048 ? "must" : "missed" }'
}
growth "W9: growth by the change" $((changed - before))
growth "W9: growth by the insertion" $(($(on_disk "$work/big_store") - changed))
if [ -x /usr/bin/time ]; then
    rm -rf "$work/big_store"
    peak=$(/usr/bin/time -f %M "$bin/record" "$work/big/noise" "$work/big_store" 2>&1 > "$work/out")
    awk -v mib="$((peak / 1024))" 'BEGIN {
        printf "| W9: peak memory | | %d MiB | | 200 MiB | 64 MiB | %s |\n", mib, mib <= 64 ? "aim" : mib <= 200 ? "must" : "missed" }'
fi
echo
echo "load $(cut -d' ' -f1-3 /proc/loadavg 2> /dev/null || uptime) at the end"
