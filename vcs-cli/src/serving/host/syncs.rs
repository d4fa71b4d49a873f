//! Having the same as peers: when a command asks for it, and by itself.

use std::sync::PoisonError;
use std::time::Instant;

use selkie_sync::NodeId;

use crate::config::ConfigError;
use crate::online::meeting::{End, Go, Meeting};
use crate::online::peers::Peer;
use crate::serving::door::{Talk, TalkError};
use crate::serving::happening::Happening;
use crate::serving::host::{Host, LOOK, now_ms};
use crate::serving::matter::Matter;
use crate::serving::message::{Answer, Counts, Ended, Synced, Syncing};
use crate::serving::pace::Pace;

impl Host<'_> {
    /// Calls those that are not connected, if it is time, however long they would be left alone after calls that came to nothing.
    pub(crate) fn call_if_due(&self) {
        {
            let mut going = self.going();
            let interval = going.pace.interval;
            let is_due = going.called.is_none_or(|(at, _)| at.elapsed() >= interval);
            if !going.pace.by_itself || !is_due {
                return;
            }
            going.called = Some((Instant::now(), now_ms()));
        }
        let up = self.node.peers();
        let known = self.known();
        let is_away = |peer: &&Peer| {
            !peer.addresses.is_empty()
                && !known.apart.contains(&peer.node)
                && !up.contains(&peer.node)
        };
        for peer in known.peers.all.values().filter(is_away) {
            self.node.want(peer.node, peer.addresses.clone());
        }
    }

    /// Goes by the settings as they are now.
    pub(super) fn follow_settings(&self) -> Result<(), ConfigError> {
        let pace = Pace::of(&(self.habits.settings)()?);
        let was = std::mem::replace(&mut self.going().pace, pace.clone()).by_itself;
        self.has_room.notify_all();
        if was && !pace.by_itself {
            self.known().peers.all.values().for_each(|peer| self.node.leave(peer.node));
        }
        if !was && pace.by_itself {
            self.going().called = None;
            let known = self.known();
            let is_let_in = |peer: &&Peer| !known.apart.contains(&peer.node);
            known.peers.all.values().filter(is_let_in).for_each(|peer| self.welcome(peer));
            drop(known);
            self.refresh();
        }
        Ok(())
    }

    /// Waits until there is room for one more sync, and has it done.
    pub(super) fn sync(&self, wanted: &[NodeId], talk: &mut Talk) -> Result<(), TalkError> {
        let mut going = self.going();
        while going.under_way >= going.pace.syncs_max {
            // Who asked may have gone, which nobody tells.
            let (again, _late) =
                self.has_room.wait_timeout(going, LOOK).unwrap_or_else(PoisonError::into_inner);
            drop(again);
            if self.is_over() || !talk.is_wanted() {
                return Ok(());
            }
            going = self.going();
        }
        going.under_way += 1;
        drop(going);
        let synced = self.meet(wanted, talk);
        self.going().under_way -= 1;
        self.has_room.notify_one();
        talk.say(&Answer::Synced(synced))
    }

    fn meet(&self, wanted: &[NodeId], talk: &mut Talk) -> Synced {
        let Pace { by_itself, patience, .. } = self.pace();
        let nearby = self.node.nearby().unwrap_or_default();
        let near = |peer: &Peer| {
            let seen = nearby.sightings.iter().filter(|it| it.node == peer.node);
            seen.map(|it| it.places.len()).sum::<usize>()
        };
        let up = self.node.peers();
        let chosen: Vec<Peer> = {
            let known = self.known();
            let is_chosen = |peer: &&Peer| match wanted {
                [] => !peer.addresses.is_empty() || up.contains(&peer.node) || near(peer) > 0,
                wanted => wanted.contains(&peer.node),
            };
            known.peers.all.values().filter(is_chosen).cloned().collect()
        };
        let syncing = Happening::of(now_ms(), Matter::Syncing);
        self.hub.tell(Happening { count: Some(chosen.len() as u64), ..syncing });
        let before = Counts::from(self.node.moved());
        let notices = self.node.notices();
        // From here on who has the same has what was sealed here a moment ago.
        self.node.look(self.channel);
        for peer in &chosen {
            if !up.contains(&peer.node) {
                // At once, however long it was to be waited for after the last call.
                self.node.leave(peer.node);
            }
            self.node.want(peer.node, peer.addresses.clone());
        }
        let places = |peer: &Peer| peer.addresses.len() + near(peer);
        let waited = chosen.iter().map(|peer| (peer.node, places(peer))).collect();
        let mut told = 0;
        let progress = |objects: u64| {
            let came = objects - before.objects_in;
            let is_heard = came == told || talk.say(&Answer::SoFar(came)).is_ok();
            told = came;
            if is_heard && !self.is_over() { Go::On } else { Go::Away }
        };
        let meeting = Meeting::of(waited, patience);
        let ends = meeting.hold(self.node, &notices, progress).ends.into_iter();
        let ends = ends.map(|(node, end)| {
            let (agreed, words) = (end == End::Agreed, end.words());
            Ended { node, agreed, words }
        });
        let ends: Vec<Ended> = ends.collect();
        ends.iter().for_each(|end| self.tell_end(end));
        if !by_itself {
            let is_called = |peer: &&Peer| !up.contains(&peer.node);
            chosen.iter().filter(is_called).for_each(|peer| self.node.leave(peer.node));
        }
        Synced { ends, moved: Counts::from(self.node.moved()).since(before) }
    }

    fn tell_end(&self, end: &Ended) {
        let matter = if end.agreed { Matter::Synced } else { Matter::Unsynced };
        let name = Some(self.known().peers.called(&end.node));
        let detail = (!end.agreed).then(|| end.words.clone());
        let (peer, told) = (Some(end.node), Happening::of(now_ms(), matter));
        self.hub.tell(Happening { peer, name, detail, ..told });
    }

    pub(super) fn syncing(&self) -> Syncing {
        let going = self.going();
        Syncing {
            by_itself: going.pace.by_itself,
            interval_ms: u64::try_from(going.pace.interval.as_millis()).unwrap_or(u64::MAX),
            called_ms: going.called.map(|(_, at_ms)| at_ms),
            under_way: going.under_way as u64,
            waits: going.waits.clone(),
        }
    }
}
