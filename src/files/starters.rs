//! The starter designs that come with the program. Each opens as a new, unsaved copy.

/// A design that comes with the program.
pub struct Starter {
    /// What menus call it.
    pub title: &'static str,
    /// The name of its file.
    pub file: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! starters {
    ($($title:literal => $file:literal),* $(,)?) => {
        /// All of them.
        pub static STARTERS: &[Starter] =
            &[$(Starter { title: $title, file: $file, text: include_str!(concat!("../../scenes/", $file)) }),*];
    };
}

starters! {
    "A small house with a garden" => "welcome.ron",
    "Lighthouse on a rock" => "lighthouse.ron",
    "Street corner" => "street-corner.ron",
    "Small train" => "train.ron",
    "Rocket on its pad" => "rocket.ron",
    "A tree through the seasons" => "seasons.ron",
    "Windmill and tulips" => "windmill.ron",
    "Chess set" => "chess.ron",
}

/// The starter of a title, or of a file name such as `welcome`.
pub fn starter(name: &str) -> Option<&'static Starter> {
    STARTERS.iter().find(|starter| starter.title == name || starter.file.strip_suffix(".ron") == Some(name))
}
