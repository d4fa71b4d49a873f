//! A parcel that comes along with the wish for what it holds.

use std::collections::BTreeSet;

use selkie_store::{Bases, Batch, Hint, Kind, ObjectId};
use selkie_sync::{Along, Intake, Name, ObjectsOutput, ObjectsWhy as Why, Outlet, Request, Wanted};

use crate::garden::{CHANNEL, Garden, noise};
use crate::net::{Net, seeds};

/// East with one seal more than west, which is wanted; and the parcel of it.
fn ahead() -> (Garden, Garden, Request, Vec<u8>) {
    let mut east = Garden::grown(1, 40, 3);
    let west = Garden::empty();
    Net::of(0, &[&west, &east]).fetch(&[1], west.request());
    west.hear(&east);
    let before = east.request().have;
    east.files.get_mut("part1/file6.rs").unwrap().extend(b"one line\n");
    let late = east.seal().object();
    let wanted = Wanted::Behind(vec![Name::of(late)]);
    let request = Request { channel: CHANNEL, have: before.clone(), wanted };
    let have = before.into_iter().collect();
    let along = Outlet::small(&east.store, &have, &[late].into()).unwrap().unwrap();
    (east, west, request, along)
}

fn fetched() -> ObjectsOutput {
    ObjectsOutput::Fetched(1, BTreeSet::new())
}

/// The wanted seal, and one more object that nothing links to.
fn with_a_stowaway(east: &mut Garden, request: &Request) -> Vec<u8> {
    let batch = Batch::new(&*east.store);
    let stowaway = batch.put(Kind::Blob, &noise(9, 40), Hint::NONE).unwrap();
    batch.finish().unwrap();
    let have = request.have.iter().copied().collect();
    let Wanted::Behind(names) = &request.wanted else { unreachable!("so it was made") };
    let roots: BTreeSet<ObjectId> = [names[0].id(), stowaway].into();
    Outlet::small(&east.store, &have, &roots).unwrap().unwrap()
}

#[test]
fn nobody_is_asked_for_what_came_along() {
    let (east, west, request, along) = ahead();
    let mut net = Net::of(0, &[&west, &east]);
    assert_eq!(net.fetch_along(&[1], request, along), fetched());
    assert_eq!(net.delivered, 0);
    assert_eq!(west.ids(), east.ids());
    assert!(west.is_whole());
}

#[test]
fn what_does_not_do_is_let_go_and_asked_for() {
    let (mut east, _, request, along) = ahead();
    let more = with_a_stowaway(&mut east, &request);
    // To who has nothing at all, one; to who has all before, the other.
    for (what, along, has_all) in [("no base", along, false), ("more than wanted", more, true)] {
        let west = Garden::empty();
        let mut had = Garden::grown(1, 40, 3);
        Net::of(0, &[&west, &had]).fetch(&[1], west.request());
        if !has_all {
            had = Garden::empty();
        }
        let west = if has_all { west } else { had };
        let before = west.ids();
        let mut net = Net::of(0, &[&west, &east]);
        let all = Request { have: Vec::new(), ..request.clone() };
        let request = if has_all { request.clone() } else { all };
        assert_eq!(net.fetch_along(&[1], request.clone(), along), fetched(), "{what}");
        assert!(net.delivered > 0 && net.blamed().is_empty(), "{what}");
        let Wanted::Behind(names) = request.wanted else { unreachable!("so it was made") };
        assert!(west.store.has(&names[0].id()).unwrap(), "{what}");
        assert!(west.is_whole() && west.ids().len() > before.len(), "{what}");
        assert!(!west.store.has(&ObjectId::of(Kind::Blob, &noise(9, 40))).unwrap(), "{what}");
    }
}

#[test]
fn what_is_no_parcel_is_a_lie_and_another_is_asked() {
    let (east, west, request, along) = ahead();
    let north = Garden::empty();
    Net::of(0, &[&north, &east]).fetch(&[1], north.request());
    north.hear(&east);
    for at in (0..along.len()).step_by(if seeds(1) > 1 { 1 } else { 29 }) {
        let mut bent = along.clone();
        bent[at] ^= 0x55;
        let west_again = Garden::empty();
        Net::of(0, &[&west_again, &west]).fetch(&[1], west_again.request());
        west_again.hear(&west);
        let mut net = Net::of(at as u64, &[&west_again, &east, &north]);
        assert_eq!(net.fetch_along(&[1, 2], request.clone(), bent), fetched(), "{at}");
        assert_eq!(west_again.ids(), east.ids(), "{at}");
        assert!(net.blamed().iter().all(|(peer, why)| (*peer, *why) == (1, Why::Lie)), "{at}");
    }
    let mut net = Net::of(0, &[&west, &east, &north]);
    assert_eq!(net.fetch_along(&[1, 2], request, b"no parcel".to_vec()), fetched());
    assert_eq!(net.blamed(), [(1, Why::Lie)]);
}

#[test]
fn nothing_of_what_is_let_go_is_kept() {
    let (mut east, west, request, along) = ahead();
    let more = with_a_stowaway(&mut east, &request);
    let before = west.ids();
    let Wanted::Behind(names) = &request.wanted else { unreachable!("so it was made") };
    let wanted = [names[0].id()];
    let mut both = vec![wanted[0], ObjectId::of(Kind::Blob, b"another")];
    both.sort_unstable();
    {
        let mut intake = Intake::new(&*west.store).unwrap();
        assert_eq!(intake.take_along(&more, &wanted), Along::Short);
        assert_eq!(intake.take_along(&along, &both), Along::Short, "it is not all");
        assert_eq!(intake.take_along(&along[..9], &wanted), Along::Lie);
        assert_eq!(west.ids(), before);
        assert_eq!(intake.tops(), []);
        assert!(matches!(intake.take_along(&along, &wanted), Along::Whole(1.., 1..)));
    }
    assert!(west.store.has(&wanted[0]).unwrap() && west.is_whole());
}

#[test]
fn what_is_not_small_does_not_go_along() {
    let east = Garden::noisy(2, 200_000);
    let roots = [east.seals[0].object()].into();
    assert_eq!(Outlet::small(&east.store, &[].into(), &roots).unwrap(), None);
    let mut many = Garden::empty();
    many.files = (0..1200).map(|number| (format!("file{number}"), noise(number, 4))).collect();
    many.seal();
    let roots = [many.seals[0].object()].into();
    assert_eq!(Outlet::small(&many.store, &[].into(), &roots).unwrap(), None);
    let few = Garden::grown(1, 10, 3);
    let roots = [few.seals[3].object()].into();
    let parcel = Outlet::small(&few.store, &[].into(), &roots).unwrap().unwrap();
    let whole =
        Outlet::plan(&few.store, &Request { wanted: Wanted::News, ..Garden::empty().request() });
    let first = whole.unwrap().load(&few.store, 0, Bases::Before).unwrap();
    assert_eq!(first, Some(parcel));
}
