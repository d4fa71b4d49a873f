//! Curves on paper where both ways grow tenfold from line to line.

use std::fmt::Write as _;

/// Some curves over one scale.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) curves: Vec<Curve>,
}

/// Values against numbers of nodes.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Readable on white and on black: the colours change with what the reader's system prefers.
const HEAD: &str = "\
<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"sans-serif\" font-size=\"13\">
<style>
  .paper { fill: #ffffff } text { fill: #222222 } .grid { stroke: #dddddd } .curve { fill: none; stroke-width: 2 }
  .c0 { stroke: #1f5fbf } .c1 { stroke: #c2410c } .c2 { stroke: #15803d } .c3 { stroke: #8b2fa8 }
  .dot { stroke-width: 6; stroke-linecap: round }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14161a } text { fill: #e4e4e4 } .grid { stroke: #383c44 }
    .c0 { stroke: #7db2ff } .c1 { stroke: #ff9d6b } .c2 { stroke: #6fd992 } .c3 { stroke: #d79bf0 }
  }
</style>
<rect class=\"paper\" width=\"760\" height=\"{height}\"/>
";

/// Where a panel has its paper, from its own top.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 520.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 280.0;
const HEIGHT: f64 = 340.0;

/// The powers of ten between which all values of a panel are.
struct Scale {
    first: i32,
    last: i32,
    ends: [f64; 2],
}

impl Scale {
    fn of(values: impl Iterator<Item = f64> + Clone, ends: [f64; 2]) -> Self {
        let logs = values.map(|value| value.max(1e-3).log10());
        #[expect(clippy::cast_possible_truncation, reason = "powers of ten are small numbers")]
        let whole = |log: f64| log as i32;
        let first = whole(logs.clone().fold(f64::MAX, f64::min).floor());
        let last = whole(logs.fold(f64::MIN, f64::max).ceil()).max(first + 1);
        Self { first, last, ends }
    }

    fn at(&self, value: f64) -> f64 {
        let part =
            (value.max(1e-3).log10() - f64::from(self.first)) / f64::from(self.last - self.first);
        self.ends[0] + part * (self.ends[1] - self.ends[0])
    }

    /// The lines of the paper: where, and what they are called.
    fn lines(&self) -> impl Iterator<Item = (f64, String)> {
        (self.first..=self.last).map(|power| {
            let value = 10_f64.powi(power);
            (self.at(value), format!("{value}"))
        })
    }
}

/// All panels, one below the other.
pub(crate) fn drawn(panels: &[Panel]) -> String {
    let height = HEIGHT * panels.len() as f64;
    let mut svg = HEAD.replace("{height}", &height.to_string());
    for (at, panel) in panels.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate(0 {})\">", HEIGHT * at as f64);
        draw(&mut svg, panel);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, panel: &Panel) {
    let points = panel.curves.iter().flat_map(|curve| &curve.points);
    let across = Scale::of(points.clone().map(|(count, _)| *count), [LEFT, RIGHT]);
    let up = Scale::of(points.map(|(_, value)| *value), [BOTTOM, TOP]);
    let _ =
        writeln!(svg, "<text x=\"{LEFT}\" y=\"22\" font-weight=\"bold\">{}</text>", panel.title);
    for (x, label) in across.lines() {
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            BOTTOM + 18.0
        );
    }
    for (y, label) in up.lines() {
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 8.0,
            y + 4.0
        );
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">nodes</text>",
        BOTTOM + 38.0
    );
    let names = apart(panel.curves.iter().map(|curve| last(curve, &up)).collect());
    for (number, (curve, name_at)) in panel.curves.iter().zip(names).enumerate() {
        trace(svg, number, curve, [&across, &up], name_at);
    }
}

fn trace(svg: &mut String, number: usize, curve: &Curve, [across, up]: [&Scale; 2], name_at: f64) {
    let spelled: Vec<_> = curve
        .points
        .iter()
        .map(|(count, value)| format!("{:.1} {:.1}", across.at(*count), up.at(*value)))
        .collect();
    let _ = writeln!(svg, "<path class=\"curve c{number}\" d=\"M{}\"/>", spelled.join("L"));
    for point in &spelled {
        let _ = writeln!(svg, "<path class=\"dot c{number}\" d=\"M{point}h0\"/>");
    }
    let end = curve.points.last().map_or(RIGHT, |(count, _)| across.at(*count));
    let _ = writeln!(
        svg,
        "<path class=\"dot c{number}\" d=\"M{:.1} {name_at:.1}h8\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        end + 14.0,
        end + 30.0,
        name_at + 4.0,
        curve.name
    );
}

fn last(curve: &Curve, up: &Scale) -> f64 {
    curve.points.last().map_or(BOTTOM, |(_, value)| up.at(*value))
}

/// The same heights, but none so near to another that their names lie upon each other.
fn apart(heights: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|one, other| heights[*one].total_cmp(&heights[*other]));
    let mut placed = heights;
    let mut free_from = TOP;
    for at in order {
        placed[at] = placed[at].max(free_from);
        free_from = placed[at] + 18.0;
    }
    placed
}
