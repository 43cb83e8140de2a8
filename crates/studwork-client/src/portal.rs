//! A portal as somebody uses it: look around, load, take part. One call is one request.

use crate::http::{self, Http};
use crate::model::{
    Account, Card, Engagement, Lineage, Page, PartRow, PortalPolicy, Project, Sort, Supported, Version,
};
use crate::secret::sha256_of_digest;
use crate::{ClientError, PortalAddress, Progress, Stop};
use reqwest::Method;
use studwork_core::package::{Package, sha256_hex, source_of_project};

/// The protocol that this version speaks.
const PROTOCOL: u32 = 1;
/// The most bytes of a picture.
const MOST_PICTURE: u64 = 32 << 20;
/// The most bytes of a package, whatever a portal's policy says.
const MOST_PACKAGE: u64 = 512 << 20;

/// A portal, with somebody signed in or not.
#[derive(Clone, Debug)]
pub struct Portal {
    pub(crate) http: Http,
}

/// What a list of projects is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProjectQuery {
    /// Words; empty for all.
    pub words: String,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// In this order.
    pub sort: Sort,
    /// Only with at least so many pieces.
    pub min_pieces: Option<u64>,
    /// Only with at most so many pieces.
    pub max_pieces: Option<u64>,
    /// What the page before said as `next`.
    pub cursor: Option<String>,
    /// How many, 1 to 100; the portal's own number when `None`.
    pub limit: Option<u32>,
}

/// A package that was loaded and found whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Download {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

impl Portal {
    /// A portal, signed in with a token or not. Nothing is sent yet.
    ///
    /// # Errors
    /// The system gives no network.
    pub fn new(address: PortalAddress, token: Option<String>) -> Result<Self, ClientError> {
        Ok(Self { http: Http::new(address, token)? })
    }

    /// Its address.
    pub fn address(&self) -> &PortalAddress {
        self.http.address()
    }

    /// Whether there is a token. Whether the portal still takes it, only a request tells.
    pub fn is_signed_in(&self) -> bool {
        self.http.is_signed_in()
    }

    /// Uses another token from here on, or none.
    pub fn set_token(&mut self, token: Option<String>) {
        self.http.set_token(token);
    }

    /// Who the portal is and what it takes. The first thing to ask: it tells whether it is a portal at all.
    pub fn policy(&self) -> Result<PortalPolicy, ClientError> {
        let policy: Result<PortalPolicy, _> = self.get("/api/v1/policy");
        let policy = policy.map_err(|error| match error {
            ClientError::Protocol { .. } => ClientError::Protocol { what: format!("{} is no portal", self.address()) },
            ClientError::Refused(problem) if problem.status == 404 => {
                ClientError::Protocol { what: format!("{} is no portal", self.address()) }
            }
            error => error,
        })?;
        if policy.portal.protocol > PROTOCOL {
            let what = format!("it speaks protocol {}, this program {PROTOCOL}", policy.portal.protocol);
            return Err(ClientError::Protocol { what });
        }
        Ok(policy)
    }

    fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.http.json(self.http.request(Method::GET, path)?)
    }

    /// Projects by words, tag, state and order.
    pub fn projects(&self, query: &ProjectQuery) -> Result<Page<Card>, ClientError> {
        let mut words: Vec<(&str, String)> = vec![("sort", query.sort.as_str().to_owned())];
        let texts = [("tag", &query.tag), ("state", &query.state), ("cursor", &query.cursor)];
        words.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))));
        if !query.words.trim().is_empty() {
            words.push(("q", query.words.trim().to_owned()));
        }
        let numbers = [
            ("min_pieces", query.min_pieces),
            ("max_pieces", query.max_pieces),
            ("limit", query.limit.map(|limit| limit.clamp(1, 100).into())),
        ];
        words.extend(numbers.into_iter().filter_map(|(name, number)| Some((name, number?.to_string()))));
        self.http.json(self.http.request(Method::GET, "/api/v1/projects")?.query(&words))
    }

    /// One project.
    pub fn project(&self, id: &str) -> Result<Project, ClientError> {
        self.get(&project_path(id, "")?)
    }

    /// Its versions, the newest first.
    pub fn versions(&self, id: &str) -> Result<Vec<Version>, ClientError> {
        Ok(self.get::<Page<Version>>(&project_path(id, "/versions")?)?.items)
    }

    /// Its parts list.
    pub fn parts(&self, id: &str) -> Result<Vec<PartRow>, ClientError> {
        Ok(self.get::<Page<PartRow>>(&project_path(id, "/parts")?)?.items)
    }

    /// Where it comes from and what was made of it.
    pub fn lineage(&self, id: &str) -> Result<Lineage, ClientError> {
        self.get(&project_path(id, "/lineage")?)
    }

    /// Who is signed in.
    pub fn me(&self) -> Result<Account, ClientError> {
        self.http.json(self.http.signed(Method::GET, "/api/v1/me")?)
    }

    /// The projects of whom is signed in.
    pub fn my_projects(&self, cursor: Option<&str>) -> Result<Page<Card>, ClientError> {
        let request = self.http.signed(Method::GET, "/api/v1/me/projects")?;
        let cursor: Vec<(&str, &str)> = cursor.into_iter().map(|cursor| ("cursor", cursor)).collect();
        self.http.json(request.query(&cursor))
    }

    /// Supports or follows a project, or no longer (`on` false). Doing it twice is the same as once.
    pub fn engage(&self, id: &str, how: Engagement, on: bool) -> Result<Supported, ClientError> {
        let path = project_path(id, if how == Engagement::Support { "/support" } else { "/follow" })?;
        let method = if on { Method::PUT } else { Method::DELETE };
        self.http.json(self.http.signed(method, &path)?)
    }

    /// Brings one's own project into another state: withdraws it, or submits a draft.
    pub fn transition(&self, id: &str, to: &str, note: &str) -> Result<Project, ClientError> {
        let request = self.http.signed(Method::POST, &project_path(id, "/transitions")?)?;
        self.http.json(request.json(&serde_json::json!({"to": to, "note": note})))
    }

    /// A picture by the path that a card or a project names.
    pub fn picture(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let response = self.http.send(self.http.request(Method::GET, path)?)?;
        self.http.read(response, MOST_PICTURE, "a picture", &mut |_, _| Ok(()))
    }

    /// Loads the package of a project (its newest version, or another), and checks that it came whole: against the hash that the
    /// portal announces, and against `expected` when it is known.
    pub fn download(
        &self,
        id: &str,
        version: Option<u32>,
        expected: Option<&str>,
        stop: &Stop,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Download, ClientError> {
        let path = match version {
            Some(version) => project_path(id, &format!("/versions/{version}/package"))?,
            None => project_path(id, "/package")?,
        };
        let response = self.http.send(self.http.request(Method::GET, &path)?.timeout(http::LONG))?;
        let announced = http::header_text(&response, "repr-digest").and_then(sha256_of_digest);
        let bytes = self.http.read(response, MOST_PACKAGE, "the package", &mut |done, total| {
            on_progress(Progress { done, total: total.unwrap_or(done) });
            stop.check()
        })?;
        let sha256 = sha256_hex(&bytes);
        let matches = |hash: &str| hash.eq_ignore_ascii_case(&sha256);
        if !announced.as_deref().is_none_or(matches) || !expected.is_none_or(matches) {
            return Err(ClientError::Damaged { what: "the package".to_owned() });
        }
        Ok(Download { bytes, sha256 })
    }

    /// Tells the portal to forget the token; whoever has it can do nothing with it any more.
    pub fn sign_out(&self, token: &str) -> Result<(), ClientError> {
        let request = self.http.request(Method::POST, "/oauth/revoke")?;
        self.http.send(request.form(&[("token", token), ("client_id", crate::sign_in::CLIENT)])).map(drop)
    }

    /// Whether somebody who is signed in has a project with this package among the newest of theirs; the project's id.
    pub(crate) fn find_sent(&self, sha256: &str) -> Result<Option<String>, ClientError> {
        for card in self.my_projects(None)?.items {
            if self.project(&card.id)?.package.sha256.eq_ignore_ascii_case(sha256) {
                return Ok(Some(card.id));
            }
        }
        Ok(None)
    }
}

/// The path of a project; its id comes from outside.
fn project_path(id: &str, rest: &str) -> Result<String, ClientError> {
    let plain =
        !id.is_empty() && id.len() <= 64 && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    if !plain {
        return Err(ClientError::Protocol { what: format!("{id:.80?} is no project") });
    }
    Ok(format!("/api/v1/projects/{id}{rest}"))
}

/// What a copy of a downloaded package says about its original: the hash is that of the package.
pub fn lineage_of(address: &PortalAddress, project: &str, version: u32, package: &Package) -> studwork_core::Lineage {
    let manifest = package.manifest();
    let names: Vec<&str> = manifest.creators.iter().map(|creator| creator.name.as_str()).collect();
    studwork_core::Lineage {
        sha256: package.sha256().to_owned(),
        title: manifest.title.clone(),
        author: names.join(", "),
        license: manifest.license.clone(),
        source: Some(source_of_project(address.as_str(), project, version)),
    }
}
