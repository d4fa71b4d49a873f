//! People of the tour: each has a home and a key of their own, and types commands of this program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

use crate::context::Context;
use crate::error::CliError;
use crate::error::tour::TourError;
use crate::label::Label;
use crate::line::Line;

/// Somebody who is not there, and does as if.
#[derive(Debug)]
pub(crate) struct Visitor {
    name: &'static str,
    program: PathBuf,
    home: PathBuf,
}

/// A command that goes on, and tells JSON.
#[derive(Debug)]
pub(crate) struct Going {
    typed: String,
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// The repository of the tour.
pub(crate) const REPOSITORY: &str = "poems";

/// The one file in it.
pub(crate) const FILE: &str = "poem.txt";

impl Visitor {
    /// Somebody with this name, whose home is below `place`.
    pub(crate) fn new(place: &Path, name: &'static str) -> Result<Self, TourError> {
        let program = std::env::current_exe().map_err(TourError::Folder)?;
        let home = place.join(name);
        fs::create_dir(&home).map_err(TourError::Folder)?;
        let visitor = Self { name, program, home };
        visitor.does(&["config", "set", "--user", "user.name", name])?;
        Ok(visitor)
    }

    /// Types a command. What was typed and what it says is shown.
    pub(crate) fn types(&self, cx: &mut Context, args: &[&str]) -> Result<(), CliError> {
        self.types_as(cx, args, &args.join(" "))
    }

    /// The same, shown as it would be typed.
    pub(crate) fn types_as(
        &self,
        cx: &mut Context,
        args: &[&str],
        shown: &str,
    ) -> Result<(), CliError> {
        self.shows(cx, shown)?;
        let output = self.does(args)?;
        for said in [output.stdout, output.stderr] {
            for line in String::from_utf8_lossy(&said).lines() {
                cx.out.line(&Line::of("  ").plain(line))?;
            }
        }
        Ok(cx.out.flush()?)
    }

    /// Shows a command as it is typed.
    pub(crate) fn shows(&self, cx: &mut Context, typed: &str) -> Result<(), CliError> {
        let line = Line::default().put(Label::Aside, &format!("{}$ ", self.name));
        Ok(cx.out.line(&line.code(&format!("selkie {typed}")))?)
    }

    /// Writes the file.
    pub(crate) fn writes(&self, text: &str) -> Result<(), TourError> {
        fs::write(self.folder().join(FILE), text).map_err(TourError::Folder)
    }

    /// What the file is.
    pub(crate) fn reads(&self) -> Result<Vec<u8>, TourError> {
        fs::read(self.folder().join(FILE)).map_err(TourError::Folder)
    }

    /// Does what a command does, and shows nothing of it.
    pub(crate) fn does(&self, args: &[&str]) -> Result<Output, TourError> {
        let output = self.command(args).output();
        let output = output.map_err(|source| TourError::Start { typed: args.join(" "), source })?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(TourError::Failed { typed: args.join(" "), said })
    }

    /// What a command tells programs.
    pub(crate) fn told(&self, args: &[&str], field: &str) -> Result<String, TourError> {
        let output = self.does(&[&["--json"], args].concat())?;
        let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        text(&told, field).ok_or_else(|| TourError::Untold { typed: args.join(" ") })
    }

    /// Begins a command that goes on.
    pub(crate) fn begins(&self, args: &[&str]) -> Result<Going, TourError> {
        let typed = args.join(" ");
        let mut command = self.command(&[&["--json"], args].concat());
        let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child =
            started.map_err(|source| TourError::Start { typed: typed.clone(), source })?;
        let lines = child.stdout.take().expect("it is piped");
        Ok(Going { typed, child, lines: BufReader::new(lines) })
    }

    /// Nothing of the person who takes the tour is read or written.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("SELKIE_")) {
            command.env_remove(name);
        }
        for name in ["HOME", "XDG_CONFIG_HOME", "APPDATA", "PROGRAMDATA"] {
            command.env(name, &self.home);
        }
        let folder = self.folder();
        let folder = if folder.exists() { &folder } else { &self.home };
        command.args(args).current_dir(folder).stdin(Stdio::null());
        command
    }

    fn folder(&self) -> PathBuf {
        self.home.join(REPOSITORY)
    }
}

impl Going {
    /// What the next line tells.
    pub(crate) fn tells(&mut self, field: &str) -> Result<String, TourError> {
        let untold = || TourError::Untold { typed: self.typed.clone() };
        let mut line = String::new();
        self.lines.read_line(&mut line).map_err(|_unread| untold())?;
        let told = serde_json::from_str(&line).unwrap_or(Value::Null);
        text(&told, field).ok_or_else(untold)
    }

    /// Waits until it ends by itself.
    pub(crate) fn ends(mut self) -> Result<(), TourError> {
        let is_ended = self.child.wait().is_ok_and(|status| status.success());
        if is_ended { Ok(()) } else { Err(TourError::Untold { typed: self.typed.clone() }) }
    }
}

impl Drop for Going {
    /// Whatever happens, nothing goes on after the tour.
    fn drop(&mut self) {
        // One that has ended can not be ended.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn text(told: &Value, field: &str) -> Option<String> {
    told[field].as_str().map(str::to_owned)
}
