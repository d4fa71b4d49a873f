//! Names of files, as git writes them.
//!
//! A name stands as it is unless a reader could take it for something else. Then it stands between double quotes,
//! with the escapes of C.

/// The name with a prefix such as `a/`, in quotes where it needs them.
pub(crate) fn quoted(prefix: &str, name: &str) -> String {
    let plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\');
    if name.chars().all(plain) {
        return format!("{prefix}{name}");
    }
    let escaped: String = name.chars().map(escaped).collect();
    format!("\"{prefix}{escaped}\"")
}

fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => {
            let bytes = c.to_string().into_bytes();
            bytes.iter().map(|byte| format!("\\{byte:03o}")).collect::<Vec<_>>().concat()
        }
        c => c.to_string(),
    }
}

/// The name at the start of `line`, and what follows it. A name without quotes ends at a tab or at the end.
pub(crate) fn unquoted(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(mut rest) = line.strip_prefix(b"\"") else {
        let end = line.iter().position(|byte| *byte == b'\t').unwrap_or(line.len());
        return Some((line[..end].to_vec(), &line[end..]));
    };
    let mut name = Vec::new();
    loop {
        let (&first, tail) = rest.split_first()?;
        rest = tail;
        match first {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (&escaped, tail) = rest.split_first()?;
                rest = tail;
                name.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'"' | b'\\' => escaped,
                    b'0'..=b'3' => {
                        let (digits, tail) = rest.split_first_chunk::<2>()?;
                        rest = tail;
                        let digits = [escaped, digits[0], digits[1]];
                        let text = str::from_utf8(&digits).ok()?;
                        u8::from_str_radix(text, 8).ok()?
                    }
                    _ => return None,
                });
            }
            byte => name.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was() {
        for (name, expected) in [
            ("plain", "a/plain"),
            ("with space", "a/with space"),
            ("日本", "a/日本"),
            ("say \"hi\"", r#""a/say \"hi\"""#),
            ("back\\slash", r#""a/back\\slash""#),
            ("bell\u{7}", r#""a/bell\007""#),
        ] {
            let found = quoted("a/", name);
            assert_eq!(found, expected);
            let read = unquoted(found.as_bytes()).unwrap();
            assert_eq!(read, (format!("a/{name}").into_bytes(), &b""[..]));
        }
    }

    #[test]
    fn what_git_escapes_is_read() {
        let read = unquoted(br#""a/\303\251\t" rest"#).unwrap();
        assert_eq!(read, ("a/é\t".as_bytes().to_vec(), &b" rest"[..]));
        for broken in [&b"\"a"[..], b"\"\\", b"\"\\9\"", b"\"\\12"] {
            assert_eq!(unquoted(broken), None);
        }
    }
}
