//! The page of the protocol, held to what is built: names and numbers of kinds, limits, words that are hashed.

use std::fmt::Display;

use selkie_crdt::ActorId;
use selkie_store::{Coded, Fork, SecretKey, encode};

use crate::channel_id::ChannelId;
use crate::core::mend::{Mend, Opener, Refusal};
use crate::discovery::errand::{ERRANDS_MAX, Errand, Full, Packet, Reply, WORD_MAX, WORDS_MAX};
use crate::discovery::heard::SLACK_MS;
use crate::discovery::packet::Secret;
use crate::discovery::presence::{Matter, Presence};
use crate::discovery::spot::Spot;
use crate::gossip::message::{
    ALONG_LEN_MAX, Cause, ITEMS_MAX, Item, Listing, Message as Gossip, Run, STREAMS_MAX, Says,
    Turn, Wish,
};
use crate::identity::delegation::{Delegation, Revocation};
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::{Signed, Statement};
use crate::membership::message::{Hail, Message as Membership, News, Stretch};
use crate::membership::statement::{Accusation, Incarnation, Life};
use crate::objects::message::{After, Message as Objects, PART_LEN_MAX, Why};
use crate::objects::offer::{HAVE_MAX, NAMES_MAX, Offer, PIECES_MAX, Request, Wanted};
use crate::objects::source::PARCEL_LEN_MAX;
use crate::repair::difference::MISSING_MAX;
use crate::repair::message::{OPEN_CELLS, Part, RepairMessage, Turn as RepairTurn};
use crate::repair::order::By;
use crate::repair::sketch::{COARSE, FINE};
use crate::session::control::{Control, Goodbye, Hello, Versions};
use crate::wire::lane::Lane;

const PAGE: &str = include_str!("../../docs/protocol.md");

const NAME: NodeId = NodeId::from_bytes([3; NodeId::LEN]);
const STREAM: ActorId = ActorId::from_bytes([4; 16]);

/// The first column of the table that begins with `| kind`, below a title.
fn kinds(title: &str) -> Vec<&'static str> {
    let below = PAGE.split_once(&format!("\n## {title}\n")).expect("the page has the title").1;
    let rows = below.lines().skip_while(|line| !line.starts_with("| kind")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row[1..].split('|').next().unwrap_or_default().trim()).collect()
}

/// Holds the kinds of messages, each with its name, to a table. Their numbers stand `at` this byte.
fn agree<T: Coded>(title: &str, at: usize, samples: &[(&str, T)]) {
    let bytes = samples.iter().map(|(_, sample)| encode(sample).expect("it keeps the rules")[at]);
    let named: Vec<_> =
        bytes.zip(samples).map(|(byte, (name, _))| (usize::from(byte), *name)).collect();
    let told: Vec<_> = kinds(title).into_iter().enumerate().collect();
    assert_eq!(named, told, "{title}");
}

/// Whether the page says this, however its lines are broken.
fn says(words: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain(PAGE).contains(&plain(words))
}

/// A number as people read it.
fn spaced(number: impl Display) -> String {
    let digits = number.to_string();
    let group = |(at, digit): (usize, char)| {
        let is_first = at > 0 && (digits.len() - at).is_multiple_of(3);
        [is_first.then_some(' '), Some(digit)].into_iter().flatten()
    };
    digits.chars().enumerate().flat_map(group).collect()
}

#[test]
fn lanes_have_these_limits() {
    let told = |lane| match lane {
        Lane::Datagram => "| datagram | a QUIC datagram for each message | 1 150 bytes |",
        Lane::Control => "| control | a stream | 64 KiB |",
        Lane::Members => "| members | a stream | 128 KiB |",
        Lane::Gossip => "| gossip | a stream | 2 MiB + 64 KiB |",
        Lane::Repair => "| repair | a stream | 65 KiB |",
        Lane::Bulk => "| bulk | a stream | 1 MiB + 4 KiB |",
    };
    assert!(Lane::ALL.into_iter().all(|lane| says(told(lane))));
    let kib = [64, 128, 2048 + 64, 65, 1024 + 4].map(|kib| kib << 10);
    let lens = [1_150, kib[0], kib[1], kib[2], kib[3], kib[4]];
    assert_eq!(Lane::ALL.map(Lane::len_max), lens);
}

