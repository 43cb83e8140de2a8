//! The area below the tool bar: panels as tabs that can be dragged, stacked, closed and brought back.

use super::{Layout, PanelState, Shown, theme};
use crate::document::action::{EditorAction, Panel};
use bevy_egui::egui::{self, Ui, WidgetText};
use egui_dock::tab_viewer::OnCloseResponse;
use egui_dock::{AllowedSplits, DockArea, DockState, Node, NodeIndex, Split, TabViewer, Tree};

/// Which panels there are and where. Made from the settings when it is first shown.
#[derive(Default)]
pub struct Dock {
    state: Option<DockState<Panel>>,
    /// What is shown; also while the state is being drawn.
    present: Vec<Panel>,
    width: f32,
    reset: bool,
}

impl Dock {
    /// Whether a panel is shown.
    pub fn has(&self, panel: Panel) -> bool {
        match &self.state {
            Some(state) => state.find_tab(&panel).is_some(),
            None => self.present.contains(&panel),
        }
    }

    /// Shows a panel in front of the tabs beside it.
    pub fn bring_forward(&mut self, panel: Panel) {
        if !self.has(panel) {
            self.toggle(panel);
        }
        if let Some(state) = &mut self.state
            && let Some(path) = state.find_tab(&panel)
        {
            // The tab was found, so its place exists.
            let _ = state.set_active_tab(path);
        }
    }

    /// Shows or hides a panel. The view stays.
    pub fn toggle(&mut self, panel: Panel) {
        let Some(state) = &mut self.state else { return };
        if panel == Panel::View {
            return;
        }
        if let Some(path) = state.find_tab(&panel) {
            state.remove_tab(path);
            return;
        }
        let neighbors: &[Panel] = match panel {
            Panel::Parts => &[Panel::Colors],
            Panel::Library | Panel::Portal => &[Panel::Library, Panel::Parts, Panel::Colors],
            Panel::Colors => &[Panel::Parts],
            Panel::Checks | Panel::TakeApart | Panel::Compare => &[Panel::Checks, Panel::TakeApart, Panel::Compare],
            _ => &[Panel::Properties, Panel::Steps, Panel::PartsList],
        };
        let neighbor = neighbors.iter().find_map(|neighbor| state.find_tab(neighbor));
        let right = [Panel::Properties, Panel::Steps, Panel::PartsList];
        let beside = right.iter().find_map(|panel| state.find_tab(panel)).map(|path| path.node);
        let tree = state.main_surface_mut();
        let new = Node::leaf(panel);
        match (panel, neighbor) {
            (Panel::Library | Panel::Portal, Some(path)) => tree[path.node].append_tab(panel),
            (Panel::Parts, Some(path)) => split(tree, path.node, Split::Above, 0.6, new),
            (Panel::Colors, Some(path)) => split(tree, path.node, Split::Below, 0.6, new),
            (_, Some(path)) => tree[path.node].append_tab(panel),
            // Below what describes the design: side by side their tabs would not have room.
            (Panel::Checks | Panel::TakeApart | Panel::Compare, None) => match beside {
                Some(node) => split(tree, node, Split::Below, 0.42, new),
                None => split(tree, NodeIndex::root(), Split::Right, 0.78, new),
            },
            (Panel::Parts | Panel::Colors | Panel::Library | Panel::Portal, None) => {
                split(tree, NodeIndex::root(), Split::Left, 0.2, new);
            }
            (_, None) => split(tree, NodeIndex::root(), Split::Right, 0.78, new),
        }
    }

    /// Puts the panels back where they were at first.
    pub fn reset(&mut self) {
        self.reset = true;
    }
}

