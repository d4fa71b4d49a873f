use super::*;
use crate::lots::Lots;

/// An expression with all its brackets.
fn spelled(expr: &Expr) -> String {
    let list =
        |exprs: &[Expr], sign: &str| exprs.iter().map(spelled).collect::<Vec<_>>().join(sign);
    match &expr.says {
        Says::Name(name) => name.clone(),
        Says::Here => "@".to_owned(),
        Says::Past(Subject::Here, moment) => format!("@{{{moment:?}}}"),
        Says::Past(Subject::Timeline(name), moment) => format!("{name}@{{{moment:?}}}"),
        Says::Back(of, steps) => format!("{}~{steps}", spelled(of)),
        Says::Parent(of, nth) => format!("{}^{nth}", spelled(of)),
        Says::Children(of) => format!("{}+", spelled(of)),
        Says::Range(from, to) => format!("({}..{})", spelled(from), spelled(to)),
        Says::Either(from, to) => format!("({}...{})", spelled(from), spelled(to)),
        Says::Or(all) => format!("({})", list(all, " | ")),
        Says::Narrow(first, more) => {
            let more = more.iter().map(|(by, expr)| match by {
                Narrowing::And => format!(" & {}", spelled(expr)),
                Narrowing::Without => format!(" ~ {}", spelled(expr)),
            });
            format!("({}{})", spelled(first), more.collect::<String>())
        }
        Says::Call(call) => match &**call {
            Call::Heads(of) => format!("heads({})", spelled(of)),
            Call::Bases(one, other) => format!("bases({}, {})", spelled(one), spelled(other)),
            Call::Latest(of, count) => format!("latest({}, {count})", spelled(of)),
            other => format!("{other:?}"),
        },
    }
}

fn parsed(text: &str) -> String {
    match parse_rev(text) {
        Ok(expr) => spelled(&expr),
        Err(error) => format!("{}..{}: {error}", error.place.start, error.place.end),
    }
}

