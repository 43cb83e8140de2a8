//! From what the pointer did to previews and, when a gesture ends, to actions.

use super::joint::JointHands;
use super::{Carried, Gesture, Hand, Move, Tool, ToolState};
use crate::document::action::EditorAction;
use crate::document::{Act, Brush, Document, Selection};
use crate::panels::widgets::count;
use crate::projection::Projection;
use crate::settings::Settings;
use crate::take_apart::TakeApart;
use crate::viewport::{PointerInput, ViewState, Viewport};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use studwork_core::connect::{Grid, SnapCandidate, SnapOptions, snap};
use studwork_core::space::{Rectangle, SelectMode};
use studwork_core::{Content, Edit, PieceId, Pose};

/// Pixels that the pointer may move in a click.
const CLICK: f32 = 4.0;
/// So far from where Tab was pressed its choice no longer counts, pixels.
const ELSEWHERE: f32 = 60.0;

/// What the pointer tools read and write.
#[derive(SystemParam)]
pub(super) struct Hands<'w> {
    document: Res<'w, Document>,
    selection: Res<'w, Selection>,
    brush: Res<'w, Brush>,
    settings: Res<'w, Settings>,
    viewport: Res<'w, Viewport>,
    projection: ResMut<'w, Projection>,
    view: ResMut<'w, ViewState>,
    tools: ResMut<'w, ToolState>,
    mode: Res<'w, TakeApart>,
    acts: MessageWriter<'w, Act>,
}

/// Follows the pointer with the chosen tool.
pub(super) fn pointer(mut hands: Hands) {
    let input = hands.viewport.input.clone();
    // Navigation has its own buttons; with Alt the main button turns the view.
    let input = if input.alt { PointerInput { pressed: false, held: false, released: false, ..input } } else { input };
    let under = input.position.and_then(|at| hands.under(at));
    let busy = hands.tools.gesture.is_some() || input.second_held || input.middle_held;
    let hovered = if busy || hands.tools.tool == Tool::Place { None } else { under };
    if hands.view.hovered != hovered {
        hands.view.hovered = hovered;
    }
    match hands.tools.tool {
        Tool::Select => hands.select(&input, under),
        Tool::Place => hands.place(&input),
        Tool::Paint | Tool::Erase => hands.stroke(&input, under),
        Tool::Joint => hands.joint(&input),
        Tool::TakeApart => hands.take_off(&input),
        Tool::PickColor => {
            if input.released
                && let Some(piece) = under
            {
                hands.act(EditorAction::PickColor(piece));
            }
        }
    }
}

