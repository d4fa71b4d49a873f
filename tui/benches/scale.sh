#!/usr/bin/env bash
# How the conflict screen takes long files, beside vimdiff. CPU time and memory, so that a busy machine does no harm to it.
#
#   scale.sh [WRITE]
#
# Files of 10 000, 100 000 and 1 000 000 lines with 100 and 1000 conflicts, on a terminal of 200 columns and 50 rows made by `script`. Of
# each: the first screen (the whole program, from its start to its end by 'q'), a choice, and one with the step to the next conflict (drawn and
# on disk, without the first screen and without what is found beside it), and the most memory. With WRITE the table comes into BENCHMARKS.md.
set -euo pipefail

folder=$(cd "$(dirname "$0")/.." && pwd)
for program in script vim awk; do
    command -v "$program" > /dev/null || { echo "$program is needed, and is not here" >&2; exit 1; }
done
[ -x /usr/bin/time ] || { echo "/usr/bin/time counts, and is not here" >&2; exit 1; }
(cd "$folder" && cargo build --quiet --release -p selkie)
selkie=$(cd "$folder" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/selkie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config TERM=xterm-256color SHELL=/bin/sh
mkdir -p "$HOME"
"$selkie" config -q set user.name bench

# text LINES CONFLICTS WHO: a text of which each side changed the same lines.
text() {
    awk -v lines="$1" -v every="$(($1 / $2))" -v who="$3" 'BEGIN {
        for (at = 0; at < lines; at++)
            if (who != "" && at % every == int(every / 2)) printf "line %d as %s has it, in other words\n", at, who
            else printf "line %d of a file that somebody wrote long ago\n", at
    }'
}

# played KEYS COMMAND [SECONDS]: microseconds of CPU and KiB of memory of a command at a terminal where these keys are pressed, after so many seconds.
played() {
    cat > "$work/inner" <<INNER
stty rows 50 cols 200
TIMEFORMAT='%3U %3S'
{ time /usr/bin/time -o "$work/memory" -f %M $2; } 2> "$work/told"
INNER
    { sleep "${3:-0}"; printf '%s' "$1"; } | script -qfec "bash $work/inner" /dev/null > "$work/screen" 2>&1 || true
    tail -1 "$work/told" | awk -v memory="$(tail -1 "$work/memory")" '{ printf "%d %d\n", ($1 + $2) * 1000000, memory }'
}

# least KEYS COMMAND: the least of three.
least() { for _ in 1 2 3; do played "$@"; done | sort -n | head -1; }

# fresh KEYS SECONDS: the least of three runs that each begin without a draft.
fresh() { for _ in 1 2 3; do rm -f .selkie/local/notes-*; played "$1" "$selkie resolve" "$2"; done | sort -n | head -1; }

# fifty KEYS SECONDS: microseconds of CPU of pressing these keys fifty times, and KiB of memory. What was merged close to each other is found
# beside the screen, and takes as long as it takes: so two runs wait for that, and count is what one has more than the other. What was decided in one
# would be there in the next, so its draft goes.
fifty() {
    local few many less all most
    few=$(for _ in $(seq 20); do printf '%s' "$1"; done)
    many=$(for _ in $(seq 70); do printf '%s' "$1"; done)
    read -r less _ <<< "$(fresh "${few}q" "$2")"
    read -r all most <<< "$(fresh "${many}q" "$2")"
    echo "$((all - less)) $most"
}

rows=""
for size in "10000 100 1" "100000 1000 4" "1000000 1000 30"; do
    read -r lines conflicts seconds <<< "$size"
    clone=$work/$lines
    "$selkie" forge -q "$clone"
    cd "$clone"
    text "$lines" "$conflicts" "" | tee ../base > long.txt
    "$selkie" gather -q . && "$selkie" seal -q -m base
    "$selkie" timeline new -q side
    text "$lines" "$conflicts" side | tee ../side > long.txt
    "$selkie" gather -q . && "$selkie" seal -q -m side
    "$selkie" timeline switch -q main
    text "$lines" "$conflicts" main | tee ../main > long.txt
    "$selkie" gather -q . && "$selkie" seal -q -m main
    "$selkie" fuse -q side > /dev/null || true
    read -r open memory <<< "$(least q "$selkie resolve")"
    grep -q "$conflicts open" "$work/screen" || { echo "there was no screen" >&2; exit 1; }
    read -r both most <<< "$(fifty 1n "$seconds")"
    read -r taken _ <<< "$(fifty 12 "$seconds")"
    read -r vim vim_memory <<< "$(least '' "vim -u NONE -d ../main ../base ../side -c qa!")"
    row=$(awk -v l="$lines" -v c="$conflicts" -v o="$open" -v a="$taken" -v b="$both" -v m="$memory" -v most="$most" -v v="$vim" -v n="$vim_memory" \
        'function each(all, count) { return l < 1000000 ? sprintf("%.2f ms", all / count) : "–" }
        BEGIN { printf "| %d / %d | %.0f ms | %s | %s | %d MiB | %d MiB | %.0f ms | %d MiB |", l, c, o / 1000, each(a, 100000), each(b, 50000), m / 1024, most / 1024, v / 1000, n / 1024 }')
    echo "$row" >&2
    rows+="$row"$'\n'
    cd "$work"
done

[ "${1:-}" = WRITE ] || exit 0
page=$folder/BENCHMARKS.md
awk -v rows="$rows" '
    /^\| lines \/ conflicts/ { print; getline; print; printf "%s", rows; skip = 1; next }
    skip && /^\|/ { next }
    { skip = 0; print }' "$page" > "$work/page" && cp "$work/page" "$page"
