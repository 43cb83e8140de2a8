// The faces of pieces: plastic and the other finishes under a key light, a fill light and a made-up studio.

struct Surface {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    // sRGB and opacity; finish in the low byte, then luminance, then flags.
    @location(2) @interpolate(flat) look: vec2<u32>,
}

@vertex
fn vs_piece(
    @location(0) position: vec3<f32>,
    @location(1) normal: vec4<f32>,
    @location(2) tint: u32,
    @location(3) index: vec2<u32>,
) -> Surface {
    let piece = pieces[index.x];
    var color = piece.color;
    var edge = piece.edge;
    var finish = piece.finish;
    if tint == 1u {
        color = (piece.edge & 0xFFFFFFu) | 0xFF000000u;
    } else if tint > 1u {
        let own = tints[tint];
        color = own.color;
        edge = own.edge;
        finish = own.finish;
    }
    var out: Surface;
    out.world = to_world(piece, position, index.y);
    out.clip = globals.view_projection * vec4(out.world, 1.0);
    var n = normal.xyz;
    if index.y != 0u {
        let row = index.y * 3u;
        n = normalize(turned(locals[row].xyz, locals[row + 1u].xyz, locals[row + 2u].xyz, n));
    }
    if (piece.flags & SKEWED) != 0u {
        n = turned(piece.row0.xyz, piece.row1.xyz, piece.row2.xyz, n);
    } else {
        n = vec3(dot(piece.row0.xyz, n), dot(piece.row1.xyz, n), dot(piece.row2.xyz, n));
    }
    out.normal = n;
    out.look = vec2(color, (finish & 255u) | ((edge >> 24u) << 8u) | ((piece.flags & 255u) << 16u));
    return out;
}

@vertex
fn vs_shadow(@location(0) position: vec3<f32>, @location(3) index: vec2<u32>) -> @builtin(position) vec4<f32> {
    return globals.light * vec4(to_world(pieces[index.x], position, index.y), 1.0);
}

@vertex
fn vs_mask(@location(0) position: vec3<f32>, @location(3) index: vec2<u32>) -> @builtin(position) vec4<f32> {
    return globals.view_projection * vec4(to_world(pieces[index.x], position, index.y), 1.0);
}

@fragment
fn fs_mask() -> @location(0) vec4<f32> {
    return vec4(1.0);
}

// The studio around the model as a mirror of this roughness would show it.
fn studio(direction: vec3<f32>, roughness: f32) -> vec3<f32> {
    let up = -direction.y;
    let soft = roughness * 0.6;
    var light = mix(vec3(0.30, 0.29, 0.28), vec3(0.62, 0.63, 0.65), smoothstep(-0.12 - soft, 0.12 + soft, up));
    light = mix(light, vec3(0.72, 0.74, 0.78), smoothstep(0.05, 0.95, up));
    // A dark band at the horizon gives polished metal its contrast.
    light *= 1.0 - 0.55 * (1.0 - roughness) * smoothstep(0.22, 0.0, abs(up - 0.02));
    let toward_key = dot(direction, globals.key.xyz);
    light += vec3(1.9, 1.85, 1.75) * (1.0 - 0.6 * roughness) * smoothstep(0.90 - soft * 0.45, 0.955 + soft * 0.1, toward_key);
    let toward_fill = dot(direction, globals.fill.xyz);
    light += vec3(0.55, 0.6, 0.68) * smoothstep(0.80 - soft, 0.93, toward_fill);
    return light;
}

// The share of the key light that reaches a point.
fn lit(world: vec3<f32>, normal: vec3<f32>, pixel: vec2<f32>) -> f32 {
    if globals.shadow.z == 0.0 { return 1.0; }
    let p = globals.light * vec4(world + normal * (globals.shadow.x * 1.6 + 0.25), 1.0);
    let uv = vec2(p.x, -p.y) * 0.5 + 0.5;
    let depth = min(p.z, 0.9999);
    let r = globals.shadow.y * 0.9;
    if globals.shadow.z > 1.5 {
        // Four of these pixels become one, so each takes one of four samples.
        let odd = vec2<u32>(pixel) & vec2(1u);
        let side = select(vec2(-r, -r * 0.4), vec2(r * 0.4, -r), odd.x == 1u);
        let at = select(side, -side, odd.y == 1u);
        return textureSampleCompareLevel(shadow_map, shadow_sampler, uv + at, depth);
    }
    return 0.25 * (
        textureSampleCompareLevel(shadow_map, shadow_sampler, uv + vec2(-r, -r * 0.4), depth)
        + textureSampleCompareLevel(shadow_map, shadow_sampler, uv + vec2(r * 0.4, -r), depth)
        + textureSampleCompareLevel(shadow_map, shadow_sampler, uv + vec2(r, r * 0.4), depth)
        + textureSampleCompareLevel(shadow_map, shadow_sampler, uv + vec2(-r * 0.4, r), depth)
    );
}

