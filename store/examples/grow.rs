//! Makes a folder of source-like text: `grow FOLDER FILES MIB`. The same arguments give the same bytes.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use selkie_store::{Kind, ObjectId};

const ENDINGS: [&str; 6] = ["rs", "c", "h", "md", "toml", "js"];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, files, mib] = &args[..] else { return Err("usage: grow FOLDER FILES MIB".into()) };
    let (files, mib): (u64, u64) = (files.parse()?, mib.parse()?);
    let mean = (mib << 20) / files;
    let mut lots = Lots(1);
    for number in 0..files {
        // Most files are small, a few are long: the square of an even draw, tripled, has the mean.
        let draw = lots.below(1000) + 1;
        let length = 3 * mean * draw * draw / 1_000_000;
        let ending = usize::try_from(lots.below(ENDINGS.len() as u64))?;
        let path = place(Path::new(folder), number, ENDINGS[ending]);
        fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
        fs::write(&path, text(&mut lots, number / 300, length))?;
    }
    Ok(())
}

fn place(folder: &Path, number: u64, ending: &str) -> PathBuf {
    folder.join(format!("part{}/unit{}/file{number}.{ending}", number / 1000, number / 60))
}

/// Lines of words: some of the language, some of the part, some of this line alone.
fn text(lots: &mut Lots, part: u64, length: u64) -> String {
    let mut text = String::new();
    while (text.len() as u64) < length {
        let indent = "    ".repeat(usize::try_from(lots.below(4)).unwrap_or_default());
        text.push_str(&indent);
        for _ in 0..=lots.below(7) {
            let word = match lots.below(20) {
                0..11 => word(lots.below(90), 0),
                11..19 => word(lots.below(900), part + 1),
                _ => word(lots.below(u64::MAX), 0),
            };
            text.push_str(&word);
            text.push_str(
                [" ", "(", ", ", " = ", "."][usize::try_from(lots.below(5)).unwrap_or(0)],
            );
        }
        text.push_str(";\n");
    }
    text
}

fn word(number: u64, part: u64) -> String {
    let seed = [number.to_le_bytes(), part.to_le_bytes()].concat();
    let letters = ObjectId::of(Kind::Blob, &seed).to_string();
    letters[..3 + usize::try_from(number % 9).unwrap_or_default()].to_owned()
}

/// A seeded source of numbers: `SplitMix64`.
struct Lots(u64);

impl Lots {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
