//! Everything drawn with egui. [`root`] is the only system that draws; every panel is a function that reads [`Shown`]
//! and sends actions. No panel changes the design.
//!
//! egui may run the interface twice in a frame, so nothing here counts frames or adds up input.

pub mod checks;
pub mod colors;
mod command_palette;
pub mod compare;
pub mod dialogs;
pub mod dock;
mod dock_layout;
mod help;
pub mod icons;
mod keep_dialogs;
pub mod keys;
pub mod library;
mod menu;
mod notices;
pub mod parts;
pub mod parts_list;
pub mod portal;
pub mod properties;
mod properties_design;
pub mod root;
mod status;
pub mod steps;
mod submit;
mod submodels;
pub mod take_apart;
pub mod theme;
pub mod thumbnails;
mod toolbar;
pub mod view;
mod view_cube;
pub mod widgets;

#[cfg(test)]
mod tests;

use crate::checks::Checks;
use crate::compare::Compare;
use crate::document::action::{Availability, EditorAction};
use crate::document::{Brush, Clipboard, Document, Selection};
use crate::feedback::{Jobs, Notices, OpenDialog};
use crate::library::Keep;
use crate::portal_client::PortalDesk;
use crate::settings::Settings;
use crate::take_apart::TakeApart;
use crate::tools::ToolState;
use crate::viewport::{ViewState, Viewport};
use bevy::prelude::Resource;
use bevy_egui::egui;
use std::sync::Arc;
use std::time::{Duration, Instant};
use studwork_core::{Catalog, Palette};

pub use dock_layout::Layout;
pub(crate) use root::plugin;

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
    /// The texture that the 3D view is drawn into; `None` before the first frame.
    pub view_texture: Option<egui::TextureId>,
    /// Short notices.
    pub notices: &'a mut Notices,
    /// The open dialog.
    pub dialog: &'a mut OpenDialog,
    /// Work in the background.
    pub jobs: &'a Jobs,
    /// The last check.
    pub checks: &'a Checks,
    /// The library of originals and what can be recovered.
    pub keep: &'a Keep,
    /// The comparison with the original.
    pub compare: &'a Compare,
    /// The co-creation portal.
    pub portal: &'a PortalDesk,
    /// Taking apart and rebuilding.
    pub mode: &'a TakeApart,
    /// What is available now.
    pub availability: Availability,
    /// What the person asks for.
    pub actions: &'a mut Vec<EditorAction>,
}

impl Shown<'_> {
    /// Asks for something.
    pub fn send(&mut self, action: EditorAction) {
        self.actions.push(action);
    }
}

/// Actions about panels alone, which wait to be taken.
#[derive(Resource, Default)]
pub struct PanelRequests(pub Vec<EditorAction>);

/// What the panels remember from frame to frame and nothing else needs.
#[derive(Resource, Default)]
pub struct PanelState {
    /// Which panels there are and where.
    pub dock: dock::Dock,
    /// The palette of parts.
    pub parts: parts::PartsState,
    /// The palette of colors.
    pub colors: colors::ColorsState,
    /// Properties.
    pub properties: properties::PropertiesState,
    /// Steps and submodels.
    pub steps: steps::StepsState,
    /// The parts list.
    pub parts_list: parts_list::PartsListState,
    /// What a check found.
    pub checks: checks::ChecksState,
    /// The library of originals.
    pub library: library::LibraryState,
    /// The portal.
    pub portal: portal::PortalState,
    /// The submission.
    pub submit: submit::SubmitState,
    /// The 3D view.
    pub view: view::ViewPanelState,
    /// Dialogs.
    pub dialogs: dialogs::DialogState,
    /// Pictures of parts.
    pub thumbnails: thumbnails::Thumbnails,
    /// A line in the status bar for a moment, as when a key did nothing.
    pub hint: Option<(String, Instant)>,
    /// When the window must be drawn again though nothing happens: a notice goes away, work shows its progress.
    pub(crate) wake_at: Option<Instant>,
    /// Frames still to draw after the last input: what it opened shows in the next one.
    pub(crate) settle: u8,
    pub(crate) installed: bool,
}

impl PanelState {
    /// Says something in the status bar for a moment.
    pub fn say(&mut self, text: impl Into<String>) {
        self.hint = Some((text.into(), Instant::now() + Duration::from_secs(4)));
    }

    /// Asks for a frame at this time at the latest.
    pub(crate) fn wake_by(&mut self, time: Instant) {
        self.wake_at = Some(self.wake_at.map_or(time, |known| known.min(time)));
    }

    /// Puts the text cursor into the search of the parts, showing that panel.
    pub fn find_part(&mut self) {
        self.dock.bring_forward(crate::document::action::Panel::Parts);
        self.parts.focus_search = true;
    }
}
