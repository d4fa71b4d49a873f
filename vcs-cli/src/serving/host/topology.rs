//! What a node tells of who is connected with whom.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use selkie_sync::{Branch, ChannelId, MemberState, NodeId, Seen, Side, Tie};

use crate::online::peers::short;
use crate::serving::host::Host;
use crate::serving::topology::{Calls, Hears, Link, Member, Other, Stands, Topology};

impl Host<'_> {
    /// Who is connected with whom: those that are listed, and whoever else the node knows of.
    pub(super) fn topology(&self) -> Topology {
        let selkie_sync::Topology { members, ties } = self.node.topology();
        let listed: BTreeMap<_, _> =
            self.status().peers.into_iter().map(|it| (it.node, it)).collect();
        let members: BTreeMap<_, _> = members.into_iter().map(|it| (it.node, it)).collect();
        let ties: BTreeMap<_, _> = ties.into_iter().map(|it| (it.peer, it)).collect();
        let named =
            |id: &NodeId| listed.get(id).map_or_else(|| short(id), |peer| peer.name.clone());
        let doubter = |id: &NodeId| (*id != self.node.id()).then(|| named(id));
        let all: BTreeSet<_> =
            listed.keys().chain(members.keys()).chain(ties.keys()).copied().collect();
        let others = all.into_iter().map(|id| {
            let peer = listed.get(&id);
            let trip = peer.and_then(|peer| peer.round_trip_us);
            let link = ties.get(&id).map(|tie| link(tie, self.channel, trip));
            Other {
                name: named(&id),
                node: id,
                is_listed: peer.is_some(),
                member: members.get(&id).map(|seen| member(seen, doubter)),
                // The two were asked for one after the other, and it may have come in between.
                why: peer.and_then(|peer| peer.why.clone()).filter(|_| link.is_none()),
                link,
            }
        });
        let mut others: Vec<_> = others.collect();
        others.sort_by(|one, other| one.name.cmp(&other.name));
        Topology { node: self.node.id(), others }
    }
}

fn member(seen: &Seen, called: impl Fn(&NodeId) -> Option<String>) -> Member {
    let stands = match seen.state {
        MemberState::Here => Stands::Alive,
        MemberState::Suspected => Stands::Suspected,
        MemberState::Down => Stands::Dead,
        MemberState::Left => Stands::Left,
    };
    let doubted_by = seen.doubted_by.iter().map(called).collect();
    Member { stands, lasts_ms: ms(seen.lasts), doubted_by }
}

fn link(tie: &Tie, channel: ChannelId, round_trip_us: Option<u64>) -> Link {
    let caller = match tie.side {
        Side::Calls => Calls::Here,
        Side::IsCalled => Calls::Peer,
    };
    let branch = tie.branches.iter().find(|(id, _)| *id == channel);
    let hears = branch.map(|(_, branch)| match branch {
        Branch::Eager => Hears::Eager,
        Branch::Lazy => Hears::Lazy,
        Branch::Full => Hears::Full,
        Branch::Closed => Hears::Closed,
    });
    Link { caller, lasts_ms: ms(tie.lasts), round_trip_us, hears }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
