//! Random walks: whatever happens to replicas, each is what the definition says.

use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use crate::dice::Dice;
use crate::home::Home;
use crate::letter::Since;
use crate::subject::Subject;
use crate::world::World;

/// A world after some dozens of events.
pub(crate) fn walked<T: Subject, H: Home<T>>(mut dice: Dice) -> World<T, H> {
    let replicas = dice.pick(&[2, 3, 3, 4, 5]);
    let kills_kept = dice.pick(&[Some(0), Some(1), Some(5), Some(40), None, None]);
    let events = dice.pick(&[10, 30, 60]);
    let mut world = World::of(dice, replicas, kills_kept);
    for _ in 0..events {
        happen(&mut world);
    }
    world
}

fn happen<T: Subject, H: Home<T>>(world: &mut World<T, H>) {
    let at = world.dice.index(world.replicas.len());
    let other = (at + 1 + world.dice.index(world.replicas.len() - 1)) % world.replicas.len();
    let keys = world.dice.pick(&[Keys::Named, Keys::Spelled]);
    match world.dice.below(100) {
        0..25 => world.edit(at, 1),
        25..32 => {
            let steps = world.dice.pick(&[3, 10, 60]);
            world.edit(at, steps);
        }
        32..50 => world.tell(at, other, &Since::Theirs, keys),
        50..55 => {
            let since = Since::Some(world.some_version());
            world.tell(at, other, &since, keys);
        }
        55..57 => world.tell(at, other, &Since::Some(VersionVector::new()), keys),
        57..59 => world.tell(at, other, &Since::State, keys),
        59..80 => world.arrive(),
        80..88 => world.bring(at, other, keys),
        88..91 => world.back_up(at),
        91..93 => world.restore(at),
        93..95 => world.reload(at),
        95..97 => {
            let stable = world.some_version();
            world.forget(at, &stable);
        }
        _ => world.dice.removals = world.dice.pick(&[0, 10, 25, 60, 95]),
    }
}
