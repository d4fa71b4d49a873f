#!/bin/sh
# Whole nodes over loopback, and beside them quinn alone, rsync's daemon and git's: the figures of sync/BENCHMARKS.md, "Over loopback".
#
#     tests/bench/node-against-others.sh REPOSITORY [FOLDER]
#
# REPOSITORY is a git repository. FOLDER holds what is made; one in memory leaves the disk out. LONG_MIB is the length of the long
# file, ROUNDS how often each is done, SELKIE a program that is built already. CPU seconds are of both ends, user and system. Linux: a daemon's seconds are read in /proc.
set -eu
repository=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
mib=${LONG_MIB:-1024}
rounds=${ROUNDS:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
cargo build --quiet --profile bench -p selkie-sync --example node
bin=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)
selkie=${SELKIE:-$bin/selkie}
[ -n "${SELKIE:-}" ] || cargo build --quiet --profile bench -p selkie
run=$work/node-against-others
trap 'rm -rf "$run"; kill $daemons 2>/dev/null || :' EXIT
daemons=''
fresh() { rm -rf "$run"; mkdir -p "$run"; }

# Seconds that a process took, and those of its children that ended.
spent() { awk '{ print ($14 + $15 + $16 + $17) / 100 }' "/proc/$1/stat"; }

# Runs a command, and tells on the other channel what seconds it took, of its own and of the system.
took() { bash -c 'TIMEFORMAT="%U %S"; time "$@" 2> /dev/null' - "$@"; }

# What a command took, and a daemon meanwhile.
beside() {
    what=$1 daemon=$2
    shift 2
    before=$(spent "$daemon") began=$(date +%s.%N)
    own=$(took "$@" 2>&1 > /dev/null)
    ended=$(date +%s.%N) after=$(spent "$daemon")
    echo "$own $before $after $began $ended" | awk -v what="$what" \
        '{ printf "%s: %.2f s, %.2f CPU s\n", what, $6 - $5, $1 + $2 + $4 - $3 }'
}

for _ in $(seq "$rounds"); do
    "$bin/examples/node" plain "$mib"
    fresh && "$bin/examples/node" long "$mib" "$run"
    fresh && "$bin/examples/node" many 20000 "$run"
    fresh && "$bin/examples/node" handshakes 60 "$run"

    fresh
    mkdir -p "$run/from/many" "$run/to"
    head -c "$((mib << 20))" /dev/urandom > "$run/from/long"
    head -c "$((20000 * 4096))" /dev/urandom | split -b 4096 -a 5 -d - "$run/from/many/"
    printf 'use chroot = no\n[all]\npath = %s\nread only = yes\n' "$run/from" > "$run/rsyncd.conf"
    rsync --daemon --no-detach --address 127.0.0.1 --port 7391 --config "$run/rsyncd.conf" &
    rsyncd=$! daemons="$daemons $!"
    sleep 1
    beside "rsync's daemon, a long file" "$rsyncd" rsync -W rsync://127.0.0.1:7391/all/long "$run/to/"
    beside "rsync's daemon, many files" "$rsyncd" rsync -rW rsync://127.0.0.1:7391/all/many "$run/to/"
    kill "$rsyncd"

    fresh
    git clone --quiet --bare "$repository" "$run/all.git"
    touch "$run/all.git/git-daemon-export-ok"
    git daemon --listen=127.0.0.1 --port=7392 --base-path="$run" --reuseaddr 2>/dev/null &
    gitd=$! daemons="$daemons $!"
    sleep 1
    inner=$(pgrep -P "$gitd" || echo "$gitd")
    beside "git over its daemon, a clone" "$inner" git clone --quiet git://127.0.0.1:7392/all.git "$run/by-git"
    kill "$gitd"

    # The same repository as seals. Whoever invites is the other end.
    mkdir "$run/ann" "$run/bob"
    export SELKIE_NETWORK_DISCOVER=off SELKIE_USER_NAME=Ann
    HOME=$run/ann "$selkie" -q -C "$run/ann" forge repo
    HOME=$run/ann "$selkie" -q -C "$run/ann/repo" git import "$run/all.git" > /dev/null
    took env HOME="$run/ann" "$selkie" -C "$run/ann/repo" --json invite --listen 127.0.0.1:0 \
        > "$run/said" 2> "$run/spent" &
    invites=$! daemons="$daemons $!"
    until grep -qs invitation "$run/said"; do sleep 0.1; done
    invitation=$(sed -n 's/.*"invitation":"\([^"]*\)".*/\1/p' "$run/said")
    began=$(date +%s.%N)
    own=$(took env HOME="$run/bob" "$selkie" -q -C "$run/bob" join "$invitation" repo --name ann 2>&1 > /dev/null)
    ended=$(date +%s.%N)
    wait "$invites"
    echo "$own $(cat "$run/spent") $began $ended" |
        awk '{ printf "selkie join: %.2f s, %.2f CPU s\n", $6 - $5, $1 + $2 + $3 + $4 }'
done
