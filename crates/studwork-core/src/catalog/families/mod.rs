//! The shape families and the table of part lists. Each family file has one enum of shapes with their parameters, read
//! from its own list in `assets/parts/`; a new file needs one line in `TABLES`.

mod bars;
mod bricks;
mod clips;
mod common;
mod minifigure;
mod openings;
mod plants;
mod rounds;
mod slopes;
mod technic_beams;
mod technic_bricks;
mod technic_pins;
mod walls;
mod wheels;

use super::build::Shape;
use glam::Vec3;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A parameterized shape; one enum per family file.
pub trait Family: Send + Sync {
    /// Builds it, in the axes, origin and size of the LDraw part.
    fn shape(&self) -> Shape;
}

/// One entry of a part list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<F> {
    number: String,
    name: String,
    shape: F,
    /// Other numbers of the same part.
    #[serde(default)]
    aliases: Vec<String>,
    /// The first word of the name when left out.
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    /// Its place in the order of use, 1 for the most used; 0 when not known.
    #[serde(default)]
    rank: u32,
}

/// A part that the program can build by itself.
pub struct BuiltInPart {
    /// The LDraw number.
    pub number: String,
    /// A description such as `Brick 2 x 4`.
    pub name: String,
    /// The palette's category.
    pub category: String,
    /// Other numbers of the same part.
    pub aliases: Vec<String>,
    /// Words that find it.
    pub keywords: Vec<String>,
    /// Its place in the order of use, 1 for the most used; 0 when not known.
    pub rank: u32,
    /// Its shape, not built yet.
    pub family: Box<dyn Family>,
}

struct Table {
    /// The file's name in `assets/parts/`, for messages.
    file: &'static str,
    text: &'static str,
    load: fn(&str) -> Result<Vec<BuiltInPart>, ron::error::SpannedError>,
}

macro_rules! table {
    ($file:literal, $family:ty) => {
        Table { file: $file, text: include_str!(concat!("../../../../../assets/parts/", $file)), load: load::<$family> }
    };
}

/// Every part list with the family that reads it.
static TABLES: &[Table] = &[
    table!("bars.ron", bars::Bars),
    table!("bricks.ron", bricks::Bricks),
    table!("clips.ron", clips::Clips),
    table!("hinges.ron", clips::Clips),
    table!("minifigure.ron", minifigure::Minifigure),
    table!("openings.ron", openings::Openings),
    table!("plants.ron", plants::Plants),
    table!("rounds.ron", rounds::Rounds),
    table!("slopes.ron", slopes::Slopes),
    table!("technic_beams.ron", technic_beams::TechnicBeams),
    table!("technic_bricks.ron", technic_bricks::TechnicBricks),
    table!("technic_pins.ron", technic_pins::TechnicPins),
    table!("tools.ron", clips::Clips),
    table!("walls.ron", walls::Walls),
    table!("wheels.ron", wheels::Wheels),
];

fn load<F: Family + DeserializeOwned + 'static>(text: &str) -> Result<Vec<BuiltInPart>, ron::error::SpannedError> {
    let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    let entries: Vec<Entry<F>> = options.from_str(text)?;
    let part = |e: Entry<F>| BuiltInPart {
        category: e.category.unwrap_or_else(|| e.name.split(' ').next().unwrap_or_default().to_owned()),
        number: e.number,
        name: e.name,
        aliases: e.aliases,
        keywords: e.keywords,
        rank: e.rank,
        family: Box::new(e.shape),
    };
    Ok(entries.into_iter().map(part).collect())
}

/// Every built-in part, list by list. A list that cannot be read is left out and named among the messages.
pub fn all_parts() -> (Vec<BuiltInPart>, Vec<String>) {
    let (mut parts, mut messages) = (Vec::new(), Vec::new());
    for table in TABLES {
        match (table.load)(table.text) {
            Ok(mut list) => parts.append(&mut list),
            Err(error) => messages.push(format!("assets/parts/{}: {error}", table.file)),
        }
    }
    (parts, messages)
}

/// The box (LDU) that a part without a built-in shape is known to fill, roughly; `None` for an unknown number.
pub fn size_class(number: &str) -> Option<(Vec3, Vec3)> {
    static SIZES: LazyLock<HashMap<String, [f32; 6]>> =
        LazyLock::new(|| ron::from_str(include_str!("../../../../../assets/parts/sizes.ron")).unwrap_or_default());
    let [x0, y0, z0, x1, y1, z1] = *SIZES.get(number)?;
    Some((Vec3::new(x0, y0, z0), Vec3::new(x1, y1, z1)))
}
