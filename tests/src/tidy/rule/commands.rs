//! A document shows no command that cannot be typed.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::markdown;

/// Programs of others are taken on trust; ours and what `cargo` is asked of us are looked up.
pub(crate) fn commands(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (path, text) in house.files_in("md") {
        for command in markdown::commands(text) {
            // What no shell takes apart is taken apart at its spaces.
            let words = shlex::split(command.text)
                .unwrap_or_else(|| command.text.split_whitespace().map(str::to_owned).collect());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let Some(what) = breach(house, &words) {
                let what = format!("`{}`: {what}", command.text);
                found.push(Complaint::new(path, command.line, what));
            }
        }
    }
    found
}

fn breach(house: &House, words: &[&str]) -> Option<String> {
    match words {
        ["cargo", rest @ ..] => cargo(house, rest),
        ["selkie", rest @ ..] => selkie(rest),
        ["bash" | "sh", script, ..] => script_breach(house, script),
        [script, ..] if script.starts_with('.') => script_breach(house, script),
        _ => None,
    }
}

fn cargo(house: &House, words: &[&str]) -> Option<String> {
    let ours = words.iter().position(|word| *word == "--");
    let (own, rest) = words.split_at(ours.unwrap_or(words.len()));
    let elsewhere = own.contains(&"--manifest-path") || own.contains(&"fuzz");
    if elsewhere {
        return None;
    }
    let wrong = own.windows(2).find_map(|pair| match pair {
        ["-p" | "--package", name] => {
            let is_ours = house.manifests.iter().any(|m| m.package.as_deref() == Some(*name));
            (!is_ours).then(|| format!("no package is called {name}"))
        }
        ["--example", name] => target_breach(house, "examples", name),
        ["--bench", name] => target_breach(house, "benches", name),
        ["--test", name] => target_breach(house, "tests", name),
        _ => None,
    });
    let runs_selkie = own.first() == Some(&"run") && !own.contains(&"--example");
    let typed = rest.strip_prefix(&["--"]).filter(|_| runs_selkie);
    wrong.or_else(|| selkie(typed?))
}

fn target_breach(house: &House, folder: &str, name: &str) -> Option<String> {
    let ends = [format!("/{folder}/{name}.rs"), format!("/{folder}/{name}/main.rs")];
    let is_there = house.files.keys().any(|path| ends.iter().any(|end| path.ends_with(end)));
    (!is_there).then(|| format!("{folder} hold no {name}"))
}

fn selkie(words: &[&str]) -> Option<String> {
    let typed = ["selkie"].iter().chain(words);
    let answer = selkie_cli::command().try_get_matches_from(typed).err()?;
    // Help and version are answers too.
    let reason = answer.to_string().lines().next().map(str::to_owned);
    answer.use_stderr().then_some(reason).flatten()
}

fn script_breach(house: &House, script: &str) -> Option<String> {
    let path = script.trim_start_matches("./");
    (!house.files.contains_key(path)).then(|| format!("{path} is not there"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_command_that_cannot_be_typed_is_told() {
        let text = "```sh\nselkie fly\nselkie tour --fast\ncargo run --release -- fly\n\
                    cargo test -p selkie-moon\ncargo run --example moon\n./moon.sh\n```\n\
                    And `bash .ci/moon`.\n";
        let found = told(commands, [("README.md", text)]);
        let places: Vec<_> = found.iter().map(|line| line.split(": ").next()).collect();
        let expected = [2, 3, 4, 5, 6, 7, 9].map(|line| format!("README.md:{line}"));
        assert_eq!(places, expected.each_ref().map(|place| Some(place.as_str())));
    }

    #[test]
    fn a_command_that_is_wired_passes() {
        let text = "```sh\nselkie tour\nselkie --version\ncargo run --release -- tour\n\
                    cargo test -p selkie-crdt --test laws\ncargo run --example chat\n\
                    bash .ci/run\ngit clone x\n```\n";
        let files = [
            ("README.md", text),
            (".ci/run", ""),
            ("crdt/Cargo.toml", "[package]\nname = \"selkie-crdt\"\n"),
            ("crdt/examples/chat.rs", ""),
            ("crdt/tests/laws.rs", ""),
        ];
        assert_eq!(told(commands, files), Vec::<String>::new());
    }
}
