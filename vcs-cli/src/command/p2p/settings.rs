//! What the network of a clone goes by.

use selkie_vcs::Workspace;

use crate::command::config::list_of;
use crate::command::p2p::here::Here;
use crate::command::p2p::told;
use crate::config::key::{
    ALLOW, DISCOVER, DISCOVERY_PORT, KEYS, Key, LISTEN, MEMORY_MAX, MESSAGES_MAX, METRICS,
    PEERS_MAX, PORT, RECEIVE_MAX, RENDEZVOUS, SEND_MAX, STRANGERS_MAX, SYNC_AUTO, SYNC_INTERVAL,
    SYNC_STRATEGY, SYNC_TIMEOUT, SYNCS_MAX, Trust,
};
use crate::config::origin::Origin;
use crate::config::{ConfigError, store};
use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::serving::begin::{begin, end};
use crate::serving::message::Ask;

#[derive(clap::Args)]
pub(super) struct Config {
    /// The UDP port at which to listen for peers
    #[arg(long)]
    port: Option<String>,
    /// Where to listen, with the port
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Whether to look for peers in the local network: lan, listen or off
    #[arg(long, value_name = "WORD")]
    discover: Option<String>,
    /// The UDP port at which peers look for each other
    #[arg(long, value_name = "PORT")]
    discovery_port: Option<String>,
    /// The rendezvous servers at which to find peers, such as 'KEY@meet.example.org:7357'
    #[arg(long, value_name = "SERVERS")]
    rendezvous: Option<String>,
    /// Where on this machine numbers are told to Prometheus, such as '127.0.0.1:9464'
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<String>,
    /// The networks to call and to be called from, such as '10.0.0.0/8 192.168.0.0/16'
    #[arg(long, value_name = "NETWORKS")]
    allow: Option<String>,
    /// With how many peers to be connected at most
    #[arg(long, value_name = "COUNT")]
    max_peers: Option<String>,
    /// How many syncs that commands ask for are done at once
    #[arg(long, value_name = "COUNT")]
    max_syncs: Option<String>,
    /// How many callers that have not shown who they are to listen to at once
    #[arg(long, value_name = "COUNT")]
    max_strangers: Option<String>,
    /// How many messages a second to take of each peer
    #[arg(long, value_name = "COUNT")]
    max_messages: Option<String>,
    /// How much of what comes and goes the connections hold together, such as '64 MiB'
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<String>,
    /// How much to send in a second, such as '500 KiB'
    #[arg(long, value_name = "SIZE")]
    send: Option<String>,
    /// How much to take in a second
    #[arg(long, value_name = "SIZE")]
    receive: Option<String>,
    /// How long nothing may come of a peer before a sync gives it up
    #[arg(long, value_name = "TIME")]
    sync_timeout: Option<String>,
    /// How to settle timelines that have no strategy of their own
    #[arg(long, value_name = "STRATEGY")]
    conflict_strategy: Option<String>,
    /// Take all of them out of your file and that of this clone first
    #[arg(long)]
    reset: bool,
}

/// What is done without being asked for.
#[derive(clap::Subcommand)]
pub(super) enum Auto {
    /// Call peers, tell them what is new and settle what diverged without being asked
    On,
    /// Do that only when you sync; who calls is given what is here
    Off,
    /// Call those that are not connected so often, such as every '30 s'
    Interval {
        /// A number and a unit
        time: String,
    },
}

/// Shows what the network goes by, or sets it.
pub(super) fn config(
    cx: &mut Context,
    workspace: &Workspace,
    here: &Here,
    said: &Config,
) -> Result<(), CliError> {
    let mut changes = Vec::new();
    if said.reset {
        let network = KEYS.iter().filter(|key| is_of_network(key.name));
        changes.extend(network.map(|key| (*key, None)));
    }
    let said = [
        (&PORT, &said.port),
        (&LISTEN, &said.listen),
        (&DISCOVER, &said.discover),
        (&DISCOVERY_PORT, &said.discovery_port),
        (&RENDEZVOUS, &said.rendezvous),
        (&METRICS, &said.metrics),
        (&ALLOW, &said.allow),
        (&PEERS_MAX, &said.max_peers),
        (&SYNCS_MAX, &said.max_syncs),
        (&STRANGERS_MAX, &said.max_strangers),
        (&MESSAGES_MAX, &said.max_messages),
        (&MEMORY_MAX, &said.max_memory),
        (&SEND_MAX, &said.send),
        (&RECEIVE_MAX, &said.receive),
        (&SYNC_TIMEOUT, &said.sync_timeout),
        (&SYNC_STRATEGY, &said.conflict_strategy),
    ];
    let said = said.into_iter().filter_map(|(key, value)| Some((key, Some(value.as_deref()?))));
    changes.extend(said);
    if changes.is_empty() {
        return list_of(cx, is_of_network);
    }
    change(cx, workspace, here, &changes)
}

