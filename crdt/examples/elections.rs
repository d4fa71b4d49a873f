//! An electoral office and a polling station, without a line between them.
//!
//! `cargo run --example elections -p selkie-crdt --features derive`

use std::error::Error;

use selkie_crdt::{
    ActorId, AwMap, AwSet, Counter, Crdt, Delta, Doc, DwFlag, Edit, EwFlag, Hlc, LwwRegister,
};

#[derive(Crdt)]
struct Town {
    elections: AwMap<String, Election>,
    voters: AwMap<u32, Voter>,
}

#[derive(Crdt)]
struct Election {
    name: LwwRegister<String>,
    candidates: AwMap<String, Candidate>,
    /// Voters by number: whom an election speaks of, it does not hold.
    rolls: AwSet<u32>,
    turnout: Counter,
    /// Whoever closes the polls wins over whoever keeps them open meanwhile.
    open: DwFlag,
}

#[derive(Crdt)]
struct Candidate {
    name: LwwRegister<String>,
    party: LwwRegister<String>,
    /// Up for good once anybody raised it. A removal from the map would lose to an edit.
    withdrawn: EwFlag,
}

#[derive(Crdt)]
struct Voter {
    name: LwwRegister<String>,
    street: LwwRegister<String>,
}

const COUNCIL: &str = "council";

fn main() -> Result<(), Box<dyn Error>> {
    let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
    let mut office: Doc<Town> = Doc::new(east);
    let mut station: Doc<Town> = Doc::new(west);

    prepare(&mut office);
    tell(&office, &mut station)?;
    println!("The office prepares the election, and the station has a copy:");
    show(&station);

    println!("\nThe line is cut. At the office:");
    work_at_the_office(&mut office);
    show(&office);
    println!("\nMeanwhile at the station:");
    work_at_the_station(&mut station);
    show(&station);

    tell(&office, &mut station)?;
    tell(&station, &mut office)?;
    println!("\nThe line is back, and both have the same:");
    show(&office);

    assert_eq!(office.to_bytes(), station.to_bytes());
    check(office.root());
    Ok(())
}

fn prepare(office: &mut Doc<Town>) {
    let at = Hlc::from_ms(1_000);
    for (number, name) in [(1, "Ida"), (2, "Jan"), (3, "Kim")] {
        enrol(&mut office.edit(), number, name, at);
    }
    let mut town = office.edit();
    let mut elections = town.elections();
    let mut council = elections.entry(COUNCIL.into());
    council.name().write("Town council".into(), at);
    council.open().enable();
    for (id, name, party) in [("ann", "Ann Peters", "Green"), ("bob", "Bob Maes", "Blue")] {
        let mut candidates = council.candidates();
        let mut candidate = candidates.entry(id.into());
        candidate.name().write(name.into(), at);
        candidate.party().write(party.into(), at);
    }
}

fn work_at_the_office(office: &mut Doc<Town>) {
    let at = Hlc::from_ms(2_000);
    office.edit().voters().entry(1).name().write("Ida Claes".into(), at);
    office.edit().voters().remove(&3);
    change_council(office, |council| {
        council.rolls().remove(&3);
        council.candidates().entry("ann".into()).name().write("Anne Peeters".into(), at);
        council.candidates().entry("bob".into()).withdrawn().enable();
        council.turnout().add(40);
        council.open().disable();
    });
}

fn work_at_the_station(station: &mut Doc<Town>) {
    let at = Hlc::from_ms(2_500);
    enrol(&mut station.edit(), 4, "Lea", at);
    station.edit().voters().entry(1).street().write("Canal Street".into(), at);
    change_council(station, |council| {
        council.rolls().add(3);
        council.candidates().entry("ann".into()).party().write("Greens".into(), at);
        council.candidates().entry("bob".into()).name().write("Bob Maas".into(), at);
        council.turnout().add(25);
        council.open().enable();
    });
}

/// Makes somebody a voter and puts them on the rolls.
fn enrol(town: &mut Edit<'_, Town>, number: u32, name: &str, at: Hlc) {
    town.voters().entry(number).name().write(name.into(), at);
    town.elections().entry(COUNCIL.into()).rolls().add(number);
}

fn change_council(doc: &mut Doc<Town>, change: impl FnOnce(&mut Edit<'_, Election>)) {
    change(&mut doc.edit().elections().entry(COUNCIL.into()));
}

/// What one sends another: bytes of what the other lacks.
fn tell(from: &Doc<Town>, to: &mut Doc<Town>) -> Result<(), Box<dyn Error>> {
    if let Some(delta) = from.delta_since(&to.version()) {
        let bytes = delta.to_bytes();
        println!("({} bytes go over the line)", bytes.len());
        to.join(Delta::from_bytes(&bytes)?)?;
    }
    Ok(())
}

/// What the merge made of each meeting of two changes.
fn check(town: &Town) {
    let council = town.elections.get(COUNCIL).expect("nobody removed it");
    let candidate = |id| council.candidates.get(id).expect("nobody removed a candidate");
    let [ann, bob] = [candidate("ann"), candidate("bob")];
    // Fields of one candidate were changed apart, and both changes hold.
    assert_eq!(text(&ann.name), "Anne Peeters");
    assert_eq!(text(&ann.party), "Greens");
    // An edit of a withdrawn candidate takes no withdrawal back.
    assert!(bob.withdrawn.is_enabled());
    assert_eq!(text(&bob.name), "Bob Maas");
    // Both counted, and both counts add up.
    assert_eq!(council.turnout.value(), 65);
    // The office closed the polls while the station kept them open.
    assert!(!council.open.is_enabled());
    // The station put a voter on the rolls whom the office took off, and did not see the voter
    // leave town: the rolls name somebody who is gone.
    assert_eq!(council.rolls.sorted(), [&1, &2, &3, &4]);
    assert!(!town.voters.contains_key(&3));
}

fn show(doc: &Doc<Town>) {
    let town = doc.root();
    for (_, election) in town.elections.sorted() {
        let polls = if election.open.is_enabled() { "open" } else { "closed" };
        let turnout = election.turnout.value();
        println!("    {}: polls {polls}, {turnout} voted", text(&election.name));
        for (_, candidate) in election.candidates.sorted() {
            let note = if candidate.withdrawn.is_enabled() { ", withdrawn" } else { "" };
            println!("      {} ({}){note}", text(&candidate.name), text(&candidate.party));
        }
        let on_rolls = |number: &u32| town.voters.get(number).map_or("gone", voter_name);
        let rolls: Vec<_> = election.rolls.sorted().into_iter().map(on_rolls).collect();
        println!("      on the rolls: {}", rolls.join(", "));
    }
}

fn voter_name(voter: &Voter) -> &str {
    text(&voter.name)
}

fn text(register: &LwwRegister<String>) -> &str {
    register.read().map_or("?", String::as_str)
}
