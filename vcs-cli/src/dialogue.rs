//! The conflict screen as a dialogue on lines: the same model, with words for keys.
//!
//! For screen readers, for terminals that show no screen, and for scripts: answers are lines of standard input. Where they end,
//! somebody left. Nothing is decided that was not said, and the draft is on disk before the next question.

use std::collections::VecDeque;

use selkie_store::RepoPath;
use selkie_tui::{Action, Effect, Ending, Key, Message, Place, Settle, Spoken, action};
use selkie_vcs::settling::Sort;

use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;

/// What can be said: in short, in a word, what it does, and what help says of it. Sides are said by their letters.
const WORDS: [(&str, &str, Action, &str); 20] = [
    ("0", "base", Action::Base, "take what there was before either side"),
    ("b", "both", Action::Both, "take both, A above B"),
    ("", "reversed", Action::BothReversed, "take both, B above A"),
    ("x", "nothing", Action::Nothing, "take no line at all"),
    ("m", "offer", Action::Offer, "take what is offered; again: the next offer"),
    ("e", "edit", Action::Editor, "write it in your editor"),
    ("o", "open", Action::Reopen, "let it be open again"),
    ("u", "undo", Action::Undo, "take the last step back, to the very first"),
    ("r", "redo", Action::Redo, "do again what was taken back"),
    ("d", "later", Action::PutOff, "put it off: it stays open and comes last; again: not any more"),
    ("n", "next", Action::NextOpen, "go to the next open conflict; so does an empty line"),
    ("p", "previous", Action::PreviousOpen, "go to the open conflict before"),
    ("]", "forward", Action::Next, "go to the next conflict, open or not"),
    ("[", "back", Action::Previous, "go to the conflict before, open or not"),
    ("", "fuse", Action::Offer, "bring the heads of a timeline together"),
    ("", "apart", Action::Both, "keep each head of a timeline on one of its own"),
    ("t", "table", Action::Table, "tell all of them, key by key where a file has keys"),
    ("i", "why", Action::Why, "tell who did what, and when"),
    ("w", "write", Action::Finish, "put what is decided into the files"),
    ("q", "quit", Action::Leave, "leave; the draft is kept"),
];

/// What can be said with something behind it: the word, what stands behind it, and what help says of it.
const PHRASES: [(&str, &str); 6] = [
    ("lines", "tell all lines with their names"),
    ("lines A1,B2-3", "take these lines, in this order"),
    ("find TEXT", "go to the next place with this text; find alone goes on"),
    ("all B *.lock", "decide all like that, once you heard what becomes of each"),
    ("all B *.lock removed", "those of one sort: lines, whole, removed or moved"),
    ("rule B *.lock", "the same as all, and a rule of it"),
];

/// What somebody said.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Said {
    Do(Action),
    /// Something that is said with more than a word.
    Phrase(Message),
    /// Tell the lines with their names.
    Lines,
    /// Tell again what is looked at.
    Show,
    Help,
    Unclear,
}

impl Said {
    fn of(answer: &str) -> Self {
        let word = answer.trim();
        match word.as_bytes() {
            [] => return Self::Do(Action::NextOpen),
            [letter @ b'A'..=b'I'] => return Self::Do(Action::Side(letter - b'A')),
            [number @ b'1'..=b'9'] => return Self::Do(Action::Side(number - b'1')),
            _ => {}
        }
        let found = WORDS.iter().find(|(short, long, ..)| [*short, *long].contains(&word));
        match (found, word) {
            (Some((.., action, _)), _) => Self::Do(*action),
            (None, "lines") => Self::Lines,
            (None, "find") => Self::Do(Action::FindNext),
            (None, phrase) if phrase.contains(' ') => {
                Self::phrase(phrase).map_or(Self::Unclear, Self::Phrase)
            }
            (None, "s" | "show") => Self::Show,
            (None, "?" | "help") => Self::Help,
            // What somebody knows from the screen, and what its words name: 'W writes it'.
            (None, key) => Key::named(key)
                .and_then(|key| action(Place::Conflicts, key))
                .filter(|meant| WORDS.iter().any(|(.., action, _)| action == meant))
                .map_or(Self::Unclear, Self::Do),
        }
    }
}

