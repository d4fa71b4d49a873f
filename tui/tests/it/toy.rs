//! Small conflicts, and somebody at the keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, Kind, ObjectId, RepoPath, Seal, SealId};
use selkie_tui::{Effect, Key, Message, Settle};
use selkie_vcs::conflicts::{Did, ToldSide};
use selkie_vcs::settling::{
    About, Aspect, Case, Diverged, Draft, Had, Note, Open, PartId, Piece, Shape, Stands, Sweep,
    Tip, Verdict, Would, offers, tabulate,
};
use selkie_vcs::{Rules, SealName, Versions};

use crate::drawn;

/// The rules of who sits at the keys.
const RULES: &str = "[[rule]]\npath = \"*.toml\"\nkey = \"server\"\nstrategy = \"manual\"\n\n[[rule]]\ntype = \"binary\"\nstrategy = \"manual\"\n";

/// A text with open parts. An open part is its base, what A made of it, and what B made of it.
pub(crate) enum Bit<'a> {
    Same(&'a str),
    Open(&'a str, &'a str, &'a str),
}

/// So many lines of this word and a number.
pub(crate) fn numbered(word: &str, count: usize) -> String {
    let lines: Vec<String> = (0..count).map(|number| format!("{word} {number}\n")).collect();
    lines.concat()
}

/// A case with this text.
pub(crate) fn text(path: &str, bits: &[Bit]) -> Case {
    let mut number = 0;
    let piece = |bit: &Bit| match bit {
        Bit::Same(text) => Piece::Settled(text.as_bytes().into()),
        Bit::Open(base, ours, theirs) => {
            number += 1;
            let [base, ours, theirs] = [base, ours, theirs].map(|text| text.as_bytes().to_vec());
            let id = named(path, number);
            Piece::Open(Arc::new(Open { id, versions: Versions { base, ours, theirs } }))
        }
    };
    let pieces = bits.iter().map(piece).collect();
    let sides = [("main", "Ana", Did::Changed), ("feature/auth", "Bo", Did::Changed)];
    case(path, &sides, Shape::Text(pieces))
}

/// A case in which everything was merged: where both sides changed something, `merged` is what came of it.
pub(crate) fn near(path: &str, above: &str, [base, ours, theirs, merged]: [&str; 4]) -> Case {
    let [base, ours, theirs] = [base, ours, theirs].map(|text| text.as_bytes().to_vec());
    let open = Open { id: named(path, 200), versions: Versions { base, ours, theirs } };
    let place = Piece::Merged { open: Arc::new(open), text: merged.as_bytes().into() };
    let sides = [("main", "Ana", Did::Changed), ("feature/auth", "Bo", Did::Changed)];
    case(path, &sides, Shape::Merged(vec![Piece::Settled(above.as_bytes().into()), place]))
}

/// The same file where each side has it at a name of its own, and B lets it be run.
pub(crate) fn apart(mut case: Case, names: [&str; 3]) -> Case {
    let path = case.path.as_str().to_owned();
    let at = |name: &str| Some(Had::At(RepoPath::new(name).unwrap()));
    for (side, name) in case.sides.iter_mut().zip(&names[1..]) {
        (side.did, side.path) = (Did::MovedAndChanged, RepoPath::new(name).unwrap());
    }
    let modes = vec![Some(Had::NotRun), Some(Had::NotRun), Some(Had::Run)];
    case.aspects = vec![
        Aspect { part: named(&path, 230), about: About::Name, versions: names.map(at).into() },
        Aspect { part: named(&path, 231), about: About::Mode, versions: modes },
    ];
    case
}

/// A case that is decided as a whole.
pub(crate) fn whole(path: &str, sides: &[(&str, &str, Did)]) -> Case {
    case(path, sides, Shape::Whole(named(path, 0)))
}

/// A timeline that diverged: who made each head, and how many seals it has that no other has.
pub(crate) fn heads(
    timeline: &str,
    heads: &[(&str, usize)],
    stands: Stands,
    would: Option<Would>,
) -> Case {
    let sides: Vec<(&str, &str, Did)> =
        heads.iter().map(|(who, ahead)| (timeline, *who, Did::Sealed(*ahead))).collect();
    let part = named(timeline, 240);
    let mut case = case("", &sides, Shape::Whole(part));
    let tip = |(side, (_, ahead)): (&ToldSide, &(&str, usize))| {
        let (seal, of) = side.seal.as_ref().expect("each head has a seal");
        let name = |number: usize| {
            let number = u8::try_from(number).expect("there are few");
            (SealName::of(ChangeId::from_bytes([number * 29; ChangeId::LEN])), "a step".to_owned())
        };
        let newest = (SealName::of(of.change), of.message.clone());
        let newest = std::iter::once(newest).chain((1..*ahead).map(name)).collect();
        Tip { seal: *seal, is_here: false, ahead: *ahead, newest }
    };
    let tips = case.sides.iter().zip(heads).map(tip).collect();
    let (timeline, is_protected) = (timeline.to_owned(), false);
    let diverged = Diverged { part, timeline, tips, stands, is_protected, would };
    case.shape = Shape::Heads(Box::new(diverged));
    case
}

/// The name of a part: no two paths of a test have one beginning.
fn named(path: &str, number: u8) -> PartId {
    let mut bytes = [number; PartId::LEN];
    bytes.iter_mut().skip(1).zip(path.bytes()).for_each(|(byte, letter)| *byte = letter);
    PartId::from_bytes(bytes)
}

fn case(path: &str, sides: &[(&str, &str, Did)], shape: Shape) -> Case {
    let at = RepoPath::new(path).unwrap();
    let told = |(number, (timeline, who, did)): (u8, &(&str, &str, Did))| {
        let seal = seal(number, who);
        ToldSide {
            note: format!("{timeline} at {}", SealName::of(seal.change)),
            seal: Some((SealId::from(ObjectId::of(Kind::Seal, &[number])), seal)),
            did: *did,
            path: at.clone(),
        }
    };
    let mut case = Case::unfiled(at.clone(), (1..).zip(sides).map(told).collect(), shape);
    case.base = Some("old-oak-stands".to_owned());
    case
}

fn seal(number: u8, who: &str) -> Seal {
    let titles = ["", "expire sessions", "scope sessions to the web", "a third way"];
    Seal {
        tree: ObjectId::of(Kind::Tree, b"").into(),
        parents: Vec::new(),
        change: ChangeId::from_bytes([number * 37; ChangeId::LEN]),
        time: Hlc::from_ms(1_763_733_600_000 + u64::from(number) * 264_000),
        zone_minutes: 60,
        author: Author { name: who.to_owned(), contact: String::new() },
        message: titles[usize::from(number) % titles.len()].to_owned(),
        replaces: BTreeSet::new(),
        labels: BTreeMap::new(),
        signature: None,
    }
}

/// Somebody at the keys, with a disk that keeps every note at once.
pub(crate) struct Person {
    pub(crate) settle: Settle,
    pub(crate) kept: Vec<Note>,
    /// What the screen wanted done besides keeping notes and telling offers.
    pub(crate) wanted: Vec<Effect>,
}

impl Person {
    /// In front of these conflicts.
    pub(crate) fn at(cases: Vec<Case>) -> Self {
        Self::with(cases, Vec::new())
    }

    /// In front of these conflicts, with notes from before.
    pub(crate) fn with(cases: Vec<Case>, kept: Vec<Note>) -> Self {
        let settle = Settle::new(cases, Draft::of(kept.clone())).expect("something is open");
        let mut person = Self { settle, kept, wanted: Vec::new() };
        let effects = person.settle.begin();
        person.perform(effects);
        person
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            let key = Key::named(name).unwrap_or_else(|| panic!("{name} is no key"));
            self.meet(Message::Pressed(key));
        }
        self
    }

    /// Writes letters, one key after the other.
    pub(crate) fn write(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
            let key = Key::named(&name);
            self.meet(Message::Pressed(key.expect("a letter is a key")));
        }
        self
    }

    /// What the screen shows in this size.
    pub(crate) fn sees(&self, width: u16, height: u16) -> String {
        drawn::text(&self.settle, width, height)
    }

    /// Lets something happen, and does what the screen wants.
    pub(crate) fn meet(&mut self, message: Message) {
        let effects = self.settle.update(message);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Keep(note) => {
                    self.kept.push(note);
                    self.meet(Message::Kept);
                }
                Effect::Ask { number, path, open } => {
                    let offers = offers(path.as_str(), &open.versions);
                    self.meet(Message::Offered { number, part: open.id, offers });
                }
                Effect::Sweep { number, pattern, sort, take } => {
                    let sweep = Sweep::new(&pattern, sort).map_err(|error| error.to_string());
                    let would = sweep.map(|sweep| sweep.would(self.settle.cases(), &take));
                    self.meet(Message::WouldBe { number, would });
                }
                Effect::Tabulate => {
                    let rules = Rules::read(RULES.as_bytes()).expect("they are rules");
                    let tabulated = tabulate(self.settle.cases(), &rules);
                    self.meet(Message::Tabulated(Ok(tabulated)));
                }
                other => self.wanted.push(other),
            }
        }
    }

    /// What is decided of each part, in words; `.` where it is open.
    pub(crate) fn decided(&self) -> Vec<String> {
        let parts = self.settle.cases().iter().flat_map(|case| match &case.shape {
            Shape::Text(pieces) => {
                let open = |piece: &Piece| match piece {
                    Piece::Open(open) => Some((open.id, open.versions.clone())),
                    Piece::Settled(_) | Piece::Merged { .. } => None,
                };
                pieces.iter().filter_map(open).collect()
            }
            Shape::Whole(id) => vec![(*id, Versions::default())],
            Shape::Heads(diverged) => vec![(diverged.part, Versions::default())],
            Shape::Merged(_) | Shape::Torn | Shape::Unmarked => Vec::new(),
        });
        let told = |(id, versions): (PartId, Versions)| match self.settle.draft().verdict(id) {
            Some(Verdict::Fuse) => "fuse".to_owned(),
            Some(Verdict::Apart) => "apart".to_owned(),
            Some(verdict) => String::from_utf8_lossy(&verdict.lines(&versions)).into_owned(),
            None => ".".to_owned(),
        };
        parts.map(told).collect()
    }
}
