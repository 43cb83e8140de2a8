//! Working a joint: a hinge, a clip, a pin, an axle or a ball is turned (or slid) by dragging, with all that hangs on it.

use super::{Carried, Gesture, JointDrag, Move, ToolState};
use crate::document::action::EditorAction;
use crate::document::{Act, Document};
use crate::files::Background;
use crate::projection::Projection;
use crate::viewport::{PointerInput, Viewport};
use bevy::prelude::*;
use glam::Affine3A;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use studwork_core::connect::{Freedom, JointMotion, overlaps_any};
use studwork_core::{PieceId, Pose};

/// Joints catch at multiples of this, degrees; with Ctrl at single degrees.
const CATCH: f32 = 22.5;
/// And sliding ones at multiples of this, LDU; with Ctrl at single ones.
const SLIDE_CATCH: f32 = 4.0;

/// A joint that the pointer is at, as the view draws it.
#[derive(Clone, Debug)]
pub struct JointMark {
    /// What it lets move.
    pub motion: JointMotion,
    /// The radius of the ring, LDU.
    pub radius: f32,
    /// How far it is turned, radians, or slid, LDU.
    pub by: f32,
}

impl JointMark {
    /// Whether it is turned; else it is slid.
    pub fn turns(&self) -> bool {
        self.motion.freedom != Freedom::Slides
    }
}

/// Begins to find the connections when the tool is first used.
pub(super) fn want_connections(tools: Res<ToolState>, mut projection: ResMut<Projection>, background: Res<Background>) {
    if tools.tool != super::Tool::Joint || projection.connections().is_some() || projection.finds_connections() {
        return;
    }
    let projection = projection.bypass_change_detection();
    let edition = projection.edition();
    if let Some(work) = projection.find_connections() {
        background.find_connections(work, edition);
    }
}

/// What working a joint reads and writes.
pub(super) struct JointHands<'a> {
    pub document: &'a Document,
    pub viewport: &'a Viewport,
    pub projection: &'a mut Projection,
    pub tools: &'a mut ToolState,
    pub refuse_overlap: bool,
}

