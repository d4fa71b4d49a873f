//! A seal that is rewritten: what stays, what goes, and what others make of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use selkie_store::{Author, Batch, Hint, RepoPath, Seal, SealId, SecretKey};
use selkie_vcs::gather::gather;
use selkie_vcs::keep_up::{Kept, keep_up};
use selkie_vcs::seal::{
    Conflicts, Dated, Emptiness, SealError, Sealed, Standing, Taken, Wanted, Words, draft, finish,
    seal,
};
use selkie_vcs::switch::{SwitchError, switch};
use selkie_vcs::timeline::{Protection, protect};
use selkie_vcs::undo::undo;
use selkie_vcs::{Doer, Unfinished, Workspace, fold_heads};
use tempfile::TempDir;

use crate::hearing::hear;
use crate::story::LATER;

/// A clone of somebody, who seals `a`.
struct Clone {
    folder: TempDir,
    workspace: Workspace,
    now_ms: u64,
}

const AMENDING: Wanted = Wanted {
    taken: Taken::Usual,
    standing: Standing::Amending,
    emptiness: Emptiness::Refused,
    conflicts: Conflicts::Refused,
};

fn words(message: &str) -> Words {
    Words { message: message.to_owned(), ..Words::default() }
}

fn doer(now_ms: u64) -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms, zone_minutes: 60 }
}

impl Clone {
    fn forge(key: u8, timeline: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SecretKey::from_bytes(&[key; 32]);
        let workspace =
            Workspace::forge(folder.path(), timeline, key, &doer(1_000), || LATER).unwrap();
        Self { folder, workspace, now_ms: 1_000 }
    }

    fn now(&mut self) -> Doer {
        self.now_ms += 1_000;
        doer(self.now_ms)
    }

