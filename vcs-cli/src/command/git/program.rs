//! Git as a program: it knows how to reach other repositories, and as whom.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::context::Context;
use crate::error::CliError;
use crate::error::git_remote::RemoteError;
use crate::meter::Meter;

/// How far git is with something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Step {
    what: &'static str,
    done: usize,
    total: usize,
}

/// What git does for long, in its words and in ours.
const LONG: [(&str, &str); 5] = [
    ("Counting objects", "Counting:"),
    ("Compressing objects", "Compressing:"),
    ("Receiving objects", "Receiving:"),
    ("Writing objects", "Sending:"),
    ("Resolving deltas", "Checking:"),
];

/// Runs git beside the files. What it asks it asks at the terminal.
pub(super) fn git(folder: &Path, args: &[&str]) -> Result<Output, CliError> {
    command(folder, args).output().map_err(failed)
}

/// The same with what may take long: how far it is stands on the last line of the terminal, if somebody sees it. `word` is what git is to
/// do, and `args` what with.
pub(super) fn watched(
    cx: &Context,
    folder: &Path,
    word: &str,
    args: &[&str],
) -> Result<Output, CliError> {
    // Git tells of it by itself only where it writes to the terminal, and what it says besides is told in our words.
    let all = [&[word, "--progress"], args].concat();
    let mut command = command(folder, &all);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (mut out, err) = (out.expect("it is piped"), err.expect("it is piped"));
    let mut shown: Option<(&'static str, Meter)> = None;
    let (stdout, stderr) = thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut bytes = Vec::new();
            out.read_to_end(&mut bytes).map(|_length| bytes)
        });
        let heard = listen(err, |Step { what, done, total }| {
            if shown.as_ref().is_none_or(|(own, _)| *own != what) {
                // The line of what is over goes before another one comes.
                shown = None;
            }
            let (_, meter) = shown.get_or_insert_with(|| (what, cx.meter(what)));
            meter.tell(done, total);
        });
        (said.join().expect("whoever reads does not panic"), heard)
    });
    let status = child.wait();
    drop(shown);
    let output = || Ok(Output { status: status?, stdout: stdout?, stderr: stderr? });
    output().map_err(failed)
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args).stdin(Stdio::inherit());
    command
}

fn failed(error: io::Error) -> CliError {
    match error.kind() {
        ErrorKind::NotFound => RemoteError::NoGit.into(),
        _ => RemoteError::Run(error).into(),
    }
}

/// What git says, without the lines that only tell how far it is: these are told to `tell`.
fn listen(from: impl Read, mut tell: impl FnMut(Step)) -> io::Result<Vec<u8>> {
    let (mut from, mut said, mut line) = (BufReader::new(from), Vec::new(), Vec::new());
    loop {
        let found = from.fill_buf()?;
        // What is written over itself ends where its line begins again.
        let end = found.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let taken = end.map_or(found.len(), |end| end + 1);
        line.extend_from_slice(&found[..taken]);
        from.consume(taken);
        if taken > 0 && end.is_none() && line.len() < LINE_MAX {
            continue;
        }
        match step(&String::from_utf8_lossy(&line)) {
            Some(step) => tell(step),
            None if said.len() < SAID_MAX => said.extend_from_slice(&line),
            None => {}
        }
        line.clear();
        if taken == 0 {
            return Ok(said);
        }
    }
}

/// Nothing that is told of is on a longer line.
const LINE_MAX: usize = 4 << 10;

/// What another repository says beyond this is not kept.
const SAID_MAX: usize = 1 << 20;

/// How far git is, if this line tells it.
fn step(line: &str) -> Option<Step> {
    let line = line.trim();
    let (words, rest) = line.strip_prefix("remote: ").unwrap_or(line).split_once(": ")?;
    let (_, what) = LONG.iter().find(|(own, _)| *own == words)?;
    let (done, rest) = rest.split_once("% (")?.1.split_once('/')?;
    let (total, _) = rest.split_once(')')?;
    Some(Step { what, done: done.parse().ok()?, total: total.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_git_is_is_told_from_what_it_says() {
        let said = "remote: Enumerating objects: 3, done.\nremote: Counting objects:  33% (1/3)\rremote: Counting objects: 100% (3/3), done.\n\
                    Receiving objects:  50% (500/1000), 1.20 MiB | 2.30 MiB/s\rReceiving objects: 100% (1000/1000), done.\n\
                    From ../hub\n   a..b  main -> origin/main\nfatal: ...";
        let mut steps = Vec::new();
        let rest = listen(said.as_bytes(), |step| steps.push(step)).unwrap();
        let step = |what, done, total| Step { what, done, total };
        let expected = [
            step("Counting:", 1, 3),
            step("Counting:", 3, 3),
            step("Receiving:", 500, 1000),
            step("Receiving:", 1000, 1000),
        ];
        assert_eq!(steps, expected);
        let expected = "remote: Enumerating objects: 3, done.\nFrom ../hub\n   a..b  main -> origin/main\nfatal: ...";
        assert_eq!(String::from_utf8(rest).unwrap(), expected);
    }
}
