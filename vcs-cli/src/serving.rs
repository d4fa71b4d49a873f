//! Being there for others with a clone, until somebody ends it.
//!
//! One process of a clone is on the network, and holds the lock for that. It opens a [`door`], by which all other commands that need the network
//! have done what they want; every command that does not need it works as ever.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use selkie_sync::{Event, Node, Notice, Notices};
use selkie_vcs::{ChannelName, Workspace};
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::config::key::METRICS;
use crate::config::kind::loopback;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;
use crate::online::address::addresses;
use crate::online::{Listen, Online, Shared, folder};
use crate::serving::alone::Alone;
use crate::serving::caller::Caller;
use crate::serving::door::Door;
use crate::serving::gauges::Gauges;
use crate::serving::happening::Happening;
use crate::serving::host::{ADDRESSES_MAX, Habits, Host};
use crate::serving::matter::Matter;
use crate::serving::pace::Pace;
use crate::serving::remembered::Remembered;
use crate::serving::settling::Timelines;

pub(crate) use crate::serving::host::now_ms;

mod alone;
pub(crate) mod around;
pub(crate) mod begin;
pub(crate) mod caller;
pub(crate) mod door;
pub(crate) mod happening;
mod gauges;
mod host;
mod hub;
pub(crate) mod matter;
pub(crate) mod message;
pub(crate) mod pace;
pub(crate) mod remembered;
mod settling;
pub(crate) mod topology;

/// Who looks on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// Somebody at a terminal, or a program: all that happens is told.
    Foreground,
    /// Nobody: what happens is remembered for who asks.
    Background,
}

/// Between two looks at what other commands wrote, and at whether it is to end.
const LOOK: Duration = Duration::from_millis(200);

/// After so long it is told again where this machine is, which may have moved.
const LOCATE: Duration = Duration::from_secs(10 * 60);

/// After so long it is written down again how it goes: what a power cut takes of that.
const REMEMBER: Duration = Duration::from_secs(60);

/// After so long it is tried again to say what a log said that ended.
const RETELL: Duration = Duration::from_secs(5);

/// Those who are answered at once. A command is one, and so is who follows events.
const TALKS_MAX: usize = 16;

/// After a second signal there is no goodbye: the shell's word for what Ctrl-C ended.
const INTERRUPTED: i32 = 130;

#[derive(Serialize)]
pub(crate) struct Told<'a> {
    schema: &'static str,
    event: &'static str,
    at_ms: u64,
    peer: Option<&'a str>,
    key: Option<String>,
    address: Option<SocketAddr>,
    count: Option<u64>,
    detail: Option<&'a str>,
}

/// Is there for the peers of the clone, and for other commands, until it is told to end.
pub(crate) fn serve(
    cx: &mut Context,
    listen: Option<SocketAddr>,
    manner: Manner,
) -> Result<(), CliError> {
    let mut workspace = cx.workspace()?;
    let control = Workspace::control(workspace.copy().folder());
    let name = ChannelName::of(&control).map_err(NetworkError::Name)?;
    let name = name.ok_or(NetworkError::Unshared)?;
    if let Some(caller) = Caller::to(&control)? {
        return Err(NetworkError::Served(caller.status()?.process).into());
    }
    let _alone = Alone::taken(&folder(cx)?, name, workspace.copy().folder())?;
    let own = workspace.take(&cx.doer())?.0.writer().replica();
    let mut timelines = Timelines::seen(&workspace);
    let repository = workspace.repository();
    let shared = Shared { control: &control, repository, own: Some(own) };
    let online = Online::go(cx, &shared, name, Listen::Known(listen))?;
    let is_ended = ended().map_err(NetworkError::Signals)?;
    let door = match Door::open(&control) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => None,
        door => Some(door.map_err(|source| NetworkError::Door(source.into()))?),
    };
    let gauges = gauges(cx)?;
    let Online { node, notices, channel, peers, lock } = online;
    let before = Remembered::read(&control)?;
    let settings = cx.reader_of_settings();
    let habits = Habits {
        unseen: manner == Manner::Background,
        listen,
        settings,
        control: control.clone(),
        before,
    };
    let habits = (Pace::of(&cx.config), habits);
    let host = Host::new(&node, channel, name, folder(cx)?, peers, habits);
    host.welcome_all();
    let served = thread::scope(|scope| {
        if let Some(door) = &door {
            scope.spawn(|| admit(scope, door, &host));
        }
        if let Some(gauges) = &gauges {
            scope.spawn(|| gauges.serve(&host));
        }
        let served = attend(cx, &node, &notices, &host, &mut timelines, &is_ended);
        let remembered = Remembered::of(host.status(), now_ms()).write(&control);
        host.end();
        door.iter().for_each(Door::ring);
        served.and(remembered.map_err(CliError::from))
    });
    drop(host);
    drop(door);
    // Goodbye to the peers. Whoever finds the lock free knows that it was said.
    node.close();
    drop(lock);
    served?;
    tell(cx, &Happening::of(now_ms(), Matter::Closing), manner)
}

/// Where numbers are told, if somebody wants them.
fn gauges(cx: &Context) -> Result<Option<Gauges>, NetworkError> {
    let at = cx.config.value(&METRICS).and_then(|(said, _)| loopback(said));
    let open = |at| Gauges::open(at).map_err(|source| NetworkError::Metrics { at, source });
    at.map(open).transpose()
}

