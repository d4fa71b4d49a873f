//! How somebody wants a seal to be told: a text with fields in braces.
//!
//! What comes of it goes out like every line of ours, so nothing that a stranger wrote reaches a terminal raw.

use std::ops::Range;

use thiserror::Error;

use crate::label::Label;
use crate::line::Line;
use crate::nearest::nearest;
use crate::template::field::Field;

pub(crate) mod field;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

/// A text with fields.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// Where a field goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Slot {
    pub(crate) field: Field,
    pub(crate) style: Style,
    /// What stands before it and behind it, unless it is empty.
    around: [String; 2],
}

/// How a field is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Style {
    #[default]
    Plain,
    /// No more than so many letters.
    Cut(usize),
    /// Blanks behind it, up to so many letters.
    Left(usize),
    /// Blanks before it.
    Right(usize),
    Date(DateForm),
}

/// How a date is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DateForm {
    Iso,
    Rfc,
    Git,
    Mail,
    Unix,
    Ago,
}

/// Why a text is no template.
#[derive(Debug, Eq, Error, PartialEq)]
#[error("{wrong}")]
pub(crate) struct TemplateError {
    /// The text.
    pub(crate) text: String,
    /// Where in it.
    pub(crate) place: Range<usize>,
    pub(crate) wrong: Wrong,
}

/// What is wrong with it.
#[derive(Debug, Eq, Error, PartialEq)]
pub(crate) enum Wrong {
    /// A brace is not closed.
    #[error("a '{{' is never closed")]
    Open,
    /// A brace was never opened.
    #[error("a '}}' closes nothing")]
    Closed,
    /// No field has this name.
    #[error("a seal has no field '{0}'")]
    Field(String, Option<&'static str>),
    /// The field is not written so.
    #[error("the field '{field}' has no form '{form}'")]
    Form { field: &'static str, form: String },
    /// A backslash before what needs none.
    #[error("a backslash stands before n, t, {{, }}, | or another one")]
    Escape,
    /// It says the same of every seal.
    #[error("it has no field in braces, so it says the same of every seal")]
    Same,
}

/// Letters of a field that anybody may ask for.
const WIDTH_MAX: usize = 1000;

impl Template {
    /// Reads a template.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let wrong = |place, wrong| TemplateError { text: text.to_owned(), place, wrong };
        let mut parts = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (plain, end) =
                unescaped(text, at, &['{', '}']).map_err(|place| wrong(place, Wrong::Escape))?;
            if !plain.is_empty() {
                parts.push(Part::Text(plain));
            }
            at = end;
            match text[at..].chars().next() {
                None => {}
                Some('}') => return Err(wrong(at..at + 1, Wrong::Closed)),
                Some(_) => {
                    let (slot, end) = slot(text, at).map_err(|(place, what)| wrong(place, what))?;
                    parts.push(Part::Slot(slot));
                    at = end;
                }
            }
        }
        let template = Self { parts };
        if template.slots().next().is_none() {
            return Err(wrong(0..text.len(), Wrong::Same));
        }
        Ok(template)
    }

    /// The fields that it asks for.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(slot) => Some(slot),
            Part::Text(_) => None,
        })
    }

    /// The lines that come of it. `value` tells what a field is.
    pub(crate) fn lines<E>(
        &self,
        mut value: impl FnMut(&Slot) -> Result<String, E>,
    ) -> Result<Vec<Line>, E> {
        let mut lines = vec![Line::default()];
        for part in &self.parts {
            match part {
                Part::Text(text) => put(&mut lines, Label::Plain, text),
                Part::Slot(slot) => {
                    let value = value(slot)?;
                    let [before, behind] = &slot.around;
                    if !value.is_empty() {
                        put(&mut lines, Label::Plain, before);
                    }
                    put(&mut lines, label(slot.field), &slot.style.fit(&value));
                    if !value.is_empty() {
                        put(&mut lines, Label::Plain, behind);
                    }
                }
            }
        }
        Ok(lines)
    }
}

/// The fields, as help lists them.
pub(crate) fn fields() -> String {
    let row = |field: Field| format!("  {:<11}{}\n", field.name(), field.about());
    let rows: String = Field::ALL.into_iter().map(row).collect();
    format!("Fields of --format:\n{rows}\n{FORMS}")
}

