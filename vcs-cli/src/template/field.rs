//! What a template can tell of a seal.

/// One thing that a seal tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    Name,
    Hash,
    Change,
    Parents,
    Author,
    Contact,
    Date,
    Title,
    Body,
    Message,
    Timelines,
    Tags,
    Signature,
    Signer,
    Decisions,
    Path,
}

impl Field {
    /// All of them, as help lists them.
    pub(crate) const ALL: [Self; 16] = [
        Self::Name,
        Self::Hash,
        Self::Change,
        Self::Parents,
        Self::Author,
        Self::Contact,
        Self::Date,
        Self::Title,
        Self::Body,
        Self::Message,
        Self::Timelines,
        Self::Tags,
        Self::Signature,
        Self::Signer,
        Self::Decisions,
        Self::Path,
    ];

    /// The field of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// What it is called in a template.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Hash => "hash",
            Self::Change => "change",
            Self::Parents => "parents",
            Self::Author => "author",
            Self::Contact => "contact",
            Self::Date => "date",
            Self::Title => "title",
            Self::Body => "body",
            Self::Message => "message",
            Self::Timelines => "timelines",
            Self::Tags => "tags",
            Self::Signature => "signature",
            Self::Signer => "signer",
            Self::Decisions => "decisions",
            Self::Path => "path",
        }
    }

    /// What it tells, in a line.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Name => "its name in words",
            Self::Hash => "its hash",
            Self::Change => "the change that it is a version of, in letters",
            Self::Parents => "the hashes of what it was made from",
            Self::Author => "who made it",
            Self::Contact => "where to reach them",
            Self::Date => {
                "when: '{date}' is 2026-11-21, and there is 'iso', 'rfc', 'git', 'mail', 'unix', 'ago'"
            }
            Self::Title => "the first line of its message",
            Self::Body => "its message without that",
            Self::Message => "its message",
            Self::Timelines => "the timelines of which it is a newest seal",
            Self::Tags => "the tags that stand at it",
            Self::Signature => "what its signature is worth: good, unknown, none, forged",
            Self::Signer => "who signed it, if you know them",
            Self::Decisions => "what was decided for it without asking",
            Self::Path => "with --follow, what the file was called in it",
        }
    }
}
