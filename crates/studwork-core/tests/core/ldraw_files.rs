//! LDraw files of every kind to designs and back.

use studwork_core::{ColorRef, Content, Design, Parsed, PartId, StepItem, StepView, from_ldraw, to_ldraw};
use studwork_ldraw::{Line, line_text, parse, write};

const BRICK: &str = "1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat";

fn import(text: &str) -> Parsed<Design> {
    let document = parse(text.as_bytes(), "test").unwrap().value;
    let design = from_ldraw(&document, &|part| part != "nobody.dat").unwrap();
    assert_eq!(design.value.validate(), Vec::<String>::new());
    design
}

fn export(design: &Design) -> String {
    String::from_utf8(write(&to_ldraw(design))).unwrap()
}

fn parts(design: &Design) -> Vec<String> {
    let mut parts = Vec::new();
    design.flatten(design.main(), &mut |piece| parts.push(format!("{} {}", piece.part, piece.color)));
    parts
}

#[test]
fn metas_comments_and_loose_lines_stay_where_they_stood() {
    let text = format!(
        "0 A title\r\n0 Name: main.ldr\r\n0 Author: Me\r\n0 !LICENSE CC0\r\n0 !LEOCAD MODEL NAME x\r\n0 // before\r\n{BRICK}\r\n\
         0 !UNKNOWN  two  spaces\r\n\r\n{BRICK}\r\n2 24 0 0 0 1 1 1\r\n0 STEP\r\n0 BUFEXCHG A STORE\r\nwhat is this\r\n{BRICK}\r\n\
         0 ROTSTEP 0 45.5 0 ABS\r\n{BRICK}\r\n0 ROTSTEP END\r\n"
    );
    let design = import(&text).value;
    assert_eq!((design.title(), design.author(), design.license()), ("A title", "Me", "CC0"));
    assert_eq!(export(&design), text);
    let steps = &design.submodel(design.main()).unwrap().steps;
    let views: Vec<_> = steps.iter().map(|step| step.view).collect();
    assert_eq!(views, [None, Some(StepView::Absolute([0.0, 45.5, 0.0])), Some(StepView::End)]);
    let StepItem::Line(line) = &steps[0].items[0] else { panic!("a line") };
    assert_eq!(**line, Line::Meta("!LEOCAD MODEL NAME x".to_owned()));
}

#[test]
fn embedded_files_are_found_by_any_case_and_slash() {
    let text = format!(
        "0 FILE Main.ldr\n0 Main\n1 14 0 0 0 1 0 0 0 1 0 0 0 1 SUB\\Wing.LDR\n1 1 0 0 0 1 0 0 0 1 0 0 0 1 OWN.DAT\n\
         0 FILE sub/wing.ldr\n0 Wing\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 3001.DAT\n{BRICK}\n\
         0 FILE own.dat\n0 My own part\n0 !LDRAW_ORG Unofficial_Part\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 needed.ldr\n\
         0 FILE needed.ldr\n4 16 0 0 0 1 0 0 1 1 0 0 1 0\n\
         0 FILE lost.ldr\n0 Nobody refers to me\n{BRICK}\n"
    );
    let import = import(&text);
    let design = &import.value;
    assert_eq!(parts(design), ["3001 14", "3001 4", "own 1"]);
    assert_eq!(
        design.submodels().map(|submodel| submodel.name.as_str()).collect::<Vec<_>>(),
        ["Main", "sub/wing", "lost"]
    );
    assert_eq!(design.submodel_named("lost.LDR").unwrap().title, "Nobody refers to me");
    let embedded: Vec<&str> = design.embedded_parts().map(|part| part.id.as_str()).collect();
    assert_eq!(embedded, ["needed.ldr", "own"], "a part's own files come with it");
    assert_eq!(import.warnings, []);
    let again = self::import(&export(design)).value;
    assert_eq!(parts(&again), parts(design));
    assert_eq!(again.submodels().count(), 3);
    assert_eq!(again.embedded(&PartId::new("own")), design.embedded(&PartId::new("OWN.dat")));
}

