//! What a node tells of who is connected with whom.

use super::*;
use crate::core::topology::{Tie, Topology};
use crate::gossip::branch::Branch;
use crate::membership::member::State;
use crate::membership::seen::Seen;

fn topology(pair: &Pair, number: usize) -> Topology {
    pair.nodes[number].core.topology(pair.now)
}

/// How the other of the two hears of what is new.
fn branches(pair: &Pair, number: usize) -> Vec<(ChannelId, Branch)> {
    topology(pair, number).ties.remove(0).branches
}

fn shared() -> Pair {
    let mut pair = Pair::met();
    pair.grant(&Right::Write(Scope::All));
    pair
}

#[test]
fn both_ends_tell_of_one_connection_and_who_called() {
    let mut pair = shared();
    let lasts = Duration::from_secs(3);
    pair.now += lasts;
    for (number, side) in [(0, Side::Calls), (1, Side::IsCalled)] {
        let told = topology(&pair, number);
        let branches = vec![(HOME, Branch::Eager)];
        assert_eq!(told.ties, [Tie { peer: id(1 - number), side, lasts, branches }]);
        let seen = Seen { node: id(1 - number), state: State::Here, lasts, doubted_by: vec![] };
        assert_eq!(told.members, [seen]);
    }
}

#[test]
fn a_peer_that_asks_not_to_be_sent_what_it_has_is_told_of_it() {
    let mut pair = shared();
    let prune = Message { channel: HOME, says: gossip::message::Says::Prune };
    let bytes = selkie_store::encode(&prune).unwrap();
    pair.happens(0, Input::Message(CALL, Lane::Gossip, bytes));
    assert_eq!(branches(&pair, 0), [(HOME, Branch::Lazy)]);
    assert_eq!(branches(&pair, 1), [(HOME, Branch::Eager)], "each end decides for what it sends");
}

#[test]
fn a_peer_that_does_not_read_is_full_until_it_reads() {
    let mut pair = shared();
    pair.happens(0, Input::Stalled(CALL));
    assert_eq!(branches(&pair, 0), [(HOME, Branch::Full)]);
    pair.happens(0, Input::Drained(CALL));
    assert_eq!(branches(&pair, 0), [(HOME, Branch::Eager)]);
}

#[test]
fn a_peer_that_shares_the_channel_no_longer_is_closed() {
    let mut pair = shared();
    pair.happens(1, Input::Closed(HOME));
    pair.add(0, "pear");
    assert_eq!(branches(&pair, 0), [(HOME, Branch::Closed)]);
}

#[test]
fn who_is_lost_is_no_tie_and_is_doubted_by_this_node_until_it_is_down() {
    let mut pair = shared();
    pair.happens(0, Input::Session(session::Input::Broken(CALL)));
    pair.line.clear();
    assert_eq!(topology(&pair, 0).ties, []);
    let mut stood = Vec::new();
    for _ in 0..600 {
        pair.now += Duration::from_millis(100);
        pair.happens(0, Input::Tick);
        pair.line.clear();
        let Seen { state, doubted_by, .. } = topology(&pair, 0).members.remove(0);
        if stood.last().is_none_or(|(before, _)| *before != state) {
            stood.push((state, doubted_by));
        }
        if state == State::Down {
            break;
        }
    }
    let own = vec![id(0)];
    let expected = [(State::Here, vec![]), (State::Suspected, own.clone()), (State::Down, own)];
    assert_eq!(stood, expected);
}
