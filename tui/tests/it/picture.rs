//! The picture of the screen in the README is drawn from its cells and can not go stale.
//!
//! `SELKIE_WRITE_DOCS=1 cargo test -p selkie-tui --test it picture` draws it anew.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::style::{Color, Modifier};
use selkie_tui::Palette;
use unicode_width::UnicodeWidthStr;

use crate::drawn::cells;
use crate::screens::day;
use crate::toy::Person;

/// Of a letter, in hundredths of a pixel, so that no number has a rounded end.
const WIDE: usize = 843;
const HIGH: usize = 1800;
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";

fn colour(cell: &Cell) -> &'static str {
    match cell.fg {
        Color::Blue => "#6ea8fe",
        Color::Yellow => "#e5c07b",
        Color::Green => "#7fc97f",
        Color::Red => "#f07178",
        Color::Cyan => "#5fd0d0",
        Color::Magenta => "#d19af0",
        _ => INK,
    }
}

fn pixels(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Cells as a picture: each run of letters that look alike where it stands, stretched to its columns, so that any fixed font
/// makes the same picture.
fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (pixels(columns * WIDE + 2000), pixels(rows * HIGH + 2000));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n\
         <title>The conflict screen of selkie</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let look = |x: u16| (buffer[(x, y)].fg, buffer[(x, y)].modifier);
            let start = x;
            let mut text = String::new();
            while x < buffer.area.width && look(x) == look(start) {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            run(&mut svg, &buffer[(start, y)], (start, y), usize::from(x - start), &text);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A run of letters that look alike.
fn run(svg: &mut String, cell: &Cell, (x, y): (u16, u16), columns: usize, text: &str) {
    let has = |modifier| cell.modifier.contains(modifier);
    let is_reversed = has(Modifier::REVERSED);
    let (x, y) = (usize::from(x) * WIDE + 1000, usize::from(y) * HIGH + 1000);
    let (ink, length) = (colour(cell), pixels(columns * WIDE));
    if is_reversed {
        writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{length}\" height=\"{}\" fill=\"{ink}\"/>",
            pixels(x),
            pixels(y),
            pixels(HIGH)
        )
        .unwrap();
    }
    if text.trim().is_empty() {
        return;
    }
    let mut style = format!("fill=\"{}\"", if is_reversed { PAPER } else { ink });
    for (modifier, said) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\"0.6\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if has(modifier) {
            style.push_str(said);
        }
    }
    writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" {style}>{}</text>",
        pixels(x),
        pixels(y + 1300),
        escaped(text)
    )
    .unwrap();
}

#[test]
fn the_picture_in_the_readme_is_the_screen() {
    let mut person = Person::at(day());
    person.press("n 2 K");
    let drawn = svg(&cells(&person.settle, Palette::Coloured, 120, 32));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens/conflicts.svg");
    if env::var_os("SELKIE_WRITE_DOCS").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, drawn, "it is stale: the doc of this file says how it is drawn anew");
}
