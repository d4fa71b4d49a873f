//! Who was heard of, in the local network or at a rendezvous server.

use std::time::Duration;

use serde::Serialize;

use crate::config::span::told;
use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::online::peers::Peers;
use crate::serving::around::{Around, Neighbour, Server, clock};

#[derive(Serialize)]
struct ToldAround<'a> {
    schema: &'static str,
    looking: bool,
    at: Vec<String>,
    strangers: u64,
    troubles: &'a [String],
    servers: Vec<ToldServer<'a>>,
}

#[derive(Serialize)]
struct ToldServer<'a> {
    server: &'a str,
    asked: bool,
    registered: bool,
    trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct ToldNeighbour<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    listed: bool,
    how: &'static str,
    addresses: Vec<ToldPlace<'a>>,
    clock_ahead_ms: Option<i64>,
}

#[derive(Serialize)]
struct ToldPlace<'a> {
    address: &'a str,
    age_ms: u64,
}

/// Shows them: those that are listed by name, others by the beginning of their key.
pub(super) fn tell(
    cx: &mut Context,
    peers: &Peers,
    around: Option<&Around>,
) -> Result<(), CliError> {
    if cx.format == Format::Json {
        cx.json(&ToldAround {
            schema: "selkie.nearby/1",
            looking: around.is_some_and(|it| it.looking),
            at: around.iter().flat_map(|it| &it.at).map(ToString::to_string).collect(),
            strangers: around.map_or(0, |it| it.strangers),
            troubles: around.map_or(&[], |it| &it.troubles),
            servers: around.into_iter().flat_map(|it| &it.servers).map(server).collect(),
        })?;
    }
    let Some(around) = around else {
        return match cx.format {
            Format::Json => Ok(()),
            Format::Text => {
                let line = Line::of("Nobody is looked for near here: ");
                Ok(cx.out.line(&line.code("network.discover").plain(" is off."))?)
            }
        };
    };
    around.heard.iter().try_for_each(|it| neighbour(cx, peers, it))?;
    if cx.format == Format::Json {
        return Ok(());
    }
    if around.heard.is_empty() {
        let nowhere = match (around.looking, around.servers.is_empty()) {
            (_, true) => "near here",
            (true, false) => "near here or at a rendezvous server",
            (false, false) => "at a rendezvous server",
        };
        let line = format!("Nobody who has this repository was heard of {nowhere}.");
        cx.out.line(&Line::of(&line))?;
    }
    if around.strangers > 0 {
        let addresses = counted(around.strangers, "address");
        let line = format!("Others, who have other repositories, were heard from {addresses}.");
        cx.out.line(&Line::of(&line))?;
    }
    if around.looking && around.at.is_empty() {
        cx.out.warn(&Line::note("warning").plain("this machine is in no network"))?;
    }
    for it in &around.servers {
        let Some(why) = &it.trouble else { continue };
        let line = Line::note("warning").plain("the rendezvous server at ");
        cx.out.warn(&line.code(&it.name).plain(": ").plain(why))?;
    }
    let troubles = around.troubles.iter();
    Ok(troubles.map(|why| Line::note("warning").plain(why)).try_for_each(|it| cx.out.warn(&it))?)
}

fn neighbour(cx: &mut Context, peers: &Peers, it: &Neighbour) -> Result<(), CliError> {
    let (name, listed) = (peers.called(&it.node), peers.lists(&it.node));
    if cx.format == Format::Json {
        let places = it.places.iter();
        let addresses = places.map(|(address, age_ms)| ToldPlace { address, age_ms: *age_ms });
        return cx.json(&ToldNeighbour {
            schema: "selkie.neighbour/1",
            name: &name,
            key: it.node.to_string(),
            listed,
            how: how(it),
            addresses: addresses.collect(),
            clock_ahead_ms: it.ahead_ms,
        });
    }
    let line = Line::default().put(Label::Verb, &format!("{name:<12}  "));
    let places: Vec<_> =
        it.places.iter().map(|(address, age_ms)| place(how(it), address, *age_ms)).collect();
    let line = line.plain(&places.join(", "));
    let line = match it.ahead_ms {
        Some(ahead_ms) if places.is_empty() => line.plain(&clock(ahead_ms)),
        Some(ahead_ms) => line.plain("; ").plain(&clock(ahead_ms)),
        None => line,
    };
    let line = if listed {
        line
    } else {
        let add = format!("selkie peers add NAME {}", it.node);
        line.plain("; not listed: let them have it with ").code(&add)
    };
    Ok(cx.out.line(&line)?)
}

fn place(how: &str, address: &str, age_ms: u64) -> String {
    format!("{address} ({how}, {} ago)", told(Duration::from_millis(age_ms)))
}

/// The way by which somebody was found.
const fn how(it: &Neighbour) -> &'static str {
    if it.is_far { "rendezvous" } else { "lan" }
}

fn server(it: &Server) -> ToldServer<'_> {
    let Server { name: server, asked, registered, trouble } = it;
    let (asked, registered, trouble) = (*asked, *registered, trouble.as_deref());
    ToldServer { server, asked, registered, trouble }
}
