//! Real models, where the environment names them: they pack, they verify, and it takes seconds.

use super::*;
use crate::from_ldraw;
use std::path::PathBuf;
use std::sync::Arc;

fn models() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STUDWORK_MODELS") else {
        eprintln!("STUDWORK_MODELS is not set; real models are not packed");
        return Vec::new();
    };
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "mpd" || extension == "ldr"));
    files.sort();
    files
}

#[test]
fn real_models_pack_and_verify_in_seconds() {
    let library = studwork_ldraw::Library::locate(None);
    let library = library.and_then(|path| studwork_ldraw::Library::open(&path).ok()).map(Arc::new);
    let own = library.clone().map(|library| (Palette::with_library(library.colors()), Catalog::with_library(library)));
    let (palette, catalog) = own.as_ref().map_or((&*PALETTE, &*CATALOG), |(palette, catalog)| (palette, catalog));
    for path in models() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = std::fs::read(&path).expect("a model can be read");
        let document = studwork_ldraw::parse(&bytes, &name).expect("a model is LDraw").value;
        let design = from_ldraw(&document, &|_| true).expect("a model is a design").value;
        let manifest = manifest_of(&starter("welcome"));
        let packed = pack(&design, &manifest, &pictures(), catalog, palette).expect("it can be written");
        let context = Context { catalog, palette, parent: None };
        // The first time loads the parts.
        let start = std::time::Instant::now();
        let first = verify(&packed.bytes, &Policy::default(), &context).report;
        let cold = start.elapsed();
        let start = std::time::Instant::now();
        let report = verify(&packed.bytes, &Policy::default(), &context).report;
        let warm = start.elapsed();
        assert_eq!(report, first);
        let pieces = report.facts.pieces.unwrap_or_default();
        eprintln!(
            "{name}: {pieces} pieces, {} KiB, {:.2} s first, {:.2} s again, {}: {:?}",
            packed.bytes.len() >> 10,
            cold.as_secs_f32(),
            warm.as_secs_f32(),
            report.summary(),
            report.errors().map(|finding| finding.rule.as_str()).collect::<std::collections::BTreeSet<_>>(),
        );
        for rule in [
            Rule::LdrawDiffers,
            Rule::PartsListDiffers,
            Rule::DesignUnreadable,
            Rule::PiecesPiledUp,
            Rule::EmbeddedTooHeavy,
        ] {
            assert!(!report.has(rule), "{name}: {:#?}", report.findings);
        }
        assert_eq!(report.has(Rule::TooFewPieces), pieces < 200, "{name}");
        assert_eq!(report.has(Rule::TooManyPieces), pieces > 5_000, "{name}");
        assert!(report.facts.islands.is_some(), "{name}: it was checked");
    }
}
