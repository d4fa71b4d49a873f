//! The history.

use std::collections::{BTreeSet, BinaryHeap};

use selkie_crdt::Hlc;
use selkie_store::{Seal, SealId, Store, Voucher, voucher};
use selkie_vcs::{DateStyle, SealName, show_date, wall_clock};
use serde::Serialize;

use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Newest first, from where you stand. A seal comes before those it was made from.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// At most so many
    #[arg(short = 'n', value_name = "COUNT")]
    count: Option<usize>,
    /// Tell the whole message, who, when, and whether the signature holds
    #[arg(short, long)]
    long: bool,
}

#[derive(Serialize)]
pub(crate) struct Told {
    schema: &'static str,
    name: String,
    seal: String,
    parents: Vec<String>,
    author: String,
    contact: String,
    time: String,
    message: String,
    signature: &'static str,
}

impl Run for Args {
    const ABOUT: &'static str = "Show the history";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let repository = workspace.repository();
        let mut walk = Walk::from(repository.store(), &repository.desk().bases)?;
        cx.page();
        for _ in 0..self.count.unwrap_or(usize::MAX) {
            let Some((id, seal)) = walk.next()? else { break };
            match cx.format {
                Format::Json => cx.json(&told(id, &seal))?,
                Format::Text if self.long => show_long(cx, id, &seal)?,
                Format::Text => show(cx, &seal)?,
            }
        }
        Ok(())
    }
}

/// The history of some seals, latest first.
struct Walk<'a> {
    store: &'a Store,
    coming: BinaryHeap<(Hlc, SealId)>,
    met: BTreeSet<SealId>,
}

impl<'a> Walk<'a> {
    fn from(store: &'a Store, seals: &[SealId]) -> Result<Self, CliError> {
        let mut walk = Self { store, coming: BinaryHeap::new(), met: BTreeSet::new() };
        seals.iter().try_for_each(|seal| walk.meet(*seal))?;
        Ok(walk)
    }

    fn next(&mut self) -> Result<Option<(SealId, Seal)>, CliError> {
        let Some((_, id)) = self.coming.pop() else { return Ok(None) };
        let seal: Seal = self.store.load(id)?;
        seal.parents.iter().try_for_each(|parent| self.meet(*parent))?;
        Ok(Some((id, seal)))
    }

    fn meet(&mut self, id: SealId) -> Result<(), CliError> {
        if self.met.insert(id) {
            self.coming.push((self.store.load::<Seal>(id)?.time, id));
        }
        Ok(())
    }
}

fn show(cx: &mut Context, seal: &Seal) -> Result<(), CliError> {
    let title = seal.message.lines().next().unwrap_or_default();
    let date = show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Short);
    let line = Line::default().put(Label::Seal, &SealName::of(seal.change).to_string());
    let line = line.plain("  ").put(Label::Aside, &date).plain("  ").plain(&seal.author.name);
    Ok(cx.out.line(&line.plain("  ").plain(title))?)
}

/// Everything that a seal says, and who made it.
pub(crate) fn show_long(cx: &mut Context, id: SealId, seal: &Seal) -> Result<(), CliError> {
    let date = show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Iso);
    let name = SealName::of(seal.change).to_string();
    cx.out.line(&Line::of("seal    ").put(Label::Seal, &name))?;
    cx.out.line(&Line::of("id      ").plain(&id.to_string()))?;
    let author = Line::of("author  ").plain(&seal.author.name);
    cx.out.line(&match seal.author.contact.as_str() {
        "" => author,
        contact => author.plain(" <").plain(contact).plain(">"),
    })?;
    cx.out.line(&Line::of("time    ").plain(&date))?;
    cx.out.line(&Line::of("signed  ").plain(signature(seal)))?;
    cx.out.line(&Line::default())?;
    for line in seal.message.lines() {
        cx.out.line(&Line::of("    ").plain(line))?;
    }
    Ok(cx.out.line(&Line::default())?)
}

/// What the signature is worth.
fn signature(seal: &Seal) -> &'static str {
    match voucher(seal) {
        Ok(Voucher::Key(_)) => "by a key that matches",
        Ok(Voucher::Forged(_)) => "FORGED: it does not match",
        Ok(Voucher::Nobody) | Err(_) => "by nobody",
    }
}

/// The same for programs.
pub(crate) fn told(id: SealId, seal: &Seal) -> Told {
    Told {
        schema: "selkie.seal/1",
        name: SealName::of(seal.change).to_string(),
        seal: id.to_string(),
        parents: seal.parents.iter().map(ToString::to_string).collect(),
        author: seal.author.name.clone(),
        contact: seal.author.contact.clone(),
        time: show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Rfc3339),
        message: seal.message.clone(),
        signature: match voucher(seal) {
            Ok(Voucher::Key(_)) => "good",
            Ok(Voucher::Forged(_)) => "forged",
            Ok(Voucher::Nobody) | Err(_) => "none",
        },
    }
}
