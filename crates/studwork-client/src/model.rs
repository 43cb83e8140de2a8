//! What a portal tells, as `docs/portal-api.md` describes it. Unknown members are passed over; what an older portal does not
//! tell has a default.

use serde::{Deserialize, Serialize};
use studwork_core::package::Policy;

/// `GET /api/v1/policy`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
pub struct PortalPolicy {
    /// Who answers.
    pub portal: PortalInfo,
    /// The limits for packages.
    pub package: Policy,
    /// How support is gathered.
    #[serde(default)]
    pub support: SupportPolicy,
}

/// Who answers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct PortalInfo {
    /// What the portal is called.
    pub name: String,
    /// The version of the protocol.
    pub protocol: u32,
}

/// How support is gathered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SupportPolicy {
    /// Days in which a project gathers support.
    pub window_days: u32,
    /// Supports at which a project is looked at.
    pub review_at: u64,
    /// Supports at which it is approved without a look, if ever.
    pub approve_at: Option<u64>,
    /// What has to be reached on the way.
    pub milestones: Vec<Milestone>,
}

/// Supports to reach within some days.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Milestone {
    /// How many supports.
    pub supports: u64,
    /// Days since gathering began.
    pub within_days: u32,
}

/// Some of a longer list.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
pub struct Page<T> {
    /// These.
    pub items: Vec<T>,
    /// What to ask for the next ones; `None` when there are none.
    #[serde(default = "none")]
    pub next: Option<String>,
}

fn none() -> Option<String> {
    None
}

/// An account that made something.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreatorName {
    /// The account.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// A project in a list.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Card {
    /// The project.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub summary: String,
    /// Whose it is.
    pub creator: CreatorName,
    /// `gathering` and so on.
    pub state: String,
    /// How many support it.
    pub supports: u64,
    /// How many it needs.
    pub goal: u64,
    /// Until when it gathers, RFC 3339.
    pub deadline: Option<String>,
    /// Pieces.
    pub pieces: u64,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// SPDX identifier.
    pub license: String,
    /// A path on the portal.
    pub cover: Option<String>,
    /// RFC 3339.
    pub created: String,
    /// Its newest version.
    pub version: u32,
    /// A path on the portal.
    pub url: String,
}

/// A project with everything that its page shows.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Project {
    /// What a list shows of it.
    #[serde(flatten)]
    pub card: Card,
    /// Markdown.
    pub description: String,
    /// For whom it is.
    pub for_whom: String,
    /// What it is good for.
    pub problem: String,
    /// Everyone who made it.
    pub creators: Vec<ProjectCreator>,
    /// Paths on the portal, the cover first.
    pub images: Vec<String>,
    /// Paths on the portal, once around the model.
    pub turntable: Vec<String>,
    /// What it is a copy of.
    pub parent: Option<Ancestor>,
    /// Its package.
    pub package: PackageFile,
    /// How many comments it has.
    pub comments: u64,
    /// How many follow it.
    pub follows: u64,
    /// RFC 3339.
    pub updated: String,
    /// What you have to do with it, when signed in.
    pub you: Option<You>,
    /// States into which you may bring it now.
    pub transitions: Vec<String>,
}

/// Somebody who made a project.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProjectCreator {
    /// What they are called.
    pub name: String,
    /// What they did.
    pub role: String,
}

/// A package on the portal.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PackageFile {
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// A path on the portal.
    pub url: String,
}

/// What you have to do with a project.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct You {
    /// Whether you support it.
    pub supported: bool,
    /// Whether you follow it.
    pub following: bool,
    /// Whether it is yours.
    pub own: bool,
}

/// An original, as far as the portal knows it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ancestor {
    /// The project; `None` when the portal does not have it (any more).
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Who made it.
    #[serde(deserialize_with = "name_or_account")]
    pub creator: String,
    /// SPDX identifier.
    pub license: String,
    /// A path on the portal.
    pub url: Option<String>,
}

/// A name, or an account with a name.
fn name_or_account<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Name(String),
        Account(CreatorName),
    }
    Ok(match Option::<Either>::deserialize(deserializer)? {
        None => String::new(),
        Some(Either::Name(name)) => name,
        Some(Either::Account(account)) => account.name,
    })
}

/// A color number may come as either.
fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

/// Where a project comes from and what was made of it.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Lineage {
    /// Nearest first.
    pub ancestors: Vec<Ancestor>,
    /// Copies of it.
    pub children: Vec<Card>,
}

/// A version of a project.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Version {
    /// Counted from 1.
    pub number: u32,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// RFC 3339.
    pub created: String,
    /// Pieces.
    pub pieces: u64,
    /// Changes of the parts list against the version before.
    pub changes: Vec<Change>,
}

/// How many of a part there are more or fewer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Change {
    /// Its number.
    pub part: String,
    /// Its name.
    pub name: String,
    /// Its color number, as LDraw writes it.
    #[serde(deserialize_with = "text_or_number")]
    pub color: String,
    /// The color's name.
    pub color_name: String,
    /// How many there were.
    pub before: u64,
    /// How many there are.
    pub after: u64,
}

/// A line of a parts list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PartRow {
    /// Its number.
    pub part: String,
    /// Its name.
    pub name: String,
    /// Its color number, as LDraw writes it.
    #[serde(deserialize_with = "text_or_number")]
    pub color: String,
    /// The color's name.
    pub color_name: String,
    /// How many.
    pub count: u64,
}

/// The account that is signed in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The account.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// `member`, `reviewer`, `admin`.
    pub role: String,
}

/// The answer to supporting a project or taking the support back.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Supported {
    /// Whether you support it.
    pub supported: bool,
    /// How many do.
    pub supports: u64,
    /// The state of the project.
    pub state: String,
}

/// A way to take part in a project.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Engagement {
    /// Support it, or take the support back.
    Support,
    /// Follow it, or no longer.
    Follow,
}

/// The order of a list.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The most supported first.
    Supports,
    /// Those that gather quickly first.
    Rising,
}

impl Sort {
    /// As the protocol writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Supports => "supports",
            Self::Rising => "rising",
        }
    }
}
