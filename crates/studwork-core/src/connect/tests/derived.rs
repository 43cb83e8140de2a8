use super::*;
use glam::Vec3;

fn origins(connectors: &[Connector], keep: impl Fn(&Connector) -> bool) -> Vec<[i32; 3]> {
    let mut all: Vec<_> =
        connectors.iter().filter(|c| keep(c)).map(|c| c.origin().to_array().map(|v| v.round() as i32)).collect();
    all.sort_unstable();
    all
}

#[test]
fn print_some() {
    for number in [
        "3001", "3005", "3004", "3024", "3023b", "3020", "3022", "3040b", "3039", "3794b", "3062b", "4070", "99781",
        "3069b", "3660", "3659", "3957a", "6141", "3941", "4032a", "3049d", "87087", "2420", "3298", "3665",
    ] {
        let Some(mesh) = mesh(number) else {
            eprintln!("no {number}");
            continue;
        };
        let start = std::time::Instant::now();
        let connectors = connectors_from_mesh(&mesh);
        let t1 = start.elapsed();
        let solids = solids_from_mesh(&mesh);
        let t2 = start.elapsed() - t1;
        eprintln!(
            "{number}: studs {:?} sockets {:?} solids {} ({} boxes) tri {} times {t1:?} {t2:?}",
            origins(&connectors, Connector::is_stud),
            origins(&connectors, Connector::is_socket),
            solids.len(),
            solids.iter().filter(|s| s.points().len() == 8).count(),
            mesh.indices.len() / 3,
        );
        let volume: f32 = solids
            .iter()
            .filter(|s| s.points().len() == 8)
            .map(|s| s.bounds().size())
            .map(|s: Vec3| s.x * s.y * s.z)
            .sum();
        eprintln!("     bounds {:?} volume of boxes {volume}", mesh.bounds);
    }
}
