//! Timelines brought together in a real clone: what is open is shown, edited, killed, sealed and met again.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_store::{Author, RepoPath, SealId, SecretKey};
use selkie_vcs::conflicts::{Choice, Listed, Pick, State, list, settle};
use selkie_vcs::fuse::{Done, Forward, FuseError, Wanted, What, fuse};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::{Conflicts, SealError, Wanted as Sealing, Words, draft, finish, seal};
use selkie_vcs::switch::travel;
use selkie_vcs::timeline::{Then, begin};
use selkie_vcs::{
    Attribute, Desk, Doer, Follow, FollowError, Move, Named, Privacy, Settling, Unfinished,
    Workspace, spelled,
};

const BASE: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// A clone, and a clock that goes on with each command.
struct Clone<'a> {
    folder: &'a Path,
    workspace: Workspace,
    now_ms: u64,
}

impl<'a> Clone<'a> {
    fn forge(folder: &'a Path) -> Self {
        let key = SecretKey::from_bytes(&[7; 32]);
        let workspace = Workspace::forge(folder, "main", key, &doer(1), now_ns).unwrap();
        Self { folder, workspace, now_ms: 1 }
    }

    fn doer(&mut self) -> Doer {
        self.now_ms += 1;
        doer(self.now_ms)
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    fn sealed(&mut self, files: &[(&str, &str)]) -> SealId {
        files.iter().for_each(|(path, text)| self.write(path, text));
        let (top, doer) = ([RepoPath::default()], self.doer());
        gather(&mut self.workspace, &doer, "gather".into(), &top).unwrap();
        seal(&mut self.workspace, &doer, "seal".into(), "more".into()).unwrap().id
    }

    fn go(&mut self, to: SealId) {
        let doer = self.doer();
        travel(&mut self.workspace, &doer, "travel".into(), to, Unfinished::Refuse).unwrap();
    }

    /// On a new timeline there.
    fn begin(&mut self, name: &str, at: SealId) {
        self.go(at);
        let doer = self.doer();
        let wanted = (name.to_owned(), Privacy::Shared);
        begin(&mut self.workspace, &doer, "new".into(), wanted, Then::Go).unwrap();
    }

    fn fuse(&mut self, what: What) -> Result<Done, FuseError> {
        let (forward, settling, message) = (Forward::Move, Settling::Manual, None);
        let doer = self.doer();
        let wanted = Wanted { what, forward, settling, message };
        fuse(&mut self.workspace, &doer, "fuse".into(), &wanted)
    }

    fn states(&self) -> Vec<(String, State)> {
        let told = |one: Listed| (one.path.to_string(), one.state);
        list(&self.workspace).unwrap().into_iter().map(told).collect()
    }
}

/// Two timelines that changed the second and the eighth line, and each another file; the clone stands on `one`.
fn parted(folder: &Path) -> (Clone<'_>, [SealId; 2]) {
    let mut clone = Clone::forge(folder);
    let base = clone.sealed(&[("a", BASE), ("b", "b\n"), ("c", "c\n")]);
    clone.begin("other", base);
    let other = BASE.replace('2', "other two").replace('8', "other eight");
    let theirs = clone.sealed(&[("a", &other), ("c", "other\n")]);
    clone.begin("one", base);
    let one = BASE.replace('2', "one two").replace('8', "one eight");
    let ours = clone.sealed(&[("a", &one), ("b", "one\n")]);
    (clone, [ours, theirs])
}

fn other(seal: SealId) -> What {
    What::Seals(vec![(seal, "other".to_owned())])
}

#[test]
fn what_is_settled_of_a_file_is_kept_when_the_rest_is_sealed_in_conflict() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, [ours, theirs]) = parted(place.path());
    let Done::Open { conflicts, .. } = clone.fuse(other(theirs)).unwrap() else { panic!() };
    assert_eq!(conflicts, [RepoPath::new("a").unwrap()]);
    assert_eq!((clone.read("b"), clone.read("c")), ("one\n".into(), "other\n".into()));
    assert_eq!(clone.states(), [("a".to_owned(), State::Marked(2))]);
    let shown = clone.read("a");
    let (first, rest) = shown.split_once(">>>>>>>").unwrap();
    let rest = rest.split_once('\n').unwrap().1;
    let settled = format!("{}both two\n{rest}", first.split_once("<<<<<<<").unwrap().0);
    clone.write("a", &settled);
    assert_eq!(clone.states(), [("a".to_owned(), State::Marked(1))]);
    let doer = clone.doer();
    let refused = seal(&mut clone.workspace, &doer, "seal".into(), "early".into());
    assert!(matches!(refused, Err(SealError::Open(open)) if open.len() == 1));
    let wanted = Sealing { conflicts: Conflicts::Sealed, ..Sealing::default() };
    let draft = draft(&mut clone.workspace, &doer, wanted).unwrap();
    let words = Words { message: "open".into(), ..Words::default() };
    let sealed = finish(&mut clone.workspace, &doer, "seal".into(), draft, words).unwrap();
    assert_eq!(sealed.seal.parents, [ours, theirs]);
    clone.go(ours);
    clone.go(sealed.id);
    assert_eq!(clone.read("a"), settled);
    let (doer, path) = (clone.doer(), [RepoPath::new("a").unwrap()]);
    let choice = Choice::Parts(Pick::Theirs);
    settle(&mut clone.workspace, &doer, "take".into(), &path, choice).unwrap();
    assert_eq!(clone.read("a"), BASE.replace('2', "both two").replace('8', "other eight"));
    assert_eq!(clone.states(), []);
}

