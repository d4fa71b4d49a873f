//! Recording.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use selkie_store::{Author, RepoPath, Seal};
use selkie_vcs::diff::{Diff, Pairing};
use selkie_vcs::seal::{
    Conflicts, Content, Draft, Emptiness, SealError, Sealed, Standing, Taken, Wanted, Words, draft,
    draft_of, finish,
};
use selkie_vcs::{
    AskedUnknown, CONTEXT_LINES, Comparing, Doer, FilePatch, FindingRenames, PathFilter, SealName,
    Way, Workspace, offer,
};

use crate::asking::ask;
use crate::context::Context;
use crate::differences::named;
use crate::error::CliError;
use crate::hooks::{PRE_SEAL, Pass, SEAL_MESSAGE, State};
use crate::kept::Kept;
use crate::label::Label;
use crate::line::Line;
use crate::shown::shown;
use crate::verb::Run;
use crate::words::{Page, tidied};

/// With nothing gathered it seals every change of a known file. Unknown files are never sealed by
/// themselves: gather them. Without -m or -F an editor opens: that of `SELKIE_EDITOR`, of the setting ui.editor, of
/// VISUAL or of EDITOR, else vi.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Args {
    /// What it says; each one is a paragraph
    #[arg(short, long = "message", value_name = "TEXT")]
    message: Vec<String>,
    /// Read what it says from a file; '-' is standard input
    #[arg(short = 'F', long = "file", value_name = "FILE", conflicts_with = "message")]
    file: Option<PathBuf>,
    /// Write what it says in an editor, even if it is given
    #[arg(short, long)]
    edit: bool,
    /// Take every change of a known file, gathered or not
    #[arg(short, long)]
    all: bool,
    /// Choose changes of known files one by one; 'selkie gather --help' tells how
    #[arg(short, long, conflicts_with = "all")]
    patch: bool,
    /// Rewrite the last seal: it keeps its name, and its words unless you give others. With other words and
    /// nothing gathered, only the words change
    #[arg(long)]
    amend: bool,
    /// Keep the words of the seal that is amended, as happens when you say nothing
    #[arg(long, requires = "amend", conflicts_with = "edit")]
    no_edit: bool,
    /// Who made it, if not you: 'Name <contact>'
    #[arg(long, value_name = "AUTHOR")]
    author: Option<String>,
    /// When it was made, if not now
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Seal even if nothing changed
    #[arg(long)]
    allow_empty: bool,
    /// Seal although files are in conflict: they can be settled later, by anybody
    #[arg(long)]
    with_conflicts: bool,
    /// Tell what would be sealed, and seal nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie seal -m 'Open the doors'           seal what is gathered, else every change
  selkie seal -am 'Open the doors'          seal what is gathered and every change
  selkie seal --amend                       put it into the last seal, whose words stay
  selkie seal --amend -m 'Close the doors'  give the last seal other words";

impl Run for Args {
    const ABOUT: &'static str = "Record what is gathered, or every change";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let mut workspace = cx.workspace()?;
        let author = self.author.as_deref().map(author).transpose()?;
        // An amended seal keeps its author, so it takes nobody with a name.
        let is_named = author.is_some() || self.amend || self.dry_run;
        let doer = if is_named { cx.doer() } else { cx.sealer()? };
        let given = self.given()?;
        if !self.dry_run {
            cx.run_hook(&workspace, PRE_SEAL, &[])?;
        }
        let draft = self.draft(cx, &mut workspace, &doer, given.is_some())?;
        if self.dry_run {
            return tell_draft(cx, &workspace, &draft);
        }
        let given = given.or_else(|| draft.old().map(|old| old.message.clone()));
        let kept = Kept::of_seal(&workspace);
        let message = match given {
            Some(given) if !self.edit => given,
            given => {
                let (editor, page) = (cx.editor()?, page(cx, &workspace, &draft)?);
                kept.write(&editor, &page, given.as_deref(), "")?
            }
        };
        if message.is_empty() {
            return Err(CliError::Wordless);
        }
        let message = heard(cx, &workspace, message, kept.path())?;
        let dated = self.date.as_deref().map(Context::dated).transpose()?;
        let words = Words { message, author, dated };
        let sealed = finish(&mut workspace, &doer, cx.typed(), draft, words);
        match sealed {
            Ok(sealed) => {
                kept.forget()?;
                tell(cx, &sealed, self.amend)
            }
            // Then the seal has these words.
            Err(SealError::Same) => {
                kept.forget()?;
                Err(SealError::Same.into())
            }
            Err(source) if kept.path().exists() => {
                Err(CliError::Unsealed { words: kept.path().to_owned(), source })
            }
            Err(source) => Err(source.into()),
        }
    }
}

impl Args {
    /// What the message is, if the command line tells.
    fn given(&self) -> Result<Option<String>, CliError> {
        let Some(file) = &self.file else {
            let words = (!self.message.is_empty()).then(|| self.message.join("\n\n"));
            return Ok(words.map(|words| tidied(&words)));
        };
        let shown = || file.to_string_lossy().into_owned();
        let mut text = String::new();
        let read = if file.as_os_str() == "-" {
            io::stdin().read_to_string(&mut text)
        } else {
            fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
        };
        read.map_err(|source| CliError::Unreadable { path: shown(), source })?;
        Ok(Some(tidied(&text)))
    }

    fn draft(
        &self,
        cx: &mut Context,
        workspace: &mut Workspace,
        doer: &Doer,
        is_given: bool,
    ) -> Result<Draft, CliError> {
        let wanted = self.wanted(is_given);
        if !self.patch {
            return Ok(draft(workspace, doer, wanted)?);
        }
        let known = AskedUnknown::Nothing;
        let offer = offer::of_files(workspace, doer, &[RepoPath::default()], known, Way::Take)?;
        let choices = ask(cx, workspace, &offer, "Seal")?;
        Ok(draft_of(workspace, doer, wanted, &offer, &choices)?)
    }

