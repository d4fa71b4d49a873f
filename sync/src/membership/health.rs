//! How far a member trusts its own senses.

use std::time::Duration;

/// Lifeguard's local health multiplier: a node that gets few answers, even from those it asks for help, or
/// that is accused while it lives, is probably itself what is slow. It gives others more time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Health(u8); // 0 is well

impl Health {
    /// How ill a node may take itself to be: waits are at most nine times as long.
    const ILL_MAX: u8 = 8;

    /// Something spoke for it.
    pub(crate) fn improve(&mut self) {
        self.0 = self.0.saturating_sub(1);
    }

    /// So much spoke against it.
    pub(crate) fn worsen(&mut self, by: u8) {
        self.0 = self.0.saturating_add(by).min(Self::ILL_MAX);
    }

    /// A wait, as long as it has to be for this health.
    pub(crate) fn stretch(self, wait: Duration) -> Duration {
        wait * (u32::from(self.0) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illness_has_a_limit_and_passes() {
        let mut health = Health::default();
        let second = Duration::from_secs(1);
        health.worsen(200);
        assert_eq!(health.stretch(second), 9 * second);
        (0..8).for_each(|_| health.improve());
        assert_eq!(health.stretch(second), second);
        health.improve();
        assert_eq!(health, Health::default());
    }
}
