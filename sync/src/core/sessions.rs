//! What sessions mean to the other parts.

use selkie_store::encode;

use crate::core::event::Event;
use crate::core::{Core, Output, Step, Up};
use crate::gossip;
use crate::identity::node_id::NodeId;
use crate::membership;
use crate::moment::Moment;
use crate::objects;
use crate::session::call::{CallId, Facts};
use crate::session::control::Control;
use crate::session::why::Why;
use crate::session::{self, Input};
use crate::wire::lane::Lane;

impl Core {
    pub(super) fn take_session(&mut self, input: Input) {
        self.note_wish(&input);
        if matches!(input, Input::Stop) {
            // While there is somebody who hears it.
            self.tell_members(membership::Input::Leave);
        }
        self.tell_session(input);
    }

    pub(super) fn step_session(&mut self, now: Moment, input: Input) {
        let changes_trust = changes_trust(&input);
        let outputs: Vec<_> = self.session.handle(now, input).collect();
        if changes_trust {
            self.review_circle();
        }
        for output in outputs {
            match output {
                session::Output::Call(node, address) => {
                    self.outbox.push(Output::Call(node, address));
                }
                session::Output::Send(call, control) => {
                    self.send(call, Lane::Control, encode(&control));
                }
                session::Output::HangUp(call) => self.outbox.push(Output::HangUp(call)),
                session::Output::Up(peer, call, facts) => self.up(peer, call, facts),
                session::Output::Down(peer, why) => self.down(peer, why),
                session::Output::Paired(person, word) => {
                    self.tell(Event::Paired(person, word));
                }
                session::Output::Knocked(node, from) => self.tell(Event::Knocked(node, from)),
                session::Output::RoundTrip(peer, took) => {
                    self.tell_members(membership::Input::Measured(peer, took));
                }
                session::Output::Records(peer, records) => self.hear_records(peer, records),
                session::Output::WakeAt(at) => self.wakes.session = at,
            }
        }
    }

    fn up(&mut self, peer: NodeId, call: CallId, facts: Facts) {
        let person = facts.person;
        self.up.insert(peer, Up { call, person });
        self.peers.insert(call, peer);
        self.outbox.push(Output::Listen(call));
        self.tell(Event::Up(peer, person));
        self.tell_members(membership::Input::Met(peer));
        let channels: Vec<_> = self.rights.channels(person).collect();
        for channel in channels {
            self.tell_gossip(gossip::Input::Joined(peer, channel));
        }
    }

    fn down(&mut self, peer: NodeId, why: Why) {
        if let Some(up) = self.up.remove(&peer) {
            self.peers.remove(&up.call);
        }
        self.forget_repairs(peer);
        self.part(peer, &why);
        self.tell_gossip(gossip::Input::Lost(peer));
        self.queue.push_back(Step::Objects(objects::effect::Input::Lost(peer)));
        self.tell(Event::Down(peer, why));
    }
}

/// Whether another may be trusted after it than before.
const fn changes_trust(input: &Input) -> bool {
    match input {
        Input::Trust(_)
        | Input::Distrust(_)
        | Input::Block(_)
        | Input::Learn(_)
        | Input::Revoke(_)
        // It may bring whose device it is.
        | Input::Received(_, Control::Hello(_)) => true,
        Input::Want(_)
        | Input::Leave(_)
        | Input::Back(_)
        | Input::Silent(_)
        | Input::Located(_)
        | Input::Found(..)
        | Input::Invite(..)
        | Input::Accept(_)
        | Input::Opened { .. }
        | Input::Unreached(..)
        | Input::Received(..)
        | Input::Heard(_)
        | Input::Rude(_)
        | Input::Broken(_)
        | Input::Stop
        | Input::Tick => false,
    }
}
