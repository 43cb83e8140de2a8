//! Prints how well the connectors found in parts agree with a shadow library, and which parts differ:
//! `connectors [HOW_MANY]`, with `STUDWORK_LDRAW`, `STUDWORK_SHADOW` and `STUDWORK_PARTS_TABLE` (a table of parts, the most
//! used first, the number in the second column) set.

use std::path::PathBuf;
use studwork_core::connect::{Agreement, ShadowLibrary};
use studwork_ldraw::Library;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let most = std::env::args().nth(1).map_or(Ok(300), |count| count.parse())?;
    let library = Library::open(&Library::locate(None).ok_or("STUDWORK_LDRAW is not set")?)?;
    let shadow = ShadowLibrary::open(&ShadowLibrary::locate(None).ok_or("STUDWORK_SHADOW is not set")?)?;
    let path = std::env::var_os("STUDWORK_PARTS_TABLE").map(PathBuf::from).ok_or("STUDWORK_PARTS_TABLE is not set")?;
    let table = std::fs::read_to_string(path)?;
    let parts: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).take(most).collect();
    let (bad, all) = (shadow.warnings().len(), shadow.line_count());
    let read = 100.0 * (all - bad) as f32 / all.max(1) as f32;
    let agreement = Agreement::of(&library, &shadow, &parts);
    #[expect(clippy::print_stdout, reason = "an example")]
    {
        println!("shadow library: {} of {all} lines read without a warning ({read:.1} %)", all - bad);
        print!("{agreement}");
    }
    Ok(())
}
