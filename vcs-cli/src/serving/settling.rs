//! Timelines under a node: what came to them, and what their strategies make of it while nobody looks on.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::SealId;
use selkie_vcs::Workspace;
use selkie_vcs::converge::{Along, Occasion, settle};

use crate::context::Context;
use crate::error::CliError;
use crate::serving::happening::Happening;
use crate::serving::host::now_ms;
use crate::serving::matter::Matter;
use crate::serving::message::Waits;
use crate::serving::pace::Pace;
use crate::waiting::waiting;

/// Where all timelines end, as was last seen.
#[derive(Debug, Default)]
pub(crate) struct Timelines {
    heads: BTreeMap<String, BTreeSet<SealId>>,
    /// Those that were told of, which wait for a person.
    waits: Vec<Waits>,
}

/// What the operation log says of it.
const TYPED: &str = "p2p: settled by its strategy";

impl Timelines {
    /// Where they end now.
    pub(crate) fn seen(workspace: &Workspace) -> Self {
        Self { heads: heads(workspace), waits: Vec::new() }
    }

    /// Those that wait for a person.
    pub(crate) fn waits(&self) -> &[Waits] {
        &self.waits
    }

    /// Looks where they end, and has their strategies settle what diverged, if the node does so by itself. The clone stays on its seal, and
    /// its files as they are: whoever works there goes on when they like. What happened, the first first.
    pub(crate) fn look(&mut self, cx: &Context, pace: &Pace) -> Result<Vec<Happening>, CliError> {
        let mut workspace = cx.silent_workspace()?;
        let mut told = Vec::new();
        self.tell_moved(&workspace, &mut told);
        if pace.by_itself {
            let doer = cx.doer();
            let settled = {
                let (mut hand, _) = workspace.take(&doer)?;
                settle(&mut hand, Along::Never, TYPED.to_owned(), Occasion::Heard, &pace.unsaid)?
            };
            let mut waits = Vec::new();
            for one in settled {
                let strategy = one.strategy.strategy().name().to_owned();
                if one.made.is_some() {
                    told.push(of(Matter::Settled, format!("{} by {strategy}", one.timeline)));
                }
                if let Some(why) = &one.waiting {
                    let (timeline, why) = (one.timeline, waiting(why));
                    waits.push(Waits { timeline, strategy, why });
                }
            }
            self.tell_waits(waits, &mut told);
            self.tell_moved(&workspace, &mut told);
        }
        Ok(told)
    }

    fn tell_moved(&mut self, workspace: &Workspace, told: &mut Vec<Happening>) {
        let now = heads(workspace);
        for (name, heads) in &now {
            if self.heads.get(name) != Some(heads) {
                let updated = of(Matter::Updated, name.clone());
                told.push(Happening { count: Some(heads.len() as u64), ..updated });
            }
        }
        self.heads = now;
    }

    fn tell_waits(&mut self, waits: Vec<Waits>, told: &mut Vec<Happening>) {
        for one in waits.iter().filter(|one| !self.waits.contains(one)) {
            told.push(of(Matter::Diverged, format!("{}: {}", one.timeline, one.why)));
        }
        self.waits = waits;
    }
}

fn of(matter: Matter, detail: String) -> Happening {
    Happening { detail: Some(detail), ..Happening::of(now_ms(), matter) }
}

fn heads(workspace: &Workspace) -> BTreeMap<String, BTreeSet<SealId>> {
    let shared = workspace.repository().shared();
    shared.timelines().map(|(name, timeline)| (name.to_owned(), timeline.heads())).collect()
}
