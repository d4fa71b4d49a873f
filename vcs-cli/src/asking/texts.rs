//! Texts that stay where they are while more come.

use std::cell::OnceCell;

/// A list that grows at its end while what is in it is looked at: what people wrote into hunks is looked at until all
/// is said.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: OnceCell<Vec<u8>>,
    next: OnceCell<Box<Self>>,
}

impl Texts {
    /// Keeps the text as long as the list.
    pub(super) fn keep(&self, text: Vec<u8>) -> &[u8] {
        let mut last = self;
        while last.text.get().is_some() {
            last = last.next.get_or_init(Box::default);
        }
        last.text.get_or_init(|| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays() {
        let texts = Texts::default();
        let kept: Vec<&[u8]> = (0..9).map(|n| texts.keep(vec![n])).collect();
        assert_eq!(kept, (0..9).map(|n| vec![n]).collect::<Vec<_>>());
    }
}
