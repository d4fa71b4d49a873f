//! A clone whose view, operations and packs many use at once: what the view names and what operations keep
//! stays whole, and the rest goes.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{
    Action, Amount, Batch, Collected, Disk, EditError, Loss, ObjectId, Operations, OsDisk, SealId,
    SimDisk, Store, Trim, View, gc, repack, roots, tidy, verify,
};

use crate::garden::{put_bed, put_seal, reachable};
use crate::lots::Lots;
use crate::replica::writer;

/// The seals that are published, spelled out.
type Seals = AwSet<String>;

/// One who uses the clone.
struct User<'a> {
    disk: Arc<dyn Disk>,
    store: Arc<Store>,
    view: View<Seals>,
    operations: Operations,
    lots: Lots,
    given_up: &'a Mutex<Vec<SealId>>,
}

fn parse(spelled: &str) -> ObjectId {
    spelled.parse().expect("only ids are put")
}

fn named(seals: &Seals, visit: &mut dyn FnMut(ObjectId)) {
    seals.iter().for_each(|seal| visit(parse(seal)));
}

impl<'a> User<'a> {
    fn new(disk: Arc<dyn Disk>, number: u64, given_up: &'a Mutex<Vec<SealId>>) -> Self {
        let store = Arc::new(Store::open(Arc::clone(&disk)).expect("the disk is well"));
        let view = View::open(Arc::clone(&store), named).expect("the disk is well");
        let operations = Operations::new(Arc::clone(&disk));
        Self { disk, store, view, operations, lots: Lots(number), given_up }
    }

    /// Does something, as the lot falls.
    fn act(&mut self) {
        match self.lots.below(10) {
            0..=2 => self.publish(),
            3 | 4 => self.give_up(),
            5 => self.undo(),
            6 => self.bring_back(),
            7 => drop(self.collect()),
            8 => self.tidy(),
            _ => self.check(),
        }
    }

    /// Publishes a new seal of few plants, so that all put the same ones again and again.
    fn publish(&mut self) {
        let _hold = self.store.hold().expect("there is room");
        let store = Arc::clone(&self.store);
        let batch = Batch::new(&store);
        let [one, two] = [0; 2].map(|_| self.lots.below(9) as u64);
        let bed = put_bed(&batch, &[one, two + 9]).expect("there is room");
        let seal = put_seal(&batch, bed, vec![], "new").expect("there is room");
        batch.finish().expect("there is room");
        self.add(seal).expect("it is held");
    }

    /// Takes a seal out of the view, once an operation keeps it, and lets go of old operations.
    fn give_up(&mut self) {
        let operations = Operations::new(Arc::clone(&self.disk));
        // Nobody else takes it out and forgets it before it is kept.
        let held = operations.hold().expect("nobody is stuck");
        self.view.refresh().expect("the disk is well");
        let seals = self.view.root().sorted();
        if seals.len() < 3 {
            return;
        }
        let given_up = seals[self.lots.below(seals.len())].clone();
        held.append(1, b"give up", &[parse(&given_up)]).expect("there is room");
        self.edit(&[], |mut seals| seals.remove(&given_up)).expect("the disk is well");
        held.trim(Trim { count_max: 2, since_ms: 0 }).expect("there is room");
        lock(self.given_up).push(parse(&given_up).into());
    }

    /// Brings back what the newest operation keeps.
    fn undo(&mut self) {
        let operations = Operations::new(Arc::clone(&self.disk));
        let held = operations.hold().expect("nobody is stuck");
        let newest = operations.newest_first().expect("it is sound").next();
        if let Some(newest) = newest {
            let [root] = newest.expect("it is sound").roots[..] else { panic!("each keeps one") };
            self.add(root.into()).expect("an operation keeps it");
            held.trim(Trim { count_max: 1, since_ms: 0 }).expect("there is room");
        }
    }

