use std::collections::BTreeMap;

use selkie_crdt::Hlc;
use selkie_store::{Author, Batch, ChangeId, Hint, Seal, SimDisk, Tree};

use super::*;
use crate::shared::State;

/// A line of so many seals, oldest first.
fn line(store: &Store, count: usize) -> Vec<SealId> {
    let batch = Batch::new(store);
    let tree = batch.put_value(&Tree::default(), Hint::NONE).unwrap();
    let mut seals: Vec<SealId> = Vec::new();
    for number in 0..count {
        let seal = Seal {
            tree,
            parents: seals.last().copied().into_iter().collect(),
            change: ChangeId::from_bytes([1; 16]),
            time: Hlc::from_ms(number as u64),
            zone_minutes: 0,
            author: Author::default(),
            message: format!("seal {number}"),
            replaces: BTreeSet::new(),
            labels: BTreeMap::new(),
            signature: None,
        };
        seals.push(batch.put_value(&seal, Hint::NONE).unwrap());
    }
    batch.finish().unwrap();
    seals
}

struct Clone {
    sim: SimDisk,
    disk: Arc<dyn Disk>,
    store: Arc<Store>,
}

impl Clone {
    fn new() -> Self {
        let sim = SimDisk::default();
        let disk: Arc<dyn Disk> = Arc::new(sim.clone());
        let store = Arc::new(Store::open(Arc::clone(&disk)).unwrap());
        Self { sim, disk, store }
    }

    fn at(&self, seal: SealId) -> Chronicle {
        let desk = Desk { bases: vec![seal], ..Desk::default() };
        Chronicle::open(&self.disk, &self.store, Shared::of(&State::default()), &desk).unwrap()
    }
}

const FILE: &str = "local/graph";

#[test]
fn a_history_of_few_seals_has_no_file() {
    let clone = Clone::new();
    let seals = line(&clone.store, KEPT_SEALS_MIN);
    assert_eq!(clone.at(seals[KEPT_SEALS_MIN - 2]).graph().len(), KEPT_SEALS_MIN - 1);
    assert!(clone.sim.bytes(FILE).is_none());
    assert_eq!(clone.at(seals[KEPT_SEALS_MIN - 1]).graph().len(), KEPT_SEALS_MIN);
    assert!(clone.sim.bytes(FILE).is_some());
}

#[test]
fn a_file_is_only_written_when_something_is_new() {
    let clone = Clone::new();
    let seals = line(&clone.store, 300);
    clone.at(seals[298]);
    let before = clone.sim.bytes(FILE).unwrap();
    clone.at(seals[298]);
    assert_eq!(clone.sim.bytes(FILE).unwrap(), before);
    clone.at(seals[299]);
    let after = clone.sim.bytes(FILE).unwrap();
    assert!(after.len() > before.len() && after.starts_with(&before), "one seal was added");
}

#[test]
fn a_graph_that_rotted_anywhere_is_made_again() {
    let clone = Clone::new();
    let seals = line(&clone.store, 300);
    clone.at(seals[299]);
    let whole = clone.sim.bytes(FILE).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        clone.sim.rot(FILE, bytes);
        let mut chronicle = clone.at(seals[299]);
        let found = chronicle.ask(|graph| {
            let mut titles = Vec::new();
            for seal in &seals {
                let row = graph.row(*seal)?.expect("it was entered");
                titles.push(graph.title(row)?.to_owned());
            }
            Ok::<_, GrowError>(titles)
        });
        let expected: Vec<_> = (0..300).map(|number| format!("seal {number}")).collect();
        assert_eq!(found.unwrap(), expected, "byte {at}");
    }
}

#[test]
fn a_seal_that_no_name_leads_to_is_entered_when_it_is_asked_for() {
    let clone = Clone::new();
    let seals = line(&clone.store, 3);
    let mut chronicle = clone.at(seals[0]);
    assert!(chronicle.cure(Cure::Enter(seals[2])).unwrap());
    assert_eq!(chronicle.graph().len(), 3);
    assert!(!chronicle.cure(Cure::Enter(seals[2])).unwrap(), "it is there already");
}

#[test]
fn what_does_not_help_is_not_tried_twice() {
    let clone = Clone::new();
    let seals = line(&clone.store, 1);
    let mut asked = 0;
    let answer = clone.at(seals[0]).ask(|_| {
        asked += 1;
        Err::<(), _>(GrowError::Graph(GraphError::Damaged))
    });
    assert!(matches!(answer, Err(GrowError::Graph(GraphError::Damaged))));
    assert_eq!(asked, 2);
}

#[test]
fn a_head_that_another_came_from_is_dropped_and_one_head_needs_no_history() {
    let clone = Clone::new();
    let seals = line(&clone.store, 2);
    let both: BTreeSet<_> = seals.iter().copied().collect();
    let left = folded(both, || Ok(clone.at(seals[1]))).unwrap();
    assert_eq!(left, [seals[1]].into());
    let one = folded(left.clone(), || panic!("nothing is to be asked")).unwrap();
    assert_eq!(one, left);
}
