//! Short names for right-angle turns.
//!
//! A name is read from left to right: `mx` mirrors the part in x, `x90` turns it by 90° about x, and so on, each about the
//! axes of the submodel by the right-hand rule. The first of the names that make a turn is the one that is written.

use glam::{Mat3, Vec3};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Columns as small numbers, so that a turn can be looked up.
type Key = [i8; 9];

static NAMES: LazyLock<BTreeMap<Key, String>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for mirror in ["", "mx"] {
        for tilt in ["", "x90", "x180", "x270", "z90", "z270"] {
            for turn in ["", "y90", "y180", "y270"] {
                let words: Vec<&str> = [mirror, tilt, turn].into_iter().filter(|word| !word.is_empty()).collect();
                let name = words.join(" ");
                let matrix = rotation_from_name(&name).expect("these words are turns");
                names.entry(key(&matrix).expect("right angles only")).or_insert(name);
            }
        }
    }
    names
});

fn key(matrix: &Mat3) -> Option<Key> {
    let entries = matrix.to_cols_array();
    entries.iter().all(|n| [-1.0, 0.0, 1.0].contains(n)).then(|| entries.map(|n| n as i8))
}

/// The name of a turn; empty for none at all, `None` for one that is not a right-angle turn.
pub(super) fn name_from_rotation(matrix: &Mat3) -> Option<&'static str> {
    NAMES.get(&key(matrix)?).map(String::as_str)
}

/// The turn that a name describes, whatever its words.
pub(super) fn rotation_from_name(name: &str) -> Option<Mat3> {
    name.split_whitespace().try_fold(Mat3::IDENTITY, |turned, word| Some(word_rotation(word)? * turned))
}

fn word_rotation(word: &str) -> Option<Mat3> {
    match word {
        "mx" => return Some(Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0))),
        "my" => return Some(Mat3::from_diagonal(Vec3::new(1.0, -1.0, 1.0))),
        "mz" => return Some(Mat3::from_diagonal(Vec3::new(1.0, 1.0, -1.0))),
        _ => {}
    }
    let (sin, cos) = match word.get(1..)? {
        "90" => (1.0, 0.0),
        "180" => (0.0, -1.0),
        "270" => (-1.0, 0.0),
        _ => return None,
    };
    let columns = match word.get(..1)? {
        "x" => [Vec3::X, Vec3::new(0.0, cos, sin), Vec3::new(0.0, -sin, cos)],
        "y" => [Vec3::new(cos, 0.0, -sin), Vec3::Y, Vec3::new(sin, 0.0, cos)],
        "z" => [Vec3::new(cos, sin, 0.0), Vec3::new(-sin, cos, 0.0), Vec3::Z],
        _ => return None,
    };
    Some(crate::snapped_rotation(Mat3::from_cols(columns[0], columns[1], columns[2])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::FRAC_PI_2;

    #[test]
    fn all_forty_eight_turns_have_a_name_of_their_own() {
        assert_eq!(NAMES.len(), 48);
        for (key, name) in NAMES.iter() {
            let matrix = rotation_from_name(name).map(|matrix| matrix.to_cols_array().map(|n| n as i8));
            assert_eq!(matrix, Some(*key), "{name}");
        }
    }

    #[test]
    fn names_mean_what_they_say() {
        let about_y = crate::snapped_rotation(Mat3::from_rotation_y(FRAC_PI_2));
        assert_eq!(name_from_rotation(&about_y), Some("y90"));
        let about_z = crate::snapped_rotation(Mat3::from_rotation_z(-FRAC_PI_2));
        assert_eq!(name_from_rotation(&about_z), Some("z270"));
        let both = crate::snapped_rotation(Mat3::from_rotation_y(FRAC_PI_2) * Mat3::from_rotation_x(FRAC_PI_2));
        assert_eq!(name_from_rotation(&both), Some("x90 y90"));
        assert_eq!(name_from_rotation(&Mat3::IDENTITY), Some(""));
        assert_eq!(name_from_rotation(&Mat3::from_rotation_y(0.3)), None);
        assert_eq!(rotation_from_name("y45"), None);
        assert_eq!(rotation_from_name("ä90"), None);
    }
}
