//! What happens to a node that serves a clone, for people and programs.

use std::net::SocketAddr;

use selkie_sync::{Event, NodeId, Notice};
use serde::{Deserialize, Serialize};

use crate::count::counted;
use crate::label::Label;
use crate::line::Line;
use crate::online::meeting::ending;
use crate::serving::matter::Matter;

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Happening {
    /// When, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// What.
    pub(crate) matter: Matter,
    /// With whom.
    pub(crate) peer: Option<NodeId>,
    /// What they are called here.
    pub(crate) name: Option<String>,
    /// Where.
    pub(crate) address: Option<SocketAddr>,
    /// How many.
    pub(crate) count: Option<u64>,
    /// Why, or what exactly.
    pub(crate) detail: Option<String>,
}

impl Happening {
    pub(crate) const fn of(at_ms: u64, matter: Matter) -> Self {
        let (peer, name, address, count, detail) = (None, None, None, None, None);
        Self { at_ms, matter, peer, name, address, count, detail }
    }

    fn with(self, peer: NodeId) -> Self {
        Self { peer: Some(peer), ..self }
    }

    fn so_many(self, count: usize) -> Self {
        Self { count: Some(count as u64), ..self }
    }

    fn since(self, detail: &impl ToString) -> Self {
        Self { detail: Some(detail.to_string()), ..self }
    }

    /// What a notice tells; nothing if it is of no interest outside of the program.
    pub(crate) fn told_by(at_ms: u64, notice: &Notice) -> Option<Self> {
        let of = |matter| Self::of(at_ms, matter);
        Some(match notice {
            Notice::Event(event) => return Self::told_by_event(at_ms, event),
            Notice::TookIn(_, 0) => return None,
            Notice::TookIn(_, count) => Self { count: Some(*count), ..of(Matter::Received) },
            Notice::Refused(_, replica, refusal) => {
                of(Matter::Rejected).since(&format!("the log of replica {replica}: {refusal}"))
            }
            Notice::Reborn(_, name) => of(Matter::Reborn).since(&name),
            Notice::NotReborn(_, error) => {
                of(Matter::Trouble).since(&format!("this clone can not take a new name: {error}"))
            }
            Notice::Trouble(_, error) => of(Matter::Trouble).since(error),
            Notice::Uncared(_, error) => of(Matter::Trouble).since(error),
            Notice::Broken(_, ids) => of(Matter::Broken).so_many(ids.len()),
            Notice::Unhealed(_, ids) => {
                let list: Vec<_> = ids.iter().take(8).map(ToString::to_string).collect();
                of(Matter::Unhealed).so_many(ids.len()).since(&list.join(" "))
            }
            Notice::Whole(_) => of(Matter::Whole),
            Notice::Appeared(node, _, at) => {
                // In words too, which tell the zone of an address that has one.
                Self { address: Some(*at), ..of(Matter::Discovered).with(*node).since(at) }
            }
            Notice::Lost(node, _) => of(Matter::Lost).with(*node),
            Notice::Unheard(error) => of(Matter::Unheard).since(error),
            Notice::Missed(count) => Self { count: Some(*count), ..of(Matter::Missed) },
        })
    }

    fn told_by_event(at_ms: u64, event: &Event) -> Option<Self> {
        let of = |matter| Self::of(at_ms, matter);
        Some(match event {
            Event::Up(node, _) => of(Matter::Connected).with(*node),
            Event::Down(node, why) => of(Matter::Disconnected).with(*node).since(why),
            Event::Paired(node, _) => of(Matter::Paired).with(*node),
            Event::Knocked(node, at) => {
                Self { address: Some(*at), ..of(Matter::Refused).with(*node) }
            }
            Event::Forked(node, _, replica) => of(Matter::Forked).with(*node).since(replica),
            Event::Ended(_, replica, _) => of(Matter::Ended).since(replica),
            Event::Agreed(node, ..) => of(Matter::Agreed).with(*node),
            Event::Closed(node, _) => of(Matter::Closed).with(*node),
            Event::Slow(node, _) => of(Matter::Slow).with(*node),
            Event::Blamed(node, _) | Event::Forger(node) => of(Matter::Blamed).with(*node),
            Event::Accused(node) => of(Matter::Accused).with(*node),
            Event::Unfetched(..) => of(Matter::Unfetched),
            Event::Compared { peer, lacked, .. } => {
                of(Matter::Compared).with(*peer).so_many(*lacked)
            }
            Event::Healed(_, peer, count) => of(Matter::Healed).with(*peer).so_many(*count),
            Event::Uncompared(_, peer, _) => of(Matter::Uncompared).with(*peer),
            // Who is a member shows as a session or its end.
            Event::Member(..) | Event::Forgotten(_) => return None,
        })
    }

