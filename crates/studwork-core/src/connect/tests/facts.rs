//! The table of what real plastic accepts.

use super::*;
use glam::{Affine3A, Mat3, Vec3};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fact {
    name: String,
    pieces: Vec<(String, (f32, f32, f32), String)>,
    legal: bool,
    #[serde(default)]
    grips: Option<bool>,
}

fn turned(turns: &str) -> Mat3 {
    turns.split_whitespace().fold(Mat3::IDENTITY, |all, turn| {
        let angle = turn[1..].parse::<f32>().unwrap().to_radians();
        let one = match &turn[..1] {
            "x" => Mat3::from_rotation_x(angle),
            "y" => Mat3::from_rotation_y(angle),
            _ => Mat3::from_rotation_z(angle),
        };
        one * all
    })
}

/// What is wrong with a fact, nothing where it holds.
fn judge(fact: &Fact, outer: &Affine3A) -> Option<String> {
    let pieces: Vec<_> = fact
        .pieces
        .iter()
        .map(|(part, (x, y, z), turns)| {
            let body = body(part).unwrap_or_else(|| panic!("{}: no part {part}", fact.name));
            (body, *outer * Affine3A::from_mat3_translation(turned(turns), Vec3::new(*x, *y, *z)))
        })
        .collect();
    let (_, graph, report) = check_pieces(pieces);
    let legal = report.overlaps.is_empty();
    let grips = report.islands.len() == 1;
    let wrong = legal != fact.legal || fact.grips.is_some_and(|expected| expected != grips);
    wrong.then(|| {
        format!("{}: legal {legal}, grips {grips} ({} links), overlaps {:?}", fact.name, graph.len(), report.overlaps)
    })
}

fn facts() -> Vec<Fact> {
    ron::from_str::<Vec<Fact>>(
        include_str!("facts.ron")
            .replace("grips: true)", "grips: Some(true))")
            .replace("grips: false)", "grips: Some(false))")
            .as_str(),
    )
    .unwrap()
}

#[test]
fn plastic_agrees() {
    if library().is_none() {
        return;
    }
    let facts = facts();
    let wrong: Vec<String> = facts.iter().filter_map(|fact| judge(fact, &Affine3A::IDENTITY)).collect();
    assert!(wrong.is_empty(), "{} of {} facts are wrong:\n{}", wrong.len(), facts.len(), wrong.join("\n"));
}

#[test]
fn plastic_agrees_wherever_the_model_stands() {
    if library().is_none() {
        return;
    }
    let outer = Affine3A::from_mat3_translation(turned("x31 y17 z-8"), Vec3::new(313.0, -77.0, 1201.0));
    let facts = facts();
    let wrong: Vec<String> = facts.iter().filter_map(|fact| judge(fact, &outer)).collect();
    assert!(wrong.is_empty(), "{} of {} facts are wrong:\n{}", wrong.len(), facts.len(), wrong.join("\n"));
}
