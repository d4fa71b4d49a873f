//! A document: the links it makes and the commands it shows.

/// A piece of a document and the line it stands on.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Piece<'a> {
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// The targets of all links in the prose.
pub(crate) fn links(text: &str) -> Vec<Piece<'_>> {
    let prose = fenced(text).filter(|(_, fence)| fence.is_none());
    let targets = prose.flat_map(|(piece, _)| {
        let parts = outside_code(piece.text).flat_map(|part| part.split("](").skip(1));
        let targets = parts.filter_map(|part| part.split(')').next());
        targets.map(move |target| Piece { line: piece.line, text: target }).collect::<Vec<_>>()
    });
    targets.collect()
}

/// What a reader is told to type: lines in `sh` blocks, lines after `$ ` in `console` blocks, and
/// code in the prose that starts with a program of ours.
pub(crate) fn commands(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    for (Piece { line, text }, fence) in fenced(text) {
        match fence {
            Some("sh" | "bash") => {
                let typed = without_remark(text);
                found.extend((!typed.is_empty()).then_some(Piece { line, text: typed }));
            }
            Some("console") => {
                found.extend(text.strip_prefix("$ ").map(|text| Piece { line, text }));
            }
            Some(_) => {}
            None => {
                let code = inside_code(text).filter(|code| is_ours(code));
                found.extend(code.map(|text| Piece { line, text }));
            }
        }
    }
    found
}

/// A line of shell up to its comment.
fn without_remark(line: &str) -> &str {
    let end = if line.starts_with('#') { Some(0) } else { line.find(" #") };
    line[..end.unwrap_or(line.len())].trim_end()
}

fn is_ours(code: &str) -> bool {
    ["selkie ", "cargo ", "bash .", ".ci/"].iter().any(|start| code.starts_with(start))
}

/// Each line with the language of the fence around it. The fences themselves are left out.
fn fenced(text: &str) -> impl Iterator<Item = (Piece<'_>, Option<&str>)> {
    let mut fence = None;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let line = line.trim_start();
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language.trim()) };
            return None;
        }
        Some((Piece { line: at + 1, text: line }, fence))
    })
}

fn outside_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').step_by(2)
}

fn inside_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_are_no_links() {
        let text = "See [a](b.md) and `[c](d)`.\n```sh\n[e](f)\n```\n";
        assert_eq!(links(text), [Piece { line: 1, text: "b.md" }]);
    }

    #[test]
    fn a_command_stands_in_a_block_or_in_code() {
        let text = "```console\n$ cargo test\nok\n```\n```sh\n# why\nls  # all\n```\nTry `selkie tour`, \
                    not `selkie.toml`.\n```rust\nfn main() {}\n```\n";
        let found: Vec<_> = commands(text).into_iter().map(|piece| piece.text).collect();
        assert_eq!(found, ["cargo test", "ls", "selkie tour"]);
    }
}
