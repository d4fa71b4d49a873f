//! Having the same as others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use selkie_store::{Seal, SealId};
use selkie_sync::NodeId;
use selkie_vcs::converge::{Occasion, converge};
use selkie_vcs::keep_up::{Kept, keep_up};
use selkie_vcs::{ChannelName, SealName, Workspace};
use serde::Serialize;

use crate::config::key::SYNC_UPDATE;
use crate::context::{Context, Format};
use crate::count::{Bytes, counted};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::hooks::PRE_SYNC;
use crate::label::Label;
use crate::line::Line;
use crate::online::meeting::{End, Go, Meeting, Outcome};
use crate::online::peers::{Peer, Peers};
use crate::online::{Listen, Online, Shared, folder};
use crate::serving::caller::{Caller, unexpected};
use crate::serving::message::{Answer, Ask, Counts, Ended, Synced as Met};
use crate::serving::pace::{patience, unsaid};
use crate::verb::Run;

/// Calls peers, sends what they lack, and gets what is lacking here, until both have the same. Nothing is lost on either side: where
/// both went on, the timeline has diverged, and its strategy settles it or you do, with 'selkie fuse'.
///
/// Then your files go along to the newest seal of the timeline that you stand on, unless changes of yours are in the way; with
/// the setting sync.update = never they stay.
///
/// Where a node serves the clone ('selkie p2p start'), it does the calling.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whom to call, if not all of whom it is known where they are
    #[arg(value_name = "PEER")]
    peers: Vec<String>,
}

#[derive(Serialize)]
struct ToldPeer<'a> {
    name: &'a str,
    key: String,
    agreed: bool,
    why: Option<String>,
}

#[derive(Serialize)]
struct ToldTimeline<'a> {
    name: &'a str,
    heads: Vec<String>,
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    peers: Vec<ToldPeer<'a>>,
    entries_in: u64,
    entries_out: u64,
    objects_in: u64,
    object_bytes_in: u64,
    timelines: Vec<ToldTimeline<'a>>,
    update: &'static str,
}

type Heads = BTreeMap<String, BTreeSet<SealId>>;

impl Run for Args {
    const ABOUT: &'static str = "Get what peers have, and give them what they lack";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let workspace = cx.workspace()?;
        let control = Workspace::control(workspace.copy().folder());
        let name = ChannelName::of(&control).map_err(NetworkError::Name)?;
        let name = name.ok_or(NetworkError::Unshared)?;
        cx.run_hook(&workspace, PRE_SYNC, &[])?;
        // The hook may have sealed something.
        let mut workspace = cx.workspace()?;
        let before = heads(&workspace);
        let (chosen, met) = match Caller::to(&control)? {
            Some(caller) => {
                let peers = Peers::read(&folder(cx)?, name)?;
                let wanted = chosen(&peers, &self.peers)?;
                let met = through(cx, caller, &wanted)?;
                (met_of(&peers, &met)?, met)
            }
            None => self.meet(cx, &mut workspace, &control, name)?,
        };
        let (workspace, update) = update(cx)?;
        let changed = changed(&before, &heads(&workspace));
        let missed = met.ends.iter().filter(|end| !end.agreed).count();
        let synced = Synced { chosen, met, changed, update };
        match cx.format {
            Format::Json => cx.json(&synced.told())?,
            Format::Text => synced.show(cx, &workspace)?,
        }
        if missed > 0 { Err(NetworkError::Missed(missed).into()) } else { Ok(()) }
    }
}

impl Args {
    /// Meets peers by itself, since nobody serves the clone.
    fn meet(
        &self,
        cx: &mut Context,
        workspace: &mut Workspace,
        control: &Path,
        name: ChannelName,
    ) -> Result<(Vec<(String, Peer)>, Met), CliError> {
        let own = workspace.take(&cx.doer())?.0.writer().replica();
        let shared = Shared { control, repository: workspace.repository(), own: Some(own) };
        let online = Online::go(cx, &shared, name, Listen::Anywhere)?;
        let wanted = chosen(&online.peers, &self.peers)?;
        let lost = online.peers.all.values().filter(|peer| peer.addresses.is_empty());
        let lost: BTreeSet<_> = lost.map(|peer| peer.node).collect();
        // Whom somebody named is looked for as long as they are waited for.
        let near = if wanted.is_empty() { online.heard_of(&lost) } else { BTreeSet::new() };
        let is_chosen = |(_, peer): &(&String, &Peer)| match &wanted[..] {
            [] => !peer.addresses.is_empty() || near.contains(&peer.node),
            wanted => wanted.contains(&peer.node),
        };
        let all = online.peers.all.iter().filter(is_chosen);
        let chosen: Vec<_> = all.map(|(name, peer)| (name.clone(), peer.clone())).collect();
        if chosen.is_empty() {
            return Err(NetworkError::Nowhere.into());
        }
        let waited = online.call(chosen.iter().map(|(_, peer)| peer));
        let mut outcome = hold(cx, &online, waited.clone())?;
        if outcome.has_ended {
            // To take the clone in hand says again what ended, and the peers are to have that too.
            drop(cx.workspace()?.take(&cx.doer())?);
            online.node.refresh(online.channel);
            outcome = hold(cx, &online, waited)?;
        }
        let moved = online.node.moved().into();
        online.node.close();
        let ends = outcome.ends.into_iter();
        let ends =
            ends.map(|(node, end)| Ended { node, agreed: end == End::Agreed, words: end.words() });
        Ok((chosen, Met { ends: ends.collect(), moved }))
    }
}

