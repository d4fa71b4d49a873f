//! Handshakes that are under way, until the node ends.

use std::time::Duration;

use tokio::sync::watch;

/// Those of calls and of callers. Who was called and did not answer has to be told nothing when the node ends, so nobody waits for it.
#[derive(Debug)]
pub(super) struct Handshakes(watch::Sender<()>);

/// As long as QUIC may take to end what is left, of which all was said already.
const CLOSE: Duration = Duration::from_secs(1);
/// The same where handshakes were under way: these it holds for seconds after their end.
const CLOSE_BUSY: Duration = Duration::from_millis(100);

impl Handshakes {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// What becomes of one; nothing, if the node ends before.
    pub(super) fn begin<F: Future>(
        &self,
        handshake: F,
    ) -> impl Future<Output = Option<F::Output>> + use<F> {
        let mut ending = self.0.subscribe();
        async move {
            tokio::select! {
                done = handshake => Some(done),
                _ = ending.changed() => None,
            }
        }
    }

    /// Ends all of them, and tells how long QUIC may take to end everything else.
    pub(super) fn end(&self) -> Duration {
        let is_busy = self.0.receiver_count() > 0;
        self.0.send_replace(());
        if is_busy { CLOSE_BUSY } else { CLOSE }
    }
}
