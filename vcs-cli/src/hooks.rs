//! Programs of somebody's own that run when something happens in a clone.
//!
//! They run only in clones that their user listed, in settings that no repository can write: a folder that was
//! unpacked from somewhere has neither. Files and folders of others, or that everybody may write, never run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, stderr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use selkie_store::{Untrusted, check_trust};
use thiserror::Error;

use crate::line::Line;
use crate::out::Out;

/// Something that happens, and that a program can be run for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hook {
    /// Its name, and that of the program.
    pub name: &'static str,
    /// When the program runs.
    pub when: &'static str,
    /// What it is given behind its name.
    pub arguments: &'static str,
    /// What comes of it if the program fails.
    pub power: Power,
}

/// What comes of it if a hook's program fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Power {
    /// What was about to happen does not.
    Veto,
    /// That is told, and nothing else.
    Tell,
}

/// Before a seal is drafted.
pub(crate) const PRE_SEAL: Hook = Hook {
    name: "pre-seal",
    when: "before 'selkie seal' looks at the files",
    arguments: "",
    power: Power::Veto,
};

/// Before a seal is made.
pub(crate) const SEAL_MESSAGE: Hook = Hook {
    name: "seal-message",
    when: "before a seal is made, with its words in a file that may be changed",
    arguments: "FILE",
    power: Power::Veto,
};

/// After the clone stands elsewhere.
pub(crate) const POST_SWITCH: Hook = Hook {
    name: "post-switch",
    when: "after 'selkie switch' and 'selkie travel'",
    arguments: "OLD-SEAL NEW-SEAL",
    power: Power::Tell,
};

/// Before anything goes to peers or comes from them because somebody typed it.
pub(crate) const PRE_SYNC: Hook = Hook {
    name: "pre-sync",
    when: "before 'selkie sync' meets peers",
    arguments: "",
    power: Power::Veto,
};

/// All of them.
pub(crate) const HOOKS: [Hook; 4] = [PRE_SEAL, SEAL_MESSAGE, POST_SWITCH, PRE_SYNC];

/// The hooks of one clone.
#[derive(Clone, Debug)]
pub(crate) struct Hooks {
    folder: PathBuf,
    programs: PathBuf,
    pass: Pass,
}

/// Whether hooks run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pass {
    /// They do.
    Run,
    /// Their user did not list this clone.
    Unlisted,
    /// Whoever typed the command does not want them now.
    Unwanted,
    /// A hook is running, and typed the command.
    Inside,
}

/// What is at the place of a hook's program.
#[derive(Debug)]
pub(crate) enum State {
    /// Nothing.
    Absent,
    /// A file that may not be run.
    Closed,
    /// Something that others could have put there.
    Foreign(Untrusted),
    /// A program.
    Ready(PathBuf),
}

/// Why a hook stands in the way.
#[derive(Debug, Error)]
pub(crate) enum HookError {
    /// Its program failed, and so what it was asked about does not happen.
    #[error("the hook '{hook}' refused: {status}")]
    Veto { hook: &'static str, status: ExitStatus },
    /// Its program can not be run, so nobody knows what it would say.
    #[error("the hook '{hook}' can not be run")]
    Run { hook: &'static str, source: io::Error },
    /// Its program is not to be trusted.
    #[error("the hook '{hook}' does not run")]
    Foreign { hook: &'static str, source: Box<Untrusted> },
}

/// Set for a hook's program, so that commands it types run no hooks.
pub(crate) const INSIDE: &str = "SELKIE_HOOK";
/// How long a hook runs before somebody is told for what they wait.
const PATIENCE: Duration = Duration::from_secs(3);

impl Hooks {
    /// Those of the clone in `folder`, whose own folder is `control`.
    pub(crate) fn of(folder: &Path, control: &Path, pass: Pass) -> Self {
        Self { folder: folder.to_owned(), programs: control.join("hooks"), pass }
    }

    /// Whether they run.
    pub(crate) const fn pass(&self) -> Pass {
        self.pass
    }

    /// What is at the place of its program.
    pub(crate) fn state(&self, hook: Hook) -> Result<State, HookError> {
        let program = self.programs.join(hook.name);
        let file = match fs::metadata(&program) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Absent),
            Err(source) => return Err(HookError::Run { hook: hook.name, source }),
        };
        // The folders too: who may write them can put another program there.
        for place in program.ancestors().take_while(|place| place.starts_with(&self.folder)) {
            // Folders of others that are listed are worked in, and run nothing.
            if let Err(untrusted) = check_trust(place, &[]) {
                return Ok(State::Foreign(untrusted));
            }
        }
        Ok(if file.is_file() && may_run(&file) { State::Ready(program) } else { State::Closed })
    }

    /// Runs its program, if there is one and it is to run. What it prints goes to standard error.
    pub(crate) fn run(
        &self,
        out: &mut Out,
        hook: Hook,
        arguments: &[&OsStr],
        told: &BTreeMap<&str, String>,
    ) -> Result<(), HookError> {
        let name = hook.name;
        let failed = |source| HookError::Run { hook: name, source };
        let program = match (self.state(hook)?, self.pass) {
            (State::Absent, _) | (_, Pass::Inside) => return Ok(()),
            (_, Pass::Unlisted) => {
                let line = Line::note("note").plain("the hook ").code(name);
                let line = line.plain(" is there and does not run; let it with ");
                return out.say(&line.code("selkie hooks enable")).map_err(failed);
            }
            (State::Ready(_), Pass::Unwanted) => {
                let line = Line::note("note").plain("the hook ").code(name);
                return out.say(&line.plain(" was passed over")).map_err(failed);
            }
            (State::Closed, _) => {
                let line = Line::note("warning").plain("the hook ").code(name);
                let line = line.plain(" is no file that may be run, so it does not run");
                return out.warn(&line).map_err(failed);
            }
            (State::Foreign(untrusted), _) => {
                return Err(HookError::Foreign { hook: name, source: Box::new(untrusted) });
            }
            (State::Ready(program), Pass::Run) => program,
        };
        out.flush().map_err(failed)?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).env(INSIDE, name).envs(told);
        command.stdin(Stdio::null()).stdout(stderr()).stderr(stderr());
        let child = command.spawn().map_err(failed)?;
        let status = waited(child, out, name).map_err(failed)?;
        if status.success() { Ok(()) } else { Err(HookError::Veto { hook: name, status }) }
    }
}

/// Waits for the end of a hook, and after a while tells for what.
fn waited(mut child: Child, out: &mut Out, name: &str) -> io::Result<ExitStatus> {
    let (send, ended) = mpsc::channel();
    thread::spawn(move || send.send(child.wait()));
    let end = match ended.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => {
            let line = Line::note("note").plain("the hook ").code(name);
            out.say(&line.plain(" is still running; Ctrl-C ends it and the command"))?;
            ended.recv().map_err(io::Error::other)
        }
        Err(error @ RecvTimeoutError::Disconnected) => Err(io::Error::other(error)),
        Ok(end) => Ok(end),
    };
    end?
}

#[cfg(unix)]
fn may_run(file: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
const fn may_run(_file: &fs::Metadata) -> bool {
    true
}

/// Whether a folder is among those that a setting lists, however it is spelled.
pub(crate) fn is_listed(folder: &Path, listed: &str) -> bool {
    let real = fs::canonicalize(folder);
    let is_it = |other: &PathBuf| matches!((&real, fs::canonicalize(other)), (Ok(real), Ok(other)) if *real == other);
    std::env::split_paths(listed).any(|other| is_it(&other))
}