#[test]
fn what_is_said_to_begin_and_end_has_these_numbers() {
    let hello = Hello {
        network: NetworkId::named("home"),
        versions: Versions::OURS,
        features: 0,
        delegation: None,
        proof: None,
        record: None,
    };
    let samples = [
        ("hello", Control::Hello(Box::new(hello))),
        ("ping", Control::Ping(1)),
        ("pong", Control::Pong(1)),
        ("records", Control::Records(Vec::new())),
        ("goodbye", Control::Goodbye(Goodbye::Done)),
    ];
    agree("Control", 1, &samples);
    let last = encode(&Control::Goodbye(Goodbye::Rude)).unwrap()[2];
    assert!(says(
        "done, full (seconds to wait), stranger, revoked, other network, other version (least, most), yourself, double, silent, rude"
    ));
    assert_eq!(last, 9);
}

#[test]
fn what_is_said_of_a_channel_has_these_numbers() {
    let listing = Listing { first: STREAM, last: STREAM, stands: Vec::new() };
    let item = Item { payload: Vec::new(), signature: [0; 64] };
    let run = Run { stream: STREAM, after: 0, items: vec![item] };
    let says_of = [
        ("sum", Says::Sum([0; 16], Turn::Asks)),
        ("stands", Says::Stands(listing, Wish::Entries, Turn::Asks)),
        ("have", Says::Have(Vec::new())),
        ("want", Says::Want(Vec::new())),
        ("entries", Says::Entries(vec![run], Cause::Push, Vec::new())),
        ("prune", Says::Prune),
        ("closed", Says::Closed),
        ("room", Says::Room(1)),
        ("ended", Says::Ended(STREAM, Vec::new())),
    ];
    let channel = ChannelId::from_bytes([0; ChannelId::LEN]);
    agree("Gossip", 17, &says_of.map(|(name, says)| (name, Gossip { channel, says })));
    assert!(says(&format!(
        "at most {STREAMS_MAX} in a message; at most {} entries",
        spaced(ITEMS_MAX)
    )));
    assert!(says(&format!("(at most {} KiB) or no bytes", ALONG_LEN_MAX >> 10)));
    assert_eq!(Fork::LEN_MAX, (2 << 20) + 512);
    assert!(says("at most 2 MiB and 512 bytes"));
}

#[test]
fn what_is_said_of_objects_has_these_numbers() {
    let (transfer, why, after) = (1, Why::Done, After::Before);
    let channel = ChannelId::from_bytes([0; ChannelId::LEN]);
    let request = Request { channel, have: Vec::new(), wanted: Wanted::News };
    let samples = [
        ("want", Objects::Want { transfer, request, credit: 1 }),
        ("ask", Objects::Ask { transfer, piece: 0, after }),
        ("grant", Objects::Grant { transfer, bytes: 1 }),
        ("stop", Objects::Stop { transfer, why }),
        ("offer", Objects::Offer { transfer, offer: Offer::default(), comes: true }),
        ("refuse", Objects::Refuse { transfer, why }),
    ];
    let named =
        samples.map(|(name, message)| (usize::from(message.into_bytes().unwrap()[1]), name));
    assert_eq!(named.to_vec(), kinds("Objects").into_iter().enumerate().collect::<Vec<_>>());
    assert!(says("Why, in this order: done, unwanted, busy, unreadable, slow, lie, too much."));
    assert_eq!(
        [Why::Done, Why::Unwanted, Why::Busy, Why::Unreadable, Why::Slow, Why::Lie, Why::TooMuch]
            .map(|why| why as u8),
        [0, 1, 2, 3, 4, 5, 6]
    );
    for (what, most) in [
        ("logs in `have`, ascending", HAVE_MAX),
        ("ids in a list, ascending where they are wanted", NAMES_MAX),
        ("bytes of a parcel in one message", PART_LEN_MAX),
        ("bytes of a parcel", PARCEL_LEN_MAX.try_into().unwrap()),
    ] {
        assert!(says(&format!("| {what} | {} |", spaced(most))), "{what}");
    }
    assert!(says(&format!("| pieces of an offer; ids of one | {}; 1 to 8 |", spaced(PIECES_MAX))));
}

