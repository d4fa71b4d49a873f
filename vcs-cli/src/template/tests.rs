use super::*;
use crate::line::Paint;

/// What a template makes of a seal whose fields are their own names, but for an empty body.
fn told(text: &str) -> String {
    let value = |slot: &Slot| {
        Ok::<_, TemplateError>(match slot.field {
            Field::Body => String::new(),
            Field::Message => "one\ntwo\u{1b}[31m".to_owned(),
            field => field.name().to_owned(),
        })
    };
    match Template::parse(text).and_then(|template| template.lines(value)) {
        Ok(lines) => {
            let mut out = Vec::new();
            lines.iter().for_each(|line| line.write(Paint::Plain, &mut out).unwrap());
            String::from_utf8(out).unwrap()
        }
        Err(error) => format!("{error} at {}", &text[error.place.clone()]),
    }
}

#[test]
fn fields_stand_where_their_braces_do() {
    let table = [
        ("{name} {title}", "name title\n"),
        ("{hash:3}|{tags:<6}|{tags:>6}|", "has|tags  |  tags|\n"),
        ("{name}{tags| (|)}", "name (tags)\n"),
        ("{name}{body|\\n|!}", "name\n"),
        ("{body:<3}|", "   |\n"),
        ("a\\n\\{b\\}\\t{name}\\\\", "a\n{b}\tname\\\n"),
        ("{name| \\| }", " | name\n"),
        ("{message}", "one\ntwo\\u{1b}[31m\n"),
    ];
    for (text, expected) in table {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_template_says_where_and_why() {
    let table = [
        ("%h %s", "it has no field in braces, so it says the same of every seal at %h %s"),
        ("{name", "a '{' is never closed at {"),
        ("{name{title}", "a '{' is never closed at {"),
        ("{name|a|b|c}", "a '{' is never closed at {"),
        ("{name}}", "a '}' closes nothing at }"),
        ("{titel}", "a seal has no field 'titel' at titel"),
        ("{}", "a seal has no field '' at "),
        ("{title:iso}", "the field 'title' has no form 'iso' at title:iso"),
        ("{date:0}", "the field 'date' has no form '0' at date:0"),
        ("{date:<9999}", "the field 'date' has no form '<9999' at date:<9999"),
        ("{name:}", "the field 'name' has no form '' at name:"),
        ("é\\q{name}", "a backslash stands before n, t, {, }, | or another one at \\q"),
        ("{name}\\", "a backslash stands before n, t, {, }, | or another one at \\"),
    ];
    for (text, expected) in table {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn a_field_that_is_nearly_right_is_known() {
    let near = |text| Template::parse(text).map_err(|error| error.wrong);
    assert_eq!(near("{titel}"), Err(Wrong::Field("titel".to_owned(), Some("title"))));
    assert_eq!(near("{xyzzy}"), Err(Wrong::Field("xyzzy".to_owned(), None)));
}
