//! Two sides and what they say to each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use selkie_store::{ObjectId, decode, encode};
use selkie_sync::{
    Dice, Difference, Inventory, Lane, Moment, Repair, RepairError, RepairInput, RepairMessage,
    RepairOutput, Salt,
};

/// A message on its way: from the side that opens or from the other.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) by_opener: bool,
    pub(crate) bytes: Vec<u8>,
    pub(crate) shown: String,
}

/// How a repair went.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) opener: Option<Result<Difference, RepairError>>,
    pub(crate) answerer: Option<Result<Difference, RepairError>>,
    pub(crate) said: Vec<Said>,
}

impl Course {
    /// Bytes of all messages, with the length that goes before each.
    pub(crate) fn bytes(&self) -> usize {
        self.said.iter().map(|said| said.bytes.len() + 3).sum()
    }

    /// How often the opener spoke and was answered.
    pub(crate) fn round_trips(&self) -> usize {
        self.said.windows(2).filter(|pair| pair[0].by_opener && !pair[1].by_opener).count()
    }

    /// What is said, in words.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.said.iter().map(|said| said.shown.as_str()).collect()
    }
}

/// Ids that a seed makes.
pub(crate) fn ids(dice: &mut Dice, count: usize) -> Vec<ObjectId> {
    (0..count).map(|_| id(dice)).collect()
}

fn id(dice: &mut Dice) -> ObjectId {
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(8).for_each(|some| some.copy_from_slice(&dice.roll().to_le_bytes()));
    ObjectId::from_bytes(bytes)
}

/// An inventory with the salt of this number.
pub(crate) fn inventory(ids: &[ObjectId], salt: u8) -> Arc<Inventory> {
    Arc::new(Inventory::new(ids.to_vec(), &Salt::from_bytes([salt; 32])))
}

/// A repair of these.
pub(crate) fn repair(opener: Arc<Inventory>, answerer: Arc<Inventory>) -> Course {
    run(Repair::open(opener, [1; 16]), Repair::answer(answerer, [2; 16]), Some)
}

/// Lets two sides talk, with somebody on the way who changes, or holds back, what is said.
pub(crate) fn run(
    opener: Repair,
    answerer: Repair,
    mut meddle: impl FnMut(Said) -> Option<Said>,
) -> Course {
    let mut course = Course { opener: None, answerer: None, said: Vec::new() };
    let mut sides = [opener, answerer];
    let mut inboxes = [Vec::new(), Vec::new()];
    let mut rests = false;
    while !rests {
        rests = true;
        for at in 0..2 {
            let heard: Vec<RepairMessage> = std::mem::take(&mut inboxes[at]);
            let inputs = heard.into_iter().map(RepairInput::Received).chain([RepairInput::Room]);
            for input in inputs {
                for output in sides[at].handle(Moment::START, input) {
                    let result = match output {
                        RepairOutput::Send(message) => {
                            rests = false;
                            let bytes = encode(&message).expect("what is sent can be spelled");
                            assert!(bytes.len() <= Lane::Repair.len_max());
                            let shown = format!("{message:?}");
                            let said = Said { by_opener: at == 0, bytes, shown };
                            if let Some(said) = meddle(said) {
                                if let Ok(message) = decode(&said.bytes) {
                                    inboxes[1 - at].push(message);
                                }
                                course.said.push(said);
                            }
                            continue;
                        }
                        RepairOutput::WakeAt(_) => continue,
                        RepairOutput::Done(difference) => Ok(difference),
                        RepairOutput::Failed(error) => Err(error),
                    };
                    let place = if at == 0 { &mut course.opener } else { &mut course.answerer };
                    assert!(place.replace(result).is_none(), "a repair ends once");
                }
            }
        }
    }
    course
}

/// Asserts that both know exactly what differs.
pub(crate) fn assert_found(course: &Course, ours: &[ObjectId], theirs: &[ObjectId]) {
    let sets = [ours, theirs].map(|ids| ids.iter().copied().collect::<BTreeSet<_>>());
    for (result, here, there) in
        [(&course.opener, &sets[0], &sets[1]), (&course.answerer, &sets[1], &sets[0])]
    {
        let difference = result.as_ref().expect("it ends").as_ref().expect("nobody lies");
        assert!(difference.only_here.iter().eq(here.difference(there)), "{:?}", course.words());
        assert!(difference.only_there.iter().eq(there.difference(here)), "{:?}", course.words());
    }
}
