//! Those who speak QUIC and are no nodes, or no good ones.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use quinn::{ConnectionError, Endpoint};
use tokio::runtime::{Builder, Runtime};

use crate::caller::call;
use crate::crowd::Crowd;
use crate::house::{DEADLINE, House, anywhere};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// The alert of TLS with which a connection ended.
async fn alert(at: SocketAddr, protocol: &[u8]) -> u64 {
    let endpoint = Endpoint::client(anywhere()).unwrap();
    let error = match call(&endpoint, at, protocol, None).await {
        Err(error) => error,
        // A client is done before its server has looked at its key.
        Ok(connection) => connection.closed().await,
    };
    match error {
        ConnectionError::ConnectionClosed(close) => u64::from(close.error_code) & 0xff,
        other => panic!("it ended by {other}"),
    }
}

#[test]
fn who_shows_no_key_or_speaks_another_protocol_is_sent_away_by_tls() {
    let east = House::new(1);
    let at = east.node.address();
    let (no_key, other_protocol) = runtime().block_on(async {
        let both = async { (alert(at, b"selkie/1").await, alert(at, b"selkie/2").await) };
        tokio::time::timeout(DEADLINE, both).await.unwrap()
    });
    // `handshake_failure`, since there is no kind of key that both would show; and `no_application_protocol`.
    assert_eq!((no_key, other_protocol), (40, 120));
    assert_eq!(east.node.peers(), []);
}

#[test]
fn who_knocks_too_often_is_not_answered() {
    let east = House::new(1);
    let at = east.node.address();
    let began = Instant::now();
    let answered = runtime().block_on(async {
        let mut knocks = tokio::task::JoinSet::new();
        (0..60).for_each(|_| drop(knocks.spawn(async move { alert(at, b"selkie/1").await })));
        let mut answered = 0;
        let patience = Duration::from_secs(1);
        let all = async {
            while knocks.join_next().await.is_some() {
                answered += 1;
            }
        };
        let all_answered = tokio::time::timeout(patience, all).await.is_ok();
        assert!(!all_answered);
        answered
    });
    // Twenty at once and five a second; a busy machine answers fewer in time.
    let most = 20 + 5 * (began.elapsed().as_secs() + 1);
    assert!((1..=most).contains(&answered), "{answered} were answered");
    // Whoever is in stays in, and the node lives.
    assert_eq!(east.node.why_not(crate::house::id(9)), Some(selkie_sync::Why::Unwanted));
}

#[test]
fn a_crowd_of_strangers_takes_nothing_from_those_who_are_in() {
    let (east, west) = (House::new(1), House::new(2));
    let items: Vec<String> = (0..20).map(|n| format!("item-{n}-100000")).collect();
    east.add(&items[..10]);
    west.meet(&east);
    west.wait_until_it_has(&items[..10]);
    let _crowd = Crowd::at(east.node.address(), 1_000);
    east.add(&items[10..]);
    west.wait_until_it_has(&items);
    assert_eq!(east.node.peers(), [west.node.id()]);
}

/// Strangers held all doors, and a peer that came tried again and again, in a minute and more.
#[test]
fn who_shares_something_comes_in_through_a_crowd_of_strangers() {
    let east = House::new(1);
    let items: Vec<String> = (0..5).map(|n| format!("item-{n}-1000")).collect();
    east.add(&items);
    let _crowd = Crowd::at(east.node.address(), 1_000);
    for number in 2..6 {
        let west = House::new(number);
        west.meet(&east);
        west.wait_until_it_has(&items);
        west.node.close();
    }
}
