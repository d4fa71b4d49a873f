use super::*;
use crate::disk::sim::crash::Loss;
use crate::disk::sim::{Fault, Lie, SimDisk};
use crate::log::format::FRAME_LEN;

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const PATH: &str = "logs/eaeaeaeaeaeaeaeaeaeaeaeaeaeaeaea.log";

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32])
}

fn log(disk: &SimDisk) -> Log {
    Log::new(Arc::new(disk.clone()), EAST)
}

/// A log that says these words.
fn saying(words: &[&str]) -> (SimDisk, Log) {
    let disk = SimDisk::default();
    let log = log(&disk);
    for word in words {
        log.append(word.as_bytes(), &key()).unwrap();
    }
    (disk, log)
}

fn entries(log: &Log) -> Vec<Entry> {
    log.entries().unwrap().map(Result::unwrap).collect()
}

fn words(log: &Log) -> Vec<String> {
    entries(log).into_iter().map(|entry| String::from_utf8(entry.payload).unwrap()).collect()
}

#[test]
fn entries_are_read_in_their_order() {
    let (disk, log) = saying(&["one", "", "three"]);
    assert_eq!(words(&log), ["one", "", "three"]);
    let other_process = self::log(&disk);
    assert_eq!(words(&other_process), ["one", "", "three"]);
    assert_eq!(other_process.head().unwrap().position, 3);
    assert!(entries(&log).iter().all(|entry| entry.is_signed_by(&key().public())));
}

#[test]
fn a_log_that_nobody_began_is_empty() {
    let (disk, log) = saying(&[]);
    assert_eq!(log.head().unwrap(), Head::NONE);
    assert_eq!(words(&log), [""; 0]);
    assert_eq!(log.mend().unwrap(), None);
    assert_eq!(disk.paths(), [""; 0]);
}

#[test]
fn a_torn_end_is_cut_off_and_said_so() {
    let (disk, _) = saying(&["one", "two"]);
    let whole = disk.bytes(PATH).unwrap();
    let first_end = HEADER_LEN + FRAME_LEN + 3;
    for size in 0..whole.len() {
        disk.rot(PATH, whole[..size].to_vec());
        let kept = usize::from(size >= first_end);
        assert_eq!(words(&log(&disk)), ["one", "two"][..kept], "{size}");
        disk.rot(&format!("{PATH}.torn"), Vec::new());
        let torn = log(&disk).mend().unwrap();
        let start = if kept == 1 { first_end } else { HEADER_LEN };
        let bytes = size.saturating_sub(start) as u64;
        assert_eq!(torn.map_or(0, |torn| torn.bytes), bytes, "{size}");
        let aside = disk.bytes(&format!("{PATH}.torn")).unwrap_or_default();
        assert_eq!(aside.len() as u64, bytes, "what is cut off is laid aside");
        log(&disk).append(b"next", &key()).unwrap();
        assert_eq!(words(&log(&disk)).len(), kept + 1);
    }
}

#[test]
fn rot_is_noticed_and_nothing_is_cut_for_it() {
    let (disk, _) = saying(&["one", "two", "three"]);
    let whole = disk.bytes(PATH).unwrap();
    let last_start = whole.len() - FRAME_LEN - 5;
    for at in 0..last_start {
        let mut rotten = whole.clone();
        rotten[at] ^= 0xff;
        disk.rot(PATH, rotten.clone());
        let signed = |entry: &Entry| entry.is_signed_by(&key().public());
        let all = log(&disk).entries().and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let noticed = all.map_or(true, |all| !all.iter().all(signed));
        assert!(noticed, "{at}");
        let _ = log(&disk).mend();
        assert_eq!(disk.bytes(PATH), Some(rotten), "{at}");
    }
}

#[test]
fn a_position_has_one_content() {
    let (_, east) = saying(&["one", "two"]);
    let (_, copy) = saying(&["one", "other"]);
    let entries = entries(&east);
    let other = &self::entries(&copy)[1];
    assert_eq!(east.accept(&entries[1]).unwrap(), east.head().unwrap());
    assert!(matches!(east.accept(other), Err(LogError::Fork { position: 2, .. })));
    assert_eq!(words(&east), ["one", "two"]);
}

