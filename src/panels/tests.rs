//! Panels in a window without a screen: what a click or a key asks for, and that nothing falls off the edge.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod portal;

use super::{PanelState, Shown, root};
use crate::document::action::{ACTIONS, EditorAction, Menu, Panel};
use crate::document::commit::availability;
use crate::document::{Brush, Clipboard, Document, Selection};
use crate::feedback::{Dialog, Jobs, Notices, OpenDialog, PathPurpose};
use crate::settings::Settings;
use crate::tools::ToolState;
use crate::viewport::{ViewState, Viewport};
use bevy_egui::egui::{self, Key, Modifiers, PointerButton, Pos2, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use glam::Vec3;
use std::sync::Arc;
use studwork_core::{Catalog, ColorRef, Design, Edit, NewPiece, Palette, PartId, PieceId, Pose};

/// Everything that panels read, with nothing else of the program.
struct Bench {
    document: Document,
    selection: Selection,
    brush: Brush,
    clipboard: Clipboard,
    catalog: Arc<Catalog>,
    palette: Arc<Palette>,
    view: ViewState,
    tools: ToolState,
    settings: Settings,
    viewport: Viewport,
    notices: Notices,
    dialog: OpenDialog,
    jobs: Jobs,
    checks: crate::checks::Checks,
    keep: crate::library::Keep,
    mode: crate::take_apart::TakeApart,
    compare: crate::compare::Compare,
    portal: crate::portal_client::PortalDesk,
    state: PanelState,
    actions: Vec<EditorAction>,
    /// Every input of the view that was more than a resting pointer.
    inputs: Vec<crate::viewport::PointerInput>,
}

impl Bench {
    fn new(design: Design) -> Self {
        Self {
            document: Document::new(design, None, None),
            selection: Selection::default(),
            brush: Brush::default(),
            clipboard: Clipboard::default(),
            catalog: Arc::new(Catalog::built_in()),
            palette: Arc::new(Palette::built_in()),
            view: ViewState::default(),
            tools: ToolState::default(),
            settings: Settings::default(),
            viewport: Viewport::default(),
            notices: Notices::default(),
            dialog: OpenDialog::default(),
            jobs: Jobs::default(),
            checks: crate::checks::Checks::default(),
            keep: crate::library::Keep::default(),
            mode: crate::take_apart::TakeApart::default(),
            compare: crate::compare::Compare::default(),
            portal: crate::portal_client::PortalDesk::default(),
            state: PanelState::default(),
            actions: Vec::new(),
            inputs: Vec::new(),
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        let availability =
            availability(&self.document, &self.selection, &self.clipboard, &self.view, &self.tools, &self.keep);
        let mut shown = Shown {
            document: &self.document,
            selection: &self.selection,
            brush: &self.brush,
            clipboard: &self.clipboard,
            catalog: &self.catalog,
            palette: &self.palette,
            view: &self.view,
            tools: &self.tools,
            settings: &mut self.settings,
            viewport: &mut self.viewport,
            view_texture: None,
            notices: &mut self.notices,
            dialog: &mut self.dialog,
            jobs: &self.jobs,
            checks: &self.checks,
            keep: &self.keep,
            mode: &self.mode,
            compare: &self.compare,
            portal: &self.portal,
            availability,
            actions: &mut self.actions,
        };
        root::root_ui(ui, &mut shown, &mut self.state);
        let input = &self.viewport.input;
        if input.pressed || input.held || input.released || input.second_held || input.scroll.y != 0.0 {
            self.inputs.push(input.clone());
        }
    }
}

/// Three pieces in two steps.
fn small_design() -> Design {
    let mut design = Design::new();
    let submodel = design.main();
    let piece =
        |part: &str, color: u32, x: f32| NewPiece::part(part, ColorRef::Code(color), Pose::at(Vec3::new(x, 0.0, 0.0)));
    let pieces = vec![piece("3001", 4, 0.0), piece("3001", 4, 80.0)];
    design.apply(Edit::AddPieces { submodel, step: None, pieces }).unwrap();
    design.apply(Edit::AddStep { submodel, at: 1 }).unwrap();
    design.apply(Edit::AddPieces { submodel, step: None, pieces: vec![piece("3003", 1, 160.0)] }).unwrap();
    design
}

fn window(bench: Bench, size: Vec2) -> Harness<'static, Bench> {
    let mut harness = Harness::builder().with_size(size).with_max_steps(12).build_ui_state(
        |ui, bench: &mut Bench| {
            // The harness draws a frame of its own around; the window has none.
            let whole = ui.ctx().viewport_rect();
            let mut root = ui.new_child(egui::UiBuilder::new().max_rect(whole));
            root.set_clip_rect(whole);
            bench.ui(&mut root);
        },
        bench,
    );
    harness.run_steps(3);
    harness
}

fn standard() -> Harness<'static, Bench> {
    window(Bench::new(small_design()), vec2(1440.0, 900.0))
}

