//! History that goes from clone to clone in a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use selkie_store::{Author, RepoPath, SealId, SecretKey, verify};
use selkie_vcs::bundling::{BundleError, Came, Names, Wanted, bring, create, take as take_files};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal as seal_files;
use selkie_vcs::undo::undo;
use selkie_vcs::{Bare, Bundle, Doer, OpenBundleError, Repository, Workspace};

use crate::bundles::body::{bundle, example, hashed, name, repository, seal, take, writer};
use crate::lots::Lots;
use crate::story::LATER;

mod body;

fn these(names: &[&str]) -> Names {
    Names::These(names.iter().map(|name| (*name).to_owned()).collect())
}

fn written(repository: &Repository, names: Names, without: &[SealId]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let wanted = Wanted { names, without: without.to_vec() };
    create(repository, &wanted, &mut bytes, |_| ()).unwrap();
    bytes
}

fn heads(repository: &Repository, timeline: &str) -> BTreeSet<SealId> {
    repository.shared().timeline(timeline).map(|found| found.heads()).unwrap_or_default()
}

fn taken(repository: &mut Repository, bytes: &[u8]) -> Result<Vec<Came>, BundleError> {
    let writer = writer(2);
    let mut bundle = Bundle::open(bytes).unwrap();
    let brought = bring(repository, &mut bundle, &Names::All, |_| ())?;
    let taken = brought.tell(&mut repository.take(&writer, &Bare, 9).unwrap(), "take".into())?;
    Ok(taken.timelines.into_values().collect())
}

#[test]
fn the_same_store_writes_the_same_bytes() {
    assert_eq!(example(), example());
}

#[test]
fn what_is_taken_in_is_whole() {
    let taken = take(&example()).expect("it is a good one");
    assert_eq!(taken.timelines.into_values().collect::<Vec<_>>(), [Came::New, Came::New]);
}

#[test]
fn of_a_bundle_that_is_cut_or_altered_nothing_is_taken() {
    let example = example();
    for length in (0..example.len()).step_by(23) {
        assert_eq!(take(&example[..length]), None, "cut to {length}");
    }
    for at in (0..example.len()).step_by(11) {
        let mut altered = example.clone();
        altered[at] ^= 0x41;
        assert_eq!(take(&altered), None, "byte {at}");
    }
}

#[test]
fn a_parcel_that_is_left_out_is_missed() {
    let example = example();
    let contents = u32::from_le_bytes(example[8..12].try_into().unwrap()) as usize;
    let mut bytes = example[..12 + contents].to_vec();
    bytes.extend([0; 4]);
    assert_eq!(take(&hashed(bytes)), None);
}

/// What a stranger makes of it: half of them bytes of a good one that are others, with a hash that is right.
#[test]
fn no_bundle_of_a_stranger_does_harm() {
    let rounds = std::env::var("STRANGE_BUNDLES").ok().and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(150) {
        let mut lots = Lots(round);
        let way = lots.of(&[0, 1, 2, 2, 2]);
        let more = 3 * (1 + lots.below(4));
        let rest = (0..more).map(|_| u8::try_from(lots.below(256)).unwrap());
        bundle(&[way].into_iter().chain(rest).collect::<Vec<_>>());
    }
}

#[test]
fn what_came_since_a_seal_needs_that_seal() {
    let (mut here, mut there) = (repository(), repository());
    let writer = writer(1);
    let mut hand = here.take(&writer, &Bare, 5).unwrap();
    let first = seal(&hand, &[], b"first");
    name(&mut hand, &[("main", first)]);
    drop(hand);
    let whole = written(&here, Names::All, &[]);
    let mut hand = here.take(&writer, &Bare, 6).unwrap();
    let second = seal(&hand, &[first], b"the second");
    name(&mut hand, &[("main", second)]);
    drop(hand);
    let news = written(&here, these(&["main"]), &[first]);
    let refused = taken(&mut there, &news).unwrap_err();
    let BundleError::Open(OpenBundleError::Lacking(lacking)) = refused else { panic!("{refused}") };
    assert_eq!(lacking.into_keys().collect::<Vec<_>>(), [first]);
    assert_eq!(taken(&mut there, &whole).unwrap(), [Came::New]);
    assert_eq!(taken(&mut there, &news).unwrap(), [Came::Further]);
    assert_eq!(taken(&mut there, &news).unwrap(), [Came::Known]);
    assert_eq!(verify(there.store(), |_| ()).unwrap().len(), 0);
    let empty = create(&here, &Wanted { names: Names::All, without: vec![second] }, vec![], |_| ());
    assert!(matches!(empty, Err(BundleError::Nothing)));
}

