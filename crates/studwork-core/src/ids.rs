//! The names by which things in a design are known.
//!
//! A number is given once in the life of a design: it survives undo and saving, and what was deleted takes its
//! number along. That is what lets a selection, a connection or a comparison with the original hold on to a piece.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(
            /// Counted from 1 within a design.
            pub u32,
        );

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), self.0)
            }
        }
    };
}

id!(
    /// A placed part or submodel.
    PieceId, "piece"
);
id!(
    /// A named list of steps.
    SubmodelId, "submodel"
);
id!(
    /// One building step.
    StepId, "step"
);
id!(
    /// Pieces that are selected together.
    GroupId, "group"
);

/// The number of a part, as the catalog and LDraw know it: lower case, `/` between folders, without `.dat`.
///
/// A reference to a model file that nobody has keeps its extension (`wing.ldr`), so that it can be written again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(Arc<str>);

impl PartId {
    /// The part with this number or file name: `3001`, `3001.dat`, `s\3001s01.DAT`.
    pub fn new(name: &str) -> Self {
        let key = studwork_ldraw::normalized_name(name);
        // Until nothing is left to take off: what is made from a number is that number again.
        let mut number = key.as_str();
        while let Some(shorter) = number.strip_suffix(".dat") {
            number = shorter.trim_end();
        }
        Self(number.into())
    }

    /// `3001`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file that shows it, as LDraw files refer to it: `3001.dat`, `s/3001s01.dat`.
    pub fn file_name(&self) -> String {
        let is_model = [".ldr", ".mpd"].iter().any(|extension| self.0.ends_with(extension));
        if is_model { self.0.to_string() } else { format!("{}.dat", self.0) }
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartId({:?})", &*self.0)
    }
}

impl From<&str> for PartId {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl Serialize for PartId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PartId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::new(&name))
    }
}

/// The next numbers to give.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub piece: u32,
    pub submodel: u32,
    pub step: u32,
    pub group: u32,
}

impl Counters {
    pub const FIRST: Self = Self { piece: 1, submodel: 1, step: 1, group: 1 };

    /// The greater of each.
    pub fn max(self, other: Self) -> Self {
        Self {
            piece: self.piece.max(other.piece),
            submodel: self.submodel.max(other.submodel),
            step: self.step.max(other.step),
            group: self.group.max(other.group),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_name_however_it_is_written() {
        assert_eq!(PartId::new(" S\\3001S01.DAT "), PartId::new("s/3001s01"));
        assert_eq!(PartId::new("3001").file_name(), "3001.dat");
        assert_eq!(PartId::new("Wing.LDR").file_name(), "wing.ldr");
        for odd in ["x.dat.dat", "x .dat", ".dat", "x.dat .dat ", "x.ldr.dat", "ÄÖ.DAT"] {
            let part = PartId::new(odd);
            assert_eq!(PartId::new(part.as_str()), part, "{odd}");
            assert_eq!(PartId::new(&part.file_name()), part, "{odd}");
        }
    }
}
