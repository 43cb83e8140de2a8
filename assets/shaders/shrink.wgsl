// What is done to whole pictures: each pixel the average of four of a picture that was drawn twice as large, and the
// outline of selected pieces around a mask of them.

@group(0) @binding(0) var large: texture_2d<f32>;

@vertex
fn vs_shrink(@builtin(vertex_index) vertex: u32) -> @builtin(position) vec4<f32> {
    return vec4(select(-1.0, 3.0, vertex == 1u), select(-1.0, 3.0, vertex == 2u), 0.0, 1.0);
}

@fragment
fn fs_shrink(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let corner = vec2<i32>(at.xy) * 2;
    let upper = textureLoad(large, corner, 0) + textureLoad(large, corner + vec2(1, 0), 0);
    let lower = textureLoad(large, corner + vec2(0, 1), 0) + textureLoad(large, corner + vec2(1, 1), 0);
    return (upper + lower) * 0.25;
}

@fragment
fn fs_outline(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let here = vec2<i32>(at.xy);
    let last = vec2<i32>(textureDimensions(large)) - 1;
    let inside = textureLoad(large, here, 0).r;
    var near = 0.0;
    for (var y = -2; y <= 2; y++) {
        for (var x = -2; x <= 2; x++) {
            let weight = 1.0 - 0.12 * f32(x * x + y * y);
            near = max(near, textureLoad(large, clamp(here + vec2(x, y), vec2(0), last), 0).r * weight);
        }
    }
    let alpha = clamp(near * 1.5, 0.0, 1.0) * (1.0 - inside);
    return vec4(vec3(0.02, 0.30, 0.95) * alpha, alpha);
}
