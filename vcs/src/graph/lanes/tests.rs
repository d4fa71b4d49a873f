use super::*;

/// Draws seals written as `name: parent parent`; `~name` is an ancestor, `~` goes beyond.
fn drawn(text: &str) -> String {
    let mut lanes = Lanes::default();
    let mut lines = Vec::new();
    for seal in text.split(',') {
        let (name, links) = seal.split_once(':').unwrap_or((seal, ""));
        let links: Vec<_> = links
            .split_whitespace()
            .map(|link| match link.strip_prefix('~') {
                Some("") => Link::Beyond,
                Some(ancestor) => Link::Ancestor(ancestor),
                None => Link::Parent(link),
            })
            .collect();
        let name = name.trim();
        let drawn = lanes.draw(&name, &links).to_string();
        let mut parts = drawn.lines();
        lines.push(format!("{} {name}", parts.next().unwrap()));
        lines.extend(parts.map(str::to_owned));
    }
    lines.join("\n")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let picture = drawn(text);
    assert_eq!(picture, expected.join("\n"), "\n{picture}\n");
}

#[test]
fn a_line_is_straight() {
    check("c: b, b: a, a", &["○ c", "○ b", "○ a"]);
}

#[test]
fn a_merge_opens_a_lane_and_a_fork_closes_it() {
    check(
        "m: a b, b: r, a: r, r",
        &[
            "○ m", //
            "├─╮",
            "│ ○ b",
            "○ │ a",
            "├─╯",
            "○ r",
        ],
    );
}

#[test]
fn two_heads_stand_side_by_side() {
    check("a: r, b: r, r", &["○ a", "│ ○ b", "├─╯", "○ r"]);
}

#[test]
fn a_criss_cross_is_drawn() {
    check(
        "e: a b, f: b a, b: r, a: r, r",
        &["○ e", "├─╮", "│ │ ○ f", "├─┼─╯", "│ ○ b", "○ │ a", "├─╯", "○ r"],
    );
}

#[test]
fn an_octopus_has_many_arms() {
    check(
        "m: a b c, c: r, b: r, a: r, r",
        &["○ m", "├─┬─╮", "│ │ ○ c", "│ ○ │ b", "│ ├─╯", "○ │ a", "├─╯", "○ r"],
    );
}

#[test]
fn a_free_lane_is_used_again() {
    check(
        "m: a b, b, a: n, n: c d, d: c, c",
        &["○ m", "├─╮", "│ ○ b", "○ a", "○ n", "├─╮", "│ ○ d", "├─╯", "○ c"],
    );
}

#[test]
fn what_is_not_shown_is_dotted() {
    check("m: ~a b, b: ~a, a: ~", &["○ m", "├─╮", "╎ ○ b", "├─╯", "○ a", "~"]);
}

#[test]
fn a_merge_of_what_is_not_here_shows_that_it_goes_on() {
    check("b: a ~, a", &["○ b", "│", "○ a"]);
}

#[test]
fn a_parent_that_is_named_twice_is_one_line() {
    check("b: a a, a", &["○ b", "○ a"]);
}