/// Sets what is done without being asked for.
pub(super) fn auto(
    cx: &mut Context,
    workspace: &Workspace,
    here: &Here,
    said: &Auto,
) -> Result<(), CliError> {
    let change_of = match said {
        Auto::On => (&SYNC_AUTO, Some("on")),
        Auto::Off => (&SYNC_AUTO, Some("off")),
        Auto::Interval { time } => (&SYNC_INTERVAL, Some(time.as_str())),
    };
    change(cx, workspace, here, &[change_of])
}

fn is_of_network(name: &str) -> bool {
    name.starts_with("network.") || name.starts_with("sync.")
}

/// Keeps the changes, and has a node that runs go by them.
fn change(
    cx: &mut Context,
    workspace: &Workspace,
    here: &Here,
    changes: &[(&'static Key, Option<&str>)],
) -> Result<(), CliError> {
    // All or nothing: of two values that are typed, a wrong one is not found behind a right one that holds already.
    for (key, value) in changes {
        if let Some(value) = value {
            let wrong = |source| ConfigError::Value {
                key: key.name.into(),
                value: (*value).into(),
                source,
            };
            key.check(value).map_err(wrong)?;
        }
    }
    for (key, value) in changes {
        let [user, clone] = origins(cx);
        let origin = if key.trust == Trust::UserOnly { &user } else { &clone };
        let origin = origin.as_ref().ok_or(ConfigError::NoPlace("user"))?;
        store(origin, key.name, *value)?;
        if value.is_none()
            && key.trust == Trust::Anyone
            && let Some(user) = &user
        {
            store(user, key.name, None)?;
        }
        let path = origin.path().map(|path| path.to_string_lossy().into_owned());
        let line = Line::default().code(key.name);
        if let Some(value) = value {
            let line = line.plain(" is ").code(value).plain(" in ");
            cx.out.say(&line.code(&path.unwrap_or_default()))?;
        }
    }
    if changes.iter().any(|(_, value)| value.is_none()) {
        cx.out.say(&Line::of("What the network goes by is as it is by itself."))?;
    }
    follow(cx, workspace, here, changes)
}

/// The files of this user, and of this clone.
fn origins(cx: &Context) -> [Option<Origin>; 2] {
    let places = &cx.places;
    [places.user.clone().map(Origin::User), places.repository.clone().map(Origin::Repository)]
}

/// Has a node that runs go by what is set now: at once, or begun anew where it can not be otherwise.
fn follow(
    cx: &mut Context,
    workspace: &Workspace,
    here: &Here,
    changes: &[(&'static Key, Option<&str>)],
) -> Result<(), CliError> {
    let Some(caller) = here.caller()? else { return Ok(()) };
    let status = caller.status()?;
    let at_once = [&SYNC_AUTO, &SYNC_INTERVAL, &SYNC_STRATEGY, &SYNC_TIMEOUT, &SYNCS_MAX];
    let is_at_once =
        |key: &Key| at_once.iter().any(|one| one.name == key.name) || key.name == "sync.update";
    if changes.iter().all(|(key, _)| is_at_once(key)) {
        return Ok(here.node()?.have(&Ask::Settings)?);
    }
    if !status.unseen {
        let line =
            Line::note("note").plain("the node that runs goes on as it began; end it, and type ");
        return Ok(cx.out.say(&line.code("selkie serve").plain(" again"))?);
    }
    let is_elsewhere = changes.iter().any(|(key, _)| [PORT.name, LISTEN.name].contains(&key.name));
    let listen = status.listen.filter(|_| !is_elsewhere);
    end(&here.control, here.node()?)?;
    let begun = begin(&here.control, workspace.copy().folder(), listen)?;
    cx.out.say(&Line::of("The node was begun anew."))?;
    told::status(cx, Some(&begun))
}
