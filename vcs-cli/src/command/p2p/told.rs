//! What is told of a node.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use crate::config::span::told;
use crate::context::{Context, Format};
use crate::count::{Bytes, counted};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::serving::message::{PeerStatus, Status, Syncing, Waits};
use crate::serving::now_ms;
use crate::serving::remembered::Remembered;

#[derive(Serialize)]
struct ToldNode<'a> {
    schema: &'static str,
    running: bool,
    process: Option<u32>,
    version: Option<&'a str>,
    began_ms: Option<u64>,
    address: Option<SocketAddr>,
    connected: usize,
    listed: usize,
}

#[derive(Serialize)]
struct ToldPeer<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    connected: bool,
    round_trip_us: Option<u64>,
    agreed_ms: Option<u64>,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct ToldSyncing {
    schema: &'static str,
    running: bool,
    /// When it was so.
    at_ms: u64,
    auto: bool,
    interval_seconds: u64,
    called_ms: Option<u64>,
    under_way: u64,
    connected: usize,
    listed: usize,
}

#[derive(Serialize)]
struct ToldWaits<'a> {
    schema: &'static str,
    timeline: &'a str,
    strategy: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Metrics {
    schema: &'static str,
    running_seconds: u64,
    connected: usize,
    entries_in: u64,
    entries_out: u64,
    objects_in: u64,
    object_bytes_in: u64,
    object_bytes_out: u64,
    connection_bytes_max: u64,
}

/// Shows whether it runs, where it listens and with how many it is connected.
pub(super) fn status(cx: &mut Context, status: Option<&Status>) -> Result<(), CliError> {
    if cx.format == Format::Json {
        return cx.json(&ToldNode {
            schema: "selkie.node/1",
            running: status.is_some(),
            process: status.map(|it| it.process),
            version: status.map(|it| &*it.version),
            began_ms: status.map(|it| it.began_ms),
            address: status.map(|it| it.address),
            connected: status.map_or(0, |it| connected(&it.peers)),
            listed: status.map_or(0, |it| it.peers.len()),
        });
    }
    let Some(status) = status else {
        return Ok(cx.out.line(&Line::of("No node runs for this clone."))?);
    };
    let since = told(Duration::from_millis(age_ms(status.began_ms)));
    let process = status.process.to_string();
    let line = Line::of("Process ").plain(&process).plain(" listens at ");
    let line = line.plain(&status.address.to_string()).plain(", for ").plain(&since);
    cx.out.line(&line.plain("."))?;
    let (connected, listed) = (connected(&status.peers), status.peers.len() as u64);
    let listed = counted(listed, "peer");
    let line = format!("Connected with {connected} of {listed}.");
    Ok(cx.out.line(&Line::of(&line))?)
}

/// Shows whether a peer is connected, and if not, why.
pub(super) fn peer(cx: &mut Context, peer: &PeerStatus) -> Result<(), CliError> {
    if cx.format == Format::Json {
        return cx.json(&ToldPeer {
            schema: "selkie.node-peer/1",
            name: &peer.name,
            key: peer.node.to_string(),
            connected: peer.round_trip_us.is_some(),
            round_trip_us: peer.round_trip_us,
            agreed_ms: peer.agreed_ms,
            why: peer.why.as_deref(),
        });
    }
    let line = Line::default().put(Label::Verb, &format!("{:<12}  ", peer.name));
    let line = match (peer.round_trip_us, &peer.why) {
        (Some(us), _) => line.plain("connected, ").plain(&trip(us)),
        (None, Some(why)) => line.plain("not connected: ").plain(why),
        (None, None) => line.plain("not connected"),
    };
    let line = match peer.agreed_ms {
        Some(at) => {
            let ago = told(Duration::from_millis(age_ms(at)));
            line.plain("; both had the same ").plain(&ago).plain(" ago")
        }
        None => line,
    };
    Ok(cx.out.line(&line)?)
}

/// Shows how it was when a node ran last: who had the same, and what waited for a person.
pub(super) fn remembered(cx: &mut Context, last: &Remembered) -> Result<(), CliError> {
    if cx.format == Format::Json {
        told_syncing(cx, &last.syncing, &last.peers, Some(last.at_ms))?;
    } else {
        let ago = told(Duration::from_millis(age_ms(last.at_ms)));
        let line = Line::of("No node runs for this clone. As it was ").plain(&ago).plain(" ago:");
        cx.out.line(&line)?;
    }
    peers_and_waits(cx, &last.peers, &last.syncing)
}

