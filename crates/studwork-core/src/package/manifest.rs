//! What a package says about itself, as JSON. Strict: a field that the format does not have is refused, so that a slip of the
//! pen is not a silent loss.

use super::{FORMAT, Finding, MANIFEST, Place, Rule, derivative_allowed, spdx_from_text};
use crate::Design;
use serde::{Deserialize, Serialize};

/// The most bytes that a manifest may have.
pub(super) const MOST_BYTES: u64 = 1 << 20;

/// `manifest.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The package format: [`FORMAT`].
    pub format: u32,
    /// What it is called; one line.
    pub title: String,
    /// What it is, in one or two sentences; one line.
    pub summary: String,
    /// What it is in full, in Markdown.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// SPDX identifier of its license.
    pub license: String,
    /// Who made it.
    pub creators: Vec<Creator>,
    /// For whom it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub audience: String,
    /// Which problem it solves, or what it is good for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// The original, when it is a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Every file of the package but the manifest, by path.
    pub files: Vec<FileEntry>,
}

/// Somebody who made it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creator {
    /// How they want to be called.
    pub name: String,
    /// What they did, where that is to be said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Whether they agreed to be named and to the submission.
    pub consent: bool,
}

/// The original that a project was made from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The project on the portal; left out when the original is not from a portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Which version of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// SHA-256 of the original's file, as the design's lineage has it: of the package, or of the model in it.
    pub sha256: String,
    /// What the original is called.
    pub title: String,
    /// Who made the original.
    pub author: String,
    /// SPDX identifier of the original's license; empty when it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
}

/// A file of the package.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path in the package.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What a creator says about a submission: the fields of the manifest that are not found out, each of which may be left
/// out. The same names in JSON.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Meta {
    /// See [`Manifest::title`].
    pub title: Option<String>,
    /// See [`Manifest::summary`].
    pub summary: Option<String>,
    /// See [`Manifest::description`].
    pub description: Option<String>,
    /// See [`Manifest::tags`].
    pub tags: Option<Vec<String>>,
    /// See [`Manifest::license`].
    pub license: Option<String>,
    /// See [`Manifest::creators`].
    pub creators: Option<Vec<Creator>>,
    /// See [`Manifest::audience`].
    pub audience: Option<String>,
    /// See [`Manifest::problem`].
    pub problem: Option<String>,
    /// See [`Manifest::parent`].
    pub parent: Option<Parent>,
}

impl Manifest {
    /// What a design says about itself, as the beginning of a manifest: title, description, tags, license, its author as a
    /// creator who still has to agree, and the original from its lineage, whose license stands where it does not allow the
    /// design's. Without files.
    pub fn from_design(design: &Design) -> Self {
        let name = design.author().trim();
        let creator = Creator { name: name.to_owned(), role: String::new(), consent: false };
        let spdx = |text: &str| spdx_from_text(text).unwrap_or_else(|| text.trim().to_owned());
        let parent = design.lineage().map(|lineage| {
            let project = lineage.source.as_deref().and_then(project_of_source);
            Parent {
                project: project.as_ref().map(|(project, _)| project.clone()),
                version: project.and_then(|(_, version)| version),
                sha256: lineage.sha256.clone(),
                title: lineage.title.clone(),
                author: lineage.author.clone(),
                license: spdx(&lineage.license),
            }
        });
        let mut license = spdx(design.license());
        if let Some(parent) = &parent
            && !derivative_allowed(&parent.license, &license)
            && derivative_allowed(&parent.license, &parent.license)
        {
            license.clone_from(&parent.license);
        }
        Self {
            format: FORMAT,
            title: design.title().trim().to_owned(),
            description: design.description().trim().to_owned(),
            tags: design.tags().to_vec(),
            license,
            creators: if name.is_empty() { Vec::new() } else { vec![creator] },
            parent,
            ..Self::default()
        }
    }

    /// This manifest with what a creator says instead.
    pub fn with(mut self, meta: Meta) -> Self {
        let Meta { title, summary, description, tags, license, creators, audience, problem, parent } = meta;
        let texts = [
            (&mut self.title, title),
            (&mut self.summary, summary),
            (&mut self.description, description),
            (&mut self.license, license),
            (&mut self.audience, audience),
            (&mut self.problem, problem),
        ];
        for (field, said) in texts {
            if let Some(said) = said {
                *field = said;
            }
        }
        if let Some(tags) = tags {
            self.tags = tags;
        }
        if let Some(creators) = creators {
            self.creators = creators;
        }
        if let Some(parent) = parent {
            self.parent = Some(parent);
        }
        self
    }

