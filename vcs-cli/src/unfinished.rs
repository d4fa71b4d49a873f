//! What becomes of unfinished work when somebody goes elsewhere: what may be asked, and how it is told.

use selkie_vcs::{Shelved, Unfinished};

use crate::config::key::UNFINISHED;
use crate::context::Context;
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;

/// What is to become of it; if nothing is said, the settings decide.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Take what is not sealed along; stay if that does not fit there
    #[arg(long, conflicts_with_all = ["shelve", "refuse"])]
    carry: bool,
    /// Leave what is not sealed on a shelf; after a switch it comes back with the timeline
    #[arg(long, conflicts_with = "refuse")]
    shelve: bool,
    /// Stay if something is not sealed
    #[arg(long)]
    refuse: bool,
}

impl Options {
    /// What was asked for.
    pub(crate) fn chosen(&self, cx: &Context) -> Unfinished {
        let word = cx.config.value(&UNFINISHED).map_or("auto", |(word, _)| word);
        match (self.carry, self.shelve, self.refuse, word) {
            (true, ..) | (false, false, false, "carry") => Unfinished::Carry,
            (_, true, ..) | (false, false, false, "shelve") => Unfinished::Shelve,
            (_, _, true, _) | (false, false, false, "refuse") => Unfinished::Refuse,
            (false, false, false, _) => Unfinished::CarryOrShelve,
        }
    }
}

/// Says what became of it.
pub(crate) fn tell(cx: &mut Context, shelved: &Shelved) -> Result<(), CliError> {
    if let Some(name) = &shelved.left {
        let line = Line::of("What was not sealed is on shelf ").put(Label::Shelf, name);
        cx.out.say(&line.plain("."))?;
    }
    for name in &shelved.back {
        let line = Line::of("The work on shelf ").put(Label::Shelf, name).plain(" is back.");
        cx.out.say(&line)?;
    }
    for name in &shelved.waiting {
        let line = Line::note("note").plain("shelf ").put(Label::Shelf, name);
        let line = line.plain(" waits: what is on it was changed here as well. Bring it with ");
        cx.out.warn(&line.code(&format!("selkie shelf pop {name}")))?;
    }
    Ok(())
}
