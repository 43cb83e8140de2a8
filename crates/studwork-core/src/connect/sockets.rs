//! Sockets for studs, found from a part's shape: where from below there is room for a stud and something around to grip it.
//!
//! Nothing in an LDraw file marks them (a 1×1 brick has only its walls), so the mesh is probed with rays on the
//! half-stud lattice, at each height where the underside has a rim; and the same from the sides and from above.

use super::Connector;
use crate::{
    Bounds, Mesh,
    space::{MeshTree, Ray, corners},
};
use glam::{Affine3A, Mat3, Vec3};

/// Half a stud's pitch, LDU.
const LATTICE: f32 = 10.0;
/// A stud of this radius must fit in; a little less than 6 because walls are drawn round and ribs tight, LDU.
const ROOM_RADIUS: f32 = 5.4;
/// A wall or tube up to here grips, LDU.
const GRIP_RADIUS: f32 = 7.3;
/// A stud of this height must fit in, LDU.
const ROOM_HEIGHT: f32 = 3.4;
/// Directions probed around the axis.
const AROUND: usize = 16;
/// Parts with more lattice points than this (huge baseplates, nonsense) are not probed.
const MOST_POINTS: f32 = 40_000.0;

/// The sockets of a part, whichever way they open; those under it first. `tree` holds all triangles of `mesh` but its
/// studs.
pub(super) fn sockets_of(mesh: &Mesh, tree: &MeshTree) -> Vec<Connector> {
    let under = Probe { mesh, tree, frame: Affine3A::IDENTITY, steps: [LATTICE; 2] }.sockets();
    // From the side a stud may be at any even height: half a stud's pitch and half a plate are no multiples of each other.
    const FINE: f32 = 2.0;
    let (x, y, z) = (Vec3::X, Vec3::Y, Vec3::Z);
    let others = [
        (Mat3::from_cols(x, z, -y), [LATTICE, FINE]),
        (Mat3::from_cols(x, -z, y), [LATTICE, FINE]),
        (Mat3::from_cols(-y, x, z), [FINE, LATTICE]),
        (Mat3::from_cols(y, -x, z), [FINE, LATTICE]),
        (Mat3::from_cols(x, -y, -z), [LATTICE; 2]),
    ];
    let mut sockets = without_between(under);
    for (turn, steps) in others {
        let frame = Affine3A::from_mat3(turn);
        let mut kept: Vec<Connector> = Vec::new();
        for socket in (Probe { mesh, tree, frame, steps }).sockets() {
            // Two studs do not stand nearer to each other than this.
            if kept.iter().all(|other| other.origin().distance(socket.origin()) > 8.0) {
                kept.push(socket);
            }
        }
        sockets.extend(kept);
    }
    sockets
}

/// Sockets without those half a stud's pitch aside of several others: at a slanted edge a wall and a tube may stand as if they
/// gripped there.
fn without_between(sockets: Vec<Connector>) -> Vec<Connector> {
    let class = |socket: &Connector| {
        let at = (socket.origin() / LATTICE).round().as_ivec3();
        (at.x.rem_euclid(2), at.z.rem_euclid(2))
    };
    let count = |of: (i32, i32)| sockets.iter().filter(|socket| class(socket) == of).count();
    let main = [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().max_by_key(|of| count(*of)).unwrap_or_default();
    if count(main) < 4 {
        return sockets;
    }
    let beside = |socket: &Connector| {
        let other = class(socket);
        // One step along one axis; half a pitch along both is the middle of four.
        (other.0 == main.0) != (other.1 == main.1)
            && sockets.iter().any(|o| class(o) == main && o.origin().distance(socket.origin()) < LATTICE + 0.5)
    };
    sockets.iter().filter(|socket| !beside(socket)).cloned().collect()
}

/// One way to look at a part: from below, in a space that is turned.
struct Probe<'a> {
    mesh: &'a Mesh,
    tree: &'a MeshTree,
    /// From the turned space to the part's: +Y goes to where sockets open.
    frame: Affine3A,
    /// Of the lattice along X and Z of the turned space, LDU.
    steps: [f32; 2],
}

