//! The shadow library is read as it is; what is found without it is compared with what it says.

use super::{
    snap_meta::{SnapLine, parse_snap_line},
    *,
};
use glam::Vec3;
use std::collections::BTreeMap;
use studwork_ldraw::FileSource;

fn shadow() -> Option<&'static ShadowLibrary> {
    static SHADOW: OnceLock<Option<ShadowLibrary>> = OnceLock::new();
    SHADOW
        .get_or_init(|| {
            let Some(path) = ShadowLibrary::locate(None) else {
                eprintln!("STUDWORK_SHADOW is not set: the comparison with it is skipped");
                return None;
            };
            Some(ShadowLibrary::open(&path).unwrap())
        })
        .as_ref()
}

#[test]
fn a_cylinder_line_is_read() {
    let line = "0 !LDCAD SNAP_CYL [id=studX] [gender=F] [caps=one] [secs=S 6 4 _L 6.25 2] [pos=1 8 2] [ori=1 0 0 0 0 1 0 -1 0] [grid=C 2 1 20 20] [slide=true]";
    let Some(Ok(SnapLine::Connector { connector, id, grid, .. })) = parse_snap_line(line) else { panic!("not read") };
    assert_eq!(id.as_deref(), Some("studx"));
    assert_eq!(grid, [Vec3::new(-10.0, 0.0, 0.0), Vec3::new(10.0, 0.0, 0.0)]);
    assert_eq!(connector.gender, Gender::Female);
    assert_eq!(connector.origin(), Vec3::new(1.0, 8.0, 2.0));
    // Rows of the file: Y goes to −Z... the column of Y is (0, 0, −1), so the cylinder runs along +Z.
    assert_eq!(connector.direction(), Vec3::Z);
    let ConnectorShape::Cylinder { sections, caps: Caps::One, slide: true, centered: false } = connector.shape else {
        panic!("another shape")
    };
    assert_eq!(sections[1].shape, SectionShape::FlexPrevious);
}

#[test]
fn other_lines_are_left_alone_and_bad_ones_are_named() {
    assert!(parse_snap_line("0 !LDCAD MIRROR_INFO [baseFlip=Z]").is_none());
    assert!(parse_snap_line("0 // SNAP_CYL").is_none());
    for bad in [
        "[secs=Q 6 4]",
        "[secs=R 6]",
        "[secs=R six 4]",
        "[secs=R 6 4] [pos=1 2]",
        "[secs=R 6 4] [gender=X]",
        "[secs=R 6 4] [grid=C 99999 1 1 1]",
        "[secs=R 6 4",
    ] {
        assert!(matches!(parse_snap_line(&format!("0 !LDCAD SNAP_CYL {bad}")), Some(Err(_))), "{bad}");
    }
}

#[test]
fn the_whole_library_is_read() {
    let Some(shadow) = shadow() else { return };
    let (bad, all) = (shadow.warnings().len(), shadow.line_count());
    eprintln!(
        "shadow library: {} files, {all} snap lines, {bad} not read: {:?}",
        shadow.len(),
        &shadow.warnings()[..bad.min(5)]
    );
    assert!(shadow.len() > 3000 && bad * 20 <= all);
}

/// The kinds that are compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Stud,
    Socket,
    PinHole,
    AxleHole,
    Pin,
    Axle,
    Bar,
    BarHole,
    Clip,
    Fingers,
    Ball,
}

fn kind(connector: &Connector) -> Option<Kind> {
    let near = |a: f32, b: f32| (a - b).abs() < 0.5;
    match &connector.shape {
        ConnectorShape::Clip { .. } => Some(Kind::Clip),
        ConnectorShape::Fingers { .. } => Some(Kind::Fingers),
        ConnectorShape::Sphere { .. } => Some(Kind::Ball),
        ConnectorShape::Generic(_) => None,
        ConnectorShape::Cylinder { sections, caps, slide, centered } => {
            let has = |shape, radius| sections.iter().any(|s| s.shape == shape && near(s.radius, radius));
            let first = sections.first()?;
            if connector.gender == Gender::Male {
                return if connector.is_stud() {
                    Some(Kind::Stud)
                } else if has(SectionShape::Axle, 6.0) {
                    Some(Kind::Axle)
                } else if has(SectionShape::Round, 6.0)
                    && sections.iter().any(|s| matches!(s.shape, SectionShape::FlexNext | SectionShape::FlexPrevious))
                {
                    Some(Kind::Pin)
                } else if has(SectionShape::Round, 4.0) && sections.iter().map(|s| s.length).sum::<f32>() >= 6.0 {
                    Some(Kind::Bar)
                } else {
                    None
                };
            }
            let stud_wide =
                near(first.radius, 6.0) && matches!(first.shape, SectionShape::Round | SectionShape::Square);
            if has(SectionShape::Axle, 6.0) {
                Some(Kind::AxleHole)
            } else if stud_wide
                && !*centered
                && !*slide
                && (caps.closed(Gender::Female) != [false, false] || first.length > 3.0)
            {
                Some(Kind::Socket)
            } else if has(SectionShape::Round, 6.0) {
                Some(Kind::PinHole)
            } else if has(SectionShape::Round, 4.0) {
                Some(Kind::BarHole)
            } else {
                None
            }
        }
    }
}

