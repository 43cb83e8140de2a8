use super::*;

#[test]
fn print_some() {
    for number in std::env::var("PRINT").unwrap_or_default().split(' ').filter(|s| !s.is_empty()) {
        let Some(body) = body(number) else {
            eprintln!("no {number}");
            continue;
        };
        eprintln!("{number} {:?} solids {}", body.bounds(), body.solids().len());
        for c in body.connectors().iter() {
            let shape = match &c.shape {
                ConnectorShape::Cylinder { sections, caps, .. } => format!(
                    "{caps:?} {}",
                    sections.iter().map(|s| format!("{:?} {} {}; ", s.shape, s.radius, s.length)).collect::<String>()
                ),
                other => format!("{other:?}"),
            };
            eprintln!("   {:?} at {} along {} {shape}", c.gender, c.origin(), c.direction());
        }
    }
}
