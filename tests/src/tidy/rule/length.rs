//! Limits stand before the code they limit.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const TEST_MODULE_LINES_MAX: usize = 150;

/// The most central file grows fastest.
pub(crate) fn files(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.production() {
        let lines = source.production_lines();
        if lines > FILE_LINES_MAX {
            let what = format!("{lines} lines without tests, {FILE_LINES_MAX} allowed");
            found.push(Complaint::of_file(&source.path, what));
        }
    }
    found
}

/// A function is read at one glance, in tests too.
pub(crate) fn functions(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for function in source.functions().filter(|f| f.length > FUNCTION_LINES_MAX) {
            let (name, length) = (function.name, function.length);
            let what = format!("`{name}` has {length} lines, {FUNCTION_LINES_MAX} allowed");
            found.push(Complaint::new(&source.path, function.line, what));
        }
    }
    found
}

/// Longer tests move to a file of their own beside the code.
pub(crate) fn test_modules(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.production() {
        let modules = source.test_modules().into_iter();
        for (line, lines) in modules.filter(|(_, lines)| *lines > TEST_MODULE_LINES_MAX) {
            let what = format!("{lines} lines of tests, {TEST_MODULE_LINES_MAX} allowed inline");
            found.push(Complaint::new(&source.path, line, what));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    fn tests_of(lines: usize) -> String {
        format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// x\n".repeat(lines - 3))
    }

    #[test]
    fn a_file_is_measured_without_its_tests() {
        let code = |lines| "fn f() {}\n".repeat(lines) + &tests_of(100);
        let files_of = [("crdt/src/a.rs", &*code(501)), ("crdt/src/b.rs", &*code(500))];
        let expected = ["crdt/src/a.rs:1: 501 lines without tests, 500 allowed"];
        assert_eq!(told(files, files_of), expected);
    }

    #[test]
    fn a_long_function_is_told_wherever_it_stands() {
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "g();\n".repeat(lines - 2));
        let files = [("crdt/src/a.rs", &*function(70)), ("crdt/tests/b.rs", &*function(71))];
        let expected = ["crdt/tests/b.rs:1: `f` has 71 lines, 70 allowed"];
        assert_eq!(told(functions, files), expected);
    }

    #[test]
    fn long_inline_tests_are_told() {
        let files = [("crdt/src/a.rs", &*tests_of(150)), ("crdt/src/b.rs", &*tests_of(151))];
        let expected = ["crdt/src/b.rs:1: 151 lines of tests, 150 allowed inline"];
        assert_eq!(told(test_modules, files), expected);
    }
}