fn sent(harness: &mut Harness<'static, Bench>) -> Vec<EditorAction> {
    std::mem::take(&mut harness.state_mut().actions)
}

fn select(harness: &mut Harness<'static, Bench>, pieces: &[u32]) {
    harness.state_mut().selection.replace(pieces.iter().map(|&id| PieceId(id)));
    harness.run_steps(2);
}

#[test]
fn the_menu_bar_has_every_action() {
    let mut harness = standard();
    for menu in Menu::ALL {
        harness.get_all_by_label(menu.title()).next().unwrap().click();
        harness.run_steps(3);
        for info in ACTIONS.iter().filter(|info| info.menu == menu) {
            let found = harness.query_all_by_label_contains(info.label).next().is_some();
            assert!(found, "{} is missing from the menu {}", info.label, menu.title());
        }
        harness.key_press(Key::Escape);
        harness.run_steps(3);
    }
    assert_eq!(sent(&mut harness), [], "opening menus does nothing");
}

#[test]
fn a_menu_entry_sends_its_action_and_an_unavailable_one_does_not() {
    let mut harness = standard();
    harness.get_all_by_label("Edit").next().unwrap().click();
    harness.run_steps(3);
    harness.query_all_by_label_contains("Duplicate").last().unwrap().click();
    harness.run_steps(3);
    assert_eq!(sent(&mut harness), [], "nothing is selected");
    if harness.query_all_by_label_contains("Select all").next().is_none() {
        harness.get_all_by_label("Edit").next().unwrap().click();
        harness.run_steps(3);
    }
    harness.query_all_by_label_contains("Select all").last().unwrap().click();
    harness.run_steps(3);
    assert_eq!(sent(&mut harness), [EditorAction::SelectAll]);
}

#[test]
fn every_shortcut_sends_its_action() {
    let mut harness = standard();
    select(&mut harness, &[1, 2]);
    harness.state_mut().clipboard.pieces = vec![NewPiece::part("3001", ColorRef::Code(4), Pose::IDENTITY)];
    let now = {
        let bench = harness.state();
        availability(&bench.document, &bench.selection, &bench.clipboard, &bench.view, &bench.tools, &bench.keep)
    };
    for info in ACTIONS {
        for shortcut in info.shortcuts {
            harness.key_press_modifiers(shortcut.modifiers, shortcut.logical_key);
            harness.run_steps(2);
            let expected = if (info.available)(&now).is_ok() { vec![info.action.clone()] } else { Vec::new() };
            assert_eq!(sent(&mut harness), expected, "{} by {shortcut:?}", info.id);
        }
    }
}

#[test]
fn keys_belong_to_a_text_field_while_it_has_the_focus() {
    let mut harness = standard();
    select(&mut harness, &[1]);
    harness.state_mut().state.find_part();
    harness.run_steps(2);
    for key in [Key::R, Key::Delete, Key::ArrowLeft, Key::Backspace] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [], "these are for the text");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [EditorAction::Save], "saving is not");
}

#[test]
fn a_key_for_something_unavailable_says_why() {
    let mut harness = standard();
    harness.key_press(Key::Delete);
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), []);
    assert!(harness.query_by_label_contains("Delete: Select a piece first").is_some());
}