    fn write(&self, text: &str) {
        fs::write(self.path("a"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn gather(&mut self) {
        let (now, top) = (self.now(), [RepoPath::default()]);
        gather(&mut self.workspace, &now, "gather".into(), &top).unwrap();
    }

    /// Seals `a` with this text in it.
    fn seal(&mut self, text: &str) -> SealId {
        self.write(text);
        self.gather();
        let now = self.now();
        seal(&mut self.workspace, &now, "seal".into(), text.to_owned()).unwrap().id
    }

    fn amend(&mut self, wanted: Wanted, words: Words) -> Result<Sealed, SealError> {
        let now = self.now();
        let draft = draft(&mut self.workspace, &now, wanted)?;
        finish(&mut self.workspace, &now, "seal --amend".into(), draft, words)
    }

    fn undo(&mut self) {
        let now = self.now();
        let (mut hand, _) = self.workspace.take(&now).unwrap();
        let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
        hand.perform(&back.operation).unwrap();
    }

    fn load(&self, seal: SealId) -> Seal {
        self.workspace.repository().store().load(seal).unwrap()
    }

    /// All newest seals of `main` that replicas tell of.
    fn heads(&self) -> BTreeSet<SealId> {
        self.workspace.repository().shared().timeline("main").unwrap().heads()
    }

    /// Those that are left when the history is asked.
    fn folded(&self) -> Vec<SealId> {
        let mut chronicle = self.workspace.repository().chronicle().unwrap();
        let heads = chronicle
            .ask(|graph| Ok::<_, selkie_vcs::GrowError>(fold_heads(graph, &self.heads())?))
            .unwrap();
        heads.into_iter().collect()
    }

    /// Hears all that the other says, but for objects that nothing leads to any more.
    fn hear(&mut self, other: &Self) {
        let now = self.now();
        hear(&mut self.workspace, &other.workspace, &now);
    }
}

/// East and west at one seal on `main`.
fn twins() -> ([Clone; 2], SealId) {
    let (mut east, mut west) = (Clone::forge(1, "main"), Clone::forge(2, "west"));
    let first = east.seal("one");
    west.hear(&east);
    let now = west.now();
    let carried = Unfinished::CarryOrShelve;
    switch(&mut west.workspace, &now, "switch".into(), "main", carried).unwrap();
    ([east, west], first)
}

#[test]
fn an_amended_seal_is_the_same_change_with_other_content() {
    let mut clone = Clone::forge(1, "main");
    let first = clone.seal("one");
    let second = clone.seal("two");
    clone.write("three");
    let amended = clone.amend(AMENDING, words("two")).unwrap();
    let (old, new) = (clone.load(second), clone.load(amended.id));
    assert_eq!((new.change, &new.parents), (old.change, &vec![first]));
    assert_eq!(new.replaces, BTreeSet::from([second]));
    assert!(new.tree != old.tree && new.time > old.time);
    assert_eq!(clone.heads(), BTreeSet::from([amended.id]));
    assert_eq!(clone.workspace.repository().desk().bases, [amended.id]);
}

#[test]
fn only_the_words_change_where_nothing_is_gathered_and_that_is_wanted() {
    let mut clone = Clone::forge(1, "main");
    let first = clone.seal("one");
    clone.write("not yet");
    let only_words = Wanted { taken: Taken::Gathered, ..AMENDING };
    let amended = clone.amend(only_words, words("better")).unwrap();
    assert_eq!(amended.seal.tree, clone.load(first).tree);
    assert_eq!(amended.seal.message, "better");
    let same = clone.amend(only_words, words("better"));
    assert!(matches!(same, Err(SealError::Same)));
}

#[test]
fn an_author_stays_unless_another_is_told() {
    let mut clone = Clone::forge(1, "main");
    clone.seal("one");
    let author = |name: &str| Author { name: name.into(), contact: String::new() };
    let bob = Words { author: Some(author("Bob")), ..words("one") };
    assert_eq!(clone.amend(AMENDING, bob).unwrap().seal.author, author("Bob"));
    assert_eq!(clone.amend(AMENDING, words("two")).unwrap().seal.author, author("Bob"));
    let dated = Some(Dated { ms: 500, zone_minutes: -30 });
    let early = clone.amend(AMENDING, Words { dated, ..words("two") }).unwrap().seal;
    assert_eq!((early.time.ms(), early.zone_minutes), (500, -30));
    let dated = Some(Dated { ms: u64::MAX >> 16, zone_minutes: 0 });
    let late = clone.amend(AMENDING, Words { dated, ..words("two") });
    assert!(matches!(late, Err(SealError::Later)));
}

#[test]
fn what_brings_heads_together_keeps_its_parents() {
    let ([mut east, mut west], first) = twins();
    let (one, other) = (east.seal("east"), west.seal("west"));
    east.hear(&west);
    assert_eq!(east.folded().len(), 2);
    let merge = Seal { parents: vec![one, other], message: "both".into(), ..east.load(one) };
    let store = east.workspace.repository().store();
    let batch = Batch::new(store);
    let merge = batch.put_value(&merge, Hint::NONE).unwrap();
    batch.finish().unwrap();
    let now = east.now();
    let (mut hand, _) = east.workspace.take(&now).unwrap();
    let desk = selkie_vcs::Desk { bases: vec![merge], ..hand.desk().clone() };
    let operation = hand.operation("fuse".into(), desk);
    hand.perform(&operation).unwrap();
    drop(hand);
    let amended = east.amend(AMENDING, words("both, said better")).unwrap().seal;
    assert_eq!(amended.parents, [one, other]);
    assert_ne!(amended.parents, [first]);
}

#[test]
fn nothing_is_amended_where_nothing_was_sealed() {
    let mut clone = Clone::forge(1, "main");
    let refused = clone.amend(AMENDING, words("one"));
    assert!(matches!(refused, Err(SealError::NothingBefore)));
}

#[test]
fn a_protected_timeline_keeps_its_seal() {
    let mut clone = Clone::forge(1, "main");
    let first = clone.seal("one");
    let now = clone.now();
    protect(&mut clone.workspace, &now, "protect".into(), "main", Protection::Protected).unwrap();
    let refused = clone.amend(AMENDING, words("better")).unwrap_err();
    assert!(refused.to_string().contains("protected"), "{refused}");
    assert_eq!(clone.heads(), BTreeSet::from([first]));
}

#[test]
fn a_draft_is_not_sealed_on_another_place_than_it_was_made_for() {
    let mut clone = Clone::forge(1, "main");
    clone.seal("one");
    clone.write("two");
    let now = clone.now();
    let made = draft(&mut clone.workspace, &now, Wanted::default()).unwrap();
    clone.seal("three");
    let refused = finish(&mut clone.workspace, &now, "seal".into(), made, words("two"));
    assert!(matches!(refused, Err(SealError::Moved)));
}

#[test]
fn what_is_edited_while_words_are_sought_is_not_sealed() {
    let mut clone = Clone::forge(1, "main");
    clone.seal("one");
    clone.write("two");
    let now = clone.now();
    let made = draft(&mut clone.workspace, &now, Wanted::default()).unwrap();
    let (_, tree) = made.trees();
    clone.write("three");
    let sealed = finish(&mut clone.workspace, &now, "seal".into(), made, words("two")).unwrap();
    assert_eq!(sealed.seal.tree, tree);
    assert_eq!(fs::read_to_string(clone.path("a")).unwrap(), "three");
}

#[test]
fn an_undo_brings_the_seal_back_that_was_amended() {
    let mut clone = Clone::forge(1, "main");
    let first = clone.seal("one");
    clone.amend(AMENDING, words("better")).unwrap();
    clone.undo();
    assert_eq!(clone.heads(), BTreeSet::from([first]));
    assert_eq!(clone.workspace.repository().desk().bases, [first]);
}

/// West says the seal again that east rewrote twice, without having heard of that.
#[test]
fn others_understand_that_a_seal_was_rewritten() {
    let ([mut east, mut west], first) = twins();
    east.amend(AMENDING, words("better")).unwrap();
    let best = east.amend(AMENDING, words("best")).unwrap();
    assert!(best.seal.replaces.contains(&first) && best.seal.replaces.len() == 2);
    west.seal("of west");
    west.undo();
    west.hear(&east);
    east.hear(&west);
    for clone in [&east, &west] {
        assert_eq!(clone.heads(), BTreeSet::from([first, best.id]), "both are told");
        assert_eq!(clone.folded(), [best.id], "and one is left");
    }
}

#[test]
fn what_others_built_on_a_seal_stays_beside_its_rewriting() {
    let ([mut east, mut west], _) = twins();
    let better = east.amend(AMENDING, words("better")).unwrap().id;
    let more = west.seal("more");
    west.hear(&east);
    east.hear(&west);
    let both = BTreeSet::from([better, more]);
    for clone in [&east, &west] {
        assert_eq!(clone.folded().into_iter().collect::<BTreeSet<_>>(), both);
    }
}

/// Whoever stands on the timeline was told that it stands there, and had no way to what others sealed.
#[test]
fn a_timeline_that_others_moved_on_is_gone_to_by_its_name() {
    let ([mut east, mut west], _) = twins();
    let more = east.seal("more");
    west.hear(&east);
    let go = |west: &mut Clone| {
        let now = west.now();
        switch(&mut west.workspace, &now, "switch".into(), "main", Unfinished::CarryOrShelve)
    };
    assert_eq!(go(&mut west).unwrap().seal, more);
    assert_eq!(fs::read_to_string(west.path("a")).unwrap(), "more");
    assert!(matches!(go(&mut west), Err(SwitchError::Here(name)) if name == "main"));
    west.undo();
    assert_eq!(fs::read_to_string(west.path("a")).unwrap(), "one");
}

#[test]
fn a_clone_goes_along_with_its_timeline_unless_something_of_its_own_is_in_the_way() {
    let ([mut east, mut west], first) = twins();
    let go = |west: &mut Clone| {
        let now = west.now();
        keep_up(&mut west.workspace, &now, "sync".into()).unwrap()
    };
    assert_eq!(go(&mut west), Kept::There);
    let more = east.seal("more");
    west.hear(&east);
    west.write("my own");
    assert_eq!(go(&mut west), Kept::Blocked(vec![RepoPath::new("a").unwrap()]));
    west.gather();
    assert_eq!(go(&mut west), Kept::Busy);
    west.undo();
    west.write("one");
    assert_eq!(go(&mut west), Kept::Moved(more));
    assert_eq!(fs::read_to_string(west.path("a")).unwrap(), "more");
    west.undo();
    assert_eq!(west.workspace.repository().desk().bases, [first]);
    assert_eq!(fs::read_to_string(west.path("a")).unwrap(), "one");
}

#[test]
fn a_clone_stays_where_its_timeline_diverged_or_was_rewritten() {
    let go = |west: &mut Clone| {
        let now = west.now();
        keep_up(&mut west.workspace, &now, "sync".into()).unwrap()
    };
    let ([mut east, mut west], _) = twins();
    east.seal("of east");
    west.seal("of west");
    west.hear(&east);
    assert_eq!(go(&mut west), Kept::Diverged(2));
    let ([mut east, mut west], first) = twins();
    east.amend(AMENDING, words("better")).unwrap();
    west.hear(&east);
    assert_eq!(go(&mut west), Kept::Apart);
    assert_eq!(west.workspace.repository().desk().bases, [first]);
}
