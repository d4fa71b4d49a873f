//! Being there so that others find each other.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use selkie_store::device_key;
use selkie_sync::{ListenError, RendezvousServer, ServerName};
use serde::Serialize;

use crate::config::kind::networks;
use crate::config::span::told;
use crate::context::{Context, Format};
use crate::count::counted;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;
use crate::serving::ended;
use crate::verb::Run;

/// Peers that are in different networks find each other by a server that both know: each leaves word there where it is. The server
/// learns no repository by it and trusts nobody; what it tells is a hint, as what is heard in a local network is. Nothing of a
/// repository passes through it.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  selkie rendezvous serve                          be a server
  selkie rendezvous serve --listen 192.0.2.7:7357  at this address alone
  selkie p2p config --rendezvous meet.example.org  go to one";

#[derive(clap::Subcommand)]
enum Verb {
    /// Be a server, until it is stopped
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// Where to listen; if not said, at all addresses, at port 7357
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The longest that word is held of who does not come again
    #[arg(long, value_name = "TIME", default_value = "5 min", value_parser = held)]
    hold: Duration,
    /// The networks from which to let visitors in, such as '10.0.0.0/8 192.168.0.0/16'; if not said, all
    #[arg(long, value_name = "NETWORKS")]
    allow: Option<String>,
}

/// What is told of a server.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    event: &'a str,
    address: SocketAddr,
    key: String,
    hold_seconds: u64,
    registered: usize,
    repositories: usize,
    visits: u64,
    refused: u64,
}

/// Between two looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

impl Run for Args {
    const ABOUT: &'static str = "Be there so that peers find each other";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let Verb::Serve(serve) = &self.verb;
        serve.run(cx)
    }
}

impl Serve {
    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let allowed = match self.allow.as_deref() {
            None => Vec::new(),
            Some(text) => networks(text).ok_or_else(|| NetworkError::Networks(text.to_owned()))?,
        };
        let is_ended = ended().map_err(NetworkError::Signals)?;
        let keys = cx.places.keys().ok_or(NetworkError::Keyless)?;
        let begin = |at| {
            let key = device_key(&keys)?;
            let server = RendezvousServer::start(key, at, allowed.clone(), self.hold);
            server.map_err(NetworkError::from)
        };
        let port = ServerName::PORT;
        let server = match self.listen {
            Some(at) => begin(at)?,
            // At those of the old kind alone, where a machine has no others.
            None => match begin((Ipv6Addr::UNSPECIFIED, port).into()) {
                Err(NetworkError::Listen(ListenError::Address { .. })) => {
                    begin((Ipv4Addr::UNSPECIFIED, port).into())?
                }
                begun => begun?,
            },
        };
        self.tell(cx, &server, "listening")?;
        while !is_ended.load(Ordering::Relaxed) {
            thread::sleep(LOOK);
        }
        self.tell(cx, &server, "closing")?;
        server.close();
        Ok(())
    }

    fn tell(
        &self,
        cx: &mut Context,
        server: &RendezvousServer,
        event: &str,
    ) -> Result<(), CliError> {
        let (tally, address) = (server.tally(), server.address());
        if cx.format == Format::Json {
            cx.json(&Told {
                schema: "selkie.rendezvous/1",
                event,
                address,
                key: server.id().to_string(),
                hold_seconds: self.hold.as_secs(),
                registered: tally.registered,
                repositories: tally.spots,
                visits: tally.visits,
                refused: tally.rude,
            })?;
            return Ok(cx.out.flush()?);
        }
        if event == "listening" {
            let line = Line::of("Listening at ").code(&address.to_string());
            let hold = told(self.hold);
            cx.out.say(&line.plain(&format!("; word is held for {hold} at most.")))?;
            let host = if address.ip().is_unspecified() {
                format!("HOST:{}", address.port())
            } else {
                address.to_string()
            };
            let set = format!("selkie p2p config --rendezvous {}@{host}", server.id());
            cx.out.say(&Line::of("Peers find each other by it once they type ").code(&set))?;
            if address.ip().is_unspecified() {
                cx.out.say(&Line::of("with the name or the address of this machine for HOST."))?;
            }
        } else {
            let visits = counted(tally.visits, "visit");
            let refused = counted(tally.rude, "other");
            cx.out.say(&Line::of(&format!("Closing, after {visits} and {refused} refused.")))?;
        }
        Ok(cx.out.flush()?)
    }
}

/// How long word may be held.
fn held(text: &str) -> Result<Duration, String> {
    let hold = crate::config::span::span(text);
    let hold = hold.filter(|hold| (1..=24 * 60 * 60).contains(&hold.as_secs()));
    hold.ok_or_else(|| "it is a number and a unit, from '1 s' to '1 day'".to_owned())
}