// Keeps colors up to 0.8 as they are and bends what is brighter towards white (after Khronos' PBR Neutral).
fn toned(color: vec3<f32>) -> vec3<f32> {
    let peak = max(color.r, max(color.g, color.b));
    if peak <= 0.8 { return color; }
    let d = 1.0 - 0.8;
    let bent = 1.0 - d * d / (peak + d - 0.8);
    let g = 1.0 - 1.0 / (0.15 * (peak - bent) + 1.0);
    return mix(color * (bent / peak), vec3(bent), g);
}

fn hash(p: vec3<f32>) -> f32 {
    let q = fract(p * vec3(0.1031, 0.1030, 0.0973));
    let r = q + dot(q, q.yzx + 33.33);
    return fract((r.x + r.y) * r.z);
}

@fragment
fn fs_piece(in: Surface) -> @location(0) vec4<f32> {
    let finish = in.look.y & 255u;
    let luminance = f32((in.look.y >> 8u) & 255u) / 255.0;
    let flags = in.look.y >> 16u;
    let srgb = unpack4x8unorm(in.look.x);
    let paint = marked(vec4(linear_from_srgb(srgb.rgb), srgb.a), flags);
    let view = select(-globals.forward.xyz, normalize(globals.eye.xyz - in.world), globals.eye.w > 0.5);
    var n = normalize(in.normal);
    // Of a transparent piece the far walls are seen from within; both walls together are as dense as the color says.
    var alpha = paint.a;
    if alpha < 0.999 {
        let inner = dot(n, view) < 0.0;
        n = select(n, -n, inner);
        alpha *= select(0.8, 0.45, inner);
    }
    let n_v = max(dot(n, view), 0.02);

    var roughness = 0.24;
    var metal = 0.0;
    var f0 = 0.04;
    var base = paint.rgb;
    switch finish {
        case 1u: { roughness = 0.04; metal = 1.0; }
        case 2u: { roughness = 0.32; metal = 0.45; }
        case 3u: { roughness = 0.85; f0 = 0.02; }
        case 4u: { roughness = 0.6; metal = 0.7; }
        case 5u: { roughness = 0.28; metal = 0.95; }
        case 6u: { roughness = 0.4; }
        case 7u, 8u: {
            let flake = hash(floor(in.world * 1.4));
            base = mix(base, select(vec3(0.75), base * 0.25, finish == 8u), smoothstep(0.80, 0.9, flake));
        }
        default: {}
    }

    let shadow = lit(in.world, n, in.clip.xy);
    let n_k = dot(n, globals.key.xyz);
    let key = max(n_k, 0.0) * shadow * globals.key.w;
    let fill = max(dot(n, globals.fill.xyz) * 0.75 + 0.25, 0.0) * globals.fill.w;
    let up = -n.y;
    let ambient = mix(vec3(0.245, 0.24, 0.235), vec3(0.45, 0.455, 0.465), up * 0.5 + 0.5) * mix(0.86, 1.0, shadow);
    var diffuse = base * (ambient + vec3(key) + vec3(0.97, 0.985, 1.02) * fill);
    if finish == 6u { diffuse = mix(diffuse, base * 0.95, 0.35); }

    // Reflection of the studio, and the key light's own highlight.
    let mirror = reflect(-view, n);
    let fresnel = pow(1.0 - n_v, 5.0) * (1.0 - roughness) * (1.0 - roughness);
    let specular = mix(vec3(f0), base * 1.06, metal);
    let reflectance = specular + (vec3(1.0) - specular) * fresnel * 0.8;
    let half_way = normalize(view + globals.key.xyz);
    let n_h = max(dot(n, half_way), 0.0);
    let alpha2 = pow(max(roughness, 0.12), 4.0);
    let spread = n_h * n_h * (alpha2 - 1.0) + 1.0;
    let highlight = min(alpha2 / (spread * spread), 40.0) * 0.09 * step(0.0, n_k) * shadow;
    let occlusion = mix(0.55, 1.0, shadow);
    let reflected = reflectance * (studio(mirror, roughness) * occlusion + vec3(highlight) * (1.0 - 0.5 * metal));

    let matte = diffuse * (1.0 - metal * 0.92);
    // Premultiplied: what is reflected does not get weaker with transparency.
    let glow = base * luminance * 0.75;
    var color = matte * alpha + reflected + glow;
    if (flags & (SELECTED | GHOST)) != 0u {
        color += SELECTION_COLOR * alpha * (0.1 + 0.55 * pow(1.0 - n_v, 3.0));
    }
    alpha = select(clamp(alpha + reflectance.g * 0.8, 0.0, 1.0), 1.0, alpha >= 0.999);
    return vec4(toned(color), alpha);
}
