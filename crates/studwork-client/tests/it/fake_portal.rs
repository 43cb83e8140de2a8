//! A portal of a few hundred lines that keeps to the protocol, and breaks it on purpose where a test asks for it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use studwork_client::{Portal, PortalAddress};
use studwork_core::package::sha256_hex;

/// The token that the portal takes.
pub const TOKEN: &str = "swp_right";

/// What goes wrong with a request that changes an upload.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The line breaks after so many bytes of the body have arrived; those are kept.
    CutAfter(usize),
    /// The request is worked on, but its answer is lost.
    LoseAnswer,
    /// This answer comes instead.
    Answer(u16, String),
    /// Nothing is wrong.
    None,
}

#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub key: String,
    pub length: usize,
    pub digest: String,
    pub bytes: Vec<u8>,
    pub project: Option<String>,
    pub query: String,
}

#[derive(Default)]
pub struct State {
    pub uploads: BTreeMap<String, Upload>,
    /// Packages that became projects, by id.
    pub projects: BTreeMap<String, Vec<u8>>,
    pub faults: VecDeque<Fault>,
    pub supports: BTreeMap<String, bool>,
    /// Method and path of each request, in order.
    pub log: Vec<String>,
    /// What `/oauth/token` answers, in order.
    pub token_answers: VecDeque<(u16, String)>,
    /// The bodies that `/oauth/token` got.
    pub token_forms: Vec<String>,
    /// A wrong byte is put into each package that is loaded.
    pub damages: bool,
    /// `Upload-Limit` announces pieces of this size at most.
    pub max_piece: Option<usize>,
}

pub struct FakePortal {
    pub address: PortalAddress,
    pub state: Arc<Mutex<State>>,
    down: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
    pub requests: Arc<AtomicUsize>,
}

impl FakePortal {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = PortalAddress::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let portal = Self {
            address: address.clone(),
            state: Arc::default(),
            down: Arc::default(),
            end: Arc::default(),
            requests: Arc::default(),
        };
        let (state, down, end, requests) = (
            Arc::clone(&portal.state),
            Arc::clone(&portal.down),
            Arc::clone(&portal.end),
            Arc::clone(&portal.requests),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                if down.load(Ordering::SeqCst) {
                    continue;
                }
                requests.fetch_add(1, Ordering::SeqCst);
                let (state, address) = (Arc::clone(&state), address.clone());
                std::thread::spawn(move || serve(stream, &state, &address));
            }
        });
        portal
    }

    /// Whether it answers at all.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    pub fn signed_in(&self) -> Portal {
        Portal::new(self.address.clone(), Some(TOKEN.to_owned())).unwrap()
    }

    pub fn anonymous(&self) -> Portal {
        Portal::new(self.address.clone(), None).unwrap()
    }

    pub fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }
}

impl Drop for FakePortal {
    fn drop(&mut self) {
        self.end.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address.as_str().trim_start_matches("http://"));
    }
}

struct Asked {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn length(&self) -> usize {
        self.header("content-length").parse().unwrap_or(0)
    }
}

