//! What a way between two ports does to packets.

use std::time::Duration;

use crate::dice::Dice;

/// One direction of a way. Packets stay in order, but for those that are held back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    /// How many of a million packets are lost.
    pub(super) lost_ppm: u32,
    /// The shortest way takes so long.
    pub(super) delay: Duration,
    /// And up to so much longer.
    pub(super) jitter: Duration,
    /// How many of a million come twice.
    pub(super) doubled_ppm: u32,
    /// How many of a million are held back, so that later ones pass them.
    pub(super) held_ppm: u32,
    /// And for how long at most.
    pub(super) held: Duration,
    /// Bytes that pass in a second.
    pub(super) rate: u64,
    /// Longer packets are lost.
    pub(super) len_max: usize,
}

/// How long a packet waits for a path at most; what would wait longer is lost.
pub(super) const QUEUE_MAX: Duration = Duration::from_millis(500);

impl Path {
    /// A wire in the house.
    pub(super) const LAN: Self = Self {
        lost_ppm: 0,
        delay: Duration::from_millis(1),
        jitter: Duration::ZERO,
        doubled_ppm: 0,
        held_ppm: 0,
        held: Duration::ZERO,
        rate: 100_000_000,
        len_max: 1_472,
    };

    /// A way over land that is neither good nor bad.
    pub(super) const WAN: Self = Self {
        lost_ppm: 10_000,
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(5),
        rate: 10_000_000,
        ..Self::LAN
    };

    /// Any path that is still of use.
    pub(super) fn any(dice: &mut Dice) -> Self {
        let ms = |dice: &mut Dice, most| Duration::from_millis(dice.below(most));
        let ppm = |dice: &mut Dice, most| u32::try_from(dice.below(most)).unwrap_or(0);
        Self {
            lost_ppm: ppm(dice, 200_000),
            delay: ms(dice, 150),
            jitter: ms(dice, 50),
            doubled_ppm: ppm(dice, 50_000),
            held_ppm: ppm(dice, 50_000),
            held: ms(dice, 1_000),
            rate: 50_000 << dice.below(8),
            len_max: 1_200 + dice.index(273),
        }
    }
}
