//! A register of voters that programs share: `voters FOLDER` tells its key and address, and does what it reads, line by line.

use std::io::{self, BufRead, Write};
use std::{env, error::Error, path::Path, sync::Arc, time::Duration};

use selkie_crdt::{AwMap, Entity};
use selkie_store::{OsDisk, PublicKey, device_key};
use selkie_sync::{ChannelId, Node, NodeId, Notice, Right, Scope, Shared};

const VOTERS: ChannelId = ChannelId::from_bytes(*b"register: voters");

#[allow(dead_code, reason = "the test calls what this calls")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: voters FOLDER")?;
    run(Path::new(&folder), io::stdin().lock(), io::stdout())
}

pub(crate) fn run(
    folder: &Path,
    input: impl BufRead,
    mut out: impl Write,
) -> Result<(), Box<dyn Error>> {
    let keys = folder.join("keys");
    let key = move || device_key(&keys).map_err(io::Error::other);
    let node = Node::builder(key()?).listen("127.0.0.1:0".parse()?).start()?;
    let notices = node.notices();
    let disk = Arc::new(OsDisk::new(folder));
    let mut voters: Shared<AwMap<String, Entity<String>>> = Shared::open(&node, VOTERS, disk, key)?;
    writeln!(out, "{} {}", node.id(), node.address())?;
    for line in input.lines() {
        let line = line?;
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["meet", key, address] => {
                let peer = NodeId::of(PublicKey::spelled(key).ok_or("no key")?);
                node.trust(peer);
                node.grant(VOTERS, peer, Right::Write(Scope::All));
                node.want(peer, vec![address.parse()?]);
            }
            ["set", voter, attribute, value] => voters.append(&node, "set", |mut all, now| {
                all.entry(voter.to_owned()).set(attribute, value.to_owned(), now);
            })?,
            ["get", voter, attribute] => {
                while voters.state()?.get(voter).and_then(|it| it.attribute(attribute)).is_none() {
                    let _came: Option<Notice> = notices.next_within(Duration::from_secs(1));
                }
                let found = voters.state()?.get(voter).and_then(|it| it.attribute(attribute));
                writeln!(out, "{}", found.map_or("", |value| value))?;
            }
            _ => return Err("meet KEY ADDRESS, set VOTER WHAT VALUE, or get VOTER WHAT".into()),
        }
    }
    node.close();
    Ok(())
}
