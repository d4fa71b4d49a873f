//! What every command may use.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use selkie_store::{Author, PublicKey, RepoPath, SealId, device_public};
use selkie_vcs::diff::is_anywhere;
use selkie_vcs::seal::Dated;
use selkie_vcs::{
    Doer, Graph, Keys, PatternList, Progress, Register, Revs, Watch, Workspace, WorkspaceError,
    parse_when,
};
use serde::Serialize;

use crate::config::key::{
    CONTACT, EDITOR, HOOK_FOLDERS, IGNORE_FILE, NAME, PAGER, TRUSTED, TRUSTED_KEY,
};
use crate::config::places::Places;
use crate::config::{Config, ConfigError};
use crate::editor::{Editor, Place};
use crate::error::CliError;
use crate::hooks::{Hook, Hooks, INSIDE, Pass, Power, is_listed};
use crate::keyring::Keyring;
use crate::line::Line;
use crate::meter::{Meter, Watcher};
use crate::out::Out;
use crate::shown::shown_json;
use crate::zone;

/// The world of one command.
pub(crate) struct Context {
    /// Where its words go.
    pub(crate) out: Out,
    /// Whether what it tells is for a program to read.
    pub(crate) format: Format,
    /// All settings.
    pub(crate) config: Config,
    /// Where they are kept.
    pub(crate) places: Places,
    /// The definition of the whole command line.
    pub(crate) define: fn() -> clap::Command,
    /// What was typed behind the program's name.
    pub(crate) typed: String,
    /// Whether long output may go through a pager.
    pub(crate) paging: bool,
    /// Whether hooks may run.
    pub(crate) hooking: bool,
    /// The operation after which the repository is looked at, if not now.
    pub(crate) at_op: Option<u64>,
    /// Why nothing may be changed here, if something has to be settled first.
    pub(crate) barred: Option<String>,
    /// What was told of a linked repository of git that is not abreast: once is enough.
    pub(crate) apart: Option<String>,
}

/// For whom the output is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// A person.
    Text,
    /// A program: one JSON object, or one a line.
    Json,
}

impl Context {
    /// The clone that the command was typed in.
    pub(crate) fn workspace(&self) -> Result<Workspace, CliError> {
        let mut workspace = self.silent_workspace()?;
        if let Some(watch) = self.watch() {
            workspace.watched_by(watch);
        }
        Ok(workspace)
    }

    /// The same for what has the whole screen: nothing is told of how far files are.
    pub(crate) fn silent_workspace(&self) -> Result<Workspace, CliError> {
        let here = env::current_dir().map_err(CliError::Here)?;
        let folder = Workspace::find(&here).ok_or(WorkspaceError::Nowhere(here))?;
        let mut workspace = Workspace::open(&folder, &self.trusted(), self.keys(), now_ns)?;
        if let Some(number) = self.at_op {
            workspace.look_back(number)?;
        }
        if let Some(why) = &self.barred {
            workspace.bar(why.clone());
        }
        if let Some(list) = self.ignores() {
            let bytes = Self::ignored_by(&list)?;
            workspace.ignoring(vec![PatternList::parse(&list.to_string_lossy(), &bytes)]);
        }
        Ok(workspace)
    }

    /// The folders of others that are worked in all the same.
    pub(crate) fn trusted(&self) -> Vec<PathBuf> {
        let trusted = self.config.value(&TRUSTED).map_or("", |(folders, _)| folders);
        env::split_paths(trusted).collect()
    }

    /// The file that says what this user ignores in every clone.
    pub(crate) fn ignores(&self) -> Option<PathBuf> {
        let Some((said, _)) = self.config.value(&IGNORE_FILE) else { return self.places.ignores() };
        match said.strip_prefix("~/") {
            Some(inner) => Some(PathBuf::from(variable("HOME")?).join(inner)),
            None => Some(said.into()),
        }
    }

