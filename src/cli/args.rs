//! The words of the command line and how they are read.

use clap::{Args, Parser, Subcommand, ValueEnum};
use glam::Vec3;
use std::path::PathBuf;
use std::str::FromStr;

/// Build, take apart, render and convert brick models.
#[derive(Parser, Debug)]
#[command(name = "studwork", version, subcommand_precedence_over_arg = true, subcommand_negates_reqs = true)]
#[command(after_help = "Without a verb the designer opens.\nExit status: 0 done, 1 done with findings, 2 refused.")]
pub struct Cli {
    /// Designs to open in the designer (.ron .ldr .mpd .dat)
    pub files: Vec<PathBuf>,
    /// Run the named actions of this file in the designer's window
    #[arg(long, value_name = "FILE.ron")]
    pub script: Option<PathBuf>,
    /// Open a copy of the starter design of this file name (welcome, lighthouse …)
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    pub starter: Option<String>,
    /// The LDraw library: a folder or complete.zip [default: $STUDWORK_LDRAW, then $LDRAWDIR]
    #[arg(long, global = true, value_name = "PATH")]
    pub ldraw: Option<PathBuf>,
    /// What to do instead of opening the designer.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What can be done without a window.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Draw a picture of a design
    Render(RenderArgs),
    /// Write a design, a 3D model or a parts list in another format
    Convert(ConvertArgs),
    /// Say what is in a design
    Info(InfoArgs),
    /// Search the catalog of parts
    Parts(PartsArgs),
    /// Make the package of a design that is submitted to a portal, with pictures
    Pack(PackArgs),
    /// Check a package by the rules of a portal
    Verify(VerifyArgs),
    /// Send a package to a portal; goes on where it broke
    Submit(SubmitArgs),
    /// Sign in to a portal, look around, download
    Portal(PortalArgs),
}

/// `studwork render`.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// The design (.ron .ldr .mpd .dat)
    pub input: PathBuf,
    /// The picture (.png)
    #[arg(short, long, value_name = "OUT.png")]
    pub output: PathBuf,
    /// Width and height in pixels
    #[arg(long, default_value = "800x600", value_name = "WxH")]
    pub size: Size,
    /// Seen from this side; the whole model fits the picture
    #[arg(long, value_enum, default_value = "home", conflicts_with_all = ["angles", "camera"])]
    pub view: View,
    /// Seen from this latitude and longitude around the model, in degrees; the whole model fits the picture
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true, conflicts_with = "camera")]
    pub angles: Option<Numbers<2>>,
    /// Position, target and up vector in LDraw coordinates (LDU, −Y is up)
    #[arg(long, value_name = "PX,PY,PZ,TX,TY,TZ,UX,UY,UZ", allow_hyphen_values = true)]
    pub camera: Option<Numbers<9>>,
    /// Vertical field of view in degrees
    #[arg(long, default_value_t = 30.0, value_name = "DEG")]
    pub fov: f32,
    /// Parallel projection
    #[arg(long)]
    pub orthographic: bool,
    /// '#rrggbb' or transparent [default: a soft light backdrop]
    #[arg(long, value_name = "COLOR")]
    pub background: Option<BackgroundArg>,
    /// Only the first N building steps of the main model
    #[arg(long, value_name = "N")]
    pub step: Option<usize>,
    /// Without edge lines
    #[arg(long)]
    pub no_edges: bool,
    /// Print the camera that was used, as JSON
    #[arg(long)]
    pub print_camera: bool,
}

/// `studwork convert`.
#[derive(Args, Debug)]
pub struct ConvertArgs {
    /// The design (.ron .ldr .mpd .dat)
    pub input: PathBuf,
    /// The file to write: .ron .ldr .mpd .glb .obj .stl, parts lists .csv .xml (BrickLink wanted list)
    pub output: PathBuf,
}

