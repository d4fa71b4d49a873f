//! Comments, which the lexer drops: they are what lies between tokens.

use crate::tidy::token::Kind;
use crate::tidy::token::Token;

/// A run of comments with nothing but blanks between them.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Comment {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// All comments of a file, doc comments too, each run as one.
pub(crate) fn comments(text: &str, tokens: &[Token]) -> Vec<Comment> {
    let mut found = plain(text, tokens);
    found.extend(docs(tokens).map(|(line, text)| Comment { line, text }));
    found
}

/// Each line of documentation, as it stands in the token made of it.
pub(crate) fn docs(tokens: &[Token]) -> impl Iterator<Item = (usize, String)> + '_ {
    tokens.windows(3).filter_map(|window| match window {
        [doc, equals, text] if doc.text == "doc" && equals.text == "=" => {
            let is_text = text.kind == Kind::Literal && text.text.starts_with('"');
            is_text.then(|| (text.line, text.text.trim_matches('"').to_owned()))
        }
        _ => None,
    })
}

fn plain(text: &str, tokens: &[Token]) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut end = 0;
    let mut line = 1;
    let starts = tokens.iter().map(|token| &token.bytes);
    for bytes in starts.chain([&(text.len()..text.len())]) {
        if end < bytes.start {
            let gap = &text[end..bytes.start];
            if let Some(at) = gap.find("//").or_else(|| gap.find("/*")) {
                let line = line + lines(&gap[..at]);
                let words: Vec<_> = gap[at..].split_whitespace().filter(|w| *w != "//").collect();
                found.push(Comment { line, text: words.join(" ") });
            }
        }
        if end < bytes.end {
            line += lines(&text[end..bytes.end]);
            end = bytes.end;
        }
    }
    found
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::token::tokens;

    fn found(text: &str) -> Vec<(usize, String)> {
        let list = tokens(text).expect("valid");
        comments(text, &list).into_iter().map(|found| (found.line, found.text)).collect()
    }

    #[test]
    fn a_run_of_lines_is_one_comment() {
        let text = "fn a() {}\n\n// First\n// second.\nfn b() {} // third\n";
        assert_eq!(found(text), [(3, "First second.".to_owned()), (5, "third".to_owned())]);
    }

    #[test]
    fn slashes_in_a_literal_are_no_comment() {
        assert_eq!(found("const A: &str = \"// no\";"), []);
    }

    #[test]
    fn a_doc_is_a_comment() {
        assert_eq!(found("\n/// Adds.\nfn a() {}"), [(2, " Adds.".to_owned())]);
    }
}
