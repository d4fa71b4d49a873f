//! The few things that the settings of a git repository say about how it is kept.

/// What a file of settings says, as far as it is asked.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<(String, String)>);

impl Settings {
    /// Reads the sections and values of git's format. Files that it includes do not say how a repository is kept.
    pub(super) fn parse(text: &str) -> Self {
        let (mut section, mut found) = (String::new(), Vec::new());
        for line in text.replace("\\\n", "").lines() {
            let mut line = line.trim();
            if let Some(rest) = line.strip_prefix('[') {
                let Some((name, rest)) = rest.split_once(']') else { continue };
                section = name.to_ascii_lowercase();
                line = rest.trim();
            }
            let line = line.split(['#', ';']).next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            // A name alone is a yes.
            let (name, value) = line.split_once('=').unwrap_or((line, "true"));
            let value = value.trim().trim_matches('"').to_owned();
            found.push((format!("{section}.{}", name.trim().to_ascii_lowercase()), value));
        }
        Self(found)
    }

    /// What was said last.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| &**value)
    }

    /// The names in a section, and their values.
    pub(super) fn section<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, &**value)))
    }

    /// Whether a word means yes.
    pub(super) fn is_yes(&self, name: &str) -> bool {
        let value = self.value(name).map(str::to_ascii_lowercase);
        value.is_some_and(|value| ["true", "yes", "on", "1"].contains(&&*value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_git_writes_them() {
        let text = "[core]\n\tbare = true # yes\n[Extensions] objectFormat = \"sha256\"\n\
                    [remote \"origin\"]\n promisor\n";
        let settings = Settings::parse(text);
        assert!(settings.is_yes("core.bare"));
        assert_eq!(
            settings.section("extensions.").collect::<Vec<_>>(),
            [("objectformat", "sha256")]
        );
        assert!(settings.is_yes("remote \"origin\".promisor"));
        assert_eq!(settings.value("core.none"), None);
    }
}
