//! What the pointer does in the view. A tool only previews: the change itself is an action, sent when the gesture
//! ends. Esc drops the preview.

mod body;
mod connected;
mod joint;
mod pointer;
mod preview;

pub use body::Carried;
pub use connected::connected;
pub use joint::JointMark;

use crate::document::CopiedGroup;
use bevy::prelude::*;
use glam::Affine3A;
use std::sync::Arc;
use studwork_core::{ColorRef, Content, NewPiece, PieceId, Pose};

/// What a click in the view means.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Select, and move by dragging.
    #[default]
    Select,
    /// Paint with the current color.
    Paint,
    /// Take a piece's color.
    PickColor,
    /// Delete.
    Erase,
    /// Turn or slide what hangs on a joint.
    Joint,
    /// Take pieces off.
    TakeApart,
    /// Place what is in hand.
    Place,
}

/// Pieces in hand, one body. Poses are relative to the body's anchor.
#[derive(Clone)]
pub struct Hand {
    /// The pieces; those of a palette part have the current color.
    pub pieces: Vec<NewPiece>,
    /// Which of them become groups when they are placed.
    pub groups: Vec<CopiedGroup>,
    /// Whether the color follows the current color.
    pub follows_brush: bool,
    /// The turn chosen by keys.
    pub turn: Mat3,
    /// Where it would be placed now.
    pub pose: Option<Pose>,
    /// Whether it overlaps something there.
    pub blocked: bool,
    /// How often Tab was pressed at this place.
    pub alternative: usize,
    /// Which alternative Tab chose, and where the pointer was: elsewhere the best place comes first again.
    pub tabbed: Option<(usize, Vec2)>,
    /// How many alternatives there are.
    pub alternatives: usize,
    /// The pieces as parts and as a body for snapping, made on first use.
    pub carried: Option<Arc<Carried>>,
}

impl Hand {
    /// A single part or submodel.
    pub fn one(content: Content, color: ColorRef) -> Self {
        let piece = NewPiece { content, color, pose: Pose::IDENTITY, group: None };
        Self { follows_brush: true, ..Self::many(vec![piece]) }
    }

    /// Several pieces that were copied.
    pub fn many(pieces: Vec<NewPiece>) -> Self {
        Self {
            pieces,
            groups: Vec::new(),
            follows_brush: false,
            turn: Mat3::IDENTITY,
            pose: None,
            blocked: false,
            alternative: 0,
            tabbed: None,
            alternatives: 0,
            carried: None,
        }
    }
}

/// A gesture under way.
#[derive(Clone)]
pub enum Gesture {
    /// The button is down; it is not yet known whether this is a click or a drag.
    Pressed {
        /// Where, in pixels.
        at: Vec2,
        /// What was under it.
        piece: Option<PieceId>,
    },
    /// A box is drawn.
    Box {
        /// One corner, pixels.
        from: Vec2,
        /// The other.
        to: Vec2,
    },
    /// Pieces are moved.
    Move(Box<Move>),
    /// A joint is worked.
    Joint(Box<JointDrag>),
    /// Pieces are painted or erased one by one while the button is down.
    Stroke {
        /// Those touched so far.
        pieces: Vec<PieceId>,
    },
}

/// Pieces that are being dragged.
#[derive(Clone)]
pub struct Move {
    /// The pieces with their poses before.
    pub pieces: Vec<(PieceId, Pose)>,
    /// The same as a body in world axes.
    pub carried: Arc<Carried>,
    /// Where it was grabbed, LDU; this point stays near the pointer.
    pub grip: Vec3,
    /// From where they were to where they would be.
    pub motion: Option<Affine3A>,
    /// Whether they overlap something there.
    pub blocked: bool,
    /// The turn chosen by keys during the drag.
    pub turn: Mat3,
}

/// A joint that is being worked.
#[derive(Clone)]
pub struct JointDrag {
    /// Which, and how far.
    pub mark: JointMark,
    /// What moves.
    pub held: Move,
    /// Where the drag began, pixels.
    pub from: Vec2,
}

/// The chosen tool, what is in hand and the gesture under way.
#[derive(Resource, Default)]
pub struct ToolState {
    /// The chosen tool.
    pub tool: Tool,
    /// What is in hand while the tool is [`Tool::Place`].
    pub hand: Option<Hand>,
    /// What the pointer is in the middle of.
    pub gesture: Option<Gesture>,
    /// The joint under the pointer, while joints are worked.
    pub joint: Option<JointMark>,
    /// The last joint that was looked for: for which slot, edition of the projection and generation of the document.
    pub joint_found: Option<((u32, u64, u64), Option<JointMark>)>,
    /// A line about what is happening, for the status bar.
    pub hint: String,
}

impl ToolState {
    /// Lets go of everything and chooses a tool.
    pub fn choose(&mut self, tool: Tool) {
        self.tool = tool;
        self.hand = None;
        self.gesture = None;
        self.joint = None;
    }
}

/// Parts that a mode shows beside the design, such as what is missing of the original.
#[derive(Resource, Default)]
pub struct ModeGhosts(pub Vec<crate::projection::Ghost>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ToolState>()
        .init_resource::<ModeGhosts>()
        .add_systems(Update, (pointer::pointer, joint::want_connections).chain().in_set(crate::EditorSystems::Input))
        .add_systems(Update, preview::preview.in_set(crate::EditorSystems::Project).after(crate::projection::project));
}
