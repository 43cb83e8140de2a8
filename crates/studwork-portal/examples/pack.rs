//! Packs a design with the PNG files of a folder, to try a portal with: `cover.png`, `p*.png` (pictures), `t*.png` (turntable).
//! Usage: `pack DESIGN.ron PICTURES/ OUT.studpkg META.json`.

use std::path::Path;

use studwork_core::package::{Manifest, Meta, Pictures, pack};
use studwork_core::{Catalog, Palette, from_ron};

fn pictures(folder: &Path, first: char) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut paths: Vec<_> = folder.read_dir()?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let wanted = paths.iter().filter(|path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(first) && name.ends_with(".png"))
    });
    Ok(wanted.map(std::fs::read).collect::<Result<_, _>>()?)
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [design, folder, out, meta] = arguments.as_slice() else {
        anyhow::bail!("pack DESIGN.ron PICTURES/ OUT.studpkg META.json")
    };
    let design = from_ron(&std::fs::read_to_string(design)?)?.value;
    let meta: Meta = serde_json::from_slice(&std::fs::read(meta)?)?;
    let folder = Path::new(folder);
    let pictures = Pictures {
        cover: std::fs::read(folder.join("cover.png"))?,
        pictures: pictures(folder, 'p')?,
        turntable: pictures(folder, 't')?,
    };
    let manifest = Manifest::from_design(&design).with(meta);
    let packed = pack(&design, &manifest, &pictures, &Catalog::built_in(), &Palette::built_in())?;
    std::fs::write(out, packed.bytes)?;
    Ok(())
}