impl JointHands<'_> {
    /// Follows the pointer.
    pub fn follow(&mut self, input: &PointerInput, slot: Option<u32>, acts: &mut MessageWriter<Act>) {
        if let Some(Gesture::Joint(mut drag)) = self.tools.gesture.take() {
            if input.released || !input.held {
                self.tools.joint = None;
                self.end(&drag, acts);
                return;
            }
            if let Some(at) = input.position {
                self.drag(&mut drag, at, input);
            }
            self.tools.gesture = Some(Gesture::Joint(drag));
            return;
        }
        let busy = input.second_held || input.middle_held;
        let mut mark = if busy { None } else { slot.and_then(|slot| self.joint_at(slot)) };
        let inside = mark.as_ref().is_some_and(|mark| self.roots_of(&mark.motion).is_none());
        if inside {
            mark = None;
            self.tools.hint = "This joint is inside a submodel: open that (double click) and work it there".into();
        } else if self.projection.connections().is_none() {
            self.tools.hint = "Finding what grips what …".into();
        } else {
            self.tools.hint = match &mark {
                None => "Point at a piece on a hinge, a clip, a pin, an axle or a ball, and drag it".into(),
                Some(mark) => {
                    let what = match mark.motion.freedom {
                        Freedom::Slides => "Drag to slide",
                        Freedom::TurnsAndSlides => "Drag to turn, Shift slides",
                        _ => "Drag to turn",
                    };
                    let pieces = match mark.motion.moving.len() {
                        1 => "1 part moves".to_owned(),
                        n => format!("{n} parts move"),
                    };
                    format!("{what} · {pieces} · Ctrl: fine")
                }
            };
        }
        if let (true, Some(mark), Some(at)) = (input.pressed, &mark, input.position) {
            self.begin(mark.clone(), at, acts);
        }
        self.tools.joint = mark;
    }

    /// The joint that a part is worked by.
    fn joint_at(&mut self, slot: u32) -> Option<JointMark> {
        let asked = (slot, self.projection.edition(), self.document.generation());
        if let Some((known, mark)) = &self.tools.joint_found
            && *known == asked
        {
            return mark.clone();
        }
        let graph = self.projection.connections()?;
        let mark = graph.joint_of_piece(&self.projection.space, slot).and_then(|motion| self.mark_of(slot, motion));
        self.tools.joint_found = Some((asked, mark.clone()));
        mark
    }

    fn mark_of(&self, slot: u32, motion: JointMotion) -> Option<JointMark> {
        let piece = self.projection.space.get(slot)?;
        let reach = piece.bounds.corners().map(|corner| {
            let offset = corner - motion.center;
            (offset - motion.axis * offset.dot(motion.axis)).length()
        });
        let radius = reach.into_iter().fold(12.0, f32::max).min(120.0);
        Some(JointMark { motion, radius, by: 0.0 })
    }

    /// The pieces of the open submodel that a motion moves. `None` where it moves part of a piece: pieces move whole, so a
    /// joint inside a placed submodel is worked there.
    fn roots_of(&self, motion: &JointMotion) -> Option<BTreeMap<PieceId, usize>> {
        let mut roots: BTreeMap<PieceId, usize> = BTreeMap::new();
        for root in motion.moving.iter().filter_map(|&slot| self.projection.root_of(slot)) {
            *roots.entry(root).or_default() += 1;
        }
        let whole = roots.iter().all(|(&root, &slots)| self.projection.slots_of(root).len() == slots);
        whole.then_some(roots)
    }

    fn begin(&mut self, mark: JointMark, at: Vec2, acts: &mut MessageWriter<Act>) {
        let Some(roots) = self.roots_of(&mark.motion) else { return };
        let design = self.document.design();
        let pieces: Vec<(PieceId, Pose)> = roots.keys().filter_map(|&id| Some((id, design.piece(id)?.pose))).collect();
        acts.write(Act(EditorAction::Select(roots.keys().copied().collect())));
        let carried = Arc::new(Carried::from_pieces(roots.into_keys(), self.projection));
        let held =
            Move { pieces, carried, grip: mark.motion.center, motion: None, blocked: false, turn: Mat3::IDENTITY };
        self.tools.gesture = Some(Gesture::Joint(Box::new(JointDrag { mark, held, from: at })));
    }

    fn drag(&mut self, drag: &mut JointDrag, at: Vec2, input: &PointerInput) {
        let motion = &drag.mark.motion;
        let slides = motion.freedom == Freedom::Slides || (motion.freedom == Freedom::TurnsAndSlides && input.shift);
        let moved = if slides {
            let along = self.along(motion, drag.from, at);
            let step = if input.command { 1.0 } else { SLIDE_CATCH };
            drag.mark.by = (along / step).round() * step;
            motion.motion(0.0, drag.mark.by)
        } else {
            let mut about = motion.clone();
            if motion.freedom == Freedom::Ball && !input.shift {
                about.axis = -self.viewport.camera.forward();
            }
            let angle = self.angle(&about, drag.from, at).to_degrees();
            let step = if input.command { 1.0 } else { CATCH };
            drag.mark.by = ((angle / step).round() * step).to_radians();
            about.motion(drag.mark.by, 0.0)
        };
        drag.held.blocked = self.blocked(&drag.held, &moved, motion);
        drag.held.motion = Some(moved);
        self.tools.joint = Some(drag.mark.clone());
        self.tools.hint = if slides {
            format!("{} LDU along", drag.mark.by)
        } else {
            format!("{}°", crate::panels::widgets::number(drag.mark.by.to_degrees()))
        };
    }

    /// The angle about the axis from one pixel to another, radians.
    fn angle(&self, motion: &JointMotion, from: Vec2, to: Vec2) -> f32 {
        let direction_at = |pixel: Vec2| {
            let ray = self.viewport.ray(pixel);
            let slope = ray.direction.dot(motion.axis);
            // Seen from the side the plane of the turn is a line: the drag itself counts then.
            if slope.abs() < 0.15 {
                return None;
            }
            let distance = (motion.center - ray.origin).dot(motion.axis) / slope;
            (distance > 0.0).then(|| ray.at(distance) - motion.center)
        };
        match (direction_at(from), direction_at(to)) {
            (Some(a), Some(b)) if a.length() > 1.0 && b.length() > 1.0 => a.cross(b).dot(motion.axis).atan2(a.dot(b)),
            _ => {
                // A drag along the screen that crosses the axis turns by the side that is seen.
                let camera = &self.viewport.camera;
                let across = motion.axis.cross(camera.forward()).normalize_or(camera.right());
                let drag = camera.right() * (to - from).x - camera.up() * (to - from).y;
                drag.dot(across) * 0.01
            }
        }
    }

    /// How far along the axis a drag goes, LDU.
    fn along(&self, motion: &JointMotion, from: Vec2, to: Vec2) -> f32 {
        let nearest = |pixel: Vec2| {
            let ray = self.viewport.ray(pixel);
            let offset = motion.center - ray.origin;
            let (b, d, e) = (motion.axis.dot(ray.direction), motion.axis.dot(offset), ray.direction.dot(offset));
            let denominator = 1.0 - b * b;
            if denominator < 1e-3 { 0.0 } else { (b * e - d) / denominator }
        };
        nearest(to) - nearest(from)
    }

    /// Whether what moves reaches into what stays.
    fn blocked(&self, held: &Move, moved: &Affine3A, motion: &JointMotion) -> bool {
        // Large sides are judged by the check: a drag has no time for it.
        if motion.moving.len() > 200 {
            return false;
        }
        let moving: HashSet<u32> = motion.moving.iter().copied().collect();
        let projection = &*self.projection;
        let ignore = |slot: u32| moving.contains(&slot) || !projection.is_slot_visible(slot);
        held.carried
            .body
            .pieces
            .iter()
            .any(|piece| overlaps_any(&piece.body, &(*moved * piece.pose), &projection.space, &ignore))
    }

    fn end(&mut self, drag: &JointDrag, acts: &mut MessageWriter<Act>) {
        let Some(motion) = drag.held.motion.filter(|_| drag.mark.by != 0.0) else { return };
        if drag.held.blocked && self.refuse_overlap {
            self.tools.hint = "There is no room for it there".into();
            return;
        }
        let motion = Pose::from_affine(&motion);
        let poses = drag.held.pieces.iter().map(|&(piece, pose)| (piece, super::pointer::tidied(pose.then(motion))));
        acts.write(Act(EditorAction::SetPoses(poses.collect())));
    }
}