#[test]
fn entries_of_a_peer_are_taken_in_their_order_alone() {
    let (_, east) = saying(&["one", "two", "three"]);
    let entries = entries(&east);
    let here = log(&SimDisk::default());
    assert!(matches!(here.accept(&entries[1]), Err(LogError::Gap { position: 2, newest: 0 })));
    for entry in &entries {
        here.accept(entry).unwrap();
    }
    assert_eq!(self::entries(&here), entries);
}

#[test]
fn an_entry_that_lies_about_its_hash_is_refused() {
    let (_, east) = saying(&["one"]);
    let lie = Entry { payload: b"lie".to_vec(), ..entries(&east)[0].clone() };
    let here = log(&SimDisk::default());
    assert!(matches!(here.accept(&lie), Err(LogError::Fork { .. })));
}

#[test]
fn processes_append_one_after_the_other() {
    let disk = SimDisk::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    log(&disk).append(b"x", &key()).unwrap();
                }
            });
        }
    });
    assert_eq!(words(&log(&disk)).len(), 40);
}

#[test]
fn a_payload_that_is_too_long_is_refused() {
    let (disk, log) = saying(&["one"]);
    let before = disk.bytes(PATH);
    let bytes = vec![0; PAYLOAD_LEN_MAX + 1];
    assert!(matches!(log.append(&bytes, &key()), Err(LogError::Long(_))));
    assert_eq!(disk.bytes(PATH), before);
}

/// Appends words and notes since which step each is promised.
fn promised(disk: &SimDisk) -> Vec<(usize, String)> {
    let append = |word: usize| {
        let word = word.to_string();
        log(disk).append(word.as_bytes(), &key()).ok()?;
        Some((disk.steps(), word))
    };
    (0..6).filter_map(append).collect()
}

fn is_lost(left: &SimDisk, promised: &[(usize, String)], step: usize) -> bool {
    let due = promised.iter().filter(|(since, _)| *since <= step);
    let due: Vec<_> = due.map(|(_, word)| word.clone()).collect();
    let found = log(left).entries().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.map(|_| words(&log(left)));
    let kept = found.is_ok_and(|found| found.starts_with(&due));
    let goes_on = log(left).append(b"next", &key()).is_ok();
    !kept || !goes_on
}

fn losses(disk: &SimDisk, promised: &[(usize, String)]) -> usize {
    let losses = || [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some));
    (0..=disk.steps())
        .flat_map(|step| losses().map(move |loss| (step, loss)))
        .filter(|(step, loss)| is_lost(&disk.crashed(*step, *loss), promised, *step))
        .count()
}

#[test]
fn no_crash_takes_an_entry_that_was_promised() {
    let disk = SimDisk::default();
    let promised = promised(&disk);
    assert_eq!(promised.len(), 6);
    assert_eq!(losses(&disk, &promised), 0);
}

#[test]
fn a_log_without_its_syncs_is_caught() {
    for lie in [Lie::Files, Lie::Folders] {
        let disk = SimDisk::default();
        disk.lie(lie);
        let promised = promised(&disk);
        assert_ne!(losses(&disk, &promised), 0, "{lie:?}");
    }
}

#[test]
fn a_call_that_fails_takes_no_entry_that_was_promised() {
    let whole = SimDisk::default();
    whole.fail(Fault::At(usize::MAX));
    promised(&whole);
    let calls = whole.heal();
    for fault in (0..calls).flat_map(|call| [Fault::At(call), Fault::From(call)]) {
        let disk = SimDisk::default();
        disk.fail(fault);
        let promised = promised(&disk);
        let _ = disk.heal();
        let words: Vec<_> = promised.into_iter().map(|(_, word)| word).collect();
        let found = self::words(&log(&disk));
        // A disk that refuses everything refuses to take back what it half took, too.
        let refused = usize::from(matches!(fault, Fault::From(_)));
        assert!(found.starts_with(&words), "{fault:?}");
        assert!(found.len() <= words.len() + refused, "{fault:?}");
        log(&disk).append(b"next", &key()).unwrap();
    }
}

