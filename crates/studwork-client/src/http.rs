//! Requests and answers: every failure becomes a [`ClientError`], nothing is read beyond a limit, nothing is sent to another
//! machine than the portal.

use crate::{ClientError, PortalAddress, Problem};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{Method, StatusCode, header};
use serde::de::DeserializeOwned;
use std::io::Read;
use std::time::Duration;
use studwork_core::package::Finding;

/// The most bytes of an answer in JSON.
const MOST_JSON: u64 = 16 << 20;
/// How long an answer in JSON may take.
const SHORT: Duration = Duration::from_secs(30);
/// How long a file may take.
pub(crate) const LONG: Duration = Duration::from_secs(30 * 60);
/// How long it may take to reach the portal.
const CONNECT: Duration = Duration::from_secs(10);

/// A connection to a portal.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    address: PortalAddress,
    token: Option<String>,
}

impl Http {
    pub fn new(address: PortalAddress, token: Option<String>) -> Result<Self, ClientError> {
        let client = Client::builder()
            .user_agent(concat!("Studwork/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(SHORT)
            // A token must not follow a redirect to somewhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| ClientError::Offline { portal: address.to_string(), cause: cause_of(&error) })?;
        Ok(Self { client, address, token })
    }

    pub fn address(&self) -> &PortalAddress {
        &self.address
    }

    pub fn is_signed_in(&self) -> bool {
        self.token.is_some()
    }

    pub fn set_token(&mut self, token: Option<String>) {
        self.token = token;
    }

    /// A request, with the token when there is one.
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let request = self.client.request(method, self.address.join(path)?);
        Ok(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// A request that needs somebody to be signed in.
    pub fn signed(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        if self.token.is_none() {
            return Err(ClientError::SignInNeeded { why: "this needs an account".to_owned() });
        }
        self.request(method, path)
    }

    /// Sends a request; an answer that is none of success becomes an error.
    pub fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = self.exchange(request)?;
        if response.status().is_success() { Ok(response) } else { Err(failure(response)) }
    }

    /// Sends a request and takes whatever answer comes.
    pub fn exchange(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        request.send().map_err(|error| self.offline(&error))
    }

    fn offline(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Offline { portal: self.address.to_string(), cause: cause_of(error) }
    }

    /// Sends a request and reads the answer as JSON.
    pub fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.send(request)?;
        self.json_of(response)
    }

    /// Reads an answer as JSON.
    pub fn json_of<T: DeserializeOwned>(&self, response: Response) -> Result<T, ClientError> {
        let bytes = self.read(response, MOST_JSON, "an answer", &mut |_, _| Ok(()))?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Protocol { what: error.to_string() })
    }

    /// Reads an answer whole, up to `most` bytes; `on_progress` hears how many bytes have come and how many there will be, and may
    /// end it.
    pub fn read(
        &self,
        mut response: Response,
        most: u64,
        what: &str,
        on_progress: &mut dyn FnMut(u64, Option<u64>) -> Result<(), ClientError>,
    ) -> Result<Vec<u8>, ClientError> {
        let too_large = || ClientError::TooLarge { what: what.to_owned(), limit: most };
        let announced = response.content_length();
        if announced.is_some_and(|length| length > most) {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(announced.unwrap_or_default().min(most) as usize);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match response.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(ClientError::Offline { portal: self.address.to_string(), cause: chain(&error) });
                }
            };
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..count]);
            if bytes.len() as u64 > most {
                return Err(too_large());
            }
            on_progress(bytes.len() as u64, announced)?;
        }
        Ok(bytes)
    }
}

/// What the network says, without the address, which is told beside it.
fn cause_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    // The outer words only say that a request failed.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn chain(error: &std::io::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The value of a header as text.
pub(crate) fn header_text<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// What an answer that is none of success means.
pub(crate) fn failure(mut response: Response) -> ClientError {
    let status = response.status();
    if status.is_redirection() {
        let to = header_text(&response, "location").unwrap_or("another address").to_owned();
        return ClientError::Protocol { what: format!("it sends on to {to:.200}; use that address") };
    }
    let retry_after = header_text(&response, header::RETRY_AFTER.as_str())
        .and_then(|text| text.trim().parse().ok())
        .map(|seconds: u64| Duration::from_secs(seconds.min(24 * 3600)));
    let mut bytes = Vec::new();
    // What a refusal says is of use only when it is whole; the status counts in any case.
    let _ = response.by_ref().take(MOST_JSON).read_to_end(&mut bytes);
    let problem = problem_of(status, &bytes);
    match status {
        StatusCode::UNAUTHORIZED => ClientError::SignInNeeded {
            why: if problem.code == "token_expired" { "your sign-in has expired".to_owned() } else { problem.title },
        },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => ClientError::Busy { retry_after },
        _ if problem.code == "package_refused" => ClientError::PackageRefused { findings: problem.findings },
        _ => ClientError::Refused(problem),
    }
}

fn problem_of(status: StatusCode, bytes: &[u8]) -> Problem {
    let mut problem: Problem = serde_json::from_slice(bytes).unwrap_or_else(|_| {
        // A finding of a kind that this version does not know must not hide all the others.
        let mut value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let findings = value.get_mut("findings").map(serde_json::Value::take);
        if let Some(members) = value.as_object_mut() {
            members.remove("findings");
        }
        let mut problem: Problem = serde_json::from_value(value).unwrap_or_default();
        if let Some(serde_json::Value::Array(findings)) = findings {
            problem.findings = findings.into_iter().filter_map(|f| serde_json::from_value::<Finding>(f).ok()).collect();
        }
        problem
    });
    problem.status = status.as_u16();
    if problem.title.is_empty() && problem.detail.is_empty() {
        problem.title = status.canonical_reason().unwrap_or("no reason given").to_owned();
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_of_an_unknown_kind_does_not_hide_the_others() {
        let json = br#"{"code": "package_refused", "title": "Refused", "findings": [
            {"code": "P999", "rule": "new", "severity": "fatal", "place": {"kind": "package"}, "message": "?", "advice": "!"},
            {"code": "P404", "rule": "too-few-pieces", "severity": "error", "place": {"kind": "design"}, "message": "few", "advice": "Build."}]}"#;
        let problem = problem_of(StatusCode::UNPROCESSABLE_ENTITY, json);
        assert_eq!(problem.findings.len(), 1);
        assert_eq!((problem.code.as_str(), problem.status), ("package_refused", 422));
        assert_eq!(problem_of(StatusCode::BAD_GATEWAY, b"<html>").title, "Bad Gateway");
    }
}
