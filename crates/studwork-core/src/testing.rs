//! Random designs and edits for tests, from a seed: the same seed always gives the same.
//!
//! The edits are of every kind, with pieces picked from the design they are for; about one in twenty names something
//! that is not there, so that refusals are met as well.

use crate::line_text::line_from_text;
use crate::{
    Axis, ColorRef, Content, Design, Edit, GroupId, InfoField, Lineage, NewPiece, PartId, PieceId, Pose, StepId,
    StepView, SubmodelId,
};
use glam::{Mat3, Vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

/// A source of numbers that look random.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number. (SplitMix64, by Sebastiano Vigna, in the public domain.)
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.any() % end as u64) as usize }
    }

    /// True about once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of some things.
    pub fn pick<T: Clone>(&mut self, things: &[T]) -> Option<T> {
        things.get(self.below(things.len())).cloned()
    }

    /// Between −1 and 1.
    pub fn unit(&mut self) -> f32 {
        (self.any() % 2_000_001) as f32 / 1_000_000.0 - 1.0
    }

    fn vector(&mut self, size: f32) -> Vec3 {
        Vec3::new(self.unit(), self.unit(), self.unit()) * size
    }
}

const PARTS: [&str; 10] =
    ["3001", "3003", "3020", "3024", "41747", "41748", "s/x y", "nobody-has-this", "wing.ldr", "4600"];
const NAMES: [&str; 8] = ["wing", "Left \"Door\"", "roof", "größe", "a\\b", "wheel.ldr", "x", "engine block"];

/// A pose: on the grid and at right angles more often than not.
pub fn random_pose(rng: &mut Rng) -> Pose {
    let cell = |rng: &mut Rng| rng.below(41) as f32 - 20.0;
    let position = match rng.below(4) {
        0 => rng.vector(500.0),
        _ => Vec3::new(cell(rng) * 10.0, cell(rng) * 8.0, cell(rng) * 10.0),
    };
    let rotation = match rng.below(8) {
        0 => Mat3::from_axis_angle(rng.vector(1.0).normalize_or(Vec3::Y), rng.unit() * TAU),
        1 => Mat3::from_cols(rng.vector(2.0), rng.vector(2.0), rng.vector(2.0)),
        2 => Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0)),
        _ => random_turn(rng),
    };
    Pose::new(position, rotation)
}

fn random_turn(rng: &mut Rng) -> Mat3 {
    let angle = rng.below(4) as f32 * FRAC_PI_2;
    match rng.below(3) {
        0 => Mat3::from_rotation_x(angle),
        1 => Mat3::from_rotation_z(angle),
        _ => Mat3::from_rotation_y(angle),
    }
}

fn random_color(rng: &mut Rng) -> ColorRef {
    match rng.below(8) {
        0 => ColorRef::Direct { rgb: [rng.below(256) as u8, 0, 255], transparent: rng.one_in(2) },
        1 | 2 => ColorRef::MAIN,
        _ => ColorRef::Code(rng.below(400) as u32),
    }
}

fn random_content(design: &Design, rng: &mut Rng) -> Content {
    let submodels: Vec<SubmodelId> = design.submodels().map(|submodel| submodel.id).collect();
    match rng.pick(&submodels) {
        Some(submodel) if rng.one_in(6) => Content::Submodel(submodel),
        _ => Content::Part(PartId::new(PARTS[rng.below(PARTS.len())])),
    }
}

fn random_new_piece(design: &Design, rng: &mut Rng) -> NewPiece {
    NewPiece { content: random_content(design, rng), color: random_color(rng), pose: random_pose(rng), group: None }
}

/// Some pieces of one submodel, or rarely a number that is not there.
pub fn random_pieces(design: &Design, rng: &mut Rng) -> Vec<PieceId> {
    if rng.one_in(20) {
        return vec![PieceId(u32::MAX - 1)];
    }
    let submodel = random_submodel(design, rng);
    let mut pieces: Vec<PieceId> = design.pieces_in(submodel).map(|piece| piece.id).collect();
    let wanted = 1 + rng.below(6);
    while pieces.len() > wanted {
        pieces.swap_remove(rng.below(pieces.len()));
    }
    if let Some(again) = rng.pick(&pieces).filter(|_| rng.one_in(8)) {
        pieces.push(again);
    }
    pieces
}

fn random_submodel(design: &Design, rng: &mut Rng) -> SubmodelId {
    let all: Vec<SubmodelId> = design.submodels().map(|submodel| submodel.id).collect();
    let unknown = rng.one_in(30);
    rng.pick(&all).filter(|_| !unknown).unwrap_or(SubmodelId(u32::MAX - 1))
}

fn random_step(design: &Design, rng: &mut Rng) -> StepId {
    let all: Vec<StepId> = design.submodels().flat_map(|submodel| &submodel.steps).map(|step| step.id).collect();
    let unknown = rng.one_in(30);
    rng.pick(&all).filter(|_| !unknown).unwrap_or(StepId(u32::MAX - 1))
}

