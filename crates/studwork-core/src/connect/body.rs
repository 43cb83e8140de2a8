//! A part as the spatial index, snapping and collision see it: mesh, connectors, solids, made once per part.

use super::{Connector, Solid};
use crate::{Bounds, Mesh, space::MeshTree};
use glam::Vec3;
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// How a [`PartBody`] gets its connectors and solids when they are first asked for.
pub type Physique = Box<dyn Fn(&Arc<Mesh>) -> (Vec<Connector>, Vec<Solid>) + Send + Sync>;

/// What a [`Physique`] made.
type Made = (Arc<[Connector]>, Arc<[Solid]>);

/// A part's mesh, connectors and solids. Shared by all its pieces; what is costly is made on first use and kept.
pub struct PartBody {
    mesh: Arc<Mesh>,
    make: Option<Physique>,
    physique: OnceLock<Made>,
    tree: OnceLock<MeshTree>,
    grid: OnceLock<ConnectorGrid>,
    solid_tree: OnceLock<SolidTree>,
}

impl PartBody {
    /// A body whose connectors and solids are known.
    pub fn new(mesh: Arc<Mesh>, connectors: impl Into<Arc<[Connector]>>, solids: impl Into<Arc<[Solid]>>) -> Arc<Self> {
        let body = Self::empty(mesh, None);
        let _ = body.physique.set((connectors.into(), solids.into()));
        Arc::new(body)
    }

    /// A body whose connectors and solids are made by `make` when first asked for.
    pub fn lazy(mesh: Arc<Mesh>, make: Physique) -> Arc<Self> {
        Arc::new(Self::empty(mesh, Some(make)))
    }

    fn empty(mesh: Arc<Mesh>, make: Option<Physique>) -> Self {
        Self {
            mesh,
            make,
            physique: OnceLock::new(),
            tree: OnceLock::new(),
            grid: OnceLock::new(),
            solid_tree: OnceLock::new(),
        }
    }

    /// What is drawn and picked.
    pub fn mesh(&self) -> &Arc<Mesh> {
        &self.mesh
    }

    /// The box around the mesh, LDU.
    pub fn bounds(&self) -> Bounds {
        self.mesh.bounds
    }

    /// Where it grips.
    pub fn connectors(&self) -> &Arc<[Connector]> {
        &self.physique().0
    }

    /// What it is made of, for collision.
    pub fn solids(&self) -> &Arc<[Solid]> {
        &self.physique().1
    }

    fn physique(&self) -> &Made {
        self.physique.get_or_init(|| {
            let (connectors, solids) = self.make.as_ref().map(|make| make(&self.mesh)).unwrap_or_default();
            (connectors.into(), solids.into())
        })
    }

    /// The mesh's triangles, indexed for rays.
    pub fn tree(&self) -> &MeshTree {
        self.tree.get_or_init(|| MeshTree::new(self.mesh.clone()))
    }

    /// Calls `f` with the index of each connector whose axis comes within `radius` (LDU) of a point in the part, and
    /// perhaps with some a little farther away.
    pub fn connectors_near(&self, point: Vec3, radius: f32, f: &mut dyn FnMut(usize, &Connector)) {
        let connectors = self.connectors();
        self.grid.get_or_init(|| ConnectorGrid::new(connectors)).near(point, radius, &mut |i| f(i, &connectors[i]));
    }

    /// The box around all connectors, in the part, LDU.
    pub(super) fn connector_bounds(&self) -> Bounds {
        self.grid.get_or_init(|| ConnectorGrid::new(self.connectors())).bounds
    }

    /// Calls `f` with each solid whose box touches a box in the part.
    pub(super) fn solids_in(&self, bounds: Bounds, f: &mut dyn FnMut(&Solid)) {
        let solids = self.solids();
        self.solid_tree.get_or_init(|| SolidTree::new(solids)).near(bounds, &mut |i| f(&solids[i]));
    }
}

impl fmt::Debug for PartBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartBody").field("bounds", &self.mesh.bounds).finish_non_exhaustive()
    }
}

/// Connectors by cells of space, so that a baseplate's thousand studs cost no more than a few.
struct ConnectorGrid {
    first: [i32; 3],
    count: [i32; 3],
    /// For each cell where its connectors begin in `members`; one more at the end.
    starts: Vec<u32>,
    members: Vec<u32>,
    /// Which connectors lie in more than one cell.
    in_several: Vec<bool>,
    /// Around every connector's whole length.
    bounds: Bounds,
}

/// LDU.
const CELL: f32 = 20.0;
const MOST_CELLS: i64 = 1 << 16;

