//! Real parts are tested where `STUDWORK_LDRAW` names a library; the rest works on the built-in shapes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::print_stderr,
    reason = "a skipped test says so, and the agreement with the shadow library is a table"
)]

mod facts;
mod findings;
mod graph;
mod house;
mod models;
mod shadow;
mod snap;

use super::*;

use std::sync::{Arc, OnceLock};
use studwork_ldraw::Library;

/// The user's LDraw library, or nothing (said once) where none is set.
fn library() -> Option<&'static Arc<Library>> {
    static LIBRARY: OnceLock<Option<Arc<Library>>> = OnceLock::new();
    LIBRARY
        .get_or_init(|| {
            let Some(path) = std::env::var_os("STUDWORK_LDRAW") else {
                eprintln!("STUDWORK_LDRAW is not set: tests on real parts are skipped");
                return None;
            };
            Some(Arc::new(Library::open(std::path::Path::new(&path)).unwrap()))
        })
        .as_ref()
}

fn body(number: &str) -> Option<Arc<PartBody>> {
    let library = library()?;
    Some(PartBody::from_files(library.clone(), &format!("{number}.dat"), library.mesh(number)?, None))
}
