//! As much of S3 as the portal's store speaks: put, get, head, delete, list. In memory, on loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

const MODIFIED: &str = "Wed, 21 Oct 2015 07:28:00 GMT";

/// Starts a store; the address for the portal's `--store`.
pub async fn start() -> String {
    let objects = Objects::default();
    let router = Router::new()
        .route("/{bucket}", any(bucket))
        .route("/{bucket}/", any(bucket))
        .route("/{bucket}/{*key}", any(object))
        .layer(DefaultBodyLimit::disable())
        .with_state(objects);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Outlives the runtime of the test that started it only as long as that test needs it.
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("s3://bricks/portal?endpoint=http://{address}&region=us-east-1&anonymous=1")
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", &studwork_portal::secrets::sha256_hex(bytes)[..32])
}

async fn object(
    State(objects): State<Objects>,
    method: Method,
    Path((_, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut objects = objects.lock().unwrap();
    match method {
        Method::PUT => {
            let tag = etag(&body);
            objects.insert(key, body.to_vec());
            (StatusCode::OK, [(header::ETAG, tag)]).into_response()
        }
        Method::GET | Method::HEAD => {
            let Some(bytes) = objects.get(&key) else {
                let text = "<Error><Code>NoSuchKey</Code></Error>";
                return (StatusCode::NOT_FOUND, text).into_response();
            };
            assert!(headers.get(header::RANGE).is_none(), "the portal asks for whole objects");
            let tags = [(header::ETAG, etag(bytes)), (header::LAST_MODIFIED, MODIFIED.to_owned())];
            (StatusCode::OK, tags, bytes.clone()).into_response()
        }
        Method::DELETE => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn bucket(
    State(objects): State<Objects>,
    method: Method,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Response {
    let mut objects = objects.lock().unwrap();
    if method == Method::POST && query.contains_key("delete") {
        let mut answer = String::from("<DeleteResult>");
        for key in body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
            objects.remove(key);
            answer += &format!("<Deleted><Key>{key}</Key></Deleted>");
        }
        return (StatusCode::OK, answer + "</DeleteResult>").into_response();
    }
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let contents: String = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(key, bytes)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2015-10-21T07:28:00.000Z</LastModified><ETag>{}</ETag><Size>{}</Size></Contents>",
                etag(bytes).replace('"', "&quot;"),
                bytes.len()
            )
        })
        .collect();
    let text = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/xml")], text).into_response()
}
