//! `studwork convert`: a design in another format, chosen by the extension of the output.

use super::Outcome;
use super::args::ConvertArgs;
use super::session::{self, Session, spinner};
use crate::disk;
use anyhow::{Context as _, Result, anyhow, bail};
use std::collections::BTreeMap;
use std::path::Path;
use studwork_core::exchange::{self, ExportScene, PartsRow, Placed};
use studwork_core::{ColorRef, Design, PartId};

/// Reads, converts, writes. Warnings of the input, missing parts and colors are findings.
pub fn convert(args: &ConvertArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    // The format is known before anything is read, so that a typing error costs no time.
    let format = Format::of(&args.output)?;
    let session = Session::open(ldraw)?;
    let loaded = session.load(&args.input)?;
    let design = &loaded.design;
    let mut findings = session::report(&args.input, &loaded.warnings) == Outcome::Findings;
    let progress = spinner("writing");
    let write = |path: &Path, bytes: &[u8]| {
        disk::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    match format {
        Format::Ron => write(&args.output, studwork_core::to_ron(design).as_bytes())?,
        Format::Ldraw => write(&args.output, &studwork_ldraw::write(&studwork_core::to_ldraw(design)))?,
        Format::Glb | Format::Obj | Format::Stl => {
            let missing = session::missing_parts(design, &session.catalog);
            findings |= session::report_missing(&missing) == Outcome::Findings;
            let color = |color: ColorRef| session.palette.resolve(color);
            let scene = scene(design, &session, &color);
            match format {
                Format::Glb => write(&args.output, &exchange::to_glb(&scene).map_err(|error| anyhow!(error))?)?,
                Format::Stl => write(&args.output, &exchange::to_stl(&scene).map_err(|error| anyhow!(error))?)?,
                _ => {
                    let materials = args.output.with_extension("mtl");
                    let name = materials.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let files = exchange::to_obj(&scene, &name);
                    write(&materials, files.mtl.as_bytes())?;
                    write(&args.output, files.obj.as_bytes())?;
                }
            }
        }
        Format::Csv => write(&args.output, exchange::to_csv(&rows(design, &session)).as_bytes())?,
        Format::BrickLink => {
            let (xml, warnings) = exchange::to_bricklink_xml(&rows(design, &session));
            write(&args.output, xml.as_bytes())?;
            findings |= !warnings.is_empty();
            warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        }
    }
    progress.finish_and_clear();
    Ok(Outcome::from_findings(findings))
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

fn scene<'a>(
    design: &Design,
    session: &Session,
    color: &'a dyn Fn(ColorRef) -> studwork_core::ColorDef,
) -> ExportScene<'a> {
    let mut placed = Vec::new();
    design.flatten(design.main(), &mut |flat| {
        placed.push(Placed { part: flat.part.clone(), color: flat.color, transform: flat.transform });
    });
    let mut parts: Vec<PartId> = placed.iter().map(|piece| piece.part.clone()).collect();
    parts.sort();
    parts.dedup();
    let view = session.catalog.design_view(design);
    view.meshes(&parts);
    ExportScene::new(design.title(), placed, &|part| view.mesh_or_placeholder(part), color)
}

/// The parts list: by part, then by color.
fn rows(design: &Design, session: &Session) -> Vec<PartsRow> {
    let mut counts: BTreeMap<(PartId, ColorRef), u64> = BTreeMap::new();
    design.flatten(design.main(), &mut |flat| {
        *counts.entry((flat.part.clone(), flat.color)).or_default() += 1;
    });
    let view = session.catalog.design_view(design);
    counts
        .into_iter()
        .map(|((part, color), quantity)| PartsRow {
            name: view.info(&part).map(|info| info.name).unwrap_or_default(),
            part,
            color,
            color_name: session.palette.resolve(color).name,
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
