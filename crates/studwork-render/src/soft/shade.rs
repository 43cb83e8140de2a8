//! Light on surfaces, four at a time: what `piece.wgsl` does, in vectors that hold a value of four surfaces each.
//!
//! Both must look the same; a test compares their pictures.

use super::model::Material;
use super::shadow::Shadow;
use crate::frame::{FILL_STRENGTH, KEY_STRENGTH, Light};
use glam::{Vec3, Vec4};
use std::ops::{Add, Mul, Sub};

/// Four vectors of three numbers.
#[derive(Copy, Clone, Debug)]
pub(super) struct Wide3 {
    pub x: Vec4,
    pub y: Vec4,
    pub z: Vec4,
}

impl Wide3 {
    pub fn splat(v: Vec3) -> Self {
        Self { x: Vec4::splat(v.x), y: Vec4::splat(v.y), z: Vec4::splat(v.z) }
    }

    pub fn of(lanes: [Vec3; 4]) -> Self {
        Self {
            x: Vec4::from_array(lanes.map(|v| v.x)),
            y: Vec4::from_array(lanes.map(|v| v.y)),
            z: Vec4::from_array(lanes.map(|v| v.z)),
        }
    }

    pub fn lane(&self, lane: usize) -> Vec3 {
        Vec3::new(self.x[lane], self.y[lane], self.z[lane])
    }

    pub fn dot(self, other: Self) -> Vec4 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub fn normalized(self) -> Self {
        let length = sqrt(self.dot(self).max(Vec4::splat(1e-20)));
        self * (Vec4::ONE / length)
    }
}

impl Add for Wide3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }
}

impl Sub for Wide3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y, z: self.z - other.z }
    }
}

impl Mul for Wide3 {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { x: self.x * other.x, y: self.y * other.y, z: self.z * other.z }
    }
}

impl Mul<Vec4> for Wide3 {
    type Output = Self;
    fn mul(self, by: Vec4) -> Self {
        Self { x: self.x * by, y: self.y * by, z: self.z * by }
    }
}

fn sqrt(v: Vec4) -> Vec4 {
    Vec4::from_array(v.to_array().map(f32::sqrt))
}

fn smoothstep(from: f32, to: f32, v: Vec4) -> Vec4 {
    smoothstep_between(Vec4::splat(from), Vec4::splat(to), v)
}

fn smoothstep_between(from: Vec4, to: Vec4, v: Vec4) -> Vec4 {
    let t = ((v - from) / (to - from)).clamp(Vec4::ZERO, Vec4::ONE);
    t * t * (Vec4::splat(3.0) - t * 2.0)
}

fn mix(a: Wide3, b: Wide3, t: Vec4) -> Wide3 {
    a + (b - a) * t
}

fn splat(x: f32, y: f32, z: f32) -> Wide3 {
    Wide3::splat(Vec3::new(x, y, z))
}

/// Four surfaces.
#[derive(Copy, Clone, Debug)]
pub(super) struct Surfaces<'a> {
    pub world: Wide3,
    /// Of any length.
    pub normal: Wide3,
    /// To the eye, unit length.
    pub view: Wide3,
    pub materials: [&'a Material; 4],
}

/// The studio around the model as a mirror of this roughness would show it.
fn studio(direction: Wide3, roughness: Vec4, light: &Light) -> Wide3 {
    let up = -direction.y;
    let soft = roughness * 0.6;
    let edge = soft + Vec4::splat(0.12);
    let mut out = mix(splat(0.30, 0.29, 0.28), splat(0.62, 0.63, 0.65), smoothstep_between(-edge, edge, up));
    out = mix(out, splat(0.72, 0.74, 0.78), smoothstep(0.05, 0.95, up));
    let band = smoothstep(0.22, 0.0, (up - 0.02).abs());
    out = out * (Vec4::ONE - band * (Vec4::ONE - roughness) * 0.55);
    let toward_key = direction.dot(Wide3::splat(light.key));
    let (from, to) = (Vec4::splat(0.90) - soft * 0.45, Vec4::splat(0.955) + soft * 0.1);
    let strength = (Vec4::ONE - roughness * 0.6) * smoothstep_between(from, to, toward_key);
    out = out + splat(1.9, 1.85, 1.75) * strength;
    let toward_fill = direction.dot(Wide3::splat(light.fill));
    out + splat(0.55, 0.6, 0.68) * smoothstep_between(Vec4::splat(0.80) - soft, Vec4::splat(0.93), toward_fill)
}

/// Keeps colors up to 0.8 as they are and bends what is brighter towards white.
fn toned(color: Wide3) -> Wide3 {
    let peak = color.x.max(color.y).max(color.z);
    let bright = peak.cmpgt(Vec4::splat(0.8));
    if !bright.any() {
        return color;
    }
    let bent = Vec4::ONE - Vec4::splat(0.04) / (peak - 0.6);
    let g = Vec4::ONE - Vec4::ONE / ((peak - bent) * 0.15 + 1.0);
    let soft = mix(color * (bent / peak), Wide3 { x: bent, y: bent, z: bent }, g);
    let choose = |a, b| Vec4::select(bright, a, b);
    Wide3 { x: choose(soft.x, color.x), y: choose(soft.y, color.y), z: choose(soft.z, color.z) }
}

fn hash(p: Vec3) -> f32 {
    let q = (p * Vec3::new(0.1031, 0.1030, 0.0973)).map(|v| v - v.floor());
    let dot = q.dot(Vec3::new(q.y, q.z, q.x) + 33.33);
    let r = q + dot;
    let out = (r.x + r.y) * r.z;
    out - out.floor()
}

