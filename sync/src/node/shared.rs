//! A state of an application's own, which nodes keep alike.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_crdt::{Causal, Edit, Hlc};
use selkie_store::{
    Action, Disk, EditError, OpenError, SecretKey, Store, View, ViewError, incarnate, reincarnate,
};
use thiserror::Error;

use crate::channel_id::ChannelId;
use crate::node::Node;
use crate::node::ask::OpenShareError;
use crate::node::works::Share;

/// A state that this program shares with others: any replicated type, kept on a disk of its own.
///
/// What is appended is durable when that returns, and with the others as soon as they are connected. What they append is in
/// [`state`](Self::state) from [`Notice::TookIn`](crate::Notice::TookIn) on.
///
/// ```
/// use std::sync::Arc;
/// use selkie_crdt::AwSet;
/// use selkie_store::{SecretKey, SimDisk};
/// use selkie_sync::{ChannelId, Node, Shared};
/// let key = || Ok(SecretKey::from_bytes(&[7; 32]));
/// let node = Node::builder(key()?).listen("127.0.0.1:0".parse()?).start()?;
/// let channel = ChannelId::from_bytes([1; 16]);
/// let mut fruits: Shared<AwSet<String>> =
///     Shared::open(&node, channel, Arc::new(SimDisk::default()), key)?;
/// fruits.append(&node, "buy", |mut fruits, _| fruits.add("pear".to_owned()))?;
/// assert!(fruits.state()?.contains("pear"));
/// node.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Shared<T: Causal> {
    channel: ChannelId,
    disk: Arc<dyn Disk>,
    view: View<T>,
    key: Arc<Keys>,
}

/// Brings the key of the device.
struct Keys(Box<dyn Fn() -> io::Result<SecretKey> + Send + Sync>);

/// Why a state is not shared, or not changed.
#[derive(Debug, Error)]
pub enum SharedError {
    /// The store can not be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The logs can not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The node does not share it.
    #[error(transparent)]
    Share(#[from] OpenShareError),
    /// As whom this program writes can not be told.
    #[error("as whom this program writes can not be told")]
    Writer(#[from] io::Error),
    /// The change can not be kept. Nothing was changed.
    #[error(transparent)]
    Edit(#[from] EditError<Infallible>),
}

impl<T: Causal + Clone + Send + 'static> Shared<T> {
    /// Shares what is on this disk, which holds nothing else. The key is that of the node.
    ///
    /// # Errors
    ///
    /// See [`SharedError`].
    pub fn open(
        node: &Node,
        channel: ChannelId,
        disk: Arc<dyn Disk>,
        key: impl Fn() -> io::Result<SecretKey> + Send + Sync + 'static,
    ) -> Result<Self, SharedError> {
        let key = Arc::new(Keys(Box::new(key)));
        let store = Arc::new(Store::open(Arc::clone(&disk))?);
        let view = || View::open(Arc::clone(&store), |_, _| ());
        let own = incarnate(&*disk, (key.0)()?)?.0.replica();
        let (again, place) = (Arc::clone(&key), Arc::clone(&disk));
        let reborn = move || Ok(reincarnate(&*place, (again.0)()?)?.0.replica());
        let shared: View<T> = view()?;
        let share = Share::new(Arc::clone(&store), shared).written_by(own, Box::new(reborn));
        node.open(channel, share)?;
        Ok(Self { channel, disk, view: view()?, key })
    }

    /// The state, with all that came by now.
    ///
    /// # Errors
    ///
    /// The logs can not be read.
    pub fn state(&mut self) -> Result<&T, SharedError> {
        self.view.refresh()?;
        Ok(self.view.root())
    }

    /// Changes the state, and has the node tell others. The note is for people; the change is told a time that is later than all it knows of.
    ///
    /// # Errors
    ///
    /// Nothing was changed.
    pub fn append(
        &mut self,
        node: &Node,
        note: &str,
        change: impl FnOnce(Edit<'_, T>, Hlc),
    ) -> Result<(), SharedError> {
        // Others may have known more of what this program wrote than it does: then it goes by another name by now.
        let (writer, _) = incarnate(&*self.disk, (self.key.0)()?)?;
        self.view.refresh()?;
        // A clock that stands before 1970, or behind what is known, is none.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let time = Hlc::from_ms(now_ms.max(self.view.time().ms() + 1));
        let action = Action { time, note, roots: &[] };
        self.view.edit(&writer, action, |edit| {
            change(edit, time);
            Ok(())
        })?;
        node.refresh(self.channel);
        Ok(())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}
