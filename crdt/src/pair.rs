//! Two places that are one: what a struct of replicated fields is made of.

use alloc::vec::Vec;

use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Refusal;
use crate::mark::Mark;
use crate::shape::Shape;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// What is new in either half; never nothing in both.
type PairDelta<A, B> = (Option<A>, Option<B>);

impl<A: Causal, B: Causal> Causal for (A, B) {
    type Delta = PairDelta<A::Delta, B::Delta>;
    const SHAPE: Shape = Shape::of("pair", &[A::SHAPE, B::SHAPE]);

    fn is_bottom(&self) -> bool {
        self.0.is_bottom() && self.1.is_bottom()
    }

    fn each_mark(&self, visit: &mut dyn FnMut(Mark)) {
        self.0.each_mark(visit);
        self.1.each_mark(visit);
    }

    fn holds(&self, mark: Mark) -> bool {
        self.0.holds(mark) || self.1.holds(mark)
    }

    fn kill(&mut self, mark: Mark) -> bool {
        self.0.kill(mark) || self.1.kill(mark)
    }

    fn clear(&mut self) {
        self.0.clear();
        self.1.clear();
    }

    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta> {
        let halves = (self.0.cut(cut), self.1.cut(cut));
        (halves.0.is_some() || halves.1.is_some()).then_some(halves)
    }

    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal> {
        delta.0.as_mut().map_or(Ok(()), |half| self.0.check(half, join))?;
        delta.1.as_mut().map_or(Ok(()), |half| self.1.check(half, join))
    }

    fn join(&mut self, delta: Self::Delta, join: &Join<'_>) {
        if let Some(half) = delta.0 {
            self.0.join(half, join);
        }
        if let Some(half) = delta.1 {
            self.1.join(half, join);
        }
    }

    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark)) {
        delta.0.iter().for_each(|half| A::each_delta_mark(half, visit));
        delta.1.iter().for_each(|half| B::each_delta_mark(half, visit));
    }

    fn first_mark(delta: &Self::Delta) -> Mark {
        let firsts = [delta.0.as_ref().map(A::first_mark), delta.1.as_ref().map(B::first_mark)];
        firsts.into_iter().flatten().min().expect("a delta has a half")
    }

    fn write_column(deltas: &[&Self::Delta], out: &mut Writer) {
        out.tags(deltas.iter().map(|delta| which(delta)), MIXED);
        let first: Vec<_> = deltas.iter().filter_map(|delta| delta.0.as_ref()).collect();
        let second: Vec<_> = deltas.iter().filter_map(|delta| delta.1.as_ref()).collect();
        if !first.is_empty() {
            A::write_column(&first, out);
        }
        if !second.is_empty() {
            B::write_column(&second, out);
        }
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError> {
        let which = input.tags(count, FIRST..=BOTH, MIXED)?;
        let with = |half: u8| which.iter().map(|which| usize::from(which & half != 0)).sum();
        let mut first = read_some::<A>(with(FIRST), input)?.into_iter();
        let mut second = read_some::<B>(with(SECOND), input)?.into_iter();
        let mut delta = |which: &u8| {
            let halves = (which & FIRST != 0, which & SECOND != 0);
            (halves.0.then(|| first.next()).flatten(), halves.1.then(|| second.next()).flatten())
        };
        Ok(which.iter().map(&mut delta).collect())
    }
}

const MIXED: u8 = 0;
const FIRST: u8 = 1;
const SECOND: u8 = 2;
const BOTH: u8 = FIRST | SECOND;

fn which<A, B>(delta: &PairDelta<A, B>) -> u8 {
    let (first, second) = (u8::from(delta.0.is_some()), u8::from(delta.1.is_some()));
    first * FIRST + second * SECOND
}

fn read_some<C: Causal>(
    count: usize,
    input: &mut Reader<'_>,
) -> Result<Vec<C::Delta>, DecodeError> {
    if count == 0 { Ok(Vec::new()) } else { C::read_column(count, input) }
}