/// Roughness, share of metal and reflectance from straight ahead, by the number of a finish.
const FINISHES: [[f32; 3]; 9] = [
    [0.24, 0.0, 0.04],
    [0.04, 1.0, 0.04],
    [0.32, 0.45, 0.04],
    [0.85, 0.0, 0.02],
    [0.6, 0.7, 0.04],
    [0.28, 0.95, 0.04],
    [0.4, 0.0, 0.04],
    [0.24, 0.0, 0.04],
    [0.24, 0.0, 0.04],
];

/// The colors of four surfaces: linear light, premultiplied, with their opacity.
pub(super) fn shade(surfaces: &Surfaces<'_>, light: &Light, shadow: Option<&Shadow>) -> [Vec4; 4] {
    let Surfaces { world, normal, view, materials } = *surfaces;
    let one = Vec4::ONE;
    let mut n = normal.normalized();
    let mut alpha = Vec4::from_array(materials.map(|material| material.alpha));
    let clear = alpha.cmplt(Vec4::splat(0.999));
    if clear.any() {
        let inner = n.dot(view).cmplt(Vec4::ZERO) & clear;
        let turn = Vec4::select(inner, -one, one);
        n = n * turn;
        alpha *= Vec4::select(clear, Vec4::select(inner, Vec4::splat(0.45), Vec4::splat(0.8)), one);
    }
    let n_v = n.dot(view).max(Vec4::splat(0.02));

    let finish = |i: usize| {
        Vec4::from_array(materials.map(|material| FINISHES.get(material.finish as usize).unwrap_or(&FINISHES[0])[i]))
    };
    let (roughness, metal, f0) = (finish(0), finish(1), finish(2));
    let mut base = Wide3::of(materials.map(|material| material.color));
    if materials.iter().any(|material| matches!(material.finish, 7 | 8)) {
        base = Wide3::of(std::array::from_fn(|lane| flaked(base.lane(lane), world.lane(lane), materials[lane].finish)));
    }

    let lit = shadow.map_or(one, |shadow| shadow.lit(world, n));
    let n_k = n.dot(Wide3::splat(light.key));
    let key = n_k.max(Vec4::ZERO) * lit * KEY_STRENGTH;
    let fill = (n.dot(Wide3::splat(light.fill)) * 0.75 + 0.25).max(Vec4::ZERO) * FILL_STRENGTH;
    let up = -n.y;
    let sky = mix(splat(0.245, 0.24, 0.235), splat(0.45, 0.455, 0.465), up * 0.5 + 0.5);
    let ambient = sky * (lit * 0.14 + 0.86);
    let white = Wide3 { x: key, y: key, z: key };
    let mut diffuse = base * (ambient + white + splat(0.97, 0.985, 1.02) * fill);
    if materials.iter().any(|material| material.finish == 6) {
        let milky = Vec4::from_array(materials.map(|m| if m.finish == 6 { 0.35 } else { 0.0 }));
        diffuse = mix(diffuse, base * Vec4::splat(0.95), milky);
    }

    // Reflection of the studio, and the key light's own highlight.
    let mirror = n * (n.dot(view) * 2.0) - view;
    let grazing = one - n_v;
    let (squared, smooth) = (grazing * grazing, one - roughness);
    let fresnel = squared * squared * grazing * smooth * smooth;
    let specular = mix(Wide3 { x: f0, y: f0, z: f0 }, base * Vec4::splat(1.06), metal);
    let reflectance = specular + (splat(1.0, 1.0, 1.0) - specular) * (fresnel * 0.8);
    let half_way = (view + Wide3::splat(light.key)).normalized();
    let n_h = n.dot(half_way).max(Vec4::ZERO);
    let rough = roughness.max(Vec4::splat(0.12));
    let alpha2 = rough * rough * rough * rough;
    let spread = n_h * n_h * (alpha2 - 1.0) + 1.0;
    let facing = Vec4::select(n_k.cmpge(Vec4::ZERO), one, Vec4::ZERO);
    let highlight = (alpha2 / (spread * spread)).min(Vec4::splat(40.0)) * 0.09 * facing * lit;
    let shine = highlight * (one - metal * 0.5);
    let around = studio(mirror, roughness, light) * (lit * 0.45 + 0.55);
    let reflected = reflectance * (around + Wide3 { x: shine, y: shine, z: shine });

    let glow = Vec4::from_array(materials.map(|material| material.luminance * 0.75));
    let color = toned(diffuse * ((one - metal * 0.92) * alpha) + reflected + base * glow);
    let alpha = Vec4::select(clear, (alpha + reflectance.y * 0.8).clamp(Vec4::ZERO, one), one);
    let [x, y, z] = [color.x, color.y, color.z].map(|channel| channel.clamp(Vec4::ZERO, one));
    std::array::from_fn(|lane| Vec4::new(x[lane], y[lane], z[lane], alpha[lane]))
}

/// The flakes of glitter and speckle.
fn flaked(base: Vec3, world: Vec3, finish: u32) -> Vec3 {
    if !matches!(finish, 7 | 8) {
        return base;
    }
    let t = ((hash((world * 1.4).floor()) - 0.80) / 0.1).clamp(0.0, 1.0);
    let flake = if finish == 8 { base * 0.25 } else { Vec3::splat(0.75) };
    base.lerp(flake, t * t * (3.0 - 2.0 * t))
}
