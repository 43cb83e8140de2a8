//! What each action does. Actions that change the design continue in [`super::perform_edit`].

use super::action::EditorAction as A;
use super::commit::Editor;
use crate::feedback::Dialog;
use crate::tools::{Gesture, Hand, Tool};
use bevy::prelude::*;
use studwork_core::{Axis, Bounds, Content, Pose};
use studwork_render::NamedView;

impl Editor<'_> {
    /// Does what was asked for.
    pub(super) fn execute(&mut self, action: A) {
        match action {
            A::New
            | A::Open
            | A::OpenPath(_)
            | A::OpenStarter(_)
            | A::OpenAddress(_)
            | A::Import
            | A::ImportPath(_)
            | A::Save
            | A::SaveAs
            | A::SaveTo(_)
            | A::Export
            | A::ExportTo(_)
            | A::PictureFile
            | A::PictureTo(..)
            | A::ChooseLibrary
            | A::SetLibrary(_)
            | A::ChooseShadow
            | A::SetShadow(_)
            | A::Check
            | A::Portal(_)
            | A::LibraryAddPackage { .. }
            | A::PackageFile
            | A::PackageTo(_)
            | A::CompareOriginal
            | A::CompareFile
            | A::CompareWith(_)
            | A::CompareAgain
            | A::TakeApart
            | A::MakeSteps(_)
            | A::LibraryAdd
            | A::LibraryAddPath(_)
            | A::LibraryOpen(_)
            | A::LibraryExport(_)
            | A::LibraryExportTo(..)
            | A::LibraryRemoveNow(_)
            | A::LibraryVerify
            | A::LibrarySetTags(..)
            | A::Recover(_)
            | A::DiscardUnsaved(_)
            | A::SaveOver
            | A::OpenVersion(_)
            | A::DiscardThen(_)
            | A::SaveThen(_)
            | A::ShowLoaded
            | A::Quit => self.files.0.push(action),
            A::ClearRecent => self.settings.recent.clear(),

            A::Undo if self.mode.active => self.undo_in_mode(),
            A::Redo if self.mode.active => self.take_apart(A::TakeOffNext),
            A::Undo => self.travel(true),
            A::Redo => self.travel(false),

            A::SelectAll => {
                let (document, projection) = (&self.document, &self.projection);
                let all = document.design().pieces_in(document.active()).map(|piece| piece.id);
                self.selection.replace(all.filter(|&piece| projection.is_visible(piece)).collect::<Vec<_>>());
            }
            A::SelectNone => self.selection.replace([]),
            A::SelectInvert => {
                let all = self.document.design().pieces_in(self.document.active()).map(|piece| piece.id);
                let others =
                    all.filter(|&p| !self.selection.contains(p) && self.projection.is_visible(p)).collect::<Vec<_>>();
                self.selection.replace(others);
            }
            A::SelectSameColor => self.select_alike(|one, other| one.color == other.color),
            A::SelectSamePart => self.select_alike(|one, other| one.content == other.content),
            A::SelectConnected => {
                let connected = crate::tools::connected(&self.projection, self.selection.iter());
                self.selection.replace(connected);
            }
            A::Select(pieces) => {
                let here: Vec<_> = pieces.into_iter().filter(|&piece| self.is_here(piece)).collect();
                self.selection.replace(here);
            }
            A::SelectAlso(pieces) => {
                let more: Vec<_> = pieces.into_iter().filter(|&piece| self.is_here(piece)).collect();
                let all: Vec<_> = self.selection.iter().chain(more).collect();
                self.selection.replace(all);
            }

            A::ToolSelect => self.choose(Tool::Select),
            A::ToolPaint => self.choose(Tool::Paint),
            A::ToolPickColor => self.choose(Tool::PickColor),
            A::ToolErase => self.choose(Tool::Erase),
            A::ToolJoint => self.choose(Tool::Joint),
            A::Take(part) => self.take_in_hand(Hand::one(Content::Part(part), self.brush.color)),
            A::TakeSubmodel(submodel) => self.take_in_hand(Hand::one(Content::Submodel(submodel), self.brush.color)),
            A::Escape => self.escape(),
            A::NextPlacement => {
                if let Some(hand) = &mut self.tools.hand {
                    hand.alternative = (hand.alternative + 1) % hand.alternatives.max(1);
                }
            }
            A::PickColor(piece) => {
                if let Some(piece) = self.document.design().piece(piece) {
                    self.brush.set(piece.color);
                    self.choose(Tool::Select);
                }
            }

            A::View(_) | A::ZoomFit | A::ZoomSelection | A::ZoomIn | A::ZoomOut | A::ToggleOrthographic => {
                self.move_camera(&action);
            }
            A::ToggleGrid => self.toggle(|view| &mut view.grid),
            A::ToggleEdges => self.toggle(|view| &mut view.edges),
            A::ToggleShadows => self.toggle(|view| &mut view.shadows),
            A::ToggleSnap => {
                self.settings.snap = !self.settings.snap;
                self.tools.hint = if self.settings.snap { "Studs connect" } else { "Only the grid counts" }.into();
            }
            A::Hide => {
                let pieces = self.selection.to_vec();
                self.view.hidden.extend(pieces);
                self.selection.replace([]);
            }
            A::HideOthers => {
                let all = self.document.design().pieces_in(self.document.active()).map(|piece| piece.id);
                self.view.hidden = all.filter(|&piece| !self.selection.contains(piece)).collect();
            }
            A::ShowAll => self.view.hidden.clear(),

            A::CurrentStep(step) => self.document.current_step = step,
            A::ShowStep(step) => {
                let steps = self.steps();
                self.view.up_to_step = step.filter(|&n| n < steps);
            }
            A::PlaySteps => {
                self.view.playing = !self.view.playing;
                if self.view.playing && self.view.up_to_step.is_none() {
                    self.view.up_to_step = Some(1).filter(|&n| n < self.steps());
                }
            }
            A::StepForward => {
                let steps = self.steps();
                self.view.up_to_step = self.view.up_to_step.map(|n| n + 1).filter(|&n| n < steps);
            }
            A::StepBack => {
                let now = self.view.up_to_step.unwrap_or(self.steps());
                self.view.up_to_step = Some(now.saturating_sub(1).max(1)).filter(|&n| n < self.steps());
            }
            A::OpenSubmodel(submodel) => self.open_submodel(submodel),
            A::LeaveSubmodel => self.open_submodel(self.document.design().main()),

            A::AskAddress => self.dialog.0 = Some(Dialog::Address { text: String::new() }),
            A::StartTakeApart(_)
            | A::LeaveTakeApart
            | A::ForgetTakeApart
            | A::TakeOff(_)
            | A::TakeOffNext
            | A::PutBackLast
            | A::PutBack(_)
            | A::TakeApartTo(_)
            | A::Rebuild(_)
            | A::PlayTakeApart
            | A::Explode(_)
            | A::OnlyFreeWays(_)
            | A::BuildFreely(_)
            | A::ChooseHeap(_) => self.take_apart(action),
            A::LeaveCompare => self.compare.shown = None,
            A::MakeStepsDialog => self.dialog.0 = Some(Dialog::MakeSteps { most: 8 }),
            A::LibraryRemove(original) => self.dialog.0 = Some(Dialog::RemoveOriginal { original }),
            A::Versions => self.dialog.0 = Some(Dialog::Versions),
            A::ShowUnsaved => self.dialog.0 = Some(Dialog::Unsaved),
            A::Picture => self.dialog.0 = Some(Dialog::Picture),
            A::ArrayDialog => self.dialog.0 = Some(Dialog::Array { step: self.beside(&self.selection.to_vec()) }),
            A::CommandPalette => self.dialog.0 = Some(Dialog::CommandPalette { query: String::new(), chosen: 0 }),
            A::ShowKeys => self.dialog.0 = Some(Dialog::Keys),
            A::About => self.dialog.0 = Some(Dialog::About),
            A::GoTo(submodel, pieces) => {
                self.open_submodel(submodel);
                let here: Vec<_> = pieces.into_iter().filter(|&piece| self.is_here(piece)).collect();
                self.viewport.fit_pending = false;
                self.viewport.show_selection_pending = !here.is_empty();
                self.selection.replace(here);
            }
            A::ShowPanel(_) | A::TogglePanel(_) | A::ResetPanels | A::FindPart => self.panels.0.push(action),

            other if self.mode.active && !matches!(other, A::Place(_)) => {
                self.tools.hint = "Leave taking apart first (Esc): the model stays as it is meanwhile".into();
            }
            other => self.perform(other),
        }
    }

    fn is_here(&self, piece: studwork_core::PieceId) -> bool {
        self.document.design().place_of(piece).is_some_and(|(submodel, _)| submodel == self.document.active())
    }

    fn steps(&self) -> usize {
        self.document.design().submodel(self.document.active()).map_or(0, |submodel| submodel.steps.len())
    }

    fn select_alike(&mut self, alike: impl Fn(&studwork_core::Piece, &studwork_core::Piece) -> bool) {
        let design = self.document.design();
        // One sample of each kind is enough to compare with.
        let mut samples: Vec<&studwork_core::Piece> = Vec::new();
        for piece in self.selection.iter().filter_map(|id| design.piece(id)) {
            if !samples.iter().any(|sample| alike(sample, piece)) {
                samples.push(piece);
            }
        }
        let all = design.pieces_in(self.document.active());
        let found = all.filter(|piece| samples.iter().any(|sample| alike(sample, piece))).map(|piece| piece.id);
        let found: Vec<_> = found.filter(|&id| self.projection.is_visible(id)).collect();
        self.selection.replace(found);
    }

    fn choose(&mut self, tool: Tool) {
        self.tools.choose(tool);
        self.tools.hint = match tool {
            Tool::Select => "Click selects, drag moves, drag beside the model draws a box",
            Tool::Paint => "Click or drag over pieces to paint them",
            Tool::PickColor => "Click a piece to take its color",
            Tool::Erase => "Click or drag over pieces to delete them",
            Tool::TakeApart => "Click a piece to take it off",
            Tool::Joint => "Drag a piece on a hinge, a clip, a pin, an axle or a ball",
            Tool::Place => "",
        }
        .into();
    }

    pub(super) fn take_in_hand(&mut self, mut hand: Hand) {
        if let Some(before) = &self.tools.hand {
            hand.turn = before.turn;
        }
        self.selection.replace([]);
        self.tools.choose(Tool::Place);
        self.tools.hand = Some(hand);
    }

    fn escape(&mut self) {
        if self.mode.active && self.tools.tool == Tool::Place {
            self.mode.chosen = None;
            self.choose(Tool::TakeApart);
        } else if self.mode.active && self.tools.gesture.is_none() {
            self.take_apart(A::LeaveTakeApart);
        } else if self.tools.hand.is_some() {
            self.choose(Tool::Select);
        } else if matches!(
            self.tools.gesture,
            Some(Gesture::Move(_) | Gesture::Joint(_) | Gesture::Box { .. } | Gesture::Stroke { .. })
        ) {
            self.tools.gesture = None;
        } else if self.tools.tool != Tool::Select {
            self.choose(Tool::Select);
        } else {
            self.selection.replace([]);
        }
    }

    fn toggle(&mut self, flag: fn(&mut crate::viewport::ViewState) -> &mut bool) {
        let flag = flag(&mut self.view);
        *flag = !*flag;
        self.frame.dirty = true;
    }

    pub(super) fn open_submodel(&mut self, submodel: studwork_core::SubmodelId) {
        if self.document.design().submodel(submodel).is_none() || submodel == self.document.active {
            return;
        }
        self.document.active = submodel;
        self.document.current_step = None;
        self.view.up_to_step = None;
        self.view.hidden.clear();
        self.selection.replace([]);
        self.tools.gesture = None;
        self.pending.everything = true;
        self.viewport.fit_pending = true;
    }

    fn move_camera(&mut self, action: &A) {
        let aspect = self.viewport.aspect();
        let camera = self.viewport.camera;
        let all = || match self.projection.visible_bounds() {
            bounds if bounds.is_empty() => {
                Bounds { min: Vec3::new(-120.0, -100.0, -120.0), max: Vec3::new(120.0, 0.0, 120.0) }
            }
            bounds => bounds,
        };
        self.viewport.camera = match action {
            A::View(view) => {
                let distance = camera.eye.distance(camera.target);
                let (direction, up) = view.direction_and_up();
                let turned = studwork_render::Camera { eye: camera.target + direction * distance, up, ..camera };
                if *view == NamedView::Home { turned.fitted(all(), aspect, 0.08) } else { turned }
            }
            A::ZoomFit => camera.fitted(all(), aspect, 0.08),
            A::ZoomSelection => {
                let bounds = self.projection.bounds_of_all(self.selection.iter());
                camera.fitted(bounds.grown(20.0), aspect, 0.15)
            }
            A::ZoomIn => camera.zoomed(0.8, camera.target),
            A::ZoomOut => camera.zoomed(1.25, camera.target),
            A::ToggleOrthographic => {
                let orthographic = matches!(camera.projection, studwork_render::Projection::Orthographic { .. });
                camera.with_orthographic(!orthographic)
            }
            _ => camera,
        };
        self.frame.dirty = true;
    }

    /// The axis and sign that a direction as seen on the screen is nearest to: X to the right, Z away, Y down.
    pub(super) fn as_seen(&self, axis: Axis) -> Vec3 {
        let camera = &self.viewport.camera;
        let right = camera.right();
        let right =
            if right.x.abs() >= right.z.abs() - 1e-3 { Vec3::X * right.x.signum() } else { Vec3::Z * right.z.signum() };
        match axis {
            Axis::X => right,
            Axis::Y => Vec3::Y,
            // Right-handed with −Y up: seen from the front (right is +X), away is +Z.
            Axis::Z => right.cross(Vec3::Y),
        }
    }

    /// Where a body is held: the middle of the underside of its box.
    pub(super) fn foot(bounds: Bounds) -> Pose {
        Pose::at(Vec3::new(bounds.center().x, bounds.max.y, bounds.center().z))
    }
}
