// Each pixel is the average of four of a picture that was drawn twice as large.

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
