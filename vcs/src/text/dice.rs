//! Texts by chance, the same for the same seed.

/// A source of chance: splitmix64.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % limit.max(1)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A text of few kinds of line, so that many are equal.
    pub(crate) fn text(&mut self) -> String {
        let kinds = 1 + self.below(12);
        let lines = self.below(30);
        let text = (0..lines).map(|_| self.line(kinds)).collect::<String>();
        self.cut(text)
    }

    /// A text that was made from another by a few edits.
    pub(crate) fn edited(&mut self, text: &str) -> String {
        let mut lines: Vec<_> = text.split_inclusive('\n').map(str::to_owned).collect();
        if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
            last.push('\n');
        }
        for _ in 0..self.below(5) {
            let at = self.below(lines.len() + 1);
            let count = self.below(3).min(lines.len() - at);
            let new: Vec<_> = (0..self.below(3)).map(|_| self.line(12)).collect();
            lines.splice(at..at + count, new);
        }
        let text = lines.concat();
        self.cut(text)
    }

    fn line(&mut self, kinds: usize) -> String {
        let word = ["a", "b", "c", "}", "", "fn d", "e f", "g", "{", "h", "i j", "k"];
        let indent = self.pick(&["", "", " ", "\t", "    "]);
        let end = self.pick(&["\n", "\n", "\n", "\n", " \n", "\r\n"]);
        format!("{indent}{}{end}", word[self.below(kinds)])
    }

    /// Now and then a text does not end in a newline.
    fn cut(&mut self, mut text: String) -> String {
        if self.below(4) == 0 && text.ends_with('\n') {
            text.pop();
        }
        text
    }
}
