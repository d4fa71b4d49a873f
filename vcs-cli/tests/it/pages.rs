//! The reference pages in `docs` are written by the program and can not go stale.
//!
//! `SELKIE_WRITE_DOCS=1 cargo test -p selkie --test it pages` writes them anew.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::{Arg, Command};
use selkie_cli::{Habit, Occasion};
use selkie_vcs::{FileType, Rules, Strategy};

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let mut page =
        "# Commands\n\nWritten by the program; `selkie help` tells the same.\n".to_owned();
    let program = selkie_cli::command();
    options(&program, "Options of every command", &mut page);
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        describe("selkie", command, 2, &mut page);
    }
    holds("commands.md", &page);
}

#[test]
fn the_page_of_settings_is_what_the_program_says() {
    let mut page = "# Settings\n\nWritten by the program; `selkie config keys` tells the same.\n\n\
        | setting | by itself | in the environment | what for |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for setting in selkie_cli::all_settings() {
        let default = setting.default.map_or(String::new(), |value| format!("`{value}`"));
        let variable = setting.variable.map_or(String::new(), |name| format!("`{name}`"));
        let row = format!("| `{}` | {default} | {variable} | {} |\n", setting.name, setting.about);
        page.push_str(&row);
    }
    holds("settings.md", &page);
}

#[test]
fn the_page_of_events_is_what_the_program_says() {
    let mut page = "# Events\n\n\
        Written by the program. `selkie p2p events` tells what happened of late to the node of a clone, and with `--follow` what happens, as \
        `selkie serve` does; with `--json` each is a line:\n\n\
        ```json\n\
        {\"schema\":\"selkie.event/1\",\"event\":\"connected\",\"at_ms\":1795420800000,\"peer\":\"bob\",\"key\":\"9f…\",\"address\":null,\"count\":null,\"detail\":null}\n\
        ```\n\n\
        `peer` is what somebody is called here, and `key` their key, if it is about one. Several may listen; who does not keep up is told by \
        `missed` how much went by. There may be more words one day: pass over those you do not know.\n\n\
        | event | what has happened |\n| --- | --- |\n"
        .to_owned();
    let mut words = BTreeSet::new();
    for Occasion { word, about } in selkie_cli::all_occasions() {
        assert!(words.insert(word), "{word} stands twice");
        writeln!(page, "| `{word}` | {about} |").expect("a string takes every byte");
    }
    holds("events.md", &page);
}

/// Second names of commands that git does not know.
const OURS: &[&str] = &["ungather", "whereami"];

#[test]
fn the_page_for_git_users_is_what_the_program_says() {
    let mut page = "# Coming from git\n\nWritten by the program, which says the same when you type what git understands.\n\n\
        These words of git are understood as ours:\n\n| git's | ours |\n| --- | --- |\n"
        .to_owned();
    let mut row = |git: &str, here: &str| {
        writeln!(page, "| `{git}` | `{here}` |").expect("a string takes every byte");
    };
    for command in selkie_cli::command().get_subcommands() {
        for word in command.get_visible_aliases().filter(|word| !OURS.contains(word)) {
            row(word, command.get_name());
        }
    }
    page.push_str("\nThese are said in another way:\n\n| with git | here |\n| --- | --- |\n");
    for Habit { git, here } in selkie_cli::habits() {
        writeln!(page, "| `git {git}` | `selkie {here}` |").expect("a string takes every byte");
    }
    holds("git.md", &page);
}

/// This one is written by hand, for people, and still tells of all there is.
#[test]
fn the_page_of_strategies_tells_of_each_word() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/strategies.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let types = FileType::ALL.into_iter().map(FileType::name);
    let words = Strategy::ALL.into_iter().map(Strategy::name).chain(types);
    let missing: Vec<&str> = words.filter(|word| !page.contains(&format!("`{word}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
    let timelines = page.split_once("## Timelines that diverged").expect("it has a part of them").1;
    for strategy in Strategy::ALL {
        let is_told = timelines.contains(&format!("`{}`", strategy.name()));
        assert_eq!(is_told, strategy.about_timelines().is_some(), "{strategy}");
    }
    let rules = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let rules = Rules::read(rules.expect("it has an example").as_bytes()).expect("it can be read");
    assert_eq!(rules.iter().count(), 4);
}

fn describe(above: &str, command: &Command, depth: usize, page: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let aliases: Vec<_> = command.get_visible_aliases().map(|word| format!("`{word}`")).collect();
    let also =
        if aliases.is_empty() { String::new() } else { format!(" (git: {})", aliases.join(", ")) };
    let text = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    write!(page, "\n{} {name}{also}\n\n{}\n", "#".repeat(depth), text.unwrap_or_default())
        .expect("a string takes every byte");
    options(command, "", page);
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        describe(&name, below, depth + 1, page);
    }
}

/// A list of what can be typed behind the command, options of every command left out.
fn options(command: &Command, heading: &str, page: &mut String) {
    let every = |arg: &Arg| arg.is_global_set();
    let wanted = |arg: &&Arg| every(arg) != heading.is_empty() && !arg.is_hide_set();
    let rows: Vec<String> = command.get_arguments().filter(wanted).map(row).collect();
    if rows.is_empty() {
        return;
    }
    if !heading.is_empty() {
        write!(page, "\n## {heading}\n").expect("a string takes every byte");
    }
    write!(page, "\n{}", rows.concat()).expect("a string takes every byte");
}

fn row(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let takes = arg.get_action().takes_values();
    let value = arg.get_value_names().filter(|_| takes).map(|names| names.join(" "));
    let flags = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    let typed = [flags, value.unwrap_or_default()].join(" ");
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    format!("- `{}`: {help}\n", typed.trim())
}

fn holds(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if env::var_os("SELKIE_WRITE_DOCS").is_some() {
        fs::write(&path, page).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(there, page, "docs/{name} is not what the program says: see the top of this test");
}
