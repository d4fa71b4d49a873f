//! Making a clone of a repository.

use std::path::{Path, PathBuf};

use selkie_store::{Progress, Seal};
use selkie_vcs::clone::{Cloning, make, unpack};
use selkie_vcs::{Donor, SealName, Workspace};

use crate::command::bundle::open;
use crate::config::key::TIMELINE;
use crate::context::{Context, now_ns};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// All timelines and tags come along, with all that they lead to. What only the other clone knows stays there: what it
/// gathered, shelved or undid, and its settings. Everything is checked on the way. If it is stopped, type it
/// again. A bundle is as good as a folder, and brings the timelines and tags that are in it.
///
/// Examples:
///   selkie clone ../voters                     into the folder 'voters' here
///   selkie clone voters.bundle                 the same from a file
///   selkie clone ../voters fresh --timeline v2
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The folder of a repository on this machine, or a bundle
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
    /// Where to, if not a folder of the same name here
    #[arg(value_name = "NEW FOLDER")]
    into: Option<PathBuf>,
    /// The timeline to stand on, if not the one that the other stands on; of a bundle, not the first
    #[arg(short, long, value_name = "NAME")]
    timeline: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Make a clone of a repository on this machine, or of a bundle";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let here = std::env::current_dir().map_err(CliError::Here)?;
        let from = here.join(&self.from);
        if !from.exists() && is_address(&self.from) {
            return Err(CliError::NoFolder(self.from.to_string_lossy().into_owned()));
        }
        let donor = if from.is_file() { None } else { Some(Donor::open(&from, &cx.trusted())?) };
        let folder = match &self.into {
            Some(into) => here.join(into),
            None => here.join(name_of(&from)?),
        };
        let first = cx.config.value(&TIMELINE).map_or("main", |(name, _)| name).to_owned();
        let (doer, watch, typed) = (cx.doer(), cx.watch(), cx.typed());
        let mut meter = cx.meter("Objects:");
        let cloning = Cloning {
            folder: &folder,
            timeline: self.timeline.as_deref(),
            first: &first,
            typed,
            keys: &|| cx.keys(),
        };
        let progress = |p: Progress| meter.tell(p.done, p.total);
        let made = match &donor {
            Some(donor) => make(donor, &cloning, &doer, now_ns, watch, progress),
            None => unpack(&mut open(&from)?, &cloning, &doer, now_ns, watch, progress),
        };
        drop(meter);
        let workspace = made?;
        let shown = folder.to_string_lossy().into_owned();
        tell(cx, &workspace, &shown)
    }
}

/// The name of a folder, whatever way it was typed, or of a bundle without its ending.
fn name_of(folder: &Path) -> Result<PathBuf, CliError> {
    let real = folder.canonicalize().map_err(|source| CliError::Folder {
        folder: folder.to_string_lossy().into_owned(),
        source,
    })?;
    // The top of the file system has no name; there its clone would have to lie inside of it.
    let name = if real.is_file() { real.file_stem() } else { real.file_name() };
    Ok(name.map_or_else(|| PathBuf::from("clone"), PathBuf::from))
}

/// Says where the clone is, and where it stands.
pub(crate) fn tell(cx: &mut Context, workspace: &Workspace, folder: &str) -> Result<(), CliError> {
    cx.out.say(&Line::of("Cloned into ").code(folder).plain("."))?;
    let desk = workspace.repository().desk();
    let line = Line::of("On timeline ");
    let line = line.put(Label::Timeline, desk.timeline.as_deref().unwrap_or_default());
    let Some(base) = desk.bases.first() else {
        return Ok(cx.out.say(&line.plain(", before the first seal"))?);
    };
    let seal: Seal = workspace.repository().store().load(*base)?;
    let title = seal.message.lines().next().unwrap_or_default();
    let name = SealName::of(seal.change).to_string();
    Ok(cx.out.say(&line.plain(", at ").put(Label::Seal, &name).plain(": ").plain(title))?)
}

/// Whether somebody means another machine.
fn is_address(text: &Path) -> bool {
    let text = text.to_string_lossy();
    let before_slash = text.split('/').next().unwrap_or_default();
    text.contains("://") || before_slash.contains([':', '@'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_path() {
        let table = [
            ("https://example.org/x", true),
            ("selkie://peer", true),
            ("ann@example.org:x", true),
            ("127.0.0.1:7355", true),
            ("../x", false),
            ("x/a:b", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_address(Path::new(text)), expected, "{text}");
        }
    }
}
