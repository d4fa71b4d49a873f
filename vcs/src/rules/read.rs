//! Reading the file of rules. What is wrong in it is told with its line, and then none of it holds.

use std::ops::Range;

use selkie_store::PublicKey;
use thiserror::Error;
use toml_edit::{Document, Item, TableLike, Value};

use crate::glob::Glob;
use crate::merge::file_type::FileType;
use crate::merge::key_pattern::KeyPattern;
use crate::rev::near::nearest;
use crate::rules::{FileRule, NearRule, Rules, glob};
use crate::strategy::Strategy;

/// Why a file of rules says nothing. Nobody knows then what it was to say, so nothing is settled by a step either.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("line {line}: {problem}")]
pub struct RulesError {
    /// Where, the first line at 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: RulesProblem,
}

/// What is wrong in a file of rules.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RulesProblem {
    /// It is no text, or in conflict.
    #[error("this is no text that could be read")]
    NoText,
    /// It is no TOML.
    #[error("this is no TOML: {0}")]
    NoToml(String),
    /// No key is called so.
    #[error("there is no key '{key}' here{}", meant(.near))]
    Unknown {
        /// As it is written.
        key: String,
        /// What may be meant.
        near: Vec<String>,
    },
    /// No value is called so.
    #[error("'{word}' is no {what}{}", meant(.near))]
    Word {
        /// What was to be named.
        what: &'static str,
        /// As it is written.
        word: String,
        /// What may be meant.
        near: Vec<String>,
    },
    /// The value is none for its key.
    #[error("'{key}' is {wants}")]
    Shape {
        /// Which key.
        key: &'static str,
        /// What it has to be.
        wants: &'static str,
    },
    /// A table does not say what it is for.
    #[error("{table} needs '{key}'")]
    Lacks {
        /// The table, as it is called.
        table: &'static str,
        /// The key that is not there.
        key: &'static str,
    },
    /// A key that this strategy does not ask.
    #[error("'{key}' says nothing to the strategy {strategy}")]
    Idle {
        /// Which key.
        key: &'static str,
        /// The strategy of the rule.
        strategy: Strategy,
    },
}

/// The keys of a rule.
const KEYS: [&str; 7] = ["path", "type", "key", "strategy", "by", "authority", "command"];

/// The keys of the file.
const RULE: &str = "rule";
const NEAR: &str = "near";

/// The keys of what is worth a look.
const NEAR_KEYS: [&str; 2] = ["path", "lines"];

/// More lines are no closeness.
const NEAR_LINES_MAX: i64 = 100;

impl Rules {
    /// The rules that this text holds.
    ///
    /// # Errors
    ///
    /// Something in it is unknown or makes no sense. Then all of it says nothing.
    pub fn read(text: &[u8]) -> Result<Self, RulesError> {
        let nothing = |problem| RulesError { line: 1, problem };
        let text = str::from_utf8(text).map_err(|_no_text| nothing(RulesProblem::NoText))?;
        let reading = Reading { text };
        let document = Document::parse(text).map_err(|error| {
            let problem = RulesProblem::NoToml(error.message().trim().to_owned());
            reading.at(error.span(), problem)
        })?;
        let (mut rules, mut nears) = (Vec::new(), Vec::new());
        for (key, item) in document.as_table() {
            let span = document.as_table().key(key).and_then(toml_edit::Key::span);
            let shape = match key {
                RULE => RulesProblem::Shape { key: RULE, wants: "a list of tables: [[rule]]" },
                NEAR => RulesProblem::Shape { key: NEAR, wants: "a list of tables: [[near]]" },
                _ => {
                    let near = nearest(key, [RULE, NEAR].into_iter());
                    let problem = RulesProblem::Unknown { key: key.to_owned(), near };
                    return Err(reading.at(span, problem));
                }
            };
            let tables: Vec<&dyn TableLike> = match item {
                Item::ArrayOfTables(tables) => {
                    tables.iter().map(|table| table as &dyn TableLike).collect()
                }
                Item::Value(Value::Array(values)) => {
                    let tables = values
                        .iter()
                        .map(|value| value.as_inline_table().map(|table| table as &dyn TableLike));
                    let tables = tables.collect::<Option<Vec<_>>>();
                    tables.ok_or_else(|| reading.at(item.span(), shape))?
                }
                Item::None | Item::Value(_) | Item::Table(_) => {
                    return Err(reading.at(item.span().or(span), shape));
                }
            };
            let spans = spans(item);
            for (table, span) in tables.into_iter().zip(spans) {
                if key == NEAR {
                    nears.push(reading.near(table, span.as_ref())?);
                } else {
                    rules.push(reading.rule(table, span.as_ref())?);
                }
            }
        }
        Ok(Self { rules, near: nears })
    }
}

