//! Who does one thing after the other, and where.

use std::io;
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::UnboundedReceiver;

/// Who does one thing after the other.
pub(super) trait Worker: Send + 'static {
    /// What it does.
    type Task: Send;

    /// Does it.
    fn work(&mut self, task: Self::Task);
}

/// A worker, and what it is told to do. When nobody can tell it anything any more, its work is done.
pub(super) type Post<W> = (W, UnboundedReceiver<<W as Worker>::Task>);

/// Gives a worker a thread.
pub(super) fn employ<W: Worker>(
    name: &str,
    (mut worker, mut tasks): Post<W>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        while let Some(task) = tasks.blocking_recv() {
            worker.work(task);
        }
    })
}
