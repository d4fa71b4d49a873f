//! Collections of the standard library: no replicas, no bytes.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::elements::{COUNT, names, numbers, per_element, shuffled};
use crate::heap;
use crate::record::Record;
use crate::set::Element;
use crate::workload::{Workload, growth};

/// A collection that holds elements.
trait Plain<E>: Default {
    fn add(&mut self, element: E);
    fn remove(&mut self, element: &E);
    fn contains(&self, element: &E) -> bool;
    fn len(&self) -> usize;
}

/// Does a workload with `HashSet`.
pub fn run_hash_set(workload: Workload, record: &mut Record) {
    run::<HashSet<u64>, HashSet<String>>(workload, record);
}

/// Does a workload with `BTreeSet`.
pub fn run_tree_set(workload: Workload, record: &mut Record) {
    run::<BTreeSet<u64>, BTreeSet<String>>(workload, record);
}

/// Does a workload with `HashMap`, a number of 64 bits beside each element.
pub fn run_hash_map(workload: Workload, record: &mut Record) {
    run::<HashMap<u64, u64>, HashMap<String, u64>>(workload, record);
}

fn run<N: Plain<u64>, S: Plain<String>>(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            run_kind::<u64, N>("u64", &numbers(1, COUNT), record);
            run_kind::<String, S>("string", &names(1, 0, COUNT), record);
        }
        Workload::Growth => run_growth::<N>(record),
        Workload::B2 | Workload::B3 | Workload::B4 | Workload::B5 | Workload::B6 => {}
    }
}

fn run_kind<E: Element, S: Plain<E>>(kind: &str, elements: &[E], record: &mut Record) {
    let row = |name: &str| format!("{kind}: {name}");
    let shuffled = shuffled(elements);
    let before = heap::live();
    let mut set = S::default();
    record.each(&row("add, singly"), COUNT, || {
        for element in elements {
            set.add(element.clone());
        }
    });
    record.enter(&row("heap per element"), per_element(heap::live() - before));
    let found = record.each(&row("contains"), COUNT, || {
        shuffled.iter().filter(|element| set.contains(element)).count()
    });
    assert_eq!(found, COUNT);
    record.each(&row("remove, singly"), COUNT / 2, || {
        for element in &shuffled[..COUNT / 2] {
            set.remove(element);
        }
    });
    assert_eq!(set.len(), COUNT / 2);
}

fn run_growth<S: Plain<u64>>(record: &mut Record) {
    for (size, shown) in growth::SIZES {
        let mut set = S::default();
        for element in growth::elements(size) {
            set.add(element);
        }
        let (new, drawn) = (numbers(3, growth::EDITED), growth::drawn(size));
        let count = |set: &S| drawn.iter().filter(|element| set.contains(element)).count();
        assert_eq!(count(&set), growth::EDITED);
        record.each(&format!("contains, at {shown}"), growth::EDITED, || count(&set));
        record.each(&format!("add, at {shown}"), growth::EDITED, || {
            for element in &new {
                set.add(*element);
            }
        });
        record.each(&format!("remove, at {shown}"), growth::EDITED, || {
            for element in &drawn {
                set.remove(element);
            }
        });
        assert_eq!(set.len(), size);
    }
}

impl<E: Element> Plain<E> for HashSet<E> {
    fn add(&mut self, element: E) {
        self.insert(element);
    }

    fn remove(&mut self, element: &E) {
        Self::remove(self, element);
    }

    fn contains(&self, element: &E) -> bool {
        Self::contains(self, element)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<E: Element> Plain<E> for BTreeSet<E> {
    fn add(&mut self, element: E) {
        self.insert(element);
    }

    fn remove(&mut self, element: &E) {
        Self::remove(self, element);
    }

    fn contains(&self, element: &E) -> bool {
        Self::contains(self, element)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<E: Element> Plain<E> for HashMap<E, u64> {
    fn add(&mut self, element: E) {
        self.insert(element, 1);
    }

    fn remove(&mut self, element: &E) {
        Self::remove(self, element);
    }

    fn contains(&self, element: &E) -> bool {
        self.contains_key(element)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}
