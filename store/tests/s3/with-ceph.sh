#!/usr/bin/env bash
# Runs a command against a Ceph RADOS Gateway of its own on the loopback address: one monitor, one
# storage daemon in memory, one gateway. Needs the programs of Debian's `radosgw ceph-mon ceph-osd`.
#
#   store/tests/s3/with-ceph.sh cargo test -p selkie-store --features s3 --test s3
#
# The command finds the server in SELKIE_S3; whatever it says, all daemons are stopped after it.
# A server that does not come up in three tries is no failure of the command: the exit code is 69.
set -euo pipefail

mon_port=${SELKIE_CEPH_MON_PORT:-17355}
gateway_port=${SELKIE_CEPH_PORT:-17356}
folder=$(mktemp -d)
daemons=()
stop() {
    for daemon in "${daemons[@]}"; do
        kill -KILL "$daemon" 2>/dev/null || true
    done
    for daemon in "${daemons[@]}"; do
        wait "$daemon" 2>/dev/null || true
    done
    daemons=()
    rm -rf "$folder"
}
trap stop EXIT

settle() {
    fsid=$(cat /proc/sys/kernel/random/uuid)
    mkdir -p "$folder/mon" "$folder/osd" "$folder/rgw"
    cat >"$folder/ceph.conf" <<CONF
[global]
fsid = $fsid
mon host = [v1:127.0.0.1:$mon_port]
mon initial members = a
public addr = 127.0.0.1
ms bind ipv4 = true
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = $folder/mon
mon data avail crit = 0
mon data avail warn = 0
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648
run dir = $folder
admin socket = $folder/\$name.asok
pid file = $folder/\$name.pid
log file = $folder/\$name.log
mon cluster log file = $folder/cluster.log
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$gateway_port
rgw data = $folder/rgw
CONF
    export CEPH_CONF=$folder/ceph.conf CEPH_ARGS="--conf $folder/ceph.conf"
}

# Runs a daemon in the background, its words in a file of its name.
daemon() {
    local name=$1
    shift
    "$@" >"$folder/$name.out" 2>&1 &
    daemons+=($!)
}

make_user() {
    # Before the gateway starts: both make the pools that they miss, and at once they wait for each other.
    for _ in 1 2 3; do
        if timeout 60 radosgw-admin user create --uid=hub --display-name=hub \
            --access-key=selkie --secret-key=selkie-secret >"$folder/user.out" 2>&1; then
            return 0
        fi
    done
    return 1
}

answers() {
    for _ in $(seq 240); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$gateway_port") 2>/dev/null; then
            return 0
        fi
        read -rt 0.5 <> <(:) || true
    done
    return 1
}

start() {
    settle &&
        monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$folder/monmap" >"$folder/map.out" 2>&1 &&
        ceph-mon --mkfs -i a --monmap "$folder/monmap" >"$folder/mon-mkfs.out" 2>&1 &&
        daemon mon ceph-mon -f -i a &&
        osd=$(cat /proc/sys/kernel/random/uuid) &&
        timeout 60 ceph osd new "$osd" >"$folder/osd-new.out" 2>&1 &&
        ceph-osd -i 0 --mkfs --osd-uuid "$osd" >"$folder/osd-mkfs.out" 2>&1 &&
        timeout 60 ceph osd crush add osd.0 1.0 host=h root=default >"$folder/crush.out" 2>&1 &&
        daemon osd ceph-osd -f -i 0 &&
        make_user &&
        daemon rgw radosgw -f -n client.rgw &&
        answers
}

tries=1
until start; do
    echo "the server did not start (try $tries); the last words of each part:" >&2
    tail -n 3 "$folder"/*.out >&2 || true
    stop
    if [ "$tries" -ge 3 ]; then
        exit 69
    fi
    tries=$((tries + 1))
    folder=$(mktemp -d)
done
SELKIE_S3="http://127.0.0.1:$gateway_port" "$@"
