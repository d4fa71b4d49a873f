//! The node that serves a clone where nobody looks on.

use std::net::SocketAddr;

use selkie_vcs::Workspace;
use serde::Serialize;

use crate::command::p2p::here::Here;
use crate::command::{peers, sync};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;
use crate::online::peers::Peer;
use crate::serving::begin::{begin, end};
use crate::serving::caller::{Caller, unexpected};
use crate::serving::matter::Matter;
use crate::serving::message::{Answer, Ask, PeerStatus};
use crate::serving::remembered::Remembered;
use crate::serving::show;
use crate::verb::Run;

mod at_login;
mod here;
mod near;
mod settings;
mod told;
mod topology;

/// A node goes on in the background, for this clone: it is there for peers, calls those of whom it is known where they are, and tells
/// both sides at once what is new. Your files stay as they are; a timeline that diverged is settled by its strategy, or waits for you. All commands work meanwhile; those that need
/// the network have their work done by it. It ends with 'selkie p2p stop', or when the machine does; if it was killed, 'selkie p2p status'
/// says that none runs.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  selkie p2p start                       be there for peers from now on
  selkie p2p status                      where it listens, and who is connected
  selkie p2p topology                    who is connected with whom
  selkie p2p discovered                  who was heard of
  selkie p2p auto-sync off               send nothing until you sync
  selkie p2p config --port 9000          listen somewhere else
  selkie p2p events --follow             what happens, as it happens
  selkie p2p stop";

#[derive(clap::Subcommand)]
enum Verb {
    /// Start the node
    Start {
        /// Where to listen, if not where the settings say
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
    },
    /// Say goodbye to peers, and end it
    Stop,
    /// Show where it listens, for how long it runs, and who is connected
    Status,
    /// Show each peer: whether it is connected, and if not, why
    Peers,
    /// Show who is connected with whom, as far as the node knows: its own connections, and how others stand
    Topology,
    /// Show who was heard of in the local network and at rendezvous servers
    Discovered,
    /// Call a peer now, and again whenever the connection is lost; after 'disconnect' too
    Connect {
        /// What you call them
        name: String,
        /// Where they are now; may be given several times
        #[arg(long = "at", value_name = "ADDRESS")]
        at: Vec<SocketAddr>,
    },
    /// Hang up on a peer, and stay apart until you connect or the node starts again
    Disconnect {
        /// What you call them
        name: String,
    },
    /// Share the repository with somebody, or say where they are; as 'selkie peers add'
    AddPeer {
        /// What you call them
        name: String,
        /// Their key, as 'selkie whoami' shows it to them; of a peer that is listed, or whom you trust, it is known
        key: Option<String>,
        /// Where they listen; may be given several times
        #[arg(long = "at", value_name = "ADDRESS")]
        at: Vec<SocketAddr>,
    },
    /// Share it with somebody no longer; as 'selkie peers remove'
    RemovePeer {
        /// What you call them
        name: String,
    },
    /// Have the same as peers, now; files stay as they are
    Sync {
        /// With this one alone; may be given several times
        #[arg(long = "peer", value_name = "NAME")]
        peers: Vec<String>,
    },
    /// Say what the node does without being asked, and how often
    AutoSync {
        #[command(subcommand)]
        said: settings::Auto,
    },
    /// Show what it does without being asked, who has the same, and which timelines wait for you
    SyncStatus,
    /// Show what the network goes by, or set it; a node that runs goes by it from then on
    Config(Box<settings::Config>),
    /// Show how long it takes to peers that are connected, and back
    Ping {
        /// To this one alone
        name: Option<String>,
    },
    /// Have peers bring what is damaged or lost here
    Heal,
    /// Show what happened of late
    Events {
        /// Go on with what happens, until Ctrl-C
        #[arg(long)]
        follow: bool,
    },
    /// Show what moved since it was started
    Metrics,
    /// Print what has this system start the node when you log in
    AtLogin,
}

impl Run for Args {
    const ABOUT: &'static str = "Share in the background";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let here = Here::of(&workspace)?;
        match &self.verb {
            Verb::Start { listen } => start(cx, &workspace, &here, *listen),
            Verb::Stop => {
                end(&here.control, here.node()?)?;
                Ok(cx.out.say(&Line::of("Ended."))?)
            }
            Verb::Status => status(cx, &here),
            Verb::Peers => {
                here.node()?.status()?.peers.iter().try_for_each(|it| told::peer(cx, it))
            }
            Verb::Topology => topology::tell(cx, &here.node()?.topology()?),
            Verb::Discovered => discovered(cx, &here),
            Verb::Connect { name, at } => connect(cx, &here, name, at),
            Verb::Disconnect { name } => {
                let peer = here.peer(cx, name)?;
                here.node()?.have(&Ask::Disconnect(peer.node))?;
                Ok(cx.out.say(&Line::of("").code(name).plain(" is hung up on, and not let in."))?)
            }
            Verb::AddPeer { name, key, at } => peers::add(cx, &workspace, name, key.as_deref(), at),
            Verb::RemovePeer { name } => peers::remove(cx, &workspace, name),
            Verb::Sync { peers } => meet(cx, &here, peers),
            Verb::AutoSync { said } => settings::auto(cx, &workspace, &here, said),
            Verb::SyncStatus => sync_status(cx, &here),
            Verb::Config(said) => settings::config(cx, &workspace, &here, said),
            Verb::Ping { name } => ping(cx, &here, name.as_deref()),
            Verb::Heal => heal(cx, &here),
            Verb::Events { follow } => events(cx, &here, *follow),
            Verb::Metrics => told::metrics(cx, &here.node()?.status()?),
            Verb::AtLogin => at_login::at_login(cx, &here, workspace.copy().folder()),
        }
    }
}

