//! A package from a design, what its creator says, and pictures that somebody else has drawn.

use super::{COVER, LDRAW, MODEL, Manifest, PARTS, picture_path, sha256_hex, turntable_path, write_package};
use crate::exchange::{ListedPart, to_csv};
use crate::{Catalog, ColorRef, Design, Palette, PartId, to_ldraw, to_ron};
use std::collections::BTreeMap;

/// PNG files for a package.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pictures {
    /// The square that stands for the project.
    pub cover: Vec<u8>,
    /// Further pictures, in order.
    pub pictures: Vec<Vec<u8>>,
    /// Frames once around the model, all of one size.
    pub turntable: Vec<Vec<u8>>,
}

/// A package that was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Packed {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its manifest, with the list of files.
    pub manifest: Manifest,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// More than an archive can hold.
    #[error("the package cannot be written: {0}; use fewer or smaller pictures")]
    Archive(#[from] zip::result::ZipError),
}

/// Packs a design. What the rules find is not looked at: a package is written in any case, so that it can be looked into. The same
/// input gives the same bytes.
///
/// # Errors
/// There is more than an archive can hold.
pub fn pack(
    design: &Design,
    manifest: &Manifest,
    pictures: &Pictures,
    catalog: &Catalog,
    palette: &Palette,
) -> Result<Packed, PackError> {
    let mut files = BTreeMap::from([
        (MODEL.to_owned(), to_ron(design).into_bytes()),
        (LDRAW.to_owned(), studwork_ldraw::write(&to_ldraw(design))),
        (PARTS.to_owned(), to_csv(&listed_parts(design, catalog, palette)).into_bytes()),
    ]);
    if !pictures.cover.is_empty() {
        files.insert(COVER.to_owned(), pictures.cover.clone());
    }
    files.extend(pictures.pictures.iter().enumerate().map(|(i, png)| (picture_path(i + 1), png.clone())));
    files.extend(pictures.turntable.iter().enumerate().map(|(i, png)| (turntable_path(i), png.clone())));
    let (bytes, manifest) = write_package(manifest, &files)?;
    Ok(Packed { sha256: sha256_hex(&bytes), bytes, manifest })
}

/// The parts list of the whole design: by part, then by color, with names.
pub fn listed_parts(design: &Design, catalog: &Catalog, palette: &Palette) -> Vec<ListedPart> {
    let mut counts: BTreeMap<(PartId, ColorRef), u64> = BTreeMap::new();
    design.flatten(design.main(), &mut |flat| {
        *counts.entry((flat.part.clone(), flat.color)).or_default() += 1;
    });
    let view = catalog.design_view(design);
    let row = |((part, color), quantity): ((PartId, ColorRef), u64)| ListedPart {
        name: view.info(&part).map(|info| info.name).unwrap_or_default(),
        part,
        color,
        color_name: palette.resolve(color).name,
        quantity,
    };
    counts.into_iter().map(row).collect()
}