/// Draws all panels into what is left of `ui`.
pub fn dock_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let width = ui.available_width();
    let saved = shown.settings.layout.clone();
    let dock = &mut state.dock;
    if std::mem::take(&mut dock.reset) {
        dock.state = Layout::standard(width).to_dock();
        dock.width = width;
    }
    let mut tree = match dock.state.take() {
        Some(tree) => tree,
        None => saved
            .as_ref()
            .and_then(Layout::to_dock)
            .or_else(|| Layout::standard(width).to_dock())
            .unwrap_or_else(|| DockState::new(vec![Panel::View])),
    };
    if dock.width > 0.0 && (dock.width - width).abs() > 0.5 {
        super::dock_layout::keep_side_widths(tree.main_surface_mut(), NodeIndex::root(), width);
    }
    dock.width = width;
    dock.present = Panel::ALL.into_iter().filter(|panel| tree.find_tab(panel).is_some()).collect();

    let style = theme::dock_style(ui);
    let mut tabs = Tabs { shown, state };
    DockArea::new(&mut tree)
        .id(egui::Id::new("panels"))
        .style(style)
        .show_close_buttons(true)
        .show_leaf_close_all_buttons(false)
        .show_leaf_collapse_buttons(false)
        .show_add_buttons(false)
        .allowed_splits(AllowedSplits::All)
        .show_inside(ui, &mut tabs);

    if !ui.input(|input| input.pointer.any_down()) {
        let layout = Layout::from_dock(&tree);
        if layout.is_some() && layout != shown.settings.layout {
            shown.settings.layout = layout;
        }
    }
    state.dock.state = Some(tree);
}

fn split(tree: &mut Tree<Panel>, at: NodeIndex, side: Split, fraction: f32, new: Node<Panel>) {
    let [_old, _new] = tree.split(at, side, fraction, new);
}

struct Tabs<'a, 'b> {
    shown: &'a mut Shown<'b>,
    state: &'a mut PanelState,
}

impl TabViewer for Tabs<'_, '_> {
    type Tab = Panel;

    fn id(&mut self, tab: &mut Panel) -> egui::Id {
        egui::Id::new(("panel", *tab))
    }

    fn title(&mut self, tab: &mut Panel) -> WidgetText {
        match tab {
            Panel::View if self.shown.document.active() != self.shown.document.design().main() => {
                let name = self.shown.document.design().submodel(self.shown.document.active()).map(|model| &model.name);
                name.map_or("View".into(), |name| name.as_str().into())
            }
            panel => panel.title().into(),
        }
    }

    fn ui(&mut self, ui: &mut Ui, tab: &mut Panel) {
        if *tab == Panel::View {
            super::view::view_ui(ui, self.shown, self.state);
            return;
        }
        let frame = egui::Frame::new().inner_margin(egui::Margin { left: 8, right: 8, top: 8, bottom: 6 });
        frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            match tab {
                Panel::Parts => super::parts::parts_ui(ui, self.shown, self.state),
                Panel::Colors => super::colors::colors_ui(ui, self.shown, self.state),
                Panel::Properties => super::properties::properties_ui(ui, self.shown, self.state),
                Panel::Steps => super::steps::steps_ui(ui, self.shown, self.state),
                Panel::PartsList => super::parts_list::parts_list_ui(ui, self.shown, self.state),
                Panel::Library => super::library::library_ui(ui, self.shown, self.state),
                Panel::TakeApart => super::take_apart::take_apart_ui(ui, self.shown, self.state),
                Panel::Compare => super::compare::compare_ui(ui, self.shown),
                Panel::Portal => super::portal::portal_ui(ui, self.shown, self.state),
                Panel::Checks => super::checks::checks_ui(ui, self.shown, self.state),
                Panel::View => {}
            }
        });
    }

    fn is_closeable(&self, tab: &Panel) -> bool {
        *tab != Panel::View
    }

    fn on_close(&mut self, tab: &mut Panel) -> OnCloseResponse {
        // The action takes it away, as the menu does.
        self.shown.send(EditorAction::TogglePanel(*tab));
        OnCloseResponse::Ignore
    }

    fn allowed_in_windows(&self, _tab: &mut Panel) -> bool {
        false
    }

    fn clear_background(&self, tab: &Panel) -> bool {
        *tab != Panel::View
    }

    fn scroll_bars(&self, _tab: &Panel) -> [bool; 2] {
        [false, false]
    }
}
