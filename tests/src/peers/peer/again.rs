//! What a peer says again after logs ended, and what makes a log end.

use std::convert::Infallible;
use std::sync::Arc;

use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{
    Action, Batch, Hint, Kind, Loss, ObjectId, SimDisk, Store, Untold, View, Writer, encode,
};
use selkie_sync::{Cause, GossipMessage, Lane, Moment, Says, along, read_logs};

use crate::peers::calls::Sent;
use crate::peers::home::{content, name};
use crate::peers::peer::{HOME, Peer};
use crate::peers::word::Command;

impl Peer {
    /// Says again under a name that has not ended what logs that ended said.
    pub(super) fn retell(&mut self, now: Moment, sent: &mut Vec<Sent>) {
        let Some(life) = &self.life else { return };
        if life.home.is_over() {
            self.rename(sent);
        }
        let again = self.life.as_ref().and_then(|life| {
            let view = life.home.set()?;
            Again::of(view, life.home.store())
        });
        let Some(Again { adds, removes, roots, untold }) = again else { return };
        self.write(now, sent, |home, now_ms| {
            home.edit(now_ms, &roots, |mut items| {
                adds.into_iter().for_each(|item| items.add(item));
                for item in removes {
                    items.remove(&item);
                }
            });
        });
        let view =
            self.life.as_ref().and_then(|life| life.home.set()).expect("it was just written");
        view.note_retold(&untold).expect("a disk that works");
    }

    /// Says two things in one place: one to the first that it talks to, and the other to everybody else.
    pub(super) fn equivocate(&mut self, now: Moment, items: [String; 2], sent: &mut Vec<Sent>) {
        let [one, other] = items;
        let Some(life) = &self.life else { return };
        let call = *life.calls.open_ones().first().expect("somebody to lie to");
        let writer = self.writer();
        let message = other_history(life.home.store(), &self.disk, &writer, &one);
        sent.extend(life.calls.say(call, Lane::Gossip, message));
        self.ask(now, Command::Add(other), sent);
    }
}

/// What logs that ended said, and the state shows no longer.
struct Again {
    adds: Vec<String>,
    removes: Vec<String>,
    roots: Vec<ObjectId>,
    untold: Untold,
}

impl Again {
    /// What is to be said again, if anything ended since that was done last.
    fn of(view: &View<AwSet<String>>, store: &Store) -> Option<Self> {
        let untold = view.untold().expect("a disk that works")?;
        let before = view.unended().expect("logs that can be read");
        let missing = |from: &AwSet<String>, of: &AwSet<String>| {
            let items = of.sorted().into_iter().filter(|item| !from.contains(*item));
            items.cloned().collect::<Vec<_>>()
        };
        let removes = missing(before.root(), view.root());
        let id = |item: &String| ObjectId::of(Kind::Blob, &content(item));
        let mut adds = missing(view.root(), before.root());
        adds.retain(|item| store.has(&id(item)).expect("a disk that works"));
        let roots = adds.iter().map(id).collect();
        Some(Self { adds, removes, roots, untold })
    }
}

/// The message that tells of an entry that this writer does not keep itself, in the place of its next one.
fn other_history(store: &Store, disk: &SimDisk, writer: &Writer, item: &str) -> Vec<u8> {
    let put = |store: &Store| {
        let batch = Batch::new(store);
        let id = batch.put(Kind::Blob, &content(item), Hint::NONE).expect("a disk that works");
        batch.finish().expect("a disk that works");
        id
    };
    put(store);
    let copy = Arc::new(disk.crashed(disk.steps(), Loss::Nothing));
    let copy = Arc::new(Store::open(copy).expect("a disk that works"));
    let mut view = View::open(Arc::clone(&copy), name).expect("logs that can be read");
    let after = view.applied().get(&writer.replica());
    let action = Action { time: Hlc::from_ms(1), note: "lie", roots: &[put(&copy)] };
    let add = |mut items: Edit<'_, AwSet<String>>| {
        items.add(item.to_owned());
        Ok::<_, Infallible>(())
    };
    view.edit(writer, action, add).expect("a disk that works");
    let before = [(writer.replica(), after)];
    let runs = read_logs(&copy, &before, usize::MAX, usize::MAX);
    let along = along(&copy, &before, &runs, usize::MAX);
    let says = Says::Entries(runs, Cause::Push, along);
    encode(&GossipMessage { channel: HOME, says }).expect("it keeps its rules")
}
