//! The seals that a template is about, and what its fields are for each.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};
use selkie_store::{Author, ChangeId, RepoPath, Seal, SealId, Store};
use selkie_vcs::timeline::list;
use selkie_vcs::{
    DateStyle, Graph, Row, SealName, Workspace, change_letters, decisions, show_ago, show_date,
    wall_clock,
};

use crate::context::Context;
use crate::error::CliError;
use crate::keyring::Keyring;
use crate::line::Line;
use crate::template::field::Field;
use crate::template::{DateForm, Slot, Style, Template};

/// Tells seals by a template.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    template: &'a Template,
    store: &'a Store,
    keyring: Keyring,
    timelines: Names,
    tags: Names,
    now: Timestamp,
}

/// What seals are called.
type Names = BTreeMap<SealId, Vec<String>>;

/// One seal.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    id: SealId,
    /// Where the graph tells of it, which takes no look into the store.
    row: Option<(&'a Graph, Row)>,
    /// What the file that is followed was called in it.
    path: Option<&'a RepoPath>,
    seal: OnceCell<Seal>,
}

impl<'a> Teller<'a> {
    /// One that knows what the template asks for.
    pub(crate) fn new(
        cx: &mut Context,
        workspace: &'a Workspace,
        template: &'a Template,
    ) -> Result<Self, CliError> {
        let repository = workspace.repository();
        let asks = |fields: &[Field]| template.slots().any(|slot| fields.contains(&slot.field));
        let is_judged = asks(&[Field::Signature, Field::Signer]);
        let keyring = if is_judged { cx.keyring()? } else { Keyring::default() };
        let mut timelines = Names::new();
        if asks(&[Field::Timelines]) {
            for timeline in list(repository)? {
                for head in timeline.heads {
                    timelines.entry(head).or_default().push(timeline.name.clone());
                }
            }
        }
        let mut tags = Names::new();
        if asks(&[Field::Tags]) {
            for (name, seals) in repository.shared().tags() {
                seals.into_iter().for_each(|seal| {
                    tags.entry(seal).or_default().push(name.to_owned());
                });
            }
        }
        let (store, now) = (repository.store(), Timestamp::now());
        Ok(Self { template, store, keyring, timelines, tags, now })
    }

    /// The lines for a seal.
    pub(crate) fn lines(&self, subject: &Subject) -> Result<Vec<Line>, CliError> {
        self.template.lines(|slot| self.value(slot, subject))
    }

    fn value(&self, slot: &Slot, subject: &Subject) -> Result<String, CliError> {
        let store = self.store;
        let named =
            |names: &Names| names.get(&subject.id).map_or_else(String::new, |all| all.join(", "));
        Ok(match slot.field {
            Field::Name => SealName::of(subject.change(store)?).to_string(),
            Field::Hash => subject.id.to_string(),
            Field::Change => change_letters(subject.change(store)?),
            Field::Parents => spelled(&subject.parents(store)?),
            Field::Author => subject.author(store)?.name.clone(),
            Field::Contact => subject.author(store)?.contact.clone(),
            Field::Date => self.date(slot.style, &subject.moment(store)?),
            Field::Title => subject.title(store)?,
            Field::Body => body(&subject.seal(store)?.message).to_owned(),
            Field::Message => subject.seal(store)?.message.trim_end().to_owned(),
            Field::Timelines => named(&self.timelines),
            Field::Tags => named(&self.tags),
            Field::Signature => self.keyring.verdict(subject.seal(store)?).word().to_owned(),
            Field::Signer => {
                let verdict = self.keyring.verdict(subject.seal(store)?);
                verdict.signer().unwrap_or_default().to_owned()
            }
            Field::Decisions => decisions(subject.seal(store)?).join("\n"),
            Field::Path => subject.path.map(ToString::to_string).unwrap_or_default(),
        })
    }

    fn date(&self, style: Style, moment: &Zoned) -> String {
        let form = match style {
            Style::Date(form) => form,
            Style::Plain | Style::Cut(_) | Style::Left(_) | Style::Right(_) => {
                return show_date(moment, DateStyle::Short);
            }
        };
        match form {
            DateForm::Iso => show_date(moment, DateStyle::Iso),
            DateForm::Rfc => show_date(moment, DateStyle::Rfc3339),
            DateForm::Git => show_date(moment, DateStyle::Git),
            DateForm::Mail => show_date(moment, DateStyle::Mail),
            DateForm::Unix => moment.timestamp().as_second().to_string(),
            DateForm::Ago => show_ago(moment.timestamp(), self.now),
        }
    }
}

impl<'a> Subject<'a> {
    /// A seal that the graph knows.
    pub(crate) fn of_row(
        graph: &'a Graph,
        row: Row,
        path: Option<&'a RepoPath>,
    ) -> Result<Self, CliError> {
        Ok(Self { id: graph.id(row)?, row: Some((graph, row)), path, seal: OnceCell::new() })
    }

    /// A seal that is at hand.
    pub(crate) fn of_seal(id: SealId, seal: Seal) -> Self {
        Self { id, row: None, path: None, seal: OnceCell::from(seal) }
    }

    fn seal(&self, store: &Store) -> Result<&Seal, CliError> {
        if let Some(seal) = self.seal.get() {
            return Ok(seal);
        }
        let seal = store.load(self.id)?;
        Ok(self.seal.get_or_init(|| seal))
    }

    fn change(&self, store: &Store) -> Result<ChangeId, CliError> {
        let known = self.row.map(|(graph, row)| graph.change(row)).transpose()?.flatten();
        known.map_or_else(|| Ok(self.seal(store)?.change), Ok)
    }

    fn parents(&self, store: &Store) -> Result<Vec<SealId>, CliError> {
        let Some((graph, row)) = self.row else { return Ok(self.seal(store)?.parents.clone()) };
        graph.parents(row)?.map(|parent| Ok(graph.id(parent)?)).collect()
    }

    fn author(&self, store: &'a Store) -> Result<&Author, CliError> {
        match self.row {
            Some((graph, row)) => Ok(graph.author(row)?),
            None => Ok(&self.seal(store)?.author),
        }
    }

    fn moment(&self, store: &Store) -> Result<Zoned, CliError> {
        let (time, zone_minutes) = match self.row {
            Some((graph, row)) => graph.time(row)?,
            None => self.seal(store).map(|seal| (seal.time, seal.zone_minutes))?,
        };
        Ok(wall_clock(time, zone_minutes))
    }

    fn title(&self, store: &Store) -> Result<String, CliError> {
        let title = |seal: &Seal| seal.message.lines().next().unwrap_or_default().to_owned();
        match self.row {
            Some((graph, row)) => Ok(graph.title(row)?.to_owned()),
            None => self.seal(store).map(title),
        }
    }
}

fn spelled(seals: &[SealId]) -> String {
    seals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A message without its first line and the blank ones behind that.
fn body(message: &str) -> &str {
    message.split_once('\n').map_or("", |(_, body)| body.trim_start_matches('\n').trim_end())
}
