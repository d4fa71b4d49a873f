#!/usr/bin/env bash
# Three hosts on one wire, each in a network namespace of its own, with the real binary:
#
#   tests/net/three-hosts.sh SELKIE
#
# They find each other without an address, go on when packets get lost, when one of them is heard no more by another, and over a
# thin wire. Needs root and iproute2; ends with 69 where a machine has no such namespaces.
set -euo pipefail

selkie=$(realpath "$1")
cannot() { echo "cannot: $1" >&2; exit 69; }
command -v ip >/dev/null && command -v tc >/dev/null || cannot "ip or tc is not installed"
run=selkie$$
folder=$(mktemp -d)
hosts=(ann bob carl)

clean() {
    local code=$?
    for host in "${hosts[@]}"; do
        [ -d "$folder/$host/repo" ] && on "$host" p2p stop >/dev/null 2>&1 || true
    done
    for name in "${hosts[@]}" wire; do ip netns del "$run-$name" 2>/dev/null || true; done
    if [ "$code" -ne 0 ] && [ "$code" -ne 69 ]; then
        tail -n 5 "$folder/said" >&2 || true
        for host in "${hosts[@]}"; do
            tail -n 5 "$folder/$host/repo/.selkie/local/node.log" 2>/dev/null || true
        done
    fi
    rm -rf "$folder"
}
trap clean EXIT

inside() { local name=$1; shift; ip netns exec "$run-$name" "$@"; }

# Types something at a host, in its clone if it has one.
on() {
    local host=$1 here=$folder/$1
    shift
    [ -d "$here/repo" ] && here=$here/repo
    inside "$host" env -i -C "$here" HOME="$folder/$host" PATH=/usr/bin:/bin "$selkie" "$@" 2>>"$folder/said"
}

fail() { echo "FAILED: $1" >&2; exit 1; }

# Asks until it is so, for at most so many seconds.
within() {
    local seconds=$1 what=$2 end
    shift 2
    end=$((SECONDS + seconds))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "not $what within $seconds s"
        sleep 0.1
    done
    echo "   $what"
}

# Whether a host is connected with so many.
connected() { on "$1" --json p2p status | grep -q "\"connected\":$2"; }
# Whether the newest seal of a host's timeline says this.
has() { on "$1" --json log main -n 1 | grep -q "\"message\":\"$2\""; }

seal() { on "$1" gather . >/dev/null && on "$1" seal -m "$2" >/dev/null; }

lay_the_wire() {
    ip netns add "$run-wire" 2>/dev/null || cannot "no network namespace is made here"
    inside wire ip link add wire0 type bridge 2>/dev/null || cannot "there are no bridges"
    inside wire ip link set wire0 up
    local number=0
    for host in "${hosts[@]}"; do
        number=$((number + 1))
        mkdir -p "$folder/$host"
        ip netns add "$run-$host"
        ip link add name "$host$$" netns "$run-wire" type veth peer name eth0 netns "$run-$host" 2>/dev/null ||
            cannot "there are no pairs of interfaces"
        inside wire ip link set "$host$$" master wire0 up
        inside "$host" ip link set lo up
        inside "$host" ip address add "10.77.0.$number/24" broadcast 10.77.0.255 dev eth0
        inside "$host" ip link set eth0 up
        on "$host" config set --user user.name "$host" >/dev/null
    done
}

# Has somebody join, and be there.
join() {
    local host=$1 said=$folder/invitation
    mkdir -p "$folder/ann/repo"
    : >"$said"
    on ann --json invite "$host" >"$said" &
    local inviting=$!
    for _ in $(seq 100); do grep -q invitation "$said" && break; sleep 0.1; done
    local invitation
    invitation=$(sed -nE 's/.*"invitation":"([^"]+)".*/\1/p' "$said" | head -n 1)
    [ -n "$invitation" ] || fail "nobody is invited"
    on "$host" join "$invitation" repo --name ann >/dev/null || fail "$host did not join"
    wait "$inviting" || fail "the invitation of $host did not end"
}

# Has what one sends to another get lost, and not the other way round: it goes to an address of hardware that nobody has.
part() { inside "$1" ip neigh replace "10.77.0.$2" lladdr 02:00:00:00:00:99 dev eth0 nud permanent; }
mend() { inside "$1" ip neigh del "10.77.0.$2" dev eth0; }

lay_the_wire
mkdir "$folder/ann/repo"
on ann forge >/dev/null
echo first >"$folder/ann/repo/first"
seal ann first
echo "== they join, and find each other"
join bob
join carl
# Bob and Carl know Ann each, and each other by key alone.
key() { on "$1" --json whoami | sed -nE 's/.*"key":"([^"]+)".*/\1/p'; }
on bob peers add carl "$(key carl)" >/dev/null
on carl peers add bob "$(key bob)" >/dev/null
for host in "${hosts[@]}"; do on "$host" p2p start >/dev/null; done
for host in "${hosts[@]}"; do within 20 "$host is connected with both" connected "$host" 2; done

echo "== packets get lost"
if inside ann tc qdisc add dev eth0 root netem loss 10% 2>/dev/null; then
    echo "   one of ten"
elif inside ann tc qdisc add dev eth0 root tbf rate 2mbit burst 3kb limit 6kb 2>/dev/null; then
    echo "   all that a queue of four has no room for"
else
    echo "   skipped: no queue of this machine loses any"
fi
head -c 600000 /dev/urandom >"$folder/ann/repo/noise"
seal ann lossy
within 30 "bob has it" has bob lossy
within 30 "carl has it" has carl lossy
inside ann tc qdisc del dev eth0 root 2>/dev/null || true

echo "== what bob says reaches ann no more"
part bob 1
echo second >"$folder/ann/repo/second"
seal ann second
within 20 "carl has it" has carl second
within 20 "bob has it, from carl or from ann" has bob second
echo third >"$folder/carl/repo/third"
on carl switch main >/dev/null
seal carl third
within 20 "ann has what carl seals" has ann third
mend bob 1
within 60 "ann and bob are connected" connected bob 2

echo "== the wire is thin"
if inside ann tc qdisc add dev eth0 root tbf rate 1mbit burst 10kb latency 200ms 2>/dev/null; then
    head -c 1000000 /dev/urandom >"$folder/ann/repo/noise"
    on ann switch main >/dev/null
    seal ann thin
    within 40 "bob has a megabyte over a megabit" has bob thin
    connected ann 2 || fail "somebody was taken for gone meanwhile"
else
    echo "   skipped: there is no such queue"
fi
for host in "${hosts[@]}"; do on "$host" verify >/dev/null || fail "$host is damaged"; done
echo "== all is well, in $SECONDS s"
