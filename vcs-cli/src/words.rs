//! What somebody writes about a seal, in an editor or elsewhere.

/// What stands above everything that is shown and not meant.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// The page on which somebody writes the words.
#[derive(Debug, Default)]
pub(crate) struct Page {
    remarks: Vec<String>,
    below: Vec<u8>,
}

impl Page {
    /// The page with a line that is shown and not meant.
    pub(crate) fn remark(&mut self, line: &str) {
        self.remarks.push(if line.is_empty() { "#".to_owned() } else { format!("# {line}") });
    }

    /// What is shown below everything else, whatever its lines begin with.
    pub(crate) fn show_below(&mut self, bytes: Vec<u8>) {
        self.below = bytes;
    }

    /// The page with these words on it.
    pub(crate) fn with(&self, words: &str) -> Vec<u8> {
        let mut page =
            format!("{}\n\n{}\n", words.trim_end(), self.remarks.join("\n")).into_bytes();
        if !self.below.is_empty() {
            page.extend_from_slice(SCISSORS.as_bytes());
            page.extend_from_slice(b"\n# What stands below this line is left out.\n");
            page.extend_from_slice(&self.below);
        }
        page
    }
}

/// The words on a page: neither remarks nor what stands below the scissors.
pub(crate) fn on_page(page: &[u8]) -> Result<String, std::string::FromUtf8Error> {
    let is_scissors = |line: &[u8]| line.trim_ascii_end() == SCISSORS.as_bytes();
    let lines = page.split_inclusive(|byte| *byte == b'\n');
    let above = lines.take_while(|line| !is_scissors(line)).filter(|line| !line.starts_with(b"#"));
    Ok(tidied(&String::from_utf8(above.collect::<Vec<_>>().concat())?))
}

/// The words without blanks at the ends of lines, and without blank lines at either end or beside another.
pub(crate) fn tidied(words: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in words.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_from_the_page_they_were_put_on() {
        let mut page = Page::default();
        page.remark("On timeline main");
        page.remark("");
        page.show_below(b"diff\n+\xff not text\n no remark\n".to_vec());
        for words in ["", "title", "title\n\nmore\n- list"] {
            assert_eq!(on_page(&page.with(words)).unwrap(), words);
        }
    }

    #[test]
    fn blanks_that_nobody_means_are_left_out() {
        let table = [
            ("", ""),
            (" \n\t\n", ""),
            ("\n\na  \r\n\n\n \nb\n\n", "a\n\nb"),
            ("  indented\n", "  indented"),
            ("# is meant here", "# is meant here"),
        ];
        for (words, expected) in table {
            assert_eq!(tidied(words), expected, "{words:?}");
        }
    }

    #[test]
    fn remarks_are_not_meant() {
        assert_eq!(on_page(b"a\n# b\n #c\n#d\n").unwrap(), "a\n #c");
        assert!(on_page(b"\xff\n").is_err());
    }
}
