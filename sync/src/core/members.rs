//! Between membership and sessions.
//!
//! A node pings those that it has a session with. What it hears of others tells it whom to call, and when a session is of no
//! use any more.

use selkie_store::encode;

use crate::core::Core;
use crate::core::event::Event;
use crate::core::settings::Circle;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::identity::trust::Verdict;
use crate::membership::admission::Admission;
use crate::membership::member::State;
use crate::membership::{Input, Output};
use crate::moment::Moment;
use crate::session;
use crate::session::why::Why;

impl Core {
    pub(super) fn step_members(&mut self, now: Moment, input: Input) {
        let outputs: Vec<_> = self.membership.handle(now, input).collect();
        for output in outputs {
            match output {
                // Whoever there is no session with hears it from others.
                Output::Send(peer, lane, message) => {
                    let call = self.up.get(&peer).map(|up| up.call);
                    call.into_iter().for_each(|call| self.send(call, lane, encode(&message)));
                }
                Output::Changed(node, state) => self.member_changed(node, state),
                Output::Forgotten(node) => {
                    self.let_go(node);
                    self.tell(Event::Forgotten(node));
                }
                Output::Located(node, addresses) => {
                    self.tell_session(session::Input::Found(node, addresses));
                    self.seek(node);
                }
                Output::Lied(peer) => self.tell(Event::Forger(peer)),
                Output::WakeAt(at) => self.wakes.members = at,
            }
        }
    }

    /// Nodes say where they are. What a peer says of itself is of use before it is known as a member.
    pub(super) fn hear_records(&mut self, peer: NodeId, records: Vec<Signed<NodeRecord>>) {
        let own = records.iter().filter(|record| record.by() == peer);
        let opened: Vec<_> = own.filter_map(|record| self.notary.open(record)).collect();
        for NodeRecord { addresses, .. } in opened {
            self.tell_session(session::Input::Found(peer, addresses));
        }
        self.tell_members(Input::Records(peer, records));
    }

    /// The session with a peer is over.
    pub(super) fn part(&mut self, peer: NodeId, why: &Why) {
        match why {
            // It may be gone, or only the way to it.
            Why::Broken | Why::Unreached(..) | Why::NoHello => {
                self.tell_members(Input::Doubted(peer));
            }
            Why::Said(_) | Why::Told(_) | Why::NoAddress | Why::NotYet | Why::Unwanted => {}
        }
        self.tell_members(Input::Parted(peer));
        let members: Vec<_> = self.membership.members().map(|(node, _)| node).collect();
        members.into_iter().for_each(|node| self.seek(node));
    }

    /// Whom somebody here asked for, or asked not for, is nobody that this node seeks of itself.
    pub(super) fn note_wish(&mut self, input: &session::Input) {
        if let session::Input::Want(node) | session::Input::Leave(node) = input {
            self.company.sought.remove(node);
        }
    }

    /// Lets those count that are trusted now.
    pub(super) fn review_circle(&mut self) {
        let admission = match self.settings.circle {
            Circle::Network => Admission::Everyone,
            Circle::Trusted => Admission::These(self.session.trust().devices()),
        };
        if admission != self.company.admission {
            self.company.admission = admission.clone();
            self.tell_members(Input::Admit(admission));
        }
    }

    fn member_changed(&mut self, node: NodeId, state: State) {
        self.tell(Event::Member(node, state));
        match state {
            State::Here => {
                self.tell_session(session::Input::Back(node));
                self.seek(node);
            }
            State::Suspected => {}
            State::Down => {
                self.tell_session(session::Input::Silent(node));
                self.let_go(node);
            }
            State::Left => self.let_go(node),
        }
    }

    /// A member that is trusted is called, if this node has little company.
    fn seek(&mut self, node: NodeId) {
        let is_here = self.membership.state(&node) == Some(State::Here);
        let is_located = self.membership.record(&node).is_some();
        let is_trusted = matches!(self.session.trust().judge(&node), Verdict::Trusted(_));
        let absent = self.company.sought.iter().filter(|node| !self.up.contains_key(node)).count();
        let is_alone = self.up.len() + absent < self.settings.company;
        // Who is wanted already is called when it is time.
        let is_new =
            node != self.notary.id() && !self.up.contains_key(&node) && !self.session.wants(&node);
        if is_here && is_located && is_trusted && is_alone && is_new {
            self.company.sought.insert(node);
            self.tell_session(session::Input::Want(node));
        }
    }

    /// A node that is gone is not called any more, if nobody but this one wanted it.
    pub(super) fn let_go(&mut self, node: NodeId) {
        if self.company.sought.remove(&node) {
            self.tell_session(session::Input::Leave(node));
        }
    }
}