fn read_head(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 || head.len() > 64 << 10 {
            return None;
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8(head).ok()?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    Some(Asked { method, path: path.to_owned(), query: query.to_owned(), headers })
}

/// Reads up to `most` bytes of a body of `length`.
fn read_body(stream: &mut TcpStream, length: usize, most: usize) -> Vec<u8> {
    let mut body = vec![0; length.min(most)];
    let mut have = 0;
    while have < body.len() {
        match stream.read(&mut body[have..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => have += count,
        }
    }
    body.truncate(have);
    body
}

fn reply(stream: &mut TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) {
    let mut text = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n");
    // An answer without content has no length either.
    if status != 204 {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(body));
    let _ = stream.shutdown(std::net::Shutdown::Write);
    // What was still on its way is read, so that the answer is not lost with a reset.
    let _ = stream.set_read_timeout(Some(std::time::Duration::from_millis(200)));
    let _ = std::io::copy(stream, &mut std::io::sink());
}

fn problem(stream: &mut TcpStream, status: u16, code: &str) {
    let body = format!(r#"{{"code": "{code}", "title": "{code}", "status": {status}, "detail": "as asked"}}"#);
    reply(stream, status, &[("Content-Type", "application/problem+json".to_owned())], body.as_bytes());
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, address: &PortalAddress) {
    let Some(asked) = read_head(&mut stream) else { return };
    state.lock().unwrap().log.push(format!("{} {}", asked.method, asked.path));
    let is_api = asked.path.starts_with("/api/");
    let needs_sign_in = is_api
        && (asked.method != "GET" || asked.path.starts_with("/api/v1/me") || asked.path.starts_with("/api/v1/uploads"));
    if needs_sign_in && asked.header("authorization") != format!("Bearer {TOKEN}") {
        return problem(&mut stream, 401, "unauthorized");
    }
    if asked.path.starts_with("/api/v1/uploads") {
        return uploads(stream, &asked, state);
    }
    let body = read_body(&mut stream, asked.length(), 1 << 20);
    others(stream, &asked, &body, state, address);
}

fn uploads(mut stream: TcpStream, asked: &Asked, state: &Mutex<State>) {
    let changes = ["POST", "PATCH"].contains(&asked.method.as_str());
    let fault = if changes { state.lock().unwrap().faults.pop_front() } else { None }.unwrap_or(Fault::None);
    if let Fault::Answer(status, body) = &fault {
        read_body(&mut stream, asked.length(), usize::MAX);
        let retry = if *status == 429 { vec![("Retry-After", "7".to_owned())] } else { Vec::new() };
        return reply(&mut stream, *status, &retry, body.as_bytes());
    }
    let most = if let Fault::CutAfter(most) = fault { most } else { usize::MAX };
    let body = read_body(&mut stream, asked.length(), most);
    let cut = body.len() < asked.length();
    let id = asked.path.strip_prefix("/api/v1/uploads/").unwrap_or_default().to_owned();
    let mut state = state.lock().unwrap();
    let (status, headers, body) = match asked.method.as_str() {
        "POST" => create(&mut state, asked),
        "PATCH" => append(&mut state, asked, &id, &body, cut),
        "DELETE" => match state.uploads.remove(&id) {
            Some(_) => (204, Vec::new(), Vec::new()),
            None => (404, Vec::new(), br#"{"code": "not_found"}"#.to_vec()),
        },
        _ => match state.uploads.get(&id) {
            Some(upload) => (204, vec![("Upload-Offset", upload.bytes.len().to_string())], Vec::new()),
            None => (404, Vec::new(), Vec::new()),
        },
    };
    drop(state);
    if cut || fault == Fault::LoseAnswer {
        return;
    }
    reply(&mut stream, status, &headers, &body);
}

type Reply = (u16, Vec<(&'static str, String)>, Vec<u8>);

fn create(state: &mut State, asked: &Asked) -> Reply {
    let key = asked.header("idempotency-key").to_owned();
    assert!(key.len() >= 8, "a key is sent");
    assert!(asked.header("repr-digest").starts_with("sha-256=:"), "a digest is sent");
    let known = state.uploads.iter().find(|(_, upload)| upload.key == key).map(|(id, _)| id.clone());
    let id = known.unwrap_or_else(|| {
        let id = format!("u{}", state.uploads.len() + 1);
        let upload = Upload {
            key,
            length: asked.header("upload-length").parse().unwrap(),
            digest: asked.header("repr-digest").to_owned(),
            query: asked.query.clone(),
            ..Upload::default()
        };
        state.uploads.insert(id.clone(), upload);
        id
    });
    let offset = state.uploads[&id].bytes.len();
    let mut headers = vec![("Location", format!("/api/v1/uploads/{id}")), ("Upload-Offset", offset.to_string())];
    if let Some(most) = state.max_piece {
        headers.push(("Upload-Limit", format!("max-size=67108864, max-append-size={most}")));
    }
    (201, headers, b"{}".to_vec())
}

fn append(state: &mut State, asked: &Asked, id: &str, body: &[u8], cut: bool) -> Reply {
    let most = state.max_piece.unwrap_or(usize::MAX);
    let Some(upload) = state.uploads.get_mut(id) else {
        return (404, Vec::new(), br#"{"code": "not_found"}"#.to_vec());
    };
    assert!(body.len() <= most, "a piece of {} bytes is larger than was announced", body.len());
    let last = asked.header("upload-complete") == "?1";
    if let Some(project) = upload.project.clone().filter(|_| last) {
        return (200, Vec::new(), format!(r#"{{"id": "{project}"}}"#).into_bytes());
    }
    let offset: usize = asked.header("upload-offset").parse().unwrap();
    if offset != upload.bytes.len() {
        let body = format!(r#"{{"code": "offset_mismatch", "expected_offset": {}}}"#, upload.bytes.len());
        return (409, Vec::new(), body.into_bytes());
    }
    upload.bytes.extend(body);
    if !last || cut {
        return (204, vec![("Upload-Offset", upload.bytes.len().to_string())], Vec::new());
    }
    assert_eq!(upload.bytes.len(), upload.length, "the last piece completes it");
    assert_eq!(upload.digest, repr(&sha256_hex(&upload.bytes)), "what was announced has come");
    let project = format!("p{}", state.projects.len() + 1);
    upload.project = Some(project.clone());
    state.projects.insert(project.clone(), upload.bytes.clone());
    (201, Vec::new(), format!(r#"{{"id": "{project}", "title": "sent"}}"#).into_bytes())
}

fn card(id: &str, bytes: &[u8]) -> String {
    format!(
        r#"{{"id": "{id}", "title": "House {id}", "summary": "s", "creator": {{"id": "c1", "name": "Ada"}}, "state": "gathering", "supports": 3,
            "goal": 10000, "deadline": null, "pieces": 267, "tags": ["house"], "license": "CC0-1.0", "cover": "/media/{id}.jpg",
            "created": "2026-03-01T12:00:00Z", "version": 1, "url": "/projects/{id}", "new_member": [1],
            "package": {{"sha256": "{}", "bytes": {}, "url": "/api/v1/projects/{id}/package"}},
            "parent": {{"id": null, "title": "Old", "sha256": "ab", "creator": {{"id": "c2", "name": "Grace"}}, "license": "CC0-1.0", "url": null}},
            "you": {{"supported": false, "following": true, "own": false}}, "transitions": ["withdrawn"]}}"#,
        sha256_hex(bytes),
        bytes.len()
    )
}

fn others(mut stream: TcpStream, asked: &Asked, body: &[u8], state: &Mutex<State>, address: &PortalAddress) {
    let mut state = state.lock().unwrap();
    let json = |text: String| (200, Vec::new(), text.into_bytes());
    let project = asked.path.strip_prefix("/api/v1/projects/");
    let project = project.map(|rest| rest.split_once('/').unwrap_or((rest, "")));
    let (status, headers, body): Reply = match (asked.method.as_str(), asked.path.as_str(), project) {
        (_, "/api/v1/policy", _) => json(
            r#"{"portal": {"name": "Test", "protocol": 1}, "package": {"design": {"pieces": {"least": 5, "most": 50}}},
                "support": {"window_days": 365, "review_at": 10000, "approve_at": null, "milestones": []}}"#
                .to_owned(),
        ),
        (_, "/api/v1/me", _) => json(r#"{"id": "c1", "name": "Ada", "email": "ada@example.com", "role": "member"}"#.to_owned()),
        ("GET", "/api/v1/projects" | "/api/v1/me/projects", _) => {
            let cards: Vec<String> = state.projects.iter().map(|(id, bytes)| card(id, bytes)).collect();
            json(format!(r#"{{"items": [{}], "next": null, "query": "{}"}}"#, cards.join(","), asked.query))
        }
        ("POST", "/oauth/token", _) => {
            state.token_forms.push(String::from_utf8_lossy(body).into_owned());
            let (status, text) = state.token_answers.pop_front().unwrap_or((400, r#"{"error": "invalid_grant"}"#.to_owned()));
            (status, Vec::new(), text.into_bytes())
        }
        ("POST", "/oauth/device", _) => json(format!(
            r#"{{"device_code": "d", "user_code": "BCDF-GHJK", "verification_uri": "{address}/device", "expires_in": 900, "interval": 1}}"#
        )),
        ("POST", "/oauth/revoke", _) => json("{}".to_owned()),
        ("GET", "/elsewhere", _) => (302, vec![("Location", "https://evil.example/".to_owned())], Vec::new()),
        ("GET", path, None) if path.starts_with("/media/") => (200, Vec::new(), b"picture".to_vec()),
        (method, _, Some((id, rest))) => match (state.projects.get(id).cloned(), method, rest) {
            (None, ..) => (404, Vec::new(), br#"{"code": "not_found", "title": "No such project"}"#.to_vec()),
            (Some(bytes), "GET", "") => json(card(id, &bytes)),
            (Some(mut bytes), "GET", "package" | "versions/1/package") => {
                let digest = sha256_hex(&bytes);
                if state.damages {
                    bytes[0] ^= 1;
                }
                (200, vec![("ETag", format!("\"{digest}\"")), ("Repr-Digest", repr(&digest))], bytes)
            }
            (Some(_), "PUT" | "DELETE", "support") => {
                let on = method == "PUT";
                state.supports.insert(id.to_owned(), on);
                json(format!(r#"{{"supported": {on}, "supports": 4, "state": "gathering"}}"#))
            }
            (Some(_), "GET", "lineage") => json(r#"{"ancestors": [{"id": null, "title": "Old", "sha256": "ab", "creator": "Grace", "license": "CC0-1.0", "url": null}], "children": []}"#.to_owned()),
            (Some(_), "GET", "parts") => json(r#"{"items": [{"part": "3001", "name": "Brick", "color": 4, "color_name": "Red", "count": 7}]}"#.to_owned()),
            _ => (404, Vec::new(), Vec::new()),
        },
        _ => (404, Vec::new(), b"<html>".to_vec()),
    };
    drop(state);
    reply(&mut stream, status, &headers, &body);
}

/// A `Repr-Digest` made without the client's own code.
fn repr(sha256: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&sha256[2 * i..2 * i + 2], 16).unwrap()).collect();
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for index in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { letter as char } else { '=' });
        }
    }
    format!("sha-256=:{text}:")
}
