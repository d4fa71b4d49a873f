//! Looking for others, as the settings say.

use std::net::IpAddr;

use selkie_sync::{Discover, Rendezvous, Speech};

use crate::config::key::{DISCOVER, DISCOVERY_PORT, RENDEZVOUS};
use crate::config::kind::servers;
use crate::context::Context;

/// How to look for others in the local network, and what to say of oneself: `speech`, unless the settings want it to be less. None if they want nothing of it.
pub(crate) fn discover(cx: &Context, speech: Speech, within: Option<IpAddr>) -> Option<Discover> {
    let value = |key| cx.config.value(key).map(|(text, _)| text);
    let speech = match value(&DISCOVER) {
        Some("lan") => speech,
        Some("listen") => Speech::None,
        _ => return None,
    };
    // The setting takes ports only, and has one by itself.
    let port = value(&DISCOVERY_PORT)?.parse().ok()?;
    Some(Discover { port, speech, within })
}

/// At which servers to look for others, and what to say there of oneself. None if the settings name none.
pub(super) fn rendezvous(cx: &Context, speech: Speech) -> Option<Rendezvous> {
    let (said, _) = cx.config.value(&RENDEZVOUS)?;
    Some(Rendezvous { servers: servers(said)?, speech })
}
