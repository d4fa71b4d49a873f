//! One repair with one other side.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use crate::moment::Moment;
use crate::repair::answering::{Answered, Answering};
use crate::repair::asking::{Asked, Asking};
use crate::repair::context::{Context, Side};
use crate::repair::difference::{Difference, RepairError, SaltStanding};
use crate::repair::found::Found;
use crate::repair::inventory::Inventory;
use crate::repair::message::{Part, RepairMessage, Short, Turn};
use crate::repair::opening::{self, Counters, Opening};
use crate::repair::order::{By, FreshKey};
use crate::repair::peeling::{Peeled, Peeling};
use crate::repair::range::{Plan, Topic};
use crate::repair::script::{Saying, Script, Speech};
use crate::repair::settling::Settling;
use crate::repair::sketch::FINE;

#[cfg(test)]
mod tests;

/// Finds out, with another side, which ids only one of the two has.
///
/// Who opens it and who answers get the same result. It holds for the ids that were in the inventory; what is added
/// meanwhile is for the next one.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Kind, ObjectId};
/// use selkie_sync::{Inventory, Moment, Repair, RepairInput, RepairOutput, Salt};
///
/// let id = |word: &str| ObjectId::of(Kind::Blob, word.as_bytes());
/// let inventory = |words: &[&str]| {
///     Arc::new(Inventory::new(words.iter().map(|word| id(word)).collect(), &Salt::from_bytes([7; 32])))
/// };
/// let mut east = Repair::open(inventory(&["pear", "plum"]), [1; 16]);
/// let mut west = Repair::answer(inventory(&["pear", "quince"]), [2; 16]);
/// let (mut said, mut results) = (Vec::new(), Vec::new());
/// for _ in 0..4 {
///     for side in [&mut east, &mut west] {
///         let heard = std::mem::take(&mut said).into_iter().map(RepairInput::Received);
///         for input in heard.chain([RepairInput::Room]) {
///             for output in side.handle(Moment::START, input) {
///                 match output {
///                     RepairOutput::Send(message) => said.push(message),
///                     RepairOutput::Done(difference) => results.push(difference),
///                     RepairOutput::Failed(error) => panic!("{error}"),
///                     RepairOutput::WakeAt(_) => {}
///                 }
///             }
///         }
///     }
/// }
/// assert_eq!((&results[0].only_here, &results[0].only_there), (&vec![id("plum")], &vec![id("quince")]));
/// assert_eq!(results[1].only_here, results[0].only_there);
/// ```
#[derive(Debug)]
pub struct Repair {
    inventory: Arc<Inventory>,
    side: Side,
    nonce: [u8; 16],
    stage: Stage,
    /// What both sides know, once both have spoken.
    context: Option<Context>,
    /// What we say in our turn.
    script: Script,
    lane: Lane,
    silent_at: Moment,
    outbox: VecDeque<Output>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The other side said this.
    Received(RepairMessage),
    /// All that was to be sent is on its way, and there is room for more. It is said first to begin.
    Room,
    /// It is as late as was asked for.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Say this to the other side.
    Send(RepairMessage),
    /// This is what it came to. Nothing follows but what was to be sent before.
    Done(Difference),
    /// It came to nothing. Nothing follows.
    Failed(RepairError),
    /// Say [`Input::Tick`] at this time, at the latest.
    WakeAt(Moment),
}

/// Where the repair stands.
#[derive(Debug)]
enum Stage {
    /// The other opens.
    Waits,
    /// We opened.
    Opened,
    /// The other answered and goes on to say what it makes of it.
    Answered,
    Peels(Peeling),
    Asks(Asking),
    Answers(Answering),
    Settles(Settling),
    /// Over, when we have said what is left.
    Ends(Difference),
    Over,
}

/// Whether more can be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lane {
    HasRoom,
    IsFull,
}

/// Messages that are made before there must be room again.
const BURST: usize = 8;
/// How long the other may say nothing.
const SILENCE_MAX: Duration = Duration::from_secs(60);

impl Repair {
    /// Begins one. The nonce must be hard to guess and new each time.
    #[must_use]
    pub fn open(inventory: Arc<Inventory>, nonce: [u8; 16]) -> Self {
        let script = Script::new([Saying::Part(opening::open(&inventory, nonce))]);
        Self::new(inventory, nonce, Side::Opens, Stage::Opened, script)
    }