/// Whether two connectors of one kind are the same for a builder: the same mouth and way for studs and sockets, the same
/// line and a common stretch for the rest.
fn agree(kind: Kind, a: &Connector, b: &Connector) -> bool {
    let offset = b.middle() - a.middle();
    let along = a.direction().dot(b.direction());
    match kind {
        Kind::Stud | Kind::Socket => a.origin().distance(b.origin()) < 1.0 && along > 0.99,
        Kind::Ball => a.origin().distance(b.origin()) < 1.5,
        _ => {
            let across = (offset - a.direction() * offset.dot(a.direction())).length();
            let half = |c: &Connector| (c.extent()[1] - c.extent()[0]) * 0.5;
            along.abs() > 0.99 && across < 1.0 && offset.length() < half(a) + half(b) + 1.0
        }
    }
}

#[test]
fn derived_connectors_agree_with_the_shadow_library() {
    let (Some(shadow), Some(library)) = (shadow(), library()) else { return };
    let Some(top) =
        std::env::var_os("STUDWORK_LDRAW").map(|p| std::path::PathBuf::from(p).with_file_name("../parts_top.tsv"))
    else {
        return;
    };
    let Ok(table) = std::fs::read_to_string(&top) else {
        eprintln!("{} is not there: the comparison is skipped", top.display());
        return;
    };
    let most = std::env::var("STUDWORK_TOP").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    // Kind → told by the shadow library, found, extra.
    let mut counts: BTreeMap<Kind, [usize; 3]> = BTreeMap::new();
    let mut differing = Vec::new();
    let mut known = 0;
    for part in table.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).take(most) {
        let name = format!("{part}.dat");
        let (Some(told), Some(mesh)) =
            (shadow.connectors(library.as_ref() as &dyn FileSource, &name), library.mesh(part))
        else {
            continue;
        };
        known += 1;
        let derived = connectors_from_files(library.as_ref(), &name, &mesh);
        let mut words = Vec::new();
        for kind_now in [
            Kind::Stud,
            Kind::Socket,
            Kind::PinHole,
            Kind::AxleHole,
            Kind::Pin,
            Kind::Axle,
            Kind::Bar,
            Kind::BarHole,
            Kind::Clip,
            Kind::Fingers,
            Kind::Ball,
        ] {
            let of_kind = |list: &[Connector]| -> Vec<Connector> {
                list.iter().filter(|c| kind(c) == Some(kind_now)).cloned().collect()
            };
            let (told, derived) = (of_kind(&told), of_kind(&derived));
            let found = told.iter().filter(|t| derived.iter().any(|d| agree(kind_now, t, d))).count();
            let extra: Vec<&Connector> =
                derived.iter().filter(|d| !told.iter().any(|t| agree(kind_now, t, d))).collect();
            // A tube between four sockets takes a stud as well; the shadow library leaves that out.
            let tubes = |c: &Connector| {
                let from = c.origin();
                kind_now == Kind::Socket
                    && derived.iter().filter(|o| (o.origin().distance(from) - 14.142).abs() < 0.5).count() >= 2
            };
            let extra: Vec<&&Connector> = extra.iter().filter(|c| !tubes(c)).collect();
            let count = counts.entry(kind_now).or_default();
            count[0] += told.len();
            count[1] += found;
            count[2] += extra.len();
            if found < told.len() || !extra.is_empty() {
                let at = |c: &Connector| format!("{:.0}", c.origin());
                let missing: Vec<String> =
                    told.iter().filter(|t| !derived.iter().any(|d| agree(kind_now, t, d))).map(at).take(3).collect();
                words.push(format!(
                    "{kind_now:?} −{}{missing:?} +{}{:?}",
                    told.len() - found,
                    extra.len(),
                    extra.iter().map(|c| at(c)).take(3).collect::<Vec<_>>()
                ));
            }
        }
        if !words.is_empty() {
            differing.push(format!("  {part}: {}", words.join("; ")));
        }
    }
    eprintln!("{known} of the {most} most used parts are in the shadow library\nkind       told  found    %  extra");
    for (kind, [told, found, extra]) in &counts {
        eprintln!(
            "{:10} {told:4}  {found:5}  {:3}  {extra:5}",
            format!("{kind:?}"),
            if *told > 0 { found * 100 / told } else { 100 }
        );
    }
    eprintln!("parts that differ:\n{}", differing.join("\n"));
    let share = |kind: Kind| counts.get(&kind).map_or(1.0, |c| c[1] as f32 / c[0].max(1) as f32);
    assert!(share(Kind::Stud) >= 0.97, "studs {}", share(Kind::Stud));
    assert!(share(Kind::Socket) >= 0.90, "sockets {}", share(Kind::Socket));
}
