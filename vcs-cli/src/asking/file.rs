//! The parts of one file, what was said of them, and which one is asked about.

use selkie_vcs::{Answer, Hunk, HunkLine, Part};

use crate::label::Label;
use crate::line::Line;

/// Parts of a file with what was said of them. The one that is asked about may have been answered before.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    parts: Vec<(Part<'a>, Option<Answer>)>,
    at: Option<usize>, // none once everything is said
}

/// To which part to go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Steps {
    Next,
    Previous,
    /// The next of which nothing was said.
    NextOpen,
    /// The last before it of which nothing was said.
    PreviousOpen,
}

impl<'a> Asked<'a> {
    /// Nothing was said of these parts.
    pub(super) fn of(parts: Vec<Part<'a>>) -> Self {
        let at = (!parts.is_empty()).then_some(0);
        Self { parts: parts.into_iter().map(|part| (part, None)).collect(), at }
    }

    /// The part that is asked about, unless everything is said.
    pub(super) fn part(&self) -> Option<&Part<'a>> {
        self.at.map(|at| &self.parts[at].0)
    }

    /// Its number, and how many there are.
    pub(super) fn place(&self) -> [usize; 2] {
        [self.at.map_or(self.parts.len(), |at| at + 1), self.parts.len()]
    }

    /// The first lines of all parts, by number.
    pub(super) fn titles(&self) -> impl Iterator<Item = (usize, Line)> {
        let title = |(part, answer): &(Part, Option<Answer>)| {
            let sign = match answer {
                Some(Answer::Yes) => "y ",
                Some(Answer::No) => "n ",
                None => "  ",
            };
            let line = Line::default().put(Label::Note, sign);
            match part {
                Part::Whole => line.plain("the file"),
                Part::Mode => line.plain("its mode"),
                Part::Hunk(hunk) => line.content(Label::Code, &hunk.title()),
            }
        };
        self.parts.iter().map(title).enumerate().map(|(at, line)| (at + 1, line))
    }

    /// Everything that was said. Of what nothing was said of, it is not meant.
    pub(super) fn said(self) -> Vec<(Part<'a>, Answer)> {
        self.parts.into_iter().map(|(part, answer)| (part, answer.unwrap_or(Answer::No))).collect()
    }

    /// Says it of the part in question, and goes to the next one of which nothing was said.
    pub(super) fn answer(&mut self, answer: Answer) {
        let Some(at) = self.at else { return };
        self.parts[at].1 = Some(answer);
        let is_open = |at: &usize| self.parts[*at].1.is_none();
        let all = at..self.parts.len();
        self.at = all.chain(0..at).find(is_open);
    }

    /// Says it of the part in question and of all below it of which nothing was said.
    pub(super) fn answer_rest(&mut self, answer: Answer) {
        let Some(at) = self.at else { return };
        for (_, said) in &mut self.parts[at + 1..] {
            said.get_or_insert(answer);
        }
        self.answer(answer);
    }

    /// Whether there is a part to go to.
    pub(super) fn reaches(&self, steps: Steps) -> bool {
        self.target(steps).is_some()
    }

    /// Goes there, if there is such a part.
    pub(super) fn step(&mut self, steps: Steps) {
        self.at = self.target(steps).or(self.at);
    }

    /// Goes to the part of this number. Whether there is one.
    pub(super) fn go(&mut self, number: usize) -> bool {
        let at = number.checked_sub(1).filter(|at| *at < self.parts.len());
        self.at = at.or(self.at);
        at.is_some()
    }

    /// Goes to the next part that has this text in a line of it. Whether there is one.
    pub(super) fn find(&mut self, text: &[u8]) -> bool {
        let Some(at) = self.at else { return false };
        let is_in = |line: &HunkLine| line.bytes.windows(text.len()).any(|part| part == text);
        let has = |at: &usize| match &self.parts[*at].0 {
            Part::Hunk(hunk) => hunk.lines.iter().any(is_in),
            Part::Whole | Part::Mode => false,
        };
        let found = (at + 1..self.parts.len()).chain(0..at).find(has);
        self.at = found.or(self.at);
        found.is_some()
    }

    /// Whether the part in question can be split.
    pub(super) fn can_split(&self) -> bool {
        matches!(self.part(), Some(Part::Hunk(hunk)) if hunk.split().len() > 1)
    }

    /// Puts the smallest parts of the part in question in its place. Answers with how many.
    pub(super) fn split(&mut self) -> usize {
        let Some((at, Part::Hunk(hunk))) = self.at.map(|at| (at, &self.parts[at].0)) else {
            return 1;
        };
        let smaller = hunk.split();
        let count = smaller.len();
        self.parts.splice(at..=at, smaller.into_iter().map(|hunk| (Part::Hunk(hunk), None)));
        count
    }

    /// Whether the part in question can be edited.
    pub(super) fn can_edit(&self) -> bool {
        matches!(self.part(), Some(Part::Hunk(_)))
    }

    /// Puts what somebody made of it in the place of the part in question: that is meant.
    pub(super) fn replace(&mut self, hunk: Hunk<'a>) {
        let Some(at) = self.at else { return };
        self.parts[at].0 = Part::Hunk(hunk);
        self.answer(Answer::Yes);
    }

    fn target(&self, steps: Steps) -> Option<usize> {
        let at = self.at?;
        let is_open = |at: &usize| self.parts[*at].1.is_none();
        match steps {
            Steps::Next => Some(at + 1).filter(|at| *at < self.parts.len()),
            Steps::Previous => at.checked_sub(1),
            Steps::NextOpen => (at + 1..self.parts.len()).find(is_open),
            Steps::PreviousOpen => (0..at).rev().find(is_open),
        }
    }
}

