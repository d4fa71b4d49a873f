//! Being there for others.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use selkie_sync::{Event, Notice};
use selkie_vcs::{ChannelName, Workspace};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;
use crate::online::meeting::remark;
use crate::online::{Listen, Online, Shared};
use crate::verb::Run;

/// Listens for the peers of this repository and calls those of whom it is known where they are, until it is stopped with Ctrl-C.
/// What you seal meanwhile goes to them at once, and what they seal comes here. Your files and timelines stay
/// as they are: 'selkie switch main' takes you to what came on timeline main, and 'selkie fuse' brings together what diverged.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen, if not where the settings say
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Between two looks at what other commands wrote.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    event: &'static str,
    address: Option<String>,
    peer: Option<&'a str>,
    entries: Option<u64>,
}

impl Run for Args {
    const ABOUT: &'static str = "Be there for peers, until it is stopped";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let control = Workspace::control(workspace.copy().folder());
        let name = ChannelName::of(&control).map_err(NetworkError::Name)?;
        let name = name.ok_or(NetworkError::Unshared)?;
        let own = workspace.take(&cx.doer())?.0.writer().replica();
        let repository = workspace.repository();
        let shared = Shared { control: &control, repository, own: Some(own) };
        let online = Online::go(cx, &shared, name, Listen::Known(self.listen))?;
        let address = online.node.address().to_string();
        say(
            cx,
            &Line::of("Listening at ").plain(&address).plain("."),
            &Told { address: Some(address.clone()), ..Told::of("listening") },
        )?;
        let somewhere = online.peers.all.values().filter(|peer| !peer.addresses.is_empty());
        online.call(somewhere);
        let mut looked = Instant::now();
        while !online.notices.is_over() {
            if let Some(notice) = online.notices.next_within(LOOK) {
                tell(cx, &online, &notice)?;
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                online.node.refresh(online.channel);
            }
        }
        Ok(())
    }
}

impl Told<'_> {
    const fn of(event: &'static str) -> Self {
        Self { schema: "selkie.serve/1", event, address: None, peer: None, entries: None }
    }
}

fn tell(cx: &mut Context, online: &Online, notice: &Notice) -> Result<(), CliError> {
    let called = |node| online.peers.called(node);
    match notice {
        Notice::Event(Event::Up(node, _)) => {
            let name = called(node);
            let told = Told { peer: Some(&name), ..Told::of("connected") };
            say(cx, &Line::of("").code(&name).plain(" is here."), &told)
        }
        Notice::Event(Event::Down(node, why)) => {
            let name = called(node);
            let told = Told { peer: Some(&name), ..Told::of("disconnected") };
            let line = Line::of("").code(&name).plain(" is gone: ").plain(&why.to_string());
            say(cx, &line.plain("."), &told)
        }
        Notice::Event(Event::Knocked(node, at)) => {
            let name = called(node);
            let told =
                Told { peer: Some(&name), address: Some(at.to_string()), ..Told::of("refused") };
            let line = Line::of("A device that is not listed called from ").plain(&at.to_string());
            say(cx, &line.plain(": ").plain(&node.to_string()).plain("."), &told)
        }
        Notice::TookIn(_, entries) if *entries > 0 => {
            let told = Told { entries: Some(*entries), ..Told::of("received") };
            say(cx, &Line::of("Received ").plain(&counted(*entries, "entry")).plain("."), &told)
        }
        other => {
            if let Some(line) = remark(other) {
                cx.out.warn(&line)?;
            }
            if matches!(other, Notice::Event(Event::Ended(..))) {
                retell(cx, online)?;
            }
            Ok(())
        }
    }
}

/// Says again what logs said that ended: to take the clone in hand does it.
fn retell(cx: &mut Context, online: &Online) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    match workspace.take(&cx.doer()) {
        Ok(_) => online.node.refresh(online.channel),
        // The next command does it.
        Err(error) => cx.out.warn(&Line::note("warning").plain(&error.to_string()))?,
    }
    Ok(())
}

/// Says a line at once, since the next one may come tomorrow.
fn say(cx: &mut Context, line: &Line, told: &Told) -> Result<(), CliError> {
    match cx.format {
        Format::Json => cx.json(told)?,
        Format::Text => cx.out.say(line)?,
    }
    Ok(cx.out.flush()?)
}