    /// Takes part in one that the other side begins. The nonce must be hard to guess and new each time.
    #[must_use]
    pub fn answer(inventory: Arc<Inventory>, nonce: [u8; 16]) -> Self {
        Self::new(inventory, nonce, Side::Answers, Stage::Waits, Script::default())
    }

    /// Goes on, and drains what is now to be done, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> + '_ {
        if !matches!(self.stage, Stage::Over)
            && let Err(error) = self.step(now, input)
        {
            self.outbox.push_back(Output::Failed(error));
            (self.stage, self.script) = (Stage::Over, Script::default());
        }
        self.outbox.drain(..)
    }

    fn new(
        inventory: Arc<Inventory>,
        nonce: [u8; 16],
        side: Side,
        stage: Stage,
        script: Script,
    ) -> Self {
        let (lane, silent_at) = (Lane::IsFull, Moment::NEVER);
        let outbox = VecDeque::new();
        Self { inventory, side, nonce, stage, context: None, script, lane, silent_at, outbox }
    }

    fn step(&mut self, now: Moment, input: Input) -> Result<(), RepairError> {
        match input {
            Input::Tick if now >= self.silent_at => return Err(RepairError::Silent(SILENCE_MAX)),
            Input::Tick => {}
            Input::Room => {
                self.lane = Lane::HasRoom;
                self.silent_at = now + SILENCE_MAX;
            }
            Input::Received(message) => {
                self.silent_at = now + SILENCE_MAX;
                self.hear(message)?;
            }
        }
        self.speak();
        if !matches!(self.stage, Stage::Over) {
            self.outbox.push_back(Output::WakeAt(self.silent_at));
        }
        Ok(())
    }

    /// Says what there is room for.
    fn speak(&mut self) {
        let fresh = self.context.as_ref().map_or(FreshKey::default(), Context::fresh);
        for _ in 0..BURST {
            if self.lane == Lane::IsFull {
                break;
            }
            let Some(message) = self.script.next(&self.inventory, fresh) else { break };
            self.outbox.push_back(Output::Send(message));
        }
        if self.outbox.iter().any(|output| matches!(output, Output::Send(_))) {
            self.lane = Lane::IsFull;
        }
        if self.script.is_over()
            && let Stage::Ends(ends) = &mut self.stage
        {
            let (only_here, only_there) = (take(&mut ends.only_here), take(&mut ends.only_there));
            let difference = Difference { only_here, only_there, salt: ends.salt };
            self.outbox.push_back(Output::Done(difference));
            self.stage = Stage::Over;
        }
    }

    fn hear(&mut self, message: RepairMessage) -> Result<(), RepairError> {
        // It is our turn.
        if !self.script.is_over() {
            return Err(RepairError::Unexpected);
        }
        let RepairMessage { part, turn } = message;
        match (&self.stage, part) {
            (Stage::Waits, Part::Open { nonce, count, short }) if turn == Turn::Ends => {
                self.meet(count, [nonce, self.nonce]);
                return self.open_with(short.as_ref());
            }
            (Stage::Opened, Part::Answer { nonce, count }) if turn == Turn::GoesOn => {
                self.meet(count, [self.nonce, nonce]);
                self.stage = Stage::Answered;
                return Ok(());
            }
            (_, part) => self.hear_part(part)?,
        }
        match turn {
            Turn::GoesOn => Ok(()),
            Turn::Ends => self.end_turn(),
        }
    }

    fn meet(&mut self, count: u32, nonces: [[u8; 16]; 2]) {
        let (inventory, side, salt) = (self.inventory.clone(), self.side, SaltStanding::Good);
        self.context = Some(Context { inventory, side, nonces, peer_count: count as usize, salt });
    }

    /// Takes a part, in the role that it gives us if we have none.
    fn hear_part(&mut self, part: Part) -> Result<(), RepairError> {
        let cx = self.context.as_mut().ok_or(RepairError::Unexpected)?;
        match (&self.stage, &part) {
            (Stage::Answered, Part::Sketch(_) | Part::Cells(_)) => {
                self.stage = Stage::Peels(Peeling::default());
            }
            (Stage::Answered, Part::Reply { .. }) => {
                self.stage = Stage::Asks(Asking::new(cx, By::Image));
            }
            (Stage::Answered, Part::Ask { .. } | Part::Ids(_) | Part::Gaps(_) | Part::Proof(_)) => {
                self.stage = Stage::Answers(Answering::new(By::Image, 0));
            }
            (Stage::Settles(settling), Part::Ask { by: By::Id, .. }) if settling.is_doubtful() => {
                self.stage = Stage::Answers(Answering::new(By::Image, 0));
            }
            _ => {}
        }
        match &mut self.stage {
            Stage::Peels(peeling) => peeling.hear(cx, &part),
            Stage::Asks(asking) => asking.hear(cx, &part),
            Stage::Answers(answering) => answering.hear(cx, part),
            Stage::Settles(settling) => settling.hear(cx, &part),
            Stage::Waits | Stage::Opened | Stage::Answered | Stage::Ends(_) | Stage::Over => {
                Err(RepairError::Unexpected)
            }
        }
    }

    fn end_turn(&mut self) -> Result<(), RepairError> {
        let cx = self.context.as_mut().ok_or(RepairError::Unexpected)?;
        match &mut self.stage {
            Stage::Peels(peeling) => match peeling.end(cx)? {
                Peeled::Found(found) => self.settle(found, Vec::new())?,
                Peeled::More(cells) => self.say([Saying::Part(Part::More { cells })]),
                Peeled::Ranges(by) => self.ask(by, Topic::Sum, Vec::new())?,
            },
            Stage::Asks(asking) => match asking.end(cx)? {
                Asked::Found(found) => self.settle(found, Vec::new())?,
                Asked::Ask(saying) => self.say([saying]),
            },
            Stage::Answers(answering) => match answering.end(cx)? {
                Answered::Say(saying) => self.say([saying]),
                Answered::Ends(sayings, difference) => {
                    self.stage = Stage::Ends(difference);
                    self.say(sayings);
                }
                Answered::Doubt => self.ask(By::Id, Topic::Sum, Vec::new())?,
            },
            Stage::Settles(settling) => {
                self.outbox.push_back(Output::Done(settling.end(cx)?));
                self.stage = Stage::Over;
            }
            Stage::Waits | Stage::Opened | Stage::Answered | Stage::Ends(_) | Stage::Over => {
                return Err(RepairError::Unexpected);
            }
        }
        Ok(())
    }

    /// Answers the first message.
    fn open_with(&mut self, short: Option<&Short>) -> Result<(), RepairError> {
        let cx = self.context.as_mut().ok_or(RepairError::Unexpected)?;
        let opening = opening::answer(cx, short)?;
        let count = opening::count(&self.inventory);
        let mut said = vec![Saying::Part(Part::Answer { nonce: self.nonce, count })];
        let images = self.inventory.images();
        match (opening, images) {
            (Opening::Found(found), _) => return self.settle(found, said),
            (Opening::Cells(end, counters), Some(images)) => {
                if counters == Counters::Fine {
                    said.push(Saying::Part(Part::Sketch(images.sketch().folded(FINE))));
                }
                said.push(Saying::Cells(images.cells(0..end), 0));
                self.stage = Stage::Answers(Answering::new(By::Image, end));
            }
            (Opening::List, Some(_)) => {
                let plan = Plan::whole(&cx.order(By::Image)?, Topic::List);
                said.push(Saying::Spans(By::Image, Speech::Reply, plan));
                self.stage = Stage::Answers(Answering::new(By::Image, 0));
            }
            (Opening::Tell, Some(_)) => return self.ask(By::Image, Topic::Tell, said),
            (Opening::ByIds, _) | (_, None) => return self.ask(By::Id, Topic::Sum, said),
        }
        self.say(said);
        Ok(())
    }

    /// Becomes the side that asks.
    fn ask(&mut self, by: By, topic: Topic, mut said: Vec<Saying>) -> Result<(), RepairError> {
        let cx = self.context.as_ref().ok_or(RepairError::Unexpected)?;
        let asking = Asking::new(cx, by);
        said.push(asking.first(cx, topic)?);
        self.stage = Stage::Asks(asking);
        self.say(said);
        Ok(())
    }

    /// Becomes the side that found what differs.
    fn settle(&mut self, found: Found, mut said: Vec<Saying>) -> Result<(), RepairError> {
        let cx = self.context.as_ref().ok_or(RepairError::Unexpected)?;
        said.extend(found.sayings(cx)?);
        self.stage = Stage::Settles(Settling::new(found));
        self.say(said);
        Ok(())
    }

    fn say(&mut self, sayings: impl IntoIterator<Item = Saying>) {
        self.script = Script::new(sayings);
    }
}