#[test]
fn a_log_is_read_on_from_a_place() {
    let (disk, log) = saying(&["one", "two", "three"]);
    let mut first = log.entries().unwrap();
    first.next().unwrap().unwrap();
    let place = first.place();
    disk.fail(Fault::At(usize::MAX));
    let rest: Vec<_> = log.entries_after(place).unwrap().map(Result::unwrap).collect();
    assert_eq!(rest, entries(&log)[1..]);
    let other = Place { head: Head { hash: [1; 32], ..place.head }, ..place };
    let beyond = Place { end: place.end + 10_000, ..place };
    for wrong in [other, beyond] {
        assert!(matches!(log.entries_after(wrong), Err(LogError::Fork { position: 1, .. })));
    }
}

#[test]
fn entries_are_found_from_the_end() {
    let (disk, log) = saying(&["one", "two", "three"]);
    for torn in [0, 5] {
        let newest: Vec<_> = log.newest_first().unwrap().map(Result::unwrap).collect();
        assert!(newest.iter().rev().eq(&entries(&log)));
        for position in 0..6 {
            let found: Vec<_> = log.entries_from(position).unwrap().map(Result::unwrap).collect();
            let skipped = usize::try_from(position.clamp(1, 4)).unwrap() - 1;
            assert_eq!(found, entries(&log)[skipped..], "{position} {torn}");
        }
        let bytes = disk.bytes(PATH).unwrap();
        disk.rot(PATH, [&bytes[..], b"#####"].concat());
    }
}

#[test]
fn an_entry_that_rotted_ends_the_way_back() {
    let (disk, log) = saying(&["one", "two", "three"]);
    let mut bytes = disk.bytes(PATH).unwrap();
    bytes[HEADER_LEN + FRAME_LEN + 3 + 12] ^= 1;
    disk.rot(PATH, bytes);
    let mut newest = log.newest_first().unwrap();
    assert_eq!(newest.next().unwrap().unwrap().payload, b"three");
    assert!(matches!(newest.next(), Some(Err(LogError::Damaged { position: 1, .. }))));
    assert!(newest.next().is_none());
}

#[test]
fn long_logs_are_read_in_pieces() {
    let (_, log) = saying(&[]);
    let long = |n: u8| vec![n; PAYLOAD_LEN_MAX / 3 * usize::from(n % 4)];
    log.append_with::<LogError>(&key(), |_| Ok((0..9).map(long).collect())).unwrap();
    let read: Vec<_> = entries(&log).into_iter().map(|entry| entry.payload).collect();
    assert_eq!(read, (0..9).map(long).collect::<Vec<_>>());
}

#[test]
fn entries_that_follow_each_other_are_taken_together() {
    let (_, east) = saying(&["one", "two", "three", "four"]);
    let all = entries(&east);
    let here = log(&SimDisk::default());
    here.accept_all(&all[..2]).unwrap();
    assert!(matches!(here.accept_all(&all[3..]), Err(LogError::Gap { position: 4, newest: 2 })));
    let broken = [all[1].clone(), all[2].clone(), Entry { hash: [9; 32], ..all[3].clone() }];
    assert!(matches!(here.accept_all(&broken), Err(LogError::Fork { position: 4, .. })));
    let other = [Entry { payload: b"lie".to_vec(), ..all[0].clone() }, all[1].clone()];
    assert!(matches!(here.accept_all(&other), Err(LogError::Fork { position: 1, .. })));
    assert_eq!(entries(&here), all[..2]);
    here.accept_all(&all[1..]).unwrap();
    assert_eq!(here.accept_all(&all).unwrap(), east.head().unwrap());
    assert_eq!(entries(&here), all);
}

#[test]
fn what_an_append_depends_on_does_not_change_meanwhile() {
    let disk = SimDisk::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let count = |head: Head| Ok(vec![head.position.to_string().into_bytes()]);
                    log(&disk).append_with::<LogError>(&key(), count).unwrap();
                }
            });
        }
    });
    assert_eq!(words(&log(&disk)), (0..40).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn the_logs_of_a_store_are_listed() {
    let disk = SimDisk::default();
    assert_eq!(Log::replicas(&disk).unwrap(), []);
    let west = ActorId::from_bytes([1; 16]);
    log(&disk).append(b"x", &key()).unwrap();
    Log::new(Arc::new(disk.clone()), west).append(b"x", &key()).unwrap();
    drop(disk.create("logs/notes.txt").unwrap());
    assert_eq!(Log::replicas(&disk).unwrap(), [west, EAST]);
}
