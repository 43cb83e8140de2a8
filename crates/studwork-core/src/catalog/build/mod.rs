//! The toolkit that all part families build with. It makes triangles with hard and soft normals, edge lines,
//! silhouette lines, stud groups, grips and solids; it knows nothing of any part number.
//!
//! How to use it:
//! - A [`Shape`] is joined from others: `a.with(&b)`, `a.with_at(&b, axes::at(x, y, z))`, `shape.append(..)`.
//! - A [`Contour`] is a flat outline (`rect`, `circle`, `new(points)`, `rounded`, `offset`); its direction does not matter.
//! - [`Prism`] moves a contour along an axis: `Prism::new(contour, from, to).bevel(BEVEL).hole(..).shape()` lies with u, v, w
//!   on x, y, z. Turn it with `axes::up()` (contour in (x, z), w = height above y = 0, so y = −w), `axes::along_x()`
//!   (contour in (y, z)) or `axes::along_z()` (contour in (x, y)).
//! - [`Lathe`] turns a profile of (radius, w) about the w axis; an open profile runs toward +w on the outside.
//! - [`drilled`] and [`bored`] bodies have holes for pins, axles and bars; [`pin`], [`axle`] and [`bar`] go into them.
//! - Ready bodies in LDraw axes (y grows downward): [`block`], [`cylinder`], [`rod`], [`tube`], [`cone`], [`shell`], [`stud`],
//!   [`studs`], [`underside`], [`hull`], [`hollow_hull`]; [`face`] and [`pocket`] for walls with holes (place them with `axes::y_toward` and friends).
//! - `inside_out()` makes a cavity of a body; leave its opening open with `open_from`/`open_edges` and put a rim around it.

pub mod axes;
mod bodies;
mod contour;
mod fittings;
mod holes;
mod hull;
mod prism;
mod shape;
mod studs;

pub use bodies::{block, cone, cylinder, disc, drilled_shell, face, plain_block, pocket, rim, rod, shell, slab, tube};
pub use contour::Contour;
pub use fittings::{ClipForm, ball, clip, frame, handle, ring, stick, stud_body, toward};
pub use holes::{Hole, axle, bar, bored, cross, drilled, pin, pin_half, plain_pin_half, turned};
pub use hull::{hollow_hull, hull};
pub use prism::{Lathe, Prism};
pub use shape::{Grip, GripKind, Shape, Solid};
pub use studs::{STUD_HEIGHT, STUD_RADIUS, StudStyle, grid, stud, studs, underside, underside_below};

/// The bevel of ordinary edges, LDU.
pub const BEVEL: f32 = 0.4;
/// The thickness of ordinary walls and ceilings, LDU.
pub const WALL: f32 = 4.0;
/// Steps around small round things.
pub const ROUND: usize = 16;