#[cfg(test)]
mod tests {
    use selkie_vcs::Fate;

    use super::*;

    fn hunk<'a>(lines: &[(Fate, &'a str)]) -> Hunk<'a> {
        let line =
            |(fate, text): &(Fate, &'a str)| HunkLine { fate: *fate, bytes: text.as_bytes() };
        Hunk { lines: lines.iter().map(line).collect(), ..Hunk::default() }
    }

    /// Four parts, with letters in them.
    fn four() -> Asked<'static> {
        let hunks = ["a\n", "b\n", "c\n", "d\n"].map(|text| hunk(&[(Fate::Added, text)]));
        Asked::of(hunks.into_iter().map(Part::Hunk).collect())
    }

    /// What was said of each part, and the number of the one in question.
    fn told(asked: &Asked) -> (String, usize) {
        let sign = |(_, answer): &(Part, Option<Answer>)| match answer {
            Some(Answer::Yes) => 'y',
            Some(Answer::No) => 'n',
            None => '.',
        };
        (asked.parts.iter().map(sign).collect(), asked.at.map_or(0, |at| at + 1))
    }

    #[test]
    fn answers_go_from_part_to_part_and_come_back_to_what_was_passed_over() {
        let mut asked = four();
        let mut is = |step: &str, expected: (&str, usize)| {
            match step {
                "y" => asked.answer(Answer::Yes),
                "n" => asked.answer(Answer::No),
                "a" => asked.answer_rest(Answer::Yes),
                "j" => asked.step(Steps::NextOpen),
                "J" => asked.step(Steps::Next),
                "k" => asked.step(Steps::PreviousOpen),
                "K" => asked.step(Steps::Previous),
                _ => assert!(asked.go(step.parse().expect("a number"))),
            }
            let (said, at) = told(&asked);
            assert_eq!((&*said, at), expected, "{step}");
        };
        is("j", ("....", 2));
        is("n", (".n..", 3));
        is("K", (".n..", 2));
        is("k", (".n..", 1));
        is("j", (".n..", 3));
        is("a", (".nyy", 1));
        is("4", (".nyy", 4));
        is("n", (".nyn", 1));
        is("J", (".nyn", 2));
        is("y", (".yyn", 1));
        is("y", ("yyyn", 0));
    }

    #[test]
    fn a_part_is_found_by_what_is_in_it() {
        let mut asked = four();
        assert!(asked.find(b"c"));
        assert!(asked.find(b"b"));
        assert_eq!(told(&asked).1, 2);
        assert!(!asked.find(b"b"), "that is the one in question");
        assert!(!asked.go(5) && !asked.go(0));
    }

    #[test]
    fn smaller_parts_take_the_place_of_one() {
        let both = [(Fate::Added, "a\n"), (Fate::Kept, "b\n"), (Fate::Removed, "c\n")];
        let mut asked = Asked::of(vec![Part::Mode, Part::Hunk(hunk(&both)), Part::Mode]);
        assert!(!asked.can_split() && asked.go(2) && asked.can_split());
        assert_eq!(asked.split(), 2);
        assert_eq!(told(&asked), ("....".to_owned(), 2));
        assert!(!asked.can_split());
        asked.replace(hunk(&both));
        assert_eq!(told(&asked), (".y..".to_owned(), 3));
    }
}
