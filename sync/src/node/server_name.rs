//! The name of a rendezvous server, as people write it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use selkie_store::PublicKey;

use crate::identity::node_id::NodeId;

/// Where a rendezvous server is, and which key it has, if that is known: `KEY@HOST:PORT`, `HOST:PORT` or `HOST`.
///
/// ```
/// use selkie_sync::ServerName;
/// let name = ServerName::parse("meet.example.org").unwrap();
/// assert_eq!(name.to_string(), "meet.example.org:7357");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerName {
    /// A name or an address, and a port.
    host: String,
    key: Option<NodeId>,
}

impl ServerName {
    /// Where a server listens if nothing else is said.
    pub const PORT: u16 = 7357;

    /// The server that is named so. None if nothing is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (key, host) = match text.split_once('@') {
            Some((key, host)) => (Some(NodeId::of(PublicKey::spelled(key)?)), host),
            None => (None, text),
        };
        let spelled = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
        if let Ok(ip) = spelled.parse::<IpAddr>() {
            return Some(Self { host: SocketAddr::new(ip, Self::PORT).to_string(), key });
        }
        if let Ok(at) = host.parse::<SocketAddr>() {
            return (at.port() > 0).then(|| Self { host: at.to_string(), key });
        }
        let (name, port) = match host.split_once(':') {
            Some((name, port)) => (name, port.parse::<u16>().ok().filter(|port| *port > 0)?),
            None => (host, Self::PORT),
        };
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = (1..=253).contains(&name.len()) && name.chars().all(is_letter);
        is_name.then(|| Self { host: format!("{name}:{port}"), key })
    }

    /// What to look up.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The key that it has to have.
    pub(super) const fn key(&self) -> Option<NodeId> {
        self.key
    }
}

impl fmt::Display for ServerName {
    /// Its key is left out: who reads it knows what was set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_in_these_ways() {
        let key = "8b1c42ea03af3bb1e3d1d4b2f9a1e0dd0a1f5be6d9f9f4f6f0f4c7a1a0b7c3d2";
        let keyed = format!("{key}@192.0.2.7:9000");
        let table = [
            ("192.0.2.7:9000", "192.0.2.7:9000"),
            ("192.0.2.7", "192.0.2.7:7357"),
            ("[2001:db8::1]:9000", "[2001:db8::1]:9000"),
            ("2001:db8::1", "[2001:db8::1]:7357"),
            ("[2001:db8::1]", "[2001:db8::1]:7357"),
            ("meet.example.org:80", "meet.example.org:80"),
            (&keyed, "192.0.2.7:9000"),
        ];
        for (text, host) in table {
            assert_eq!(ServerName::parse(text).map(|it| it.to_string()), Some(host.into()));
        }
        let named = ServerName::parse(&keyed).and_then(|it| it.key());
        assert_eq!(named.map(|key| key.to_string()), Some(key.to_owned()));
    }

    #[test]
    fn what_names_no_server_is_refused() {
        let long = "a".repeat(300);
        let bad = [
            "",
            ":7357",
            "a b",
            "host:",
            "host:0",
            "host:65536",
            "host:x",
            "192.0.2.7:0",
            "x@host",
            "@host",
            "a:1:2",
            "http://host",
            &long,
        ];
        for text in bad {
            assert_eq!(ServerName::parse(text), None, "{text}");
        }
    }
}