impl Probe<'_> {
    fn is_from_below(&self) -> bool {
        self.frame == Affine3A::IDENTITY
    }

    fn sockets(&self) -> Vec<Connector> {
        let bounds = self.mesh.bounds.transformed(&self.frame.inverse());
        let size = bounds.size();
        let [along_x, along_z] = self.steps;
        if bounds.is_empty() || (size.x / along_x + 1.0) * (size.z / along_z + 1.0) > MOST_POINTS {
            return Vec::new();
        }
        let rims = self.rim_heights();
        if rims.is_empty() {
            return Vec::new();
        }
        let places = |min: f32, max: f32, step: f32| {
            ((min / step).ceil() as i32..=(max / step).floor() as i32).map(move |i| i as f32 * step)
        };
        let mut sockets = Vec::new();
        for x in places(bounds.min.x, bounds.max.x, along_x) {
            for z in places(bounds.min.z, bounds.max.z, along_z) {
                let at = Vec3::new(x, 0.0, z);
                let roof = self.free_height(at, bounds);
                let deep_enough = rims.iter().filter(|rim| **rim - roof >= ROOM_HEIGHT);
                let grips: Vec<(f32, [bool; 2])> =
                    deep_enough.map(|rim| (*rim, self.grips(at.with_y(*rim), bounds))).collect();
                let rim = if self.is_from_below() {
                    // Best a rim that grips from the mouth on; else (a smaller foot, as under a round plate) one that grips deeper.
                    let from_mouth = grips.iter().find(|(_, [low, _])| *low);
                    from_mouth.or_else(|| grips.iter().find(|(_, [_, high])| *high))
                } else {
                    grips.iter().find(|(_, [low, high])| *low && *high)
                };
                sockets.extend(
                    rim.map(|(rim, _)| Connector::socket(self.frame * Affine3A::from_translation(at.with_y(*rim)))),
                );
            }
        }
        sockets
    }

    fn cast(&self, ray: &Ray, limit: f32) -> Option<f32> {
        let turned = if self.is_from_below() { *ray } else { ray.transformed(&self.frame) };
        self.tree.cast(&turned, limit).map(|hit| hit.distance)
    }

    /// Heights (Y) of faces that look straight down, the lowest (greatest Y) first.
    fn rim_heights(&self) -> Vec<f32> {
        let to_probe = self.frame.inverse();
        let mut areas = std::collections::BTreeMap::<i32, f32>::new();
        for triangle in 0..(self.mesh.indices.len() / 3) as u32 {
            let Some(points) = corners(self.mesh, triangle) else { continue };
            let [a, b, c] = points.map(|point| to_probe.transform_point3(point));
            let area = (b - a).cross(c - a) * 0.5;
            // Winding may be unknown, so faces that look up count as well; a probe there fails.
            if area.y.abs() > 0.1 && area.y.abs() > 0.999 * area.length() {
                *areas.entry((a.y * 4.0).round() as i32).or_default() += area.y.abs();
            }
        }
        areas
            .into_iter()
            .rev()
            .filter(|(_, area)| *area > 4.0)
            .map(|(quarter, _)| quarter as f32 / 4.0)
            .take(12)
            .collect()
    }

    /// How high (least Y) from below a stud's top would come at a place before it meets the part.
    fn free_height(&self, at: Vec3, bounds: Bounds) -> f32 {
        let below = bounds.max.y + 1.0;
        let up = |offset: Vec3| {
            let ray = Ray { origin: (at + offset).with_y(below), direction: Vec3::NEG_Y };
            self.cast(&ray, f32::MAX).map_or(f32::NEG_INFINITY, |distance| below - distance)
        };
        let ring = (0..8).map(|i| {
            let (sin, cos) = (std::f32::consts::TAU * (i as f32 + 0.3) / 8.0).sin_cos();
            up(Vec3::new(cos, 0.0, sin) * 5.0)
        });
        // The middle first: it refuses most places at once.
        let middle = up(Vec3::new(0.05, 0.0, 0.08));
        if middle >= bounds.max.y - 1.0 { middle } else { ring.fold(middle, f32::max) }
    }

    /// Whether walls around a place whose rim is at `mouth` leave room for a stud and grip it from more than one side: near
    /// the mouth, and deeper.
    fn grips(&self, mouth: Vec3, bounds: Bounds) -> [bool; 2] {
        if mouth.y > bounds.max.y + 0.5 {
            return [false; 2];
        }
        let gap_at = |height: f32| {
            let mut grips = [false; AROUND];
            for (i, grips) in grips.iter_mut().enumerate() {
                let (sin, cos) = (std::f32::consts::TAU * i as f32 / AROUND as f32).sin_cos();
                let ray = Ray { origin: mouth - Vec3::Y * height, direction: Vec3::new(cos, 0.0, sin) };
                match self.cast(&ray, GRIP_RADIUS) {
                    Some(distance) if distance < ROOM_RADIUS => return None,
                    Some(_) => *grips = true,
                    None => {}
                }
            }
            Some(widest_gap(&grips))
        };
        let (Some(low), Some(high)) = (gap_at(1.2), gap_at(3.0)) else { return [false; 2] };
        // From the side only what holds a stud nearly all around is meant as a socket.
        let most = if self.is_from_below() { AROUND / 2 } else { 6 };
        [low <= most, high <= most]
    }
}

/// The widest run of directions without grip, plus one: more than half means that all grip is on one side.
fn widest_gap(grips: &[bool; AROUND]) -> usize {
    let (mut widest, mut run) = (0, 0);
    for grip in grips.iter().chain(grips) {
        run = if *grip { 0 } else { run + 1 };
        widest = widest.max(run);
    }
    widest.min(AROUND) + 1
}