/// Waits for these, and tells what people should know of it.
fn hold(
    cx: &mut Context,
    online: &Online,
    waited: BTreeMap<NodeId, usize>,
) -> Result<Outcome, CliError> {
    let mut meter = cx.meter("Objects:");
    let outcome =
        Meeting::of(waited, patience(&cx.config)).hold(&online.node, &online.notices, |objects| {
            meter.so_far(objects);
            Go::On
        });
    drop(meter);
    outcome.remarks.iter().try_for_each(|line| cx.out.warn(line))?;
    Ok(outcome)
}

/// Those that somebody named. Nobody, if all are meant.
pub(crate) fn chosen(peers: &Peers, names: &[String]) -> Result<Vec<NodeId>, NetworkError> {
    let find = |name: &String| {
        let peer = peers.all.get(name).ok_or_else(|| NetworkError::Stranger(name.clone()))?;
        Ok(peer.node)
    };
    names.iter().map(find).collect()
}

/// Has the node that serves the clone meet these.
pub(crate) fn through(
    cx: &Context,
    caller: Caller,
    wanted: &[NodeId],
) -> Result<Met, NetworkError> {
    let mut caller = caller.begin(&Ask::Sync(wanted.to_vec()))?;
    let mut meter = cx.meter("Objects:");
    loop {
        match caller.hear()? {
            Answer::SoFar(objects) => meter.so_far(objects),
            Answer::Synced(met) => return Ok(met),
            other => return Err(unexpected(&other)),
        }
    }
}

/// Whom the node met, by name.
pub(crate) fn met_of(peers: &Peers, met: &Met) -> Result<Vec<(String, Peer)>, NetworkError> {
    let is_met = |peer: &Peer| met.ends.iter().any(|end| end.node == peer.node);
    let all = peers.all.iter().filter(|(_, peer)| is_met(peer));
    let all: Vec<_> = all.map(|(name, peer)| (name.clone(), peer.clone())).collect();
    if all.is_empty() { Err(NetworkError::Nowhere) } else { Ok(all) }
}

/// Says what became of each, and what moved.
pub(crate) fn tell_met(
    cx: &mut Context,
    chosen: &[(String, Peer)],
    met: &Met,
) -> Result<(), CliError> {
    for (name, peer) in chosen {
        let (agreed, words) = end(met, peer);
        let line = Line::of("").code(name).plain(": ").plain(words);
        if agreed { cx.out.say(&line.plain("."))? } else { cx.out.warn(&line)? }
    }
    let moved = met.moved;
    if met.ends.iter().any(|end| end.agreed) || moved != Counts::default() {
        let [came, went] = [moved.entries_in, moved.entries_out].map(|it| counted(it, "entry"));
        let objects = counted(moved.objects_in, "object");
        let bytes = Bytes(moved.object_bytes_in);
        let line = format!("Received {came} and {objects} ({bytes}); sent {went}.");
        cx.out.say(&Line::of(&line))?;
    }
    Ok(())
}

fn end<'m>(met: &'m Met, peer: &Peer) -> (bool, &'m str) {
    let found = met.ends.iter().find(|end| end.node == peer.node);
    found.map_or((false, "nothing came any more"), |end| (end.agreed, &end.words))
}

/// What the files did.
enum Update {
    Never,
    Did(Kept),
}

