//! What the command line asks for.

use std::path::PathBuf;

use crate::peer::{PEERS, Peer};
use crate::workload::Workload;

/// What to do.
pub enum Arguments {
    /// Measure all these, each in a process of its own, and report.
    All { peers: Vec<&'static Peer>, workloads: Vec<Workload>, runs: usize, write: Option<PathBuf> },
    /// Measure this in the process at hand and print lines for the process that started it.
    One { peer: &'static Peer, workload: Workload, runs: usize },
}

const USAGE: &str = "\
usage: selkie-crdt-bench [--runs N] [--only b1,b2] [--peer crdts,yrs] [--write FILE]
       selkie-crdt-bench --one PEER WORKLOAD [--runs N]";

const RUNS: usize = 5;

impl Arguments {
    /// What these words ask for, or how they should be.
    pub fn from_command_line(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut peers: Vec<_> = PEERS.iter().collect();
        let mut workloads = Workload::ALL.to_vec();
        let (mut one, mut runs, mut write) = (None, RUNS, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| USAGE.to_owned());
            match word.as_str() {
                "--runs" => runs = count(&value()?)?,
                "--only" => workloads = each(&value()?, Workload::named, "workload")?,
                "--peer" => peers = each(&value()?, Peer::named, "peer")?,
                "--write" => write = Some(PathBuf::from(value()?)),
                "--one" => {
                    let peer = each(&value()?, Peer::named, "peer")?[0];
                    one = Some((peer, each(&value()?, Workload::named, "workload")?[0]));
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(match one {
            Some((peer, workload)) => Self::One { peer, workload, runs },
            None => Self::All { peers, workloads, runs, write },
        })
    }
}

fn count(word: &str) -> Result<usize, String> {
    match word.parse() {
        Ok(runs) if runs > 0 => Ok(runs),
        _ => Err(format!("{word:?} is no number of runs")),
    }
}

fn each<T>(words: &str, named: fn(&str) -> Option<T>, what: &str) -> Result<Vec<T>, String> {
    let one = |word| named(word).ok_or_else(|| format!("no {what} is named {word:?}"));
    words.split(',').map(one).collect()
}
