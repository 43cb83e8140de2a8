//! What is refused, with its status and its words, and that nothing of it is stored.

use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use reqwest::Method;
use serde_json::json;
use studwork_core::package::{Policy, read_package, write_package};
use studwork_portal::accounts::Role;

use crate::support::{TestPortal, answer, digest, grounds, package, package_of, sent, starter};

/// One entry of a hand-made archive.
struct Entry {
    name: Vec<u8>,
    bytes: Vec<u8>,
    /// The Unix mode; a link has `0o120777`.
    mode: u32,
}

/// A stored (not compressed) zip, byte by byte, so that it can be wrong in every way.
fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let crc = crc32(&entry.bytes);
        let offset = u32::try_from(out.len()).unwrap();
        let (size, name) = (u32::try_from(entry.bytes.len()).unwrap(), u16::try_from(entry.name.len()).unwrap());
        let common = |target: &mut Vec<u8>| {
            target.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
            target.extend(crc.to_le_bytes());
            target.extend(size.to_le_bytes());
            target.extend(size.to_le_bytes());
            target.extend(name.to_le_bytes());
            target.extend([0, 0]);
        };
        out.extend(b"PK\x03\x04");
        common(&mut out);
        out.extend(&entry.name);
        out.extend(&entry.bytes);
        directory.extend(b"PK\x01\x02\x14\x03");
        common(&mut directory);
        directory.extend([0, 0, 0, 0, 0, 0]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let start = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let entry =
            |byte| (0..8).fold(byte, |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 });
        (0..256).map(entry).collect()
    });
    let table = &*TABLE;
    !bytes.iter().fold(!0_u32, |crc, byte| table[((crc ^ u32::from(*byte)) & 0xFF) as usize] ^ (crc >> 8))
}

fn entry(name: &str, bytes: &[u8]) -> Entry {
    Entry { name: name.into(), bytes: bytes.to_vec(), mode: 0o100_644 }
}

/// The files of a good package as entries, with the manifest.
fn good_entries() -> Vec<Entry> {
    let package = read_package(&package("Good"), &Policy::default()).unwrap();
    let mut entries = vec![entry("manifest.json", &package.manifest().to_json())];
    entries.extend(package.files().map(|(path, bytes)| entry(path, bytes)));
    entries
}

/// The good package with one file changed and listed with its new hash.
fn with_file(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    let package = read_package(&package("Good"), &Policy::default()).unwrap();
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        package.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    files.insert(path.into(), bytes);
    write_package(package.manifest(), &files).unwrap().0
}

/// A PNG that says it is enormous.
fn image_bomb() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend(60_000_u32.to_be_bytes());
    header.extend(60_000_u32.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    bytes.extend(13_u32.to_be_bytes());
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend([0; 64]);
    bytes
}

