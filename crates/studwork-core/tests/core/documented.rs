//! The example in `docs/file-format.md` is what the program writes.

use studwork_core::{from_ron, to_ron};

#[test]
fn the_example_of_the_page_is_a_design_as_it_is_written() {
    let page = include_str!("../../../../docs/file-format.md");
    let example = page.split_once("```ron\n").unwrap().1.split_once("```").unwrap().0;
    let parsed = from_ron(example).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.value.validate(), Vec::<String>::new());
    assert_eq!(parsed.value.part_count(), 4);
    assert_eq!(to_ron(&parsed.value), example);
}
