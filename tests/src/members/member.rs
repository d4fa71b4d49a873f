//! A membership as a node of the network.

use std::rc::Rc;

use selkie_sync::{
    Dice, Incarnation, Life, MemberState, Membership, MembershipInput, MembershipOutput, Moment,
    NetworkId, Notary, Pace, Signed,
};

use crate::members::checks::verifies;
use crate::members::letter::Letter;
use crate::members::names::Names;
use crate::net::{Input, Node, Output};

/// A member at a place. It begins to live when it is started.
pub struct Member {
    names: Rc<Names>,
    place: usize,
    pace: Pace,
    seed: u64,
    core: Option<Membership>,
}

/// What a test asks of a member.
#[derive(Clone, Debug)]
pub enum Command {
    /// Here is the node of this place.
    Meet(usize),
    /// Something else found this one unreachable.
    Doubt(usize),
    /// This is what you knew when you ran last.
    Recall(Vec<Signed<Life>>),
    /// Say goodbye.
    Leave,
}

/// What a member tells a test.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum News {
    /// The node at this place stands so from here on, for the member.
    Changed(usize, MemberState),
    /// The member knows nothing any more of the node at this place.
    Forgotten(usize),
    /// The node at this place passed on what nobody signed.
    Lied(usize),
}

/// The network that all members are in.
#[must_use]
pub fn network() -> NetworkId {
    NetworkId::named("a network in one process")
}

impl Member {
    /// The member of this place.
    #[must_use]
    pub const fn new(names: Rc<Names>, place: usize, pace: Pace, seed: u64) -> Self {
        Self { names, place, pace, seed, core: None }
    }

    /// What it knows. Nothing before it was started.
    ///
    /// # Panics
    ///
    /// It was never started.
    #[must_use]
    pub fn core(&self) -> &Membership {
        self.core.as_ref().expect("a member is asked after it was started")
    }

    /// How the node at a place stands for it.
    #[must_use]
    pub fn state(&self, place: usize) -> Option<MemberState> {
        self.core().state(&self.names.id(place))
    }

    fn start(&mut self, now: Moment) {
        let notary = Notary::new(self.names.key(self.place), network(), verifies);
        let dice = Dice::of(self.seed);
        self.core = Some(Membership::new(now, notary, Incarnation::FIRST, self.pace, dice));
    }

    fn perform(&self, output: MembershipOutput) -> Option<Output<Letter, News>> {
        let place = |id| self.names.place(&id);
        match output {
            // A name that nobody has: there is no such connection.
            MembershipOutput::Send(to, lane, message) => {
                Some(Output::Send(place(to)?, lane, Letter::new(&message, lane)))
            }
            MembershipOutput::WakeAt(moment) => Some(Output::WakeAt(moment)),
            MembershipOutput::Changed(id, state) => {
                Some(Output::Tell(News::Changed(place(id)?, state)))
            }
            MembershipOutput::Forgotten(id) => Some(Output::Tell(News::Forgotten(place(id)?))),
            // Here everybody reaches everybody.
            MembershipOutput::Located(..) => None,
            MembershipOutput::Lied(id) => Some(Output::Tell(News::Lied(place(id)?))),
        }
    }
}

impl Node for Member {
    type Message = Letter;
    type Command = Command;
    type News = News;

    fn handle(&mut self, now: Moment, input: Input<Letter, Command>) -> Vec<Output<Letter, News>> {
        let input = match input {
            Input::Started => {
                self.start(now);
                MembershipInput::Tick
            }
            Input::Tick => MembershipInput::Tick,
            Input::Received(from, lane, letter) => {
                let Some(message) = letter.open() else { return Vec::new() };
                MembershipInput::Received(self.names.id(from), lane, message)
            }
            Input::Lost(peer) | Input::Asked(Command::Doubt(peer)) => {
                MembershipInput::Doubted(self.names.id(peer))
            }
            Input::Asked(Command::Meet(peer)) => MembershipInput::Met(self.names.id(peer)),
            Input::Asked(Command::Recall(lives)) => MembershipInput::Recalled(lives),
            Input::Asked(Command::Leave) => MembershipInput::Leave,
        };
        let core = self.core.as_mut().expect("a member is started before anything happens to it");
        let outputs: Vec<_> = core.handle(now, input).collect();
        outputs.into_iter().filter_map(|output| self.perform(output)).collect()
    }
}