/// `studwork info`.
#[derive(Args, Debug)]
pub struct InfoArgs {
    /// The design (.ron .ldr .mpd .dat)
    pub input: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// `studwork parts`.
#[derive(Args, Debug)]
pub struct PartsArgs {
    /// Words of the name, or a number; without any, all parts
    pub query: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// `studwork pack`.
#[derive(Args, Debug)]
pub struct PackArgs {
    /// The design (.ron .ldr .mpd .dat)
    pub input: PathBuf,
    /// The package (.studpkg)
    #[arg(short, long, value_name = "OUT.studpkg")]
    pub output: PathBuf,
    /// What you say about it, in JSON: title, summary, description, tags, license, creators, audience, problem, parent
    #[arg(long, value_name = "FILE.json")]
    pub meta: Option<PathBuf>,
    /// Check by this policy: a portal's address, or a file [default: Studwork's own]
    #[arg(long, value_name = "URL|FILE")]
    pub policy: Option<String>,
}

/// `studwork verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// The package (.studpkg)
    pub package: PathBuf,
    /// Check by this policy: a portal's address, or a file [default: Studwork's own]
    #[arg(long, value_name = "URL|FILE")]
    pub policy: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// `studwork submit`.
#[derive(Args, Debug)]
pub struct SubmitArgs {
    /// The package (.studpkg)
    pub package: PathBuf,
    /// The portal's address [default: $STUDWORK_PORTAL]
    #[arg(long, value_name = "URL")]
    pub portal: Option<String>,
    /// A new version of this project of yours
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
    /// Leave it a draft that only you see
    #[arg(long)]
    pub draft: bool,
}

/// `studwork portal`.
#[derive(Args, Debug)]
pub struct PortalArgs {
    /// The portal's address [default: $STUDWORK_PORTAL]
    #[arg(long, global = true, value_name = "URL")]
    pub portal: Option<String>,
    /// What to do there.
    #[command(subcommand)]
    pub verb: PortalVerb,
}

/// What can be done on a portal.
#[derive(Subcommand, Debug)]
pub enum PortalVerb {
    /// Sign in, in the browser
    Login(LoginArgs),
    /// Forget the sign-in, here and on the portal
    Logout,
    /// List projects
    List(ListArgs),
    /// Load a project: the package, or a copy of its design to build on
    Download(DownloadArgs),
    /// Who is signed in, your projects, and what waits to be sent
    Status(StatusArgs),
}

/// `studwork portal login`.
#[derive(Args, Debug)]
pub struct LoginArgs {
    /// Without a browser on this machine: type a code on another one
    #[arg(long)]
    pub device: bool,
    /// What the portal calls this sign-in in your settings [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// `studwork portal list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Words to look for; without any, all projects
    pub words: Vec<String>,
    /// Only with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// Only in this state (gathering, qualified, approved …)
    #[arg(long)]
    pub state: Option<String>,
    /// In this order
    #[arg(long, value_enum, default_value = "newest")]
    pub sort: SortArg,
    /// So many at most
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// `studwork portal download`.
#[derive(Args, Debug)]
pub struct DownloadArgs {
    /// The project: its id, or the address of its page
    pub project: String,
    /// The package (.studpkg), or a copy of the design that names its original (.ron)
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Another version than the newest
    #[arg(long, value_name = "N")]
    pub version: Option<u32>,
}

/// `studwork portal status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// The order of a list.
#[derive(ValueEnum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum SortArg {
    /// The newest first
    Newest,
    /// The most supported first
    Supports,
    /// Those that gather quickly first
    Rising,
}

/// A named side to look from.
#[derive(ValueEnum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// From the front, the side and above
    Home,
    /// From the front
    Front,
    /// From behind
    Back,
    /// From the model's left
    Left,
    /// From the model's right
    Right,
    /// From above
    Top,
    /// From below
    Bottom,
}

/// Width and height in pixels, `800x600`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MOST: u32 = 8192;
        let (width, height) = text.split_once(['x', 'X', '×']).ok_or("expected WIDTHxHEIGHT, as in 800x600")?;
        let pixels = |text: &str| {
            let number = text.trim().parse::<u32>().ok().filter(|number| (1..=MOST).contains(number));
            number.ok_or(format!("`{text}` is not a number of pixels from 1 to {MOST}"))
        };
        Ok(Self { width: pixels(width)?, height: pixels(height)? })
    }
}

/// Exactly `N` finite numbers with commas between them.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Numbers<const N: usize>(pub [f32; N]);

