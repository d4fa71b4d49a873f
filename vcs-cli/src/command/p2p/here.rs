//! The clone whose node is spoken of.

use std::path::PathBuf;

use selkie_sync::NodeId;
use selkie_vcs::{ChannelName, Workspace};

use crate::context::Context;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::online::folder;
use crate::online::peers::{Peer, Peers};
use crate::serving::caller::Caller;

/// The clone that somebody stands in.
pub(super) struct Here {
    pub(super) control: PathBuf,
    pub(super) name: Option<ChannelName>,
}

impl Here {
    pub(super) fn of(workspace: &Workspace) -> Result<Self, NetworkError> {
        let control = Workspace::control(workspace.copy().folder());
        let name = ChannelName::of(&control).map_err(NetworkError::Name)?;
        Ok(Self { control, name })
    }

    /// The node that serves it, if one does.
    pub(super) fn caller(&self) -> Result<Option<Caller>, NetworkError> {
        Caller::to(&self.control)
    }

    /// The node that serves it.
    pub(super) fn node(&self) -> Result<Caller, NetworkError> {
        self.caller()?.ok_or(NetworkError::Unserved)
    }

    /// Whether the node, if one runs, has heard of this one.
    pub(super) fn is_near(&self, node: NodeId) -> Result<bool, NetworkError> {
        let Some(caller) = Caller::to(&self.control)? else { return Ok(false) };
        let heard = caller.around()?.into_iter().flat_map(|around| around.heard);
        Ok(heard.into_iter().any(|it| it.node == node && !it.places.is_empty()))
    }

    pub(super) fn peers(&self, cx: &Context) -> Result<Peers, CliError> {
        Ok(Peers::read(&folder(cx)?, self.name.ok_or(NetworkError::Unshared)?)?)
    }

    pub(super) fn peer(&self, cx: &Context, name: &str) -> Result<Peer, CliError> {
        let found = self.peers(cx)?.all.remove(name);
        Ok(found.ok_or_else(|| NetworkError::Stranger(name.to_owned()))?)
    }
}
