//! Commands of the user that settle files for rules which name them.
//!
//! A rule comes with a repository, and a repository may come from anybody: so a rule only names a command. What it runs stands in
//! settings that no repository can write, and it runs only in clones that their user listed there.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use selkie_store::RepoPath;
use selkie_vcs::Workspace;
use selkie_vcs::commanded::{Answer, Task};

use crate::config::key::{STRATEGY_COMMAND, STRATEGY_FOLDERS};
use crate::context::{Context, now_ns};
use crate::error::CliError;
use crate::hooks::is_listed;
use crate::label::Label;
use crate::line::Line;

/// Whether rules of this clone may run commands.
pub(crate) fn is_allowed(cx: &Context, workspace: &Workspace) -> bool {
    let listed = cx.config.value(&STRATEGY_FOLDERS).map_or("", |(folders, _)| folders);
    is_listed(workspace.copy().folder(), listed)
}

/// What the commands make of these conflicts. One that fails, or that nobody set, leaves its file in conflict, and that is told.
pub(crate) fn answers(
    cx: &mut Context,
    workspace: &Workspace,
    tasks: BTreeMap<RepoPath, Task>,
) -> Result<BTreeMap<RepoPath, Answer>, CliError> {
    let mut answers = BTreeMap::new();
    for (path, task) in tasks {
        let family = STRATEGY_COMMAND.name.trim_end_matches(".*");
        let Some(command) = cx.config.member(family, &task.command).map(str::to_owned) else {
            let set = format!("selkie config set --user {family}.{} COMMAND", task.command);
            let line = Line::note("note").plain(path.as_str()).plain(" is for the command '");
            let line = line.plain(&task.command).plain("', which you do not have; set it with ");
            cx.out.say(&line.code(&set))?;
            continue;
        };
        cx.out.flush()?;
        match run(workspace.copy().folder(), &command, &path, &task) {
            Ok(bytes) => {
                answers.insert(path, Answer { task, bytes });
            }
            Err(error) => {
                let line =
                    Line::note("warning").plain("the command '").put(Label::Code, &task.command);
                let line = line.plain("' did not settle ").plain(path.as_str()).plain(": ");
                cx.out.warn(&line.plain(&error.to_string()))?;
            }
        }
    }
    Ok(answers)
}

/// Gives the three versions to the command, and reads what it wrote.
fn run(folder: &Path, command: &str, path: &RepoPath, task: &Task) -> io::Result<Vec<u8>> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let Some([program, args @ ..]) = words.as_deref() else {
        return Err(io::Error::other("it names no program"));
    };
    let desk = Desk::make()?;
    for (name, bytes) in ["base", "ours", "theirs"].into_iter().zip(&task.versions) {
        fs::write(desk.0.join(name), bytes)?;
    }
    let files = ["base", "ours", "theirs", "out"].map(|name| desk.0.join(name));
    let mut command = Command::new(program);
    command.args(args).args(files).arg(path.as_str()).current_dir(folder);
    let status = command.stdin(Stdio::null()).stdout(io::stderr()).stderr(io::stderr()).status()?;
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    fs::read(desk.0.join("out"))
}

/// A folder for nobody else, which goes when it is dropped.
struct Desk(PathBuf);

impl Desk {
    fn make() -> io::Result<Self> {
        let name = format!("selkie-{}-{}", process::id(), now_ns());
        let folder = env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What can not be removed is swept by the system some day, and nobody else can read it.
        let _left = fs::remove_dir_all(&self.0);
    }
}
