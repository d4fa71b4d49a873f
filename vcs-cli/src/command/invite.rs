//! Sharing a repository with somebody for the first time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use selkie_sync::{Event, NodeId, Notice};
use selkie_vcs::{ChannelName, Workspace};
use serde::Serialize;

use crate::config::span::{told, typed};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::label::Label;
use crate::line::Line;
use crate::online::address::addresses as addresses_of;
use crate::online::meeting::remark;
use crate::online::peers::short;
use crate::online::{ALL, Listen, Online, Shared, voice};
use crate::picture::Picture;
use crate::serving::caller::{Caller, unexpected};
use crate::serving::message::{Answer, Ask};
use crate::verb::Run;

/// Prints one line to give to one person, by a way that nobody else reads. Whoever types it first has the repository and shares it
/// with you from then on: it tells your key, where this machine is, which repository it is, and a word that is good once. Then
/// it waits until they have everything. Ctrl-C ends it, and the invitation with it; unless a node serves the clone ('selkie p2p start'), which lets
/// them in at any time while the invitation is good.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// What you call who you invite, if not by the beginning of their key
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// For how long it is good
    #[arg(long = "for", value_name = "TIME", value_parser = typed, default_value = "1 hour")]
    time: Duration,
    /// Where to listen, if not where the settings say
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where this machine can be reached besides; may be given several times
    #[arg(long = "at", value_name = "ADDRESS")]
    at: Vec<SocketAddr>,
    /// Print it as a QR code as well, for a camera to read
    #[arg(long)]
    qr: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie invite                            in a home or an office
  selkie invite bob --for '1 day'
  selkie invite --qr                       they have a camera, and no way to be sent a line
  selkie invite --at 203.0.113.5:7355      through a router that passes the port on";

/// Addresses that an invitation has room for.
const ADDRESSES_MAX: usize = 8;

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    invitation: &'a str,
    until_ms: u64,
}

#[derive(Serialize)]
struct Came<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    words: String,
}

impl Run for Args {
    const ABOUT: &'static str = "Share the repository with somebody";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let control = Workspace::control(workspace.copy().folder());
        if let Some(caller) = Caller::to(&control)? {
            return self.through(cx, caller);
        }
        let own = workspace.take(&cx.doer())?.0.writer().replica();
        let name = ChannelName::of_or_new(&control).map_err(NetworkError::Name)?;
        let repository = workspace.repository();
        let shared = Shared { control: &control, repository, own: Some(own) };
        let mut online = Online::go(cx, &shared, name, Listen::Known(self.listen))?;
        let mut addresses = self.at.clone();
        addresses.extend(addresses_of(&online.node));
        addresses.truncate(ADDRESSES_MAX);
        let invited = online.node.invite(addresses, online.channel, ALL, self.time);
        let invitation = invited.map_err(NetworkError::Name)?;
        let (text, until_ms) = (invitation.to_string(), invitation.until_ms);
        self.give(cx, &text, until_ms, "Waiting for them; Ctrl-C ends it.")?;
        let guest = self.wait(cx, &mut online)?;
        let called = online.peers.called(&guest);
        online.node.close();
        tell_end(cx, &called, &guest)
    }
}

impl Args {
    /// Has the node that serves the clone let somebody in.
    fn through(&self, cx: &mut Context, caller: Caller) -> Result<(), CliError> {
        if self.listen.is_some() {
            return Err(NetworkError::Served(caller.status()?.process).into());
        }
        let (name, at, seconds) = (self.name.clone(), self.at.clone(), self.time.as_secs());
        let mut caller = caller.begin(&Ask::Invite { name, at, seconds })?;
        let mut guest = None;
        loop {
            match (caller.hear()?, &guest) {
                (Answer::Invited(text, until_ms), _) => {
                    let waiting =
                        "Waiting for them. Ctrl-C ends the waiting, and not the invitation.";
                    self.give(cx, &text, until_ms, waiting)?;
                }
                (Answer::Happened(happening), _) => {
                    if cx.format == Format::Text {
                        cx.out.say(&happening.line())?;
                    }
                    guest = happening.peer.zip(happening.name);
                }
                (Answer::Done, Some((peer, name))) => return tell_end(cx, name, peer),
                (other, _) => return Err(unexpected(&other).into()),
            }
        }
    }

