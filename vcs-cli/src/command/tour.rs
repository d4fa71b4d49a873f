//! Two people share a repository, change it apart, meet again and settle a conflict.

use crate::context::Context;
use crate::error::CliError;
use crate::error::tour::TourError;
use crate::line::Line;
use crate::verb::Run;
use crate::visitor::{FILE, REPOSITORY, Visitor};

/// Ann forges a repository and invites Bob; both change one line, each in their own clone; they meet over QUIC on this
/// machine, and Bob settles what nobody can merge, for both. All of it is done by this program as anybody would type it, in a
/// folder that is removed at the end. Nothing of yours is read or written.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Where to listen: this machine calls itself, and nobody else is let in.
const LOOPBACK: &str = "127.0.0.1:0";

/// Letters of an invitation that are shown.
const SHOWN: usize = 18;

impl Run for Args {
    const ABOUT: &'static str = "Watch two people share a repository, and settle a conflict";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let place = tempfile::tempdir().map_err(TourError::Folder)?;
        let ann = Visitor::new(place.path(), "ann")?;
        let bob = Visitor::new(place.path(), "bob")?;
        share(cx, &ann, &bob)?;
        part(cx, &ann, &bob)?;
        meet(cx, &ann, &bob)?;
        compare(cx, &ann, &bob)
    }
}

fn share(cx: &mut Context, ann: &Visitor, bob: &Visitor) -> Result<(), CliError> {
    say(cx, "Ann forges a repository, and Bob joins it by an invitation.")?;
    ann.types(cx, &["forge", REPOSITORY])?;
    ann.writes("Roses are red\nViolets are blue\n")?;
    ann.types(cx, &["gather", FILE])?;
    ann.types_as(cx, &["seal", "-m", "Two lines"], "seal -m 'Two lines'")?;
    ann.shows(cx, "invite bob")?;
    let mut invite = ann.begins(&["invite", "bob", "--listen", LOOPBACK])?;
    let invitation = invite.tells("invitation")?;
    let shown: String = invitation.chars().take(SHOWN).collect();
    cx.out.line(&Line::of("  selkie join ").plain(&shown).plain("…"))?;
    let args = ["join", &invitation, REPOSITORY, "--name", "ann"];
    bob.types_as(cx, &args, &format!("join {shown}… {REPOSITORY} --name ann"))?;
    Ok(invite.ends()?)
}

fn part(cx: &mut Context, ann: &Visitor, bob: &Visitor) -> Result<(), CliError> {
    say(cx, "Apart, both change the first line, and Bob adds a third.")?;
    ann.writes("Roses are white\nViolets are blue\n")?;
    ann.types_as(cx, &["seal", "-m", "White roses"], "seal -m 'White roses'")?;
    bob.writes("Roses are yellow\nViolets are blue\nAnd so are you\n")?;
    bob.types_as(cx, &["seal", "-m", "Yellow roses"], "seal -m 'Yellow roses'")
}

fn meet(cx: &mut Context, ann: &Visitor, bob: &Visitor) -> Result<(), CliError> {
    say(cx, "Ann serves, and Bob calls her: both have everything, and nothing was overwritten.")?;
    ann.shows(cx, "serve")?;
    let mut serve = ann.begins(&["serve", "--listen", LOOPBACK])?;
    let address = serve.tells("address")?;
    cx.out.line(&Line::of("  Listening at ").plain(&address).plain("."))?;
    let key = ann.told(&["whoami"], "key")?;
    // The invitation told of another port, which was free for as long as it took.
    bob.does(&["peers", "add", "ann", &key, "--at", &address])?;
    bob.types(cx, &["sync"])?;
    say(
        cx,
        "What is two now becomes one. Where only a person knows, Bob is asked; that settles it for both.",
    )?;
    bob.types(cx, &["fuse", "--yes"])?;
    bob.types(cx, &["conflicts", "take", "newer", FILE])?;
    bob.types_as(cx, &["seal", "-m", "Yellow it is"], "seal -m 'Yellow it is'")?;
    bob.types(cx, &["sync"])
}

fn compare(cx: &mut Context, ann: &Visitor, bob: &Visitor) -> Result<(), CliError> {
    say(cx, "Ann's files stay as they are until she goes along.")?;
    ann.types(cx, &["switch", "main"])?;
    ann.types(cx, &["cat", FILE])?;
    ann.types(cx, &["log", "--graph", "--oneline"])?;
    let newest = |who: &Visitor| who.told(&["log", "-n", "1"], "seal");
    if newest(ann)? != newest(bob)? || ann.reads()? != bob.reads()? {
        return Err(TourError::Different.into());
    }
    say(cx, "Both have the same seals and the same bytes. The folder of the tour is gone now.")
}

fn say(cx: &mut Context, text: &str) -> Result<(), CliError> {
    cx.out.line(&Line::default())?;
    cx.out.line(&Line::of(text))?;
    Ok(cx.out.flush()?)
}
