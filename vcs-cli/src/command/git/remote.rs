//! Other repositories of git, by way of the linked one.
//!
//! They are asked by git itself, which knows how to reach them and as whom.

use std::path::Path;
use std::process::Output;

use selkie_vcs::git_export::Conflicts;
use selkie_vcs::git_push::conflict_toward;
use selkie_vcs::{GitError, Workspace};

use crate::command::git::link::place;
use crate::command::git::program::{git, watched};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::git_remote::RemoteError;
use crate::line::Line;
use crate::linked::go_along;

/// What becomes of seals that only the other repository has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Force {
    /// Nothing is pushed that would lose them.
    Never,
    /// They go, if they are those that were fetched last.
    AsFetched,
}

/// Lets git fetch, and takes in what came.
pub(super) fn fetch(cx: &mut Context, remote: Option<&str>) -> Result<(), CliError> {
    let (workspace, _) = place(cx)?;
    let folder = workspace.copy().folder().to_owned();
    let remote = remote_of(&folder, &workspace, remote)?;
    let before = heads(&workspace, &remote);
    drop(workspace);
    let done = watched(cx, &folder, "fetch", &["--prune", "--", &remote])?;
    if !done.status.success() {
        return Err(failed("fetch", &remote, &done).into());
    }
    go_along(cx)?;
    let (workspace, _) = place(cx)?;
    let after = heads(&workspace, &remote);
    let moved: Vec<_> = after.iter().filter(|head| !before.contains(head)).collect();
    if cx.format == Format::Json {
        let names: Vec<&str> = moved.iter().map(|(name, _)| name.as_str()).collect();
        let schema = "selkie.git-fetch/1";
        return cx.json(&serde_json::json!({ "schema": schema, "remote": remote, "moved": names }));
    }
    if moved.is_empty() {
        return Ok(cx.out.say(&Line::of("Nothing new in ").code(&remote).plain("."))?);
    }
    for (name, _) in &moved {
        let short = name.strip_prefix(REMOTES).unwrap_or(name);
        cx.out.say(&Line::of("Moved: ").code(short))?;
    }
    let short = moved[0].0.strip_prefix(REMOTES).unwrap_or(&moved[0].0);
    let line = Line::of("Bring it together with yours: ").code(&format!("selkie fuse {short}"));
    Ok(cx.out.say(&line)?)
}

/// Lets git push timelines that are exported already.
pub(super) fn push(
    cx: &mut Context,
    remote: Option<&str>,
    names: &[String],
    force: Force,
    conflicts: Conflicts,
) -> Result<(), CliError> {
    let (workspace, _) = place(cx)?;
    let folder = workspace.copy().folder().to_owned();
    let remote = remote_of(&folder, &workspace, remote)?;
    let desk = workspace.repository().desk();
    let here: Vec<String> = desk.timeline.iter().cloned().collect();
    let names = if names.is_empty() { &here } else { names };
    if names.is_empty() {
        return Err(RemoteError::NoTimeline.into());
    }
    let mut specs = Vec::new();
    for name in names {
        let is_private = desk.private.contains_key(name);
        if is_private {
            return Err(GitError::Private(name.clone()).into());
        }
        let shared = workspace.repository().shared();
        let spec = match (shared.timeline(name), shared.tag(name)) {
            (Some(_), _) => format!("refs/heads/{name}:refs/heads/{name}"),
            (None, Some(_)) => format!("refs/tags/{name}:refs/tags/{name}"),
            (None, None) => return Err(GitError::Unknown(name.clone()).into()),
        };
        specs.push(spec);
    }
    if conflicts == Conflicts::Refused
        && let Some((seal, path)) = conflict_toward(&workspace, &remote, names)?
    {
        return Err(GitError::Conflict { seal, path }.into());
    }
    let mut args = vec!["--porcelain"];
    if force == Force::AsFetched {
        args.push("--force-with-lease");
    }
    args.extend(["--", &remote]);
    args.extend(specs.iter().map(String::as_str));
    let done = watched(cx, &folder, "push", &args)?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let refused: Vec<_> = said.lines().filter_map(refused).collect();
    if let Some((name, why)) = refused.first() {
        let (remote, name, why) = (remote, name.clone(), why.clone());
        return Err(RemoteError::Refused { remote, name, why }.into());
    }
    if !done.status.success() {
        return Err(failed("push", &remote, &done).into());
    }
    go_along(cx)?;
    let is_same = said.lines().all(|line| !line.contains(':') || line.starts_with(['=', 'T', 'D']));
    if cx.format == Format::Json {
        let schema = "selkie.git-push/1";
        let told = serde_json::json!({ "schema": schema, "remote": remote, "names": names });
        return cx.json(&told);
    }
    let line = if is_same {
        Line::default().code(&remote).plain(" has all of it already: ")
    } else {
        Line::of("Pushed to ").code(&remote).plain(": ")
    };
    Ok(cx.out.say(&line.plain(&names.join(", ")))?)
}