#[test]
fn a_fuse_that_was_killed_half_way_is_finished_or_put_back() {
    let place = tempfile::tempdir().unwrap();
    let (mut clone, [_, theirs]) = parted(place.path());
    let before = clone.workspace.known().unwrap();
    let (old_a, old_c) = (clone.read("a"), clone.read("c"));
    clone.fuse(other(theirs)).unwrap();
    let (marked, after) = (clone.read("a"), clone.workspace.known().unwrap());
    let store = clone.workspace.repository().store().clone();
    // The file with markers was not written yet.
    clone.write("a", &old_a);
    clone.workspace.copy().finish(&store, before, after).unwrap();
    assert_eq!((clone.read("a"), clone.read("c")), (marked.clone(), "other\n".into()));
    // Another was edited since, so all that was written goes back, markers too.
    clone.write("c", "mine\n");
    let refused = clone.workspace.copy().finish(&store, before, after);
    assert!(matches!(refused, Err(FollowError::Blocked(blocked)) if blocked.len() == 1));
    assert_eq!((clone.read("a"), clone.read("c")), (old_a, "mine\n".into()));
    clone.write("c", &old_c);
    clone.workspace.copy().finish(&store, before, after).unwrap();
    assert_eq!(clone.read("a"), marked);
}

#[test]
fn the_heads_of_a_timeline_are_fused_the_earlier_one_first() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = Clone::forge(place.path());
    let base = clone.sealed(&[("a", BASE)]);
    let mut heads = Vec::new();
    for (line, name) in [("2", "second"), ("5", "fifth"), ("8", "eighth")] {
        clone.begin(name, base);
        heads.push(clone.sealed(&[("a", &BASE.replace(line, name))]));
    }
    let refused = clone.fuse(What::Heads);
    assert!(matches!(refused, Err(FuseError::NotDiverged(name)) if name == "eighth"));
    // Another replica said so.
    let doer = clone.doer();
    let (mut hand, _) = clone.workspace.take(&doer).unwrap();
    let (subject, attribute) = (Named::Timeline("eighth".into()), Attribute::Heads);
    let before = hand.shared().value(&subject, attribute);
    let after = Some(spelled(&heads.iter().copied().collect()));
    let mut operation = hand.operation("hear".into(), Desk::clone(hand.desk()));
    operation.moves = vec![Move { subject, attribute, before, after }];
    hand.perform(&operation).unwrap();
    drop(hand);
    let Done::Sealed { id, seal, .. } = clone.fuse(What::Heads).unwrap() else { panic!() };
    assert_eq!(seal.parents, heads);
    let fused = BASE.replace('2', "second").replace('5', "fifth").replace('8', "eighth");
    assert_eq!(clone.read("a"), fused);
    let timeline = clone.workspace.repository().shared().timeline("eighth").unwrap();
    assert_eq!(timeline.heads().into_iter().collect::<Vec<_>>(), [id]);
}

#[test]
fn histories_with_nothing_in_common_are_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = Clone::forge(place.path());
    let one = clone.sealed(&[("a", "one\n")]);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut stranger = Clone::forge(elsewhere.path());
    stranger.now_ms = 500;
    let two = stranger.sealed(&[("b", "two\n")]);
    let seal: selkie_store::Seal = stranger.workspace.repository().store().load(two).unwrap();
    let doer = clone.doer();
    let (hand, _) = clone.workspace.take(&doer).unwrap();
    let batch = hand.batch();
    // Its tree is not asked for.
    let seal = selkie_store::Seal {
        tree: hand.store().load::<selkie_store::Seal>(one).unwrap().tree,
        ..seal
    };
    let two = batch.put_value(&seal, selkie_store::Hint::NONE).unwrap();
    batch.finish().unwrap();
    drop(hand);
    let refused = clone.fuse(other(two));
    assert!(matches!(refused, Err(FuseError::Unrelated(name)) if name == "other"));
}

fn doer(now_ms: u64) -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}
