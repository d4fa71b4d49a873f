//! What says that a folder is a store, and of which format.

use std::io;

use crate::disk::{Disk, whole};
use crate::pack::FOLDER;
use crate::store::error::OpenError;

const FILE: &str = "format";
const TITLE: &str = "selkie store ";
const VERSION: u64 = 1;

/// Held by whoever begins a store or brings it to a later format.
const LOCK: &str = "format.lock";

/// More than any format file has: what is longer is none.
const LEN_MAX: u64 = 64;

/// One step on the way to the format of today, one for each format that ever was.
///
/// It may be stopped anywhere and is then run again from its beginning, on what it left. The format it
/// leads to is written down once all that it did is durable.
struct Upgrade {
    from: u64,
    run: fn(&dyn Disk) -> io::Result<()>,
}

const UPGRADES: &[Upgrade] = &[];

/// Lets pass who knows the format of the store. A folder without one becomes a store, and a store of an
/// earlier format one of today's.
pub(super) fn pass(disk: &dyn Disk) -> Result<(), OpenError> {
    pass_to(disk, VERSION, UPGRADES)
}

fn pass_to(disk: &dyn Disk, version: u64, upgrades: &[Upgrade]) -> Result<(), OpenError> {
    disk.create_folder(FOLDER)?;
    match read(disk)? {
        Some(found) if found == version => return Ok(()),
        Some(found) if found > version => return Err(OpenError::Version(found)),
        Some(_) | None => {}
    }
    let _lock = match disk.open_locked(LOCK) {
        Ok(lock) => lock,
        // Where nothing can be locked, only a store of today's format can be opened. Somebody may have begun it
        // since we looked.
        Err(_) if read(disk)? == Some(version) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // Who had the lock before may have begun the store, or brought it further than this program knows.
    let mut at = if let Some(found) = read(disk)? {
        found
    } else {
        // Whoever sees the format file writes packs at once, so their folder is durable before it.
        disk.sync_folder("")?;
        write(disk, version)?
    };
    while at < version {
        let upgrade = upgrades.iter().find(|upgrade| upgrade.from == at);
        let upgrade = upgrade.ok_or_else(|| OpenError::NoStore(spelled(at)))?;
        (upgrade.run)(disk)?;
        at = write(disk, at + 1)?;
    }
    if at > version { Err(OpenError::Version(at)) } else { Ok(()) }
}

/// The format of the store, `None` if none was begun.
fn read(disk: &dyn Disk) -> Result<Option<u64>, OpenError> {
    let Some(bytes) = whole::read(disk, FILE, LEN_MAX)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let version = text.strip_prefix(TITLE).and_then(|rest| rest.strip_suffix('\n')?.parse().ok());
    // A number has many spellings, and the file has one.
    let version = version.filter(|version| text == spelled(*version));
    version.map(Some).ok_or(OpenError::NoStore(text))
}

fn write(disk: &dyn Disk, version: u64) -> io::Result<u64> {
    whole::replace(disk, FILE, spelled(version).as_bytes())?;
    Ok(version)
}

fn spelled(version: u64) -> String {
    format!("{TITLE}{version}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::crash::Loss;
    use crate::disk::sim::{Lie, SimDisk};

    /// Pretended formats: 2 lists the packs in a file, 3 gives the file another name.
    const PRETENDED: &[Upgrade] =
        &[Upgrade { from: 1, run: list_packs }, Upgrade { from: 2, run: rename_list }];

    fn list_packs(disk: &dyn Disk) -> io::Result<()> {
        let mut names = disk.list(FOLDER)?;
        names.sort();
        whole::replace(disk, "list", names.concat().as_bytes())
    }

    fn rename_list(disk: &dyn Disk) -> io::Result<()> {
        match disk.rename("list", "packs.list") {
            // It was stopped after this.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
        disk.sync_folder("")
    }

    /// A store of format 1 with some packs.
    fn of_format_1() -> SimDisk {
        let disk = SimDisk::default();
        pass(&disk).unwrap();
        for name in ["packs/a", "packs/b"] {
            disk.create(name).unwrap().sync().unwrap();
        }
        disk.sync_folder(FOLDER).unwrap();
        disk
    }

    fn is_upgraded(disk: &SimDisk) -> bool {
        let passed = pass_to(disk, 3, PRETENDED).is_ok();
        let listed = disk.bytes("packs.list") == Some(b"ab".to_vec());
        passed && listed && disk.bytes("list").is_none() && read(disk).is_ok_and(|at| at == Some(3))
    }

    fn losses(disk: &SimDisk, begun: usize) -> usize {
        let losses = || [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some));
        (begun..=disk.steps())
            .flat_map(|step| losses().map(move |loss| disk.crashed(step, loss)))
            .filter(|left| !is_upgraded(left))
            .count()
    }

    #[test]
    fn an_upgrade_that_is_stopped_anywhere_is_finished_by_the_next_to_open() {
        let disk = of_format_1();
        let begun = disk.steps();
        assert!(is_upgraded(&disk));
        assert!(disk.steps() > begun + 10);
        assert_eq!(losses(&disk, begun), 0);
    }

    #[test]
    fn an_upgrade_that_is_not_synced_is_caught() {
        let disk = of_format_1();
        let begun = disk.steps();
        disk.lie(Lie::Files);
        assert!(is_upgraded(&disk));
        assert_ne!(losses(&disk, begun), 0);
    }

    #[test]
    fn processes_upgrade_one_after_the_other() {
        let disk = of_format_1();
        std::thread::scope(|scope| {
            (0..8).for_each(|_| drop(scope.spawn(|| pass_to(&disk, 3, PRETENDED).unwrap())));
        });
        assert!(is_upgraded(&disk));
    }

    #[test]
    fn a_program_of_before_the_upgrade_stays_outside() {
        let disk = of_format_1();
        assert!(is_upgraded(&disk));
        let steps = disk.steps();
        assert!(matches!(pass(&disk), Err(OpenError::Version(3))));
        assert_eq!(disk.steps(), steps);
    }

    #[test]
    fn every_format_before_this_one_has_a_way_here() {
        assert!((1..VERSION).eq(UPGRADES.iter().map(|upgrade| upgrade.from)));
    }

    #[test]
    fn a_race_to_begin_leaves_no_litter() {
        let disk = SimDisk::default();
        std::thread::scope(|scope| {
            (0..8).for_each(|_| drop(scope.spawn(|| pass(&disk).unwrap())));
        });
        assert_eq!(disk.paths(), ["format", LOCK]);
    }
}
