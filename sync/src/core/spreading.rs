//! What gossip wants, passed on to who does it.

use selkie_store::encode;

use crate::core::pending::Pending;
use crate::core::{Core, Event, Output, Step};
use crate::gossip;
use crate::moment::Moment;
use crate::wire::lane::Lane;

impl Core {
    pub(super) fn step_gossip(&mut self, now: Moment, input: gossip::Input) {
        let outputs: Vec<_> = self.gossip.handle(now, input).collect();
        for output in outputs {
            match output {
                gossip::Output::Send(peer, message) => {
                    let call = self.up.get(&peer).map(|up| up.call);
                    call.into_iter()
                        .for_each(|call| self.send(call, Lane::Gossip, encode(&message)));
                }
                gossip::Output::Read {
                    ticket,
                    peer,
                    channel,
                    after,
                    len_max,
                    items_max,
                    along_max,
                } => self.outbox.push(Output::Read {
                    ticket,
                    peer,
                    channel,
                    after,
                    len_max,
                    items_max,
                    along_max,
                }),
                gossip::Output::Apply { ticket, channel, from, runs, along } => {
                    self.prepare(ticket, Pending { channel, from, runs, along });
                }
                gossip::Output::Examine { ticket, channel, evidence } => {
                    self.outbox.push(Output::Examine { ticket, channel, evidence });
                }
                gossip::Output::Recall { peer, channel, stream } => {
                    self.outbox.push(Output::Recall { peer, channel, stream });
                }
                gossip::Output::Ended(channel, stream, position) => {
                    self.tell(Event::Ended(channel, stream, position));
                }
                gossip::Output::Forked(peer, channel, stream) => {
                    self.tell(Event::Forked(peer, channel, stream));
                }
                gossip::Output::Agreed(peer, channel, known) => {
                    self.tell(Event::Agreed(peer, channel, known));
                    self.queue.push_back(Step::Agreed(peer, channel));
                }
                gossip::Output::Closed(peer, channel) => self.tell(Event::Closed(peer, channel)),
                gossip::Output::Slow(peer, channel) => self.tell(Event::Slow(peer, channel)),
                gossip::Output::Rude(peer) => self.rude(peer),
                gossip::Output::WakeAt(at) => self.wakes.gossip = at,
            }
        }
    }
}
