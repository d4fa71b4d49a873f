//! Which parts of changes somebody means, asked one after the other.
//!
//! Answers are lines of standard input, at a terminal or from a program. Where they end, nothing more is meant.

use std::fs;
use std::path::Path;

use selkie_vcs::diff::Contents;
use selkie_vcs::offer::{Choice, Offer};
use selkie_vcs::{
    Answer, CONTEXT_LINES, Chosen, Comparing, FilePatch, FileVersion, Hunk, Part, PatchBody,
    PathChange, Way, Workspace, chosen, parse_edited, parts,
};

use crate::asking::command::{Command, HELP};
use crate::asking::file::Asked;
use crate::asking::texts::Texts;
use crate::context::Context;
use crate::differences::patch::{head, hunk_lines};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;

mod command;
mod file;
mod texts;

/// Asks about everything that is offered. `verb` is what is done with what is meant: 'Gather'.
pub(crate) fn ask(
    cx: &mut Context,
    workspace: &Workspace,
    offer: &Offer,
    verb: &str,
) -> Result<Vec<Choice>, CliError> {
    let diff = offer.diff(workspace)?;
    let page = Workspace::control(workspace.copy().folder()).join("local").join("change.diff");
    let mut choices = Vec::new();
    for change in &diff.changes {
        let contents = diff.contents(change)?;
        let way = offer.way();
        let (chosen, then) =
            Dialogue { cx, change, contents: &contents, way, verb, page: &page }.hold()?;
        choices.push(Choice { change: change.clone(), chosen });
        if then == Then::Stop {
            break;
        }
    }
    Ok(choices)
}

/// Whether more is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Then {
    GoOn,
    Stop,
}

/// What is said about one file.
struct Dialogue<'a> {
    cx: &'a mut Context,
    change: &'a PathChange,
    contents: &'a Contents,
    way: Way,
    verb: &'a str,
    page: &'a Path,
}

