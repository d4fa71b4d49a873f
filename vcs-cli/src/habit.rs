//! What hands that know git type, and what is typed here.
//!
//! One word for another is an alias of its command. Here is what differs by more than a word.

use std::ffi::OsString;

/// A command line of git and ours, both without the name of the program. A word in capitals stands for
/// whatever is typed in its place.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// What git understands.
    pub git: &'static str,
    /// What says the same here.
    pub here: &'static str,
}

/// All of them.
pub(crate) const HABITS: &[Habit] = &[
    Habit { git: "init --bare", here: "forge" },
    Habit { git: "config --global NAME VALUE", here: "config set NAME VALUE" },
    Habit { git: "config --global NAME", here: "config get NAME" },
    Habit { git: "config NAME VALUE", here: "config set --repository NAME VALUE" },
    Habit { git: "config NAME", here: "config get NAME" },
    Habit { git: "config --list", here: "config list" },
    Habit { git: "config -l", here: "config list" },
    Habit { git: "status -s", here: "status" },
    Habit { git: "status --short", here: "status" },
    Habit { git: "status --porcelain", here: "status --json" },
    Habit { git: "commit --no-verify -m TEXT", here: "seal --no-hooks -m TEXT" },
    Habit { git: "reset", here: "release" },
    Habit { git: "reset HEAD", here: "release" },
    Habit { git: "reset -p", here: "release -p" },
    Habit { git: "reset HEAD PATH", here: "release PATH" },
    Habit { git: "restore --staged PATH", here: "release PATH" },
    Habit { git: "restore PATH", here: "discard PATH" },
    Habit { git: "restore -p", here: "discard -p" },
    Habit { git: "checkout -p", here: "discard -p" },
    Habit { git: "reset --hard", here: "discard ." },
    Habit { git: "reset --hard HEAD", here: "discard ." },
    Habit { git: "reset --soft HEAD~1", here: "undo" },
    Habit { git: "reset HEAD~1", here: "undo" },
    Habit { git: "restore --source NAME PATH", here: "restore --from NAME PATH" },
    Habit { git: "checkout NAME -- PATH", here: "restore --from NAME PATH" },
    Habit { git: "rm -r PATH", here: "remove PATH" },
    Habit { git: "rm -rf PATH", here: "remove --force PATH" },
    Habit { git: "stash -u", here: "shelf save --unknown" },
    Habit { git: "stash -m TEXT", here: "shelf save -m TEXT" },
    Habit { git: "diff --staged", here: "diff --gathered" },
    Habit { git: "difftool -t NAME", here: "diff --tool NAME" },
    Habit { git: "log -3", here: "log -n 3" },
    Habit { git: "log --oneline -3", here: "log --oneline -n 3" },
    Habit { git: "log --all", here: "log 'all()'" },
    Habit { git: "ls-files", here: "find --name '*'" },
    Habit { git: "rev-parse HEAD", here: "show --format {hash}" },
    Habit { git: "branch NAME", here: "timeline new --stay NAME" },
    Habit { git: "branch -a", here: "timeline list" },
    Habit { git: "branch -vv", here: "timeline list" },
    Habit { git: "branch --list", here: "timeline list" },
    Habit { git: "branch -d NAME", here: "timeline remove NAME" },
    Habit { git: "branch -D NAME", here: "timeline remove NAME" },
    Habit { git: "branch -m OLD NAME", here: "timeline rename OLD NAME" },
    Habit { git: "checkout -b NAME", here: "switch -c NAME" },
    Habit { git: "merge -X ours NAME", here: "fuse NAME --strategy prefer_local" },
    Habit { git: "merge -X theirs NAME", here: "fuse NAME --strategy prefer_remote" },
    Habit { git: "merge --no-ff NAME", here: "fuse --always-seal NAME" },
    Habit { git: "merge --continue", here: "seal" },
    Habit { git: "tag -l", here: "tag list" },
    Habit { git: "tag -d NAME", here: "tag remove NAME" },
    Habit { git: "check-ignore PATH", here: "ignore check PATH" },
    Habit { git: "check-ignore -v PATH", here: "ignore check PATH" },
    Habit { git: "reflog", here: "op log" },
    Habit { git: "rebase NAME", here: "rebase --onto NAME" },
    Habit { git: "rebase --abort", here: "undo" },
    Habit { git: "rebase --continue", here: "conflicts" },
    Habit { git: "cherry-pick -x NAME", here: "pluck NAME" },
    Habit { git: "cherry-pick -m 1 NAME", here: "pluck --parent 1 NAME" },
    Habit { git: "cherry-pick --abort", here: "undo" },
    Habit { git: "cherry-pick --continue", here: "conflicts" },
    Habit { git: "revert --no-edit NAME", here: "reverse NAME" },
    Habit { git: "revert --abort", here: "undo" },
    Habit { git: "fetch", here: "sync" },
    Habit { git: "pull", here: "sync" },
    Habit { git: "pull --rebase", here: "sync" },
    Habit { git: "push", here: "sync" },
    Habit { git: "fetch PEER", here: "sync PEER" },
    Habit { git: "pull PEER NAME", here: "sync PEER" },
    Habit { git: "push PEER NAME", here: "sync PEER" },
    Habit { git: "push -u PEER NAME", here: "sync PEER" },
    Habit { git: "gc --prune=now", here: "gc --grace 0" },
    Habit { git: "mergetool -t TOOL", here: "resolve --tool TOOL" },
];

