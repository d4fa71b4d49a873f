//! The page about git in `docs` is played as it stands, by one person who has both programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::page::play;

fn types(home: &Path, here: &Path, line: &str) -> String {
    let bin = PathBuf::from(env!("CARGO_BIN_EXE_selkie"));
    let own = bin.parent().expect("it is in a folder").display().to_string();
    let others = std::env::var("PATH").expect("git is somewhere");
    let mut command = Command::new("sh");
    command.args(["-c", line]).env_clear().env("HOME", home).current_dir(here);
    command.env("PATH", format!("{own}:{others}")).env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.stdin(Stdio::null()).output().expect("there is a shell");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("it is text");
    assert!(output.status.success(), "{line}: {said}");
    said
}

#[test]
fn the_page_says_what_happens() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let home = home.path().canonicalize().expect("it is there");
    let mut here = home.clone();
    for line in [
        "git config --global user.name Ann",
        "git config --global user.email ann@example.org",
        "selkie config set --user user.name Ann",
    ] {
        types(&home, &here, line);
    }
    play("beside-git.md", &["$ "], |_, command| {
        if let Some(folder) = command.strip_prefix("cd ") {
            here.push(folder);
            return None;
        }
        Some(types(&home, &here, command))
    });
}
