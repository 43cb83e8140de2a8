// What is around the model: background, the ground that catches its shadow, and the editor's lines and quads.

struct Backdrop {
    @builtin(position) clip: vec4<f32>,
    @location(0) height: f32,
}

@vertex
fn vs_backdrop(@builtin(vertex_index) vertex: u32) -> Backdrop {
    let at = vec2(select(-1.0, 3.0, vertex == 1u), select(-1.0, 3.0, vertex == 2u));
    var out: Backdrop;
    out.clip = vec4(at, 0.0, 1.0);
    out.height = at.y * 0.5 + 0.5;
    return out;
}

@fragment
fn fs_backdrop(in: Backdrop) -> @location(0) vec4<f32> {
    return mix(globals.below, globals.above, smoothstep(0.0, 1.0, in.height));
}

struct Ground {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
}

@vertex
fn vs_ground(@builtin(vertex_index) vertex: u32) -> Ground {
    let share = vec2(f32(vertex & 1u), f32(vertex >> 1u));
    let at = mix(globals.ground.xy, globals.ground.zw, share);
    var out: Ground;
    out.world = vec3(at.x, globals.shadow.w, at.y);
    out.clip = globals.view_projection * vec4(out.world, 1.0);
    return out;
}

@fragment
fn fs_ground(in: Ground) -> @location(0) vec4<f32> {
    let p = globals.light * vec4(in.world, 1.0);
    let uv = vec2(p.x, -p.y) * 0.5 + 0.5;
    let depth = min(p.z, 0.9999);
    // Samples on a spiral, wide and soft. Where four of these pixels become one, each takes a quarter of them.
    let odd = vec2<u32>(in.clip.xy) & vec2(1u);
    let quarters = globals.shadow.z > 1.5;
    let first = select(0u, odd.x + odd.y * 2u, quarters);
    let step = select(1u, 4u, quarters);
    let reach = max(globals.shadow.y * 3.5, 0.006);
    var dark = 0.0;
    for (var i = first; i < 16u; i += step) {
        let angle = f32(i) * 2.3999632;
        let at = uv + vec2(cos(angle), sin(angle)) * (sqrt((f32(i) + 0.5) / 16.0) * reach);
        dark += 1.0 - textureSampleCompareLevel(shadow_map, shadow_sampler, at, depth);
    }
    return vec4(0.0, 0.0, 0.0, dark * f32(step) / 16.0 * 0.42);
}

struct Mark {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
}

@vertex
fn vs_overlay(@location(0) position: vec3<f32>, @location(1) color: vec4<f32>) -> Mark {
    var out: Mark;
    out.clip = globals.view_projection * vec4(position, 1.0);
    out.color = vec4(linear_from_srgb(color.rgb) * color.a, color.a);
    return out;
}

@fragment
fn fs_overlay(in: Mark) -> @location(0) vec4<f32> {
    return in.color;
}
