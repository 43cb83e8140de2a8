//! `studwork convert`: a design in another format, chosen by the extension of the output.

use super::Outcome;
use super::args::ConvertArgs;
use super::session::{Session, spinner};
use crate::disk;
use anyhow::{Result, anyhow, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use studwork_core::exchange::{self, ExportScene, ListedPart, Placed};
use studwork_core::{Catalog, ColorDef, ColorRef, Design, Palette, PartId};

/// Reads, converts, writes. Warnings of the input, missing parts and colors are findings.
pub(super) fn convert(args: &ConvertArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    // The format is known before anything is read, so that a typing error costs no time.
    Format::of(&args.output)?;
    let session = Session::open(ldraw)?;
    let loaded = session.load(&args.input)?;
    let findings = session.report(&args.input, &loaded);
    let progress = spinner("writing");
    let warnings = write_design(&loaded.design, &args.output, &session.catalog, &session.palette)?;
    progress.finish_and_clear();
    warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    Ok(Outcome::from_findings(!warnings.is_empty() || findings == Outcome::Findings))
}

/// Writes a design in the format that the extension of `path` names: `.ron`, `.ldr`, `.mpd`, `.glb`, `.obj` (with its
/// `.mtl`), `.stl`, `.csv`, `.xml`. Gives what the user should know about the result.
pub fn write_design(design: &Design, path: &Path, catalog: &Catalog, palette: &Palette) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let write = |path: &Path, bytes: &[u8]| disk::write_atomically(path, bytes).map_err(anyhow::Error::new);
    match Format::of(path)? {
        Format::Ron => write(path, studwork_core::to_ron(design).as_bytes())?,
        Format::Ldraw => write(path, &studwork_ldraw::write(&studwork_core::to_ldraw(design)))?,
        format @ (Format::Glb | Format::Obj | Format::Stl) => {
            let color = |color: ColorRef| palette.resolve(color);
            let scene = scene(design, catalog, &color);
            match format {
                Format::Glb => write(path, &exchange::to_glb(&scene).map_err(|error| anyhow!(error))?)?,
                Format::Stl => write(path, &exchange::to_stl(&scene).map_err(|error| anyhow!(error))?)?,
                _ => {
                    let materials = path.with_extension("mtl");
                    let name = materials.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let files = exchange::to_obj(&scene, &name);
                    write(&materials, files.mtl.as_bytes())?;
                    write(path, files.obj.as_bytes())?;
                }
            }
        }
        Format::Csv => write(path, exchange::to_csv(&rows(design, catalog, palette)).as_bytes())?,
        Format::BrickLink => {
            let rows = rows(design, catalog, palette);
            let (xml, open_colors) = exchange::to_bricklink_xml(&rows);
            write(path, xml.as_bytes())?;
            warnings.extend(open_colors);
            let own = rows.iter().filter(|row| catalog.info(&row.part).is_none()).map(|row| row.part.as_str());
            let own: BTreeSet<&str> = own.collect();
            warnings
                .extend(own.into_iter().map(|part| format!("part {part} is in no catalog; a store will not know it")));
        }
    }
    Ok(warnings)
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Format {
    Ron,
    Ldraw,
    Glb,
    Obj,
    Stl,
    Csv,
    BrickLink,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        Ok(match extension.as_deref() {
            Some("ron") => Self::Ron,
            Some("ldr" | "mpd") => Self::Ldraw,
            Some("glb") => Self::Glb,
            Some("obj") => Self::Obj,
            Some("stl") => Self::Stl,
            Some("csv") => Self::Csv,
            Some("xml") => Self::BrickLink,
            _ => bail!(
                "{}: cannot write this kind of file; known are .ron .ldr .mpd .glb .obj .stl .csv .xml",
                path.display()
            ),
        })
    }
}

fn scene<'a>(design: &Design, catalog: &Catalog, color: &'a dyn Fn(ColorRef) -> ColorDef) -> ExportScene<'a> {
    let mut placed = Vec::new();
    design.flatten(design.main(), &mut |flat| {
        placed.push(Placed { part: flat.part.clone(), color: flat.color, transform: flat.transform });
    });
    let mut parts: Vec<PartId> = placed.iter().map(|piece| piece.part.clone()).collect();
    parts.sort();
    parts.dedup();
    let view = catalog.design_view(design);
    view.meshes(&parts);
    ExportScene::new(design.title(), placed, &|part| view.mesh_or_placeholder(part), color)
}

/// The parts list: by part, then by color.
fn rows(design: &Design, catalog: &Catalog, palette: &Palette) -> Vec<ListedPart> {
    let mut counts: BTreeMap<(PartId, ColorRef), u64> = BTreeMap::new();
    design.flatten(design.main(), &mut |flat| {
        *counts.entry((flat.part.clone(), flat.color)).or_default() += 1;
    });
    let view = catalog.design_view(design);
    counts
        .into_iter()
        .map(|((part, color), quantity)| ListedPart {
            name: view.info(&part).map(|info| info.name).unwrap_or_default(),
            part,
            color,
            color_name: palette.resolve(color).name,
            quantity,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Format;
    use std::path::Path;

    #[test]
    fn the_extension_decides_in_any_letter_case() {
        assert_eq!(Format::of(Path::new("a/b.GLB")).ok(), Some(Format::Glb));
        assert_eq!(Format::of(Path::new("b.xml")).ok(), Some(Format::BrickLink));
        assert!(Format::of(Path::new("b.lxf")).is_err());
        assert!(Format::of(Path::new("b")).is_err());
    }
}