const FORMS: &str = "\
In braces: {title:50} is its first 50 letters, {author:<20} has blanks behind it up to 20, {author:>20} before
it, and {tags| (|)} stands between ' (' and ')' unless it is empty. \\n ends a line; \\{ is a brace.";

/// Adds a text that may have ends of lines.
fn put(lines: &mut Vec<Line>, label: Label, text: &str) {
    for (number, piece) in text.split('\n').enumerate() {
        if number > 0 {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            *line = std::mem::take(line).content(label, piece.as_bytes());
        }
    }
}

const fn label(field: Field) -> Label {
    match field {
        Field::Name => Label::Seal,
        Field::Timelines | Field::Tags => Label::Timeline,
        Field::Hash | Field::Change | Field::Parents | Field::Date | Field::Decisions => {
            Label::Aside
        }
        Field::Author
        | Field::Contact
        | Field::Title
        | Field::Body
        | Field::Message
        | Field::Signature
        | Field::Signer
        | Field::Path => Label::Plain,
    }
}

impl Style {
    /// The value in this form.
    fn fit(self, value: &str) -> String {
        match self {
            Self::Plain | Self::Date(_) => value.to_owned(),
            Self::Cut(len) => value.chars().take(len).collect(),
            Self::Left(len) => format!("{value:<len$}"),
            Self::Right(len) => format!("{value:>len$}"),
        }
    }

    fn of(field: Field, form: &str) -> Option<Self> {
        let width = |text: &str| text.parse().ok().filter(|width| (1..=WIDTH_MAX).contains(width));
        let date = match form {
            "iso" => Some(DateForm::Iso),
            "rfc" => Some(DateForm::Rfc),
            "git" => Some(DateForm::Git),
            "mail" => Some(DateForm::Mail),
            "unix" => Some(DateForm::Unix),
            "ago" => Some(DateForm::Ago),
            _ => None,
        };
        match (date.filter(|_| field == Field::Date), form.split_at_checked(1)) {
            (Some(date), _) => Some(Self::Date(date)),
            (None, Some(("<", rest))) => width(rest).map(Self::Left),
            (None, Some((">", rest))) => width(rest).map(Self::Right),
            (None, _) => width(form).map(Self::Cut),
        }
    }
}

/// What was wrong, and where.
type Misplaced = (Range<usize>, Wrong);

/// The slot whose brace opens at `from`, and where it ends.
fn slot(text: &str, from: usize) -> Result<(Slot, usize), Misplaced> {
    let stops = ['|', '}', '{'];
    let escape = |place| (place, Wrong::Escape);
    let open = || (from..from + 1, Wrong::Open);
    let mut pieces = Vec::new();
    let mut at = from + 1;
    loop {
        let (piece, end) = unescaped(text, at, &stops).map_err(escape)?;
        pieces.push((at..end, piece));
        at = end + 1;
        match text[end..].chars().next() {
            Some('|') if pieces.len() < 3 => {}
            Some('}') => break,
            Some(_) | None => return Err(open()),
        }
    }
    let mut pieces = pieces.into_iter();
    let (place, what) = pieces.next().ok_or_else(open)?;
    let mut around = || pieces.next().map(|(_, text)| text).unwrap_or_default();
    let around = [around(), around()];
    let (name, form) =
        what.split_once(':').map_or((&*what, None), |(name, form)| (name, Some(form)));
    let Some(field) = Field::named(name) else {
        let near = nearest(name, Field::ALL.map(Field::name));
        return Err((place, Wrong::Field(name.to_owned(), near)));
    };
    let style = match form {
        None => Style::Plain,
        Some(form) => Style::of(field, form)
            .ok_or_else(|| (place, Wrong::Form { field: field.name(), form: form.to_owned() }))?,
    };
    Ok((Slot { field, style, around }, at))
}

/// The text from `from` to the first of `stops` that no backslash stands before, and where that is.
fn unescaped(text: &str, from: usize, stops: &[char]) -> Result<(String, usize), Range<usize>> {
    let mut plain = String::new();
    let mut letters = text[from..].char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => plain.push(match letters.next() {
                Some((_, 'n')) => '\n',
                Some((_, 't')) => '\t',
                Some((_, letter @ ('{' | '}' | '|' | '\\'))) => letter,
                Some((end, letter)) => return Err(from + at..from + end + letter.len_utf8()),
                None => return Err(from + at..text.len()),
            }),
            letter if stops.contains(&letter) => return Ok((plain, from + at)),
            letter => plain.push(letter),
        }
    }
    Ok((plain, text.len()))
}