#[test]
fn signs_bind_as_the_table_says() {
    for (text, expected) in [
        ("main", "main"),
        ("feature/new-deal", "feature/new-deal"),
        ("v1.0", "v1.0"),
        ("@", "@"),
        ("@-", "@~1"),
        ("@---", "@~3"),
        ("main~2-", "main~3"),
        ("main^", "main~1"),
        ("main^2", "main^2"),
        ("main^0", "main^0"),
        ("main^2~3", "main^2~3"),
        ("main~", "main~1"),
        ("brave-otter-dives-", "brave-otter-dives~1"),
        ("main++", "main++"),
        ("a..b", "(a..b)"),
        ("a-..b--", "(a~1..b~2)"),
        ("a..", "(a..@)"),
        ("..b", "(@..b)"),
        ("..", "(@..@)"),
        ("a...b", "(a...b)"),
        ("a | b & c", "(a | (b & c))"),
        ("a & b ~ c", "(a & b ~ c)"),
        ("a|b|c", "(a | b | c)"),
        ("(a | b) & c..d", "((a | b) & (c..d))"),
        ("main..@ & author(ann)", "((main..@) & Author(\"ann\"))"),
        ("heads(a | b)-", "heads((a | b))~1"),
        ("bases(a, b)", "bases(a, b)"),
        ("latest(a.., 5)", "latest((a..@), 5)"),
        ("\"fix & run\"", "fix & run"),
        ("'it\\'s'", "it's"),
        ("path(src/*.rs)", "Path(\"src/*.rs\")"),
        ("message(\"a (b)\")", "Message(\"a (b)\")"),
    ] {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn the_past_is_asked_for_in_brackets() {
    for (text, expected) in [
        ("@{2 days ago}", "@{Date(\"2 days ago\")}"),
        ("@{3}", "@{Operations(3)}"),
        ("main@{yesterday}", "main@{Date(\"yesterday\")}"),
        ("main@{yesterday}..main", "(main@{Date(\"yesterday\")}..main)"),
        ("@{20261121000000}", "@{Date(\"20261121000000\")}"),
    ] {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, expected) in [
        ("", "0..0: here should be a seal, a timeline or a set, not the end"),
        ("main |", "6..6: here should be a seal, a timeline or a set, not the end"),
        ("| main", "0..1: here should be a seal, a timeline or a set, not '|'"),
        ("a b", "2..3: here should be the end, not 'b'"),
        ("(a", "0..1: this bracket is not closed"),
        ("heads(a", "5..6: this bracket is not closed"),
        ("(a b)", "3..4: here should be `)` or another operator, not 'b'"),
        ("a)", "1..2: here should be the end, not ')'"),
        ("\"a", "0..1: this quote is not closed"),
        ("main@{x", "4..6: this bracket is not closed"),
        ("hedas(a)", "0..5: there is no function 'hedas': did you mean 'heads'?"),
        ("heads()", "0..7: heads is written heads(set)"),
        ("all(a)", "0..6: all is written all()"),
        ("latest(a, b)", "0..12: latest is written latest(set, count)"),
        ("a~b", "1..2: write `x ~ y` for what is in x and not in y, or `x~2` for an ancestor"),
        ("a~99999999999", "2..13: the number is too large"),
        ("a..b..c", "4..6: here should be the end, not '..'"),
        (
            "(a|b)@{3}",
            "5..9: here should be `@{...}` right behind `@` or the name of a timeline, not '@{3}'",
        ),
        ("a \u{1b}", "2..3: here should be a seal, a timeline or a set, not '\\u{1b}'"),
    ] {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn places_name_the_part_of_the_text() {
    let text = "main | heads(a..b)~2";
    let expr = parse_rev(text).unwrap();
    let Says::Or(all) = &expr.says else { panic!("{expr:?}") };
    assert_eq!(&text[expr.place.clone()], text);
    assert_eq!(&text[all[0].place.clone()], "main");
    assert_eq!(&text[all[1].place.clone()], "heads(a..b)~2");
}

#[test]
fn length_and_depth_are_bounded() {
    let deep = |open: &str, count: usize, close: &str| {
        parsed(&format!("{}a{}", open.repeat(count), close.repeat(count)))
    };
    assert!(deep("(", 2000, ")").ends_with("nested too deeply"));
    assert!(deep("heads(", 500, ")").ends_with("nested too deeply"));
    assert!(deep("", 2000, "+").ends_with("nested too deeply"));
    assert_eq!(deep("", 2000, "-"), "a~2000");
    assert_eq!(deep("(", 60, ")"), "a");
    assert!(parsed(&"a".repeat(4097)).ends_with("at most 4096 bytes"));
    assert_eq!(parsed(&"a|".repeat(2000)).matches("here should be").count(), 1);
}

#[test]
fn no_text_panics() {
    const PIECES: [&str; 32] = [
        "main",
        "@",
        "@{",
        "}",
        "-",
        "+",
        "^",
        "~",
        "2",
        "..",
        "...",
        "|",
        "&",
        "(",
        ")",
        ",",
        " ",
        "heads(",
        "author(",
        "latest(",
        "\"",
        "'",
        "\\",
        "é",
        "\0",
        "🦭",
        "brave-otter",
        "99999999999",
        "/",
        ".",
        "path(",
        "{",
    ];
    let mut lots = Lots(1);
    let mut good = 0;
    for _ in 0..20_000 {
        let text: String = (0..lots.below(14)).map(|_| *lots.one_of(&PIECES)).collect();
        match parse_rev(&text) {
            Ok(expr) => {
                good += 1;
                assert!(text.get(expr.place.clone()).is_some(), "{text}: {expr:?}");
            }
            Err(error) => assert!(text.get(error.place.clone()).is_some(), "{text}: {error:?}"),
        }
    }
    assert!(good > 500, "the pieces make {good} revisions");
}
