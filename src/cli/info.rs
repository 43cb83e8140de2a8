//! `studwork info`: what is in a design.

use super::Outcome;
use super::args::InfoArgs;
use super::session::{self, Session, bar};
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;
use std::path::Path;
use studwork_core::{Bounds, ColorRef, Design, PartId};
use studwork_ldraw::Warning;

/// Prints the facts of a design; warnings and missing parts are findings.
pub(super) fn info(args: &InfoArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let session = Session::open(ldraw)?;
    let loaded = session.load(&args.input)?;
    let facts = Facts::of(&loaded.design, &session);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &facts.json(&loaded.warnings))?;
        writeln!(out)?;
    } else {
        write!(out, "{}", facts.text(&session))?;
        session::report_warnings(&args.input, &loaded.warnings);
    }
    out.flush()?;
    Ok(Outcome::from_findings(!loaded.warnings.is_empty() || !facts.missing_parts.is_empty()))
}

struct Facts {
    title: String,
    author: String,
    pieces: usize,
    unique_parts: usize,
    submodels: usize,
    steps: usize,
    /// How many pieces have each color.
    colors: BTreeMap<ColorRef, usize>,
    missing_parts: Vec<String>,
    bounds: Bounds,
}

impl Facts {
    fn of(design: &Design, session: &Session) -> Self {
        let mut colors = BTreeMap::new();
        let mut parts: BTreeSet<PartId> = BTreeSet::new();
        let mut pieces = 0;
        design.flatten(design.main(), &mut |flat| {
            pieces += 1;
            *colors.entry(flat.color).or_default() += 1;
            if !parts.contains(flat.part) {
                parts.insert(flat.part.clone());
            }
        });
        Self {
            title: design.title().to_owned(),
            author: design.author().to_owned(),
            pieces,
            unique_parts: parts.len(),
            submodels: design.submodels().count(),
            steps: design.submodels().map(|submodel| submodel.steps.len()).sum(),
            colors,
            missing_parts: session::missing_parts(design, &session.catalog),
            bounds: bounds(design, session, &parts),
        }
    }

    fn json(&self, warnings: &[Warning]) -> Value {
        let warnings: Vec<Value> =
            warnings.iter().map(|warning| json!({"line": warning.line, "message": warning.message})).collect();
        let bounds = (!self.bounds.is_empty())
            .then(|| json!({"min": self.bounds.min.to_array(), "max": self.bounds.max.to_array()}));
        json!({
            "title": self.title,
            "author": self.author,
            "pieces": self.pieces,
            "unique_parts": self.unique_parts,
            "submodels": self.submodels,
            "steps": self.steps,
            "colors": self.colors.len(),
            "missing_parts": self.missing_parts,
            "bounds_ldu": bounds,
            "warnings": warnings,
        })
    }

    fn text(&self, session: &Session) -> String {
        let mut lines = vec![
            ("title", self.title.clone()),
            ("author", self.author.clone()),
            ("pieces", self.pieces.to_string()),
            ("unique parts", self.unique_parts.to_string()),
            ("submodels", self.submodels.to_string()),
            ("steps", self.steps.to_string()),
        ];
        let mut colors: Vec<_> = self.colors.iter().collect();
        colors.sort_by_key(|&(color, count)| (usize::MAX - count, *color));
        let colors: Vec<String> = colors
            .into_iter()
            .map(|(color, count)| format!("{} {count}", session.palette.resolve(*color).name.replace('_', " ")))
            .collect();
        lines.push(("colors", format!("{} ({})", self.colors.len(), colors.join(", "))));
        if !self.bounds.is_empty() {
            let size = self.bounds.size();
            // 20 LDU are a stud's pitch, 8 mm.
            lines.push((
                "size",
                format!(
                    "{:.0} × {:.0} × {:.0} LDU, {:.1} × {:.1} × {:.1} cm (wide × high × deep)",
                    size.x,
                    size.y,
                    size.z,
                    size.x * 0.04,
                    size.y * 0.04,
                    size.z * 0.04
                ),
            ));
        }
        if !self.missing_parts.is_empty() {
            lines.push(("missing parts", self.missing_parts.join(" ")));
        }
        lines
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name:<14}{value}\n"))
            .collect()
    }
}

/// The box around every part where it stands, exact also for turned parts.
fn bounds(design: &Design, session: &Session, parts: &BTreeSet<PartId>) -> Bounds {
    let view = session.catalog.design_view(design);
    let progress = bar("loading parts", parts.len());
    let ids: Vec<PartId> = parts.iter().cloned().collect();
    let mut meshes = HashMap::new();
    for group in ids.chunks(64) {
        view.meshes(group);
        meshes.extend(group.iter().map(|id| (id.clone(), view.mesh_or_placeholder(id))));
        progress.inc(group.len() as u64);
    }
    progress.finish_and_clear();
    let mut bounds = Bounds::EMPTY;
    design.flatten(design.main(), &mut |flat| {
        let mesh = &meshes[flat.part];
        let around = mesh.bounds.transformed(&flat.transform);
        // The box of a turned box is larger than the part; look closer only where that could matter.
        if bounds.contains(around.min) && bounds.contains(around.max) {
            return;
        }
        if studwork_core::is_right_angle(&flat.transform.matrix3.into()) || mesh.vertices.is_empty() {
            bounds = bounds.union(around);
        } else {
            let points = mesh.vertices.iter().map(|vertex| flat.transform.transform_point3(vertex.position.into()));
            bounds = bounds.union(Bounds::from_points(points));
        }
    });
    bounds
}