const REMOTES: &str = "refs/remotes/";

/// Where the branches of another repository stand, as timelines.
fn heads(workspace: &Workspace, remote: &str) -> Vec<(String, Vec<String>)> {
    let folder = format!("{REMOTES}{remote}/");
    let shared = workspace.repository().shared();
    let names = shared.timelines().filter(|(name, _)| name.starts_with(&folder));
    let spelled = |(name, timeline): (&str, selkie_vcs::Timeline<'_>)| {
        (name.to_owned(), timeline.heads().iter().map(ToString::to_string).collect())
    };
    names.map(spelled).collect()
}

/// The repository that somebody means: the one they name, else that of the branch, else `origin`, else the only one.
fn remote_of(
    folder: &Path,
    workspace: &Workspace,
    named: Option<&str>,
) -> Result<String, CliError> {
    let all = git(folder, &["remote"])?;
    let all = String::from_utf8_lossy(&all.stdout).into_owned();
    let all: Vec<&str> = all.lines().collect();
    if let Some(named) = named {
        // Git takes an address as well, and then keeps no branch of it.
        let known = all.contains(&named);
        let unknown = || RemoteError::Unknown(named.to_owned()).into();
        return if known { Ok(named.to_owned()) } else { Err(unknown()) };
    }
    let timeline = workspace.repository().desk().timeline.clone().unwrap_or_default();
    let setting = git(folder, &["config", "--get", &format!("branch.{timeline}.remote")])?;
    let set = String::from_utf8_lossy(&setting.stdout).trim().to_owned();
    let found = [set.as_str(), "origin"].into_iter().find(|name| all.contains(name));
    let only = if let [only] = all[..] { Some(only) } else { None };
    found.or(only).map(str::to_owned).ok_or_else(|| RemoteError::None.into())
}

fn failed(what: &'static str, remote: &str, done: &Output) -> RemoteError {
    let said = String::from_utf8_lossy(&done.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.filter(|line| !line.starts_with("hint:")).map(str::to_owned).collect();
    RemoteError::Failed { what, remote: remote.to_owned(), lines }
}

/// The name that was refused, and why, if this line of git's tells of one.
fn refused(line: &str) -> Option<(String, String)> {
    let mut parts = line.strip_prefix("!\t")?.split('\t');
    let name = parts.next()?.rsplit(':').next()?.to_owned();
    let name = ["refs/heads/", "refs/tags/"]
        .iter()
        .find_map(|folder| name.strip_prefix(folder))
        .unwrap_or(&name)
        .to_owned();
    let why = parts.next()?;
    let why = why.split_once('(').map_or(why, |(_, why)| why.trim_end_matches(')'));
    Some((name, why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_the_rest() {
        let table = [
            ("!\trefs/heads/a:refs/heads/a\t[rejected] (fetch first)", Some(("a", "fetch first"))),
            (
                "!\trefs/tags/v:refs/tags/v\t[rejected] (already exists)",
                Some(("v", "already exists")),
            ),
            ("*\trefs/heads/a:refs/heads/a\t[new branch]", None),
            ("To ../x.git", None),
            ("!\t", None),
        ];
        for (line, expected) in table {
            let expected = expected.map(|(name, why)| (name.to_owned(), why.to_owned()));
            assert_eq!(refused(line), expected, "{line}");
        }
    }
}
