//! Being there for others.

use std::net::SocketAddr;

use crate::context::Context;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::serving::begin::{UNSEEN, take_leave};
use crate::serving::{Manner, serve};
use crate::verb::Run;

/// Listens for the peers of this repository and calls those of whom it is known where they are, until it is stopped with Ctrl-C or with
/// 'selkie p2p stop'. What you seal meanwhile goes to them at once, and what they seal comes here. Your files stay
/// as they are: 'selkie switch main' takes you to what came on timeline main. What diverged is settled by the strategy of the timeline, or by you
/// with 'selkie fuse'.
///
/// All other commands work meanwhile; 'selkie sync' and 'selkie invite' have their work done by this one. 'selkie p2p start' does the
/// same where nobody looks on.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to listen, if not where the settings say
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Nobody looks on: as 'selkie p2p start' starts it
    #[arg(long = UNSEEN, hide = true)]
    unseen: bool,
}

const EXAMPLES: &str = "\
Examples:
  selkie serve
  selkie serve --listen 0.0.0.0:9000";

impl Run for Args {
    const ABOUT: &'static str = "Be there for peers, until it is stopped";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        if !self.unseen {
            return serve(cx, self.listen, Manner::Foreground);
        }
        take_leave().map_err(NetworkError::Signals)?;
        serve(cx, self.listen, Manner::Background)
    }
}
