//! With whom the repository is shared.

use std::net::SocketAddr;
use std::path::Path;

use selkie_store::PublicKey;
use selkie_sync::NodeId;
use selkie_vcs::{ChannelName, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::label::Label;
use crate::line::Line;
use crate::online::peers::Peers;
use crate::online::{folder, voice};
use crate::serving::caller::Caller;
use crate::serving::message::Ask;
use crate::verb::Run;

/// Whoever is listed may have the whole repository, and what they write counts here. 'selkie invite' and 'selkie join' list both
/// sides by themselves. The list is kept with your settings, for this repository alone, and goes to nobody.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  selkie peers                                    list them
  selkie peers add bob --at 192.0.2.7:7355        tell where bob is
  selkie peers add bob KEY                        let the owner of the key have the repository
  selkie peers words bob                          compare keys by telephone
  selkie peers remove bob                         and no more";

#[derive(clap::Subcommand)]
enum Verb {
    /// Share the repository with somebody, or say where they are
    Add {
        /// What you call them
        name: String,
        /// Their key, as 'selkie whoami' shows it to them; of a peer that is listed, or whom you trust, it is known
        key: Option<String>,
        /// Where they listen; may be given several times
        #[arg(long = "at", value_name = "ADDRESS")]
        at: Vec<SocketAddr>,
    },
    /// List those with whom it is shared
    List,
    /// Show the words that you and somebody both have if nobody is between you
    Words {
        /// What you call them
        name: String,
        /// Note that theirs are the same
        #[arg(long)]
        same: bool,
    },
    /// Share it with somebody no longer
    Remove {
        /// What you call them
        name: String,
    },
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    addresses: Vec<String>,
    compared: bool,
}

#[derive(Serialize)]
struct Voice<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    words: String,
    compared: bool,
}

impl Run for Args {
    const ABOUT: &'static str = "Say with whom the repository is shared";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        match &self.verb {
            None | Some(Verb::List) => list(cx, &workspace),
            Some(Verb::Add { name, key, at }) => add(cx, &workspace, name, key.as_deref(), at),
            Some(Verb::Words { name, same }) => words(cx, &workspace, name, *same),
            Some(Verb::Remove { name }) => remove(cx, &workspace, name),
        }
    }
}

fn list(cx: &mut Context, workspace: &Workspace) -> Result<(), CliError> {
    let control = Workspace::control(workspace.copy().folder());
    let Some(name) = ChannelName::of(&control).map_err(NetworkError::Name)? else {
        return match cx.format {
            Format::Json => Ok(()),
            Format::Text => Ok(cx.out.say(&Line::of("It is shared with nobody."))?),
        };
    };
    let peers = Peers::read(&folder(cx)?, name)?;
    for (name, peer) in &peers.all {
        let key = peer.node.to_string();
        let addresses: Vec<_> = peer.addresses.iter().map(ToString::to_string).collect();
        match cx.format {
            Format::Json => {
                let (schema, compared) = ("selkie.peer/1", peer.is_compared);
                cx.json(&Told { schema, name, key, addresses, compared })?;
            }
            Format::Text => {
                let name = format!("{name:<12}  ");
                let line = Line::default().put(Label::Verb, &name).plain(&key);
                let at = addresses.iter().fold(line, |line, at| line.plain("  ").plain(at));
                cx.out.line(&at.plain(if peer.is_compared { "  compared" } else { "" }))?;
            }
        }
    }
    if peers.all.is_empty() && cx.format == Format::Text {
        cx.out.say(&Line::of("It is shared with nobody."))?;
    }
    Ok(())
}

/// Shows what two people say to each other, and notes that they did.
fn words(cx: &mut Context, workspace: &Workspace, name: &str, same: bool) -> Result<(), CliError> {
    let control = Workspace::control(workspace.copy().folder());
    let repository = ChannelName::of(&control).map_err(NetworkError::Name)?;
    let mut peers = Peers::read(&folder(cx)?, repository.ok_or(NetworkError::Unshared)?)?;
    let stranger = || NetworkError::Stranger(name.to_owned());
    let peer = peers.all.get_mut(name).ok_or_else(stranger)?;
    peer.is_compared |= same;
    let (node, compared) = (peer.node, peer.is_compared);
    if same {
        peers.write()?;
    }
    let words = voice::words(cx, node)?;
    if cx.format == Format::Json {
        let (schema, key) = ("selkie.words/1", node.to_string());
        return cx.json(&Voice { schema, name, key, words, compared });
    }
    if same {
        let line = Line::of("Noted: the key is that of ").code(name).plain(".");
        return Ok(cx.out.say(&line)?);
    }
    cx.out.line(&Line::of(&words))?;
    let line = Line::of("If ").code(name).plain(" tells you the same, nobody is between you; ");
    let line = line.code(&format!("selkie peers words {name} --same")).plain(" notes it. If not, ");
    Ok(cx.out.say(&line.code(&format!("selkie peers remove {name}")).plain("."))?)
}

pub(crate) fn add(
    cx: &mut Context,
    workspace: &Workspace,
    name: &str,
    key: Option<&str>,
    at: &[SocketAddr],
) -> Result<(), CliError> {
    let control = Workspace::control(workspace.copy().folder());
    let repository = ChannelName::of_or_new(&control).map_err(NetworkError::Name)?;
    let mut peers = Peers::read(&folder(cx)?, repository)?;
    let node = match (key, peers.all.get(name)) {
        (Some(key), _) => {
            let spelled = PublicKey::spelled(key);
            NodeId::of(spelled.ok_or_else(|| NetworkError::NoKey(key.to_owned()))?)
        }
        (None, Some(peer)) => peer.node,
        (None, None) => {
            let trusted = cx.keyring()?.trusted;
            let found = trusted.iter().find(|(trusted, _)| trusted == name);
            let stranger = || NetworkError::Stranger(name.to_owned());
            NodeId::of(found.ok_or_else(stranger)?.1)
        }
    };
    let called = peers.meet(name, node, at);
    peers.write()?;
    tell_node(&control)?;
    Ok(cx.out.say(&Line::of("The repository is shared with ").code(&called).plain("."))?)
}

pub(crate) fn remove(cx: &mut Context, workspace: &Workspace, name: &str) -> Result<(), CliError> {
    let control = Workspace::control(workspace.copy().folder());
    let repository = ChannelName::of(&control).map_err(NetworkError::Name)?;
    let mut peers = Peers::read(&folder(cx)?, repository.ok_or(NetworkError::Unshared)?)?;
    if peers.all.remove(name).is_none() {
        return Err(NetworkError::Stranger(name.to_owned()).into());
    }
    peers.write()?;
    tell_node(&control)?;
    let line = Line::of("The repository is no longer shared with ").code(name);
    Ok(cx.out.say(&line.plain("; what they have they keep."))?)
}

/// A node that serves the clone lets in those who are listed now, and nobody else.
fn tell_node(control: &Path) -> Result<(), NetworkError> {
    Caller::to(control)?.map_or(Ok(()), |caller| caller.have(&Ask::Reread))
}