/// Where each table begins.
fn spans(item: &Item) -> Vec<Option<Range<usize>>> {
    match item {
        Item::ArrayOfTables(tables) => tables.iter().map(toml_edit::Table::span).collect(),
        Item::Value(Value::Array(values)) => values.iter().map(Value::span).collect(),
        Item::None | Item::Value(_) | Item::Table(_) => Vec::new(),
    }
}

/// A text that is read.
struct Reading<'a> {
    text: &'a str,
}

impl Reading<'_> {
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start.min(self.text.len()));
        1 + self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count()
    }

    fn at(&self, span: Option<Range<usize>>, problem: RulesProblem) -> RulesError {
        RulesError { line: self.line(span), problem }
    }

    /// Whether a table has these keys alone.
    fn has_only(&self, table: &dyn TableLike, keys: &[&'static str]) -> Result<(), RulesError> {
        for (key, _) in table.iter() {
            if !keys.contains(&key) {
                let near = nearest(key, keys.iter().copied());
                let span = table.key(key).and_then(toml_edit::Key::span);
                return Err(self.at(span, RulesProblem::Unknown { key: key.to_owned(), near }));
            }
        }
        Ok(())
    }

    /// The files that a table is for, as they are written, and as they are found.
    fn path_of(&self, table: &dyn TableLike) -> Result<(Option<String>, Option<Glob>), RulesError> {
        let path = self.text_of(table, "path")?;
        let pattern = path.as_deref().map(|path| {
            let wants = "a pattern such as '*.lock' or 'docs/**'";
            glob(path).ok_or_else(|| self.shape(table, "path", wants))
        });
        Ok((path, pattern.transpose()?))
    }

    fn near(
        &self,
        table: &dyn TableLike,
        span: Option<&Range<usize>>,
    ) -> Result<NearRule, RulesError> {
        self.has_only(table, &NEAR_KEYS)?;
        let (_, glob) = self.path_of(table)?;
        let lines = table.get("lines");
        let lacks = RulesProblem::Lacks { table: "a [[near]]", key: "lines" };
        let lines = lines.ok_or_else(|| self.at(span.cloned(), lacks))?;
        let lines = lines.as_integer().filter(|lines| (0..=NEAR_LINES_MAX).contains(lines));
        let wants = "a number of lines from 0 to 100";
        let lines = lines.ok_or_else(|| self.shape(table, "lines", wants))?;
        Ok(NearRule { glob, lines: usize::try_from(lines).unwrap_or_default() })
    }

    fn rule(
        &self,
        table: &dyn TableLike,
        span: Option<&Range<usize>>,
    ) -> Result<FileRule, RulesError> {
        self.has_only(table, &KEYS)?;
        let (path, glob) = self.path_of(table)?;
        let kind = self.text_of(table, "type")?.map(|word| {
            let all = FileType::ALL.into_iter().map(FileType::name);
            FileType::named(&word)
                .ok_or_else(|| self.word(table, "type", "type of files", word, all))
        });
        let key = self.text_of(table, "key")?.map(|key| {
            let wants = "a way of keys such as 'package.version'";
            KeyPattern::new(&key).ok_or_else(|| self.shape(table, "key", wants))
        });
        let strategy = self.text_of(table, "strategy")?;
        let strategy = strategy.ok_or_else(|| {
            self.at(span.cloned(), RulesProblem::Lacks { table: "a rule", key: "strategy" })
        })?;
        let all = Strategy::ALL.into_iter().map(Strategy::name);
        let strategy = Strategy::named(&strategy)
            .ok_or_else(|| self.word(table, "strategy", "strategy", strategy, all))?;
        let rule = FileRule {
            line: self.line(span.cloned()),
            path,
            kind: kind.transpose()?,
            key: key.transpose()?,
            strategy,
            by: self.text_of(table, "by")?,
            authority: self.keys_of(table)?,
            command: self.text_of(table, "command")?,
            glob,
        };
        self.check(table, span, &rule)?;
        Ok(rule)
    }

    /// Whether the rule says what its strategy takes, and nothing else.
    fn check(
        &self,
        table: &dyn TableLike,
        span: Option<&Range<usize>>,
        rule: &FileRule,
    ) -> Result<(), RulesError> {
        let strategy = rule.strategy;
        for (key, asks) in [
            ("by", strategy == Strategy::Set),
            ("authority", strategy == Strategy::Authority),
            ("command", strategy == Strategy::Command),
        ] {
            if table.contains_key(key) && !asks {
                let place = table.key(key).and_then(toml_edit::Key::span);
                return Err(self.at(place, RulesProblem::Idle { key, strategy }));
            }
        }
        let lacks = |key| Err(self.at(span.cloned(), RulesProblem::Lacks { table: "a rule", key }));
        match strategy {
            Strategy::Authority if rule.authority.is_empty() => lacks("authority"),
            Strategy::Command if rule.command.is_none() => lacks("command"),
            // A command knows files, and nothing of keys in them.
            Strategy::Command if rule.key.is_some() => {
                let place = table.key("key").and_then(toml_edit::Key::span);
                Err(self.at(place, RulesProblem::Idle { key: "key", strategy }))
            }
            _ => Ok(()),
        }
    }

    fn text_of(
        &self,
        table: &dyn TableLike,
        key: &'static str,
    ) -> Result<Option<String>, RulesError> {
        let Some(item) = table.get(key) else { return Ok(None) };
        let text = item.as_str().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| self.shape(table, key, "a text with something in it"))?;
        Ok(Some(text.to_owned()))
    }

    /// The keys whose side is right: one, or a list of them.
    fn keys_of(&self, table: &dyn TableLike) -> Result<Vec<PublicKey>, RulesError> {
        let Some(item) = table.get("authority") else { return Ok(Vec::new()) };
        let wrong = || {
            let wants = "a public key of 64 hexadecimal digits, or a list of such";
            self.shape(table, "authority", wants)
        };
        let texts: Option<Vec<&str>> = match item.as_array() {
            Some(list) => list.iter().map(Value::as_str).collect(),
            None => item.as_str().map(|text| vec![text]),
        };
        let keys = texts.ok_or_else(wrong)?.into_iter().map(PublicKey::spelled);
        keys.collect::<Option<Vec<_>>>().ok_or_else(wrong)
    }

    fn shape(&self, table: &dyn TableLike, key: &'static str, wants: &'static str) -> RulesError {
        let span = table.key(key).and_then(toml_edit::Key::span);
        self.at(span, RulesProblem::Shape { key, wants })
    }

    fn word<'n>(
        &self,
        table: &dyn TableLike,
        key: &'static str,
        what: &'static str,
        word: String,
        all: impl Iterator<Item = &'n str>,
    ) -> RulesError {
        let span = table.key(key).and_then(toml_edit::Key::span);
        let near = nearest(&word, all);
        self.at(span, RulesProblem::Word { what, word, near })
    }
}

/// What may be meant, as the end of a sentence.
fn meant(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean {}?", near.join(", ")),
    }
}