    /// The manifest as a file: indented JSON with a line break at the end; the same manifest gives the same bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("texts and numbers are JSON");
        json.push(b'\n');
        json
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// What is wrong with it, as a finding: it is too large, of a newer format, or not what the format says.
    pub fn from_json(json: &[u8]) -> Result<Self, Box<Finding>> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let place = || Place::file(MANIFEST);
        if json.len() as u64 > MOST_BYTES {
            let message = format!("the manifest has {} bytes; the most is {MOST_BYTES}", json.len());
            return Err(Box::new(Finding::new(Rule::ManifestUnreadable, place(), message)));
        }
        let unreadable = |message: String| Box::new(Finding::new(Rule::ManifestUnreadable, place(), message));
        // A list of values without their names would be read as well.
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(unreadable("the manifest is no JSON object".to_owned()));
        }
        if let Ok(Version { format }) = serde_json::from_slice(json)
            && format > FORMAT
        {
            let message = format!("the package has format {format}; this version reads up to format {FORMAT}");
            return Err(Box::new(Finding::new(Rule::FormatNewer, place(), message)));
        }
        let manifest: Self = serde_json::from_slice(json).map_err(|error| unreadable(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(unreadable(format!("there is no package format {}", manifest.format)));
        }
        Ok(manifest)
    }

    /// The entry of a file.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.iter().find(|entry| entry.path == path)
    }
}

/// Where a design downloaded from a portal comes from, as its lineage says it: `https://portal/projects/ID/versions/3`.
pub fn source_of_project(portal: &str, project: &str, version: u32) -> String {
    format!("{}/projects/{project}/versions/{version}", portal.trim_end_matches('/'))
}

/// The project and its version that such an address names; `None` for any other address.
pub fn project_of_source(source: &str) -> Option<(String, Option<u32>)> {
    let (_, path) = source.split_once("/projects/")?;
    let mut words = path.split(['/', '?', '#']);
    let project = words.next().filter(|word| !word.is_empty())?;
    let version = if words.next() == Some("versions") { words.next().and_then(|word| word.parse().ok()) } else { None };
    Some((project.to_owned(), version))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_copy_begins_with_a_license_that_its_original_allows() {
        use crate::{Edit, InfoField, Lineage};
        let begun = |of_original: &str, own: &str| {
            let mut design = Design::new();
            let lineage = Lineage { license: of_original.into(), ..Lineage::default() };
            design.apply(Edit::SetInfo(InfoField::Lineage(Some(lineage)))).unwrap();
            design.apply(Edit::SetInfo(InfoField::License(own.into()))).unwrap();
            Manifest::from_design(&design).license
        };
        assert_eq!(begun("CC-BY-SA-4.0", "CC0-1.0"), "CC-BY-SA-4.0");
        assert_eq!(begun("CC0-1.0", "CC-BY-4.0"), "CC-BY-4.0", "what is allowed stays");
        assert_eq!(begun("CC-BY-ND-4.0", "CC0-1.0"), "CC0-1.0", "no license allows this copy: the rules say so");
        assert_eq!(begun("", "CC0-1.0"), "CC0-1.0");
    }

    #[test]
    fn an_address_names_a_project_and_its_version() {
        let source = source_of_project("https://portal.example/", "k3x9", 4);
        assert_eq!(source, "https://portal.example/projects/k3x9/versions/4");
        assert_eq!(project_of_source(&source), Some(("k3x9".to_owned(), Some(4))));
        assert_eq!(project_of_source("https://p/projects/a"), Some(("a".to_owned(), None)));
        assert_eq!(project_of_source("https://example.com/car.mpd"), None);
    }

    #[test]
    fn a_manifest_is_strict_and_says_where() {
        let manifest = Manifest { format: FORMAT, title: "A".to_owned(), ..Manifest::default() };
        assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
        let json = String::from_utf8(manifest.to_json()).unwrap();
        for (bad, says) in [
            (json.replace("\"title\"", "\"titel\""), "titel"),
            (json.replace("\"title\": \"A\"", "\"title\": 3"), "line 3"),
            (json.replace("\"summary\": \"\",\n", ""), "summary"),
            (json.replace("{\n", "{ \"title\": \"B\","), "duplicate"),
            (json.replace("\"format\": 1", "\"format\": 0"), "format 0"),
            ("[".repeat(100_000), "object"),
            (format!("{{\"parent\": {}", "{\"a\":".repeat(100_000)), "unknown field"),
            ("[1, \"A\", \"\", \"\", [], \"\", [], [], []]".to_owned(), "object"),
        ] {
            let finding = Manifest::from_json(bad.as_bytes()).unwrap_err();
            assert_eq!(finding.known_rule(), Some(Rule::ManifestUnreadable), "{bad:.80}");
            assert!(finding.message.contains(says), "{} for {bad:.80}", finding.message);
        }
        let newer = br#"{"format": 2, "anything": true}"#;
        let finding = Manifest::from_json(newer).unwrap_err();
        assert_eq!(finding.known_rule(), Some(Rule::FormatNewer));
        assert!(finding.message.contains("format 2"));
    }

    #[test]
    fn what_the_creator_says_wins_over_the_design() {
        let meta: Meta = serde_json::from_str(r#"{"title": "New", "tags": ["a b"]}"#).unwrap();
        let manifest =
            Manifest { title: "Old".to_owned(), summary: "Kept".to_owned(), ..Manifest::default() }.with(meta);
        assert_eq!((manifest.title.as_str(), manifest.summary.as_str()), ("New", "Kept"));
        assert_eq!(manifest.tags, ["a b"]);
        assert!(serde_json::from_str::<Meta>(r#"{"titel": "New"}"#).is_err());
    }
}
