//! Any keys on any conflicts: nothing panics, no side is lost, and everything is taken back.

use std::env;

use selkie_tui::{BINDINGS, Effect, Key, Message, Palette, Place};
use selkie_vcs::conflicts::Did;
use selkie_vcs::settling::{Case, Draft, Stands, Would};

use crate::drawn::{cells, rows};
use crate::toy::{Bit, Person, apart, heads, near, text, whole};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn lines(&mut self) -> String {
        let lines = [
            "a\n",
            "let b = 1;\n",
            "日本語\n",
            "\u{202e}rtl\n",
            "\x1b[2J\n",
            "\r\n",
            "שלום\n",
            "\t\tx\n",
        ];
        let mut text: String = (0..self.below(5)).map(|_| self.one(&lines)).collect();
        if self.below(4) == 0 {
            text.push_str("no end");
        }
        text
    }

    fn cases(&mut self) -> Vec<Case> {
        let mut cases = Vec::new();
        for number in 0..=self.below(3) {
            let texts: Vec<String> = (0..4 * (1 + self.below(3))).map(|_| self.lines()).collect();
            let bits: Vec<Bit> = texts
                .chunks(4)
                .flat_map(|four| [Bit::Same(&four[0]), Bit::Open(&four[1], &four[2], &four[3])])
                .collect();
            let path = format!("{number}.txt");
            let case = text(&path, &bits);
            let is_moved = self.below(3) == 0;
            let names = ["old.txt", &path, "far/away.txt"];
            cases.push(if is_moved { apart(case, names) } else { case });
        }
        if self.below(3) == 0 {
            let texts = [self.lines(), self.lines(), self.lines(), self.lines()];
            cases.push(near("y.txt", "above\n", texts.each_ref().map(String::as_str)));
        }
        if self.below(3) == 0 {
            cases.push(whole("z", &[("main", "Ana", Did::Removed), ("side", "Bo", Did::Changed)]));
        }
        if self.below(3) == 0 {
            let stands = [Stands::Elsewhere, Stands::Here, Stands::Busy][self.below(3)];
            let would = [None, Some(Would::Clean), Some(Would::Unrelated)][self.below(3)].clone();
            cases.push(heads("\u{202e}main", &[("Ana", 3), ("Bo", 1)], stands, would));
        }
        cases
    }

    fn key(&mut self) -> Key {
        let all: Vec<&str> = BINDINGS.iter().flat_map(|binding| binding.keys).copied().collect();
        match self.below(8) {
            0 => Key::named(self.one(&["z", "é", "日", "space", "-"])).unwrap(),
            // What decides something comes often.
            1..4 => {
                let often = [
                    "1", "2", "0", "b", "B", "x", "m", "n", "u", "U", "v", "space", "d", "s",
                    "enter",
                ];
                Key::named(self.one(&often)).unwrap()
            }
            _ => Key::named(self.one(&all)).unwrap(),
        }
    }
}

#[test]
fn any_walk_keeps_all_sides_and_is_undone_to_its_beginning() {
    let walks = env::var("SCREEN_WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(60);
    for seed in 0..walks {
        let mut dice = Dice(seed);
        let cases = dice.cases();
        let mut person = Person::at(cases.clone());
        for step in 0..dice.below(120) {
            let key = dice.key();
            person.meet(Message::Pressed(key));
            answer(&mut person, &mut dice);
            let told = format!("seed {seed}, step {step}, {key}");
            assert_eq!(person.settle.cases(), cases, "{told}");
            assert_eq!(&Draft::of(person.kept.clone()), person.settle.draft(), "{told}");
            if step % 7 == 0 {
                is_safe(&person, &mut dice, &told);
            }
        }
        take_back(&mut person);
        let draft = person.settle.draft();
        assert_eq!(draft.parts().count(), 0, "seed {seed}");
        assert_eq!(person.settle.put_off_count() + draft.rules().len(), 0, "seed {seed}");
    }
}

/// Does what the screen wants, well or badly.
fn answer(person: &mut Person, dice: &mut Dice) {
    for effect in std::mem::take(&mut person.wanted) {
        match effect {
            Effect::Edit { part, text, .. } => {
                let outcome = match dice.below(3) {
                    0 => Err("gave up".to_owned()),
                    1 => Ok(text),
                    _ => Ok(dice.lines().into_bytes()),
                };
                person.meet(Message::Edited { part, outcome });
            }
            Effect::Write(draft) => {
                assert_eq!(*draft, *person.settle.draft());
                person.meet(Message::Wrote(Err("no".to_owned())));
            }
            _ => {}
        }
    }
}

/// Every size can be drawn, no cell has anything that a terminal obeys, and colours change no letter.
fn is_safe(person: &Person, dice: &mut Dice, told: &str) {
    let sizes = [(80, 24), (120, 40), (200, 50), (40, 12), (1, 1), (0, 0), (13, 3), (119, 21)];
    let (width, height) = sizes[dice.below(sizes.len())];
    let coloured = cells(&person.settle, Palette::Coloured, width, height);
    let plain = cells(&person.settle, Palette::Plain, width, height);
    assert_eq!(rows(&coloured), rows(&plain), "{told}");
    for cell in coloured.content() {
        let obeyed = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!cell.symbol().contains(obeyed), "{told}: {:?}", cell.symbol());
    }
}

/// Out of whatever is on the screen, and back to the beginning.
fn take_back(person: &mut Person) {
    while person.settle.place() != Place::Conflicts {
        person.press("esc");
    }
    let steps = person.kept.len();
    for _ in 0..=steps {
        person.press("u");
    }
}
