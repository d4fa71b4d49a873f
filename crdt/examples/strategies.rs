//! A choir's register on three devices, with a rule for each attribute.
//!
//! All three write while they are offline. Rules settle most of it, on each device alone and
//! alike; one thing is left to a person, whose word then holds everywhere.

use std::convert::Infallible;
use std::error::Error;

use selkie_crdt::{ActorId, Document, Hlc, JoinError, Rules, Strategy};

const DESK: ActorId = ActorId::from_bytes([0xde; 16]);
const CASHIER: ActorId = ActorId::from_bytes([0xca; 16]);
const DOOR: ActorId = ActorId::from_bytes([0xd0; 16]);

fn main() -> Result<(), Box<dyn Error>> {
    let rules = rules();
    let mut register: [Document<String>; 3] =
        [DESK, CASHIER, DOOR].map(|device| Document::about("register of the choir", device));

    println!("The desk enters a member, and all devices know her.");
    write(&mut register[0], 1_000, "ida", &[("name", "Ida"), ("street", "Quay 3")]);
    meet(&mut register)?;

    println!("Offline, all three learn something about her.");
    let [desk, cashier, door] = &mut register;
    let heard = [("phone", "0470 11"), ("joined", "2019"), ("fee", "20"), ("voices", "alto")];
    write(desk, 2_000, "ida", &heard);
    write(desk, 2_100, "ida", &[("street", "Mill Lane 8")]);
    write(cashier, 2_500, "ida", &[("fee", "35"), ("joined", "2020")]);
    let heard = [("phone", "0499 72"), ("voices", "mezzo, alto"), ("fee", "0")];
    write(door, 3_000, "ida", &heard);
    write(door, 3_100, "ida", &[("street", "Market 12")]);
    meet(&mut register)?;

    let version = register[0].version();
    for document in &register {
        let ida = document.settle("ida", &rules).expect("a member");
        let read = |name: &str| ida.settled.get(name).map(|value| value.as_str());
        assert_eq!(read("phone"), Some("0499 72")); // the last write
        assert_eq!(read("joined"), Some("2019")); // the first
        assert_eq!(read("voices"), Some("alto, mezzo")); // both
        assert_eq!(read("fee"), Some("35")); // the cashier's
        assert_eq!(read("street"), None); // nobody can know
        assert_eq!(document.version(), version, "rules write nothing");
    }
    show(&register[1], &rules);

    println!("\nSomebody at the door asks her, and writes down what she says.");
    write(&mut register[2], 9_000, "ida", &[("street", "Mill Lane 8")]);
    meet(&mut register)?;
    for document in &register {
        assert!(document.open(&rules).is_empty());
        let ida = document.settle("ida", &rules).expect("a member");
        assert_eq!(ida.settled["street"].as_str(), "Mill Lane 8");
    }
    show(&register[0], &rules);
    Ok(())
}

/// What the program of every device says about members.
fn rules() -> Rules<String> {
    Rules::new(Strategy::Person)
        .anywhere("phone", Strategy::LastWrite)
        .attribute("member", "joined", Strategy::FirstWrite)
        .attribute("member", "fee", Strategy::authority([CASHIER]))
        .attribute("member", "voices", Strategy::merge(all_words))
}

/// Each word once, in the order of the alphabet.
fn all_words(lists: &[&String]) -> String {
    let mut words: Vec<_> = lists.iter().flat_map(|list| list.split(", ")).collect();
    words.sort_unstable();
    words.dedup();
    words.join(", ")
}

fn write(document: &mut Document<String>, ms: u64, id: &str, attributes: &[(&str, &str)]) {
    let written = document.change(Hlc::from_ms(ms), |tx| {
        let mut member = tx.entity(id);
        if !member.exists() {
            member.found("member");
        }
        for (name, value) in attributes {
            member.set(name, (*value).to_owned());
        }
        Ok::<_, Infallible>(())
    });
    let Ok(()) = written;
}

/// Everybody hears from everybody.
fn meet(register: &mut [Document<String>; 3]) -> Result<(), JoinError> {
    let [desk, cashier, door] = register;
    desk.merge(cashier)?;
    desk.merge(door)?;
    cashier.merge(desk)?;
    door.merge(desk)?;
    assert_eq!(desk.to_bytes(), cashier.to_bytes());
    assert_eq!(desk.to_bytes(), door.to_bytes());
    Ok(())
}

fn show(document: &Document<String>, rules: &Rules<String>) {
    let ida = document.settle("ida", rules).expect("a member");
    for (name, value) in &ida.settled {
        println!("  {name:7} {}", value.as_str());
    }
    for (name, claims) in &ida.open {
        let values: Vec<_> = claims.iter().map(|claim| claim.value.as_str()).collect();
        println!("  {name:7} a person must say: {}", values.join(", or "));
    }
}