fn random_group(design: &Design, rng: &mut Rng) -> GroupId {
    let all: Vec<GroupId> = design.groups().map(|group| group.id).collect();
    rng.pick(&all).unwrap_or(GroupId(u32::MAX - 1))
}

fn random_name(rng: &mut Rng) -> String {
    let name = NAMES[rng.below(NAMES.len())];
    if rng.one_in(2) { name.to_owned() } else { format!("{name} {}", rng.below(1000)) }
}

/// Any edit, for a design.
pub fn random_edit(design: &Design, rng: &mut Rng) -> Edit {
    match rng.below(10) {
        0..4 => random_piece_edit(design, rng),
        4..6 => random_copy_edit(design, rng),
        6 => random_group_edit(design, rng),
        7 => random_step_edit(design, rng),
        8 => random_submodel_edit(design, rng),
        _ => random_info_edit(design, rng),
    }
}

fn random_piece_edit(design: &Design, rng: &mut Rng) -> Edit {
    let pieces = random_pieces(design, rng);
    match rng.below(8) {
        0 | 1 => {
            let submodel = random_submodel(design, rng);
            let steps =
                design.submodel(submodel).map(|place| place.steps.iter().map(|step| step.id).collect::<Vec<_>>());
            let step = rng.pick(&steps.unwrap_or_default()).filter(|_| rng.one_in(2));
            let pieces = (0..1 + rng.below(12)).map(|_| random_new_piece(design, rng)).collect();
            Edit::AddPieces { submodel, step, pieces }
        }
        2 => Edit::RemovePieces(pieces),
        3 => Edit::SetPoses(pieces.into_iter().map(|piece| (piece, random_pose(rng))).collect()),
        4 => Edit::Move { pieces, offset: if rng.one_in(30) { Vec3::NAN } else { rng.vector(100.0).round() } },
        5 => Edit::Rotate { pieces, pivot: rng.vector(100.0).round(), rotation: random_turn(rng) },
        6 => Edit::Recolor { pieces, color: random_color(rng) },
        _ => Edit::ReplacePart { pieces, content: random_content(design, rng) },
    }
}

fn random_copy_edit(design: &Design, rng: &mut Rng) -> Edit {
    let pieces = random_pieces(design, rng);
    let count = rng.below(4) as u32;
    match rng.below(5) {
        0 => Edit::Duplicate { pieces, offset: Vec3::new(20.0, 0.0, 0.0) },
        1 => {
            let twins = vec![(PartId::new("41747"), PartId::new("41748")), (PartId::new("3001"), PartId::new("3001"))];
            let planes = vec![(PartId::new("3001"), Axis::Z)];
            Edit::Mirror { pieces, axis: Axis::ALL[rng.below(3)], at: 10.0, twins, planes }
        }
        2 => Edit::ArrayLinear { pieces, count, offset: Vec3::new(0.0, -24.0, 0.0) },
        3 => {
            let axis = if rng.one_in(20) { Vec3::ZERO } else { Vec3::Y };
            Edit::ArrayAround { pieces, count, pivot: Vec3::ZERO, axis, angle: FRAC_PI_2 }
        }
        _ => Edit::Batch(vec![
            Edit::Move { pieces: pieces.clone(), offset: Vec3::X },
            Edit::Recolor { pieces: pieces.clone(), color: random_color(rng) },
            Edit::Duplicate { pieces: pieces.clone(), offset: Vec3::X },
            Edit::RemovePieces(if rng.one_in(2) { pieces } else { random_pieces(design, rng) }),
        ]),
    }
}

fn random_group_edit(design: &Design, rng: &mut Rng) -> Edit {
    match rng.below(6) {
        0..4 => {
            let mut pieces = random_pieces(design, rng);
            if rng.one_in(2) {
                pieces.extend(design.pieces_in_group(random_group(design, rng)));
            }
            Edit::Group { pieces, name: random_name(rng) }
        }
        4 => Edit::Ungroup(random_group(design, rng)),
        _ => Edit::RenameGroup { group: random_group(design, rng), name: random_name(rng) },
    }
}

fn random_step_edit(design: &Design, rng: &mut Rng) -> Edit {
    let step = random_step(design, rng);
    let angles = [rng.below(360) as f32, 0.5, -90.0];
    match rng.below(9) {
        0 | 1 => Edit::AddStep { submodel: random_submodel(design, rng), at: rng.below(5) },
        2 => Edit::MoveStep { step, to: rng.below(5) },
        3 => Edit::MergeStep(step),
        4 => Edit::SplitStep { step, at: rng.below(8) },
        5 => Edit::DeleteStep(step),
        6 => Edit::SetStepView {
            step,
            view: rng.pick(&[None, Some(StepView::Absolute(angles)), Some(StepView::End)]).flatten(),
        },
        _ => Edit::MovePiecesToStep { pieces: random_pieces(design, rng), step },
    }
}

