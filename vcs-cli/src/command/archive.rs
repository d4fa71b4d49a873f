//! The files of a seal in one file.

use std::io::{BufWriter, IsTerminal, stdout};
use std::path::{Path, PathBuf};

use selkie_store::{RepoPath, Seal};
use selkie_vcs::PathFilter;
use selkie_vcs::archive::{Packed, Packing, Wanted, pack};

use crate::beside::Beside;
use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;
use crate::verb::Run;

/// For people who have no repository. Only what is sealed is packed, and the same seal gives the same bytes every time.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The seal; if there is none, the one you stand on
    seal: Option<String>,
    /// Pack only these files and folders
    #[arg(last = true)]
    paths: Vec<PathBuf>,
    /// Where to: a new file, whose ending says how it is packed; if there is none, to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How it is packed, whatever the ending
    #[arg(long, value_name = "FORM")]
    format: Option<Form>,
    /// The folder that the files are in when they are unpacked
    #[arg(long, value_name = "FOLDER", default_value = "", hide_default_value = true)]
    prefix: String,
}

const EXAMPLES: &str = "\
Examples:
  selkie archive v1.0 -o song-1.0.tar.gz --prefix song-1.0
  selkie archive --format tar | tar -t";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// As it is
    Tar,
    /// Made small as gzip does
    #[value(name = "tar.gz", alias = "tgz")]
    TarGz,
}

impl Run for Args {
    const ABOUT: &'static str = "Pack the files of a seal into one";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let packing = self.packing()?;
        let workspace = cx.workspace()?;
        let id = Context::seal_or_here(&workspace, self.seal.as_deref())?;
        let store = workspace.repository().store();
        let seal: Seal = store.load(id)?;
        let named = self.paths.iter().map(|path| Context::repo_path(&workspace, path));
        let filter = PathFilter::below(named.collect::<Result<Vec<_>, _>>()?);
        let folder = RepoPath::new(self.prefix.trim_end_matches('/'))?;
        let wanted = Wanted { seal: &seal, filter: &filter, folder: &folder, packing };
        let packed = match &self.output {
            None if stdout().is_terminal() => return Err(CliError::Screen),
            None => pack(store, &wanted, cx.out.stream())?,
            Some(path) => {
                let mut file = Beside::of(path, "selkie-archive-")?;
                let packed = pack(store, &wanted, BufWriter::new(file.file()))?;
                file.keep()?;
                packed
            }
        };
        self.tell(cx, &packed)
    }
}

impl Args {
    fn packing(&self) -> Result<Packing, CliError> {
        let ending = |path: &Path| {
            let name = path.file_name()?.to_str()?.to_lowercase();
            let is = |ending: &str| name.ends_with(ending);
            if is(".tar.gz") || is(".tgz") {
                Some(Packing::TarGz)
            } else {
                is(".tar").then_some(Packing::Tar)
            }
        };
        match (self.format, &self.output) {
            (Some(Form::Tar), _) | (None, None) => Ok(Packing::Tar),
            (Some(Form::TarGz), _) => Ok(Packing::TarGz),
            (None, Some(path)) => ending(path).ok_or_else(|| CliError::Ending(shown(path))),
        }
    }

    fn tell(&self, cx: &mut Context, packed: &Packed) -> Result<(), CliError> {
        for path in &packed.foreign {
            let line = Line::note("note").code(path.as_str());
            cx.out.warn(&line.plain(
                " is something of another system: a folder with nothing in it stands for it",
            ))?;
        }
        let Some(path) = &self.output else { return Ok(()) };
        let noun = if packed.files == 1 { "file" } else { "files" };
        let line = Line::of(&format!("Packed {} {noun} into ", packed.files));
        Ok(cx.out.say(&line.code(&shown(path)).plain("."))?)
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
