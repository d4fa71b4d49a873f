//! A side that lies gets an error, and nobody's memory.

use selkie_store::decode;
use selkie_sync::{Dice, Moment, Repair, RepairError, RepairInput, RepairMessage, RepairOutput};

use crate::body;
use crate::forge::{ANSWER, ASK, CELLS, GAPS, IDS, MORE, OPEN, PROOF, REPLY, SETTLED, TELL};
use crate::forge::{Turn, bytes, number, said};
use crate::pair::{Said, ids, inventory, repair, run};

fn cases(few: u64) -> u64 {
    std::env::var("REPAIR_CASES").map_or(few, |cases| cases.parse().unwrap())
}

fn any_bytes(dice: &mut Dice, len_max: usize) -> Vec<u8> {
    let len = dice.index(len_max + 1);
    (0..len).map(|_| dice.roll().to_le_bytes()[0]).collect()
}

#[test]
fn whoever_stands_between_two_honest_sides_can_stop_them_and_not_deceive_them() {
    for seed in 0..cases(100) {
        let mut dice = Dice::of(seed);
        let mut recipe = any_bytes(&mut dice, 60);
        // Most of what is said gets through, so that what comes late is meddled with too.
        recipe
            .iter_mut()
            .skip(1)
            .filter(|_| dice.is_one_of_million(600_000))
            .for_each(|step| *step = 0);
        body::session(&recipe);
    }
}

#[test]
fn who_says_anything_at_all_is_not_believed() {
    let honest = honest_words();
    for seed in 0..cases(100) {
        let mut dice = Dice::of(seed);
        body::message(&any_bytes(&mut dice, 200));
        let mut talk = any_bytes(&mut dice, 1);
        talk.push(dice.roll().to_le_bytes()[0]);
        for _ in 0..dice.index(6) {
            let mut words = dice.pick(&honest).expect("there are some").clone();
            let at = dice.index(words.len());
            words[at] ^= dice.roll().to_le_bytes()[0];
            body::message(&words);
            talk.extend(u16::try_from(words.len()).unwrap().to_le_bytes());
            talk.extend(words);
        }
        body::stranger(&talk);
    }
}

/// What honest sides say in talks of all kinds.
pub(crate) fn honest_words() -> Vec<Vec<u8>> {
    let mut dice = Dice::of(1);
    let shared = ids(&mut dice, 300);
    let mut words = Vec::new();
    for (ours, theirs, salt) in [(3, 4, 7), (60, 60, 7), (400, 20, 7), (20, 400, 7), (5, 5, 8)] {
        let [east, west] =
            [ours, theirs].map(|alone| [&shared[..], &ids(&mut dice, alone)].concat());
        let course = repair(inventory(&east, 7), inventory(&west, salt));
        words.extend(course.said.into_iter().map(|said| said.bytes));
    }
    words
}

/// What a side answers to each of these, and what it comes to.
fn hears(
    side: &mut Repair,
    words: impl IntoIterator<Item = Vec<u8>>,
) -> (Vec<RepairMessage>, Option<RepairError>) {
    let (mut answers, mut end) = (Vec::new(), None);
    let words = words.into_iter().map(|bytes| decode(&bytes).expect("it is well formed"));
    for input in [RepairInput::Room].into_iter().chain(words.map(RepairInput::Received)) {
        for input in [input, RepairInput::Room] {
            for output in side.handle(Moment::START, input) {
                match output {
                    RepairOutput::Send(message) => answers.push(message),
                    RepairOutput::Failed(error) => end = Some(error),
                    RepairOutput::Done(difference) => panic!("it was believed: {difference:?}"),
                    RepairOutput::WakeAt(_) => {}
                }
            }
        }
        if end.is_some() {
            break;
        }
    }
    (answers, end)
}

fn opener(count: usize) -> Repair {
    Repair::open(inventory(&ids(&mut Dice::of(8), count), 7), [1; 16])
}

fn answer(count: u32) -> Vec<u8> {
    said(ANSWER, &[&[3; 16], &number(count)], Turn::GoesOn)
}

