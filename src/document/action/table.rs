//! The table of actions that need no further choice, with what menus, keys and help say of them.

use super::{EditorAction, Panel};
use crate::portal_client::PortalAction;
use bevy_egui::egui::{Key, KeyboardShortcut, Modifiers};
use studwork_core::Axis;
use studwork_render::NamedView;

/// Where an action stands in the menu bar.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Menu {
    /// File.
    File,
    /// Edit.
    Edit,
    /// Piece.
    Piece,
    /// Model: steps and submodels.
    Model,
    /// View.
    View,
    /// Tools.
    Tools,
    /// Window.
    Window,
    /// Help.
    Help,
}

impl Menu {
    /// In the order of the menu bar.
    pub const ALL: [Self; 8] =
        [Self::File, Self::Edit, Self::Piece, Self::Model, Self::View, Self::Tools, Self::Window, Self::Help];

    /// The word in the menu bar.
    pub fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::Piece => "Piece",
            Self::Model => "Model",
            Self::View => "View",
            Self::Tools => "Tools",
            Self::Window => "Window",
            Self::Help => "Help",
        }
    }
}

/// What decides whether an action can be taken now.
#[derive(Copy, Clone, Debug, Default)]
pub struct Availability {
    /// How many pieces are selected.
    pub selected: usize,
    /// How many pieces the open submodel has.
    pub pieces: usize,
    /// Whether something can be undone.
    pub can_undo: bool,
    /// Whether something can be redone.
    pub can_redo: bool,
    /// Whether something was copied.
    pub clipboard: bool,
    /// Whether a piece of the selection is in a group.
    pub grouped: bool,
    /// Whether a piece of the selection places a submodel.
    pub submodel_selected: bool,
    /// Whether a piece is in hand.
    pub holding: bool,
    /// Whether something is hidden.
    pub hidden: bool,
    /// Whether the open submodel is not the main one.
    pub inside_submodel: bool,
    /// Whether the design has a file.
    pub has_file: bool,
    /// Whether the design is a copy of an original.
    pub is_copy: bool,
    /// How much work of programs that did not end well can be recovered.
    pub unsaved_work: usize,
    /// How many steps the open submodel has.
    pub steps: usize,
}

type Needs = fn(&Availability) -> Result<(), &'static str>;

const ALWAYS: Needs = |_| Ok(());
const SELECTION: Needs = |a| if a.selected > 0 { Ok(()) } else { Err("Select a piece first") };
const HAND_OR_SELECTION: Needs =
    |a| if a.selected > 0 || a.holding { Ok(()) } else { Err("Select a piece or take one in hand first") };
const PIECES: Needs = |a| if a.pieces > 0 { Ok(()) } else { Err("There is no piece yet") };

/// An action with everything that menus, keys and help say of it.
pub struct ActionInfo {
    /// A stable name, as in `edit.undo`.
    pub id: &'static str,
    /// What is sent.
    pub action: EditorAction,
    /// What a menu says.
    pub label: &'static str,
    /// One sentence of help.
    pub tooltip: &'static str,
    /// Keys, the first of them shown.
    pub shortcuts: &'static [KeyboardShortcut],
    /// Its menu.
    pub menu: Menu,
    /// Whether a line is drawn above it in the menu.
    pub separated: bool,
    /// Why it cannot be taken now.
    pub available: Needs,
}

impl ActionInfo {
    const fn new(
        id: &'static str,
        menu: Menu,
        label: &'static str,
        action: EditorAction,
        tooltip: &'static str,
    ) -> Self {
        Self { id, action, label, tooltip, shortcuts: &[], menu, separated: false, available: ALWAYS }
    }

    const fn keys(mut self, shortcuts: &'static [KeyboardShortcut]) -> Self {
        self.shortcuts = shortcuts;
        self
    }

    const fn needs(mut self, needs: Needs) -> Self {
        self.available = needs;
        self
    }