#[test]
fn what_members_say_has_these_numbers() {
    let news = News::default();
    let hail = Hail { number: 1, incarnation: Incarnation::FIRST, news: news.clone() };
    let stretches = vec![Stretch { upto: NAME, digest: [0; 16] }];
    let samples = [
        ("ping", Membership::Ping(hail.clone())),
        ("ack", Membership::Ack(hail)),
        ("ask", Membership::Ask { number: 1, whom: NAME }),
        ("answered", Membership::Answered { number: 1 }),
        ("silent", Membership::Silent { number: 1 }),
        ("tell", Membership::Tell(news.clone())),
        ("who", Membership::Who),
        ("compare", Membership::Compare { after: None, stretches }),
        ("differ", Membership::Differ { after: None, upto: NAME, news }),
    ];
    agree("Membership", 1, &samples);
    let (lives, accusations, records) = (News::LIVES_MAX, News::ACCUSATIONS_MAX, News::RECORDS_MAX);
    assert!(says(&format!(
        "lives (at most {lives}), a list of accusations (at most {accusations}) and a list of node records (at most {records})"
    )));
    assert!(says(&format!("at most {} in a message, ascending", Membership::STRETCHES_MAX)));
    assert!(says(&format!("skips at most {}", spaced(Incarnation::SKIPPED_MAX))));
}

#[test]
fn what_is_said_in_a_repair_has_these_numbers() {
    let (nonce, count) = ([0; 16], 1);
    let samples = [
        ("open", Part::Open { nonce, count, short: None }),
        ("answer", Part::Answer { nonce, count }),
        ("sketch", Part::Sketch(vec![0; FINE])),
        ("cells", Part::Cells(vec![0; 10])),
        ("more", Part::More { cells: 1 }),
        ("ask", Part::Ask { by: By::Image, spans: vec![settled()] }),
        ("reply", Part::Reply { spans: vec![settled()] }),
        ("ids", Part::Ids(vec![0; 32])),
        ("gaps", Part::Gaps(vec![1])),
        ("tails", Part::Tails(vec![0; 24])),
        ("proof", Part::Proof([0; 32])),
    ];
    let turn = RepairTurn::Ends;
    agree("One repair", 1, &samples.map(|(name, part)| (name, RepairMessage { part, turn })));
    let proof = RepairMessage { part: Part::Proof([0; 32]), turn };
    let channel = ChannelId::from_bytes([0; ChannelId::LEN]);
    let mends = [
        ("open", Mend::Open(channel, proof.clone())),
        ("says", Mend::Says(Opener::Me, proof)),
        ("over", Mend::Over(Opener::Me, Refusal::Closed)),
    ];
    agree("Repair", 1, &mends);
    assert!(says(&format!(
        "list of {COARSE} counters, cells (bytes, {} of them)",
        OPEN_CELLS * 10
    )));
    assert!(says(&format!("list of {} counters", spaced(FINE))));
    assert!(says(&format!("more than {} ids", spaced(MISSING_MAX))));
}

fn settled() -> crate::repair::message::Span {
    crate::repair::message::Span::new(None, crate::repair::message::Says::Settled)
}

#[test]
fn what_is_said_to_all_that_are_near_has_these_numbers() {
    let address = "192.0.2.1:7355".parse().unwrap();
    for (number, matter) in [(0, Matter::Here), (1, Matter::Asks), (2, Matter::Leaves)] {
        let bytes = encode(&Presence { matter, time_ms: 1, address }).unwrap();
        assert_eq!(bytes[1], number);
    }
    assert!(says("| matter | here, asks or leaves |"));
    assert!(says(&format!("all of them have {} bytes", Secret::PACKET_LEN)));
    assert_eq!(SLACK_MS, 600_000);
    assert!(says("more than ten minutes from the receiver's"));
}

