//! A bit for each of many numbered things.

/// As many bits as were asked for, all clear at first.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(crate) fn new(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)] }
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// Sets a bit. False if it was set before.
    pub(crate) fn set(&mut self, at: usize) -> bool {
        let clear = !self.has(at);
        self.words[at / 64] |= 1 << (at % 64);
        clear
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers of the bits that are set, ascending.
    pub(crate) fn ones(&self) -> impl Iterator<Item = usize> {
        (0..self.words.len() * 64).filter(|at| self.has(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_there() {
        let mut bits = Bits::new(130);
        assert!(bits.set(0) && bits.set(64) && bits.set(129) && !bits.set(64));
        assert_eq!(bits.ones().collect::<Vec<_>>(), [0, 64, 129]);
        assert_eq!((bits.count(), bits.has(1), bits.has(129)), (3, false, true));
    }
}
