//! What a file is written in.

use super::document::Document;
use super::json;
use super::toml;

/// What a file is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::merge) enum Language {
    Json,
    Toml,
}

impl Language {
    /// What files at this path are written in, if it is a language that is merged by key.
    pub(in crate::merge) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let end = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        match (end.as_str(), name) {
            ("json" | "jsonc" | "json5" | "webmanifest" | "code-workspace", _)
            | (_, ".babelrc" | ".eslintrc" | ".prettierrc") => Some(Self::Json),
            ("toml", _) | (_, "Pipfile") => Some(Self::Toml),
            _ => None,
        }
    }

    pub(in crate::merge) fn parse(self, text: &[u8]) -> Option<Document<'_>> {
        match self {
            Self::Json => json::parse(text),
            Self::Toml => toml::parse(text),
        }
    }
}
