//! The guide in `docs` is played as it stands.

use selkie_vcs::SealName;

use crate::session::play;

#[test]
fn the_guide_says_what_happens() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide.md");
    let guide = std::fs::read_to_string(guide).expect("the guide is there");
    play("the guide in docs", &session(&guide));
}

/// The session that the blocks of a document are together. Every line keeps its number.
fn session(document: &str) -> String {
    let mut inside = false;
    let lines = document.lines().map(|line| match line {
        "```console" => {
            inside = true;
            String::new()
        }
        "```" => {
            inside = false;
            String::new()
        }
        _ if !inside => String::new(),
        line => match line.strip_prefix("$ ") {
            Some(command) => format!("$ {}", said_by_a_shell(&anywhere(command))),
            None => anywhere(line),
        },
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a shell does without us, in the words of a session.
fn said_by_a_shell(command: &str) -> String {
    let first = command.split(' ').next().unwrap_or_default();
    match (first, command.split_once(" >> "), command.split_once(" > ")) {
        ("echo", Some((echo, path)), _) => format!("append {path} {}", ended(&echo[5..])),
        ("echo", None, Some((echo, path))) => format!("write {path} {}", ended(&echo[5..])),
        ("cat", ..) => command.replacen("cat", "read", 1),
        ("cd", ..) => command.replacen("cd", "in", 1),
        _ => command.to_owned(),
    }
}

/// The text with an end of its line.
fn ended(quoted: &str) -> String {
    format!("{}\\n'", quoted.trim_end_matches('\''))
}

/// The line as it is told anywhere and at any time: names of seals are made by lot, and days pass.
fn anywhere(line: &str) -> String {
    let is_apart = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    let told = |word: &str| {
        let parts = word.split('-').count();
        let is_name = parts == 3 && SealName::changes(word).is_some();
        let is_day = parts == 3 && word.starts_with("20");
        if is_name {
            format!("[={word}]")
        } else if is_day {
            "[..]".to_owned()
        } else {
            word.to_owned()
        }
    };
    let mut text = String::new();
    for piece in line.split_inclusive(is_apart) {
        let end = piece.rfind(is_apart).unwrap_or(piece.len());
        text += &told(&piece[..end]);
        text += &piece[end..];
    }
    text
}

#[test]
fn what_differs_from_day_to_day_is_left_open() {
    let document = "Words.\n```console\n$ echo 'a b' > c\n$ selkie log\ndroll-vicuna-runs  2026-11-21  x\n```\n";
    let told = "\n\n$ write c 'a b\\n'\n$ selkie log\n[=droll-vicuna-runs]  [..]  x\n";
    assert_eq!(session(document), told);
}
