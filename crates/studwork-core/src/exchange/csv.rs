//! A parts list as comma-separated values. Source of the quoting rules: RFC 4180.

use super::{ListedPart, spaced};
use std::fmt::Write as _;

/// Writes `part,name,color_code,color_name,quantity` with one row for each part in each color.
pub fn to_csv(rows: &[ListedPart]) -> String {
    let mut text = "part,name,color_code,color_name,quantity\r\n".to_owned();
    for row in rows {
        let fields = [row.part.as_str(), &row.name, &row.color.to_string(), &spaced(&row.color_name)].map(quoted);
        // Writing into a String cannot fail.
        let _ = write!(text, "{},{}\r\n", fields.join(","), row.quantity);
    }
    text
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartId;
    use studwork_ldraw::ColorRef;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        let row = ListedPart {
            part: PartId::new("3001"),
            name: "Brick, 2 x 4 \"classic\"".to_owned(),
            color: ColorRef::Code(71),
            color_name: "Light_Bluish_Grey".to_owned(),
            quantity: 12,
        };
        let text = to_csv(&[row]);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "part,name,color_code,color_name,quantity");
        assert_eq!(lines[1], "3001,\"Brick, 2 x 4 \"\"classic\"\"\",71,Light Bluish Grey,12");
    }
}