/// Raised by Ctrl-C, and by whatever else asks a process to end. The second time it ends at once.
pub(crate) fn ended() -> io::Result<Arc<AtomicBool>> {
    let is_ended = Arc::new(AtomicBool::new(false));
    let mut signals = vec![SIGINT, SIGTERM];
    if cfg!(unix) {
        signals.extend(HANG_UP);
    }
    for signal in signals {
        flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&is_ended))?;
        flag::register(signal, Arc::clone(&is_ended))?;
    }
    Ok(is_ended)
}

/// The terminal is gone.
#[cfg(unix)]
const HANG_UP: [i32; 1] = [signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const HANG_UP: [i32; 0] = [];

/// Lets in those who come to the door, each on a thread of its own.
fn admit<'scope>(scope: &'scope Scope<'scope, '_>, door: &'scope Door, host: &'scope Host<'_>) {
    let count = Arc::new(AtomicUsize::new(0));
    while !host.is_over() {
        let mut talk = match door.next() {
            Ok(Some(talk)) => talk,
            Ok(None) => continue,
            Err(_) => {
                // There are too many open files, or the like: that may pass.
                thread::sleep(LOOK);
                continue;
            }
        };
        if count.load(Ordering::Relaxed) >= TALKS_MAX {
            continue;
        }
        count.fetch_add(1, Ordering::Relaxed);
        let count = Arc::clone(&count);
        scope.spawn(move || {
            // Who does not hear the answer has gone, or speaks otherwise, and finds that out itself.
            let _gone = host.answer(&mut talk);
            count.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Looks what happens, until it is to end.
fn attend(
    cx: &mut Context,
    node: &Node,
    notices: &Notices,
    host: &Host<'_>,
    timelines: &mut Timelines,
    is_ended: &AtomicBool,
) -> Result<(), CliError> {
    let manner = if host.is_unseen() { Manner::Background } else { Manner::Foreground };
    let listening = Happening::of(now_ms(), Matter::Listening);
    let listening = Happening { address: Some(node.address()), ..listening };
    tell(cx, &listening, manner)?;
    host.hub.tell(listening);
    let (mut looked, mut located, mut remembered) =
        (Instant::now(), None::<Instant>, Instant::now());
    let mut retell_at = None;
    while !notices.is_over() && !host.is_over() && !is_ended.load(Ordering::Relaxed) {
        if located.is_none_or(|at| at.elapsed() >= LOCATE) {
            let mut places = addresses(node);
            places.truncate(ADDRESSES_MAX);
            node.locate(places).map_err(NetworkError::Located)?;
            located = Some(Instant::now());
        }
        if remembered.elapsed() >= REMEMBER {
            Remembered::of(host.status(), now_ms()).write(host.control())?;
            remembered = Instant::now();
        }
        host.call_if_due();
        if retell_at.is_some_and(|at| at <= Instant::now()) {
            retell_at = retell(cx, host)?;
        }
        if host.was_rung() {
            settle(cx, host, timelines, manner)?;
        }
        if let Some(notice) = notices.next_within(LOOK) {
            match host.hear(&notice) {
                Ok(Some(happening)) => tell(cx, &happening, manner)?,
                Ok(None) => {}
                Err(error) => cx.out.warn(&Line::note("warning").plain(&error.to_string()))?,
            }
            // Who has no name yet to say it under has one then.
            if matches!(notice, Notice::Event(Event::Ended(..)) | Notice::Reborn(..)) {
                retell_at = Some(Instant::now());
            }
            if matches!(notice, Notice::TookIn(_, 1..)) {
                settle(cx, host, timelines, manner)?;
            }
        }
        if looked.elapsed() >= LOOK && host.pace().by_itself {
            looked = Instant::now();
            host.refresh();
        }
    }
    Ok(())
}

/// Says again what logs said that ended: to take the clone in hand does it. Returns when to try it again,
/// where that did not go.
fn retell(cx: &mut Context, host: &Host<'_>) -> Result<Option<Instant>, CliError> {
    match cx.workspace()?.take(&cx.doer()) {
        Ok(_) => {
            host.refresh();
            Ok(None)
        }
        Err(error) => {
            cx.out.warn(&Line::note("warning").plain(&error.to_string()))?;
            Ok(Some(Instant::now() + RETELL))
        }
    }
}

/// Looks what came to timelines, and has what diverged settled.
fn settle(
    cx: &mut Context,
    host: &Host<'_>,
    timelines: &mut Timelines,
    manner: Manner,
) -> Result<(), CliError> {
    match timelines.look(cx, &host.pace()) {
        Ok(told) => {
            host.wait_for(timelines.waits());
            for happening in told {
                tell(cx, &happening, manner)?;
                host.hub.tell(happening);
            }
            Ok(())
        }
        // The next entry that comes has it tried again, and so has 'sync'.
        Err(error) => Ok(cx.out.warn(&Line::note("warning").plain(&error.to_string()))?),
    }
}

fn tell(cx: &mut Context, happening: &Happening, manner: Manner) -> Result<(), CliError> {
    match manner {
        Manner::Background => Ok(()),
        Manner::Foreground => show(cx, happening),
    }
}

/// Shows what happened at once, since the next may happen tomorrow.
pub(crate) fn show(cx: &mut Context, happening: &Happening) -> Result<(), CliError> {
    match cx.format {
        Format::Json => cx.json(&Told {
            schema: "selkie.event/1",
            event: happening.matter.word(),
            at_ms: happening.at_ms,
            peer: happening.name.as_deref(),
            key: happening.peer.map(|peer| peer.to_string()),
            address: happening.address,
            count: happening.count,
            detail: happening.detail.as_deref(),
        })?,
        Format::Text => cx.out.say(&happening.line())?,
    }
    Ok(cx.out.flush()?)
}