#[test]
fn a_part_is_found_and_taken() {
    let mut harness = standard();
    harness.state_mut().state.find_part();
    harness.run_steps(2);
    harness.event(egui::Event::Text("3003".into()));
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(sent(&mut harness), [EditorAction::Take(PartId::new("3003"))]);
}

#[test]
fn a_part_that_is_dragged_into_the_view_is_placed_once() {
    let mut harness = standard();
    harness.state_mut().state.find_part();
    harness.run_steps(2);
    harness.event(egui::Event::Text("3003".into()));
    harness.run_steps(3);
    let name = Catalog::built_in().info(&PartId::new("3003")).unwrap().name;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let from = harness.get_all_by_label(&name).next().unwrap().rect().center();
    let view = harness.get_by_label("3D view").rect();
    let button = |pos: Pos2, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(egui::Event::PointerMoved(from));
    harness.event(button(from, true));
    harness.run_steps(1);
    for to in [from + vec2(30.0, 10.0), view.center()] {
        harness.event(egui::Event::PointerMoved(to));
        harness.run_steps(2);
    }
    assert_eq!(sent(&mut harness), [EditorAction::Take(PartId::new("3003"))]);
    let over = harness.state().viewport.input.position.unwrap();
    assert!((over.x - view.width() / 2.0).abs() < 2.0 && (over.y - view.height() / 2.0).abs() < 2.0, "{over}");
    // The ghost has found a place by now.
    let pose = Pose::at(Vec3::new(40.0, 0.0, 20.0));
    let mut hand = crate::tools::Hand::one(studwork_core::Content::Part("3003".into()), ColorRef::Code(4));
    hand.pose = Some(pose);
    harness.state_mut().tools.hand = Some(hand);
    harness.event(button(view.center(), false));
    harness.run_steps(3);
    assert_eq!(sent(&mut harness), [EditorAction::Place(pose), EditorAction::Escape]);
    assert!(harness.state().inputs.is_empty(), "the tools see no press: {:?}", harness.state().inputs);
}

#[test]
fn a_color_is_chosen_by_its_name() {
    let mut harness = standard();
    harness.get_all_by_label("Blue").next().unwrap().click();
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [EditorAction::SetColor(ColorRef::Code(1))]);
}

#[test]
fn the_view_gets_the_pointer_only_over_the_view() {
    let mut harness = standard();
    let view = harness.get_by_label("3D view").rect();
    let press = |pos: Pos2, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let click = |harness: &mut Harness<'static, Bench>, at: Pos2| {
        harness.event(egui::Event::PointerMoved(at));
        harness.run_steps(1);
        harness.event(press(at, true));
        harness.run_steps(1);
        harness.event(press(at, false));
        harness.run_steps(2);
        std::mem::take(&mut harness.state_mut().inputs)
    };
    assert!(click(&mut harness, view.left_top() - vec2(30.0, -200.0)).is_empty(), "a panel keeps its clicks");
    let seen = click(&mut harness, view.min + vec2(40.0, view.height() - 50.0));
    assert_eq!(
        seen.iter().map(|input| (input.pressed, input.released)).collect::<Vec<_>>(),
        [(true, false), (false, true)]
    );
    assert_eq!(seen[0].position.unwrap().x.round(), 40.0);
    // A dialog covers the view.
    harness.state_mut().dialog.0 = Some(Dialog::About);
    harness.run_steps(3);
    assert!(click(&mut harness, view.min + vec2(40.0, view.height() - 50.0)).is_empty(), "a dialog is in front");
}

#[test]
fn a_drag_that_leaves_the_view_ends_there() {
    let mut harness = standard();
    let view = harness.get_by_label("3D view").rect();
    let at = view.center_bottom() - vec2(0.0, 60.0);
    harness.event(egui::Event::PointerMoved(at));
    harness.run_steps(1);
    let press = |pos: Pos2, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(press(at, true));
    harness.run_steps(1);
    let outside = pos2(view.right() + 60.0, at.y);
    harness.event(egui::Event::PointerMoved(outside));
    harness.run_steps(1);
    assert!(harness.state().viewport.input.held, "the view keeps the drag");
    harness.event(press(outside, false));
    harness.run_steps(1);
    assert!(harness.state().inputs.last().unwrap().released);
    assert!(!harness.state().viewport.input.held);
}

