//! A `Cargo.toml`, as far as the rules ask: its package, and what it depends on.

/// One manifest.
pub(crate) struct Manifest {
    pub(crate) path: String,
    pub(crate) package: Option<String>,
    /// Where its lints come from.
    pub(crate) lints: Origin,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One dependency line.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
    /// Where its version comes from.
    pub(crate) version: Origin,
}

/// Whether the crate itself needs the dependency, or only its tests, benches and examples.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Normal,
    Dev,
}

/// Whether a build can go without the dependency.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    Always,
    Optional,
}

/// Whether something is taken from the tables of the root, or settled in the manifest itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Root,
    Here,
}

impl Manifest {
    /// Reads the lines of a manifest as we write them: one dependency a line.
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let mut manifest = Self {
            path: path.to_owned(),
            package: None,
            lints: Origin::Here,
            dependencies: Vec::new(),
        };
        let mut section = "";
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                section = header.trim_end_matches(']');
            } else if let Some((key, value)) = line.split_once('=') {
                manifest.note(section, key.trim(), value.trim(), at + 1);
            }
        }
        manifest
    }

    fn note(&mut self, section: &str, key: &str, value: &str, line: usize) {
        if section == "package" && key == "name" {
            self.package = Some(value.trim_matches('"').to_owned());
        }
        let inherits =
            value.contains("workspace = true") || (key.ends_with("workspace") && value == "true");
        let from = if inherits { Origin::Root } else { Origin::Here };
        if section == "lints" {
            self.lints = from;
        }
        let kind = match section.rsplit('.').next() {
            // The table of versions says nothing of who uses them.
            _ if section.starts_with("workspace") => return,
            Some("dependencies" | "build-dependencies") => Kind::Normal,
            Some("dev-dependencies") => Kind::Dev,
            _ => return,
        };
        let name = key.split('.').next().unwrap_or(key).trim_matches('"').to_owned();
        let optional = value.contains("optional = true");
        let need = if optional { Need::Optional } else { Need::Always };
        self.dependencies.push(Dependency { name, line, kind, need, version: from });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_every_section() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\n\
                    c = { workspace = true, optional = true }\n\
                    [target.'cfg(unix)'.dev-dependencies]\nd = \"1\"\n\
                    [lints]\nworkspace = true\n";
        let manifest = Manifest::read("a/Cargo.toml", text);
        let read = |d: &Dependency| (d.name.clone(), d.kind, d.need, d.version);
        let found: Vec<_> = manifest.dependencies.iter().map(read).collect();
        assert_eq!(manifest.package.as_deref(), Some("a"));
        assert_eq!(manifest.lints, Origin::Root);
        let expected = [
            ("b".to_owned(), Kind::Normal, Need::Always, Origin::Root),
            ("c".to_owned(), Kind::Normal, Need::Optional, Origin::Root),
            ("d".to_owned(), Kind::Dev, Need::Always, Origin::Here),
        ];
        assert_eq!(found, expected);
    }
}