    fn wanted(&self, is_given: bool) -> Wanted {
        let only_words = self.amend && (is_given || self.edit);
        Wanted {
            taken: match (self.all, only_words) {
                (true, _) => Taken::All,
                (false, true) => Taken::Gathered,
                (false, false) => Taken::Usual,
            },
            standing: if self.amend { Standing::Amending } else { Standing::OnTop },
            emptiness: if self.allow_empty { Emptiness::Allowed } else { Emptiness::Refused },
            conflicts: if self.with_conflicts { Conflicts::Sealed } else { Conflicts::Refused },
        }
    }
}

/// Somebody as 'Name <contact>' tells them.
fn author(text: &str) -> Result<Author, CliError> {
    let (name, contact) = match text.split_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end().strip_suffix('>')),
        None => (text.trim(), Some("")),
    };
    match contact {
        Some(contact) if !name.is_empty() && !contact.contains(['<', '>']) => {
            Ok(Author { name: name.to_owned(), contact: contact.to_owned() })
        }
        Some(_) | None => Err(CliError::Author(text.to_owned())),
    }
}

/// The words as the hook leaves them.
fn heard(
    cx: &mut Context,
    workspace: &Workspace,
    message: String,
    path: &Path,
) -> Result<String, CliError> {
    let hooks = cx.hooks(workspace);
    let shown = || path.to_string_lossy().into_owned();
    let is_asked =
        hooks.pass() == Pass::Run && !matches!(hooks.state(SEAL_MESSAGE)?, State::Absent);
    if !is_asked {
        cx.run_hook(workspace, SEAL_MESSAGE, &[])?;
        return Ok(message);
    }
    let unwritten = |source| CliError::Write { path: shown(), source };
    fs::write(path, format!("{message}\n")).map_err(unwritten)?;
    match cx.run_hook(workspace, SEAL_MESSAGE, &[path.as_os_str()]) {
        Err(CliError::Hook(source)) => {
            return Err(CliError::Refused { words: path.to_owned(), source });
        }
        ended => ended?,
    }
    let words = fs::read_to_string(path);
    let words = words.map_err(|source| CliError::Unreadable { path: shown(), source })?;
    let words = tidied(&words);
    if words.is_empty() { Err(CliError::Wordless) } else { Ok(words) }
}

/// What is shown to whoever writes the words.
fn page(cx: &Context, workspace: &Workspace, draft: &Draft) -> Result<Page, CliError> {
    let mut page = Page::default();
    page.remark("Say what this seal is for. The first line is its title. Lines that begin with '#' are left");
    page.remark("out. Without words nothing is sealed.");
    page.remark("");
    let place = draft.timeline().unwrap_or_default();
    page.remark(&match draft.old() {
        Some(old) => format!("On timeline {place}, in place of {}", SealName::of(old.change)),
        None => format!("On timeline {place}"),
    });
    let diff = changes(workspace, draft)?;
    for change in &diff.changes {
        let (_, sign, path) = named(change);
        page.remark(&format!("  {sign} {}", shown(&path)));
    }
    if cx.out.is_verbose() {
        let mut patches = Vec::new();
        for change in &diff.changes {
            let contents = diff.contents(change)?;
            let told = contents.patches(Comparing::default(), CONTEXT_LINES);
            patches.extend(told.iter().flat_map(FilePatch::to_bytes));
        }
        page.show_below(patches);
    }
    Ok(page)
}

/// What the seal changes since the first of those it is made from.
fn changes<'a>(workspace: &'a Workspace, draft: &Draft) -> Result<Diff<'a>, CliError> {
    let (before, after) = draft.trees();
    let pairing = Pairing::Renames(FindingRenames::default());
    let (store, all) = (workspace.repository().store(), PathFilter::below([]));
    Ok(Diff::between(store, before, after, &all, pairing)?)
}

fn tell(cx: &mut Context, sealed: &Sealed, amend: bool) -> Result<(), CliError> {
    tell_content(cx, sealed.content)?;
    let Seal { change, message, .. } = &sealed.seal;
    let title = message.lines().next().unwrap_or_default();
    let line = Line::of(if amend { "Amended " } else { "Sealed " });
    let line = line.put(Label::Seal, &SealName::of(*change).to_string());
    Ok(cx.out.say(&line.plain(": ").plain(title))?)
}

/// What of the content somebody may not expect.
fn tell_content(cx: &mut Context, content: Content) -> Result<(), CliError> {
    let files = |count| match count {
        1 => "1 known file".to_owned(),
        count => format!("{count} known files"),
    };
    match content {
        Content::Gathered | Content::Chosen | Content::Before => Ok(()),
        Content::All(count) => {
            let line = format!("The changes of {} go with what was gathered.", files(count));
            Ok(cx.out.say(&Line::of(&line))?)
        }
        Content::Changes(count) => {
            let line =
                format!("Nothing was gathered, so the changes of {} are sealed.", files(count));
            Ok(cx.out.say(&Line::of(&line))?)
        }
    }
}

fn tell_draft(cx: &mut Context, workspace: &Workspace, draft: &Draft) -> Result<(), CliError> {
    let diff = changes(workspace, draft)?;
    let is_empty = diff.changes.is_empty();
    let told = if is_empty { "The seal would change no file." } else { "The seal would change:" };
    cx.out.say(&Line::of(told))?;
    for change in &diff.changes {
        let (label, sign, path) = named(change);
        cx.out.line(&Line::of("  ").put(label, sign).plain(" ").put(label, &path))?;
    }
    Ok(())
}