#[test]
fn unsaved_changes_are_asked_about() {
    for (button, expected) in [
        ("Save", Some(EditorAction::SaveThen(Box::new(EditorAction::Quit)))),
        ("Discard", Some(EditorAction::DiscardThen(Box::new(EditorAction::Quit)))),
        ("Cancel", None),
    ] {
        let mut harness = standard();
        harness.state_mut().dialog.0 = Some(Dialog::UnsavedChanges { then: EditorAction::Quit });
        harness.run_steps(3);
        harness.get_by_label(button).click();
        harness.run_steps(3);
        assert_eq!(sent(&mut harness), expected.into_iter().collect::<Vec<_>>(), "{button}");
        assert_eq!(harness.state().dialog.0, None);
    }
}

#[test]
fn escape_closes_a_dialog_and_does_nothing_else() {
    let mut harness = standard();
    for dialog in [
        Dialog::About,
        Dialog::Keys,
        Dialog::Array { step: Vec3::X * 20.0 },
        Dialog::Picture,
        Dialog::Submit,
        Dialog::MakeSteps { most: 8 },
        Dialog::Unsaved,
        Dialog::Versions,
        Dialog::RemoveOriginal { original: String::new() },
        Dialog::FileChanged { path: "house.ron".into() },
        Dialog::Address { text: String::new() },
        Dialog::Path { purpose: PathPurpose::Export, text: String::new() },
        Dialog::CommandPalette { query: String::new(), chosen: 0 },
    ] {
        harness.state_mut().dialog.0 = Some(dialog.clone());
        harness.run_steps(3);
        assert!(harness.state().dialog.0.is_some(), "{dialog:?} shows");
        harness.key_press(Key::Escape);
        harness.run_steps(3);
        // A text field gives up the cursor first, as everywhere.
        if harness.state().dialog.0.is_some() {
            harness.key_press(Key::Escape);
            harness.run_steps(3);
        }
        assert_eq!(harness.state().dialog.0, None);
    }
    assert_eq!(sent(&mut harness), []);
}

#[test]
fn the_command_palette_runs_what_is_chosen() {
    let mut harness = standard();
    harness.state_mut().dialog.0 = Some(Dialog::CommandPalette { query: String::new(), chosen: 0 });
    harness.run_steps(3);
    harness.event(egui::Event::Text("select".into()));
    harness.run_steps(2);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(sent(&mut harness), [EditorAction::SelectAll]);
    assert_eq!(harness.state().dialog.0, None);
}

#[test]
fn properties_show_and_change_the_selected_piece() {
    let mut harness = standard();
    select(&mut harness, &[3]);
    assert!(harness.query_all_by_label_contains("Brick 2 x 2").next().is_some());
    harness.get_by_label("Straighten").click();
    harness.run_steps(2);
    let pose = Pose::at(Vec3::new(160.0, 0.0, 0.0));
    assert_eq!(sent(&mut harness), [EditorAction::SetPoses(vec![(PieceId(3), pose)])]);
}

#[test]
fn a_title_is_one_edit_when_the_cursor_leaves_it() {
    let mut harness = standard();
    let field =
        harness.get_all_by_role(egui::accesskit::Role::TextInput).find(|node| node.rect().left() > 1000.0).unwrap();
    field.focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("Tower".into()));
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [], "not while typing");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let edit = Edit::SetInfo(studwork_core::InfoField::Title("Tower".into()));
    assert_eq!(format!("{:?}", sent(&mut harness)), format!("{:?}", [EditorAction::Edit(edit)]));
}