fn random_submodel_edit(design: &Design, rng: &mut Rng) -> Edit {
    let submodel = random_submodel(design, rng);
    let placements: Vec<PieceId> =
        design.pieces().filter(|piece| piece.part().is_none()).map(|piece| piece.id).collect();
    match rng.below(8) {
        0..3 => Edit::MakeSubmodel { pieces: random_pieces(design, rng), name: random_name(rng) },
        3 | 4 => Edit::InlineSubmodel(rng.pick(&placements).unwrap_or(PieceId(1))),
        5 => Edit::AddSubmodel { name: random_name(rng) },
        6 => Edit::DeleteSubmodel(submodel),
        _ => Edit::RenameSubmodel { submodel, name: random_name(rng) },
    }
}

fn random_info_edit(design: &Design, rng: &mut Rng) -> Edit {
    let text = random_name(rng);
    // A part that is embedded has the name of one, or nobody could tell that it is.
    let part = PartId::new(PARTS[rng.below(8)]);
    match rng.below(9) {
        0 => Edit::SetInfo(InfoField::Title(text)),
        1 => Edit::SetInfo(InfoField::Author(text)),
        2 => Edit::SetInfo(InfoField::License(text)),
        3 => Edit::SetInfo(InfoField::Description(format!("{text}\n\"quoted\" \\ and more"))),
        4 => Edit::SetInfo(InfoField::Tags(vec![text, "two words".to_owned()])),
        5 => {
            let source = Some("https://example.org/1".to_owned());
            let lineage = Lineage { sha256: "0f".repeat(32), title: text, source, ..Lineage::default() };
            Edit::SetInfo(InfoField::Lineage(Some(lineage)))
        }
        6 => {
            let submodel = random_submodel(design, rng);
            Edit::SetSubmodelInfo { submodel, title: text, author: String::new(), license: "CC0".to_owned() }
        }
        7 => {
            let lines = ["0 A part with \"#quotes\"#", "", "0", "4 16 0 0 0 1 0 0 1 1 0 0 1 0.5", "not LDraw at all"];
            Edit::Embed { part, lines: lines.map(str::to_owned).to_vec() }
        }
        _ => Edit::RemoveEmbedded(part),
    }
}

/// A design that `edits` random edits made, with all kinds of things in it, lines of LDraw files too.
pub fn random_design(seed: u64, edits: usize) -> Design {
    let mut rng = Rng::new(seed);
    let mut design = Design::new();
    let main = design.main();
    let pieces =
        (0..8).map(|_| random_new_piece(&design, &mut rng)).filter(|piece| matches!(piece.content, Content::Part(_)));
    let first = Edit::AddPieces { submodel: main, step: None, pieces: pieces.collect() };
    // A refused edit leaves the design as it was, which is all that is needed here.
    drop(design.apply(first));
    for _ in 0..edits {
        let edit = random_edit(&design, &mut rng);
        drop(design.apply(edit));
    }
    add_lines(&mut design, &mut rng);
    design
}

/// Puts lines that are no pieces between the pieces, as an imported design has them.
fn add_lines(design: &mut Design, rng: &mut Rng) {
    const LINES: [&str; 5] =
        ["0 // a comment", "0 !LEOCAD CAMERA FOV 30 \"x\"", "2 24 0 0 0 1 2.5 -3", "", "3 16 0 0 0 1 0 0 1 1 0"];
    let steps: Vec<StepId> = design.submodels().flat_map(|submodel| &submodel.steps).map(|step| step.id).collect();
    for step in steps {
        let Some(step) = design.step_mut(step).filter(|_| rng.one_in(2)) else { continue };
        let line = Box::new(line_from_text(LINES[rng.below(LINES.len())]));
        let at = rng.below(step.items.len() + 1);
        step.items.insert(at, crate::StepItem::Line(line));
    }
}

/// `copies` of a design side by side in one submodel, with every piece of its own: a city for timing. The pieces of each
/// copy are spread out of their submodels, and stand in steps of about 40.
pub fn city(design: &Design, copies: usize) -> Design {
    let mut flat = Vec::new();
    design.flatten(design.main(), &mut |piece| {
        flat.push(NewPiece {
            content: Content::Part(piece.part.clone()),
            color: piece.color,
            pose: Pose::from_affine(&piece.transform),
            group: None,
        });
    });
    let mut city = Design::new();
    let main = city.main();
    let mut first = true;
    for copy in 0..copies {
        let offset = Vec3::new((copy % 7) as f32 * 2500.0, 0.0, (copy / 7) as f32 * 2500.0);
        for chunk in flat.chunks(40) {
            let moved = |piece: &NewPiece| NewPiece {
                pose: Pose { position: piece.pose.position + offset, ..piece.pose },
                ..piece.clone()
            };
            let add = Edit::AddPieces { submodel: main, step: None, pieces: chunk.iter().map(moved).collect() };
            let step = Edit::AddStep { submodel: main, at: usize::MAX };
            let edit = if std::mem::take(&mut first) { add } else { Edit::Batch(vec![step, add]) };
            // Only a pose out of reach is refused, and such a piece is not missed here.
            drop(city.apply(edit));
        }
    }
    city.keep_ids();
    city
}
