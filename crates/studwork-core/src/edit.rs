//! Everything that can be done to a design, as data: scripts, the journal and the history hold the same values.
//!
//! An edit is applied whole or not at all. What comes back says how to undo it and what changed.

use crate::apply::Op;
use crate::ids::Counters;
use crate::{
    ColorRef, Content, EmbeddedPart, GroupId, Lineage, NewPiece, PartId, Piece, PieceId, Pose, StepId, StepView,
    SubmodelId,
};
use glam::{Mat3, Vec3};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An axis of a space.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Axis {
    /// Left and right.
    X,
    /// Down is positive.
    Y,
    /// Toward the viewer in the front view is negative.
    Z,
}

impl Axis {
    /// All three.
    pub const ALL: [Self; 3] = [Self::X, Self::Y, Self::Z];

    /// Its unit vector.
    pub const fn unit(self) -> Vec3 {
        match self {
            Self::X => Vec3::X,
            Self::Y => Vec3::Y,
            Self::Z => Vec3::Z,
        }
    }

    /// The reflection that reverses it.
    pub fn reflection(self) -> Mat3 {
        Mat3::from_diagonal(Vec3::ONE - 2.0 * self.unit())
    }
}

/// Something said about the design as a whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum InfoField {
    /// One line.
    Title(String),
    /// One line.
    Author(String),
    /// One line.
    License(String),
    /// May have several lines.
    Description(String),
    /// Words to find it by.
    Tags(Vec<String>),
    /// The original it was made from.
    Lineage(Option<Lineage>),
}

/// One change to a design. New pieces, steps, submodels and groups get their numbers when it is applied; the changes tell
/// them. Naming a piece twice is the same as naming it once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Edit {
    /// Puts new pieces at the end of a step.
    AddPieces {
        /// Where to.
        submodel: SubmodelId,
        /// A step of it; the last one if not given.
        step: Option<StepId>,
        /// What.
        pieces: Vec<NewPiece>,
    },
    /// Takes pieces away; groups that become empty go with them.
    RemovePieces(Vec<PieceId>),
    /// Gives each piece a pose.
    SetPoses(Vec<(PieceId, Pose)>),
    /// Moves pieces by an offset in LDU.
    Move {
        /// Which.
        pieces: Vec<PieceId>,
        /// LDU, in the space of their submodel.
        offset: Vec3,
    },
    /// Turns pieces about a point.
    Rotate {
        /// Which.
        pieces: Vec<PieceId>,
        /// LDU, in the space of their submodel.
        pivot: Vec3,
        /// The turn.
        rotation: Mat3,
    },
    /// Gives pieces a color.
    Recolor {
        /// Which.
        pieces: Vec<PieceId>,
        /// The new color.
        color: ColorRef,
    },
    /// Puts another part or submodel in the place of pieces; number, color, pose and group stay.
    ReplacePart {
        /// Which.
        pieces: Vec<PieceId>,
        /// What they become.
        content: Content,
    },
    /// Copies pieces into the steps they stand in; a copied group gets a group of its own.
    Duplicate {
        /// Which.
        pieces: Vec<PieceId>,
        /// Where the copies lie, LDU from the pieces.
        offset: Vec3,
    },
    /// Reflects pieces in a plane. A part becomes its twin; one that is listed as its own twin stays what it is; any other
    /// is turned as if it were its own twin, and named in [`Applied::notes`]. A submodel becomes its mirrored copy, which is made
    /// unless there is one. No matrix becomes a mirrored one.
    Mirror {
        /// Which.
        pieces: Vec<PieceId>,
        /// The normal of the plane, in the space of their submodel.
        axis: Axis,
        /// Where the plane cuts that axis, LDU.
        at: f32,
        /// Part and mirrored part, either way round; `(a, a)` for one that is symmetric.
        twins: Vec<(PartId, PartId)>,
        /// The part's own axis that its twin (or itself) is reversed along, where that is not X.
        #[serde(default)]
        planes: Vec<(PartId, Axis)>,
    },
    /// Adds copies in a row.
    ArrayLinear {
        /// Which.
        pieces: Vec<PieceId>,
        /// How many copies of each to add.
        count: u32,
        /// From one copy to the next, LDU.
        offset: Vec3,
    },
    /// Adds copies around an axis.
    ArrayAround {
        /// Which.
        pieces: Vec<PieceId>,
        /// How many copies of each to add.
        count: u32,
        /// A point of the axis, LDU.
        pivot: Vec3,
        /// The axis' direction; any length but zero.
        axis: Vec3,
        /// From one copy to the next, radians.
        angle: f32,
    },
    /// Puts pieces of one submodel into a new group. A group that is wholly among them goes in as it is.
    Group {
        /// Which.
        pieces: Vec<PieceId>,
        /// Its name.
        name: String,
    },
    /// Dissolves a group; what was in it belongs to the group around it.
    Ungroup(GroupId),
    /// Gives a group another name.
    RenameGroup {
        /// Which.
        group: GroupId,
        /// The new name.
        name: String,
    },
    /// Moves pieces of one submodel into a new submodel, and places that where the first of them stood.
    MakeSubmodel {
        /// Which.
        pieces: Vec<PieceId>,
        /// Its name.
        name: String,
    },
    /// Puts the pieces of a submodel in the place of the piece that places it. At its last occurrence the submodel is
    /// dissolved and its pieces keep their numbers; elsewhere they are copied.
    InlineSubmodel(PieceId),
    /// Adds an empty submodel with one step.
    AddSubmodel {
        /// Its name.
        name: String,
    },
    /// Deletes a submodel, all that is in it, and the pieces that place it.
    DeleteSubmodel(SubmodelId),
    /// Gives a submodel another name.
    RenameSubmodel {
        /// Which.
        submodel: SubmodelId,
        /// The new name.
        name: String,
    },
    /// Sets title, author and license of a submodel.
    SetSubmodelInfo {
        /// Which.
        submodel: SubmodelId,
        /// One line.
        title: String,
        /// One line.
        author: String,
        /// One line.
        license: String,
    },
    /// Adds an empty step.
    AddStep {
        /// Where to.
        submodel: SubmodelId,
        /// How many steps stand before it; more than there are puts it at the end.
        at: usize,
    },
    /// Moves a step within its submodel.
    MoveStep {
        /// Which.
        step: StepId,
        /// How many steps stand before it afterwards; more than there are puts it at the end.
        to: usize,
    },
    /// Adds a step's items to the step before it.
    MergeStep(StepId),
    /// Moves the items of a step from one on into a new step after it.
    SplitStep {
        /// Which.
        step: StepId,
        /// How many items stay.
        at: usize,
    },
    /// Deletes a step with its pieces. The only step of a submodel stays, empty.
    DeleteStep(StepId),
    /// Sets the turn of the model in a step's picture.
    SetStepView {
        /// Which.
        step: StepId,
        /// The turn.
        view: Option<StepView>,
    },
    /// Moves pieces to the end of a step of the same submodel.
    MovePiecesToStep {
        /// Which.
        pieces: Vec<PieceId>,
        /// Where to.
        step: StepId,
    },
    /// Says something about the design.
    SetInfo(InfoField),
    /// Adds an embedded part, or gives it another shape.
    Embed {
        /// Its number.
        part: PartId,
        /// Its LDraw text, a line each.
        lines: Vec<String>,
    },
    /// Takes an embedded part out; pieces that place it stay.
    RemoveEmbedded(PartId),
    /// One after the other, all or none.
    Batch(Vec<Edit>),
    /// Undoes or redoes another edit; made by [`Design::apply`](crate::Design::apply).
    Restore(Restore),
}

