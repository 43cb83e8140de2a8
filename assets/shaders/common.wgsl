// What every shader of the renderer shares: the frame's settings, instances, colors and light.
// World space is LDraw's: -Y is up.

struct Globals {
    view_projection: mat4x4<f32>,
    // World to the shadow map: x, y in -1..1, z in 0..1.
    light: mat4x4<f32>,
    // xyz the eye; w 1 with perspective, 0 without.
    eye: vec4<f32>,
    // xyz the line of sight; w LDU a pixel: at depth 1 with perspective, everywhere without.
    forward: vec4<f32>,
    // Width and height in pixels, half the width of edge lines in pixels, depth a LDU (orthographic).
    viewport: vec4<f32>,
    // xyz towards the key light; w its strength.
    key: vec4<f32>,
    // xyz towards the fill light; w its strength.
    fill: vec4<f32>,
    // LDU a texel of the shadow map, 1 / its size, how large the picture is drawn (0: no shadows), height of the ground.
    shadow: vec4<f32>,
    // The ground's least x, least z, greatest x, greatest z.
    ground: vec4<f32>,
    // Background, upper and lower color (linear).
    above: vec4<f32>,
    below: vec4<f32>,
}

struct Piece {
    // The first three rows of the matrix from the mesh to the world.
    row0: vec4<f32>,
    row1: vec4<f32>,
    row2: vec4<f32>,
    // sRGB and opacity.
    color: u32,
    // sRGB of edges; the top byte is the luminance.
    edge: u32,
    finish: u32,
    flags: u32,
}

// A color that a mesh names itself.
struct Tint {
    color: u32,
    edge: u32,
    finish: u32,
    pad: u32,
}

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<storage, read> pieces: array<Piece>;
@group(0) @binding(2) var<storage, read> tints: array<Tint>;
@group(0) @binding(3) var shadow_map: texture_depth_2d;
@group(0) @binding(4) var shadow_sampler: sampler_comparison;
// Where studs are in their meshes, three rows each; the first leaves a vertex where it is.
@group(0) @binding(5) var<storage, read> locals: array<vec4<f32>>;

const SELECTED = 1u;
const HOVERED = 2u;
const GHOST = 4u;
const GHOST_BAD = 8u;
const HIGHLIGHTED = 16u;
const DIMMED = 32u;
const MIRRORED = 256u;
const SKEWED = 512u;

const SELECTION_COLOR = vec3<f32>(0.05, 0.42, 1.0);

fn linear_from_srgb(c: vec3<f32>) -> vec3<f32> {
    return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

// `local` is the place of a stud, or 0.
fn to_world(piece: Piece, p: vec3<f32>, local: u32) -> vec3<f32> {
    var v = vec4(p, 1.0);
    if local != 0u {
        let row = local * 3u;
        v = vec4(dot(locals[row], v), dot(locals[row + 1u], v), dot(locals[row + 2u], v), 1.0);
    }
    return vec3(dot(piece.row0, v), dot(piece.row1, v), dot(piece.row2, v));
}

// A normal turned by a matrix of which rows are given; under uneven scales the cofactor matrix is right.
fn turned(x: vec3<f32>, y: vec3<f32>, z: vec3<f32>, n: vec3<f32>) -> vec3<f32> {
    let c0 = vec3(x.x, y.x, z.x);
    let c1 = vec3(x.y, y.y, z.y);
    let c2 = vec3(x.z, y.z, z.z);
    let out = cross(c1, c2) * n.x + cross(c2, c0) * n.y + cross(c0, c1) * n.z;
    return select(out, -out, dot(cross(c0, c1), c2) < 0.0);
}

// The color of a surface after the marks of its piece.
fn marked(color: vec4<f32>, flags: u32) -> vec4<f32> {
    var c = color;
    if flags != 0u {
        if (flags & DIMMED) != 0u { c = vec4(mix(c.rgb, vec3(0.55), 0.75), c.a); }
        if (flags & HIGHLIGHTED) != 0u { c = vec4(mix(c.rgb, vec3(1.0, 0.72, 0.05), 0.35), c.a); }
        if (flags & HOVERED) != 0u { c = vec4(mix(c.rgb, vec3(1.0), 0.10), c.a); }
        if (flags & SELECTED) != 0u { c = vec4(mix(c.rgb, SELECTION_COLOR, 0.16), c.a); }
        if (flags & GHOST) != 0u { c = vec4(c.rgb, c.a * 0.6); }
        if (flags & GHOST_BAD) != 0u { c = vec4(mix(c.rgb, vec3(0.9, 0.02, 0.02), 0.8), min(c.a, 0.62)); }
    }
    return c;
}
