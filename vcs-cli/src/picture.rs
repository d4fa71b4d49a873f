//! A text as a picture that a camera reads from a terminal: a QR code.

use qrcodegen::{QrCode, QrCodeEcc};

#[cfg(test)]
#[path = "../tests/it/camera.rs"]
mod camera;

/// Two rows of dots in each line. Light dots are drawn and dark ones are left out, as terminals are dark that have no colours.
pub(crate) struct Picture(QrCode);

/// Dots around the picture that are light: cameras find it by them.
const EDGE: i32 = 4;

impl Picture {
    /// The picture of this text; none if it is longer than one holds, which is some 2 900 bytes.
    pub(crate) fn of(text: &str) -> Option<Self> {
        // What a terminal shows is not scratched, and smaller is easier to hold in front of a camera.
        QrCode::encode_text(text, QrCodeEcc::Low).ok().map(Self)
    }

    /// From top to bottom, all as wide.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let dots = || -EDGE..self.0.size() + EDGE;
        // Whatever is outside of it is light.
        let is_light = |x, y| !self.0.get_module(x, y);
        dots().step_by(2).map(move |y| {
            // The last row may have none below it, which would be light.
            dots().map(|x| drawn([is_light(x, y), is_light(x, y + 1)])).collect()
        })
    }
}

/// One dot above another, each light or dark.
const fn drawn(is_light: [bool; 2]) -> char {
    match is_light {
        [true, true] => '█',
        [true, false] => '▀',
        [false, true] => '▄',
        [false, false] => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::camera::seen;

    #[test]
    fn a_camera_reads_what_was_drawn() {
        // As long as invitations are with one address, with eight of the new kind, and none.
        for len in [150, 440, 1] {
            let text: String = ('a'..='z').cycle().take(len).collect();
            let lines: Vec<_> = Picture::of(&text).unwrap().lines().collect();
            assert_eq!(seen(&lines), text);
        }
    }

    #[test]
    fn it_is_as_wide_as_a_terminal_is() {
        let text = "a".repeat(400);
        let lines: Vec<_> = Picture::of(&text).unwrap().lines().collect();
        assert_eq!(lines[0].chars().count(), 77);
        assert!(lines.iter().all(|line| line.chars().count() == 77), "all as wide");
        assert_eq!(lines.len(), 39);
    }

    #[test]
    fn what_is_too_long_has_no_picture() {
        assert!(Picture::of(&"a".repeat(3_000)).is_none());
    }
}
