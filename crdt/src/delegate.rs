//! A type that is another one with a meaning.

/// Makes a tuple struct a [`Causal`](crate::causal::Causal) by what it wraps.
macro_rules! delegate_causal {
    ($name:literal, $outer:ident $(<$($param:ident: $bound:path),*>)?, $inner:ty) => {
        impl$(<$($param),*>)? Default for $outer$(<$($param),*>)? {
            fn default() -> Self {
                Self(Default::default())
            }
        }

        impl$(<$($param: $bound),*>)? $crate::causal::Causal for $outer$(<$($param),*>)? {
            type Delta = <$inner as $crate::causal::Causal>::Delta;
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::of(
                $name,
                &[<$inner as $crate::causal::Causal>::SHAPE],
            );

            fn is_bottom(&self) -> bool {
                self.0.is_bottom()
            }

            fn each_mark(&self, visit: &mut dyn FnMut($crate::mark::Mark)) {
                self.0.each_mark(visit);
            }

            fn holds(&self, mark: $crate::mark::Mark) -> bool {
                self.0.holds(mark)
            }

            fn kill(&mut self, mark: $crate::mark::Mark) -> bool {
                self.0.kill(mark)
            }

            fn clear(&mut self) {
                self.0.clear();
            }

            fn cut(&self, cut: &$crate::causal::Cut<'_>) -> Option<Self::Delta> {
                self.0.cut(cut)
            }

            fn check(
                &self,
                delta: &mut Self::Delta,
                join: &$crate::causal::Join<'_>,
            ) -> Result<(), $crate::causal::Refusal> {
                self.0.check(delta, join)
            }

            fn join(&mut self, delta: Self::Delta, join: &$crate::causal::Join<'_>) {
                self.0.join(delta, join);
            }

            fn each_delta_mark(
                delta: &Self::Delta,
                visit: &mut dyn FnMut($crate::mark::Mark),
            ) {
                <$inner as $crate::causal::Causal>::each_delta_mark(delta, visit);
            }

            fn first_mark(delta: &Self::Delta) -> $crate::mark::Mark {
                <$inner as $crate::causal::Causal>::first_mark(delta)
            }

            fn write_column(deltas: &[&Self::Delta], out: &mut $crate::wire::Writer) {
                <$inner as $crate::causal::Causal>::write_column(deltas, out);
            }

            fn read_column(
                count: usize,
                input: &mut $crate::wire::Reader<'_>,
            ) -> Result<alloc::vec::Vec<Self::Delta>, $crate::wire::DecodeError> {
                <$inner as $crate::causal::Causal>::read_column(count, input)
            }
        }
    };
}

pub(crate) use delegate_causal;