impl ConnectorGrid {
    fn new(connectors: &[Connector]) -> Self {
        let mut places: Vec<([i32; 3], u32)> = Vec::new();
        let mut bounds = Bounds::EMPTY;
        for (i, connector) in connectors.iter().enumerate() {
            // Long ones (axles, bars) are found anywhere along their length.
            let [start, end] = connector.extent();
            let steps = ((end - start) / (CELL * 0.5)).ceil().clamp(1.0, 64.0) as u32;
            for step in 0..=steps {
                let along = start + (end - start) * step as f32 / steps as f32;
                let point = connector.origin() + connector.direction() * along;
                if point.is_finite() {
                    bounds = bounds.extended(point);
                    places.push((cell_of(point), i as u32));
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        let corner = |pick: fn(i32, i32) -> i32, from: i32| {
            places.iter().fold([from; 3], |all, (cell, _)| std::array::from_fn(|axis| pick(all[axis], cell[axis])))
        };
        let (first, last) = (corner(i32::min, i32::MAX), corner(i32::max, i32::MIN));
        let sizes: [i64; 3] = std::array::from_fn(|axis| i64::from(last[axis]) - i64::from(first[axis]) + 1);
        let sound =
            !places.is_empty() && sizes.iter().product::<i64>() <= MOST_CELLS && sizes.iter().all(|n| *n < 1 << 15);
        // Nonsense far away is one cell.
        let (first, count) = if sound { (first, sizes.map(|n| n as i32)) } else { ([0; 3], [1; 3]) };
        let in_several = vec![false; connectors.len()];
        let mut grid = Self { first, count, starts: Vec::new(), members: Vec::new(), in_several, bounds };
        let mut by_cell: Vec<(usize, u32)> = places.into_iter().map(|(cell, i)| (grid.index(cell), i)).collect();
        by_cell.sort_unstable();
        by_cell.dedup();
        let cells = count.iter().map(|n| *n as usize).product::<usize>();
        grid.starts = (0..=cells).map(|cell| by_cell.partition_point(|(at, _)| *at < cell) as u32).collect();
        grid.members = by_cell.into_iter().map(|(_, i)| i).collect();
        let mut times = vec![0_u32; connectors.len()];
        grid.members.iter().for_each(|i| times[*i as usize] += 1);
        grid.in_several = times.into_iter().map(|times| times > 1).collect();
        grid
    }

    /// The cell's number; one outside is taken for the nearest inside.
    fn index(&self, cell: [i32; 3]) -> usize {
        let at = |axis: usize| (cell[axis].saturating_sub(self.first[axis])).clamp(0, self.count[axis] - 1) as usize;
        (at(0) * self.count[1] as usize + at(1)) * self.count[2] as usize + at(2)
    }

    fn near(&self, point: Vec3, radius: f32, f: &mut dyn FnMut(usize)) {
        if !self.bounds.grown(radius).contains(point) {
            return;
        }
        let (low, high) = (cell_of(point - radius), cell_of(point + radius));
        let from: [i32; 3] = std::array::from_fn(|axis| low[axis].max(self.first[axis]));
        let to: [i32; 3] = std::array::from_fn(|axis| high[axis].min(self.first[axis] + self.count[axis] - 1));
        let one = self.count == [1; 3];
        let mut seen = Vec::new();
        let mut tell = |i: u32| {
            if self.in_several[i as usize] {
                if seen.contains(&i) {
                    return;
                }
                seen.push(i);
            }
            f(i as usize);
        };
        let mut cell_at = |index: usize| {
            let members = self.starts[index] as usize..self.starts[index + 1] as usize;
            self.members[members].iter().for_each(|i| tell(*i));
        };
        if one {
            cell_at(0);
            return;
        }
        for x in from[0]..=to[0] {
            for y in from[1]..=to[1] {
                for z in from[2]..=to[2] {
                    cell_at(self.index([x, y, z]));
                }
            }
        }
    }
}

fn cell_of(point: Vec3) -> [i32; 3] {
    (point / CELL).floor().to_array().map(|c| c as i32)
}

/// Boxes of solids; a tree only where there are enough of them to pay.
struct SolidTree {
    bounds: Vec<Bounds>,
    tree: Option<parry3d::partitioning::Bvh>,
}

impl SolidTree {
    fn new(solids: &[Solid]) -> Self {
        let bounds: Vec<Bounds> = solids.iter().map(Solid::bounds).collect();
        let tree = (bounds.len() > 16).then(|| crate::space::bvh_of(&bounds));
        Self { bounds, tree }
    }

    fn near(&self, bounds: Bounds, f: &mut dyn FnMut(usize)) {
        match &self.tree {
            Some(tree) => tree.intersect_aabb(&crate::space::aabb_of(bounds)).for_each(|i| f(i as usize)),
            None => (0..self.bounds.len()).filter(|i| self.bounds[*i].overlaps(bounds)).for_each(f),
        }
    }
}
