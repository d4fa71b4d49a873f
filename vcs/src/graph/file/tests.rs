use std::sync::Arc;

use selkie_store::{Fault, SimDisk};

use super::*;
use crate::graph::row::{Entry, Known};
use crate::graph::toy::{facts, id, random};
use crate::graph::walk::Line;
use crate::lots::Lots;

/// A line of seals with these numbers.
fn line(graph: &mut Graph, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let parents = number.checked_sub(1).map(Row::at).into_iter().collect();
        let facts = facts(&format!("s{number}"), number as u64, parents);
        let entry = Entry { id: id(&format!("s{number}")), known: Known::Present(Box::new(facts)) };
        graph.push(&entry).unwrap();
    }
}

fn all(graph: &Graph) -> Vec<Entry> {
    (0..graph.len()).map(|row| graph.entry(Row::at(row)).unwrap()).collect()
}

fn saved(seals: usize) -> SimDisk {
    let disk = SimDisk::default();
    let mut file = GraphFile::open(&disk).unwrap();
    line(&mut file.graph, 0..seals);
    assert_eq!(file.save(&disk).unwrap(), Saved::Anew);
    disk
}

#[test]
fn what_is_saved_is_read_again() {
    for seed in 0..4 {
        let disk = SimDisk::default();
        let mut file = GraphFile::empty();
        file.graph = random(&mut Lots(seed), 1200);
        file.save(&disk).unwrap();
        let read = GraphFile::open(&disk).unwrap().graph;
        assert_eq!(all(&read), all(&file.graph), "seed {seed}");
        assert_eq!(read.absent, file.graph.absent);
        for row in (0..read.len()).map(Row::at) {
            let id = read.id(row).unwrap();
            assert_eq!(read.row(id).unwrap(), Some(row));
            assert_eq!(read.order(row).unwrap(), file.graph.order(row).unwrap());
            assert_eq!(read.replaced_by(id).unwrap(), file.graph.replaced_by(id).unwrap());
            if let Some(change) = read.change(row).unwrap() {
                assert!(read.rows_by_change(&(change..=change)).unwrap().contains(&row));
            }
        }
        assert_eq!(read.row(id("nobody")).unwrap(), None);
    }
}

#[test]
fn a_new_seal_is_added_without_writing_the_rest_again() {
    let disk = saved(1100);
    let before = disk.bytes(NAME).unwrap();
    let mut file = GraphFile::open(&disk).unwrap();
    assert_eq!(file.save(&disk).unwrap(), Saved::Already);
    line(&mut file.graph, 1100..1101);
    assert_eq!(file.save(&disk).unwrap(), Saved::Added);
    line(&mut file.graph, 1101..1102);
    assert_eq!(file.save(&disk).unwrap(), Saved::Added);
    let after = disk.bytes(NAME).unwrap();
    assert!(after.starts_with(&before) && after.len() < before.len() + 600);
    assert_eq!(all(&GraphFile::open(&disk).unwrap().graph), all(&file.graph));
}

#[test]
fn many_added_seals_become_pages() {
    let disk = SimDisk::default();
    let mut anew = 0;
    for number in (0..1500).step_by(25) {
        let mut file = GraphFile::open(&disk).unwrap();
        line(&mut file.graph, number..number + 25);
        anew += usize::from(file.save(&disk).unwrap() == Saved::Anew);
    }
    assert_eq!(anew, 6);
    assert_eq!(GraphFile::open(&disk).unwrap().graph.len(), 1500);
}

#[test]
fn twenty_seals_need_no_page_but_the_newest() {
    let disk = saved(512 * 6);
    let mut bytes = disk.bytes(NAME).unwrap();
    // All of the file that describes the first three pages of links is lost.
    let directory = u32::from_le_bytes(*bytes[9..].first_chunk().unwrap()) as usize;
    bytes[HEADER_LEN + directory..][..3 * 10_000].fill(0xee);
    disk.rot(NAME, bytes);
    let graph = GraphFile::open(&disk).unwrap().graph;
    let tip = graph.row(id("s3071")).unwrap().unwrap();
    let newest: Result<Vec<_>, _> = graph.walk(&[tip], &[], Line::All).unwrap().take(20).collect();
    assert_eq!(newest.unwrap().len(), 20);
    let whole: Result<Vec<_>, _> = graph.walk(&[tip], &[], Line::All).unwrap().collect();
    assert!(matches!(whole, Err(GraphError::Damaged)));
}

