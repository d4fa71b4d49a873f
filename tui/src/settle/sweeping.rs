//! What somebody wants to decide at once.

use selkie_vcs::settling::{NewRule, Sort, Swept, Take};

use crate::text_box::TextBox;

/// What somebody wants to decide at once, and what would come of that.
#[derive(Clone, Debug)]
pub(crate) struct Sweeping {
    /// The pattern of the files.
    pub(crate) pattern: TextBox,
    /// Of which sort they are.
    pub(crate) sort: Sort,
    /// What is taken of each.
    pub(crate) take: Take,
    /// Whether it shall be a rule.
    pub(crate) is_rule: bool,
    /// What would become of each, or why nothing fits; nothing as long as it is not known.
    pub(crate) would: Option<Result<Vec<Swept>, String>>,
    /// The first of them that is shown.
    pub(crate) from: usize,
    /// The question to which the answer is awaited.
    pub(super) number: u64,
}

impl Sweeping {
    /// The rule that it would be.
    pub(crate) fn rule(&self) -> Result<NewRule, String> {
        let Some(strategy) = self.take.strategy() else {
            return Err(format!("no rule takes '{}'", self.take));
        };
        if self.sort != Sort::Any {
            return Err("a rule is for files of a pattern, of any sort".to_owned());
        }
        NewRule::new(&self.pattern(), strategy).map_err(|error| error.to_string())
    }

    /// The pattern as it stands.
    pub(crate) fn pattern(&self) -> String {
        self.pattern.lines().concat()
    }

    /// Scrolls what is shown; the last one stays.
    pub(super) fn scroll(&mut self, lines: isize) {
        let count = match &self.would {
            Some(Ok(would)) => would.len(),
            Some(Err(_)) | None => 0,
        };
        self.from = self.from.saturating_add_signed(lines).min(count.saturating_sub(1));
    }
}
