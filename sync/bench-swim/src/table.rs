//! The table.

use crate::measure::Figures;

/// What stands above it.
pub(crate) const HEAD: &str = "\
| members | loss | | found: median | worst | all know after that: median | worst | false deaths | messages | bytes |
| --: | --: | --- | --: | --: | --: | --: | --: | --: | --: |";

/// One line of it.
pub(crate) fn line(name: &str, size: usize, loss: u32, figures: &Figures) -> String {
    let Figures { found, known, deaths, node_periods, messages, bytes } = figures;
    let known = known
        .map(|known| known.map_or_else(|| "not all".to_owned(), |known| format!("{known:.1}")));
    let deaths = match deaths {
        0 => format!("0 in {node_periods}"),
        _ => format!("{:.0e}", *deaths as f64 / *node_periods as f64),
    };
    let [median, worst] = found.map(|found| format!("{found:.1}"));
    let [known_median, known_worst] = known;
    format!(
        "| {size} | {loss} % | {name} | {median} | {worst} | {known_median} | {known_worst} | {deaths} | {messages:.2} | {bytes:.0} |"
    )
}
