//! Signing in with a browser that the test plays, and by a code.

use crate::fake_portal::FakePortal;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use studwork_client::{BrowserSignIn, ClientError, DeviceSignIn, Stop};

const GRANTED: &str = r#"{"access_token": "swp_new", "token_type": "Bearer", "expires_in": 7776000}"#;

/// What the browser would send to the listener, and what it would show.
fn visit(redirect: &str, query: &str) -> String {
    let (host, path) = redirect.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path}{query} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    value.unwrap().replace("%3A", ":").replace("%2F", "/")
}

#[test]
fn the_browser_brings_a_code_that_becomes_a_token() {
    let fake = FakePortal::start();
    fake.state.lock().unwrap().token_answers.push_back((200, GRANTED.to_owned()));
    let sign_in = BrowserSignIn::start(&fake.address, "Ada's laptop").unwrap();
    let url = sign_in.url.clone();
    assert!(url.starts_with(&format!("{}/oauth/authorize?", fake.address)), "{url}");
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
    let issuer = fake.address.to_string();
    let browser = std::thread::spawn(move || {
        // A browser asks for an icon first, and another program knocks with a state of its own.
        assert!(visit(&redirect.replace("callback", "favicon.ico"), "").starts_with("HTTP/1.1 404"));
        assert!(visit(&redirect, "?code=stolen&state=other").starts_with("HTTP/1.1 404"));
        visit(&redirect, &format!("?code=right&state={state}&iss={issuer}"))
    });
    let token = sign_in.wait(&Stop::new()).unwrap();
    assert_eq!(token.secret, "swp_new");
    assert!(token.expires.is_some());
    let page = browser.join().unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("You are signed in"), "{page}");
    let form = fake.state.lock().unwrap().token_forms[0].clone();
    assert!(
        form.contains("code=right") && form.contains("code_verifier=") && form.contains("client_id=studwork"),
        "{form}"
    );
}

#[test]
fn a_refusal_in_the_browser_ends_it() {
    let fake = FakePortal::start();
    let sign_in = BrowserSignIn::start(&fake.address, "here").unwrap();
    let (redirect, state) = (parameter(&sign_in.url, "redirect_uri"), parameter(&sign_in.url, "state"));
    let browser = std::thread::spawn(move || visit(&redirect, &format!("?error=access_denied&state={state}")));
    let error = sign_in.wait(&Stop::new()).unwrap_err();
    assert!(matches!(&error, ClientError::SignInFailed { why } if why.contains("refused")), "{error}");
    assert!(browser.join().unwrap().contains("did not succeed"));
}

#[test]
fn an_answer_of_another_portal_and_an_impatient_user_end_it() {
    let fake = FakePortal::start();
    let sign_in = BrowserSignIn::start(&fake.address, "here").unwrap();
    let (redirect, state) = (parameter(&sign_in.url, "redirect_uri"), parameter(&sign_in.url, "state"));
    let browser =
        std::thread::spawn(move || visit(&redirect, &format!("?code=a&state={state}&iss=https://evil.example")));
    assert!(matches!(sign_in.wait(&Stop::new()), Err(ClientError::SignInFailed { .. })));
    browser.join().unwrap();
    assert!(fake.state.lock().unwrap().token_forms.is_empty(), "the code is not shown to anybody");

    let stop = Stop::new();
    let stopper = stop.clone();
    let sign_in = BrowserSignIn::start(&fake.address, "here").unwrap();
    let waiting = std::thread::spawn(move || sign_in.wait(&stop));
    std::thread::sleep(Duration::from_millis(100));
    stopper.stop();
    assert!(matches!(waiting.join().unwrap(), Err(ClientError::Stopped)));
}

#[test]
fn a_code_is_typed_elsewhere() {
    let fake = FakePortal::start();
    let pending = |error: &str| (400, format!(r#"{{"error": "{error}"}}"#));
    fake.state.lock().unwrap().token_answers.extend([pending("authorization_pending"), (200, GRANTED.to_owned())]);
    let sign_in = DeviceSignIn::start(&fake.address, "here").unwrap();
    assert_eq!(sign_in.user_code, "BCDF-GHJK");
    assert!(sign_in.verification_uri.ends_with("/device"));
    assert_eq!(sign_in.wait(&Stop::new()).unwrap().secret, "swp_new");

    fake.state.lock().unwrap().token_answers.push_back(pending("access_denied"));
    let refused = DeviceSignIn::start(&fake.address, "here").unwrap().wait(&Stop::new());
    assert!(matches!(refused, Err(ClientError::SignInFailed { .. })));
}
