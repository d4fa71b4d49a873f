//! Which settings there are. One that nothing reads does not belong here.

use crate::config::kind::{Kind, ValueError};
use crate::nearest::nearest;

/// One setting, or with a name that ends in `.*` a family of them.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name, with dots.
    pub(crate) name: &'static str,
    /// What its values are.
    pub(crate) kind: Kind,
    /// Its value when nobody says one.
    pub(crate) default: Option<&'static str>,
    /// Who may set it.
    pub(crate) trust: Trust,
    /// What it is for, in a line.
    pub(crate) about: &'static str,
}

/// Who may set it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trust {
    /// Everyone, a repository too.
    Anyone,
    /// This user and this machine: the value says what is run or trusted.
    UserOnly,
}

/// When to show colours.
pub(crate) const COLOUR: Key = Key {
    name: "ui.color",
    kind: Kind::Word(&["auto", "always", "never"]),
    default: Some("auto"),
    trust: Trust::Anyone,
    about: "When to show colours",
};

/// What shows long output.
pub(crate) const PAGER: Key = Key {
    name: "ui.pager",
    kind: Kind::Text,
    default: Some("less"),
    trust: Trust::UserOnly,
    about: "The command that shows long output; 'off' for none",
};

/// In what people write.
pub(crate) const EDITOR: Key = Key {
    name: "ui.editor",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "The command that edits words; SELKIE_EDITOR goes before it, VISUAL and EDITOR come after it",
};

/// Who makes seals.
pub(crate) const NAME: Key = Key {
    name: "user.name",
    kind: Kind::Text,
    default: None,
    trust: Trust::Anyone,
    about: "Your name, as seals tell it",
};

/// Where to reach who makes seals.
pub(crate) const CONTACT: Key = Key {
    name: "user.contact",
    kind: Kind::Text,
    default: None,
    trust: Trust::Anyone,
    about: "Where to reach you, as seals tell it",
};

/// The timeline of a new repository.
pub(crate) const TIMELINE: Key = Key {
    name: "forge.timeline",
    kind: Kind::Text,
    default: Some("main"),
    trust: Trust::UserOnly,
    about: "The first timeline of a new repository",
};

/// What settles files for rules that want a command.
pub(crate) const STRATEGY_COMMAND: Key = Key {
    name: "strategy.command.*",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "The command that settles a file for a rule that names it; it is given BASE OURS THEIRS OUT PATH",
};

/// In which clones such commands run.
pub(crate) const STRATEGY_FOLDERS: Key = Key {
    name: "strategy.folders",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "Clones whose rules may run your commands, spelled as in PATH; 'selkie strategy enable' adds one",
};

/// Whether a fuse always makes a seal.
pub(crate) const ALWAYS_SEAL: Key = Key {
    name: "fuse.always-seal",
    kind: Kind::Word(&["no", "yes"]),
    default: Some("no"),
    trust: Trust::Anyone,
    about: "Whether a fuse makes a seal where the timeline could just move on",
};

/// What becomes of unfinished work in a switch.
pub(crate) const UNFINISHED: Key = Key {
    name: "switch.unfinished",
    kind: Kind::Word(&["auto", "carry", "shelve", "refuse"]),
    default: Some("auto"),
    trust: Trust::Anyone,
    about: "What becomes of unfinished work in a switch; 'auto' carries it where it fits, else shelves it",
};

/// Whose repositories are worked in though they belong to others.
pub(crate) const TRUSTED: Key = Key {
    name: "trust.folders",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "Folders of others that you work in all the same, spelled as in PATH",
};

/// How long what nothing leads to stays.
pub(crate) const GRACE: Key = Key {
    name: "gc.grace",
    kind: Kind::Span,
    default: Some("14 days"),
    trust: Trust::UserOnly,
    about: "How long what nothing leads to stays before 'selkie gc' removes it",
};

/// How far back what was done can be taken back.
pub(crate) const KEEP_OPERATIONS: Key = Key {
    name: "gc.keep-operations",
    kind: Kind::Span,
    default: Some("90 days"),
    trust: Trust::UserOnly,
    about: "How old a command may be that 'selkie undo' takes back; the newest 100 always are",
};

/// In which clones hooks run.
pub(crate) const HOOK_FOLDERS: Key = Key {
    name: "hooks.folders",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "Clones whose hooks run, spelled as in PATH; 'selkie hooks enable' adds one",
};

/// In what conflicts are settled.
pub(crate) const MERGE_TOOL: Key = Key {
    name: "merge.tool",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "The tool in which 'selkie resolve' opens conflicts, or its command with $BASE, $OURS, $THEIRS and $OUT",
};

