//! Signing in: in the browser with a listener on this machine (RFC 8252 with PKCE, RFC 7636), or, where no browser opens,
//! by a code that is typed elsewhere (RFC 8628). The password never comes here.

use crate::http::{self, Http};
use crate::secret::{challenge_of, random_word};
use crate::{ClientError, PortalAddress, Stop};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};

/// How the program is known to portals; it has no secret.
pub(crate) const CLIENT: &str = "studwork";
/// How long somebody may take in the browser.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(50);
/// The most bytes of a request to the listener.
const MOST_REQUEST: u64 = 16 << 10;

/// What lets this program act for an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token. It is worth as much as a password.
    pub secret: String,
    /// When it ends, seconds since 1970; `None` when the portal did not say.
    pub expires: Option<u64>,
}

impl Token {
    /// Whether its time is over.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Never shows the secret.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("secret", &"…").field("expires", &self.expires).finish()
    }
}

/// A sign-in that waits for the browser.
#[derive(Debug)]
pub struct BrowserSignIn {
    http: Http,
    listener: TcpListener,
    verifier: String,
    state: String,
    redirect: String,
    /// What the portal calls itself in its answers (RFC 9207).
    issuer: String,
    /// The address to open in the browser.
    pub url: String,
}

impl BrowserSignIn {
    /// Opens a listener on this machine and makes the address to open.
    ///
    /// # Errors
    /// No listener can be opened, or the system gives no random numbers.
    pub fn start(address: &PortalAddress, device_name: &str) -> Result<Self, ClientError> {
        let failed = |error: std::io::Error| ClientError::SignInFailed {
            why: format!("this machine lets nobody listen for the browser: {error}"),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let redirect = format!("http://127.0.0.1:{port}/callback");
        let (verifier, state) = (random_word()?, random_word()?);
        let query = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", &redirect),
            ("code_challenge", &challenge_of(&verifier)),
            ("code_challenge_method", "S256"),
            ("state", &state),
            ("device_name", device_name),
        ];
        let bad = |error| ClientError::Protocol { what: format!("{error}") };
        let base = address.join("/oauth/authorize")?;
        let url = reqwest::Url::parse_with_params(&base, query).map_err(bad)?.to_string();
        let http = Http::new(address.clone(), None)?;
        let issuer = issuer_of(&http)?;
        Ok(Self { http, listener, verifier, state, redirect, issuer, url })
    }

    /// Waits until the browser comes back, and fetches the token.
    ///
    /// # Errors
    /// It was refused, took too long, was stopped, or the portal did not keep to the protocol.
    pub fn wait(self, stop: &Stop) -> Result<Token, ClientError> {
        let end = Instant::now() + PATIENCE;
        let code = loop {
            stop.check()?;
            if Instant::now() > end {
                return Err(ClientError::SignInFailed { why: "nobody confirmed it in the browser in time".to_owned() });
            }
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if let Some(answer) = self.answer(stream) {
                        break answer?;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => std::thread::sleep(LOOK),
                Err(error) => return Err(ClientError::SignInFailed { why: error.to_string() }),
            }
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect),
            ("client_id", CLIENT),
            ("code_verifier", &self.verifier),
        ];
        match ask_for_token(&self.http, &form)? {
            Granted::Token(token) => Ok(token),
            Granted::NotYet { error, description } => {
                Err(ClientError::SignInFailed { why: description.unwrap_or(error) })
            }
        }
    }

    /// Answers a request to the listener. `None` for one that is not the browser coming back: another program may knock, and a
    /// browser asks for an icon.
    fn answer(&self, mut stream: TcpStream) -> Option<Result<String, ClientError>> {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = stream.set_write_timeout(Some(Duration::from_secs(5)));
        let mut line = String::new();
        let mut reader = BufReader::new((&stream).take(MOST_REQUEST));
        reader.read_line(&mut line).ok()?;
        // The rest of the request is read, so that the browser does not find its connection reset.
        let mut rest = String::new();
        while reader.read_line(&mut rest).is_ok_and(|count| count > 2) {
            rest.clear();
        }
        let target = line.strip_prefix("GET ")?.split(' ').next()?;
        let found = self.read_answer(target);
        let (status, words) = match &found {
            None => ("404 Not Found", "There is nothing here."),
            Some(Ok(_)) => ("200 OK", "You are signed in. You can close this page and go back to Studwork."),
            Some(Err(_)) => ("200 OK", "The sign-in did not succeed. You can close this page; Studwork says more."),
        };
        let page = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Studwork</title><body style=\"font:18px sans-serif;margin:4em auto;max-width:30em\"><p>{words}</p>"
        );
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{page}",
            page.len()
        );
        found
    }

    /// The code that the browser brings.
    fn read_answer(&self, target: &str) -> Option<Result<String, ClientError>> {
        let url = reqwest::Url::parse(&format!("http://127.0.0.1{target}")).ok()?;
        if url.path() != "/callback" {
            return None;
        }
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        // Not ours: somebody else's sign-in must not be slipped in.
        if value("state").as_deref() != Some(&self.state) {
            return None;
        }
        if let Some(error) = value("error") {
            let why = match error.as_str() {
                "access_denied" => "it was refused in the browser".to_owned(),
                _ => value("error_description").unwrap_or(error),
            };
            return Some(Err(ClientError::SignInFailed { why }));
        }
        let issuer = value("iss");
        if issuer.is_some_and(|issuer| issuer.trim_end_matches('/') != self.issuer) {
            let why = "the answer comes from another portal".to_owned();
            return Some(Err(ClientError::SignInFailed { why }));
        }
        value("code").map(Ok)
    }
}