#[test]
fn what_is_said_at_a_rendezvous_has_these_numbers() {
    let spot = Spot::from_bytes([0; Spot::LEN]);
    let word = vec![Packet([0; Secret::PACKET_LEN])];
    let samples = [
        ("list", Errand::List(spot)),
        ("register", Errand::Register { spot, seconds: 1, word }),
        ("unregister", Errand::Unregister(spot)),
    ];
    agree("Rendezvous", 1, &samples);
    let you = "192.0.2.1:7355".parse().unwrap();
    let replies = [
        ("listed", Reply::Listed { you, words: Vec::new() }),
        ("registered", Reply::Registered(1)),
        ("unregistered", Reply::Unregistered),
        ("refused", Reply::Refused(Full::Server)),
    ];
    for (number, (name, reply)) in replies.iter().enumerate() {
        assert_eq!(usize::from(encode(reply).unwrap()[1]), number);
        assert!(says(&format!("| {name} |")), "{name}");
    }
    let full = [Full::Server, Full::Spot, Full::Visitor, Full::Neighbourhood];
    let numbers = full.map(|full| encode(&Reply::Refused(full)).unwrap()[2]);
    assert_eq!(numbers, [0, 1, 2, 3]);
    assert!(says("what is full: server, spot, visitor or neighbourhood"));
    assert!(says(&format!("at most {ERRANDS_MAX} errands in one visit")));
    assert!(says(&format!(
        "1 to {WORD_MAX} packets, of one time; a reply at most {WORDS_MAX} words"
    )));
    assert!(says("An errand has at most 700 bytes, a reply 42 000"));
    assert_eq!((Errand::LEN_MAX, Reply::LEN_MAX), (700, 42_000));
}

#[test]
fn what_is_signed_is_for_these_purposes() {
    let purposes = [
        NodeRecord::PURPOSE,
        Delegation::PURPOSE,
        Revocation::PURPOSE,
        Life::PURPOSE,
        Accusation::PURPOSE,
        Presence::PURPOSE,
    ];
    assert!(purposes.iter().all(|purpose| says(&format!("| `{purpose}` |"))));
    let life = Life {
        incarnation: Incarnation::FIRST,
        standing: crate::membership::statement::Standing::Here,
    };
    let signed =
        Signed::new(&life, &NetworkId::named("home"), &SecretKey::from_bytes(&[1; 32])).unwrap();
    let news = News { lives: vec![signed], ..News::default() };
    // Version, kind, how many lives, and of the first: the key, its body with the length before it, and the signature so.
    let length = encode(&Membership::Tell(news)).unwrap().len();
    assert_eq!(length, 1 + 1 + 1 + 32 + (1 + 3) + (1 + 64) + 1 + 1);
}

#[test]
fn what_is_hashed_is_kept_apart_by_these_words() {
    let sources = [
        include_str!("gossip/stand.rs"),
        include_str!("identity/network.rs"),
        include_str!("identity/signed.rs"),
        include_str!("identity/invitation.rs"),
        include_str!("membership/roster/stretches.rs"),
        include_str!("core/mending.rs"),
        include_str!("repair/salt.rs"),
        include_str!("repair/digest.rs"),
        include_str!("repair/context.rs"),
        include_str!("../../store/src/gap.rs"),
        include_str!("discovery/packet.rs"),
        include_str!("discovery/spot.rs"),
    ];
    let quoted = sources.iter().flat_map(|source| source.split('"'));
    // How a node draws what nobody can guess is its own affair.
    let words = quoted.filter(|text| text.starts_with("selkie 1 ") && !text.ends_with("nonce"));
    let words: Vec<_> = words.collect();
    assert_eq!(words.len(), 17);
    for words in words {
        assert!(says(&format!("context \"{words}\"")), "{words}");
    }
}