#[test]
fn what_both_sealed_diverges() {
    let (mut here, mut there) = (repository(), repository());
    for (repository, text) in [(&mut here, b"here"), (&mut there, b"else")] {
        let writer = writer(text[0]);
        let mut hand = repository.take(&writer, &Bare, 5).unwrap();
        let only = seal(&hand, &[], text);
        name(&mut hand, &[("main", only)]);
    }
    let bytes = written(&here, Names::All, &[]);
    assert_eq!(taken(&mut there, &bytes).unwrap(), [Came::Diverged]);
    assert_eq!(heads(&there, "main").len(), 2);
}

/// The whole file was read with the clone in hand, and whoever typed something else waited for it.
#[test]
fn while_a_bundle_comes_others_go_on() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    let forge = |folder: &Path, key: u8| {
        let key = SecretKey::from_bytes(&[key; 32]);
        Workspace::forge(folder, "main", key, &doer(1), || LATER).unwrap()
    };
    let sealed = |folder: &Path, workspace: &mut Workspace, now_ms| {
        fs::write(folder.join("song"), format!("verse {now_ms}")).unwrap();
        let top = [RepoPath::default()];
        gather(workspace, &doer(now_ms), "gather".into(), &top).unwrap();
        seal_files(workspace, &doer(now_ms), "seal".into(), "a verse".into()).unwrap().id
    };
    let (mut taker, mut giver) = (forge(&here, 1), forge(&there, 2));
    let theirs = sealed(&there, &mut giver, 2);
    let bytes = written(giver.repository(), Names::All, &[]);
    let key = SecretKey::from_bytes(&[1; 32]);
    let mut beside = Workspace::open(&here, &[], key, || LATER).unwrap();
    let mut ours = None;
    let mut bundle = Bundle::open(&*bytes).unwrap();
    let taken = take_files(&mut taker, &doer(3), "take".into(), &mut bundle, &Names::All, |_| {
        _ = ours.get_or_insert_with(|| sealed(&here, &mut beside, 4));
    });
    assert_eq!(taken.unwrap().timelines.into_values().collect::<Vec<_>>(), [Came::Diverged]);
    let ours = ours.expect("it was told how far it is");
    assert_eq!(heads(taker.repository(), "main"), [ours, theirs].into());
    let (mut hand, _) = taker.take(&doer(5)).unwrap();
    let back = undo(hand.operations().unwrap(), hand.time(), "undo".into()).unwrap();
    hand.perform(&back.operation).unwrap();
    drop(hand);
    assert_eq!(heads(taker.repository(), "main"), [ours].into());
}

fn doer(now_ms: u64) -> Doer {
    Doer { author: Author::default(), now_ms, zone_minutes: 0 }
}

/// Any part of any history, for somebody who has any other part of it.
#[test]
fn whoever_has_what_it_builds_upon_has_all_of_it_after() {
    for number in 0..20 {
        let mut lots = Lots(number);
        let (mut here, mut there) = (repository(), repository());
        let writer = writer(1);
        let mut hand = here.take(&writer, &Bare, 5).unwrap();
        let mut seals = vec![seal(&hand, &[], b"root")];
        for at in 0..10 {
            let mut parents = vec![lots.of(&seals)];
            if lots.below(3) == 0 {
                parents.push(lots.of(&seals));
                parents.dedup();
            }
            // Contents come back, so an object is in many seals.
            let text = format!("{}", lots.below(4)).repeat(1 + at % 3);
            seals.push(seal(&hand, &parents, text.as_bytes()));
        }
        let (had, wanted) = (lots.of(&seals), lots.of(&seals));
        name(&mut hand, &[("had", had), ("wanted", wanted)]);
        drop(hand);
        let before = written(&here, these(&["had"]), &[]);
        taken(&mut there, &before).unwrap();
        let mut bytes = Vec::new();
        let asked = Wanted { names: these(&["wanted"]), without: vec![had] };
        match create(&here, &asked, &mut bytes, |_| ()) {
            Err(BundleError::Nothing) => continue,
            made => _ = made.unwrap(),
        }
        taken(&mut there, &bytes).unwrap();
        assert_eq!(heads(&there, "wanted"), [wanted].into(), "round {number}");
        assert!(verify(there.store(), |_| ()).unwrap().is_empty(), "round {number}");
    }
}