    /// The same in a sentence.
    pub(crate) fn line(&self) -> Line {
        let count = self.count.unwrap_or_default();
        let detail = self.detail.as_deref().unwrap_or_default();
        let address = self.address.map(|at| at.to_string()).unwrap_or_default();
        let key = self.peer.map(|peer| peer.to_string()).unwrap_or_default();
        let name = self.name.clone().unwrap_or_else(|| key.clone());
        let who = Line::of("").code(&name);
        match self.matter {
            Matter::Listening => Line::of("Listening at ").plain(&address).plain("."),
            Matter::Connected => who.plain(" is here."),
            Matter::Disconnected => who.plain(" is gone: ").plain(detail).plain("."),
            Matter::Paired => who.plain(" came, with the key ").plain(&key).plain("."),
            Matter::Refused => Line::of("A device that is not listed called from ")
                .plain(&address)
                .plain(": ")
                .plain(&key)
                .plain("."),
            Matter::Received => Line::of("Received ").plain(&counted(count, "entry")).plain("."),
            Matter::Agreed => who.plain(" has the same."),
            Matter::Closed => who.plain(" does not share this repository with you."),
            Matter::Forked => who
                .plain(" has another history of the log of replica ")
                .plain(detail)
                .plain(": one of both clones was copied."),
            Matter::Ended => Line::of("").plain(&ending(detail)).plain("."),
            Matter::Slow => who.plain(" did not send in time what it was asked for."),
            Matter::Blamed => who.plain(" sent what it should not have sent."),
            Matter::Accused => accused(),
            Matter::Unfetched => Line::of("Some objects could not be had; another peer is asked."),
            Matter::Rejected => Line::of("Not taken in: ").plain(detail).plain("."),
            Matter::Reborn => Line::of(
                "Others know more of what this clone did than it does itself: it goes by a new name from now on.",
            ),
            Matter::Trouble => Line::of("Trouble: ").plain(detail).plain("."),
            Matter::Compared => Line::of("Compared with ")
                .code(&name)
                .plain(": ")
                .plain(&counted(count, "object"))
                .plain(" lacked here."),
            Matter::Uncompared => {
                Line::of("What is here could not be compared with ").code(&name).plain(".")
            }
            Matter::Broken => Line::of("Damaged or lost here: ")
                .plain(&counted(count, "object"))
                .plain("; peers are asked."),
            Matter::Healed => who.plain(" gave ").plain(&counted(count, "object")).plain(" back."),
            Matter::Unhealed => Line::of("Still damaged or lost: ")
                .plain(&counted(count, "object"))
                .plain(": ")
                .plain(detail)
                .plain("."),
            Matter::Whole => Line::of("All is whole again."),
            Matter::Missed => Line::of("So much happened that ")
                .plain(&counted(count, "event"))
                .plain(" went by untold."),
            Matter::Closing => Line::of("Ended."),
            Matter::Discovered => who.plain(" is near, at ").plain(detail).plain("."),
            Matter::Lost => who.plain(" is heard of near here no more."),
            Matter::Unheard => {
                Line::of("Peers near here may not be found: ").plain(detail).plain(".")
            }
            Matter::Updated => updated(detail, count),
            Matter::Settled => Line::of("Settled timeline ").plain(detail).plain("."),
            Matter::Diverged => diverged(detail),
            Matter::Syncing => Line::of("Syncing with ").plain(&counted(count, "peer")).plain("."),
            Matter::Synced => Line::of("Synced with ").code(&name).plain("."),
            Matter::Unsynced => unsynced(&name, detail),
        }
    }
}

fn updated(timeline: &str, heads: u64) -> Line {
    let line = Line::of("Timeline ").put(Label::Timeline, timeline);
    if heads > 1 {
        line.plain(&format!(" has {heads} newest seals."))
    } else {
        line.plain(" has a new seal.")
    }
}

fn diverged(timeline_and_why: &str) -> Line {
    let line = Line::of("Diverged, and left to you: timeline ").plain(timeline_and_why);
    line.plain("; bring it together with ").code("selkie fuse").plain(".")
}

fn unsynced(name: &str, why: &str) -> Line {
    Line::of("Not synced with ").code(name).plain(": ").plain(why).plain(".")
}

fn accused() -> Line {
    let line = Line::of("A peer says that objects from here are damaged: look with ");
    line.code("selkie verify").plain(".")
}
