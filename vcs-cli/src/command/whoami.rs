//! Who somebody is to others.

use selkie_store::{PublicKey, device_key};
use serde::Serialize;

use crate::config::key::{CONTACT, NAME};
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Seals tell your name and where to reach you, as you set them. What proves that a seal is yours, and what others let in when
/// this device connects, is the key; it is made now if there is none. Tell it to those who shall trust you.
#[derive(clap::Args)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    contact: String,
    key: String,
}

impl Run for Args {
    const ABOUT: &'static str = "Show your name and your key";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        let folder = cx.places.keys().ok_or(NetworkError::Keyless)?;
        let key: PublicKey = device_key(&folder).map_err(NetworkError::from)?.public();
        let text = |key| cx.config.value(key).map(|(text, _)| text.to_owned()).unwrap_or_default();
        let (name, contact) = (text(&NAME), text(&CONTACT));
        let key = key.to_string();
        if cx.format == Format::Json {
            return cx.json(&Told { schema: "selkie.whoami/1", name, contact, key });
        }
        for (what, value) in [("name", &name), ("contact", &contact), ("key", &key)] {
            let value = if value.is_empty() { "(none)" } else { value };
            let what = format!("{what:<8}  ");
            cx.out.line(&Line::default().put(Label::Verb, &what).plain(value))?;
        }
        Ok(())
    }
}