/// The exact way back from an edit, or forth again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Restore {
    pub(crate) ops: Vec<Op>,
    /// The saved counters afterwards.
    pub(crate) next: Counters,
}

/// What an edit did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Takes it back.
    pub inverse: Edit,
    /// What is different now; empty when the edit changed nothing.
    pub changes: Vec<Change>,
    /// What a person should know, such as parts without a mirrored twin.
    pub notes: Vec<String>,
}

impl Applied {
    /// The pieces that are new, by number.
    pub fn added(&self) -> impl Iterator<Item = PieceId> {
        self.changes.iter().filter_map(|change| match change {
            Change::PieceAdded(id) => Some(*id),
            _ => None,
        })
    }
}

/// One difference between a design before and after an edit. A piece that went to another submodel was removed and added.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// A submodel is new.
    SubmodelAdded(SubmodelId),
    /// A piece is gone: what it was, and where it stood.
    PieceRemoved(PieceId, Box<Piece>, SubmodelId),
    /// A piece is new.
    PieceAdded(PieceId),
    /// Content, color, pose or group of a piece.
    PieceChanged(PieceId),
    /// A submodel is gone.
    SubmodelRemoved(SubmodelId),
    /// Name, title, author or license of a submodel.
    SubmodelChanged(SubmodelId),
    /// Steps of a submodel, or which piece stands in which.
    StepsChanged(SubmodelId),
    /// Groups, their names or which is in which.
    GroupsChanged,
    /// What is said about the design.
    InfoChanged,
    /// Embedded parts.
    EmbeddedChanged,
}

