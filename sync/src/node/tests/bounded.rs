//! Nodes whose connections may take little.

use std::num::NonZeroU64;

use crate::node::bounds::Bounds;
use crate::node::tests::path::Path;
use crate::node::tests::seeds::run;
use crate::node::tests::town::{Calls, Town};
use crate::node::tests::{ms, secs};

const fn rate(per_second: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(per_second)
}

/// Two of which the first has this to spend, and which know each other.
async fn twins(path: Path, bounds: Bounds) -> Town {
    let mut town = Town::new(1, 2, path);
    town.acquaint(1, 2, Calls::First);
    town.house(1).bounds = bounds;
    town.open_all();
    town.hear_up(1, 2, secs(3)).await;
    town.pass(secs(2)).await;
    town
}

/// The first has this to spend, and the others know nobody else.
fn three(bounds: Bounds) -> Town {
    let mut town = Town::new(1, 3, Path::LAN);
    town.acquaint(2, 1, Calls::First);
    town.acquaint(3, 1, Calls::First);
    town.house(1).bounds = bounds;
    town
}

#[test]
fn what_is_sent_keeps_to_its_rate_and_what_is_new_goes_before_objects() {
    run(async {
        let mut town = three(Bounds { send: rate(100_000), ..Bounds::default() });
        town.house(1).open();
        town.house(3).open();
        let long = [town.add(1, 1_000_000)].into();
        town.see(3, secs(20)).await;
        town.house(2).open();
        town.pass(secs(3)).await;
        // Those that have what is before it have it at once, though another one is sent as much as goes.
        let small = [town.add(1, 500)].into();
        let small = town.see_these(3, &small, secs(3)).await;
        assert!(small < ms(300), "{small:?}");
        let took = secs(3) + small + town.see_these(2, &long, secs(30)).await;
        assert!((ms(9_700)..secs(12)).contains(&took), "{took:?}");
        assert_eq!(town.partings(), 0);
        town.end().await;
    });
}

#[test]
fn what_is_taken_keeps_to_its_rate_and_what_is_new_is_read_before_objects() {
    run(async {
        let mut town = three(Bounds { receive: rate(100_000), ..Bounds::default() });
        town.open_all();
        town.pass(secs(2)).await;
        let long = [town.add(2, 1_000_000)].into();
        town.pass(secs(3)).await;
        let small = [town.add(3, 500)].into();
        let small = town.see_these(1, &small, secs(3)).await;
        assert!(small < ms(300), "{small:?}");
        let took = secs(3) + small + town.see_these(1, &long, secs(30)).await;
        assert!((ms(9_700)..secs(12)).contains(&took), "{took:?}");
        assert_eq!(town.partings(), 0);
        town.end().await;
    });
}

#[test]
fn one_that_is_as_slow_as_may_be_loses_nobody() {
    run(async {
        let bounds = Bounds { send: rate(16 << 10), receive: rate(16 << 10), ..Bounds::default() };
        let mut town = twins(Path::WAN, bounds).await;
        town.add(1, 400_000);
        town.add(2, 400_000);
        town.see(1, secs(60)).await;
        town.see(2, secs(60)).await;
        assert_eq!(town.partings(), 0);
        town.end().await;
    });
}

#[test]
fn a_connection_that_has_little_room_is_sent_no_more_than_that_at_once() {
    // What is under way is what there is room for, so two million bytes take thirty times there and back.
    let far = Path { delay: ms(200), ..Path::LAN };
    let took = |memory| {
        run(async move {
            let mut town = twins(far, Bounds { memory, ..Bounds::default() }).await;
            (0..5).for_each(|_| _ = town.add(2, 400_000));
            let took = town.see(1, secs(60)).await;
            town.end().await;
            took
        })
    };
    let (little, much) = (took(128 << 10), took(64 << 20));
    assert!(little > secs(12), "{little:?}");
    assert!(much < secs(6), "{much:?}");
}

#[test]
fn a_peer_whose_messages_come_too_fast_is_held_up_and_loses_nothing() {
    let took = |messages| {
        run(async move {
            let messages = rate(messages).unwrap_or(NonZeroU64::MIN);
            let mut town = twins(Path::LAN, Bounds { messages, ..Bounds::default() }).await;
            (0..40).for_each(|_| _ = town.add(2, 40_000));
            let took = town.see(1, secs(120)).await;
            assert_eq!(town.partings(), 0);
            town.end().await;
            took
        })
    };
    let (slow, fast) = (took(1), took(5_000));
    assert!(slow > secs(5) && fast < secs(2), "{slow:?}, {fast:?}");
}
