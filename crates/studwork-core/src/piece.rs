//! What a design is made of: pieces in the steps of submodels, groups, embedded parts, and where it came from.
//!
//! These are plain values. How they hang together and stay true is the [`Design`](crate::Design)'s business.

use crate::line_text;
use crate::{ColorRef, GroupId, PartId, PieceId, Pose, StepId, SubmodelId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use studwork_ldraw::{LdrawFile, Line};

/// What a piece places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Content {
    /// A part of the catalog, of the library, embedded in the design, or that nobody has.
    Part(PartId),
    /// Another submodel of the same design.
    Submodel(SubmodelId),
}

/// A placed part or submodel.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// Its number, never given twice.
    pub id: PieceId,
    /// What is placed.
    pub content: Content,
    /// Its color; [`ColorRef::MAIN`] takes the color of the piece that places its submodel.
    pub color: ColorRef,
    /// Where, in the space of its submodel.
    pub pose: Pose,
    /// The group it belongs to.
    pub group: Option<GroupId>,
}

impl Piece {
    /// The part, if it places one.
    pub fn part(&self) -> Option<&PartId> {
        match &self.content {
            Content::Part(part) => Some(part),
            Content::Submodel(_) => None,
        }
    }
}

/// A piece that has no number yet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NewPiece {
    /// What is placed.
    pub content: Content,
    /// Its color.
    pub color: ColorRef,
    /// Where, in the space of its submodel.
    pub pose: Pose,
    /// The group it joins.
    pub group: Option<GroupId>,
}

impl NewPiece {
    /// A part in a color at a pose, in no group.
    pub fn part(part: impl Into<PartId>, color: ColorRef, pose: Pose) -> Self {
        Self { content: Content::Part(part.into()), color, pose, group: None }
    }

    /// The same piece with a number.
    pub(crate) fn with_id(self, id: PieceId) -> Piece {
        Piece { id, content: self.content, color: self.color, pose: self.pose, group: self.group }
    }
}

/// One thing in a step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum StepItem {
    /// A piece.
    Piece(PieceId),
    /// A meta line or loose geometry of an LDraw file, where it stood. Never a reference.
    Line(#[serde(with = "line_text")] Box<Line>),
}

/// How LDraw's `ROTSTEP` turns the model in the picture of a step.
#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum StepView {
    /// Turned from the default view, degrees about x, y, z.
    Relative([f32; 3]),
    /// Turned from the front view, degrees about x, y, z.
    Absolute([f32; 3]),
    /// Turned from the step before, degrees about x, y, z.
    Additive([f32; 3]),
    /// Back to the default view.
    End,
}

impl StepView {
    /// The turn in degrees about x, y, z; `None` for [`StepView::End`].
    pub fn angles(&self) -> Option<[f32; 3]> {
        match self {
            Self::Relative(angles) | Self::Absolute(angles) | Self::Additive(angles) => Some(*angles),
            Self::End => None,
        }
    }

    /// Whether its angles are numbers.
    pub fn is_valid(&self) -> bool {
        self.angles().is_none_or(|angles| angles.iter().all(|angle| angle.is_finite()))
    }
}

/// The pieces added together in one building step.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Its number, never given twice.
    pub id: StepId,
    /// Pieces, and lines that stood between them, in order.
    pub items: Vec<StepItem>,
    /// The turn of the model in this step's picture.
    pub view: Option<StepView>,
}

impl Step {
    /// The pieces in order.
    pub fn pieces(&self) -> impl Iterator<Item = PieceId> {
        self.items.iter().filter_map(|item| match item {
            StepItem::Piece(id) => Some(*id),
            StepItem::Line(_) => None,
        })
    }
}

/// A named list of steps. The first submodel of a design is the main one.
#[derive(Clone, PartialEq, Debug)]
pub struct Submodel {
    /// Its number, never given twice.
    pub id: SubmodelId,
    /// What people call it, unique in the design whatever the letter case: `left wing`. An LDraw file adds `.ldr`.
    pub name: String,
    /// The first line of its LDraw file.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// Under which terms.
    pub license: String,
    /// At least one.
    pub steps: Vec<Step>,
}

impl Submodel {
    /// The step with that number.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The name of its LDraw file.
    pub fn file_name(&self) -> String {
        let has_extension = [".ldr", ".mpd", ".dat"].iter().any(|end| self.name.to_lowercase().ends_with(end));
        if has_extension { self.name.clone() } else { format!("{}.ldr", self.name) }
    }
}

/// Pieces of one submodel that are selected together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Its number, never given twice.
    pub id: GroupId,
    /// What people call it; need not be unique.
    pub name: String,
    /// The group around it.
    pub parent: Option<GroupId>,
}

/// A part that travels in the design because no library has it, or a file that such a part needs.
#[derive(Clone, PartialEq, Debug)]
pub struct EmbeddedPart {
    /// Its number.
    pub id: PartId,
    /// Its lines.
    pub file: Arc<LdrawFile>,
}

/// The original that a copy was made from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// Of the original's file, lower-case hex.
    pub sha256: String,
    /// Its title.
    pub title: String,
    /// Its author.
    pub author: String,
    /// Its license.
    pub license: String,
    /// Where it was downloaded.
    pub source: Option<String>,
}
