//! How somebody says to which timeline they go.

use crate::unfinished::Options;

/// Which timeline, and what becomes of unfinished work.
#[derive(clap::Args)]
pub(crate) struct Going {
    /// Its name
    pub(crate) name: String,
    /// Begin it at the seal you stand on
    #[arg(short = 'c', long, visible_alias = "create", conflicts_with_all = ["carry", "shelve", "refuse"])]
    pub(crate) new: bool,
    #[command(flatten)]
    pub(crate) unfinished: Options,
}
