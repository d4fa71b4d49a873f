//! Taking an invitation.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use selkie_sync::Invitation;
use selkie_vcs::ChannelName;
use selkie_vcs::arrive::Arriving;
use selkie_vcs::clone::Cloning;

use crate::command::clone::tell;
use crate::config::key::TIMELINE;
use crate::context::{Context, now_ns};
use crate::count::{Bytes, counted};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;
use crate::online::meeting::{End, Go, Meeting};
use crate::online::peers::short;
use crate::online::{ALL, Listen, Online, Shared, voice};
use crate::serving::pace::patience;
use crate::verb::Run;

/// Calls who made the invitation, makes a clone of their repository, and shares it with them from then on. Everything that comes
/// is checked. If it is stopped on the way, type the same again: it goes on from what is here.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What 'selkie invite' printed
    #[arg(value_name = "INVITATION")]
    text: String,
    /// The folder of the clone: it is made, or it is empty
    #[arg(value_name = "NEW FOLDER")]
    into: PathBuf,
    /// What you call who invites, if not by the beginning of their key
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The timeline to stand on
    #[arg(short, long, value_name = "NAME")]
    timeline: Option<String>,
}

/// Clocks differ so much. Who invites decides by theirs; this one only spares a call.
const SLACK_MS: u64 = 600_000;

impl Run for Args {
    const ABOUT: &'static str = "Make a clone by an invitation";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let invitation = Invitation::parse(&self.text).map_err(NetworkError::from)?;
        refuse_if_over(&invitation)?;
        let here = std::env::current_dir().map_err(CliError::Here)?;
        let folder = here.join(&self.into);
        let name = ChannelName::from_bytes(*invitation.channel.as_bytes());
        let arriving = Arriving::begin(&folder, name)?;
        if self.meet(cx, &arriving, &invitation, name)? == Came::Nothing {
            arriving.leave();
            return Err(NetworkError::Unjoined.into());
        }
        let first = cx.config.value(&TIMELINE).map_or("main", |(name, _)| name).to_owned();
        let cloning = Cloning {
            folder: &folder,
            timeline: self.timeline.as_deref(),
            first: &first,
            typed: "join".to_owned(),
            keys: &|| cx.keys(),
        };
        let workspace = arriving.land(&cloning, &cx.doer(), now_ns, cx.watch())?;
        tell(cx, &workspace, &folder.to_string_lossy())
    }
}

/// What came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Came {
    All,
    Nothing,
}

impl Args {
    /// Where who invites is: where they were heard of, before where they said.
    fn addresses(online: &Online, invitation: &Invitation) -> Vec<SocketAddr> {
        let nearby = online.node.nearby().unwrap_or_default();
        let seen = nearby.sightings.into_iter().filter(|it| it.node == invitation.node);
        // One that means something on one link alone means nothing tomorrow.
        let lasts = |at: &SocketAddr| !matches!(at, SocketAddr::V6(it) if it.scope_id() > 0);
        let mut all: Vec<_> =
            seen.flat_map(|it| it.places).map(|(at, _)| at).filter(lasts).collect();
        let said = invitation.addresses.iter().filter(|at| !all.contains(*at));
        let said: Vec<_> = said.copied().collect();
        all.extend(said);
        all
    }

    /// Meets who invites, until all that they have is here.
    fn meet(
        &self,
        cx: &mut Context,
        arriving: &Arriving,
        invitation: &Invitation,
        name: ChannelName,
    ) -> Result<Came, CliError> {
        let control = arriving.control();
        let shared = Shared { control: &control, repository: arriving.repository(), own: None };
        let mut online = Online::go(cx, &shared, name, Listen::Anywhere)?;
        let host = invitation.node;
        online.node.accept(invitation.clone(), ALL);
        let waited = [(host, invitation.addresses.len())].into();
        let mut meter = cx.meter("Objects:");
        let met = Meeting::of(waited, patience(&cx.config)).hold(
            &online.node,
            &online.notices,
            |objects| {
                meter.so_far(objects);
                Go::On
            },
        );
        drop(meter);
        let moved = online.node.moved();
        met.remarks.iter().try_for_each(|line| cx.out.warn(line))?;
        let end = met.ends.get(&host).cloned().unwrap_or(End::Silent);
        let called = self.name.clone().unwrap_or_else(|| short(&host));
        if end != End::Agreed {
            online.node.close();
            cx.out.warn(&Line::of(&format!("{called}: ")).plain(&end.words()))?;
            let has_some = moved.entries_in > 0 || moved.objects_in > 0;
            return if has_some { Err(NetworkError::Unjoined.into()) } else { Ok(Came::Nothing) };
        }
        let called = online.peers.meet(&called, host, &Self::addresses(&online, invitation));
        online.peers.write()?;
        online.node.close();
        let objects = counted(moved.objects_in, "object");
        let line = Line::of("Received ").plain(&counted(moved.entries_in, "entry")).plain(" and ");
        let bytes = Bytes(moved.object_bytes_in).to_string();
        cx.out.say(&line.plain(&objects).plain(", ").plain(&bytes).plain("."))?;
        let advice = voice::advice(cx, &called, host)?;
        cx.out.say(&advice)?;
        Ok(Came::All)
    }
}

fn refuse_if_over(invitation: &Invitation) -> Result<(), NetworkError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
    let until = invitation.until_ms.saturating_add(SLACK_MS);
    if now <= u128::from(until) {
        return Ok(());
    }
    let ended = i64::try_from(invitation.until_ms).unwrap_or(i64::MAX);
    let ended = Timestamp::from_millisecond(ended).unwrap_or(Timestamp::MAX);
    Err(NetworkError::Over(ended.to_string()))
}
