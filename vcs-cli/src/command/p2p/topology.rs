//! Who is connected with whom, as a tree.

use std::time::Duration;

use serde::Serialize;

use crate::command::p2p::told::trip;
use crate::config::span::told;
use crate::context::{Context, Format};
use crate::error::CliError;
use crate::label::Label;
use crate::line::Line;
use crate::serving::topology::{Calls, Hears, Link, Member, Other, Stands, Topology};

#[derive(Serialize)]
struct ToldTopology {
    schema: &'static str,
    key: String,
    connected: usize,
    known: usize,
}

#[derive(Serialize)]
struct ToldOther<'a> {
    schema: &'static str,
    name: &'a str,
    key: String,
    listed: bool,
    connected: bool,
    /// Who called: `here` or `peer`.
    caller: Option<Calls>,
    connected_for_ms: Option<u64>,
    round_trip_us: Option<u64>,
    hears: Option<Hears>,
    member: Option<Stands>,
    member_for_ms: Option<u64>,
    /// By name; the node itself is no name.
    doubted_by: &'a [Option<String>],
    why: Option<&'a str>,
}

/// Shows the node, those that it is connected with, and the others that it knows of.
pub(super) fn tell(cx: &mut Context, topology: &Topology) -> Result<(), CliError> {
    if cx.format == Format::Json {
        cx.json(&ToldTopology {
            schema: "selkie.topology/1",
            key: topology.node.to_string(),
            connected: topology.others.iter().filter(|it| it.link.is_some()).count(),
            known: topology.others.len(),
        })?;
        return topology.others.iter().try_for_each(|it| json(cx, it));
    }
    lines(topology).iter().try_for_each(|line| Ok(cx.out.line(line)?))
}

fn json(cx: &mut Context, other: &Other) -> Result<(), CliError> {
    let (link, member) = (other.link.as_ref(), other.member.as_ref());
    cx.json(&ToldOther {
        schema: "selkie.topology-node/1",
        name: &other.name,
        key: other.node.to_string(),
        listed: other.is_listed,
        connected: link.is_some(),
        caller: link.map(|it| it.caller),
        connected_for_ms: link.map(|it| it.lasts_ms),
        round_trip_us: link.and_then(|it| it.round_trip_us),
        hears: link.and_then(|it| it.hears),
        member: member.map(|it| it.stands),
        member_for_ms: member.map(|it| it.lasts_ms),
        doubted_by: member.map_or(&[], |it| &it.doubted_by),
        why: other.why.as_deref(),
    })
}

fn lines(topology: &Topology) -> Vec<Line> {
    let width = topology.others.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
    let (near, far): (Vec<_>, Vec<_>) = topology.others.iter().partition(|it| it.link.is_some());
    let mut lines = vec![Line::default().put(Label::Verb, "this node")];
    for (at, other) in near.iter().enumerate() {
        let is_last = at + 1 == near.len() && far.is_empty();
        lines.push(row("", is_last, other, width));
    }
    if !far.is_empty() {
        lines.push(Line::of("└─ not connected with it"));
    }
    for (at, other) in far.iter().enumerate() {
        lines.push(row("   ", at + 1 == far.len(), other, width));
    }
    lines
}

fn row(indent: &str, is_last: bool, other: &Other, width: usize) -> Line {
    let branch = if is_last { "└─ " } else { "├─ " };
    let line = Line::of(indent).plain(branch);
    let line = line.put(Label::Verb, &format!("{:<width$}", other.name)).plain("  ");
    let mut facts: Vec<String> = other.link.iter().flat_map(link).collect();
    facts.extend(other.member.as_ref().and_then(|it| member(it, other.link.is_some())));
    facts.extend(other.why.clone());
    facts.extend((!other.is_listed).then(|| "not listed here".to_owned()));
    if facts.is_empty() {
        facts.push("nothing was heard of it".to_owned());
    }
    line.plain(&facts.join("; "))
}

