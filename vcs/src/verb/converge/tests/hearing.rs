//! Replicas that settle whatever they hear as soon as they hear it, all at once, each before it knows what the others made of it.

use super::*;

impl Replica {
    /// What it knows now, for somebody who hears of it later.
    fn letter(&self) -> Self {
        let disk = self.disk.crashed(self.disk.steps(), Loss::Nothing);
        let repository = Repository::open(Arc::new(disk.clone())).unwrap();
        Self { disk, repository, writer: Writer::new(key(0), [0xff; 16]), now_ms: self.now_ms }
    }

    /// All that it knows of the timeline.
    fn knows(&self) -> Vec<u8> {
        self.repository.view().doc().to_bytes()
    }
}

impl Story {
    /// In each round everybody hears what some others knew at its beginning, and settles at once, until nobody has anything to say
    /// any more. How many rounds that took.
    fn hear_until_quiet(
        &mut self,
        strategies: Option<&[TimelineStrategy]>,
        chance: usize,
    ) -> usize {
        let count = self.replicas.len();
        for round in 0..40 * count {
            let letters: Vec<Replica> = self.replicas.iter().map(Replica::letter).collect();
            let mut made = 0;
            for at in 0..count {
                for (from, letter) in letters.iter().enumerate() {
                    // A ring, so that nobody ever knows what all the others know now, and chance besides.
                    let is_heard = from == (at + 1) % count || self.lots.one_in(chance);
                    if from != at && is_heard {
                        self.replicas[at].hear(letter);
                    }
                }
                let unsaid = strategies.map_or(&UNSAID, |all| &all[at % all.len()]);
                made += self.replicas[at].settle_as(unsaid);
            }
            let known: BTreeSet<_> = self.replicas.iter().map(Replica::knows).collect();
            if made == 0 && known.len() == 1 {
                return round;
            }
        }
        panic!("seals are made for ever");
    }

    /// One head, the same for all, once a person has brought together what waits for one.
    fn ends(&mut self, strategies: Option<&[TimelineStrategy]>, waits: bool) {
        let heads = self.replicas[0].heads();
        assert!(self.replicas.iter().all(|replica| replica.heads() == heads));
        if heads.len() > 1 {
            assert!(waits, "{heads:?} are left to nobody");
            let at = self.lots.below(self.replicas.len());
            let seal = self.replicas[at].fuse();
            self.sealed.insert(seal);
            self.hear_until_quiet(strategies, 9);
        }
        self.end();
    }
}

impl Replica {
    fn settle_as(&mut self, unsaid: &TimelineStrategy) -> usize {
        let settled = self.act(|hand| {
            settle(hand, Along::Bare, "hear".to_owned(), Occasion::Heard, unsaid).unwrap()
        });
        self.follow();
        settled.iter().filter(|settled| settled.made.is_some()).count()
    }
}

/// The more seeds with `STRATEGY_SEEDS`.
fn seeds() -> u64 {
    env::var("STRATEGY_SEEDS").map_or(1, |seeds| seeds.parse().unwrap())
}

/// What is sealed apart is settled while it is heard of, under every pair of strategies, one of which may be set meanwhile. As many rounds are
/// enough as everybody needs to hear of all that was sealed, of all answers, and of all lots.
#[test]
fn who_settles_at_each_hearing_comes_to_an_end() {
    let all = strategies();
    let mut pairs = 0;
    for (at, one) in all.iter().enumerate() {
        for other in &all[at..] {
            for seed in 0..seeds() {
                let pair = [one.clone(), other.clone()];
                let count = 2 + u8::try_from((pairs + seed) % 4).unwrap();
                let mut story = Story::begin(count, Some(pair), seed << 8 | pairs);
                story.part(4 * usize::from(count));
                let chance = [2, 9, 1000][usize::try_from((seed + pairs) % 3).unwrap()];
                let rounds = story.hear_until_quiet(None, chance);
                assert!(
                    rounds <= 5 * usize::from(count),
                    "{one:?} {other:?} {seed}: {rounds} rounds"
                );
                let strategy = story.replicas[0].repository.shared().timeline(MAIN).unwrap();
                let strategy = TimelineStrategy::read(strategy.strategy().unwrap()).unwrap();
                story.ends(None, waits(&strategy));
            }
            pairs += 1;
        }
    }
}

/// Nobody said how the timeline is settled, and each clone has its own opinion of that.
#[test]
fn clones_of_different_opinions_come_to_an_end() {
    let all = strategies();
    for seed in 0..20 * seeds() {
        let count = 2 + u8::try_from(seed % 4).unwrap();
        let mut lots = Lots(seed ^ 0xd1ff);
        let opinions: Vec<_> = (0..count).map(|_| lots.one_of(&all[1..]).clone()).collect();
        let mut story = Story::begin(count, None, seed);
        story.part(4 * usize::from(count));
        let rounds = story.hear_until_quiet(Some(&opinions), 4);
        assert!(rounds <= 5 * usize::from(count), "{opinions:?} {seed}: {rounds} rounds");
        // One that merges, or follows nobody who is here, may leave heads to a person.
        let waits = opinions.iter().any(waits);
        story.ends(Some(&opinions), waits);
    }
}
