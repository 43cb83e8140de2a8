//! The shadow library is read as it is; what is found without it is compared with what it says.

use super::{
    snap_meta::{SnapLine, parse_snap_line},
    *,
};
use glam::Vec3;

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

#[test]
fn derived_connectors_agree_with_the_shadow_library() {
    let (Some(shadow), Some(library)) = (shadow(), library()) else { return };
    let Some(table) = std::env::var_os("STUDWORK_PARTS_TABLE").and_then(|path| std::fs::read_to_string(path).ok())
    else {
        eprintln!("STUDWORK_PARTS_TABLE is not set: the comparison is skipped");
        return;
    };
    let parts: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).take(300).collect();
    let agreement = Agreement::of(library, shadow, &parts);
    eprintln!("{agreement}");
    let Count { told, found, extra, of_studs } = agreement.sum(&[ConnectorKind::Stud, ConnectorKind::Socket]);
    assert!(found * 100 >= told * 97 && extra * 100 <= told * 3, "studs and sockets: {found} of {told}, {extra} extra");
    assert_eq!(of_studs, 0);
    let Count { told, found, extra, .. } = agreement.sum(ConnectorKind::HOLES);
    assert!(found * 100 >= told * 90 && extra * 100 <= told * 3, "holes, bars: {found} of {told}, {extra} extra");
}