/// Why an edit was refused. The design is as it was.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// No such piece.
    #[error("{0} is not in the design (any more); select again")]
    UnknownPiece(PieceId),
    /// No such submodel.
    #[error("{0} is not in the design (any more); choose another")]
    UnknownSubmodel(SubmodelId),
    /// No such step.
    #[error("{0} is not in the design (any more) or belongs to another submodel; choose another step")]
    UnknownStep(StepId),
    /// No such group.
    #[error("{0} is not in the design (any more); choose another")]
    UnknownGroup(GroupId),
    /// No such embedded part.
    #[error("no part {0} is embedded in the design")]
    UnknownEmbedded(PartId),
    /// A number that is no number, or out of reach.
    #[error("{what} must be made of numbers between -10,000,000 and 10,000,000")]
    BadNumber {
        /// Whose.
        what: String,
    },
    /// An axis of no length.
    #[error("the axis to turn about must not be (0, 0, 0)")]
    NoAxis,
    /// A submodel would hold itself.
    #[error("\"{inner}\" contains \"{outer}\" (or is it), so it cannot be placed in it; place it somewhere else")]
    Loop {
        /// What would be placed.
        inner: String,
        /// Where.
        outer: String,
    },
    /// Too many submodels in submodels.
    #[error("submodels would be nested more than {0} deep; place this one nearer to the main model")]
    TooDeep(usize),
    /// Too many pieces.
    #[error("the design would have more than {0} pieces; split it into several designs")]
    TooMany(u64),
    /// Pieces of several submodels where one is needed.
    #[error("the pieces belong to different submodels; select pieces of one submodel")]
    SeveralSubmodels,
    /// Nothing was selected where something is needed.
    #[error("no piece is selected; select at least one")]
    NothingSelected,
    /// The main submodel must stay.
    #[error("the main submodel cannot be deleted; empty it instead")]
    MainSubmodel,
    /// A piece that places a part has nothing to inline.
    #[error("{0} places a part, not a submodel; select a submodel to take apart")]
    NotASubmodel(PieceId),
    /// There is no step before the first.
    #[error("there is no step before the first one to merge it into; merge the step after it instead")]
    FirstStep,
    /// Names must differ.
    #[error("there is a submodel named \"{0}\" already; choose another name")]
    NameTaken(String),
    /// Names must be there.
    #[error("a name must have at least one visible character")]
    EmptyName,
    /// All numbers are given.
    #[error("the design has used up its numbers; export it to LDraw and import it again")]
    OutOfIds,
    /// Undo or redo does not fit the design it is applied to.
    #[error("this change was made to another state of the design ({0}); it cannot be repeated here")]
    DoesNotFit(&'static str),
}

impl Edit {
    /// A mirror edit for pieces of a design, with what `twin_of` knows about each part: its mirrored twin (itself for a
    /// symmetric one) and the axis of the part that is reversed. Parts in submodels count.
    pub fn mirror(
        design: &crate::Design,
        pieces: Vec<PieceId>,
        axis: Axis,
        at: f32,
        twin_of: &dyn Fn(&PartId) -> Option<(PartId, Axis)>,
    ) -> Self {
        let mut parts = std::collections::BTreeSet::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut waiting: Vec<&Piece> = pieces.iter().filter_map(|&id| design.piece(id)).collect();
        while let Some(piece) = waiting.pop() {
            match &piece.content {
                Content::Part(part) => drop(parts.insert(part)),
                Content::Submodel(submodel) if seen.insert(*submodel) => waiting.extend(design.pieces_in(*submodel)),
                Content::Submodel(_) => {}
            }
        }
        let known: Vec<_> = parts.into_iter().filter_map(|part| Some((part.clone(), twin_of(part)?))).collect();
        let planes =
            known.iter().filter(|(_, (_, axis))| *axis != Axis::X).map(|(part, (_, axis))| (part.clone(), *axis));
        let planes = planes.collect();
        let twins = known.into_iter().map(|(part, (twin, _))| (part, twin)).collect();
        Self::Mirror { pieces, axis, at, twins, planes }
    }

    /// An edit that embeds a part.
    pub fn embed(part: &EmbeddedPart) -> Self {
        Self::Embed { part: part.id.clone(), lines: crate::line_text::lines_from_file(&part.file) }
    }
}

/// The embedded part that [`Edit::Embed`] describes.
pub(crate) fn embedded_part(part: PartId, lines: &[String]) -> EmbeddedPart {
    let file = crate::line_text::file_from_lines(&part.file_name(), lines.iter().map(String::as_str));
    EmbeddedPart { id: part, file: Arc::new(file) }
}