fn told_syncing(
    cx: &mut Context,
    syncing: &Syncing,
    peers: &[PeerStatus],
    ended_ms: Option<u64>,
) -> Result<(), CliError> {
    cx.json(&ToldSyncing {
        schema: "selkie.sync-status/1",
        running: ended_ms.is_none(),
        at_ms: ended_ms.unwrap_or_else(now_ms),
        auto: syncing.by_itself,
        interval_seconds: syncing.interval_ms / 1_000,
        called_ms: syncing.called_ms,
        under_way: syncing.under_way,
        connected: connected(peers),
        listed: peers.len(),
    })
}

/// Shows what is done without being asked for, who has the same, and what waits for a person.
pub(super) fn syncing(cx: &mut Context, status: &Status) -> Result<(), CliError> {
    let syncing = &status.syncing;
    let interval = Duration::from_millis(syncing.interval_ms);
    if cx.format == Format::Json {
        told_syncing(cx, syncing, &status.peers, None)?;
    } else {
        let line = if syncing.by_itself {
            let line =
                Line::of("What is new is told at once; who is not connected is called every ");
            line.plain(&told(interval)).plain(".")
        } else {
            Line::of("Nothing is done without being asked for: type ")
                .code("selkie sync")
                .plain(".")
        };
        cx.out.line(&line)?;
        if syncing.under_way > 0 {
            let syncs = counted(syncing.under_way, "sync");
            cx.out.line(&Line::of("Under way: ").plain(&syncs).plain("."))?;
        }
    }
    peers_and_waits(cx, &status.peers, syncing)
}

fn peers_and_waits(
    cx: &mut Context,
    peers: &[PeerStatus],
    syncing: &Syncing,
) -> Result<(), CliError> {
    peers.iter().try_for_each(|it| peer(cx, it))?;
    for Waits { timeline, strategy, why } in &syncing.waits {
        if cx.format == Format::Json {
            cx.json(&ToldWaits { schema: "selkie.waits/1", timeline, strategy, why })?;
            continue;
        }
        let line = Line::of("Timeline ").put(Label::Timeline, timeline).plain(" diverged: ");
        let line = line.plain(why).plain("; its strategy is ").put(Label::Verb, strategy);
        cx.out.line(&line.plain("."))?;
    }
    Ok(())
}

/// Shows what moved.
pub(super) fn metrics(cx: &mut Context, status: &Status) -> Result<(), CliError> {
    let moved = status.moved;
    if cx.format == Format::Json {
        return cx.json(&Metrics {
            schema: "selkie.metrics/1",
            running_seconds: age_ms(status.began_ms) / 1_000,
            connected: connected(&status.peers),
            entries_in: moved.entries_in,
            entries_out: moved.entries_out,
            objects_in: moved.objects_in,
            object_bytes_in: moved.object_bytes_in,
            object_bytes_out: moved.bulk_out,
            connection_bytes_max: status.room_bytes,
        });
    }
    let rows = [
        ("running for", told(Duration::from_millis(age_ms(status.began_ms)))),
        ("connected peers", connected(&status.peers).to_string()),
        ("entries received", moved.entries_in.to_string()),
        ("entries read for peers", moved.entries_out.to_string()),
        ("objects received", moved.objects_in.to_string()),
        ("bytes of these", Bytes(moved.object_bytes_in).to_string()),
        ("bytes of objects sent", Bytes(moved.bulk_out).to_string()),
        ("room for a connection", Bytes(status.room_bytes).to_string()),
    ];
    for (what, value) in rows {
        let line = Line::default().put(Label::Verb, &format!("{what:<24}"));
        cx.out.line(&line.plain(&value))?;
    }
    Ok(())
}

/// How many peers are there now.
fn connected(peers: &[PeerStatus]) -> usize {
    peers.iter().filter(|peer| peer.round_trip_us.is_some()).count()
}

/// How long ago that was.
fn age_ms(at_ms: u64) -> u64 {
    now_ms().saturating_sub(at_ms)
}

/// A length of time to a peer and back.
pub(super) fn trip(us: u64) -> String {
    format!("{}.{} ms", us / 1_000, us / 100 % 10)
}
