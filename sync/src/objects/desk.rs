//! What every step of the part works with.

use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::objects::effect::Output;
use crate::objects::message::Message;
use crate::objects::offer::Request;
use crate::objects::source::Source;

/// The time, the next number of a transfer, and what is to be done.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) now: Moment,
    pub(crate) next_transfer: &'a mut u32,
    pub(crate) out: &'a mut Vec<Output>,
}

impl Desk<'_> {
    pub(crate) fn say(&mut self, to: NodeId, message: Message) {
        self.out.push(Output::Send(to, message));
    }

    /// Begins a transfer from a node.
    pub(crate) fn want(&mut self, from: NodeId, request: &Request, credit: u32) -> Source {
        *self.next_transfer = self.next_transfer.wrapping_add(1);
        let transfer = *self.next_transfer;
        self.say(from, Message::Want { transfer, request: request.clone(), credit });
        Source::new(self.now, transfer, credit)
    }
}
