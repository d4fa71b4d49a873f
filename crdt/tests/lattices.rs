//! The laws of every plain lattice, on states that replicas reach by working and joining.

use std::collections::BTreeMap;
use std::fmt::Debug;

use selkie_crdt::{ActorId, GCounter, GSet, Hlc, Lattice, Max, Min, PnCounter, VersionVector};

#[test]
fn the_largest_value_is_a_lattice() {
    holds_the_laws(&Max(0), |state, _, dice| state.0 += dice.below(5));
}

#[test]
fn the_smallest_value_is_a_lattice() {
    holds_the_laws(&Min(1_000), |state, _, dice| state.0 -= dice.below(5));
}

#[test]
fn a_version_vector_is_a_lattice() {
    holds_the_laws(&VersionVector::new(), |state, actor, _| {
        state.increment(actor).expect("a test makes few changes");
    });
}

#[test]
fn a_growing_counter_is_a_lattice() {
    holds_the_laws(&GCounter::new(), |state, actor, dice| {
        state.add(actor, dice.below(5)).expect("amounts are small");
    });
}

#[test]
fn a_counter_is_a_lattice() {
    holds_the_laws(&PnCounter::new(), change);
}

#[test]
fn a_growing_set_is_a_lattice() {
    holds_the_laws(&GSet::new(), |state, _, dice| {
        state.insert(dice.below(20));
    });
}

#[test]
fn what_may_be_absent_is_a_lattice() {
    holds_the_laws(&None, |state, _, dice| {
        state.get_or_insert_with(GSet::new).insert(dice.below(20));
    });
}

#[test]
fn a_map_of_lattices_is_a_lattice() {
    holds_the_laws(&BTreeMap::new(), |state, actor, dice| {
        change(state.entry(dice.below(4)).or_insert_with(PnCounter::new), actor, dice);
    });
}

#[test]
fn parts_side_by_side_are_a_lattice() {
    holds_the_laws(&(Max(Hlc::default()), GCounter::new(), ()), |state, actor, dice| {
        state.0 = Max(Hlc::from_u64(state.0.0.to_u64() + dice.below(3)));
        state.1.add(actor, 1).expect("amounts are small");
    });
}

#[test]
fn the_value_of_a_counter_is_the_sum_of_what_everybody_did() {
    for seed in 1..=100 {
        let mut dice = Dice(seed);
        let mut replicas = vec![PnCounter::new(); 4];
        let mut expected = 0;
        for _ in 0..40 {
            let at = dice.pick(&replicas);
            let amount = dice.below(9);
            if dice.below(2) == 0 {
                replicas[at].add(actor(at), amount).expect("amounts are small");
                expected += i128::from(amount);
            } else {
                replicas[at].subtract(actor(at), amount).expect("amounts are small");
                expected -= i128::from(amount);
            }
            gossip(&mut replicas, &mut dice);
        }
        let all = replicas.iter().fold(PnCounter::new(), |all, one| joined(&all, one));
        assert_eq!(all.value(), expected, "seed {seed}");
    }
}

fn change(state: &mut PnCounter, actor: ActorId, dice: &mut Dice) {
    let amount = dice.below(9);
    match dice.below(2) {
        0 => state.add(actor, amount),
        _ => state.subtract(actor, amount),
    }
    .expect("amounts are small");
}

/// Lets three to five replicas work and gossip, and checks each law on all they reached.
fn holds_the_laws<L: Lattice + Clone + Debug + PartialEq>(
    start: &L,
    work: impl Fn(&mut L, ActorId, &mut Dice),
) {
    for seed in 1..=200 {
        let mut dice = Dice(seed);
        let mut replicas = vec![start.clone(); 3 + dice.at(3)];
        for _ in 0..20 {
            let at = dice.pick(&replicas);
            let before = replicas[at].clone();
            work(&mut replicas[at], actor(at), &mut dice);
            assert_eq!(joined(&before, &replicas[at]), replicas[at], "work grows, seed {seed}");
            gossip(&mut replicas, &mut dice);
        }
        let [a, b, c] = [&replicas[0], &replicas[1], &replicas[2]];
        assert_eq!(joined(a, b), joined(b, a), "commutative, seed {seed}");
        assert_eq!(joined(&joined(a, b), c), joined(a, &joined(b, c)), "associative, seed {seed}");
        assert_eq!(&joined(a, a), a, "idempotent, seed {seed}");
        converges(replicas, &mut dice);
    }
}

/// Joins every state into every replica, in an order of its own for each and some twice.
fn converges<L: Lattice + Clone + Debug + PartialEq>(mut replicas: Vec<L>, dice: &mut Dice) {
    let states = replicas.clone();
    for replica in &mut replicas {
        let first = dice.pick(&states);
        for step in 0..states.len() + 2 {
            replica.join(&states[(first + step) % states.len()]);
        }
    }
    assert!(replicas.windows(2).all(|pair| pair[0] == pair[1]), "{replicas:?}");
}

/// One replica in three takes in what another holds.
fn gossip<L: Lattice + Clone>(replicas: &mut [L], dice: &mut Dice) {
    if dice.below(3) == 0 {
        let (to, from) = (dice.pick(replicas), dice.pick(replicas));
        let sent = replicas[from].clone();
        replicas[to].join(&sent);
    }
}

fn joined<L: Lattice + Clone>(ours: &L, theirs: &L) -> L {
    let mut merged = ours.clone();
    merged.join(theirs);
    merged
}

/// The actor of the replica at `at`; later replicas have smaller ids, so that rows go in front.
fn actor(at: usize) -> ActorId {
    ActorId::from_bytes([9 - u8::try_from(at).expect("there are few replicas"); 16])
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % end
    }

    fn at(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).expect("an index fits")
    }

    fn pick<T>(&mut self, of: &[T]) -> usize {
        self.at(of.len())
    }
}