impl<const N: usize> FromStr for Numbers<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |word: &str| {
            let number = word.trim().parse::<f32>().ok().filter(|number| number.is_finite());
            number.ok_or(format!("`{word}` is not a number"))
        };
        let numbers = text.split(',').map(read).collect::<Result<Vec<f32>, String>>()?;
        let count = numbers.len();
        numbers
            .try_into()
            .map(Self)
            .map_err(|_| format!("expected {N} numbers with commas between them, found {count}"))
    }
}

impl Numbers<9> {
    /// Position, target and up vector.
    pub fn vectors(self) -> [Vec3; 3] {
        let [px, py, pz, tx, ty, tz, ux, uy, uz] = self.0;
        [Vec3::new(px, py, pz), Vec3::new(tx, ty, tz), Vec3::new(ux, uy, uz)]
    }
}

/// What is behind the model.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum BackgroundArg {
    /// Nothing: the picture has an alpha channel.
    Transparent,
    /// One color, red, green, blue.
    Color([u8; 3]),
}

impl FromStr for BackgroundArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("transparent") {
            return Ok(Self::Transparent);
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6 && digits.is_ascii());
        let [_, r, g, b] = value.ok_or("expected '#rrggbb' or transparent")?.to_be_bytes();
        Ok(Self::Color([r, g, b]))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn files_open_the_designer_and_a_verb_may_follow_the_library() {
        let cli = read("studwork a.ron b.ldr --script do.ron").unwrap();
        assert_eq!((cli.files.len(), cli.verb.is_none()), (2, true));
        let cli = read("studwork --ldraw lib.zip info a.ldr --json").unwrap();
        assert!(matches!(cli.verb, Some(Verb::Info(InfoArgs { json: true, .. }))));
        assert_eq!(cli.ldraw, Some(PathBuf::from("lib.zip")));
        assert!(read("studwork render a.ldr -o a.png --ldraw lib.zip").unwrap().ldraw.is_some());
    }

    #[test]
    fn the_portals_address_may_stand_before_or_after_its_verb() {
        for line in [
            "studwork portal --portal http://localhost:8470 login --device",
            "studwork portal login --portal http://localhost:8470 --device",
        ] {
            let Some(Verb::Portal(args)) = read(line).unwrap().verb else { panic!("not portal") };
            assert_eq!(args.portal.as_deref(), Some("http://localhost:8470"));
            assert!(matches!(args.verb, PortalVerb::Login(LoginArgs { device: true, .. })));
        }
        assert!(read("studwork submit a.studpkg --portal x --draft").is_ok());
        assert!(read("studwork pack a.ron").is_err(), "a package goes somewhere");
        assert!(read("studwork portal list --limit 0").is_err());
    }

    #[test]
    fn a_camera_takes_nine_numbers_and_excludes_a_view() {
        let Some(Verb::Render(args)) = read("studwork render a -o b.png --camera 1,-2,3,0,0,0,0,-1,0").unwrap().verb
        else {
            panic!("not render")
        };
        assert_eq!(args.camera.unwrap().vectors()[0], Vec3::new(1.0, -2.0, 3.0));
        assert!(read("studwork render a -o b.png --camera 1,2,3").is_err());
        assert!(read("studwork render a -o b.png --camera 1,2,3,4,5,6,7,8,NaN").is_err());
        assert!(read("studwork render a -o b.png --view top --angles 1,2").is_err());
        assert!(read("studwork render a -o b.png --angles -20,135").is_ok());
    }

    #[test]
    fn sizes_and_backgrounds_out_of_range_are_refused() {
        assert_eq!("800x600".parse(), Ok(Size { width: 800, height: 600 }));
        for bad in ["800", "0x10", "10x-1", "99999x10", "axb"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
        assert_eq!("#ff8000".parse(), Ok(BackgroundArg::Color([255, 128, 0])));
        assert_eq!("Transparent".parse(), Ok(BackgroundArg::Transparent));
        assert!("#ff80".parse::<BackgroundArg>().is_err());
        assert!("#é0000".parse::<BackgroundArg>().is_err());
    }
}
