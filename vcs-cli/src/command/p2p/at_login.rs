//! What has the system start a node when somebody logs in.

use std::env;
use std::path::Path;

use serde::Serialize;

use crate::command::p2p::here::Here;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;

/// Who starts programs when somebody logs in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Starter {
    Systemd,
    Launchd,
    Windows,
    /// It is not known here.
    Other,
}

/// What it is told.
#[derive(Debug, Eq, PartialEq, Serialize)]
struct Told {
    schema: &'static str,
    starter: &'static str,
    /// Where to keep the text; none where it is typed.
    file: Option<String>,
    /// What to type then.
    then: Option<String>,
    text: String,
}

/// Prints it. Nothing is changed: a system's own list of what it starts is its owner's.
pub(super) fn at_login(cx: &mut Context, here: &Here, folder: &Path) -> Result<(), CliError> {
    let name = here.name.ok_or(NetworkError::Unshared)?.to_string();
    let program = env::current_exe().map_err(|source| unspelled(Path::new("selkie"), source))?;
    let [program, folder] = [&*program, folder].map(|path| {
        let plain = path.to_str().filter(|text| !text.contains(char::is_control));
        plain.ok_or_else(|| unspelled(path, std::io::ErrorKind::InvalidFilename.into()))
    });
    let told = Starter::here().told(program?, folder?, &name);
    if cx.format == Format::Json {
        return cx.json(&told);
    }
    told.text.lines().try_for_each(|line| cx.out.line(&Line::of(line)))?;
    if let Some(file) = &told.file {
        let keep = format!("selkie p2p at-login > {file}");
        cx.out.say(&Line::of("Keep it with ").code(&keep).plain("."))?;
    }
    if let Some(then) = &told.then {
        cx.out.say(&Line::of("Then type ").code(then).plain("."))?;
    }
    Ok(())
}

fn unspelled(path: &Path, source: std::io::Error) -> NetworkError {
    NetworkError::Peers { path: path.to_owned(), source }
}

impl Starter {
    fn here() -> Self {
        match env::consts::OS {
            "linux" => Self::Systemd,
            "macos" => Self::Launchd,
            "windows" => Self::Windows,
            _ => Self::Other,
        }
    }

    fn told(self, program: &str, folder: &str, name: &str) -> Told {
        let told = |starter, file, then, text| Told {
            schema: "selkie.at-login/1",
            starter,
            file,
            then,
            text,
        };
        match self {
            Self::Systemd => {
                let unit = format!("selkie-{name}.service");
                let then = format!("systemctl --user enable --now {unit}");
                let file = format!("~/.config/systemd/user/{unit}");
                told("systemd", Some(file), Some(then), systemd(program, folder))
            }
            Self::Launchd => {
                let file = format!("~/Library/LaunchAgents/selkie.{name}.plist");
                let then = format!("launchctl load {file}");
                told("launchd", Some(file), Some(then), launchd(program, folder, name))
            }
            Self::Windows => {
                let text = format!(
                    "schtasks /create /sc onlogon /tn \"Selkie {name}\" /tr \"\\\"{program}\\\" -C \\\"{folder}\\\" serve\""
                );
                told("windows", None, None, text)
            }
            Self::Other => told("other", None, None, format!("'{program}' -C '{folder}' serve")),
        }
    }
}

fn systemd(program: &str, folder: &str) -> String {
    let plain = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    // A variable is put in the place of its name in arguments, and not in the name of the program.
    let (program, argument) = (plain(program), plain(folder).replace('$', "$$"));
    format!(
        "[Unit]\n\
         Description=Selkie for {}\n\
         \n\
         [Service]\n\
         ExecStart=\"{program}\" -C \"{argument}\" serve\n\
         Restart=on-failure\n\
         RestartSec=10\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        folder.replace('%', "%%")
    )
}

fn launchd(program: &str, folder: &str, name: &str) -> String {
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let arguments = [program, "-C", folder, "serve"];
    let arguments = arguments.map(|text| format!("    <string>{}</string>\n", plain(text)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <plist version=\"1.0\">\n\
         <dict>\n  \
           <key>Label</key>\n  \
           <string>selkie.{name}</string>\n  \
           <key>ProgramArguments</key>\n  \
           <array>\n\
         {}  \
           </array>\n  \
           <key>RunAtLoad</key>\n  \
           <true/>\n  \
           <key>KeepAlive</key>\n  \
           <dict>\n    \
             <key>SuccessfulExit</key>\n    \
             <false/>\n  \
           </dict>\n\
         </dict>\n\
         </plist>\n",
        arguments.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_a_starter_is_spelled_so_that_it_does_not() {
        let unit = Starter::Systemd.told("/opt/s%1/selkie", "/home/a b/$x \"y\"", "ab").text;
        let line = unit.lines().find(|line| line.starts_with("ExecStart="));
        let expected = r#"ExecStart="/opt/s%%1/selkie" -C "/home/a b/$$x \"y\"" serve"#;
        assert_eq!(line, Some(expected));
        let list = Starter::Launchd.told("/opt/selkie", "/a & <b>", "ab").text;
        assert!(list.contains("    <string>/a &amp; &lt;b&gt;</string>\n"), "{list}");
    }

    #[test]
    fn a_windows_task_is_one_line() {
        let told = Starter::Windows.told(r"C:\selkie.exe", r"C:\my work", "ab");
        let expected = r#"schtasks /create /sc onlogon /tn "Selkie ab" /tr "\"C:\selkie.exe\" -C \"C:\my work\" serve""#;
        assert_eq!((told.text.as_str(), told.file), (expected, None));
    }
}
