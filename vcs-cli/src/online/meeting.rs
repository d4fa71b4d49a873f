//! Waiting until peers and this clone have the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use selkie_crdt::ActorId;
use selkie_sync::{Event, Known, Moved, Node, NodeId, Notice, Notices, Unreached, Why};

use crate::count::counted;
use crate::line::Line;

/// Those that are waited for, and what became of it.
#[derive(Debug)]
pub(crate) struct Meeting {
    /// How many addresses each is tried at.
    waited: BTreeMap<NodeId, usize>,
    ends: BTreeMap<NodeId, End>,
    /// Those that have another history of a log. They find out where both part, and have the same after that.
    forked: BTreeSet<NodeId>,
    /// Whether a log ended: then there is something to say again.
    has_ended: bool,
    remarks: Vec<Line>,
    began: Instant,
    /// As long as nothing may move.
    patience: Duration,
    moved: Moved,
    moved_at: Instant,
    /// Until when they are looked for near here, too.
    looks_until: Instant,
}

/// What became of all.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ends: BTreeMap<NodeId, End>,
    /// What people are to be told besides.
    pub(crate) remarks: Vec<Line>,
    /// Whether a log ended: then there is something to say again.
    pub(crate) has_ended: bool,
}

/// What became of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// Both have the same.
    Agreed,
    /// There is no session.
    Unmet(Why),
    /// It does not have this repository, or not for us.
    Closed,
    /// It has another history of a log: one of both was copied, or cheats.
    Forked,
    /// It was there, and nothing came any more.
    Silent,
}

/// Whether to wait on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Go {
    On,
    Away,
}

/// As long as one address may take to answer.
const ANSWER: Duration = Duration::from_secs(6);

/// As long as somebody may take to be found near here who is not where they were.
const SEARCH: Duration = Duration::from_secs(3);

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(50);

impl Meeting {
    /// Waits for these, each of which is tried at so many addresses, and no longer than this where nothing moves.
    pub(crate) fn of(waited: BTreeMap<NodeId, usize>, patience: Duration) -> Self {
        let now = Instant::now();
        let (ends, forked) = (BTreeMap::new(), BTreeSet::new());
        let (remarks, moved) = (Vec::new(), Moved::default());
        let has_ended = false;
        Self {
            waited,
            ends,
            forked,
            has_ended,
            remarks,
            began: now,
            patience,
            moved,
            moved_at: now,
            looks_until: now,
        }
    }

    /// Waits until it is known what becomes of all, or whoever is told how many objects came would not.
    pub(crate) fn hold(
        mut self,
        node: &Node,
        notices: &Notices,
        mut so_far: impl FnMut(u64) -> Go,
    ) -> Outcome {
        if node.nearby().is_some() {
            self.looks_until = self.began + SEARCH;
        }
        while self.ends.len() < self.waited.len() {
            if let Some(notice) = notices.next_within(LOOK) {
                self.hear(&notice);
            }
            self.look(node);
            if so_far(self.moved.objects_in) == Go::Away {
                break;
            }
        }
        let Self { ends, remarks, has_ended, .. } = self;
        Outcome { ends, remarks, has_ended }
    }

    fn hear(&mut self, notice: &Notice) {
        match notice {
            Notice::Event(event) => self.hear_event(event),
            other => self.remarks.extend(remark(other)),
        }
    }

    fn hear_event(&mut self, event: &Event) {
        match event {
            // The peer is to know it too: it may be what it waits for, and this command hangs up.
            Event::Agreed(peer, _, Known::ByBoth) => self.end(*peer, End::Agreed),
            Event::Closed(peer, _) => self.end(*peer, End::Closed),
            Event::Forked(peer, ..) => {
                self.forked.insert(*peer);
            }
            Event::Ended(_, replica, _) => {
                self.has_ended = true;
                self.remarks.push(ended(*replica));
            }
            // What ends a session for a time begins another; what ends it for good says so.
            Event::Down(peer, why @ (Why::Told(_) | Why::Said(_))) => {
                self.end(*peer, End::Unmet(why.clone()));
            }
            Event::Up(..)
            | Event::Agreed(_, _, Known::Here)
            | Event::Down(..)
            | Event::Paired(..)
            | Event::Knocked(..)
            | Event::Slow(..)
            | Event::Blamed(..)
            | Event::Accused(_)
            | Event::Unfetched(..)
            | Event::Member(..)
            | Event::Forgotten(_)
            | Event::Forger(_)
            | Event::Compared { .. }
            | Event::Healed(..)
            | Event::Uncompared(..) => {}
        }
    }

