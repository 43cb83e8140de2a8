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

    /// Calls `f` with the index of each connector whose origin lies within `radius` (LDU) of a point in the part.
    pub fn connectors_near(&self, point: Vec3, radius: f32, f: &mut dyn FnMut(usize, &Connector)) {
        let connectors = self.connectors();
        self.grid.get_or_init(|| ConnectorGrid::new(connectors)).near(point, radius, &mut |i| f(i, &connectors[i]));
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

/// Connector origins sorted along the part's longest side, so that a baseplate's thousand studs cost no more than a few.
struct ConnectorGrid {
    cells: std::collections::HashMap<[i32; 3], Vec<u32>>,
}

/// LDU.
const CELL: f32 = 20.0;

impl ConnectorGrid {
    fn new(connectors: &[Connector]) -> Self {
        let mut cells = std::collections::HashMap::<_, Vec<u32>>::new();
        for (i, connector) in connectors.iter().enumerate() {
            // Long ones (axles, bars) are found anywhere along their length.
            let [start, end] = connector.extent();
            let steps = ((end - start) / (CELL * 0.5)).ceil().clamp(1.0, 64.0) as u32;
            let mut last = None;
            for step in 0..=steps {
                let along = start + (end - start) * step as f32 / steps as f32;
                let cell = cell_of(connector.origin() + connector.direction() * along);
                if last != Some(cell) {
                    cells.entry(cell).or_default().push(i as u32);
                    last = Some(cell);
                }
            }
        }
        Self { cells }
    }

    fn near(&self, point: Vec3, radius: f32, f: &mut dyn FnMut(usize)) {
        let (low, high) = (cell_of(point - radius), cell_of(point + radius));
        let mut seen = Vec::new();
        for x in low[0]..=high[0] {
            for y in low[1]..=high[1] {
                for z in low[2]..=high[2] {
                    for i in self.cells.get(&[x, y, z]).into_iter().flatten() {
                        if !seen.contains(i) {
                            seen.push(*i);
                            f(*i as usize);
                        }
                    }
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