/// Whose keys are trusted.
pub(crate) const TRUSTED_KEY: Key = Key {
    name: "trust.key.*",
    kind: Kind::Key,
    default: None,
    trust: Trust::UserOnly,
    about: "The key of somebody whom you trust; 'selkie trust add' sets it",
};

/// Where others look for this machine.
pub(crate) const LISTEN: Key = Key {
    name: "network.listen",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "Where to listen for peers; if unset, at all addresses, at network.port",
};

/// The port of this machine.
pub(crate) const PORT: Key = Key {
    name: "network.port",
    kind: Kind::Port,
    default: Some("7355"),
    trust: Trust::UserOnly,
    about: "The UDP port at which to listen for peers, where network.listen says nothing; if unset, another one where it is taken",
};

/// With whom there may be connections.
pub(crate) const ALLOW: Key = Key {
    name: "network.allow",
    kind: Kind::Networks,
    default: None,
    trust: Trust::UserOnly,
    about: "The networks to call and to be called from, such as '10.0.0.0/8 fd00::/8'; if unset, all",
};

/// How many peers at once.
pub(crate) const PEERS_MAX: Key = Key {
    name: "network.peers",
    kind: Kind::Count(1_000),
    default: Some("50"),
    trust: Trust::UserOnly,
    about: "With how many peers a node is connected at most",
};

/// How many syncs at once.
pub(crate) const SYNCS_MAX: Key = Key {
    name: "network.syncs",
    kind: Kind::Count(15),
    default: Some("5"),
    trust: Trust::UserOnly,
    about: "How many syncs that commands ask for a node does at once; others wait",
};

/// How many connections nobody has a name for.
pub(crate) const STRANGERS_MAX: Key = Key {
    name: "network.strangers",
    kind: Kind::Count(1_000),
    default: Some("32"),
    trust: Trust::UserOnly,
    about: "How many callers that have not shown who they are a node listens to at once; others wait",
};

/// How many messages of a peer.
pub(crate) const MESSAGES_MAX: Key = Key {
    name: "network.messages",
    kind: Kind::Count(1_000_000),
    default: Some("5000"),
    trust: Trust::UserOnly,
    about: "How many messages a second a node takes of each peer; one that brings 4 KiB of a file or more counts for a sixteenth, and a peer that sends more is held up",
};

/// How much connections hold.
pub(crate) const MEMORY_MAX: Key = Key {
    name: "network.memory",
    kind: Kind::Size(8 << 20),
    default: Some("64 MiB"),
    trust: Trust::UserOnly,
    about: "How much of what comes and goes the connections of a node hold together; with more peers each has less",
};

/// How fast to send.
pub(crate) const SEND_MAX: Key = Key {
    name: "network.send",
    kind: Kind::Size(16 << 10),
    default: None,
    trust: Trust::UserOnly,
    about: "How much a node sends in a second, such as '500 KiB', what is new before old files; if unset, as much as goes",
};

/// How fast to take.
pub(crate) const RECEIVE_MAX: Key = Key {
    name: "network.receive",
    kind: Kind::Size(16 << 10),
    default: None,
    trust: Trust::UserOnly,
    about: "How much a node takes in a second, such as '500 KiB', what is new before old files; if unset, as much as comes",
};

/// Whether to look for others near here.
pub(crate) const DISCOVER: Key = Key {
    name: "network.discover",
    kind: Kind::Word(&["lan", "listen", "off"]),
    default: Some("lan"),
    trust: Trust::UserOnly,
    about: "Whether to look for peers in the local network, and to be found there; 'listen' hears others and says nothing",
};

/// Where all look.
pub(crate) const DISCOVERY_PORT: Key = Key {
    name: "network.discovery-port",
    kind: Kind::Port,
    default: Some("7356"),
    trust: Trust::UserOnly,
    about: "The UDP port at which peers look for each other in the local network; all have the same",
};

/// Where those meet who are not in one network.
pub(crate) const RENDEZVOUS: Key = Key {
    name: "network.rendezvous",
    kind: Kind::Servers,
    default: None,
    trust: Trust::UserOnly,
    about: "Rendezvous servers at which peers find each other, such as 'KEY@meet.example.org:7357'; several with blanks between them",
};

/// Where numbers are told.
pub(crate) const METRICS: Key = Key {
    name: "network.metrics",
    kind: Kind::Loopback,
    default: None,
    trust: Trust::UserOnly,
    about: "Where on this machine a node tells its numbers to Prometheus, such as '127.0.0.1:9464', at /metrics; whoever works on this machine may ask",
};

/// Whether a sync takes the files along.
pub(crate) const SYNC_UPDATE: Key = Key {
    name: "sync.update",
    kind: Kind::Word(&["clean", "never"]),
    default: Some("clean"),
    trust: Trust::Anyone,
    about: "Whether files go along with their timeline after 'selkie sync', if nothing of yours is in the way",
};

