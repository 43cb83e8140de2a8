//! Everything drawn with egui. [`root`] is the only system; every panel is a function that reads [`Shown`] and sends
//! actions. No panel changes the design.

use crate::document::action::{Availability, EditorAction};
use crate::document::{Brush, Clipboard, Document, Selection};
use crate::feedback::{Jobs, Notices, OpenDialog};
use crate::settings::Settings;
use crate::tools::ToolState;
use crate::viewport::{ViewState, Viewport};
use std::sync::Arc;
use studwork_core::{Catalog, Palette};

/// What panels read, and where they put what the person asks for.
pub struct Shown<'a> {
    /// The open design.
    pub document: &'a Document,
    /// The selected pieces.
    pub selection: &'a Selection,
    /// The current color.
    pub brush: &'a Brush,
    /// What was copied.
    pub clipboard: &'a Clipboard,
    /// The parts there are.
    pub catalog: &'a Arc<Catalog>,
    /// The colors there are.
    pub palette: &'a Arc<Palette>,
    /// What is shown and how.
    pub view: &'a ViewState,
    /// The tool and what is in hand.
    pub tools: &'a ToolState,
    /// The user's choices; a change is saved.
    pub settings: &'a mut Settings,
    /// Camera, size and pointer input of the 3D view (the view panel writes the last two).
    pub viewport: &'a mut Viewport,
    /// Short notices.
    pub notices: &'a mut Notices,
    /// The open dialog.
    pub dialog: &'a mut OpenDialog,
    /// Work in the background.
    pub jobs: &'a Jobs,
    /// What is available now.
    pub availability: Availability,
    /// What the person asks for.
    pub actions: &'a mut Vec<EditorAction>,
}

/// Actions that only the panels can take.
#[derive(bevy::prelude::Resource, Default)]
pub struct PanelRequests(pub Vec<EditorAction>);