#[test]
fn damage_is_found_or_changes_nothing() {
    let disk = saved(700);
    let sound = disk.bytes(NAME).unwrap();
    let expected = all(&GraphFile::open(&disk).unwrap().graph);
    let mut lots = Lots(7);
    for round in 0..150 {
        let mut bytes = sound.clone();
        if lots.one_in(4) {
            bytes.truncate(lots.below(sound.len()));
        } else {
            let near = if lots.one_in(2) { 400 } else { sound.len() };
            let at = lots.below(near);
            bytes[at] ^= 1 << lots.below(8);
        }
        disk.rot(NAME, bytes);
        let graph = GraphFile::open(&disk).unwrap().graph;
        let rows = || (0..graph.len()).map(Row::at);
        match rows().map(|row| graph.entry(row)).collect::<Result<Vec<_>, _>>() {
            Ok(found) => assert!(expected.starts_with(&found), "round {round}"),
            Err(error) => assert!(matches!(error, GraphError::Damaged), "round {round}: {error}"),
        }
        for (row, entry) in rows().zip(&expected) {
            match graph.row(entry.id) {
                Ok(found) => assert_eq!(found, Some(row), "round {round}"),
                Err(error) => assert!(matches!(error, GraphError::Damaged), "round {round}"),
            }
        }
    }
}

#[test]
fn a_record_that_a_crash_cut_short_is_left_out_and_then_replaced() {
    let disk = saved(600);
    let mut bytes = disk.bytes(NAME).unwrap();
    bytes.truncate(bytes.len() - 5);
    disk.rot(NAME, bytes);
    let mut file = GraphFile::open(&disk).unwrap();
    assert_eq!(file.graph.len(), 599);
    line(&mut file.graph, 599..600);
    assert_eq!(file.save(&disk).unwrap(), Saved::Anew);
    assert_eq!(GraphFile::open(&disk).unwrap().graph.len(), 600);
}

#[test]
fn who_comes_second_leaves_the_file_be() {
    let disk = saved(600);
    let [mut east, mut west] = [GraphFile::open(&disk).unwrap(), GraphFile::open(&disk).unwrap()];
    line(&mut east.graph, 600..601);
    line(&mut west.graph, 600..602);
    assert_eq!(east.save(&disk).unwrap(), Saved::Added);
    assert_eq!(west.save(&disk).unwrap(), Saved::Elsewhere);
    assert_eq!(GraphFile::open(&disk).unwrap().graph.len(), 601);
    assert_eq!(west.graph.len(), 602, "it still knows what it learned");
}

#[test]
fn a_writer_at_work_is_not_disturbed_and_one_that_died_is_cleared_away() {
    let disk = SimDisk::default();
    let mut file = GraphFile::empty();
    line(&mut file.graph, 0..600);
    disk.create_folder(FOLDER).unwrap();
    let writer = disk.create(NEW_NAME).unwrap();
    assert_eq!(file.save(&disk).unwrap(), Saved::Elsewhere);
    drop(writer);
    assert_eq!(file.save(&disk).unwrap(), Saved::Anew);
}

#[test]
fn every_call_may_fail_and_the_next_save_is_good() {
    let sound = saved(600).bytes(NAME).unwrap();
    for (stop, seals) in (0..12).flat_map(|stop| [(stop, 601), (stop, 1300)]) {
        let disk = SimDisk::default();
        disk.create_folder(FOLDER).unwrap();
        disk.create(NAME).unwrap().append(&sound).unwrap();
        let mut file = GraphFile::open(&disk).unwrap();
        line(&mut file.graph, 600..seals);
        disk.fail(Fault::At(stop));
        let first = file.save(&disk);
        assert!(disk.heal() > 0);
        assert!(first.is_ok() || GraphFile::open(&disk).unwrap().graph.len() >= 600);
        file.save(&disk).unwrap();
        assert_eq!(GraphFile::open(&disk).unwrap().graph.len(), seals, "stop {stop}");
    }
}

#[test]
fn a_graph_is_shared_between_threads() {
    fn shared<T: Send + Sync>(value: T) -> Arc<T> {
        Arc::new(value)
    }
    let graph = shared(GraphFile::open(&saved(600)).unwrap().graph);
    let other = Arc::clone(&graph);
    let asked = std::thread::spawn(move || other.title(Row::at(3)).unwrap().to_owned());
    assert_eq!(asked.join().unwrap(), graph.title(Row::at(3)).unwrap());
}
