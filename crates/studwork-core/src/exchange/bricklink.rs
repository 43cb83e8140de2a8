//! A parts list as a BrickLink wanted list, and the color numbers that it needs.
//!
//! Source of the format: <https://www.bricklink.com/help.asp?helpID=207>. Part numbers are LDraw's, which are
//! BrickLink's for plain parts; printed parts have other numbers there.

use super::ListedPart;
use std::fmt::Write as _;
use studwork_ldraw::ColorRef;

/// Writes a wanted list. A color that BrickLink does not have, or that is not in the table, is left out of its
/// item (any color will do) and named in the warnings.
pub fn to_bricklink_xml(rows: &[ListedPart]) -> (String, Vec<String>) {
    let mut warnings = Vec::new();
    let mut xml = "<INVENTORY>\n".to_owned();
    for row in rows {
        let color = bricklink_color(row.color);
        if color.is_none() {
            warnings.push(format!(
                "part {} in color {} ({}): BrickLink's number of this color is not known, so the list asks for any color",
                row.part, row.color, row.color_name
            ));
        }
        let color = color.map(|id| format!("<COLOR>{id}</COLOR>")).unwrap_or_default();
        // Writing into a String cannot fail.
        let _ = writeln!(
            xml,
            "  <ITEM><ITEMTYPE>P</ITEMTYPE><ITEMID>{}</ITEMID>{color}<MINQTY>{}</MINQTY></ITEM>",
            escaped(row.part.as_str()),
            row.quantity
        );
    }
    xml.push_str("</INVENTORY>\n");
    (xml, warnings)
}

/// BrickLink's number of an LDraw color.
pub fn bricklink_color(color: ColorRef) -> Option<u16> {
    let ColorRef::Code(code) = color else { return None };
    COLORS.binary_search_by_key(&code, |&(ldraw, _)| ldraw).ok().map(|at| COLORS[at].1)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write these.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// LDraw code and BrickLink number, by code. Rubber colors are BrickLink's plain ones.
#[rustfmt::skip]
const COLORS: &[(u32, u16)] = &[
    (0, 11), (1, 7), (2, 6), (3, 39), (4, 5), (5, 47), (6, 8), (7, 9), (8, 10), (9, 62), (10, 36), (11, 40), (12, 25),
    (13, 23), (14, 3), (15, 1), (17, 38), (18, 33), (19, 2), (20, 44), (21, 46), (22, 24), (23, 109), (25, 4), (26, 71),
    (27, 34), (28, 69), (29, 104), (30, 157), (31, 154), (33, 14), (34, 20), (35, 108), (36, 17), (37, 50), (38, 18),
    (39, 113), (40, 13), (41, 74), (42, 16), (43, 15), (44, 114), (45, 107), (46, 19), (47, 12), (52, 51), (54, 121),
    (57, 98), (60, 57), (61, 52), (62, 64), (63, 82), (64, 122), (65, 3), (68, 96), (69, 93), (70, 88), (71, 86), (72, 85),
    (73, 42), (74, 37), (75, 116), (76, 117), (77, 56), (78, 90), (79, 60), (80, 67), (81, 70), (82, 65), (84, 150),
    (85, 89), (86, 91), (89, 97), (92, 28), (100, 26), (110, 43), (112, 73), (114, 100), (115, 76), (117, 101), (118, 41),
    (120, 35), (125, 32), (128, 225), (129, 102), (132, 111), (133, 151), (134, 84), (135, 66), (137, 78), (142, 61),
    (148, 77), (150, 119), (151, 99), (178, 81), (179, 95), (183, 83), (191, 110), (212, 105), (216, 27), (226, 103),
    (227, 221), (231, 164), (232, 87), (256, 11), (272, 63), (273, 7), (285, 226), (288, 80), (294, 118), (297, 115),
    (300, 250), (302, 162), (308, 120), (313, 72), (320, 59), (321, 153), (322, 156), (323, 152), (324, 5), (326, 158),
    (329, 159), (330, 155), (334, 21), (335, 58), (339, 163), (341, 222), (350, 4), (351, 94), (353, 220), (360, 228),
    (362, 223), (364, 224), (365, 230), (366, 29), (368, 236), (370, 240), (371, 241), (373, 54), (375, 9), (378, 48),
    (379, 55), (383, 22), (402, 167), (406, 63), (422, 169), (423, 168), (449, 24), (450, 106), (462, 31), (484, 68),
    (490, 34), (496, 86), (503, 49), (504, 95), (509, 160), (511, 1), (10002, 6), (10010, 36), (10026, 71), (10030, 157),
    (10031, 154), (10070, 88), (10073, 42), (10078, 90), (10226, 103), (10308, 120), (10320, 59), (10321, 153),
    (10322, 156), (10323, 152), (10375, 251), (10378, 48),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartId;

    fn row(part: &str, color: ColorRef, quantity: u64) -> ListedPart {
        ListedPart { part: PartId::new(part), name: String::new(), color, color_name: "Name".to_owned(), quantity }
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(COLORS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(bricklink_color(ColorRef::Code(71)), Some(86));
        assert_eq!(bricklink_color(ColorRef::Code(10378)), Some(48));
        assert_eq!(bricklink_color(ColorRef::Code(16)), None);
    }

    #[test]
    fn an_unknown_color_is_left_open_and_reported() {
        let direct = ColorRef::Direct { rgb: [1, 2, 3], transparent: false };
        let (xml, warnings) = to_bricklink_xml(&[row("3001", ColorRef::Code(4), 3), row("a<b&c", direct, 1)]);
        let lines: Vec<&str> = xml.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "<INVENTORY>",
                "<ITEM><ITEMTYPE>P</ITEMTYPE><ITEMID>3001</ITEMID><COLOR>5</COLOR><MINQTY>3</MINQTY></ITEM>",
                "<ITEM><ITEMTYPE>P</ITEMTYPE><ITEMID>a&lt;b&amp;c</ITEMID><MINQTY>1</MINQTY></ITEM>",
                "</INVENTORY>",
            ]
        );
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("a<b&c") && warnings[0].contains("0x2010203"), "{}", warnings[0]);
    }
}
