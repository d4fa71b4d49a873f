//! The merge of one file, for scripts and other programs.

use std::fs;
use std::path::{Path, PathBuf};

use selkie_vcs::{MarkerLabels, MergeRules, MergeSide, MergeWarning, Merged, Merging, merge_file};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Takes the changes of both sides. Where both changed the same lines or the same key, the steps are
/// asked that a fuse asks; what each settled is told with the line that it begins at. What none of
/// them settles stands in OUT between markers, and the exit code is 1. Needs no repository.
///
/// Examples:
///   selkie merge-file base.txt mine.txt yours.txt merged.txt
///   selkie merge-file old new other merged package.json      read and merged as package.json is
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The file that both sides came from
    base: PathBuf,
    /// What our side made of it
    ours: PathBuf,
    /// What their side made of it
    theirs: PathBuf,
    /// Where the result goes
    out: PathBuf,
    /// Where the file lies in its repository, whose name says how it is read; OUT if left out
    path: Option<PathBuf>,
    /// The side whose lines stand first where both added some; name the same one wherever the same merge is made
    #[arg(long, value_name = "SIDE", default_value = "ours")]
    first: First,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum First {
    Ours,
    Theirs,
}

/// What became of the file, for programs.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    conflicts: usize,
    decided: Vec<Decision<'a>>,
    remake: Option<&'a str>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Decision<'a> {
    line: usize,
    step: &'a str,
}

impl Run for Args {
    const ABOUT: &'static str = "Merge what two sides made of one file";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let [base, ours, theirs] = [read(&self.base)?, read(&self.ours)?, read(&self.theirs)?];
        let path = self.path.as_ref().unwrap_or(&self.out).to_string_lossy();
        let first = match self.first {
            First::Ours => MergeSide::Ours,
            First::Theirs => MergeSide::Theirs,
        };
        let rules = MergeRules::default();
        let (base, ours, theirs) = (base.as_slice(), ours.as_slice(), theirs.as_slice());
        let merged = merge_file(&Merging { path: &path, base, ours, theirs, first, rules: &rules });
        let out = self.out.to_string_lossy();
        let text = merged.marked(MarkerLabels { ours: "ours", theirs: "theirs" });
        fs::write(&self.out, text)
            .map_err(|source| CliError::Write { path: out.clone().into_owned(), source })?;
        let conflicts = merged.conflicts().count();
        tell(cx, &merged, conflicts)?;
        if conflicts == 0 {
            return Ok(());
        }
        Err(CliError::Clash { path: out.into_owned(), conflicts, remake: merged.remake })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let unread = |source| CliError::Unreadable { path: path.to_string_lossy().into(), source };
    fs::read(path).map_err(unread)
}

fn tell(cx: &mut Context, merged: &Merged, conflicts: usize) -> Result<(), CliError> {
    match cx.format {
        Format::Json => {
            let decided = merged.decided();
            let decided = decided.map(|(line, what)| Decision { line, step: what.step.name() });
            cx.json(&Told {
                schema: "selkie.merge-file/1",
                conflicts,
                decided: decided.collect(),
                remake: merged.remake,
                warnings: merged.warnings.iter().map(definition).collect(),
            })
        }
        Format::Text => {
            for (line, decided) in merged.decided() {
                let place = Line::of("line ").put(Label::Code, &line.to_string());
                cx.out.say(&place.plain(": ").plain(decided.step.sentence()))?;
            }
            for warning in &merged.warnings {
                let line = Line::note("note").plain("both sides changed lines in '");
                cx.out.say(&line.content(Label::Code, &warning.definition).plain("'"))?;
            }
            Ok(())
        }
    }
}

fn definition(warning: &MergeWarning) -> String {
    String::from_utf8_lossy(&warning.definition).into_owned()
}