#[test]
fn steps_and_parts_list_come_forward_and_select() {
    let mut harness = standard();
    harness.state_mut().state.dock.bring_forward(Panel::PartsList);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("3 pieces, 2 different parts, 2 colors").is_some());
    harness.get_by_label_contains("2 Brick 2 x 4, Red").click();
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [EditorAction::Select(vec![PieceId(1), PieceId(2)])]);

    harness.state_mut().state.dock.bring_forward(Panel::Steps);
    harness.run_steps(3);
    let steps: Vec<_> =
        harness.state().document.design().submodels().next().unwrap().steps.iter().map(|s| s.id).collect();
    harness.get_by_label_contains("Step 1, 2 pieces").click();
    harness.run_steps(2);
    assert_eq!(sent(&mut harness), [EditorAction::CurrentStep(Some(steps[0]))]);
}

#[test]
fn panels_are_shown_hidden_and_put_back() {
    let mut harness = standard();
    let bench = harness.state_mut();
    // Six are there at first; the others come when they are asked for.
    let here =
        |bench: &Bench| -> Vec<Panel> { Panel::ALL.into_iter().filter(|&panel| bench.state.dock.has(panel)).collect() };
    assert_eq!(here(bench), Panel::ALL[..6]);
    for panel in here(bench) {
        bench.state.dock.toggle(panel);
    }
    harness.run_steps(2);
    let bench = harness.state_mut();
    assert_eq!(here(bench), [Panel::View], "the view stays");
    for panel in Panel::ALL.into_iter().skip(1).rev() {
        bench.state.dock.toggle(panel);
    }
    harness.run_steps(2);
    assert_eq!(here(harness.state()), Panel::ALL);
    harness.state_mut().state.dock.reset();
    harness.run_steps(2);
    let saved = harness.state().settings.layout.clone().unwrap();
    assert_eq!(format!("{saved:?}").matches("View").count(), 1);
}

/// Widgets that a person must reach, at every size of window and text.
#[test]
fn nothing_falls_off_a_small_or_a_large_window() {
    for (size, scale) in [
        (vec2(1280.0, 720.0), 1.0),
        (vec2(1280.0, 720.0), 1.5),
        (vec2(2560.0, 1440.0), 1.0),
        (vec2(2560.0, 1440.0), 2.0),
    ] {
        let mut bench = Bench::new(small_design());
        bench.settings.ui_scale = scale;
        bench.notices.error("Something did not work");
        let mut harness = window(bench, size / scale);
        select(&mut harness, &[1]);
        let screen = egui::Rect::from_min_size(pos2(0.0, 0.0), size / scale);
        for label in ["File", "Help", "3D view", "Something did not work"] {
            let rect = harness.get_all_by_label(label).next().unwrap().rect();
            assert!(screen.expand(1.0).contains_rect(rect), "{label} at {rect:?} in {size} by {scale}");
        }
        // Panels scroll downward, never sideways.
        for label in ["Straighten", "Replace part…"] {
            let rect = harness.get_all_by_label(label).next().unwrap().rect();
            assert!(rect.right() <= screen.right(), "{label} at {rect:?} in {size} by {scale}");
        }
        let view = harness.get_by_label("3D view").rect();
        assert!(
            view.width() > 0.4 * screen.width() && view.height() > 0.6 * screen.height(),
            "{view:?} in {size} by {scale}"
        );
        let pixels = harness.state().viewport.size;
        assert_eq!(pixels.x, (view.width() * scale).round() as u32, "native pixels");
    }
}

#[test]
fn sides_keep_their_width_when_the_window_grows() {
    let mut harness = window(Bench::new(small_design()), vec2(1300.0, 800.0));
    let before = harness.get_by_label("3D view").rect();
    harness.set_size(vec2(2300.0, 800.0));
    harness.run_steps(4);
    let after = harness.get_by_label("3D view").rect();
    assert!((after.left() - before.left()).abs() < 3.0, "{before:?} {after:?}");
    assert!((2300.0 - after.right() - (1300.0 - before.right())).abs() < 3.0, "{before:?} {after:?}");
}

#[test]
fn an_untouched_window_asks_for_nothing_and_comes_to_rest() {
    let mut harness = standard();
    harness.run_steps(10);
    assert_eq!(sent(&mut harness), []);
    let output = harness.output();
    let delay = output.viewport_output.values().map(|viewport| viewport.repaint_delay).min().unwrap();
    assert!(delay > std::time::Duration::from_secs(1), "it wants to be drawn again in {delay:?}");
}