fn start(
    cx: &mut Context,
    workspace: &Workspace,
    here: &Here,
    listen: Option<SocketAddr>,
) -> Result<(), CliError> {
    if let Some(caller) = here.caller()? {
        return Err(NetworkError::Served(caller.status()?.process).into());
    }
    here.name.ok_or(NetworkError::Unshared)?;
    let begun = begin(&here.control, workspace.copy().folder(), listen)?;
    told::status(cx, Some(&begun))
}

fn status(cx: &mut Context, here: &Here) -> Result<(), CliError> {
    let status = match here.caller()?.map(Caller::status) {
        // It ended while it was asked.
        None | Some(Err(NetworkError::Gone)) => None,
        Some(status) => Some(status?),
    };
    told::status(cx, status.as_ref())
}

fn sync_status(cx: &mut Context, here: &Here) -> Result<(), CliError> {
    match here.caller()?.map(Caller::status) {
        // It ended while it was asked.
        None | Some(Err(NetworkError::Gone)) => {
            let last = Remembered::read(&here.control)?;
            told::remembered(cx, &last.ok_or(NetworkError::Unserved)?)
        }
        Some(status) => told::syncing(cx, &status?),
    }
}

fn discovered(cx: &mut Context, here: &Here) -> Result<(), CliError> {
    let around = here.node()?.around()?;
    let peers = here.peers(cx)?;
    near::tell(cx, &peers, around.as_ref())
}

fn connect(cx: &mut Context, here: &Here, name: &str, at: &[SocketAddr]) -> Result<(), CliError> {
    let Peer { node, addresses, .. } = here.peer(cx, name)?;
    let addresses = if at.is_empty() { addresses } else { at.to_vec() };
    if addresses.is_empty() && !here.is_near(node)? {
        return Err(NetworkError::Nowhere.into());
    }
    here.node()?.have(&Ask::Connect(node, addresses))?;
    Ok(cx.out.say(&Line::of("Calling ").code(name).plain("."))?)
}

fn meet(cx: &mut Context, here: &Here, names: &[String]) -> Result<(), CliError> {
    let peers = here.peers(cx)?;
    let wanted = sync::chosen(&peers, names)?;
    let met = sync::through(cx, here.node()?, &wanted)?;
    let chosen = sync::met_of(&peers, &met)?;
    match cx.format {
        Format::Json => {
            for end in &met.ends {
                let name = peers.called(&end.node);
                let why = (!end.agreed).then_some(&*end.words);
                cx.json(&Met { schema: "selkie.met/1", name, agreed: end.agreed, why })?;
            }
        }
        Format::Text => sync::tell_met(cx, &chosen, &met)?,
    }
    match met.ends.iter().filter(|end| !end.agreed).count() {
        0 => Ok(()),
        missed => Err(NetworkError::Missed(missed).into()),
    }
}

#[derive(Serialize)]
struct Met<'a> {
    schema: &'static str,
    name: String,
    agreed: bool,
    why: Option<&'a str>,
}

fn ping(cx: &mut Context, here: &Here, name: Option<&str>) -> Result<(), CliError> {
    if let Some(name) = name {
        here.peer(cx, name)?;
    }
    let status = here.node()?.status()?;
    let is_meant = |peer: &&PeerStatus| name.is_none_or(|name| peer.name == name);
    let mut missed = 0;
    for peer in status.peers.iter().filter(is_meant) {
        missed += usize::from(peer.round_trip_us.is_none());
        told::peer(cx, &PeerStatus { agreed_ms: None, ..peer.clone() })?;
    }
    // Who asks for one wants to know whether it is there.
    if name.is_some() && missed > 0 { Err(NetworkError::Missed(missed).into()) } else { Ok(()) }
}

fn heal(cx: &mut Context, here: &Here) -> Result<(), CliError> {
    let mut caller = here.node()?.begin(&Ask::Heal)?;
    let (mut lost, mut is_compared) = (0, false);
    loop {
        match caller.hear()? {
            Answer::Happened(happening) => {
                match happening.matter {
                    Matter::Unhealed => lost = happening.count.unwrap_or_default(),
                    Matter::Compared => is_compared = true,
                    Matter::Whole => lost = 0,
                    _ => {}
                }
                show(cx, &happening)?;
            }
            Answer::Done if lost > 0 => {
                return Err(CliError::Lost(usize::try_from(lost).unwrap_or(usize::MAX)));
            }
            Answer::Done if is_compared => return Ok(()),
            Answer::Done => return Err(NetworkError::Declined("nobody compared".to_owned()).into()),
            other => return Err(unexpected(&other).into()),
        }
    }
}

fn events(cx: &mut Context, here: &Here, follow: bool) -> Result<(), CliError> {
    let ask = if follow { Ask::Follow } else { Ask::Recent };
    let mut caller = here.node()?.begin(&ask)?;
    loop {
        match caller.hear() {
            Ok(Answer::Happened(happening)) => show(cx, &happening)?,
            // The end of the node is the end of what happens to it.
            Ok(Answer::Done) | Err(NetworkError::Gone) => return Ok(()),
            Ok(other) => return Err(unexpected(&other).into()),
            Err(error) => return Err(error.into()),
        }
    }
}
