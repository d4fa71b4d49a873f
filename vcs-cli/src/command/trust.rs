//! Whose keys are trusted.

use selkie_store::Seal;
use serde::Serialize;

use crate::config::ConfigError;
use crate::config::key::TRUSTED_KEY;
use crate::config::origin::Origin;
use crate::config::store;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::verb::Run;

/// Every seal is signed by the key of a device. A key that you said nothing of is not trusted: 'selkie log --long' and
/// 'selkie show' say then that it is unknown, whatever name the seal bears. What you trust is kept in your settings and goes to
/// nobody. 'selkie trust' alone lists the keys, your own first: tell it to those who shall trust you.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Trust a key, once its owner told you that it is theirs
    Add {
        /// What you call its owner: letters, digits, '-' and '_'
        name: String,
        /// The key, as 'selkie trust' shows it to its owner
        #[arg(required_unless_present = "seal")]
        key: Option<String>,
        /// The key that signed this seal
        #[arg(long, value_name = "SEAL", conflicts_with = "key")]
        seal: Option<String>,
    },
    /// List your own key and those that you trust
    List,
    /// Trust a key no longer
    Remove {
        /// What you call its owner
        name: String,
    },
}

#[derive(Serialize)]
struct Told {
    schema: &'static str,
    name: String,
    key: String,
}

impl Run for Args {
    const ABOUT: &'static str = "Say whose keys you trust";

    fn run(&self, cx: &mut Context) -> Result<(), CliError> {
        match &self.verb {
            None | Some(Verb::List) => list(cx),
            Some(Verb::Add { name, key, seal }) => add(cx, name, key.as_deref(), seal.as_deref()),
            Some(Verb::Remove { name }) => remove(cx, name),
        }
    }
}

fn list(cx: &mut Context) -> Result<(), CliError> {
    let keyring = cx.keyring()?;
    let own = keyring.own.map(|key| ("you".to_owned(), key));
    if own.is_none() {
        let line = Line::note("note")
            .plain("this device has no key yet; the first command that writes makes one");
        cx.out.say(&line)?;
    }
    for (name, key) in own.into_iter().chain(keyring.trusted) {
        let key = key.to_string();
        match cx.format {
            Format::Json => cx.json(&Told { schema: "selkie.key/1", name, key })?,
            Format::Text => {
                let name = format!("{name:<12}  ");
                cx.out.line(&Line::default().put(Label::Verb, &name).plain(&key))?;
            }
        }
    }
    Ok(())
}

fn add(
    cx: &mut Context,
    name: &str,
    key: Option<&str>,
    seal: Option<&str>,
) -> Result<(), CliError> {
    let key = match (key, seal) {
        (Some(key), _) => key.to_owned(),
        (None, Some(rev)) => signer(cx, rev)?,
        (None, None) => unreachable!("one of them is required on the command line"),
    };
    store(&user(cx)?, &setting(name), Some(&key))?;
    let line = Line::of("What is signed with ").plain(&key).plain(" is by ").code(name);
    Ok(cx.out.say(&line.plain(" from now on."))?)
}

/// The key that signed a seal, if it did.
fn signer(cx: &mut Context, rev: &str) -> Result<String, CliError> {
    let workspace = cx.workspace()?;
    let id = Context::resolve(&workspace, rev)?;
    let seal: Seal = workspace.repository().store().load(id)?;
    let verdict = cx.keyring()?.verdict(&seal);
    let key = verdict.key().filter(|_| verdict.word() != "forged");
    key.map(ToString::to_string).ok_or_else(|| CliError::Unsigned(rev.to_owned()))
}

fn remove(cx: &mut Context, name: &str) -> Result<(), CliError> {
    let keyring = cx.keyring()?;
    if !keyring.trusted.iter().any(|(trusted, _)| trusted == name) {
        return Err(CliError::Unset(setting(name)));
    }
    store(&user(cx)?, &setting(name), None)?;
    Ok(cx.out.say(&Line::of("The key of ").code(name).plain(" is no longer trusted."))?)
}

fn user(cx: &Context) -> Result<Origin, ConfigError> {
    cx.places.user.clone().map(Origin::User).ok_or(ConfigError::NoPlace("user"))
}

/// The setting that keeps the key of somebody.
fn setting(name: &str) -> String {
    TRUSTED_KEY.name.replace('*', name)
}