/// Settles what diverged, and takes the files along, if that is wanted.
fn update(cx: &mut Context) -> Result<(Workspace, Update), CliError> {
    let wanted = cx.config.value(&SYNC_UPDATE).map_or("clean", |(word, _)| word);
    // What this command read before is from before.
    let mut workspace = cx.workspace()?;
    if wanted == "never" {
        return Ok((workspace, Update::Never));
    }
    let doer = cx.doer();
    for tries_left in (0..TRIES).rev() {
        match converge(&mut workspace, &doer, cx.typed(), Occasion::Heard, &unsaid(&cx.config)) {
            // A node that serves the clone settles too, and hears more meanwhile.
            Err(error) if error.is_moved() && tries_left > 0 => workspace = cx.workspace()?,
            settled => {
                settled?;
                break;
            }
        }
    }
    let kept = keep_up(&mut workspace, &doer, cx.typed())?;
    Ok((workspace, Update::Did(kept)))
}

/// How often a timeline is settled that others move meanwhile.
const TRIES: usize = 5;

fn heads(workspace: &Workspace) -> Heads {
    let shared = workspace.repository().shared();
    shared.timelines().map(|(name, timeline)| (name.to_owned(), timeline.heads())).collect()
}

fn changed(before: &Heads, after: &Heads) -> Heads {
    let differs = |(name, heads): &(&String, &BTreeSet<SealId>)| before.get(*name) != Some(heads);
    after.iter().filter(differs).map(|(name, heads)| (name.clone(), heads.clone())).collect()
}

/// What came of it all.
struct Synced {
    chosen: Vec<(String, Peer)>,
    met: Met,
    changed: Heads,
    update: Update,
}

impl Synced {
    fn told(&self) -> Told<'_> {
        let peers = self.chosen.iter().map(|(name, peer)| {
            let (agreed, words) = end(&self.met, peer);
            let why = (!agreed).then(|| words.to_owned());
            ToldPeer { name, key: peer.node.to_string(), agreed, why }
        });
        let timelines = self.changed.iter().map(|(name, heads)| {
            let heads = heads.iter().map(ToString::to_string).collect();
            ToldTimeline { name, heads }
        });
        let moved = self.met.moved;
        Told {
            schema: "selkie.sync/1",
            peers: peers.collect(),
            entries_in: moved.entries_in,
            entries_out: moved.entries_out,
            objects_in: moved.objects_in,
            object_bytes_in: moved.object_bytes_in,
            timelines: timelines.collect(),
            update: self.update.word(),
        }
    }

    fn show(&self, cx: &mut Context, workspace: &Workspace) -> Result<(), CliError> {
        tell_met(cx, &self.chosen, &self.met)?;
        for (name, heads) in &self.changed {
            cx.out.say(&moved_on(workspace, name, heads)?)?;
        }
        let lines = self.update.lines(workspace)?;
        Ok(lines.iter().try_for_each(|line| cx.out.say(line))?)
    }
}

/// What became of a timeline, in a line.
fn moved_on(workspace: &Workspace, name: &str, heads: &BTreeSet<SealId>) -> Result<Line, CliError> {
    let line = Line::of("Timeline ").put(Label::Timeline, name);
    let [head] = heads.iter().copied().collect::<Vec<_>>()[..] else {
        let line =
            line.plain(&format!(" has {} newest seals: bring them together with ", heads.len()));
        return Ok(line.code("selkie fuse").plain("."));
    };
    let seal: Seal = workspace.repository().store().load(head)?;
    let title = seal.message.lines().next().unwrap_or_default();
    let name = SealName::of(seal.change).to_string();
    Ok(line.plain(" is at ").put(Label::Seal, &name).plain(": ").plain(title))
}

impl Update {
    const fn word(&self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Did(Kept::There) => "none",
            Self::Did(Kept::Moved(_)) => "moved",
            Self::Did(Kept::Blocked(_)) => "blocked",
            Self::Did(Kept::Busy) => "busy",
            Self::Did(Kept::Diverged(_)) => "diverged",
            Self::Did(Kept::Apart) => "apart",
        }
    }

    fn lines(&self, workspace: &Workspace) -> Result<Vec<Line>, CliError> {
        let stay = |why: &str| Line::of("Your files stay as they are: ").plain(why);
        Ok(match self {
            Self::Never | Self::Did(Kept::There | Kept::Diverged(_)) => Vec::new(),
            Self::Did(Kept::Moved(to)) => {
                let seal: Seal = workspace.repository().store().load(*to)?;
                let name = SealName::of(seal.change).to_string();
                vec![Line::of("Your files are as in ").put(Label::Seal, &name).plain(".")]
            }
            Self::Did(Kept::Blocked(paths)) => {
                let first = stay("what you changed is other there:");
                let paths = paths.iter().map(|path| Line::of("  ").plain(&path.to_string()));
                [first].into_iter().chain(paths).collect()
            }
            Self::Did(Kept::Busy) => vec![stay("something is gathered.")],
            Self::Did(Kept::Apart) => {
                vec![stay("the seal that you stand on was rewritten elsewhere.")]
            }
        })
    }
}