impl Said {
    /// What is said with more than a word.
    fn phrase(said: &str) -> Option<Message> {
        let (word, rest) = said.split_once(' ')?;
        let rest = rest.trim();
        match word {
            "lines" => rest.parse().ok().map(Message::Picked),
            "find" => Some(Message::Sought(rest.to_owned())),
            "all" | "rule" => {
                let (take, rest) = rest.split_once(' ')?;
                let named = rest.rsplit_once(' ');
                let sorted = named.and_then(|(pattern, sort)| Some((pattern, Sort::named(sort)?)));
                let (pattern, sort) = sorted.unwrap_or((rest, Sort::Any));
                let (pattern, take) = (pattern.trim().to_owned(), take.parse().ok()?);
                Some(Message::Swept { pattern, sort, take, is_rule: word == "rule" })
            }
            _ => None,
        }
    }
}

/// Asks about one conflict after the other until somebody leaves. `work` keeps notes, answers questions and writes files; `edit` lets
/// somebody write a text.
pub(crate) fn hold(
    cx: &mut Context,
    settle: &mut Settle,
    mut work: impl FnMut(Effect) -> Option<Message>,
    mut edit: impl FnMut(&RepoPath, &[u8]) -> Result<Vec<u8>, String>,
) -> Result<Ending, CliError> {
    let begun = settle.begin();
    let mut ending = perform(settle, begun, &mut work, &mut edit);
    let mut shown = None;
    while ending.is_none() {
        if shown != Some(settle.part()) {
            shown = Some(settle.part());
            tell(cx, &settle.told())?;
        }
        let Some(answer) = cx.out.ask(&question(settle))? else { return Ok(Ending::Left) };
        let message = match Said::of(&answer) {
            Said::Do(Action::Why) => {
                tell(cx, &settle.told_why())?;
                continue;
            }
            Said::Do(Action::Table) => {
                let wanted = settle.tabulate();
                ending = perform(settle, wanted, &mut work, &mut edit);
                tell(cx, &settle.told_table())?;
                continue;
            }
            Said::Do(action) => Message::Said(action),
            Said::Phrase(message) => message,
            Said::Lines => {
                tell(cx, &settle.told_lines())?;
                continue;
            }
            Said::Show => {
                shown = None;
                continue;
            }
            Said::Help => {
                help(cx, settle)?;
                continue;
            }
            Said::Unclear => {
                cx.out.line(&Line::of("That is nothing to say here. ? tells what is."))?;
                continue;
            }
        };
        // An editor has the terminal for itself.
        cx.out.flush()?;
        let wanted = settle.update(message);
        ending = perform(settle, wanted, &mut work, &mut edit);
        if ending.is_none() {
            ending = answered(cx, settle, &mut work, &mut edit)?;
        }
        if let Some(notice) = settle.notice() {
            cx.out.line(&Line::of(&notice))?;
        } else if ending.is_none() && shown == Some(settle.part()) {
            tell(cx, &settle.told_result())?;
        }
    }
    Ok(ending.unwrap_or(Ending::Left))
}

/// Asks what the screen asks now, if it asks something, and does what somebody says to that.
fn answered(
    cx: &mut Context,
    settle: &mut Settle,
    work: &mut impl FnMut(Effect) -> Option<Message>,
    edit: &mut impl FnMut(&RepoPath, &[u8]) -> Result<Vec<u8>, String>,
) -> Result<Option<Ending>, CliError> {
    let (told, question, yes) = match settle.place() {
        Place::Finishing => (settle.told_finishing(), "Write it? ", Action::Confirm),
        Place::Sweeping => (settle.told_sweep(), "Decide them? ", Action::SweepDo),
        Place::Conflicts | Place::Lines | Place::Searching | Place::Writing | Place::Page => {
            return Ok(None);
        }
    };
    tell(cx, &told)?;
    let action = if confirms(cx, question)? { yes } else { Action::Back };
    let wanted = settle.update(Message::Said(action));
    let ending = perform(settle, wanted, work, edit);
    if ending.is_none() && settle.place() != Place::Conflicts {
        // It was refused. What was asked is not asked again by itself.
        if let Some(notice) = settle.notice() {
            cx.out.line(&Line::of(&notice))?;
        }
        settle.update(Message::Said(Action::Back));
    }
    Ok(ending)
}

/// Whether somebody says yes.
fn confirms(cx: &mut Context, question: &str) -> Result<bool, CliError> {
    let answer = cx.out.ask(&Line::of(question).put(Label::Aside, "[y,n]").plain(" "))?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "yes")))
}