fn link(link: &Link) -> Vec<String> {
    let time = span(link.lasts_ms);
    let trip = link.round_trip_us.map_or_else(String::new, |us| format!(", {}", trip(us)));
    let caller = match link.caller {
        Calls::Here => "called from here",
        Calls::Peer => "it called",
    };
    let hears = link.hears.map(|hears| match hears {
        Hears::Eager => "is sent what is new",
        Hears::Lazy => "is told of what is new, others send it",
        Hears::Full => "reads more slowly than there is to send",
        Hears::Closed => "does not share the repository with you",
    });
    let facts = [Some(format!("connected for {time}{trip}")), Some(caller.to_owned())];
    facts.into_iter().chain([hears.map(str::to_owned)]).flatten().collect()
}

/// That a peer lives that is connected goes without saying.
fn member(member: &Member, is_connected: bool) -> Option<String> {
    let time = span(member.lasts_ms);
    let doubters = member.doubted_by.iter().map(|it| it.as_deref().unwrap_or("this node"));
    let doubters = doubters.collect::<Vec<_>>().join(", ");
    let said = match member.stands {
        Stands::Alive if is_connected => return None,
        Stands::Alive => format!("alive for {time}"),
        Stands::Suspected => format!("suspected for {time}"),
        Stands::Dead => format!("dead for {time}"),
        Stands::Left => format!("left {time} ago"),
    };
    let is_doubted = !doubters.is_empty();
    Some(if is_doubted { format!("{said}, gives no answer to {doubters}") } else { said })
}

fn span(ms: u64) -> String {
    told(Duration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use selkie_sync::NodeId;

    use super::*;
    use crate::line::Paint;

    fn other(name: &str, link: Option<Link>, member: Option<Member>) -> Other {
        let (node, why) = (NodeId::from_bytes([7; 32]), None);
        Other { name: name.to_owned(), node, is_listed: true, member, link, why }
    }

    fn linked(caller: Calls, hears: Hears) -> Link {
        Link { caller, lasts_ms: 180_000, round_trip_us: Some(1_250), hears: Some(hears) }
    }

    fn stands(stands: Stands, doubted_by: &[Option<&str>]) -> Member {
        let doubted_by = doubted_by.iter().map(|name| name.map(str::to_owned)).collect();
        Member { stands, lasts_ms: 2_000, doubted_by }
    }

    fn drawn(others: Vec<Other>) -> String {
        let topology = Topology { node: NodeId::from_bytes([1; 32]), others };
        let mut out = Vec::new();
        for line in lines(&topology) {
            line.write(Paint::Plain, &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_tree_has_those_that_are_connected_and_then_the_others() {
        let gone =
            Other { why: Some("the connection broke".to_owned()), ..other("eve", None, None) };
        let others = vec![
            other("bob", Some(linked(Calls::Here, Hears::Eager)), Some(stands(Stands::Alive, &[]))),
            other(
                "carlo",
                Some(linked(Calls::Peer, Hears::Lazy)),
                Some(stands(Stands::Suspected, &[Some("dan")])),
            ),
            other("dan", None, Some(stands(Stands::Dead, &[None, Some("bob")]))),
            gone,
            Other { is_listed: false, ..other("07070707", None, Some(stands(Stands::Left, &[]))) },
        ];
        let expected = "\
this node
├─ bob       connected for 3 minutes, 1.2 ms; called from here; is sent what is new
├─ carlo     connected for 3 minutes, 1.2 ms; it called; is told of what is new, others send it; suspected for 2 seconds, gives no answer to dan
└─ not connected with it
   ├─ dan       dead for 2 seconds, gives no answer to this node, bob
   ├─ eve       the connection broke
   └─ 07070707  left 2 seconds ago; not listed here
";
        assert_eq!(drawn(others), expected);
    }

    #[test]
    fn the_last_branch_is_the_last_whoever_is_there() {
        let bob = || other("bob", Some(linked(Calls::Here, Hears::Closed)), None);
        let row = "└─ bob  connected for 3 minutes, 1.2 ms; called from here; does not share the repository with you\n";
        assert_eq!(drawn(vec![bob()]), format!("this node\n{row}"));
        let alone = "this node\n└─ not connected with it\n   └─ eve  nothing was heard of it\n";
        assert_eq!(drawn(vec![other("eve", None, None)]), alone);
        assert_eq!(drawn(Vec::new()), "this node\n");
    }
}