    /// Gives up those of whom nothing comes.
    fn look(&mut self, node: &Node) {
        let moved = node.moved();
        let now = Instant::now();
        if moved != self.moved {
            (self.moved, self.moved_at) = (moved, now);
        }
        let open = self.waited.iter().filter(|(peer, _)| !self.ends.contains_key(*peer));
        let open: Vec<_> = open.map(|(peer, addresses)| (*peer, *addresses)).collect();
        for (peer, addresses) in open {
            let patience = ANSWER.min(self.patience) * u32::try_from(addresses).unwrap_or(u32::MAX);
            let patience = patience + (self.looks_until - self.began);
            match node.why_not(peer) {
                Some(why) if self.is_final(&why, addresses, now) || now - self.began > patience => {
                    self.end(peer, End::Unmet(why));
                }
                None if now - self.moved_at > self.patience => {
                    let is_forked = self.forked.contains(&peer);
                    self.end(peer, if is_forked { End::Forked } else { End::Silent });
                }
                Some(_) | None => {}
            }
        }
    }

    /// Whether to wait is of no use.
    fn is_final(&self, why: &Why, addresses: usize, now: Instant) -> bool {
        let is_looked_for = now < self.looks_until;
        match why {
            Why::Told(_) | Why::Said(_) => true,
            Why::NoAddress => !is_looked_for,
            Why::Unreached(_, why) => *why != Unreached::Silence && addresses < 2 && !is_looked_for,
            Why::NotYet | Why::NoHello | Why::Broken | Why::Unwanted => false,
        }
    }

    fn end(&mut self, peer: NodeId, end: End) {
        if self.waited.contains_key(&peer) {
            self.ends.entry(peer).or_insert(end);
        }
    }
}

/// That a log ended.
fn ended(replica: ActorId) -> Line {
    Line::note("warning").plain(&ending(&replica.to_string()))
}

/// What it means that the log of this replica ended.
pub(crate) fn ending(replica: &str) -> String {
    format!(
        "replica {replica} said two things in one place: a clone was copied while it was in use, or somebody cheats. What it said from there on is taken back, and those who know it say it again under their own names",
    )
}

/// What people should know of a notice.
pub(crate) fn remark(notice: &Notice) -> Option<Line> {
    let warning = || Line::note("warning");
    match notice {
        Notice::Event(Event::Accused(_)) => Some(
            warning()
                .plain("a peer says that objects from here are damaged: look with ")
                .code("selkie verify"),
        ),
        Notice::Event(Event::Ended(_, replica, _)) => Some(ended(*replica)),
        Notice::Event(_)
        | Notice::TookIn(..)
        | Notice::Whole(_)
        | Notice::Appeared(..)
        | Notice::Lost(..) => None,
        Notice::Unheard(error) => {
            Some(warning().plain(&format!("peers near here may not be found: {error}")))
        }
        Notice::Broken(_, ids) => {
            let count = counted(ids.len() as u64, "object");
            Some(warning().plain(&format!("damaged or lost here: {count}; peers are asked")))
        }
        Notice::Unhealed(_, ids) => {
            let count = counted(ids.len() as u64, "object");
            let line = warning().plain(&format!("still damaged or lost: {count}; look with "));
            Some(line.code("selkie verify"))
        }
        Notice::Uncared(_, error) => Some(warning().plain(&error.to_string())),
        Notice::Refused(_, replica, refusal) => Some(
            warning()
                .plain(&format!("the log of replica {replica} is not taken: {refusal}")),
        ),
        Notice::Reborn(..) => Some(Line::note("note").plain(
            "others know more of what this clone did than it does itself, so it goes by a new name from now on",
        )),
        Notice::NotReborn(_, error) => {
            Some(warning().plain(&format!("this clone can not take a new name: {error}")))
        }
        Notice::Trouble(_, error) => Some(warning().plain(&error.to_string())),
        Notice::Missed(count) => {
            Some(warning().plain(&format!("so much happened that {count} notices were lost")))
        }
    }
}

impl End {
    /// In words, behind the name of the peer and a colon.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Agreed => "both have the same".to_owned(),
            Self::Unmet(why) => why.to_string(),
            Self::Closed => "it does not share this repository with you".to_owned(),
            Self::Forked => {
                "it has another history of a log: one of both clones was copied".to_owned()
            }
            Self::Silent => "nothing came any more".to_owned(),
        }
    }
}