    /// Prints what is to be given to whoever is invited.
    fn give(
        &self,
        cx: &mut Context,
        text: &str,
        until_ms: u64,
        waiting: &str,
    ) -> Result<(), CliError> {
        match cx.format {
            Format::Json => {
                let schema = "selkie.invitation/1";
                cx.json(&Told { schema, invitation: text, until_ms })?;
            }
            Format::Text => {
                let line = Line::of(
                    "Give this to one person, by a way that nobody else reads. It is good for ",
                );
                cx.out.say(&line.plain(&told(self.time)).plain(":"))?;
                cx.out.line(&Line::default())?;
                cx.out.line(&Line::of("  selkie join ").plain(text))?;
                cx.out.line(&Line::default())?;
                if self.qr {
                    draw(cx, text)?;
                }
                cx.out.flush()?;
                cx.out.say(&Line::of(waiting))?;
            }
        }
        Ok(cx.out.flush()?)
    }

    /// Waits until a guest came and has everything.
    fn wait(&self, cx: &mut Context, online: &mut Online) -> Result<NodeId, CliError> {
        let until = Instant::now() + self.time;
        let (mut guest, mut is_here, mut has_all) = (None, false, false);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // Who came in time is waited for.
            if left.is_zero() && !is_here {
                let left = |guest| NetworkError::Left(online.peers.called(&guest));
                return Err(guest.map_or(NetworkError::Alone, left).into());
            }
            let left = left.clamp(Duration::from_millis(50), Duration::from_secs(60));
            let Some(notice) = online.notices.next_within(left) else { continue };
            match &notice {
                Notice::Event(Event::Paired(person, _)) => {
                    (guest, is_here) = (Some(*person), true);
                    let name = self.name.clone().unwrap_or_else(|| short(person));
                    // At once: they may come again by themselves if the power goes now.
                    online.peers.meet(&name, *person, &[]);
                    online.peers.write()?;
                    if cx.format == Format::Text {
                        let called = online.peers.called(person);
                        let line = Line::of("").code(&called).plain(" came, with the key ");
                        cx.out.say(&line.plain(&person.to_string()).plain("."))?;
                        cx.out.flush()?;
                    }
                }
                Notice::Event(Event::Agreed(peer, ..)) if guest == Some(*peer) => has_all = true,
                Notice::Event(Event::Up(peer, _)) if guest == Some(*peer) => is_here = true,
                Notice::Event(Event::Down(peer, _)) if guest == Some(*peer) => {
                    if has_all {
                        return Ok(*peer);
                    }
                    is_here = false;
                }
                other => {
                    if let Some(line) = remark(other) {
                        cx.out.warn(&line)?;
                    }
                }
            }
        }
    }
}

/// Prints the invitation for a camera. What it reads is the last word of what is to be typed.
fn draw(cx: &mut Context, text: &str) -> Result<(), CliError> {
    let picture = Picture::of(text).expect("a picture holds five times of an invitation");
    for line in picture.lines() {
        cx.out.line(&Line::default().put(Label::Picture, &line))?;
    }
    Ok(cx.out.line(&Line::default())?)
}

/// They have all that is here.
fn tell_end(cx: &mut Context, name: &str, guest: &NodeId) -> Result<(), CliError> {
    match cx.format {
        Format::Json => {
            let (key, words) = (guest.to_string(), voice::words(cx, *guest)?);
            cx.json(&Came { schema: "selkie.guest/1", name, key, words })
        }
        Format::Text => {
            cx.out.say(&Line::of("").code(name).plain(" has everything."))?;
            let advice = voice::advice(cx, name, *guest)?;
            Ok(cx.out.say(&advice)?)
        }
    }
}
