//! A camera, held in front of a terminal.

/// What a camera reads that sees these lines.
pub(crate) fn seen(lines: &[String]) -> String {
    let rows: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    // Each dot as three by three: a camera sees more than one of each.
    let (width, height) = (rows[0].len() * 3, rows.len() * 6);
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let light = if (y / 3) % 2 == 0 { ['█', '▀'] } else { ['█', '▄'] };
        if light.contains(&rows[y / 6][x / 3]) { 255 } else { 0 }
    });
    let grids = seen.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}