#[test]
fn who_goes_on_for_ever_is_cut_off() {
    // All cells that have ten bytes, and then cells of nine.
    let cells = |len: usize| said(CELLS, &[&bytes(&vec![77; len])], Turn::GoesOn);
    let first = [answer(5), cells(10_240)].into_iter();
    let words = first.chain(std::iter::repeat_with(|| cells(900)).take(5_000));
    assert_eq!(hears(&mut opener(500), words).1, Some(RepairError::Endless));
    let settled = || said(REPLY, &[&[1], &bytes(&[1]), &[SETTLED]], Turn::GoesOn);
    let gaps = || said(GAPS, &[&[1], &number(0)], Turn::GoesOn);
    let id = || said(IDS, &[&bytes(&vec![9; 32_000])], Turn::GoesOn);
    let endless = |words: &dyn Fn() -> Vec<u8>| {
        let words = [answer(5)].into_iter().chain(std::iter::repeat_with(words).take(5_000));
        hears(&mut opener(500), words).1
    };
    assert_eq!(endless(&settled), Some(RepairError::Untrue));
    assert_eq!(endless(&gaps), Some(RepairError::Untrue));
    assert_eq!(endless(&id), Some(RepairError::TooMuch { max: 1 << 20 }));
}

#[test]
fn who_asks_for_ever_is_cut_off() {
    let tell = || said(ASK, &[&[0, 1, 0, TELL]], Turn::Ends);
    let words = [answer(5)].into_iter().chain(std::iter::repeat_with(tell).take(100));
    assert_eq!(hears(&mut opener(500), words).1, Some(RepairError::Endless));
    let more = || said(MORE, &[&number(1_000)], Turn::Ends);
    let words = std::iter::once(said(OPEN, &[&[1; 16], &number(500), &[0]], Turn::Ends))
        .chain(std::iter::repeat_with(more).take(100));
    let mut side = Repair::answer(inventory(&ids(&mut Dice::of(8), 500), 7), [1; 16]);
    assert_eq!(hears(&mut side, words).1, Some(RepairError::Unexpected), "it asks by ids itself");
}

#[test]
fn who_says_back_what_it_hears_is_not_believed() {
    // The stranger says that nothing differs, has it asked for by ids, says that all is settled, and gives the proof back.
    let mut side = opener(200);
    let settled = said(REPLY, &[&[1, 0, SETTLED]], Turn::Ends);
    let words = [answer(200), said(PROOF, &[&[5; 32]], Turn::Ends), settled];
    let (answers, end) = hears(&mut side, words);
    assert_eq!(end, None);
    let proof = selkie_store::encode(answers.last().expect("it gave its proof")).unwrap();
    assert_eq!(&proof[..2], [1, PROOF]);
    assert_eq!(hears(&mut side, [proof]).1, Some(RepairError::Untrue));
}

#[test]
fn what_was_said_in_one_repair_is_not_believed_in_another() {
    let mut dice = Dice::of(3);
    let shared = ids(&mut dice, 300);
    for (ours, theirs) in [(0, 0), (3, 4), (200, 300)] {
        let [east, west] = [ours, theirs]
            .map(|alone| inventory(&[&shared[..], &ids(&mut dice, alone)].concat(), 7));
        let course = repair(east.clone(), west.clone());
        for (is_opener, mut side) in
            [(true, Repair::open(east, [9; 16])), (false, Repair::answer(west, [9; 16]))]
        {
            let words = course.said.iter().filter(|said| said.by_opener != is_opener);
            hears(&mut side, words.map(|said| said.bytes.clone()));
        }
    }
}

#[test]
fn wrong_numbers_of_ids_are_found_out() {
    let mut dice = Dice::of(4);
    let shared = ids(&mut dice, 500);
    for (ours, theirs) in [(0, 0), (3, 4), (100, 80), (600, 20)] {
        let [east, west] =
            [ours, theirs].map(|alone| [&shared[..], &ids(&mut dice, alone)].concat());
        for by_opener in [true, false] {
            let sides = (
                Repair::open(inventory(&east, 7), [1; 16]),
                Repair::answer(inventory(&west, 7), [2; 16]),
            );
            let mut is_first = true;
            let course = run(sides.0, sides.1, |mut said: Said| {
                if said.by_opener == by_opener && std::mem::take(&mut is_first) {
                    // The number stands behind version, part and nonce, in three bytes from 251 on.
                    said.bytes[19] ^= 1;
                }
                Some(said)
            });
            assert!(!matches!(course.opener, Some(Ok(_))), "{:?}", course.words());
            assert!(!matches!(course.answerer, Some(Ok(_))), "{:?}", course.words());
        }
    }
}