    /// Brings back what nobody keeps, if it is still there, whole.
    fn bring_back(&mut self) {
        let seal = lock(self.given_up).pop();
        let Some(seal) = seal else { return };
        match self.add(seal) {
            Ok(()) => {}
            Err(EditError::Absent(absent)) => assert_eq!(absent, seal.object()),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn collect(&mut self) -> Collected {
        let Self { store, view, operations, .. } = self;
        let roots = || Ok(roots(view, operations)?);
        gc(store, Duration::ZERO, 1, roots, |_| ()).expect("all that is used is here")
    }

    fn tidy(&mut self) {
        let merged = match self.lots.below(3) {
            0 => repack(&self.store, |_| ()),
            _ => tidy(&self.store),
        };
        merged.expect("a merge takes what there is");
    }

    /// While operations are held, nobody takes away what the view names or what they keep.
    fn check(&mut self) {
        let operations = Operations::new(Arc::clone(&self.disk));
        let _held = operations.hold().expect("nobody is stuck");
        self.is_whole().expect("what is used is whole");
    }

    fn is_whole(&mut self) -> Result<BTreeSet<ObjectId>, String> {
        let roots = roots(&mut self.view, &self.operations).map_err(|error| error.to_string())?;
        reachable(&self.store, &roots.into_iter().map(SealId::from).collect())
    }

    fn add(&mut self, seal: SealId) -> Result<(), EditError<Infallible>> {
        self.edit(&[seal.object()], |mut seals| seals.add(seal.to_string()))
    }

    fn edit<R>(
        &mut self,
        roots: &[ObjectId],
        change: impl FnOnce(Edit<'_, Seals>) -> R,
    ) -> Result<(), EditError<Infallible>> {
        let action = Action { time: Hlc::from_ms(1), note: "edit", roots };
        let edited = self.view.edit(&writer(1), action, |seals| {
            change(seals);
            Ok(())
        });
        edited.map(drop)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const NONE: Amount = Amount { objects: 0, bytes: 0 };
const NOTHING_TO_DO: Collected = Collected::Done { removed: NONE, rescued: NONE, condemned: NONE };

/// Collects until nothing is left to do. What is used is whole then, and nothing else is there.
fn settle(disk: Arc<dyn Disk>) -> Result<(), String> {
    let given_up = Mutex::default();
    let mut user = User::new(disk, 0, &given_up);
    let mut runs = 0;
    while user.collect() != NOTHING_TO_DO {
        runs += 1;
        if runs > 7 {
            return Err("it is never done".to_owned());
        }
    }
    let problems = verify(&user.store, |_| ()).map_err(|error| error.to_string())?;
    problems.first().map_or(Ok(()), |problem| Err(problem.to_string()))?;
    let reachable = user.is_whole()?;
    user.store.refresh().map_err(|error| error.to_string())?;
    let there = user.store.ids().map_err(|error| error.to_string())?;
    let there: BTreeSet<_> = there.into_iter().map(|(id, _)| id).collect();
    if there == reachable { Ok(()) } else { Err("garbage stays".to_owned()) }
}

/// Deeds of each user. More by `COMMONS_DEEDS`.
fn deeds() -> usize {
    let deeds = std::env::var("COMMONS_DEEDS").ok().and_then(|deeds| deeds.parse().ok());
    deeds.unwrap_or(80)
}

fn all_at_once(open: impl Fn() -> Arc<dyn Disk> + Sync) {
    let given_up = Mutex::default();
    User::new(open(), 0, &given_up).publish();
    std::thread::scope(|scope| {
        for number in 1..5 {
            let (open, given_up) = (&open, &given_up);
            scope.spawn(move || {
                let mut user = User::new(open(), number, given_up);
                (0..deeds()).for_each(|_| user.act());
            });
        }
    });
    settle(open()).expect("what is used is whole, and nothing else is there");
}

#[test]
fn whatever_users_of_one_disk_do_at_once_nothing_that_is_used_is_lost() {
    let disk = SimDisk::default();
    all_at_once(|| Arc::new(disk.clone()));
}

#[test]
fn whatever_users_of_a_real_folder_do_at_once_nothing_that_is_used_is_lost() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    all_at_once(|| Arc::new(OsDisk::new(folder.path())));
}

#[test]
fn whatever_a_crash_leaves_all_that_is_named_there_is_whole() {
    let seeds = std::env::var("CRASH_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(0);
    let disk = SimDisk::default();
    let given_up = Mutex::default();
    let mut user = User::new(Arc::new(disk.clone()), 7, &given_up);
    (0..4).for_each(|_| user.publish());
    let mut removals = 0;
    for round in 0..9 {
        user.publish();
        user.give_up();
        if round % 3 == 2 {
            user.undo();
            user.bring_back();
        }
        user.tidy();
        let collected = user.collect();
        let removes = matches!(collected, Collected::Done { removed, .. } if removed != NONE);
        removals += usize::from(removes);
    }
    assert!(removals > 1, "{removals}");
    for step in 0..=disk.steps() {
        let parts = (0..seeds).map(|seed: u64| Loss::Some(seed << 32 | step as u64));
        for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain(parts) {
            let left: Arc<dyn Disk> = Arc::new(disk.crashed(step, loss));
            let mut next = User::new(left, 0, &given_up);
            next.is_whole().unwrap_or_else(|error| panic!("step {step}, {loss:?}: {error}"));
            next.publish();
            let settled = settle(Arc::clone(&next.disk));
            settled.unwrap_or_else(|error| panic!("step {step}, {loss:?}: {error}"));
        }
    }
}
