//! Every built-in part builds, and is a sound solid body.

use super::families::all_parts;
use glam::Vec3;

#[test]
fn every_list_is_read() {
    let (parts, messages) = all_parts();
    assert_eq!(messages, Vec::<String>::new());
    assert!(parts.len() >= 4);
}

#[test]
fn every_part_is_a_sound_body() {
    for part in all_parts().0 {
        let mesh = part.family.shape().mesh();
        let number = &part.number;
        assert!(!mesh.indices.is_empty() && !mesh.edges.is_empty(), "{number} is empty");
        let mut volume = 0.0;
        for t in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [t[0], t[1], t[2]].map(|i| Vec3::from(mesh.vertices[i as usize].position));
            assert!(a.is_finite() && b.is_finite() && c.is_finite(), "{number}: a corner is not finite");
            let face = (b - a).cross(c - a);
            assert!(face.length() > 1e-5, "{number}: degenerate triangle {a} {b} {c}");
            for i in t {
                let normal = mesh.vertices[*i as usize].normal();
                assert!((normal.length() - 1.0).abs() < 0.02, "{number}: normal {normal} is not a unit vector");
                assert!(normal.dot(face.normalize()) > -0.2, "{number}: the normal {normal} is behind {a} {b} {c}");
            }
            volume += f64::from(a.dot(b.cross(c))) / 6.0;
        }
        assert!(volume > 0.0, "{number}: volume {volume}, is it inside out?");
    }
}