/// Zeros that unpack to a thousand times their size.
fn zip_bomb() -> Vec<u8> {
    use image::ImageEncoder as _;
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    // The deflate stream of a PNG of zeros is a good bomb: 4 MiB in some kilobytes.
    let mut png = Vec::new();
    PngEncoder::new_with_quality(Cursor::new(&mut png), CompressionType::Best, FilterType::NoFilter)
        .write_image(&vec![0; 4 << 20], 8192, 512, image::ExtendedColorType::L8)
        .unwrap();
    let mut deflated = Vec::new();
    let mut at = 8;
    while at < png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            deflated.extend(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    let deflated = &deflated[2..deflated.len() - 4];
    let unpacked: u32 = 512 * 8193;
    let crc = crc32(&vec![0; unpacked as usize]);
    let (mut out, name) = (Vec::new(), b"model.ron");
    let mut common = Vec::new();
    common.write_all(&[20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]).unwrap();
    common.extend(crc.to_le_bytes());
    common.extend(u32::try_from(deflated.len()).unwrap().to_le_bytes());
    common.extend(unpacked.to_le_bytes());
    common.extend([u8::try_from(name.len()).unwrap(), 0, 0, 0]);
    out.extend(b"PK\x03\x04");
    out.extend(&common);
    out.extend(name);
    out.extend(deflated);
    let start = u32::try_from(out.len()).unwrap();
    out.extend(b"PK\x01\x02\x14\x03");
    out.extend(&common);
    out.extend([0; 14]);
    out.extend(name);
    let size = u32::try_from(out.len()).unwrap() - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_packages_are_refused_with_their_rule_and_leave_nothing() {
    let mut slip = good_entries();
    slip.push(entry("../../etc/passwd", b"x"));
    let mut absolute = good_entries();
    absolute.push(entry("/etc/passwd", b"x"));
    let mut link = good_entries();
    link.push(Entry { name: b"images/02.png".to_vec(), bytes: b"/etc/passwd".to_vec(), mode: 0o120_777 });
    let mut twice = good_entries();
    twice.push(entry("MODEL.RON", b"x"));
    let mut wrong = good_entries();
    wrong.iter_mut().find(|entry| entry.name == b"model.mpd").unwrap().bytes.push(b'\n');
    let thousand: Vec<Entry> = (0..1000).map(|index| entry(&format!("f{index}"), b"x")).collect();
    let deep = format!("({}", "(".repeat(100_000)).into_bytes();
    let few = {
        let mut design = starter();
        let ids: Vec<_> = design.pieces().skip(20).map(|piece| piece.id).collect();
        design.apply(studwork_core::Edit::RemovePieces(ids)).unwrap();
        package_of(&design, json!({}))
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a zip bomb", zip_bomb()),
        ("a path that climbs out", zip(&slip)),
        ("an absolute path", zip(&absolute)),
        ("a link", zip(&link)),
        ("names that differ by case", zip(&twice)),
        ("a wrong hash", zip(&wrong)),
        ("a thousand entries", zip(&thousand)),
        ("an image bomb", with_file("images/cover.png", image_bomb())),
        ("a deep design", with_file("model.ron", deep)),
        ("no zip at all", b"PK is not enough".to_vec()),
        ("nothing", Vec::new()),
        ("too few pieces", few),
        ("a license nobody allowed", package_of(&starter(), json!({"license": "All rights reserved"}))),
        ("no consent", package_of(&starter(), json!({"creators": [{"name": "Ada", "consent": false}]}))),
    ];
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let ada = test.person("Ada", Role::Member).await;
        for (what, bytes) in &cases {
            let (status, problem) = test.publish(&ada, bytes).await;
            assert_eq!((status, &problem["code"]), (422, &json!("package_refused")), "{what}: {problem}");
            let findings = problem["findings"].as_array().unwrap();
            assert!(!findings.is_empty(), "{what}");
            for finding in findings {
                for member in ["code", "message", "advice"] {
                    assert!(!finding[member].as_str().unwrap().is_empty(), "{what}: {finding}");
                }
            }
        }
        // A whole upload is thrown away with its pieces when the rules refuse it.
        let bytes = &cases[5].1;
        let created = test
            .request(Method::POST, "/api/v1/uploads", Some(&ada))
            .header("content-type", "application/octet-stream")
            .header("upload-length", bytes.len())
            .header("upload-complete", "?1")
            .header("repr-digest", digest(bytes))
            .body(bytes.clone());
        let (status, problem) = answer(created.send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (422, &json!("package_refused")));
        for table in ["projects", "versions", "blobs", "uploads", "upload_parts", "events"] {
            assert_eq!(test.count(table).await, 0, "{table} on {}", ground.name);
        }
        assert!(test.server.portal.store.list("").await.unwrap().is_empty(), "nothing stored on {}", ground.name);
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_do_not_fit_are_refused_before_their_bytes_are_read() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        test.policy(|policy| policy.package.archive.package_bytes = 1 << 20).await;
        let (ada, eve) = (test.person("Ada", Role::Member).await, test.person("Eve", Role::Member).await);
        let post = |path: &str| {
            test.request(Method::POST, path, Some(&ada)).header("content-type", "application/octet-stream")
        };
        let bytes = package("Right");
        let right = digest(&bytes);
        let cases = [
            (
                "announced too long",
                post("/api/v1/uploads")
                    .header("upload-length", 2 << 20)
                    .header("upload-complete", "?0")
                    .header("repr-digest", &right),
                413,
                "too_large",
            ),
            ("too long at once", post("/api/v1/projects").body(vec![0; (1 << 20) + 1]), 413, "too_large"),
            (
                "another digest",
                post("/api/v1/projects").header("repr-digest", digest(b"other")).body(bytes.clone()),
                422,
                "digest_mismatch",
            ),
            (
                "another digest by upload",
                post("/api/v1/uploads")
                    .header("upload-length", bytes.len())
                    .header("upload-complete", "?1")
                    .header("repr-digest", digest(b"other"))
                    .body(bytes.clone()),
                422,
                "digest_mismatch",
            ),
            (
                "no length",
                post("/api/v1/uploads").header("upload-complete", "?0").header("repr-digest", &right),
                400,
                "bad_request",
            ),
            (
                "no digest",
                post("/api/v1/uploads").header("upload-complete", "?0").header("upload-length", 5),
                400,
                "bad_request",
            ),
            (
                "a bad key",
                post("/api/v1/projects").header("idempotency-key", "a b").body(bytes.clone()),
                400,
                "bad_request",
            ),
            (
                "another kind of body",
                test.request(Method::POST, "/api/v1/projects", Some(&ada))
                    .header("content-type", "text/plain")
                    .body(bytes.clone()),
                415,
                "unsupported_media_type",
            ),
            ("nobody", test.request(Method::POST, "/api/v1/projects", None).body(bytes.clone()), 401, "unauthorized"),
            (
                "a made-up token",
                test.request(Method::POST, "/api/v1/projects", None).bearer_auth("swp_0000").body(bytes.clone()),
                401,
                "unauthorized",
            ),
            ("another method", test.request(Method::PUT, "/api/v1/projects", Some(&ada)), 405, "method_not_allowed"),
            (
                "JSON that is none",
                test.request(Method::POST, "/api/v1/projects/x/comments", Some(&ada))
                    .header("content-type", "application/json")
                    .body("{"),
                400,
                "bad_request",
            ),
            ("an address nobody knows", test.request(Method::GET, "/api/v1/bricks", Some(&ada)), 404, "not_found"),
        ];
        for (what, request, status, code) in cases {
            let response = sent(request).await;
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{what}");
            let (found, problem) = answer(response).await;
            assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{what}: {problem}");
            assert!(!problem["detail"].as_str().unwrap().is_empty() && !problem["title"].as_str().unwrap().is_empty());
        }
        assert_eq!(test.count("projects").await + test.count("uploads").await, 0, "nothing stored");

        // Somebody else's project, and originals that nobody has.
        let id = test.project(&ada, &bytes).await;
        let path = format!("/api/v1/projects/{id}/versions");
        assert_eq!(test.publish_to(&path, &eve, &package("Theirs")).await.1["code"], "forbidden");
        assert_eq!(test.publish_to("/api/v1/projects/nowhere/versions", &eve, &package("Theirs")).await.0, 404);
        let parent = |project: &str| json!({"parent": {"project": project, "sha256": "a".repeat(64), "title": "Old", "author": "X", "license": "CC-BY-4.0"}});
        let (status, problem) = test.publish(&eve, &package_of(&starter(), parent("madeup"))).await;
        assert_eq!((status, &problem["code"]), (422, &json!("parent_unknown")), "{problem}");
        assert_eq!((test.count("projects").await, test.count("versions").await), (1, 1));
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_in_markdown_reach_no_page() {
    let evil =
        "Hello <script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3)) <svg/onload=alert(4)>";
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let ada = test.person("<script>alert(5)</script>", Role::Member).await;
        let id = test
            .project(&ada, &package_of(&starter(), json!({"title": "Evil <b>title</b>", "description": evil})))
            .await;
        let comments = format!("/api/v1/projects/{id}/comments");
        assert_eq!(test.send(Method::POST, &comments, &ada, Some(json!({"text": evil}))).await.0, 201);
        for path in
            [format!("/projects/{id}"), "/".into(), format!("/creators/{}", ada.id), "/projects?q=%3Cscript%3E".into()]
        {
            let response = test.request(Method::GET, &path, None).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.contains("script-src 'self';") && policy.starts_with("default-src 'none'"), "{policy}");
            let page = response.text().await.unwrap();
            for trace in ["<script>", "<img src=x", "href=\"javascript", "<svg/", "<b>title"] {
                assert!(!page.contains(trace), "{trace} on {path}");
            }
        }
        test.server.stop().await.unwrap();
    }
}
