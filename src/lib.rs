//! Studwork, a desktop brick-model designer: the application and its command line.
//!
//! [`StudworkPlugin`] is the editor without a window; [`designer`] opens one. What is true of a design lives in
//! `studwork-core`; here it is shown, and actions change it.

pub mod cli;
pub mod designer;
pub mod disk;
pub mod document;
pub mod feedback;
pub mod files;
pub mod panels;
pub mod picture;
pub mod projection;
pub mod script;
pub mod settings;
pub mod submission;
pub mod third_party;
pub mod tools;
pub mod viewport;

use bevy::prelude::*;
use std::sync::Arc;
use studwork_core::{Catalog, Palette};

/// The order of a frame: what came in, the one change, what follows from it.
#[derive(SystemSet, Debug, Clone, PartialEq, Eq, Hash)]
pub enum EditorSystems {
    /// Pointer, finished background work, scripts: they send actions.
    Input,
    /// The only system that changes the design.
    Commit,
    /// The index of what is drawn follows the changes.
    Project,
    /// Camera, texture, files, title: what looks at the result.
    React,
}

/// The editor: everything but window and panels, so that tests run it without either.
pub struct StudworkPlugin;

impl Plugin for StudworkPlugin {
    fn build(&self, app: &mut App) {
        app.configure_sets(
            Update,
            (EditorSystems::Input, EditorSystems::Commit, EditorSystems::Project, EditorSystems::React).chain(),
        );
        let catalog = Arc::new(Catalog::built_in());
        let parts = projection::Parts(catalog);
        app.insert_resource(projection::Projection::new(&parts))
            .insert_resource(parts)
            .insert_resource(projection::Colors(Arc::new(Palette::built_in())))
            .init_resource::<settings::Settings>()
            .init_resource::<feedback::Notices>()
            .init_resource::<feedback::OpenDialog>()
            .init_resource::<feedback::Jobs>()
            .init_resource::<panels::PanelRequests>();
        document::plugin(app);
        projection::plugin(app);
        viewport::plugin(app);
        tools::plugin(app);
        files::plugin(app);
        script::plugin(app);
    }
}
