use super::*;
use crate::disk::sim::crash::Loss;
use crate::disk::sim::{Fault, Lie, SimDisk};

fn log(disk: &SimDisk) -> Operations {
    Operations::new(Arc::new(disk.clone()))
}

fn root(n: u8) -> ObjectId {
    ObjectId::from_bytes([n; 32])
}

fn append(disk: &SimDisk, n: u8) -> Result<u64, OperationsError> {
    log(disk).append(u64::from(n) * 10, &[n], &[root(n), root(0)])
}

/// The numbers and what was written for each, newest first.
fn told(disk: &SimDisk) -> Result<Vec<(u64, u8)>, OperationsError> {
    let operations = log(disk).newest_first()?;
    operations.map(|operation| operation.map(|found| (found.number, found.payload[0]))).collect()
}

#[test]
fn operations_are_told_newest_first() {
    let disk = SimDisk::default();
    assert_eq!(told(&disk).unwrap(), []);
    assert_eq!([3, 5, 4].map(|n| append(&disk, n).unwrap()), [1, 2, 3]);
    assert_eq!(told(&disk).unwrap(), [(3, 4), (2, 5), (1, 3)]);
    assert_eq!(log(&disk).roots().unwrap(), [0, 3, 4, 5].map(root));
}

#[test]
fn an_operation_keeps_its_bytes() {
    let roots = vec![root(9)];
    let operation = Operation { number: 1, at_ms: 2, payload: vec![3, 255], roots };
    let bytes = [&[1, 1, 2, 2, 3, 255, 1][..], &[9; 32]].concat();
    assert_eq!(operation.to_bytes().unwrap(), bytes);
    assert_eq!(Operation::from_bytes(&bytes).unwrap(), operation);
}

#[test]
fn the_newest_is_read_without_the_others() {
    let disk = SimDisk::default();
    (1..100).for_each(|n| assert_eq!(append(&disk, n).unwrap(), u64::from(n)));
    let mut bytes = disk.bytes("local/operations").unwrap();
    bytes[30] ^= 1;
    disk.rot("local/operations", bytes);
    let newest = log(&disk).newest_first().unwrap().next().unwrap().unwrap();
    assert_eq!(newest.number, 99);
    assert!(told(&disk).is_err());
    assert!(log(&disk).roots().is_err(), "nothing is collected for want of knowing");
}

#[test]
fn what_is_trimmed_lets_go_of_its_objects_and_numbers_go_on() {
    let cases = [
        (Trim { count_max: 2, since_ms: 0 }, 3),
        (Trim { count_max: 9, since_ms: 40 }, 3),
        (Trim { count_max: 9, since_ms: 0 }, 0),
        (Trim { count_max: 0, since_ms: 99 }, 4),
    ];
    for (keep, expected) in cases {
        let disk = SimDisk::default();
        (1..=5).for_each(|n| assert_eq!(append(&disk, n).unwrap(), u64::from(n)));
        assert_eq!(log(&disk).trim(keep).unwrap(), u64::from(expected), "{keep:?}");
        let roots: Vec<_> = std::iter::once(0).chain(expected + 1..=5).map(root).collect();
        assert_eq!(log(&disk).roots().unwrap(), roots);
        assert_eq!(append(&disk, 6).unwrap(), 6);
        assert_eq!(told(&disk).unwrap().len(), 6 - usize::from(expected));
    }
}

#[test]
fn processes_record_and_trim_at_once() {
    let disk = SimDisk::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..10 {
                    append(&disk, n).unwrap();
                    log(&disk).trim(Trim { count_max: 15, since_ms: 0 }).unwrap();
                }
            });
        }
    });
    let numbers: Vec<_> = told(&disk).unwrap().into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (26..=40).rev().collect::<Vec<_>>());
}

/// Records and trims, and notes since which step which numbers are promised.
fn live(disk: &SimDisk) -> Vec<(usize, Vec<u64>)> {
    let mut promised = vec![(0, vec![])];
    for n in 1..=6 {
        if append(disk, n).is_err() {
            continue;
        }
        if n % 3 == 0 {
            let _ = log(disk).trim(Trim { count_max: 2, since_ms: 0 });
        }
        let numbers = told(disk).unwrap_or_default().into_iter().map(|(number, _)| number);
        promised.push((disk.steps(), numbers.collect()));
    }
    promised
}

fn is_lost(left: &SimDisk, promised: &[(usize, Vec<u64>)], step: usize) -> bool {
    let due = promised.iter().rfind(|(since, _)| *since <= step);
    let newest = due.and_then(|(_, numbers)| numbers.first()).copied().unwrap_or(0);
    let Ok(found) = told(left) else { return true };
    let numbers: Vec<_> = found.into_iter().map(|(number, _)| number).collect();
    let in_a_row = numbers.windows(2).all(|pair| pair[0] == pair[1] + 1);
    let kept = newest == 0 || numbers.contains(&newest);
    let goes_on = append(left, 9).is_ok_and(|next| Some(&(next - 1)) >= numbers.first());
    let trims = log(left).trim(Trim { count_max: 1, since_ms: 0 }).is_ok();
    !(kept && in_a_row && goes_on && trims && told(left).is_ok_and(|left| left.len() == 1))
}

fn losses(disk: &SimDisk, promised: &[(usize, Vec<u64>)]) -> usize {
    let losses = || [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some));
    (0..=disk.steps())
        .flat_map(|step| losses().map(move |loss| (step, loss)))
        .filter(|(step, loss)| is_lost(&disk.crashed(*step, *loss), promised, *step))
        .count()
}

#[test]
fn no_crash_takes_an_operation_that_was_promised() {
    let disk = SimDisk::default();
    assert_eq!(losses(&disk, &live(&disk)), 0);
}

#[test]
fn an_operation_log_without_its_syncs_is_caught() {
    for lie in [Lie::Files, Lie::Folders] {
        let disk = SimDisk::default();
        disk.lie(lie);
        assert_ne!(losses(&disk, &live(&disk)), 0, "{lie:?}");
    }
}

#[test]
fn a_call_that_fails_takes_no_operation_that_was_promised() {
    let whole = SimDisk::default();
    whole.fail(Fault::At(usize::MAX));
    live(&whole);
    for fault in (0..whole.heal()).flat_map(|call| [Fault::At(call), Fault::From(call)]) {
        let disk = SimDisk::default();
        disk.fail(fault);
        let promised = live(&disk);
        let _ = disk.heal();
        let count = promised.len() as u64 - 1;
        let newest = told(&disk).unwrap().first().map_or(0, |(number, _)| *number);
        assert!(newest >= count, "{fault:?}");
        append(&disk, 9).unwrap();
    }
}

#[test]
fn nothing_comes_between_the_operations_of_a_command_that_holds_the_log() {
    let disk = SimDisk::default();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let disk = disk.clone();
            scope.spawn(move || {
                for _ in 0..10 {
                    let log = log(&disk);
                    let held = log.hold().unwrap();
                    held.append(0, &[n], &[]).unwrap();
                    held.append(0, &[n], &[]).unwrap();
                }
            });
        }
    });
    let told = told(&disk).unwrap();
    assert_eq!(told.len(), 80);
    assert!(told.chunks(2).all(|pair| pair[0].1 == pair[1].1));
}
