//! Beginning a repository.

use std::path::PathBuf;

use selkie_vcs::{GitPlace, TimelineName, Workspace};

use crate::config::key::TIMELINE;
use crate::context::{Context, now_ns};
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// The repository lies in a folder '.selkie' beside your files. Nothing is recorded yet: choose files with
/// 'selkie gather', then record them with 'selkie seal'.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where, if not here
    #[arg(value_name = "FOLDER")]
    place: Option<PathBuf>,
    /// The first timeline, if it is not the one that 'forge.timeline' says
    #[arg(short, long, value_name = "NAME")]
    timeline: Option<String>,
}

impl Run for Args {
    const ABOUT: &'static str = "Begin a repository";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let by_setting = || cx.config.value(&TIMELINE).map(|(name, _)| name.to_owned());
        let name = self.timeline.clone().or_else(by_setting).unwrap_or_default();
        let kind = "timeline";
        let refused = |source| CliError::Name { kind, name: name.clone(), source };
        TimelineName::new(&name).map_err(refused)?;
        let here = std::env::current_dir().map_err(CliError::Here)?;
        let folder = self.place.as_ref().map_or(here.clone(), |place| here.join(place));
        // Without a dot for here, which would read as the end of a sentence.
        let folder: PathBuf = folder.components().collect();
        Workspace::forge(&folder, &name, cx.keys(), &cx.doer(), now_ns)?;
        let shown = folder.to_string_lossy();
        cx.out.say(&Line::of("Forged a repository in ").code(&shown).plain("."))?;
        if GitPlace::is_in(&folder) {
            let line = Line::of("A git repository is here too; ").code("selkie git import .");
            cx.out.say(&line.plain(" brings its history."))?;
        }
        let next = Line::of("Choose files with ").code("selkie gather").plain(", then ");
        Ok(cx.out.say(&next.code("selkie seal").plain("."))?)
    }
}