/// What a portal calls itself: it may be reached under more than one name (RFC 8414).
fn issuer_of(http: &Http) -> Result<String, ClientError> {
    #[derive(Deserialize)]
    struct Metadata {
        issuer: String,
    }
    let request = http.request(Method::GET, "/.well-known/oauth-authorization-server")?;
    match http.json::<Metadata>(request) {
        Ok(metadata) => Ok(metadata.issuer.trim_end_matches('/').to_owned()),
        Err(error) if error.is_temporary() => Err(error),
        Err(_) => Ok(http.address().to_string()),
    }
}

/// A sign-in that waits for a code to be typed on another device.
#[derive(Debug)]
pub struct DeviceSignIn {
    http: Http,
    device_code: String,
    interval: Duration,
    end: Instant,
    /// What to type.
    pub user_code: String,
    /// Where to type it.
    pub verification_uri: String,
    /// The same with the code filled in.
    pub verification_uri_complete: String,
}

#[derive(Deserialize)]
struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    verification_uri_complete: Option<String>,
    expires_in: u64,
    #[serde(default)]
    interval: Option<u64>,
}

impl DeviceSignIn {
    /// Asks the portal for a code.
    pub fn start(address: &PortalAddress, device_name: &str) -> Result<Self, ClientError> {
        let http = Http::new(address.clone(), None)?;
        let request = http.request(Method::POST, "/oauth/device")?;
        let answer: DeviceAnswer = http.json(request.form(&[("client_id", CLIENT), ("device_name", device_name)]))?;
        let complete = answer.verification_uri_complete.unwrap_or_else(|| answer.verification_uri.clone());
        Ok(Self {
            http,
            device_code: answer.device_code,
            interval: Duration::from_secs(answer.interval.unwrap_or(5).clamp(1, 60)),
            end: Instant::now() + Duration::from_secs(answer.expires_in.min(3600)),
            user_code: answer.user_code,
            verification_uri: answer.verification_uri,
            verification_uri_complete: complete,
        })
    }

    /// Waits until the code was typed and confirmed.
    ///
    /// # Errors
    /// It was refused, took too long or was stopped. A network that breaks on the way does not end it.
    pub fn wait(mut self, stop: &Stop) -> Result<Token, ClientError> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", &self.device_code),
            ("client_id", CLIENT),
        ];
        loop {
            stop.sleep(self.interval)?;
            if Instant::now() > self.end {
                return Err(ClientError::SignInFailed { why: "the code was not typed in time".to_owned() });
            }
            match ask_for_token(&self.http, &form) {
                Ok(Granted::Token(token)) => return Ok(token),
                Ok(Granted::NotYet { error, .. }) if error == "authorization_pending" => {}
                Ok(Granted::NotYet { error, .. }) if error == "slow_down" => self.interval += Duration::from_secs(5),
                Ok(Granted::NotYet { error, description }) => {
                    let why = match error.as_str() {
                        "access_denied" => "it was refused".to_owned(),
                        "expired_token" => "the code was not typed in time".to_owned(),
                        _ => description.unwrap_or(error),
                    };
                    return Err(ClientError::SignInFailed { why });
                }
                Err(error) if error.is_temporary() => self.interval += Duration::from_secs(1),
                Err(error) => return Err(error),
            }
        }
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

enum Granted {
    Token(Token),
    NotYet { error: String, description: Option<String> },
}

fn ask_for_token(http: &Http, form: &[(&str, &str)]) -> Result<Granted, ClientError> {
    let response = http.exchange(http.request(Method::POST, "/oauth/token")?.form(form))?;
    if response.status() == reqwest::StatusCode::BAD_REQUEST {
        let refusal: TokenRefusal = http.json_of(response)?;
        return Ok(Granted::NotYet { error: refusal.error, description: refusal.error_description });
    }
    if !response.status().is_success() {
        return Err(http::failure(response));
    }
    let answer: TokenAnswer = http.json_of(response)?;
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        let what = format!("it gives a token of the kind {:.40}", answer.token_type);
        return Err(ClientError::Protocol { what });
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let expires = answer.expires_in.map(|seconds| now.saturating_add(seconds));
    Ok(Granted::Token(Token { secret: answer.access_token, expires }))
}
