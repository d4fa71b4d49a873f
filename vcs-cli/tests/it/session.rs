//! Plays a session against the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::script::{Step, steps, words};

/// A person at a terminal, in a home of their own.
struct Player {
    _home: TempDir,
    root: PathBuf,
    folder: PathBuf,
    caught: BTreeMap<String, String>,
}

/// Plays the session. What differs from the text is shown as it is.
pub(crate) fn play(sentence: &str, text: &str) {
    let mut player = Player::new();
    for step in steps(text) {
        let (said, code) = player.run(&step);
        let fits = player.fits(&step.expected, &said);
        assert!(
            fits && code == step.code,
            "{sentence}\n\nline {}: $ {}\nexpected:\n{}\n? {}\n\nsaid:\n{said}? {code}\n",
            step.line,
            step.command,
            step.expected.join("\n"),
            step.code,
        );
    }
}

impl Player {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let folder = root.join("here");
        fs::create_dir(&folder).expect("it can be made");
        Self { _home: home, root, folder, caught: BTreeMap::new() }
    }

    /// Runs a command. Answers with what was said, standard error among standard output.
    fn run(&mut self, step: &Step) -> (String, i32) {
        let words: Vec<String> =
            words(step.command).into_iter().map(|word| self.filled(&word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let done = |result: io::Result<()>| {
            result.unwrap_or_else(|error| panic!("line {}: {error}", step.line));
            (String::new(), 0)
        };
        let at = |path: &str| self.folder.join(path);
        match words[..] {
            ["selkie", ref args @ .., "<", typed] => self.selkie(args, typed),
            ["selkie", ref args @ ..] => self.selkie(args, ""),
            ["write", path, text] => done(write(&at(path), text)),
            ["append", path, text] => {
                let old = fs::read_to_string(at(path)).unwrap_or_default();
                done(write(&at(path), &(old + text)))
            }
            ["read", path] => (fs::read_to_string(at(path)).expect("the file is there"), 0),
            ["list", path] => (listed(&at(path)), 0),
            ["remove", path] => done(fs::remove_file(at(path))),
            ["rename", from, to] => done(fs::rename(at(from), at(to))),
            ["folder", path] => done(fs::create_dir_all(at(path))),
            ["in", path] => {
                self.folder = at(path);
                done(Ok(()))
            }
            _ => panic!("line {}: no such command: {}", step.line, step.command),
        }
    }

    /// Runs the program, with `typed` for its standard input.
    fn selkie(&self, args: &[&str], typed: &str) -> (String, i32) {
        let (mut said, write) = io::pipe().expect("a pipe can be made");
        let (read, mut keys) = io::pipe().expect("a pipe can be made");
        keys.write_all(typed.as_bytes()).expect("a few lines fit a pipe");
        drop(keys);
        let mut child = Command::new(env!("CARGO_BIN_EXE_selkie"))
            .args(args)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.root)
            .env("APPDATA", &self.root)
            .env("TZ", "UTC")
            .stdin(read)
            .stdout(write.try_clone().expect("a pipe has two ends"))
            .stderr(write)
            .spawn()
            .expect("the binary runs");
        let mut text = String::new();
        said.read_to_string(&mut text).expect("the binary says text");
        let code = child.wait().expect("it ends").code().unwrap_or(-1);
        (text.replace(&*self.root.to_string_lossy(), "[home]"), code)
    }

    /// The word with what was caught before in place of `[=name]`.
    fn filled(&self, word: &str) -> String {
        let word = word.replace("[home]", &self.root.to_string_lossy());
        self.caught
            .iter()
            .fold(word, |word, (name, value)| word.replace(&format!("[={name}]"), value))
    }

    /// Whether what was said is what the text tells. `...` stands for any lines, `[..]` for any text in a
    /// line, `[=name]` for a word that must be the same everywhere.
    fn fits(&mut self, expected: &[&str], said: &str) -> bool {
        let said: Vec<&str> = said.trim_end_matches('\n').lines().collect();
        self.fit_lines(expected, &said)
    }

    fn fit_lines(&mut self, expected: &[&str], said: &[&str]) -> bool {
        match (expected, said) {
            ([], []) | (["..."], _) => true,
            (["...", rest @ ..], _) => {
                (0..=said.len()).any(|skipped| self.fit_lines(rest, &said[skipped..]))
            }
            ([line, rest @ ..], [here, below @ ..]) => {
                self.fits_line(line, here) && self.fit_lines(rest, below)
            }
            ([], _) | (_, []) => false,
        }
    }

    fn fits_line(&mut self, expected: &str, said: &str) -> bool {
        if let Some((before, rest)) = expected.split_once("[=") {
            let Some((name, after)) = rest.split_once(']') else { return false };
            if let Some(value) = self.caught.get(name).cloned() {
                return self.fits_line(&format!("{before}{value}{after}"), said);
            }
            let Some(tail) = said.strip_prefix(before) else { return false };
            let end = tail.find([' ', ',', '.', ':', ')']).unwrap_or(tail.len());
            self.caught.insert(name.to_owned(), tail[..end].to_owned());
            return self.fits_line(expected, said);
        }
        match expected.split_once("[..]") {
            None => expected == said,
            Some((before, after)) => said.strip_prefix(before).is_some_and(|tail| {
                let ends = (0..=tail.len()).filter(|at| tail.is_char_boundary(*at));
                ends.into_iter().any(|at| self.fits_line(after, &tail[at..]))
            }),
        }
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// The names in a folder, in order, a folder's with a slash.
fn listed(folder: &Path) -> String {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            let entry = entry.expect("it can be listed");
            let slash = if entry.path().is_dir() { "/" } else { "" };
            format!("{}{slash}\n", entry.file_name().to_string_lossy())
        })
        .collect();
    names.sort();
    names.concat()
}