/// What a command line of git is here, with the words that were typed, unless it is none that we know.
pub(crate) fn translated(typed: &[OsString]) -> Option<String> {
    let typed: Vec<&str> = typed.iter().map(|word| word.to_str()).collect::<Option<_>>()?;
    let (habit, found) = HABITS.iter().find_map(|habit| Some((habit, meant(habit, &typed)?)))?;
    let ours = shlex::split(habit.here)?.into_iter().map(|word| {
        let typed = found.iter().find(|(name, _)| *name == word);
        typed.map_or(word, |(_, typed)| (*typed).to_owned())
    });
    let ours: Vec<String> = ours.collect();
    shlex::try_join(ours.iter().map(String::as_str)).ok()
}

/// What was typed for the words in capitals, if it is this habit that was typed.
fn meant<'a>(habit: &Habit, typed: &[&'a str]) -> Option<Vec<(&'static str, &'a str)>> {
    let git: Vec<&'static str> = habit.git.split(' ').collect();
    let pairs = || git.iter().copied().zip(typed.iter().copied());
    let held = |(word, typed): (&'static str, &'a str)| match word.strip_prefix('-') {
        // A count that is an option by itself.
        Some(COUNT) => Some((COUNT, typed.strip_prefix('-').filter(|rest| is_count(rest))?)),
        Some(_) | None => Some((word, typed)),
    };
    let fits = |pair: (&'static str, &'a str)| {
        held(pair).is_some_and(|(word, typed)| {
            if word == COUNT {
                return true;
            }
            if is_any(word) { !typed.starts_with('-') } else { word == typed }
        })
    };
    let is_it = git.len() == typed.len() && pairs().all(fits);
    is_it.then(|| {
        pairs().filter_map(held).filter(|(word, _)| *word == COUNT || is_any(word)).collect()
    })
}

fn is_count(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands for a figure.
const COUNT: &str = "3";

fn is_any(word: &str) -> bool {
    word.len() > 1 && word != "HEAD" && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    #[test]
    fn what_we_say_instead_is_understood() {
        for Habit { git, here } in HABITS {
            let line = format!("selkie {here}");
            let answer = command().try_get_matches_from(shlex::split(&line).expect("it is whole"));
            assert!(answer.is_ok(), "{git}: {line}");
        }
    }

    #[test]
    fn what_is_understood_as_it_is_needs_no_other_words() {
        let understood = HABITS.iter().filter(|habit| {
            let line = format!("selkie {}", habit.git);
            command().try_get_matches_from(line.split(' ')).is_ok()
        });
        assert_eq!(understood.map(|habit| habit.git).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_words_that_were_typed_stand_in_what_we_say() {
        let table = [
            ("branch -m old new", Some("timeline rename old new")),
            ("branch -x old", None),
            ("log -5", Some("log -n 5")),
            ("log -x", None),
            ("log --all", Some("log 'all()'")),
            ("branch", None),
            ("branch old new", None),
        ];
        for (git, here) in table {
            let typed: Vec<OsString> = git.split(' ').map(Into::into).collect();
            assert_eq!(translated(&typed).as_deref(), here, "{git}");
        }
        let typed = ["config", "user.name", "two words"].map(OsString::from);
        assert_eq!(
            translated(&typed).as_deref(),
            Some("config set --repository user.name 'two words'")
        );
    }
}
