//! Where settings are kept on this system.

use std::path::{Path, PathBuf};

use crate::config::origin::Origin;

/// The files that may hold settings. None has to exist.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Places {
    /// For everyone on the machine.
    pub(crate) system: Option<PathBuf>,
    /// For this user.
    pub(crate) user: Option<PathBuf>,
    /// For this repository.
    pub(crate) repository: Option<PathBuf>,
}

const FILE: &str = "config.toml";

impl Places {
    /// The places that these variables of the environment lead to.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        // An empty or a relative folder would depend on where the command is typed.
        let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || folder("HOME").map(|home| home.join(".config"));
        let user = if cfg!(windows) { folder("APPDATA") } else { None };
        let user = folder("XDG_CONFIG_HOME").or(user).or_else(home);
        let system = if cfg!(windows) { folder("PROGRAMDATA") } else { Some("/etc".into()) };
        let file = |folder: PathBuf| folder.join("selkie").join(FILE);
        Self { system: system.map(file), user: user.map(file), repository: None }
    }

    /// The places, and the one of the repository whose own folder this is.
    pub(crate) fn with_repository(self, control: &Path) -> Self {
        Self { repository: Some(control.join(FILE)), ..self }
    }

    /// Where this user's keys are.
    pub(crate) fn keys(&self) -> Option<PathBuf> {
        Some(self.user.as_ref()?.parent()?.join("keys"))
    }

    /// Where it is kept with whom this user shares repositories.
    pub(crate) fn peers(&self) -> Option<PathBuf> {
        Some(self.user.as_ref()?.parent()?.join("peers"))
    }

    /// Where this user's list of ignores is if they say nothing.
    pub(crate) fn ignores(&self) -> Option<PathBuf> {
        Some(self.user.as_ref()?.parent()?.join("ignore"))
    }

    /// The places that there are, the most particular one last.
    pub(crate) fn origins(&self) -> impl Iterator<Item = Origin> + use<> {
        let system = self.system.clone().map(Origin::System);
        let user = self.user.clone().map(Origin::User);
        let repository = self.repository.clone().map(Origin::Repository);
        [system, user, repository].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_user_may_say_where_settings_are() {
        let table = [
            (&[("HOME", "/h")][..], Some("/h/.config/selkie/config.toml")),
            (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")], Some("/x/selkie/config.toml")),
            (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "x")], Some("/h/.config/selkie/config.toml")),
            (&[("HOME", "")], None),
        ];
        for (variables, expected) in table {
            let value = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Places::of(value).user, expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
