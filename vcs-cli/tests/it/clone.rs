//! A clone for the real binary, in a home of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder with a repository, and the home of whoever works in it.
pub(crate) struct Clone {
    _home: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Clone {
    /// One that was just forged, by somebody with a name.
    pub(crate) fn forge() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let folder = root.join("here");
        fs::create_dir(&folder).expect("it can be made");
        let clone = Self { _home: home, root, folder };
        clone.must(&["config", "set", "user.name", "Ann"]);
        clone.must(&["forge"]);
        clone
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let at = self.folder.join(path);
        fs::create_dir_all(at.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(at, text).expect("it can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(Path::new(path))).expect("it is there")
    }

    /// Gathers all there is and seals it.
    pub(crate) fn seal(&self, message: &str) {
        self.must(&["gather", "."]);
        self.must(&["seal", "-m", message]);
    }

    /// What a command tells, as JSON.
    pub(crate) fn told(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--json"], args].concat());
        serde_json::from_slice(&output.stdout).expect("it is JSON")
    }

    /// Runs a command that has to succeed.
    pub(crate) fn must(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        output
    }

    /// Runs a command that has to fail, and answers with what it said.
    pub(crate) fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        said
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_selkie"));
        command.args(args).current_dir(&self.folder).env_clear().env("HOME", &self.root);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }
}

/// Everything in a folder, as it is.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("it can be copied");
        }
    }
}
