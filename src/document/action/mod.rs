//! What a person can do, as named data.
//!
//! Menus, keys, buttons, the command palette, scripts and tests all send [`EditorAction`]s; [`ACTIONS`] gives each
//! one that needs no further choice its label, tooltip, shortcut and place in the menu. What is on screen never
//! changes the design: it sends one of these.

mod table;

pub use table::{ACTIONS, ActionInfo, Availability, Menu, by_id, info_of};

use crate::portal_client::PortalAction;
use glam::Vec3;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use studwork_core::take_apart::BuildSession;
use studwork_core::{Axis, ColorRef, Content, Edit, GroupId, PartId, PieceId, Pose, StepId, SubmodelId};
use studwork_render::NamedView;

/// Something a person asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EditorAction {
    // Files
    /// Starts an empty design, asking about unsaved changes first.
    New,
    /// Asks for a file and opens it.
    Open,
    /// Opens a file.
    OpenPath(PathBuf),
    /// Opens a copy of a design that comes with the program.
    OpenStarter(String),
    /// Asks for the address of a model on the web.
    AskAddress,
    /// Opens a file from the web.
    OpenAddress(String),
    /// Asks for a file and adds it to this design as a submodel.
    Import,
    /// Adds a file to this design as a submodel.
    ImportPath(PathBuf),
    /// Saves to the file the design came from, or asks.
    Save,
    /// Asks for a file and saves to it.
    SaveAs,
    /// Saves to a file (RON).
    SaveTo(PathBuf),
    /// Asks for a file and writes the design in the format of its extension.
    Export,
    /// Writes the design in the format of the extension.
    ExportTo(PathBuf),
    /// Asks for size and look of a picture of the view.
    Picture,
    /// Asks for a file and renders the view to it.
    PictureFile,
    /// Renders the view to a PNG of this width and height in pixels.
    PictureTo(PathBuf, u32, u32),
    /// Asks for the LDraw library (a folder or `complete.zip`).
    ChooseLibrary,
    /// Uses an LDraw library; `None` goes back to the built-in parts.
    SetLibrary(Option<PathBuf>),
    /// Asks for a shadow library, which says how LDraw parts connect.
    ChooseShadow,
    /// Uses a shadow library; `None` derives connections from the parts alone.
    SetShadow(Option<PathBuf>),
    /// Empties the list of recent files.
    ClearRecent,
    /// Gives up unsaved changes, then takes the action.
    DiscardThen(Box<EditorAction>),
    /// Saves (asking where if need be), then takes the action.
    SaveThen(Box<EditorAction>),
    /// Show what was loaded while the design before it was being changed.
    ShowLoaded,
    /// Closes the program, asking about unsaved changes first.
    Quit,

    // Edit
    /// Takes the last change back.
    Undo,
    /// Makes the last undone change again.
    Redo,
    /// Copies the selection and deletes it.
    Cut,
    /// Copies the selection.
    Copy,
    /// Takes what was copied in hand.
    Paste,
    /// Deletes the selection.
    Delete,
    /// Copies the selection in place, one step aside, and selects the copy.
    Duplicate,
    /// Selects everything in view.
    SelectAll,
    /// Selects nothing.
    SelectNone,
    /// Selects what is not selected.
    SelectInvert,
    /// Adds every piece with a color of the selection.
    SelectSameColor,
    /// Adds every piece with a part of the selection.
    SelectSamePart,
    /// Adds every piece that is joined with the selection.
    SelectConnected,
    /// Replaces the selection.
    Select(Vec<PieceId>),
    /// Adds to the selection.
    SelectAlso(Vec<PieceId>),
    /// Joins the selection as a group.
    Group,
    /// Dissolves the groups of the selection.
    Ungroup,
    /// Dissolves one group.
    UngroupOne(GroupId),
    /// Makes the selection a submodel, placed where it was.
    MakeSubmodel,
    /// Puts the pieces of the selected submodels in their place.
    InlineSubmodel,
    /// Mirrors the selection across a plane through its middle.
    Mirror(Axis),
    /// Repeats the selection so many times, each this far from the last.
    ArrayLinear {
        /// How many copies.
        count: u32,
        /// LDU from one to the next.
        offset: Vec3,
    },
    /// Repeats the selection around the vertical line through a point.
    ArrayAround {
        /// How many copies.
        count: u32,
        /// A point on the axis.
        pivot: Vec3,
        /// The axis.
        axis: Axis,
        /// Degrees from one to the next.
        degrees: f32,
    },
    /// Asks for the numbers of an array.
    ArrayDialog,
    /// Any edit, as scripts and panels make them.
    Edit(Edit),

    // Move and turn: the piece in hand, else the selection
    /// Moves along an axis as seen on the screen: so many grid steps, fine steps when asked.
    Nudge {
        /// X to the right, Y down, Z away; along the nearest axis of the model.
        axis: Axis,
        /// Grid steps, signed.
        steps: i32,
        /// One LDU instead of a grid step.
        fine: bool,
    },
    /// Turns about an axis by degrees.
    Turn {
        /// About which axis.
        axis: Axis,
        /// Degrees, by the right hand.
        degrees: f32,
    },
    /// Moves pieces to poses, as a drag ends.
    SetPoses(Vec<(PieceId, Pose)>),
    /// Cycles through the other places where the piece in hand fits.
    NextPlacement,

    // Color and part
    /// Makes a color the current one and paints the selection with it.
    SetColor(ColorRef),
    /// Paints pieces.
    Paint(Vec<PieceId>, ColorRef),
    /// Makes a piece's color the current one.
    PickColor(PieceId),
    /// Replaces the part of the selection.
    ReplaceWith(Content),

    // Tools
    /// Selecting and moving.
    ToolSelect,
    /// Painting with the current color.
    ToolPaint,
    /// Taking a color from a piece.
    ToolPickColor,
    /// Deleting by click.
    ToolErase,
    /// Turning or sliding what hangs on a joint.
    ToolJoint,
    /// Takes a part in hand.
    Take(PartId),
    /// Takes a submodel in hand.
    TakeSubmodel(SubmodelId),
    /// Places what is in hand at a pose, and keeps it in hand.
    Place(Pose),
    /// Lets go of what is in hand, ends a drag, else clears the selection.
    Escape,

    // View
    /// Looks from a named side.
    View(NamedView),
    /// Shows all of the model.
    ZoomFit,
    /// Shows the selection.
    ZoomSelection,
    /// Comes closer.
    ZoomIn,
    /// Goes away.
    ZoomOut,
    /// Perspective or parallel.
    ToggleOrthographic,
    /// Shows the grid.
    ToggleGrid,
    /// Shows edge lines.
    ToggleEdges,
    /// Draws shadows.
    ToggleShadows,
    /// Places and moves on the grid without connecting.
    ToggleSnap,
    /// Hides the selection.
    Hide,
    /// Hides all but the selection.
    HideOthers,
    /// Shows everything again.
    ShowAll,

    // Steps and submodels
    /// Adds an empty step after the current one.
    AddStep,
    /// Deletes a step; its pieces go to the one before (or after).
    MergeStep(StepId),
    /// Deletes a step with its pieces.
    DeleteStep(StepId),
    /// Moves a step to a position.
    MoveStep(StepId, usize),
    /// Begins a new step with the selected pieces of the current step.
    SplitStep,
    /// Moves the selection to a step.
    MoveToStep(StepId),
    /// Makes a step the one that new pieces go to.
    CurrentStep(Option<StepId>),
    /// Shows the model as it is after a step; `None` shows all.
    ShowStep(Option<usize>),
    /// Shows the steps one after the other, from the first if all are shown; again: stops there.
    PlaySteps,
    /// One step further.
    StepForward,
    /// One step back.
    StepBack,
    /// Adds an empty submodel.
    AddSubmodel(String),
    /// Edits a submodel.
    OpenSubmodel(SubmodelId),
    /// Edits the model that places this one; the main model if several.
    LeaveSubmodel,
    /// Renames a submodel.
    RenameSubmodel(SubmodelId, String),
    /// Deletes a submodel that nothing places.
    DeleteSubmodel(SubmodelId),

    // The library of originals
    /// Asks for a file and keeps it in the library.
    LibraryAdd,
    /// Keeps a file in the library.
    LibraryAddPath(PathBuf),
    /// Opens a copy of an original, by its SHA-256.
    LibraryOpen(String),
    /// Asks where to and writes an original there.
    LibraryExport(String),
    /// Writes an original to a file.
    LibraryExportTo(String, PathBuf),
    /// Asks whether an original should be removed.
    LibraryRemove(String),
    /// Removes an original.
    LibraryRemoveNow(String),
    /// Hashes every original again and says what has changed.
    LibraryVerify,
    /// Gives an original these tags.
    LibrarySetTags(String, Vec<String>),
    /// Lists unsaved work that programs which did not end well have left.
    ShowUnsaved,
    /// Opens unsaved work, by the folder of its journal.
    Recover(PathBuf),
    /// Throws unsaved work away, by the folder of its journal.
    DiscardUnsaved(PathBuf),
    /// Saves although another program has changed the file.
    SaveOver,
    /// Lists the earlier versions of the file.
    Versions,
    /// Opens an earlier version of the file, by its number, to be saved or not.
    OpenVersion(u64),

    // The portal
    /// Something that is asked of the portal.
    Portal(PortalAction),
    /// Keeps the model of a downloaded package in the library and opens a copy.
    LibraryAddPackage {
        /// The package.
        package: Vec<u8>,
        /// The portal's address.
        portal: String,
        /// The project there.
        project: String,
        /// Its version.
        version: u32,
    },
    /// Asks for a file and writes the package that was made to it.
    PackageFile,
    /// Writes the package that was made to a file.
    PackageTo(PathBuf),

    // Comparing
    /// Compares the design with the original that it is a copy of.
    CompareOriginal,
    /// Asks for a file to compare with.
    CompareFile,
    /// Compares with the design in a file.
    CompareWith(PathBuf),
    /// Compares again after a change.
    CompareAgain,
    /// Shows the model in its own colors again.
    LeaveCompare,
    /// Brings pieces back: numbers in the original of what is missing or different, and numbers here of what was added.
    Restore(Vec<PieceId>, Vec<PieceId>),
    /// Brings a step of the original back.
    RestoreStep(StepId),

    // Taking apart and rebuilding
    /// Begins to take the model apart, or goes on, or leaves.
    TakeApart,
    /// Begins with an order that was found, or goes on with a saved one.
    StartTakeApart(Box<BuildSession>),
    /// Leaves; how far it is stays with the design.
    LeaveTakeApart,
    /// Leaves, and forgets how far it was.
    ForgetTakeApart,
    /// Takes a piece off, by its index in the order, if it can be pulled out.
    TakeOff(u32),
    /// Takes the next piece of the order off.
    TakeOffNext,
    /// Puts the piece back that came off last.
    PutBackLast,
    /// Puts a piece back, by its index in the order.
    PutBack(u32),
    /// Goes to a place in the order: so many pieces are off.
    TakeApartTo(usize),
    /// Builds again from the tray, or goes on taking apart.
    Rebuild(bool),
    /// Goes through the order by itself; again: stops.
    PlayTakeApart,
    /// Spreads the model by its steps, from 0 to 1.
    Explode(f32),
    /// Whether a click takes only pieces off that can be pulled out straight.
    OnlyFreeWays(bool),
    /// Whether pieces of the tray may go anywhere rather than only where they belong.
    BuildFreely(bool),
    /// Takes a piece of a heap of the tray in hand; `None` lets go.
    ChooseHeap(Option<(PartId, ColorRef)>),
    /// Asks how long the steps should be that are made from the order.
    MakeStepsDialog,
    /// Makes building steps, of at most so many pieces, for submodels that have none.
    MakeSteps(usize),

    // Checks
    /// Looks for what collides, floats or almost fits.
    Check,
    /// Opens a submodel, selects pieces in it and shows them.
    GoTo(SubmodelId, Vec<PieceId>),

    // Windows
    /// Shows a panel in front.
    ShowPanel(Panel),
    /// Shows or hides a panel.
    TogglePanel(Panel),
    /// Puts the panels back where they were at first.
    ResetPanels,
    /// Opens the list of every action.
    CommandPalette,
    /// Shows the keys and the mouse.
    ShowKeys,
    /// Says what this is.
    About,
    /// Puts the text cursor into the search of the parts.
    FindPart,
}

/// A panel that can be shown or hidden.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Panel {
    /// The 3D view (always shown).
    View,
    /// The palette of parts.
    Parts,
    /// The palette of colors.
    Colors,
    /// Properties of the selection or the design.
    Properties,
    /// Steps and submodels.
    Steps,
    /// The parts list.
    PartsList,
    /// What the last check found.
    Checks,
    /// The library of originals.
    Library,
    /// Taking apart and rebuilding.
    TakeApart,
    /// What is different from the original.
    Compare,
    /// The co-creation portal.
    Portal,
}

impl Panel {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::View,
        Self::Parts,
        Self::Colors,
        Self::Properties,
        Self::Steps,
        Self::PartsList,
        Self::Checks,
        Self::Library,
        Self::TakeApart,
        Self::Compare,
        Self::Portal,
    ];

    /// The title on its tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::View => "View",
            Self::Parts => "Parts",
            Self::Colors => "Colors",
            Self::Properties => "Properties",
            Self::Steps => "Steps",
            Self::PartsList => "Parts list",
            Self::Checks => "Checks",
            Self::Library => "Library",
            Self::TakeApart => "Take apart",
            Self::Compare => "Compare",
            Self::Portal => "Portal",
        }
    }
}
