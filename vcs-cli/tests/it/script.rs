//! The text of a session.

/// A command with what it must say.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Step<'a> {
    pub(crate) line: usize,
    pub(crate) command: &'a str,
    pub(crate) expected: Vec<&'a str>,
    pub(crate) code: i32,
}

/// Takes a session apart. Lines that begin with `--` are for the reader, `$` begins a command, `?` tells
/// the exit code if it is not 0, and everything else is what the command must say.
pub(crate) fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: at + 1, command, expected: Vec::new(), code: 0 });
        } else if let (Some(code), Some(step)) = (line.strip_prefix("? "), steps.last_mut()) {
            step.code = code.parse().expect("an exit code is a number");
        } else if let (false, Some(step)) = (line.starts_with("-- "), steps.last_mut()) {
            step.expected.push(line);
        }
    }
    for step in &mut steps {
        while step.expected.last() == Some(&"") {
            step.expected.pop();
        }
    }
    steps
}

/// The words of a command. Single quotes keep spaces, `\n` in them ends a line.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = vec![None::<String>];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                words.last_mut().expect("there is a word").get_or_insert_default();
            }
            ' ' if !quoted => words.push(None),
            _ => words.last_mut().expect("there is a word").get_or_insert_default().push(c),
        }
    }
    let unescaped =
        |word: String| word.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0");
    words.into_iter().flatten().map(unescaped).collect()
}

#[test]
fn a_session_is_a_row_of_commands_with_what_they_say() {
    let text = "-- About\n$ selkie a\none\n\n$ selkie b\n? 2\n";
    let a = Step { line: 2, command: "selkie a", expected: vec!["one"], code: 0 };
    let b = Step { line: 5, command: "selkie b", expected: vec![], code: 2 };
    assert_eq!(steps(text), [a, b]);
}

#[test]
fn quotes_keep_spaces() {
    assert_eq!(words("write a 'b  c\\n' ''"), ["write", "a", "b  c\n", ""]);
}
