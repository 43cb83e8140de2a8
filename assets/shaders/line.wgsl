// Edge lines: one pixel wide as lines, wider ones as quads in the plane of the screen. They are pulled towards the
// eye by about a pixel's length, so that the faces they border never cover them.

struct Line {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

@group(1) @binding(0) var<storage, read> edges: array<u32>;

fn pulled(clip: vec4<f32>) -> vec4<f32> {
    var out = clip;
    if globals.eye.w > 0.5 {
        let length = min(globals.forward.w * clip.w * 1.3 + 0.12, 4.0);
        out.z = clip.z * clip.w / max(clip.w - length, clip.w * 0.5);
    } else {
        out.z = clip.z + min(globals.forward.w * 1.3 + 0.12, 4.0) * globals.viewport.w;
    }
    return out;
}

// The line's color: where a pixel is long against a brick, lines fade into the face so that a large model is no black mesh.
fn line_color(piece: Piece, tint: u32, depth: f32) -> vec4<f32> {
    var edge = piece.edge;
    var face = piece.color;
    if tint == 0u {
        edge = piece.color;
    } else if tint > 1u {
        edge = tints[tint].color;
        face = edge;
    }
    let flags = piece.flags & 255u;
    let length = select(globals.forward.w, globals.forward.w * depth, globals.eye.w > 0.5);
    let fade = smoothstep(0.9, 4.0, length) * 0.75;
    let face_color = linear_from_srgb(unpack4x8unorm(face).rgb) * 0.7;
    var color = mix(linear_from_srgb(unpack4x8unorm(edge).rgb), face_color, fade);
    if flags != 0u {
        if (flags & DIMMED) != 0u { color = mix(color, vec3(0.45), 0.7); }
        if (flags & HIGHLIGHTED) != 0u { color = mix(color, vec3(0.75, 0.35, 0.0), 0.7); }
        if (flags & (SELECTED | GHOST)) != 0u { color = SELECTION_COLOR; }
        if (flags & GHOST_BAD) != 0u { color = vec3(0.75, 0.0, 0.0); }
    }
    return vec4(color, 1.0);
}

@vertex
fn vs_line(@location(0) position: vec3<f32>, @location(2) tint: u32, @location(3) index: vec2<u32>) -> Line {
    let piece = pieces[index.x];
    var out: Line;
    let clip = globals.view_projection * vec4(to_world(piece, position, index.y), 1.0);
    out.clip = pulled(clip);
    out.color = line_color(piece, tint, clip.w);
    return out;
}

fn point_at(word: u32) -> vec3<f32> {
    return vec3(bitcast<f32>(edges[word]), bitcast<f32>(edges[word + 1u]), bitcast<f32>(edges[word + 2u]));
}

// A corner of the quad around a line between two points in clip space.
fn widened(a: vec4<f32>, b: vec4<f32>, corner: u32) -> vec4<f32> {
    let half = globals.viewport.xy * 0.5;
    let pa = a.xy / max(a.w, 1e-4) * half;
    let pb = b.xy / max(b.w, 1e-4) * half;
    let along = pb - pa;
    let unit = select(vec2(1.0, 0.0), normalize(along), dot(along, along) > 1e-8);
    let at_b = corner == 1u || corner == 2u || corner == 4u;
    let left = corner == 0u || corner == 1u || corner == 3u;
    var out = select(a, b, at_b);
    let side = vec2(-unit.y, unit.x) * select(-1.0, 1.0, left) + unit * select(-0.5, 0.5, at_b);
    out += vec4(side * globals.viewport.z / half * out.w, 0.0, 0.0);
    return out;
}

@vertex
fn vs_wide(@builtin(vertex_index) vertex: u32, @location(3) index: vec2<u32>) -> Line {
    let piece = pieces[index.x];
    let word = (vertex / 6u) * 8u;
    let a = globals.view_projection * vec4(to_world(piece, point_at(word), index.y), 1.0);
    let b = globals.view_projection * vec4(to_world(piece, point_at(word + 4u), index.y), 1.0);
    var out: Line;
    out.clip = pulled(widened(a, b, vertex % 6u));
    out.color = line_color(piece, edges[word + 3u], a.w);
    return out;
}

// A conditional line is 13 words: two ends, two controls, tint. It shows while both controls are on one side of it.
@vertex
fn vs_conditional(@builtin(vertex_index) vertex: u32, @location(3) index: vec2<u32>) -> Line {
    let piece = pieces[index.x];
    let word = (vertex / 6u) * 13u;
    let a = globals.view_projection * vec4(to_world(piece, point_at(word), index.y), 1.0);
    let b = globals.view_projection * vec4(to_world(piece, point_at(word + 3u), index.y), 1.0);
    let c = globals.view_projection * vec4(to_world(piece, point_at(word + 6u), index.y), 1.0);
    let d = globals.view_projection * vec4(to_world(piece, point_at(word + 9u), index.y), 1.0);
    let origin = a.xy / a.w;
    let along = b.xy / b.w - origin;
    let to_c = c.xy / c.w - origin;
    let to_d = d.xy / d.w - origin;
    let side_c = along.x * to_c.y - along.y * to_c.x;
    let side_d = along.x * to_d.y - along.y * to_d.x;
    var out: Line;
    out.color = line_color(piece, edges[word + 12u], a.w);
    out.clip = pulled(widened(a, b, vertex % 6u));
    if side_c * side_d < 0.0 { out.clip = vec4(2.0, 2.0, 0.5, 1.0); }
    return out;
}

@fragment
fn fs_line(in: Line) -> @location(0) vec4<f32> {
    return in.color;
}
