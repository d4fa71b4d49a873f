//! What the system says to this process.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals as Listening};
use signal_hook::low_level::emulate_default_handler;

/// A signal that concerns a screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signal {
    /// End. Which one it was.
    End(i32),
    /// Stop until you are told to go on.
    Stop,
    /// Go on. Meanwhile somebody else had the terminal.
    GoOn,
}

/// The signals, as long as this lives.
pub(crate) struct Signals(Handle);

impl Signals {
    /// Tells of every signal from now on.
    pub(crate) fn listen<T: Send + 'static>(
        to: Sender<T>,
        told: impl Fn(Signal) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let mut listening = Listening::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
        let handle = listening.handle();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in listening.forever() {
                let signal = match signal {
                    SIGTSTP => Signal::Stop,
                    SIGCONT => Signal::GoOn,
                    signal => Signal::End(signal),
                };
                if to.send(told(signal)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Stops this process. Returns when it goes on.
pub(crate) fn stop() -> io::Result<()> {
    emulate_default_handler(SIGTSTP)
}

/// Ends this process as the signal would have, so that whoever started it sees why.
pub(crate) fn end(signal: i32) -> io::Result<()> {
    emulate_default_handler(signal)
}
