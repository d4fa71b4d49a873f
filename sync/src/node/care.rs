//! What is here of a channel, and what should be and is not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{ObjectId, Reach, Reading, Store, reach, repair};
use tokio::sync::mpsc::UnboundedSender;

use crate::channel_id::ChannelId;
use crate::core::Input;
use crate::node::care::error::CareError;
use crate::node::done::Done;
use crate::node::notice::Notice;
use crate::node::random::random;
use crate::node::worker::Worker;
use crate::repair::inventory::Inventory;
use crate::repair::salt::Salt;

pub(crate) mod error;

/// What is to be looked after.
#[derive(Debug)]
pub(super) enum Look {
    /// List what these lead to, for a comparison.
    List(Vec<ObjectId>, Salt),
    /// The next list is of somebody who does not believe that all is whole.
    Doubt,
    /// Others were asked for what was broken: tell what is still so.
    Again,
}

/// Who looks after the objects of a channel, on a thread of its own: to read all of them takes long.
pub(super) struct Keeper {
    channel: ChannelId,
    store: Arc<Store>,
    done: UnboundedSender<Done>,
    /// When every byte was read.
    read_at: Instant,
    is_in_doubt: bool,
    /// What must be here and was not, when it was last looked at.
    broken: BTreeSet<ObjectId>,
}

/// Contents rot unseen, so all of them are read now and then, when a list is wanted.
const READ_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

impl Worker for Keeper {
    type Task = Look;

    fn work(&mut self, look: Look) {
        match look {
            Look::List(roots, salt) => self.list(&roots, &salt),
            Look::Doubt => self.is_in_doubt = true,
            Look::Again => self.look_again(),
        }
    }
}

impl Keeper {
    pub(super) fn new(channel: ChannelId, store: Arc<Store>, done: UnboundedSender<Done>) -> Self {
        let (read_at, broken) = (Instant::now(), BTreeSet::new());
        Self { channel, store, done, read_at, is_in_doubt: false, broken }
    }

    /// What can be read is listed, and nothing else: who compares it finds what to bring.
    fn list(&mut self, roots: &[ObjectId], salt: &Salt) {
        let listed = self.reach(roots).and_then(|ids| {
            let nonce = random().map_err(CareError::Random)?;
            Ok((Arc::new(Inventory::new(ids, salt)), nonce))
        });
        let (inventory, nonce) = match listed {
            Ok((inventory, nonce)) => (Some(inventory), nonce),
            Err(error) => {
                self.notify(Notice::Uncared(self.channel, Arc::new(error)));
                (None, [0; 32])
            }
        };
        self.send(Done::Tell(Input::Inventory { channel: self.channel, inventory, nonce }));
    }

    fn reach(&mut self, roots: &[ObjectId]) -> Result<Vec<ObjectId>, CareError> {
        let is_due = self.is_in_doubt || self.read_at.elapsed() >= READ_EVERY;
        let reading = if is_due { Reading::Bytes } else { Reading::Links };
        let mut found = reach(&self.store, roots, reading)?;
        if is_due {
            (self.is_in_doubt, self.read_at) = (false, Instant::now());
        }
        if !found.damaged.is_empty() {
            // A pack that says it has them would keep out the good ones that come.
            repair(&self.store, &[], |_| None)?;
            found = reach(&self.store, roots, Reading::Links)?;
        }
        let Reach { here, mut damaged, mut absent } = found;
        absent.append(&mut damaged);
        if absent != self.broken && !absent.is_empty() {
            self.notify(Notice::Broken(self.channel, Arc::new(absent.clone())));
        }
        self.broken = absent;
        Ok(here)
    }

    fn look_again(&mut self) {
        if self.broken.is_empty() {
            return;
        }
        self.broken.retain(|id| self.store.read(id).is_err());
        if self.broken.is_empty() {
            self.notify(Notice::Whole(self.channel));
        } else {
            self.notify(Notice::Unhealed(self.channel, Arc::new(self.broken.clone())));
        }
    }

    fn notify(&self, notice: Notice) {
        self.send(Done::Notice(notice));
    }

    fn send(&self, done: Done) {
        // Nobody wants to hear it any more only if the node is gone.
        let _gone = self.done.send(done);
    }
}