/// Whether a node acts by itself.
pub(crate) const SYNC_AUTO: Key = Key {
    name: "sync.auto",
    kind: Kind::Word(&["on", "off"]),
    default: Some("on"),
    trust: Trust::Anyone,
    about: "Whether a node calls peers, tells them what is new and settles what diverged by itself, or only when you sync",
};

/// How often it looks after that.
pub(crate) const SYNC_INTERVAL: Key = Key {
    name: "sync.interval",
    kind: Kind::Wait,
    default: Some("30 s"),
    trust: Trust::Anyone,
    about: "How often a node calls those again that it is not connected with; what is new is told at once",
};

/// As long as peers may be silent.
pub(crate) const SYNC_TIMEOUT: Key = Key {
    name: "sync.timeout",
    kind: Kind::Wait,
    default: Some("60 s"),
    trust: Trust::Anyone,
    about: "How long nothing may come of a peer before a sync gives it up",
};

/// How to settle what nobody spoke of.
pub(crate) const SYNC_STRATEGY: Key = Key {
    name: "sync.strategy",
    kind: Kind::Word(&[
        "manual",
        "auto_merge",
        "prefer_local",
        "prefer_remote",
        "last_write",
        "first_write",
    ]),
    default: Some("manual"),
    trust: Trust::Anyone,
    about: "How to settle a timeline that diverged and that has no strategy of its own",
};

/// Programs that show differences.
pub(crate) const DIFF_TOOL: Key = Key {
    name: "diff-tool.*",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "The command of a tool for 'selkie diff --tool NAME', with $left and $right for two files, or $left-folder and $right-folder",
};

/// Which file is a list of ignores for all clones.
pub(crate) const IGNORE_FILE: Key = Key {
    name: "ignore.file",
    kind: Kind::File,
    default: None,
    trust: Trust::UserOnly,
    about: "Your own list of what to ignore in every clone; if unset, the file 'ignore' beside your settings",
};

/// Short names for commands.
pub(crate) const ALIAS: Key = Key {
    name: "alias.*",
    kind: Kind::Text,
    default: None,
    trust: Trust::UserOnly,
    about: "A short name for a command and its first arguments",
};

/// All settings, by name.
pub(crate) const KEYS: &[&Key] = &[
    &ALIAS,
    &DIFF_TOOL,
    &TIMELINE,
    &ALWAYS_SEAL,
    &GRACE,
    &KEEP_OPERATIONS,
    &HOOK_FOLDERS,
    &IGNORE_FILE,
    &MERGE_TOOL,
    &ALLOW,
    &DISCOVER,
    &DISCOVERY_PORT,
    &LISTEN,
    &MEMORY_MAX,
    &MESSAGES_MAX,
    &METRICS,
    &PEERS_MAX,
    &PORT,
    &RECEIVE_MAX,
    &RENDEZVOUS,
    &SEND_MAX,
    &STRANGERS_MAX,
    &SYNCS_MAX,
    &STRATEGY_COMMAND,
    &STRATEGY_FOLDERS,
    &UNFINISHED,
    &SYNC_AUTO,
    &SYNC_INTERVAL,
    &SYNC_STRATEGY,
    &SYNC_TIMEOUT,
    &SYNC_UPDATE,
    &TRUSTED,
    &TRUSTED_KEY,
    &COLOUR,
    &EDITOR,
    &PAGER,
    &CONTACT,
    &NAME,
];

impl Key {
    /// The setting of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().copied().find(|key| match key.name.strip_suffix('*') {
            Some(family) => name.strip_prefix(family).is_some_and(is_member),
            None => key.name == name,
        })
    }

    /// The name most like this one, if any is.
    pub(crate) fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, KEYS.iter().filter(|key| !key.is_family()).map(|key| key.name))
    }

    /// Whether many settings share this line.
    pub(crate) fn is_family(&self) -> bool {
        self.name.ends_with('*')
    }

    /// The variable of the environment that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("SELKIE_{}", self.name.replace(['.', '-'], "_").to_uppercase())
    }

    /// Whether this is a value for it.
    pub(crate) fn check(&self, value: &str) -> Result<(), ValueError> {
        self.kind.check(value)
    }
}

fn is_member(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_setting() {
        for key in KEYS {
            assert_eq!(
                key.default.map_or(Ok(()), |value| key.check(value)),
                Ok(()),
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn the_list_is_in_order() {
        assert!(KEYS.is_sorted_by_key(|key| key.name));
    }

    #[test]
    fn a_member_of_a_family_has_a_plain_name() {
        assert!(Key::named("alias.st").is_some());
        for bad in ["alias", "alias.", "alias.a.b", "alias.a b"] {
            assert!(Key::named(bad).is_none(), "{bad}");
        }
    }
}
