//! What a comparison found to be lacked is fetched.

use selkie_store::ObjectId;

use crate::channel_id::ChannelId;
use crate::core::event::Event;
use crate::core::{Core, Output, Step};
use crate::identity::node_id::NodeId;
use crate::objects::effect::{Input, Output as Wanted};
use crate::objects::offer::{NAMES_MAX, Request, Wanted as Which};

/// Objects of a channel that are fetched from a peer, some after the others.
#[derive(Debug)]
pub(super) struct Heal {
    pub(super) channel: ChannelId,
    peer: NodeId,
    count: usize,
    /// Those that were not asked for yet.
    rest: Vec<ObjectId>,
}

/// Fetches of this kind at once: each keeps what it will ask for.
const HEALS_MAX: usize = 4;
/// Bytes that one may take. What it brings is reached by no entry that was checked, so that it has an end.
const BYTES_MAX: u64 = 1 << 40;

impl Core {
    /// Fetches what the peer has and this node lacks, if its word counts in the channel: else who may only read could fill the disk.
    pub(super) fn heal(&mut self, peer: NodeId, channel: ChannelId, lacked: Vec<ObjectId>) {
        let person = self.up.get(&peer).map(|up| up.person);
        let counts = person.is_some_and(|person| self.rights.changes(channel, person));
        if counts && !lacked.is_empty() && self.mending.heals.len() < HEALS_MAX {
            self.heal_on(Heal { channel, peer, count: lacked.len(), rest: lacked });
        }
    }

    /// A fetch that is for no entries is over.
    pub(super) fn end_heal(&mut self, fetch: u32, output: Wanted) {
        let Some(heal) = self.mending.heals.remove(&fetch) else { return };
        let channel = heal.channel;
        let failed =
            if let Wanted::Failed(_, failure) = &output { Some(failure.clone()) } else { None };
        // What came is reached by entries that are here, which keep it.
        self.outbox.push(Output::Objects(channel, output));
        if let Some(failure) = failed {
            self.tell(Event::Unfetched(channel, failure));
        } else if heal.rest.is_empty() {
            self.is_mended(channel);
            self.outbox.push(Output::Refresh(channel));
            self.tell(Event::Healed(channel, heal.peer, heal.count));
        } else {
            self.heal_on(heal);
        }
    }

    fn heal_on(&mut self, mut heal: Heal) {
        let some = heal.rest.split_off(heal.rest.len().saturating_sub(NAMES_MAX));
        let wanted = Which::exactly(&some.into_iter().collect());
        let request = Request { channel: heal.channel, have: Vec::new(), wanted };
        self.fetching.count = self.fetching.count.wrapping_add(1);
        let (fetch, sources) = (self.fetching.count, vec![heal.peer]);
        self.mending.heals.insert(fetch, heal);
        let begin = Input::Fetch { fetch, sources, request, bytes_max: BYTES_MAX, along: None };
        self.queue.push_back(Step::Objects(begin));
    }
}
