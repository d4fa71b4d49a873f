//! Systems without signals: the terminal tells all there is to tell.

use std::io;
use std::sync::mpsc::Sender;

/// A signal that concerns a screen. There are none here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signal {
    /// End.
    End(i32),
    /// Stop.
    Stop,
    /// Go on.
    GoOn,
}

/// Nothing to listen to.
pub(crate) struct Signals;

impl Signals {
    /// Tells of nothing.
    pub(crate) fn listen<T: Send + 'static>(
        _to: Sender<T>,
        _told: impl Fn(Signal) -> T + Send + 'static,
    ) -> io::Result<Self> {
        Ok(Self)
    }
}

/// Nothing stops a process here.
pub(crate) fn stop() -> io::Result<()> {
    Ok(())
}

/// Nothing but the process itself ends it.
pub(crate) fn end(_signal: i32) -> io::Result<()> {
    Ok(())
}