#[test]
fn a_part_nobody_has_stays_as_a_piece() {
    let text = "0 x\n1 4 1 2 3 1 0 0 0 1 0 0 0 1 nobody.dat\n1 1 1 2 3 1 0 0 0 1 0 0 0 1 NOBODY.DAT\n";
    let Parsed { value, warnings } = import(text);
    assert_eq!(parts(&value), ["nobody 4", "nobody 1"]);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].line, Some(2));
    assert!(warnings[0].message.contains("nobody.dat") && warnings[0].message.contains("2 pieces"), "{}", warnings[0]);
    assert!(export(&value).contains("nobody.dat"));
}

#[test]
fn a_part_opened_by_itself_is_one_piece() {
    let text = "0 Brick  1 x  1\n0 Name: own.dat\n0 !LDRAW_ORG Part\n3 16 0 0 0 1 0 0 1 1 0\n";
    let design = import(text).value;
    assert_eq!(parts(&design), ["own 16"]);
    let part = design.embedded(&PartId::new("own")).unwrap();
    assert_eq!(part.file.title(), "Brick  1 x  1");
    assert_eq!(parts(&import(&export(&design)).value), ["own 16"]);
}

#[test]
fn two_files_of_one_name_both_survive() {
    let text = format!(
        "0 FILE m.ldr\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 a.ldr\n0 FILE a.ldr\n{BRICK}\n0 FILE A.ldr\n{BRICK}\n{BRICK}\n"
    );
    let Parsed { value, warnings } = import(&text);
    assert_eq!(parts(&value).len(), 1, "the first one is meant");
    assert_eq!(value.len(), 4);
    assert_eq!(warnings.len(), 1);
    assert_eq!(parts(&import(&export(&value)).value).len(), 1);
}

#[test]
fn direct_colors_mirrored_and_scaled_matrices_survive() {
    let text = "0 x\r\n0 Name: main.ldr\r\n1 0x2FF8000 1.5 -24 0.001 -1 0 0 0 2.25 0.1 0 0 1 3001.dat\r\n";
    let design = import(text).value;
    let piece = design.pieces().next().unwrap();
    assert_eq!(piece.color, ColorRef::Direct { rgb: [0xFF, 0x80, 0], transparent: false });
    assert_eq!(piece.content, Content::Part(PartId::new("3001")));
    assert_eq!(export(&design), text);
}

#[test]
fn a_submodel_never_takes_the_name_of_an_embedded_part() {
    let text = format!(
        "0 FILE m.ldr\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 x.dat\n0 FILE x.dat\n0 Part\n3 16 0 0 0 1 0 0 1 1 0\n0 FILE y.ldr\n{BRICK}\n"
    );
    let mut design = import(&text).value;
    let y = design.submodel_named("y").unwrap().id;
    design.apply(studwork_core::Edit::RenameSubmodel { submodel: y, name: "x.dat".to_owned() }).unwrap();
    let names: Vec<String> = to_ldraw(&design).files.iter().map(|file| file.name.clone()).collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names.iter().filter(|name| *name == "x.dat").count(), 1, "{names:?}");
}

#[test]
fn description_and_tags_travel() {
    let mut design = Design::new();
    for field in [
        studwork_core::InfoField::Description("First line.\n\nThird.".to_owned()),
        studwork_core::InfoField::Tags(vec!["sea".to_owned(), "light house".to_owned()]),
        studwork_core::InfoField::Title("Lighthouse".to_owned()),
    ] {
        design.apply(studwork_core::Edit::SetInfo(field)).unwrap();
    }
    let again = import(&export(&design)).value;
    assert_eq!(again.description(), "First line.\n\nThird.");
    assert_eq!((again.title(), again.tags()), ("Lighthouse", design.tags()));
    let lines: Vec<String> = to_ldraw(&design).files[0].lines.iter().map(|line| line_text(&line.line)).collect();
    assert_eq!(lines[1], "0 Name: main.ldr");
}