    /// What is in that file. One that is not there says nothing.
    pub(crate) fn ignored_by(list: &Path) -> Result<Vec<u8>, CliError> {
        match fs::read(list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|source| CliError::Unreadable {
                path: list.to_string_lossy().into_owned(),
                source,
            }),
        }
    }

    /// A line that tells how far something is, if somebody sees it.
    pub(crate) fn meter(&self, what: &'static str) -> Meter {
        Meter::of(what, self.out.watcher())
    }

    /// What tells how far files are, if somebody sees it.
    pub(crate) fn watch(&self) -> Option<Watch> {
        let watcher = self.out.watcher();
        if watcher == Watcher::Nobody {
            return None;
        }
        // Guards the line; only the thread that works with the files tells.
        let line = Mutex::new(None::<Meter>);
        Some(Watch::new(move |Progress { done, of }| {
            let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
            if done < of {
                line.get_or_insert_with(|| Meter::of("Files:", watcher)).tell(done, of);
            } else {
                *line = None;
            }
        }))
    }

    /// Where the key of this device is.
    pub(crate) fn keys(&self) -> Keys {
        self.places.keys().map_or(Keys::Nowhere, Keys::In)
    }

    /// The keys that are known here. Where the key of this device can not be used, that is told, and looking goes on.
    pub(crate) fn keyring(&mut self) -> Result<Keyring, CliError> {
        let family = TRUSTED_KEY.name.trim_end_matches(".*");
        let trusted = self.config.members(family);
        let trusted = trusted
            .filter_map(|(name, key)| Some((name.to_owned(), PublicKey::spelled(key)?)))
            .collect();
        let own = match self.places.keys().map(|folder| device_public(&folder)) {
            Some(Ok(own)) => own,
            Some(Err(error)) => {
                self.out.warn(&Line::note("warning").plain(&error.to_string()))?;
                None
            }
            None => None,
        };
        Ok(Keyring { own, trusted })
    }

    /// Who does something now.
    pub(crate) fn doer(&self) -> Doer {
        let text = |key| self.config.value(key).map(|(text, _)| text.to_owned());
        let author = Author {
            name: text(&NAME).unwrap_or_default(),
            contact: text(&CONTACT).unwrap_or_default(),
        };
        let now = zone::now();
        let now_ms = u64::try_from(now.timestamp().as_millisecond()).unwrap_or_default();
        let minutes = now.offset().seconds() / 60;
        Doer { author, now_ms, zone_minutes: i16::try_from(minutes).unwrap_or_default() }
    }

    /// What reads the settings again, as they are then.
    pub(crate) fn reader_of_settings(
        &self,
    ) -> Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync> {
        let (places, arguments) = (self.places.clone(), self.config.arguments().to_vec());
        Box::new(move || settings(&places, &arguments))
    }

    /// Who makes a seal: somebody with a name.
    pub(crate) fn sealer(&self) -> Result<Doer, CliError> {
        let doer = self.doer();
        if doer.author.name.is_empty() { Err(CliError::Nameless) } else { Ok(doer) }
    }

    /// What was typed behind the program's name.
    pub(crate) fn typed(&self) -> String {
        self.typed.clone()
    }

    /// The path from the top of the clone to what somebody named from here.
    pub(crate) fn repo_path(workspace: &Workspace, named: &Path) -> Result<RepoPath, CliError> {
        let here = env::current_dir().map_err(CliError::Here)?;
        let top = workspace.copy().folder();
        let outside = || CliError::Outside(named.to_string_lossy().into_owned());
        let mut parts: Vec<&str> = Vec::new();
        let full = here.join(named);
        for part in full.strip_prefix(top).map_err(|_outside| outside())?.components() {
            match part {
                Component::Normal(name) => parts.push(name.to_str().ok_or_else(outside)?),
                Component::ParentDir => {
                    parts.pop().ok_or_else(outside)?;
                }
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Ok(RepoPath::new(&parts.join("/"))?)
    }

    /// The same for paths that have to be somewhere, on disk or known: one that was mistyped among others would be passed over without a
    /// word.
    pub(crate) fn paths_here(
        workspace: &Workspace,
        named: &[PathBuf],
    ) -> Result<Vec<RepoPath>, CliError> {
        let here = |named: &PathBuf| {
            let path = Self::repo_path(workspace, named)?;
            let is_here = named.symlink_metadata().is_ok() || is_anywhere(workspace, &path, &[])?;
            let nowhere = || CliError::Nowhere(named.to_string_lossy().into_owned());
            if is_here { Ok(path) } else { Err(nowhere()) }
        };
        named.iter().map(here).collect()
    }

    /// The seal that somebody means, or the one that the clone stands on.
    pub(crate) fn seal_or_here(
        workspace: &Workspace,
        text: Option<&str>,
    ) -> Result<SealId, CliError> {
        let here = || workspace.repository().desk().bases.first().copied();
        text.map_or_else(|| here().ok_or(CliError::NoSeal), |text| Self::resolve(workspace, text))
    }

    /// The one seal that somebody means by this text.
    pub(crate) fn resolve(workspace: &Workspace, text: &str) -> Result<SealId, CliError> {
        let mut chronicle = workspace.repository().chronicle()?;
        chronicle.ask(|graph| {
            Self::looking(workspace, graph, |revs| {
                let wrong = |source| CliError::rev(text, source);
                graph.id(revs.seal(text).map_err(wrong)?).map_err(CliError::from)
            })
        })
    }

    /// Answers a question about revisions, at the time and in the zone of whoever asks.
    pub(crate) fn looking<T>(
        workspace: &Workspace,
        graph: &Graph,
        question: impl FnOnce(&Revs) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let repository = workspace.repository();
        let names = Register { repository, graph };
        let now = zone::now();
        question(&Revs { graph, store: repository.store(), names: &names, now: &now })
    }

    /// The moment that somebody means by this text, in their own zone.
    pub(crate) fn moment(text: &str) -> Result<Timestamp, CliError> {
        Ok(parse_when(text, &zone::now())?)
    }

    /// The same for a seal, with what the clock on the wall was ahead of UTC then.
    pub(crate) fn dated(text: &str) -> Result<Dated, CliError> {
        let moment = Self::moment(text)?;
        let minutes = zone::now().time_zone().to_offset(moment).seconds() / 60;
        // Before 1970 there are no seals.
        let ms = u64::try_from(moment.as_millisecond()).unwrap_or_default();
        Ok(Dated { ms, zone_minutes: i16::try_from(minutes).unwrap_or_default() })
    }

    /// The hooks of the clone.
    pub(crate) fn hooks(&self, workspace: &Workspace) -> Hooks {
        let folder = workspace.copy().folder();
        let listed = self.config.value(&HOOK_FOLDERS).map_or("", |(folders, _)| folders);
        let pass = if variable(INSIDE).is_some() {
            Pass::Inside
        } else if !is_listed(folder, listed) {
            Pass::Unlisted
        } else if self.hooking {
            Pass::Run
        } else {
            Pass::Unwanted
        };
        Hooks::of(folder, &Workspace::control(folder), pass)
    }

    /// Runs a hook, if there is one and it is to run.
    pub(crate) fn run_hook(
        &mut self,
        workspace: &Workspace,
        hook: Hook,
        arguments: &[&OsStr],
    ) -> Result<(), CliError> {
        let desk = workspace.repository().desk();
        let folder = workspace.copy().folder().to_string_lossy().into_owned();
        let timeline = desk.timeline.clone().unwrap_or_default();
        let seal = desk.bases.first().map(ToString::to_string).unwrap_or_default();
        let told =
            [("SELKIE_FOLDER", folder), ("SELKIE_TIMELINE", timeline), ("SELKIE_SEAL", seal)];
        let hooks = self.hooks(workspace);
        match hooks.run(&mut self.out, hook, arguments, &told.into()) {
            Err(error) if hook.power == Power::Tell => {
                let line = Line::note("warning").plain(&error.to_string());
                Ok(self.out.warn(&line)?)
            }
            ended => Ok(ended?),
        }
    }

    /// The program in which somebody writes.
    pub(crate) fn editor(&self) -> Result<Editor, CliError> {
        let setting = self.config.value(&EDITOR).map(|(command, _)| command);
        Ok(Editor::of(setting, variable, Place::here())?)
    }

    /// Shows what follows through the pager, if a person reads it and wants one.
    pub(crate) fn page(&mut self) {
        let pager = self.config.value(&PAGER).map_or("off", |(pager, _)| pager);
        // The settings of this program go before the variable of all programs, unless nobody set them.
        let by_itself = PAGER.default == Some(pager);
        let of_all = if by_itself { variable("PAGER") } else { None };
        let pager = of_all.unwrap_or_else(|| pager.to_owned());
        if self.paging && self.format == Format::Text && pager != "off" && !pager.trim().is_empty()
        {
            self.out.page(&pager);
        }
    }

    /// Says to a person why a list is empty: that is no line of it.
    pub(crate) fn nothing(&mut self, why: &str) -> Result<(), CliError> {
        if self.format == Format::Text {
            self.out.say(&Line::of(why))?;
        }
        Ok(())
    }

    /// Writes one JSON object on a line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(value).expect("what is told has text for keys");
        writeln!(self.out.stream(), "{}", shown_json(&text))?;
        Ok(())
    }
}

/// The settings as the environment and the arguments say.
pub(crate) fn settings(places: &Places, arguments: &[String]) -> Result<Config, ConfigError> {
    let ours = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("SELKIE_"))?;
        Some((name, value.into_string().ok()?))
    };
    Config::read(places, env::vars_os().filter_map(ours), arguments)
}

/// A variable of the environment, if it is text and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The time, in nanoseconds since 1970.
pub(crate) fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 makes every file look fresh, and so looked at.
    now.map_or(0, |now| i64::try_from(now.as_nanos()).unwrap_or(i64::MAX))
}