impl Dialogue<'_> {
    fn hold(mut self) -> Result<(Chosen, Then), CliError> {
        let contents = self.contents;
        let patches = contents.patches(Comparing::default(), CONTEXT_LINES);
        for line in patches.first().map(head).unwrap_or_default() {
            self.cx.out.line(&line)?;
        }
        let [before, after] = contents.versions().unwrap_or_default();
        let texts = Texts::default();
        let mut asked = Asked::of(parts(before.as_ref(), after.as_ref()));
        let mut is_shown = false;
        let then = loop {
            let Some(part) = asked.part() else { break Then::GoOn };
            if !is_shown {
                self.show(part, &patches)?;
            }
            is_shown = false;
            let question = self.question(&asked);
            let Some(answer) = self.cx.out.ask(&question)? else { break Then::Stop };
            match Command::of(&answer, &asked) {
                Some(Command::Yes) => asked.answer(Answer::Yes),
                Some(Command::No) => asked.answer(Answer::No),
                Some(Command::AllOfFile) => asked.answer_rest(Answer::Yes),
                Some(Command::NoneOfFile) => asked.answer_rest(Answer::No),
                Some(Command::Quit) => break Then::Stop,
                Some(Command::Step(steps)) => asked.step(steps),
                Some(Command::Go(number)) => is_shown = !self.go(&mut asked, &number)?,
                Some(Command::Find(text)) => is_shown = !self.find(&mut asked, &text)?,
                Some(Command::Split) => {
                    let count = asked.split();
                    self.say(&format!("Split into {count} changes."))?;
                }
                Some(Command::Edit) => {
                    let hunk = self.edit(&asked, (before.as_ref(), after.as_ref()), &texts)?;
                    is_shown = hunk.is_none();
                    if let Some(hunk) = hunk {
                        asked.replace(hunk);
                    }
                }
                Some(Command::Help) | None => {
                    is_shown = true;
                    self.help(&asked)?;
                }
            }
        };
        let chosen = chosen(before.as_ref(), after.as_ref(), &asked.said(), self.way);
        Ok((chosen.map_err(CliError::Hunk)?, then))
    }

    /// The part as it is looked at.
    fn show(&mut self, part: &Part, patches: &[FilePatch]) -> Result<(), CliError> {
        match part {
            // What the lines above the first hunk tell.
            Part::Mode => Ok(()),
            Part::Hunk(hunk) => self.show_hunk(hunk),
            Part::Whole => {
                for (number, patch) in patches.iter().enumerate() {
                    let above = if number == 0 { Vec::new() } else { head(patch) };
                    above.iter().try_for_each(|line| self.cx.out.line(line))?;
                    if let PatchBody::Hunks(hunks) = &patch.body {
                        hunks.iter().try_for_each(|hunk| self.show_hunk(hunk))?;
                    }
                }
                Ok(())
            }
        }
    }

    fn show_hunk(&mut self, hunk: &Hunk) -> Result<(), CliError> {
        Ok(hunk_lines(hunk).iter().try_for_each(|line| self.cx.out.line(line))?)
    }

    fn question(&self, asked: &Asked) -> Line {
        let (verb, [number, count]) = (self.verb, asked.place());
        let what = match (asked.part(), &self.change.before, &self.change.after) {
            (Some(Part::Mode), ..) => "this change of mode",
            (Some(Part::Whole), None, _) => "the new file",
            (Some(Part::Whole), _, None) => "the removal of",
            (Some(Part::Whole), Some(_), Some(_)) => "the change of",
            (Some(Part::Hunk(_)) | None, ..) => "this change",
        };
        let path = self.change.path.as_str();
        let letters = Command::offered(asked).join(",");
        let line = Line::default().put(Label::Note, &format!("({number}/{count}) {verb} {what}"));
        let line =
            if asked.part() == Some(&Part::Whole) { line.plain(" ").code(path) } else { line };
        line.plain("? ").put(Label::Aside, &format!("[{letters}]")).plain(" ")
    }

    fn help(&mut self, asked: &Asked) -> Result<(), CliError> {
        let offered = Command::offered(asked);
        for (letter, what) in HELP.iter().filter(|(letter, _)| offered.contains(letter)) {
            let line = Line::of("  ").put(Label::Verb, letter).plain("  ").plain(what);
            self.cx.out.line(&line)?;
        }
        Ok(())
    }

    /// Goes to a part by its number, asked for where none was said. Whether there is one.
    fn go(&mut self, asked: &mut Asked, number: &str) -> Result<bool, CliError> {
        let said = if number.is_empty() {
            for (number, line) in asked.titles() {
                self.cx.out.line(&Line::of(&format!("{number:>3}  ")).then(&line))?;
            }
            self.cx.out.ask(&Line::of("Go to which one? "))?.unwrap_or_default()
        } else {
            number.to_owned()
        };
        let found = said.trim().parse().is_ok_and(|number| asked.go(number));
        if !found {
            self.say("There is no change of that number.")?;
        }
        Ok(found)
    }

    /// Goes to the next part with this text in it.
    fn find(&mut self, asked: &mut Asked, text: &str) -> Result<bool, CliError> {
        let text = if text.is_empty() {
            self.cx.out.ask(&Line::of("Look for: "))?.unwrap_or_default()
        } else {
            text.to_owned()
        };
        let found = !text.is_empty() && asked.find(text.as_bytes());
        if !found {
            self.say("No other change has that in it.")?;
        }
        Ok(found)
    }

    /// Lets somebody write the hunk as they mean it. Nothing if it can not be meant so.
    fn edit<'a>(
        &mut self,
        asked: &Asked<'a>,
        (before, after): (Option<&FileVersion<'a>>, Option<&FileVersion<'a>>),
        texts: &'a Texts,
    ) -> Result<Option<Hunk<'a>>, CliError> {
        let Some(Part::Hunk(hunk)) = asked.part() else { return Ok(None) };
        let mut text = REMARKS.as_bytes().to_vec();
        text.extend(hunk.to_bytes());
        let editor = self.cx.editor()?;
        let text = texts.keep(editor.edit(self.page, &text)?);
        let unwritten =
            |source| CliError::Write { path: self.page.to_string_lossy().into_owned(), source };
        fs::remove_file(self.page).map_err(unwritten)?;
        let edited = match parse_edited(hunk, text) {
            Ok(edited) => edited,
            Err(error) => {
                self.say(&format!("That is no change: {error}."))?;
                return Ok(None);
            }
        };
        if edited.lines.is_empty() {
            self.say("Nothing is left of the change, so it is as it was.")?;
            return Ok(None);
        }
        let said = [(Part::Hunk(edited.clone()), Answer::Yes)];
        if let Err(error) = chosen(before, after, &said, self.way) {
            self.say(&format!("The change can not be meant so: {error}."))?;
            return Ok(None);
        }
        Ok(Some(edited))
    }

    fn say(&mut self, sentence: &str) -> Result<(), CliError> {
        Ok(self.cx.out.line(&Line::of(sentence))?)
    }
}

const REMARKS: &str = "\
# Edit the change as you mean it. To leave out a line that comes, delete it. To keep a line that goes, make
# its '-' a ' '. Lines that begin with '#' are left out. Delete all, and the change is as it was.
";