/// Does what is to be done, and what comes of that, until nothing is left or it ends.
fn perform(
    settle: &mut Settle,
    wanted: Vec<Effect>,
    work: &mut impl FnMut(Effect) -> Option<Message>,
    edit: &mut impl FnMut(&RepoPath, &[u8]) -> Result<Vec<u8>, String>,
) -> Option<Ending> {
    let mut wanted = VecDeque::from(wanted);
    while let Some(effect) = wanted.pop_front() {
        let message = match effect {
            Effect::Leave => return Some(Ending::Left),
            Effect::Edit { path, part, text } => {
                Some(Message::Edited { part, outcome: edit(&path, &text) })
            }
            other => work(other),
        };
        if let Some(Message::Wrote(Ok(finished))) = message {
            return Some(Ending::Wrote(finished));
        }
        wanted.extend(message.map(|message| settle.update(message)).unwrap_or_default());
    }
    None
}

fn question(settle: &Settle) -> Line {
    let sides = settle.sides().map(String::from).collect::<Vec<_>>().join(",");
    let words = if settle.is_diverged() {
        "fuse,apart,later,undo,next,write,quit,?"
    } else {
        "base,both,lines,offer,edit,later,undo,next,write,quit,?"
    };
    Line::note("Take").put(Label::Aside, &format!("[{sides},{words}]")).plain(" ")
}

fn help(cx: &mut Context, settle: &Settle) -> Result<(), CliError> {
    for letter in settle.sides() {
        let line = Line::of("  ").put(Label::Verb, &format!("{letter:<14}"));
        cx.out.line(&line.plain(&format!("take side {letter}")))?;
    }
    let more =
        [("s", "show", "tell again what is looked at"), ("?", "help", "tell what can be said")];
    let words = WORDS.iter().map(|(short, word, _, what)| (*short, *word, *what));
    for (short, word, what) in words.chain(more) {
        let name = if short.is_empty() { word.to_owned() } else { format!("{word}, {short}") };
        cx.out.line(&Line::of("  ").put(Label::Verb, &format!("{name:<14}")).plain(what))?;
    }
    for (phrase, what) in PHRASES {
        cx.out.line(&Line::of("  ").put(Label::Verb, &format!("{phrase:<22}")).plain(what))?;
    }
    Ok(())
}

fn tell(cx: &mut Context, told: &[Spoken]) -> Result<(), CliError> {
    for one in told {
        let line = match one {
            Spoken::Sentence(text) => Line::of(text),
            Spoken::Kept(text) => Line::of("    ").content(Label::Plain, text),
            Spoken::Named(name, text) => {
                Line::of("  ").put(Label::Code, &format!("{name:<7} ")).content(Label::Plain, text)
            }
            Spoken::Gone(text) => {
                Line::of("  ").put(Label::Removed, "- ").content(Label::Removed, text)
            }
            Spoken::Come(text) => {
                Line::of("  ").put(Label::Added, "+ ").content(Label::Added, text)
            }
        };
        cx.out.line(&line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use selkie_vcs::settling::Take;

    use super::*;

    #[test]
    fn every_word_means_one_thing() {
        let mut met: Vec<&str> = ["s", "show", "?", "help"].to_vec();
        for (short, word, action, what) in WORDS {
            assert!(!what.is_empty());
            for said in [short, word].into_iter().filter(|said| !said.is_empty()) {
                assert!(!met.contains(&said), "{said} means two things");
                met.push(said);
                assert_eq!(Said::of(said), Said::Do(action));
            }
        }
        assert_eq!(Said::of(" B \r"), Said::Do(Action::Side(1)));
        assert_eq!(Said::of("2"), Said::Do(Action::Side(1)));
        assert_eq!(Said::of(""), Said::Do(Action::NextOpen));
        assert_eq!(Said::of("W"), Said::Do(Action::Finish));
        assert_eq!(Said::of("lines"), Said::Lines);
        let picked = Message::Picked("B2,A1".parse().unwrap());
        assert_eq!(Said::of("lines B2, A1"), Said::Phrase(picked));
        assert_eq!(Said::of(" find  a b "), Said::Phrase(Message::Sought("a b".to_owned())));
        let swept = |pattern: &str, sort, is_rule| {
            let (pattern, take) = (pattern.to_owned(), Take::Side(1));
            Said::Phrase(Message::Swept { pattern, sort, take, is_rule })
        };
        assert_eq!(Said::of("all B *.lock"), swept("*.lock", Sort::Any, false));
        assert_eq!(Said::of("rule B a b removed"), swept("a b", Sort::Removed, true));
        for unclear in ["J", "j", "bo", "both sides", "é", "\u{1b}[A", "all B", "lines C1"] {
            assert_eq!(Said::of(unclear), Said::Unclear, "{unclear:?}");
        }
    }
}