impl Hands<'_> {
    fn act(&mut self, action: EditorAction) {
        self.acts.write(Act(action));
    }

    /// The visible piece under a pixel.
    fn under(&self, pixel: Vec2) -> Option<PieceId> {
        let projection = &*self.projection;
        let visible = |slot| projection.is_slot_visible(slot);
        projection.root_of(projection.space.pick_where(&self.viewport.ray(pixel), &visible)?.key)
    }

    /// The pieces that are selected with this one: its group.
    fn with_group(&self, piece: PieceId) -> Vec<PieceId> {
        let design = self.document.design();
        match design.outermost_group_of(piece) {
            Some(group) => design.pieces_in_group(group),
            None => vec![piece],
        }
    }

    /// The visible slot under a pixel.
    fn slot_under(&self, pixel: Vec2) -> Option<u32> {
        let projection = &*self.projection;
        let visible = |slot| projection.is_slot_visible(slot);
        Some(projection.space.pick_where(&self.viewport.ray(pixel), &visible)?.key)
    }

    fn take_off(&mut self, input: &PointerInput) {
        if input.pressed
            && let Some(at) = input.position
        {
            self.tools.gesture = Some(Gesture::Pressed { at, piece: None });
        }
        if input.released
            && let (Some(Gesture::Pressed { at: from, .. }), Some(at)) = (self.tools.gesture.take(), input.position)
            && from.distance(at) <= CLICK
            && let Some(index) = self.slot_under(at).and_then(|slot| self.mode.index_at(slot))
        {
            self.act(EditorAction::TakeOff(index));
        }
    }

    fn joint(&mut self, input: &PointerInput) {
        let slot = input.position.and_then(|at| self.slot_under(at));
        let mut hands = JointHands {
            document: &self.document,
            viewport: &self.viewport,
            projection: &mut self.projection,
            tools: &mut self.tools,
            refuse_overlap: self.settings.refuse_overlap,
        };
        hands.follow(input, slot, &mut self.acts);
    }

    fn select(&mut self, input: &PointerInput, under: Option<PieceId>) {
        let Some(at) = input.position else {
            if !input.held {
                self.tools.gesture = None;
            }
            return;
        };
        if input.pressed {
            self.tools.gesture = Some(Gesture::Pressed { at, piece: under });
        }
        match self.tools.gesture.clone() {
            Some(Gesture::Pressed { at: from, piece }) if input.held && from.distance(at) > CLICK => {
                self.tools.gesture = match piece {
                    Some(piece) => self.begin_move(piece, from),
                    None => Some(Gesture::Box { from, to: at }),
                };
            }
            Some(Gesture::Pressed { piece, .. }) if input.released => {
                self.tools.gesture = None;
                self.click(piece, input.shift || input.command);
            }
            Some(Gesture::Box { from, .. }) if input.released => {
                self.tools.gesture = None;
                let pieces = self.inside(from, at);
                self.act(if input.shift { EditorAction::SelectAlso(pieces) } else { EditorAction::Select(pieces) });
            }
            Some(Gesture::Box { from, .. }) => self.tools.gesture = Some(Gesture::Box { from, to: at }),
            Some(Gesture::Move(drag)) if input.released => {
                self.tools.gesture = None;
                self.end_move(&drag);
            }
            Some(Gesture::Move(mut drag)) => {
                self.drag(&mut drag, at, input.command);
                self.tools.gesture = Some(Gesture::Move(drag));
            }
            _ => {}
        }
        if input.double_clicked
            && let Some(piece) = under.and_then(|id| self.document.design().piece(id))
            && let Content::Submodel(submodel) = piece.content
        {
            self.act(EditorAction::OpenSubmodel(submodel));
        }
    }

    fn click(&mut self, piece: Option<PieceId>, also: bool) {
        match piece {
            None if also => {}
            None => self.act(EditorAction::SelectNone),
            Some(piece) => {
                let pieces = self.with_group(piece);
                if !also {
                    self.act(EditorAction::Select(pieces));
                } else if self.selection.contains(piece) {
                    let rest = self.selection.iter().filter(|id| !pieces.contains(id)).collect();
                    self.act(EditorAction::Select(rest));
                } else {
                    self.act(EditorAction::SelectAlso(pieces));
                }
            }
        }
    }

    /// The visible pieces that a box on the screen touches, with their groups.
    fn inside(&self, from: Vec2, to: Vec2) -> Vec<PieceId> {
        let size = self.viewport.size.as_vec2();
        let ndc = |pixel: Vec2| Vec2::new(pixel.x / size.x * 2.0 - 1.0, 1.0 - pixel.y / size.y * 2.0);
        let rectangle = Rectangle::between(ndc(from), ndc(to));
        let matrix = self.viewport.camera.view_projection(self.viewport.aspect());
        let slots = self.projection.space.in_rectangle(&matrix, rectangle, SelectMode::Touching);
        let pieces: HashSet<PieceId> = slots.into_iter().filter_map(|slot| self.projection.root_of(slot)).collect();
        let visible = pieces.into_iter().filter(|&piece| self.projection.is_visible(piece));
        let mut pieces: Vec<PieceId> = visible.flat_map(|piece| self.with_group(piece)).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }

    fn begin_move(&mut self, piece: PieceId, grabbed_at: Vec2) -> Option<Gesture> {
        let pieces = if self.selection.contains(piece) {
            self.selection.to_vec()
        } else {
            let pieces = self.with_group(piece);
            self.act(EditorAction::Select(pieces.clone()));
            pieces
        };
        let design = self.document.design();
        let poses = pieces.iter().filter_map(|&id| Some((id, design.piece(id)?.pose))).collect();
        let carried = Arc::new(Carried::from_pieces(pieces, &mut self.projection));
        let projection = &*self.projection;
        let visible = |slot| projection.is_slot_visible(slot);
        let grip = projection.space.pick_where(&self.viewport.ray(grabbed_at), &visible)?.point;
        let drag = Move { pieces: poses, carried, grip, motion: None, blocked: false, turn: Mat3::IDENTITY };
        Some(Gesture::Move(Box::new(drag)))
    }

    fn drag(&mut self, drag: &mut Move, at: Vec2, free: bool) {
        let lifted: HashSet<PieceId> = drag.pieces.iter().map(|(piece, _)| *piece).collect();
        let found = self.snapped(&drag.carried, at, drag.turn, Some(drag.grip), free, &lifted);
        if let Some(best) = found.first() {
            drag.motion = Some(best.pose);
            drag.blocked = best.overlaps;
        }
    }

    fn end_move(&mut self, drag: &Move) {
        let Some(motion) = drag.motion else { return };
        if drag.blocked && self.settings.refuse_overlap {
            self.tools.hint = "There is no room for it there".into();
            return;
        }
        let motion = Pose::from_affine(&motion);
        let poses = drag.pieces.iter().map(|&(piece, pose)| (piece, tidied(pose.then(motion)))).collect();
        self.act(EditorAction::SetPoses(poses));
    }

    /// Where a body would go for a pixel, best first.
    fn snapped(
        &self,
        carried: &Carried,
        pixel: Vec2,
        rotation: Mat3,
        grab: Option<Vec3>,
        free: bool,
        lifted: &HashSet<PieceId>,
    ) -> Vec<SnapCandidate> {
        let projection = &*self.projection;
        let ignore = |slot| {
            !projection.is_slot_visible(slot) || projection.root_of(slot).is_some_and(|piece| lifted.contains(&piece))
        };
        let options = SnapOptions {
            rotation,
            grid: Grid { along: self.settings.grid, up: self.settings.grid_height },
            connectors: self.settings.snap && !free,
            ground: 0.0,
            grab,
            ignore: &ignore,
            most: 8,
        };
        snap(&carried.body, &self.viewport.ray(pixel), &projection.space, &options)
    }

    fn place(&mut self, input: &PointerInput) {
        let Some(mut hand) = self.tools.hand.take() else {
            self.tools.choose(Tool::Select);
            return;
        };
        if hand.follows_brush {
            for piece in &mut hand.pieces {
                if piece.color != self.brush.color {
                    piece.color = self.brush.color;
                    hand.carried = None;
                }
            }
        }
        let carried = hand.carried.take().unwrap_or_else(|| {
            Arc::new(Carried::from_hand(self.document.design(), &hand.pieces, &mut self.projection))
        });
        match input.position {
            Some(at) if !input.second_held && !input.middle_held => self.aim(&mut hand, &carried, at, input.command),
            Some(_) => {}
            None => hand.pose = None,
        }
        if input.pressed
            && let Some(at) = input.position
        {
            self.tools.gesture = Some(Gesture::Pressed { at, piece: None });
        }
        if input.released {
            let pressed_here = matches!(self.tools.gesture.take(), Some(Gesture::Pressed { .. }));
            if let (true, Some(pose)) = (pressed_here, hand.pose) {
                if hand.blocked && self.settings.refuse_overlap {
                    self.tools.hint = "There is no room for it there".into();
                } else {
                    self.act(EditorAction::Place(pose));
                }
            }
        }
        hand.carried = Some(carried);
        self.tools.hand = Some(hand);
    }

    fn aim(&mut self, hand: &mut Hand, carried: &Carried, at: Vec2, free: bool) {
        let found = self.snapped(carried, at, hand.turn, None, free, &HashSet::new());
        if hand.alternative > 0 {
            match hand.tabbed.filter(|(index, _)| *index == hand.alternative) {
                Some((_, from)) if from.distance(at) > ELSEWHERE => (hand.alternative, hand.tabbed) = (0, None),
                Some(_) => {}
                None => hand.tabbed = Some((hand.alternative, at)),
            }
        }
        hand.alternatives = found.len();
        let chosen = (!found.is_empty()).then(|| found[hand.alternative % found.len()]);
        hand.pose = chosen.map(|candidate| tidied(Pose::from_affine(&candidate.pose)));
        hand.blocked = chosen.is_some_and(|candidate| candidate.overlaps);
        self.tools.hint = match chosen {
            None => "Point at a piece or the ground".into(),
            Some(candidate) if candidate.overlaps => "It overlaps another piece here".into(),
            Some(candidate) if candidate.matched > 0 => {
                let more =
                    if found.len() > 1 { format!(" · Tab: {} more places", found.len() - 1) } else { String::new() };
                format!("Click to place · {}{more}", count(candidate.matched, "connection"))
            }
            Some(_) => "Click to place · R, T, Y turn it · Esc lets go".into(),
        };
    }

    fn stroke(&mut self, input: &PointerInput, under: Option<PieceId>) {
        if input.pressed {
            self.tools.gesture = Some(Gesture::Stroke { pieces: Vec::new() });
        }
        let Some(Gesture::Stroke { mut pieces }) = self.tools.gesture.take() else { return };
        if let Some(piece) = under
            && !pieces.contains(&piece)
        {
            pieces.push(piece);
        }
        if input.held && !input.released {
            self.tools.gesture = Some(Gesture::Stroke { pieces });
        } else if !pieces.is_empty() {
            let action = if self.tools.tool == Tool::Erase {
                EditorAction::Edit(Edit::RemovePieces(pieces))
            } else {
                EditorAction::Paint(pieces, self.brush.color)
            };
            self.act(action);
        }
    }
}

/// A pose without the noise of its computation: thousandths of an LDU, exact right angles.
pub(super) fn tidied(pose: Pose) -> Pose {
    Pose { position: (pose.position * 1000.0).round() / 1000.0, ..pose }.tidied()
}
