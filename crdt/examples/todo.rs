//! A to-do list that two people edit offline.
//!
//! `cargo run --example todo -p selkie-crdt --features derive`

use selkie_crdt::{ActorId, AwMap, AwSet, Crdt, Doc, EwFlag, Hlc, JoinError, LwwRegister};

#[derive(Crdt)]
struct Task {
    title: LwwRegister<String>,
    done: EwFlag,
    tags: AwSet<String>,
}

fn main() -> Result<(), JoinError> {
    let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
    let mut east: Doc<AwMap<u32, Task>> = Doc::new(east);
    let mut west: Doc<AwMap<u32, Task>> = Doc::new(west);

    for (id, title) in [(1, "water the plants"), (2, "call Ann"), (3, "paint the door")] {
        east.edit().entry(id).title().write(title.into(), Hlc::from_ms(10));
    }
    west.merge(&east)?;
    show("Both start with", &west);

    // Offline: neither hears of the other.
    east.edit().entry(1).done().enable();
    east.edit().remove(&2);
    east.edit().remove(&3);
    show("East waters the plants and drops the other two", &east);
    west.edit().entry(1).tags().add("home".into());
    west.edit().entry(3).title().write("paint the door red".into(), Hlc::from_ms(20));
    show("West tags the plants and wants the door red", &west);

    east.merge(&west)?;
    west.merge(&east)?;
    show("They meet, and nothing that anybody did is lost", &east);
    assert_eq!(east.to_bytes(), west.to_bytes());
    assert_eq!(lines(&east), ["1 [x] water the plants #home", "3 [ ] paint the door red"]);
    Ok(())
}

fn show(what: &str, list: &Doc<AwMap<u32, Task>>) {
    println!("{what}:\n    {}", lines(list).join("\n    "));
}

fn lines(list: &Doc<AwMap<u32, Task>>) -> Vec<String> {
    let line = |(id, task): (&u32, &Task)| {
        let done = if task.done.is_enabled() { 'x' } else { ' ' };
        let title = task.title.read().map_or("untitled", String::as_str);
        let mut words = vec![format!("{id} [{done}] {title}")];
        words.extend(task.tags.sorted().iter().map(|tag| format!("#{tag}")));
        words.join(" ")
    };
    list.root().sorted().into_iter().map(line).collect()
}
