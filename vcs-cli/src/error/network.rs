//! What can be wrong on the way to others.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use selkie_store::KeyError;
use selkie_sync::{ListenError, NoInvitation, OpenShareError};
use thiserror::Error;

use crate::line::Line;
use crate::serving::door::TalkError;

/// Why nothing was shared, or not with all.
#[derive(Debug, Error)]
pub(crate) enum NetworkError {
    /// There is no place for the key of this device.
    #[error("there is no home for the key of this device")]
    Keyless,
    /// The key can not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Nobody can be reached from here, and nobody can reach us.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The repository can not be shared.
    #[error(transparent)]
    Share(#[from] OpenShareError),
    /// The setting says no place to listen.
    #[error("'{0}' is no address to listen at")]
    Address(String),
    /// What was given names no networks.
    #[error("'{0}' names no networks")]
    Networks(String),
    /// Another command of this clone is on the network.
    #[error("another command shares this clone")]
    Busy,
    /// Another clone of the repository serves, here if that is known.
    #[error("another clone of this repository is there for peers{}", here(.0.as_deref()))]
    Elsewhere(Option<PathBuf>),
    /// The clone was never shared, so nobody would know what to give.
    #[error("this repository is not shared with anybody")]
    Unshared,
    /// Nobody is known here by this name.
    #[error("no peer called '{0}' is known here")]
    Stranger(String),
    /// Of nobody it is known where they are.
    #[error("it is not known where any peer is")]
    Nowhere,
    /// What was given is no key.
    #[error("'{0}' is no key")]
    NoKey(String),
    /// What was given is no invitation.
    #[error(transparent)]
    Invitation(#[from] NoInvitation),
    /// Its time is over.
    #[error("this invitation is over since {0}")]
    Over(String),
    /// Of so many peers nothing could be had. What came of others stays.
    #[error("{}", missed(*.0))]
    Missed(usize),
    /// Who invited was not reached, or gave nothing. What came stays, to go on from.
    #[error("nothing could be had from who invites")]
    Unjoined,
    /// Nobody came with the invitation.
    #[error("nobody came")]
    Alone,
    /// Somebody came with the invitation, and was gone when its time was over.
    #[error("{0} came, and left before everything was there")]
    Left(String),
    /// A node runs for this clone already.
    #[error("process {0} serves this clone")]
    Served(u32),
    /// None runs.
    #[error("no node runs for this clone")]
    Unserved,
    /// It does not do what it was asked for.
    #[error("the node of this clone says: {0}")]
    Declined(String),
    /// It ended before it answered.
    #[error("the node of this clone ended")]
    Gone,
    /// It was told to end, and has not yet.
    #[error("the node of this clone was told to end, and is not at its end yet")]
    Lingers,
    /// Somebody wants its numbers told where that can not be.
    #[error("numbers can not be told at {at}")]
    Metrics {
        /// Where.
        at: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// What was to run in the background ended at once.
    #[error("the node did not start{}", because(.why))]
    Unstarted {
        /// What it said.
        why: String,
        /// What it said to do.
        cure: Option<String>,
        /// Why it could not even be tried.
        source: Option<io::Error>,
    },
    /// The node can not be asked, or not be heard.
    #[error("the node of this clone can not be asked")]
    Door(#[from] TalkError),
    /// The process can not be told how it is to end.
    #[error("signals can not be waited for")]
    Signals(#[source] io::Error),
    /// Where this machine is can not be told.
    #[error("where this machine is can not be told to others")]
    Located(#[source] io::Error),
    /// What is kept of peers can not be read or written.
    #[error("'{path}' cannot be used")]
    Peers {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is kept of peers makes no sense.
    #[error("'{0}' does not tell of peers as this program writes it")]
    Garbled(PathBuf),
    /// The name of the repository among its peers can not be read or made.
    #[error("what this repository is called among its peers can not be read or made")]
    Name(#[source] io::Error),
}

impl NetworkError {
    /// What to type next, if that is known.
    pub(super) fn hint(&self) -> Option<Line> {
        match self {
            Self::Listen(ListenError::Address { .. }) => {
                Some(Line::of("name another port with ").code(&format!("--listen {ANYWHERE}")))
            }
            Self::Metrics { .. } => Some(
                Line::of("name another port with ").code("selkie p2p config --metrics ADDRESS"),
            ),
            Self::Unshared => Some(Line::of("share it with ").code("selkie invite")),
            Self::Stranger(_) => Some(Line::of("see who is with ").code("selkie peers")),
            Self::Nowhere => {
                Some(Line::of("say it with ").code("selkie peers add NAME --at ADDRESS"))
            }
            Self::NoKey(_) => Some(Line::of("its owner sees it with ").code("selkie whoami")),
            Self::Over(_) | Self::Alone | Self::Left(_) => {
                Some(Line::of("another one is made with ").code("selkie invite"))
            }
            Self::Unjoined => Some(Line::of("to go on, type the same again")),
            Self::Address(_) => Some(Line::of("write it as in ").code("0.0.0.0:7355")),
            Self::Networks(_) => Some(Line::of("write it as in ").code("10.0.0.0/8 fd00::/8")),
            Self::Served(_) => Some(
                Line::of("see how it goes with ")
                    .code("selkie p2p status")
                    .plain(", or end it with ")
                    .code("selkie p2p stop"),
            ),
            Self::Elsewhere(_) => Some(
                Line::of("peers keep one connection with each device: end that one with ")
                    .code("selkie p2p stop")
                    .plain(" there, or let this one meet them now and then with ")
                    .code("selkie sync"),
            ),
            Self::Unstarted { cure: Some(cure), .. } => Some(Line::of(cure)),
            Self::Unstarted { cure: None, .. } => {
                Some(Line::of("look on while it starts: ").code("selkie serve"))
            }
            Self::Unserved => Some(
                Line::of("start one with ")
                    .code("selkie p2p start")
                    .plain(", or ")
                    .code("selkie serve"),
            ),
            Self::Door(TalkError::Codec(_)) => {
                Some(Line::of("end the process that serves this clone, and start it again"))
            }
            Self::Busy => {
                Some(Line::of("end that one first: peers keep one connection with each device"))
            }
            Self::Keyless
            | Self::Declined(_)
            | Self::Gone
            | Self::Lingers
            | Self::Door(_)
            | Self::Signals(_)
            | Self::Located(_)
            | Self::Key(_)
            | Self::Listen(_)
            | Self::Share(_)
            | Self::Invitation(_)
            | Self::Missed(_)
            | Self::Peers { .. }
            | Self::Garbled(_)
            | Self::Name(_) => None,
        }
    }
}

/// Any port of this machine that is free.
const ANYWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {why}") }
}

fn here(folder: Option<&Path>) -> String {
    folder.map(|folder| format!(": '{}'", folder.display())).unwrap_or_default()
}

fn missed(count: usize) -> String {
    if count == 1 { "1 peer was missed".to_owned() } else { format!("{count} peers were missed") }
}
