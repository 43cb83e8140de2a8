//! The table of what real plastic accepts.

use super::{graph::catalog, *};
use crate::{PartId, catalog::Catalog};
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

/// What is wrong with a fact, nothing where it holds; `body` gives the parts.
fn judge(fact: &Fact, outer: &Affine3A, body: &dyn Fn(&str) -> Arc<PartBody>) -> Option<String> {
    let pieces = fact.pieces.iter().map(|(part, (x, y, z), turns)| {
        (body(part), *outer * Affine3A::from_mat3_translation(turned(turns), Vec3::new(*x, *y, *z)))
    });
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

fn from_library(part: &str) -> Arc<PartBody> {
    body(part).unwrap_or_else(|| panic!("no part {part}"))
}

fn all_hold(facts: &[Fact], outer: &Affine3A, body: &dyn Fn(&str) -> Arc<PartBody>) {
    let wrong: Vec<String> = facts.iter().filter_map(|fact| judge(fact, outer, body)).collect();
    assert!(wrong.is_empty(), "{} of {} facts are wrong:\n{}", wrong.len(), facts.len(), wrong.join("\n"));
}

#[test]
fn plastic_agrees() {
    if library().is_some() {
        all_hold(&facts(), &Affine3A::IDENTITY, &from_library);
    }
}

#[test]
fn plastic_agrees_wherever_the_model_stands() {
    if library().is_some() {
        let outer = Affine3A::from_mat3_translation(turned("x31 y17 z-8"), Vec3::new(313.0, -77.0, 1201.0));
        all_hold(&facts(), &outer, &from_library);
    }
}

#[test]
fn plastic_agrees_with_the_built_in_parts() {
    let known = |fact: &Fact| fact.pieces.iter().all(|(part, ..)| catalog().info(&PartId::new(part)).is_some());
    let facts: Vec<Fact> = facts().into_iter().filter(known).collect();
    assert!(facts.len() > 40, "only {} facts are about built-in parts", facts.len());
    all_hold(&facts, &Affine3A::IDENTITY, &|part| catalog().body(&PartId::new(part)));
}

/// The parts among some whose sockets do not take a stud without a clash, and how many sockets there are.
fn refusing(parts: &[(String, Arc<PartBody>)], stud: &Arc<PartBody>) -> (usize, Vec<String>) {
    let mut refusing = Vec::new();
    let mut count = 0;
    for (name, body) in parts {
        for socket in body.connectors().iter().filter(|c| c.is_socket()) {
            count += 1;
            // Only the stud itself: what stands beside it may have no room under a bracket.
            let joints = joints_between(body, stud, &socket.frame);
            if pair_overlap(body, &Affine3A::IDENTITY, stud, &socket.frame).is_some() || joints.is_empty() {
                refusing.push(format!("{name} at {:.0} ({} joints)", socket.origin(), joints.len()));
            }
        }
    }
    (count, refusing)
}

#[test]
fn every_socket_takes_a_stud() {
    let stud = PartBody::new(
        Arc::new(crate::Mesh {
            bounds: crate::Bounds { min: Vec3::new(-6.0, -4.0, -6.0), max: Vec3::new(6.0, 0.0, 6.0) },
            ..Default::default()
        }),
        vec![Connector::stud(Affine3A::IDENTITY)],
        vec![Solid::cylinder(&Affine3A::IDENTITY, STUD_RADIUS, STUD_HEIGHT)],
    );
    let built_in: Vec<_> = Catalog::built_in_parts().map(|id| (id.as_str().to_owned(), catalog().body(&id))).collect();
    let (count, wrong) = refusing(&built_in, &stud);
    eprintln!("built-in: {} of {count} sockets refuse a stud: {:?}", wrong.len(), &wrong[..wrong.len().min(30)]);
    assert!(wrong.len() * 50 <= count, "built-in sockets that refuse a stud: {}", wrong.join(", "));
    if library().is_some() {
        let parts: Vec<_> =
            Catalog::built_in_parts().filter_map(|id| Some((id.as_str().to_owned(), body(id.as_str())?))).collect();
        let (count, wrong) = refusing(&parts, &stud);
        eprintln!("library: {} of {count} sockets refuse a stud: {:?}", wrong.len(), &wrong[..wrong.len().min(30)]);
        assert!(wrong.len() * 50 <= count, "sockets that refuse a stud: {}", wrong.join(", "));
    }
}