    const fn line(mut self) -> Self {
        self.separated = true;
        self
    }
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}
const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}
const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}
const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers { shift: true, ..Modifiers::COMMAND }, key)
}
const fn nudge(axis: Axis, steps: i32, fine: bool) -> EditorAction {
    EditorAction::Nudge { axis, steps, fine }
}
const fn turn(axis: Axis, degrees: f32) -> EditorAction {
    EditorAction::Turn { axis, degrees }
}

use EditorAction as A;
use Menu as M;

/// Every action that needs no further choice.
pub static ACTIONS: &[ActionInfo] = &[
    ActionInfo::new("file.new", M::File, "New", A::New, "Start an empty design").keys(&[ctrl(Key::N)]),
    ActionInfo::new("file.open", M::File, "Open…", A::Open, "Open a design or an LDraw model").keys(&[ctrl(Key::O)]),
    ActionInfo::new(
        "file.open_address",
        M::File,
        "Open web address…",
        A::AskAddress,
        "Open a model from an address on the web",
    ),
    ActionInfo::new("file.save", M::File, "Save", A::Save, "Save the design").keys(&[ctrl(Key::S)]).line(),
    ActionInfo::new("file.save_as", M::File, "Save as…", A::SaveAs, "Save the design to another file")
        .keys(&[ctrl_shift(Key::S)]),
    ActionInfo::new("file.import", M::File, "Import as submodel…", A::Import, "Add another model to this design")
        .line(),
    ActionInfo::new("file.export", M::File, "Export…", A::Export, "Write LDraw, glTF, OBJ, STL or a parts list")
        .keys(&[ctrl(Key::E)]),
    ActionInfo::new("file.picture", M::File, "Render picture…", A::Picture, "Render this view to a PNG")
        .keys(&[key(Key::F12)]),
    ActionInfo::new(
        "file.keep",
        M::File,
        "Add to the library…",
        A::LibraryAdd,
        "Keep a model in your library of originals, untouched; opening it there makes a copy",
    )
    .line(),
    ActionInfo::new(
        "file.verify",
        M::File,
        "Verify the library",
        A::LibraryVerify,
        "Look whether every original in your library still is what was added",
    ),
    ActionInfo::new(
        "file.versions",
        M::File,
        "Earlier versions…",
        A::Versions,
        "List what this file was when it was saved before, and open it",
    )
    .needs(|a| if a.has_file { Ok(()) } else { Err("This design was not saved yet") }),
    ActionInfo::new(
        "file.unsaved",
        M::File,
        "Recover unsaved work…",
        A::ShowUnsaved,
        "List what was not saved when the program or the computer stopped",
    )
    .needs(|a| if a.unsaved_work > 0 { Ok(()) } else { Err("There is no unsaved work to recover") }),
    ActionInfo::new(
        "file.submit",
        M::File,
        "Submit to the portal…",
        A::Portal(PortalAction::Submit),
        "Make a package of the design, see what the portal's rules find, and send it",
    )
    .needs(PIECES)
    .line(),
    ActionInfo::new(
        "file.library",
        M::File,
        "LDraw library…",
        A::ChooseLibrary,
        "Use the parts of an LDraw library: its folder or complete.zip",
    )
    .line(),
    ActionInfo::new(
        "file.shadow",
        M::File,
        "Shadow library…",
        A::ChooseShadow,
        "Use a shadow library: a pack that says how LDraw parts connect",
    ),
    ActionInfo::new("file.quit", M::File, "Quit", A::Quit, "Close Studwork").keys(&[ctrl(Key::Q)]).line(),
    ActionInfo::new("edit.undo", M::Edit, "Undo", A::Undo, "Take the last change back")
        .keys(&[ctrl(Key::Z)])
        .needs(|a| if a.can_undo { Ok(()) } else { Err("There is nothing to undo") }),
    ActionInfo::new("edit.redo", M::Edit, "Redo", A::Redo, "Make the undone change again")
        .keys(&[ctrl_shift(Key::Z), ctrl(Key::Y)])
        .needs(|a| if a.can_redo { Ok(()) } else { Err("There is nothing to redo") }),
    ActionInfo::new("edit.cut", M::Edit, "Cut", A::Cut, "Copy the selection and delete it")
        .keys(&[ctrl(Key::X)])
        .needs(SELECTION)
        .line(),
    ActionInfo::new("edit.copy", M::Edit, "Copy", A::Copy, "Copy the selection").keys(&[ctrl(Key::C)]).needs(SELECTION),
    ActionInfo::new("edit.paste", M::Edit, "Paste", A::Paste, "Take what was copied in hand")
        .keys(&[ctrl(Key::V)])
        .needs(|a| if a.clipboard { Ok(()) } else { Err("Nothing was copied yet") }),
    ActionInfo::new("edit.duplicate", M::Edit, "Duplicate", A::Duplicate, "Copy the selection one step aside")
        .keys(&[ctrl(Key::D)])
        .needs(SELECTION),
    ActionInfo::new("edit.delete", M::Edit, "Delete", A::Delete, "Delete the selection")
        .keys(&[key(Key::Delete), key(Key::Backspace)])
        .needs(SELECTION),
    ActionInfo::new("select.all", M::Edit, "Select all", A::SelectAll, "Select every visible piece")
        .keys(&[ctrl(Key::A)])
        .needs(PIECES)
        .line(),
    ActionInfo::new("select.none", M::Edit, "Select none", A::SelectNone, "Clear the selection")
        .keys(&[ctrl_shift(Key::A)]),
    ActionInfo::new("select.invert", M::Edit, "Invert selection", A::SelectInvert, "Select what is not selected")
        .keys(&[ctrl(Key::I)])
        .needs(PIECES),
    ActionInfo::new(
        "select.color",
        M::Edit,
        "Select same color",
        A::SelectSameColor,
        "Add every piece with a color of the selection",
    )
    .needs(SELECTION),
    ActionInfo::new(
        "select.part",
        M::Edit,
        "Select same part",
        A::SelectSamePart,
        "Add every piece with a part of the selection",
    )
    .needs(SELECTION),
    ActionInfo::new(
        "select.connected",
        M::Edit,
        "Select connected",
        A::SelectConnected,
        "Add every piece joined with the selection",
    )
    .keys(&[ctrl(Key::L)])
    .needs(SELECTION),
    ActionInfo::new("piece.turn_y", M::Piece, "Turn left", turn(Axis::Y, 90.0), "Turn by 90° about the vertical")
        .keys(&[key(Key::R), shift(Key::ArrowLeft)])
        .needs(HAND_OR_SELECTION),
    ActionInfo::new(
        "piece.turn_y_back",
        M::Piece,
        "Turn right",
        turn(Axis::Y, -90.0),
        "Turn by 90° about the vertical, the other way",
    )
    .keys(&[shift(Key::R), shift(Key::ArrowRight)])
    .needs(HAND_OR_SELECTION),
    ActionInfo::new("piece.turn_x", M::Piece, "Tilt forward", turn(Axis::X, 90.0), "Turn by 90° about the X axis")
        .keys(&[key(Key::T), shift(Key::ArrowUp)])
        .needs(HAND_OR_SELECTION),
    ActionInfo::new(
        "piece.turn_x_back",
        M::Piece,
        "Tilt back",
        turn(Axis::X, -90.0),
        "Turn by 90° about the X axis, the other way",
    )
    .keys(&[shift(Key::T), shift(Key::ArrowDown)])
    .needs(HAND_OR_SELECTION),
    ActionInfo::new("piece.turn_z", M::Piece, "Roll left", turn(Axis::Z, 90.0), "Turn by 90° about the Z axis")
        .keys(&[key(Key::Y), shift(Key::PageUp)])
        .needs(HAND_OR_SELECTION),
    ActionInfo::new(
        "piece.turn_z_back",
        M::Piece,
        "Roll right",
        turn(Axis::Z, -90.0),
        "Turn by 90° about the Z axis, the other way",
    )
    .keys(&[shift(Key::Y), shift(Key::PageDown)])
    .needs(HAND_OR_SELECTION),
    ActionInfo::new(
        "piece.left",
        M::Piece,
        "Move left",
        nudge(Axis::X, -1, false),
        "Move one grid step to the left, as seen",
    )
    .keys(&[key(Key::ArrowLeft)])
    .needs(SELECTION)
    .line(),
    ActionInfo::new(
        "piece.right",
        M::Piece,
        "Move right",
        nudge(Axis::X, 1, false),
        "Move one grid step to the right, as seen",
    )
    .keys(&[key(Key::ArrowRight)])
    .needs(SELECTION),
    ActionInfo::new("piece.back", M::Piece, "Move back", nudge(Axis::Z, 1, false), "Move one grid step away, as seen")
        .keys(&[key(Key::ArrowUp)])
        .needs(SELECTION),
    ActionInfo::new(
        "piece.front",
        M::Piece,
        "Move forward",
        nudge(Axis::Z, -1, false),
        "Move one grid step nearer, as seen",
    )
    .keys(&[key(Key::ArrowDown)])
    .needs(SELECTION),
    ActionInfo::new("piece.up", M::Piece, "Move up", nudge(Axis::Y, -1, false), "Move one grid step up")
        .keys(&[key(Key::PageUp)])
        .needs(SELECTION),
    ActionInfo::new("piece.down", M::Piece, "Move down", nudge(Axis::Y, 1, false), "Move one grid step down")
        .keys(&[key(Key::PageDown)])
        .needs(SELECTION),
    ActionInfo::new(
        "piece.fine_left",
        M::Piece,
        "Move left by 1 LDU",
        nudge(Axis::X, -1, true),
        "Move one LDU to the left, as seen",
    )
    .keys(&[ctrl(Key::ArrowLeft)])
    .needs(SELECTION),
    ActionInfo::new(
        "piece.fine_right",
        M::Piece,
        "Move right by 1 LDU",
        nudge(Axis::X, 1, true),
        "Move one LDU to the right, as seen",
    )
    .keys(&[ctrl(Key::ArrowRight)])
    .needs(SELECTION),
    ActionInfo::new(
        "piece.fine_back",
        M::Piece,
        "Move back by 1 LDU",
        nudge(Axis::Z, 1, true),
        "Move one LDU away, as seen",
    )
    .keys(&[ctrl(Key::ArrowUp)])
    .needs(SELECTION),
    ActionInfo::new(
        "piece.fine_front",
        M::Piece,
        "Move forward by 1 LDU",
        nudge(Axis::Z, -1, true),
        "Move one LDU nearer, as seen",
    )
    .keys(&[ctrl(Key::ArrowDown)])
    .needs(SELECTION),
    ActionInfo::new("piece.fine_up", M::Piece, "Move up by 1 LDU", nudge(Axis::Y, -1, true), "Move one LDU up")
        .keys(&[ctrl(Key::PageUp)])
        .needs(SELECTION),
    ActionInfo::new("piece.fine_down", M::Piece, "Move down by 1 LDU", nudge(Axis::Y, 1, true), "Move one LDU down")
        .keys(&[ctrl(Key::PageDown)])
        .needs(SELECTION),
    ActionInfo::new(
        "piece.mirror_x",
        M::Piece,
        "Mirror left to right",
        A::Mirror(Axis::X),
        "Mirror the selection across its middle, along X",
    )
    .needs(SELECTION)
    .line(),
    ActionInfo::new(
        "piece.mirror_z",
        M::Piece,
        "Mirror front to back",
        A::Mirror(Axis::Z),
        "Mirror the selection across its middle, along Z",
    )
    .needs(SELECTION),
    ActionInfo::new(
        "piece.mirror_y",
        M::Piece,
        "Mirror top to bottom",
        A::Mirror(Axis::Y),
        "Mirror the selection across its middle, along Y",
    )
    .needs(SELECTION),
    ActionInfo::new(
        "piece.array",
        M::Piece,
        "Array…",
        A::ArrayDialog,
        "Repeat the selection along a line or around a point",
    )
    .needs(SELECTION),
    ActionInfo::new("piece.group", M::Piece, "Group", A::Group, "Select these pieces together from now on")
        .keys(&[ctrl(Key::G)])
        .line()
        .needs(|a| if a.selected > 1 { Ok(()) } else { Err("Select two pieces or more first") }),
    ActionInfo::new("piece.ungroup", M::Piece, "Ungroup", A::Ungroup, "Dissolve the groups of the selection")
        .keys(&[ctrl_shift(Key::G)])
        .needs(|a| if a.grouped { Ok(()) } else { Err("No selected piece is in a group") }),
    ActionInfo::new("piece.hide", M::Piece, "Hide", A::Hide, "Hide the selection")
        .keys(&[key(Key::H)])
        .needs(SELECTION)
        .line(),
    ActionInfo::new("piece.hide_others", M::Piece, "Hide others", A::HideOthers, "Hide all but the selection")
        .keys(&[shift(Key::H)])
        .needs(SELECTION),
    ActionInfo::new("piece.show_all", M::Piece, "Show all", A::ShowAll, "Show everything that was hidden")
        .keys(&[ctrl(Key::H)])
        .needs(|a| if a.hidden { Ok(()) } else { Err("Nothing is hidden") }),
    ActionInfo::new("model.add_step", M::Model, "New step", A::AddStep, "Begin a new building step")
        .keys(&[ctrl(Key::Enter)]),
    ActionInfo::new(
        "model.split_step",
        M::Model,
        "New step from selection",
        A::SplitStep,
        "Move the selection to a new building step",
    )
    .needs(SELECTION),
    ActionInfo::new("model.step_back", M::Model, "Previous step", A::StepBack, "Show the model one step earlier")
        .keys(&[key(Key::OpenBracket)])
        .line(),
    ActionInfo::new("model.step_forward", M::Model, "Next step", A::StepForward, "Show the model one step later")
        .keys(&[key(Key::CloseBracket)]),
    ActionInfo::new(
        "model.play_steps",
        M::Model,
        "Play steps",
        A::PlaySteps,
        "Show the building steps one after the other; again: stop",
    )
    .keys(&[key(Key::Space)])
    .needs(|a| if a.steps > 1 { Ok(()) } else { Err("This model has one step only") }),
    ActionInfo::new("model.step_all", M::Model, "Show all steps", A::ShowStep(None), "Show the finished model")
        .keys(&[key(Key::Backslash)]),
    ActionInfo::new(
        "model.make_submodel",
        M::Model,
        "Make submodel",
        A::MakeSubmodel,
        "Turn the selection into a submodel, placed where it was",
    )
    .keys(&[ctrl(Key::M)])
    .needs(SELECTION)
    .line(),
    ActionInfo::new(
        "model.inline_submodel",
        M::Model,
        "Inline submodel",
        A::InlineSubmodel,
        "Put the pieces of the selected submodels in their place",
    )
    .keys(&[ctrl_shift(Key::M)])
    .needs(|a| if a.submodel_selected { Ok(()) } else { Err("Select a piece that places a submodel first") }),
    ActionInfo::new(
        "model.leave_submodel",
        M::Model,
        "Back to the main model",
        A::LeaveSubmodel,
        "Stop editing this submodel",
    )
    .keys(&[ctrl_shift(Key::Escape)])
    .needs(|a| if a.inside_submodel { Ok(()) } else { Err("The main model is open") }),
    ActionInfo::new(
        "model.take_apart",
        M::Model,
        "Take apart",
        A::TakeApart,
        "Take the model apart piece by piece and build it again; the model itself stays",
    )
    .keys(&[ctrl(Key::T)])
    .needs(PIECES)
    .line(),
    ActionInfo::new(
        "model.make_steps",
        M::Model,
        "Make steps…",
        A::MakeStepsDialog,
        "Make building steps for a model that has none, from the order in which it comes apart",
    )
    .needs(PIECES),
    ActionInfo::new(
        "model.compare",
        M::Model,
        "Compare with the original",
        A::CompareOriginal,
        "Show what is different from the original that this is a copy of",
    )
    .needs(|a| if a.is_copy { Ok(()) } else { Err("This design is no copy of an original") })
    .line(),
    ActionInfo::new(
        "model.compare_file",
        M::Model,
        "Compare with a file…",
        A::CompareFile,
        "Show what is different from another design",
    ),
    ActionInfo::new("model.check", M::Model, "Check", A::Check, "Look for pieces that collide, float or almost fit")
        .keys(&[key(Key::F7)])
        .needs(PIECES),
    ActionInfo::new("view.home", M::View, "Home", A::View(NamedView::Home), "Look from above at the front corner")
        .keys(&[key(Key::Num0)]),
    ActionInfo::new("view.front", M::View, "Front", A::View(NamedView::Front), "Look from the front")
        .keys(&[key(Key::Num1)]),
    ActionInfo::new("view.back", M::View, "Back", A::View(NamedView::Back), "Look from the back")
        .keys(&[key(Key::Num2)]),
    ActionInfo::new("view.left", M::View, "Left", A::View(NamedView::Left), "Look from the left")
        .keys(&[key(Key::Num3)]),
    ActionInfo::new("view.right", M::View, "Right", A::View(NamedView::Right), "Look from the right")
        .keys(&[key(Key::Num4)]),
    ActionInfo::new("view.top", M::View, "Top", A::View(NamedView::Top), "Look from above").keys(&[key(Key::Num5)]),
    ActionInfo::new("view.bottom", M::View, "Bottom", A::View(NamedView::Bottom), "Look from below")
        .keys(&[key(Key::Num6)]),
    ActionInfo::new("view.fit", M::View, "Show all of it", A::ZoomFit, "Fit the model into the view")
        .keys(&[key(Key::Home)])
        .line(),
    ActionInfo::new(
        "view.fit_selection",
        M::View,
        "Show selection",
        A::ZoomSelection,
        "Fit the selection into the view",
    )
    .keys(&[key(Key::F)])
    .needs(SELECTION),
    ActionInfo::new("view.zoom_in", M::View, "Zoom in", A::ZoomIn, "Come closer")
        .keys(&[ctrl(Key::Plus), ctrl(Key::Equals)]),
    ActionInfo::new("view.zoom_out", M::View, "Zoom out", A::ZoomOut, "Go away").keys(&[ctrl(Key::Minus)]),
    ActionInfo::new("view.orthographic", M::View, "Parallel projection", A::ToggleOrthographic, "Without perspective")
        .keys(&[key(Key::O)])
        .line(),
    ActionInfo::new("view.grid", M::View, "Grid", A::ToggleGrid, "Show the ground grid").keys(&[key(Key::G)]),
    ActionInfo::new("view.edges", M::View, "Edge lines", A::ToggleEdges, "Draw the edges of pieces")
        .keys(&[key(Key::L)]),
    ActionInfo::new("view.shadows", M::View, "Shadows", A::ToggleShadows, "Draw shadows").keys(&[key(Key::K)]),
    ActionInfo::new(
        "tool.select",
        M::Tools,
        "Select and move",
        A::ToolSelect,
        "Click, shift-click or drag a box to select; drag a piece to move it",
    )
    .keys(&[key(Key::V)]),
    ActionInfo::new("tool.paint", M::Tools, "Paint", A::ToolPaint, "Click pieces to give them the current color")
        .keys(&[key(Key::B)]),
    ActionInfo::new(
        "tool.pick_color",
        M::Tools,
        "Pick color",
        A::ToolPickColor,
        "Click a piece to make its color the current one",
    )
    .keys(&[key(Key::I)]),
    ActionInfo::new("tool.erase", M::Tools, "Erase", A::ToolErase, "Click pieces to delete them").keys(&[key(Key::E)]),
    ActionInfo::new(
        "tool.joint",
        M::Tools,
        "Work a joint",
        A::ToolJoint,
        "Drag a piece on a hinge, clip, pin, axle or ball: what hangs on it turns with it",
    )
    .keys(&[key(Key::J)]),
    ActionInfo::new("tool.snap", M::Tools, "Connect studs", A::ToggleSnap, "Snap to studs; otherwise only to the grid")
        .keys(&[key(Key::N)])
        .line(),
    ActionInfo::new(
        "tool.next_placement",
        M::Tools,
        "Next placement",
        A::NextPlacement,
        "Try the next place where the piece in hand fits",
    )
    .keys(&[key(Key::Tab)])
    .needs(|a| if a.holding { Ok(()) } else { Err("Take a part in hand first") }),
    ActionInfo::new(
        "tool.escape",
        M::Tools,
        "Let go",
        A::Escape,
        "Let go of the piece in hand, end a drag, or clear the selection",
    )
    .keys(&[key(Key::Escape)]),
    ActionInfo::new("window.find", M::Window, "Find a part", A::FindPart, "Search the parts").keys(&[ctrl(Key::F)]),
    ActionInfo::new(
        "window.commands",
        M::Window,
        "All commands…",
        A::CommandPalette,
        "Search everything Studwork can do",
    )
    .keys(&[ctrl_shift(Key::P), ctrl(Key::K)]),
    ActionInfo::new("window.parts", M::Window, "Parts", A::TogglePanel(Panel::Parts), "Show or hide the parts").line(),
    ActionInfo::new("window.colors", M::Window, "Colors", A::TogglePanel(Panel::Colors), "Show or hide the colors"),
    ActionInfo::new(
        "window.properties",
        M::Window,
        "Properties",
        A::TogglePanel(Panel::Properties),
        "Show or hide the properties",
    ),
    ActionInfo::new("window.steps", M::Window, "Steps", A::TogglePanel(Panel::Steps), "Show or hide the steps"),
    ActionInfo::new(
        "window.parts_list",
        M::Window,
        "Parts list",
        A::TogglePanel(Panel::PartsList),
        "Show or hide the parts list",
    ),
    ActionInfo::new(
        "window.checks",
        M::Window,
        "Checks",
        A::TogglePanel(Panel::Checks),
        "Show or hide what the last check found",
    ),
    ActionInfo::new(
        "window.library",
        M::Window,
        "Library",
        A::TogglePanel(Panel::Library),
        "Show or hide your library of originals",
    ),
    ActionInfo::new(
        "window.take_apart",
        M::Window,
        "Take apart and tray",
        A::TogglePanel(Panel::TakeApart),
        "Show or hide the tray",
    ),
    ActionInfo::new(
        "window.compare",
        M::Window,
        "Compare",
        A::TogglePanel(Panel::Compare),
        "Show or hide what is different from the original",
    ),
    ActionInfo::new(
        "window.portal",
        M::Window,
        "Portal",
        A::TogglePanel(Panel::Portal),
        "Show or hide the co-creation portal",
    ),
    ActionInfo::new(
        "window.reset",
        M::Window,
        "Reset panels",
        A::ResetPanels,
        "Put the panels back where they were at first",
    ),
    ActionInfo::new("help.keys", M::Help, "Keys and mouse", A::ShowKeys, "Show what keys and mouse do")
        .keys(&[key(Key::F1)]),
    ActionInfo::new("help.about", M::Help, "About Studwork", A::About, "Version, licenses and acknowledgements"),
];

/// The entry that sends this action, if the table has one.
pub fn info_of(action: &EditorAction) -> Option<&'static ActionInfo> {
    ACTIONS.iter().find(|info| info.action == *action)
}

/// The entry with this name.
pub fn by_id(id: &str) -> Option<&'static ActionInfo> {
    ACTIONS.iter().find(|info| info.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn names_and_shortcuts_are_unique() {
        let mut ids = BTreeMap::new();
        let mut keys = BTreeMap::new();
        for info in ACTIONS {
            assert!(ids.insert(info.id, ()).is_none(), "{} stands twice", info.id);
            assert!(!info.label.is_empty() && !info.tooltip.is_empty(), "{} lacks a text", info.id);
            for shortcut in info.shortcuts {
                if let Some(other) = keys.insert(format!("{shortcut:?}"), info.id) {
                    panic!("{} and {other} share {shortcut:?}", info.id);
                }
            }
        }
    }
}
