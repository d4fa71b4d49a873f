//! The files of a seal in one file.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, stdout};
use std::path::{Path, PathBuf};

use selkie_store::{RepoPath, Seal};
use selkie_vcs::PathFilter;
use selkie_vcs::archive::{Packed, Packing, Wanted, pack};

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
                let (mut file, unwritable) =
                    (beside(path)?, |source| CliError::Write { path: shown(path), source });
                let packed = pack(store, &wanted, BufWriter::new(file.as_file_mut()))?;
                file.as_file().sync_all().map_err(unwritable)?;
                file.persist_noclobber(path).map_err(|error| unwritable(error.error))?;
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

/// A file beside the one that is to be, which gets its name once it is whole.
fn beside(path: &Path) -> Result<tempfile::NamedTempFile, CliError> {
    let unwritable = |source| CliError::Write { path: shown(path), source };
    if fs::symlink_metadata(path).is_ok() {
        return Err(unwritable(io::ErrorKind::AlreadyExists.into()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix("selkie-archive-");
    #[cfg(unix)]
    {
        // As every file that somebody makes, and not as one that is secret.
        let may = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        builder.permissions(may);
    }
    builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(unwritable)
}
