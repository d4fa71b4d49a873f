//! What values settings take.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use selkie_store::PublicKey;
use selkie_sync::{Network, ServerName};
use thiserror::Error;

use crate::config::size::{size, spelled};
use crate::config::span::span;

/// What values a setting takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Any text on one line.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A length of time.
    Span,
    /// The public half of a key.
    Key,
    /// A file of this machine.
    File,
    /// A port of machines.
    Port,
    /// A number from one to this.
    Count(u64),
    /// Networks, with blanks between them.
    Networks,
    /// Rendezvous servers, with blanks between them.
    Servers,
    /// An address and a port of this machine alone.
    Loopback,
    /// A length of time from a second to a day.
    Wait,
    /// A number of bytes, from so many on.
    Size(u64),
}

/// Why a value is none for a setting.
#[derive(Debug, Error, Eq, PartialEq)]
pub(crate) enum ValueError {
    /// It is none of the words there are.
    #[error("it is one of: {}", .0.join(", "))]
    Word(&'static [&'static str]),
    /// It is no length of time.
    #[error("it is a number and a unit, such as '14 days'")]
    Span,
    /// It is no key.
    #[error("it is a public key: 64 hexadecimal digits")]
    Key,
    /// It depends on the folder that somebody stands in.
    #[error("it is a path that begins at the top of the disk, or with '~/'")]
    File,
    /// It is no port.
    #[error("it is a port: a number from 1 to 65535")]
    Port,
    /// It is none of the numbers that there may be.
    #[error("it is a number from 1 to {0}")]
    Count(u64),
    /// It names no networks.
    #[error("it is one network or several, such as '10.0.0.0/8 fd00::/8'")]
    Networks,
    /// It names no servers.
    #[error(
        "it is one server or several, at most {SERVERS_MAX}, such as '192.0.2.7:7357' or 'KEY@meet.example.org:7357'"
    )]
    Servers,
    /// It is no address of this machine alone.
    #[error("it is an address of this machine alone with a port, such as '127.0.0.1:9464'")]
    Loopback,
    /// It is no such length of time.
    #[error("it is a number and a unit, from '1 s' to '1 day'")]
    Wait,
    /// It is no such number of bytes.
    #[error("it is a number and a unit, such as '{}' or more", spelled(*.0))]
    Size(u64),
    /// It has line ends or control characters.
    #[error("it is text on one line")]
    Text,
}

/// What may be waited for.
const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

/// Each is visited now and then, and asked for all that is looked for.
const SERVERS_MAX: usize = 8;

/// More than any machine has, or sends in a second.
const SIZE_MAX: u64 = 1 << 40;

impl Kind {
    /// The words that it takes, if it takes only some.
    pub(crate) const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Word(words) => Some(words),
            Self::Text
            | Self::Span
            | Self::Key
            | Self::File
            | Self::Port
            | Self::Count(_)
            | Self::Networks
            | Self::Servers
            | Self::Loopback
            | Self::Wait
            | Self::Size(_) => None,
        }
    }

    /// Whether this is such a value.
    pub(crate) fn check(self, value: &str) -> Result<(), ValueError> {
        let is_so = match self {
            Self::Word(words) => words.contains(&value),
            Self::Text => true,
            Self::Span => span(value).is_some(),
            Self::Key => PublicKey::spelled(value).is_some(),
            Self::File => value.starts_with("~/") || !Path::new(value).is_relative(),
            Self::Port => value.parse::<u16>().is_ok_and(|port| port > 0),
            Self::Count(most) => value.parse().is_ok_and(|count| (1..=most).contains(&count)),
            Self::Networks => networks(value).is_some(),
            Self::Servers => servers(value).is_some(),
            Self::Loopback => loopback(value).is_some(),
            Self::Wait => span(value).is_some_and(|wait| WAITS.contains(&wait)),
            Self::Size(least) => {
                size(value).is_some_and(|bytes| (least..=SIZE_MAX).contains(&bytes))
            }
        };
        match self {
            Self::Text | Self::File if value.contains(char::is_control) => Err(ValueError::Text),
            _ if is_so => Ok(()),
            Self::Word(words) => Err(ValueError::Word(words)),
            Self::Text => Err(ValueError::Text),
            Self::Span => Err(ValueError::Span),
            Self::Key => Err(ValueError::Key),
            Self::File => Err(ValueError::File),
            Self::Port => Err(ValueError::Port),
            Self::Count(most) => Err(ValueError::Count(most)),
            Self::Networks => Err(ValueError::Networks),
            Self::Servers => Err(ValueError::Servers),
            Self::Loopback => Err(ValueError::Loopback),
            Self::Wait => Err(ValueError::Wait),
            Self::Size(least) => Err(ValueError::Size(least)),
        }
    }
}

/// The rendezvous servers that are spelled so, one behind the other. None if one of them is none, or there is none, or too many.
pub(crate) fn servers(text: &str) -> Option<Vec<ServerName>> {
    let all: Vec<_> = text.split_whitespace().map(ServerName::parse).collect::<Option<_>>()?;
    Some(all).filter(|all| (1..=SERVERS_MAX).contains(&all.len()))
}

/// The address and the port that are spelled so. None if others than this machine could reach it.
pub(crate) fn loopback(text: &str) -> Option<SocketAddr> {
    text.parse().ok().filter(|at: &SocketAddr| at.ip().is_loopback() && at.port() > 0)
}

/// The networks that are spelled so, one behind the other. None if one of them is none, or there is none.
pub(crate) fn networks(text: &str) -> Option<Vec<Network>> {
    let all: Vec<Network> = text.split_whitespace().map(Network::parse).collect::<Option<_>>()?;
    Some(all).filter(|all| !all.is_empty())
}
