//! The command line against the real portal, where its executable stands beside this one: sign in, pack, verify, submit,
//! download a copy, submit that.

use super::support::{data, folder_with, studwork};
use reqwest::blocking::Client;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use studwork_core::{ColorRef, Edit, NewPiece, Pose, from_ron, to_ron};

const PASSWORD: &str = "correct horse battery";
const META: &str = r#"{"summary": "A model with everything that a good model has.", "description": "Built **once**.", "tags": ["model"],
    "license": "CC0-1.0", "audience": "Everybody.", "problem": "Empty shelves.", "creators": [{"name": "NAME", "consent": true}]}"#;

/// The portal, serving; killed in the end.
struct Serving {
    child: Child,
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The portal's executable, built beside this program; prints that the test is skipped when it is not.
fn executable() -> Option<PathBuf> {
    let name = format!("studwork-portal{}", std::env::consts::EXE_SUFFIX);
    let path = Path::new(env!("CARGO_BIN_EXE_studwork")).with_file_name(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not built; `cargo build -p studwork-portal` builds it", path.display());
    None
}

fn serve(portal: &Path, folder: &Path) -> Serving {
    let mut child = Command::new(portal)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .env_remove("STUDWORK_LDRAW")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the portal starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says where it serves");
    Serving { child, address: line.trim().rsplit(' ').next().unwrap_or_default().to_owned() }
}

fn create(portal: &Path, folder: &Path, email: &str, name: &str) {
    let mut child = Command::new(portal)
        .args(["admin", "--data"])
        .arg(folder)
        .args(["create", email, "--name", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the portal starts");
    writeln!(child.stdin.take().expect("piped"), "{PASSWORD}").expect("it reads the password");
    assert!(child.wait().expect("it ends").success());
}

/// Somebody at a computer of their own.
struct Person {
    home: tempfile::TempDir,
    address: String,
}

impl Person {
    fn studwork(&self) -> Command {
        let mut command = studwork();
        for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("HOME", "")] {
            command.env(name, self.home.path().join(folder));
        }
        command.env("STUDWORK_KEYRING", "file").env("STUDWORK_PORTAL", &self.address).env_remove("BROWSER");
        command.current_dir(self.home.path());
        command
    }

    /// Runs a verb that must not be refused; what it answers.
    #[track_caller]
    fn run(&self, args: &[&str]) -> String {
        let output = self.studwork().args(args).output().expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code <= 1), "{args:?}: {errors}");
        assert!(!errors.contains(": error P"), "{args:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Signs in by the code that `portal login` shows.
    fn sign_in(address: &str, email: &str) -> Self {
        let person = Self { home: folder_with("empty", ""), address: address.to_owned() };
        let mut login = person
            .studwork()
            .args(["portal", "login", "--device"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut errors = BufReader::new(login.stderr.take().expect("piped"));
        let mut line = String::new();
        errors.read_line(&mut line).expect("it shows a code");
        let code = line.trim().rsplit(' ').next().expect("the last word is the code").to_owned();
        allow(address, email, &code);
        // What it says last is read, so that it does not wait for its reader.
        let said = std::thread::spawn(move || std::io::read_to_string(errors));
        let answer = login.wait_with_output().expect("it ends");
        let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
        assert!(answer.status.success(), "{line}{said}");
        assert!(said.contains("which only you can read"), "where the sign-in is kept is said plainly: {said}");
        person
    }
}

/// What a browser does: signs in and types the code.
fn allow(address: &str, email: &str, code: &str) {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut cookie = String::new();
    let device = format!("/device?code={code}");
    let steps: [(&str, &str, &[(&str, &str)]); 2] = [
        ("/signin", "/signin", &[("email", email), ("password", PASSWORD), ("next", "/")]),
        (&device, "/device", &[("code", code), ("allow", "1")]),
    ];
    for (page, path, fields) in steps {
        let shown = client.get(format!("{address}{page}")).header("cookie", &cookie).send().expect("a page");
        keep_cookie(&shown, &mut cookie);
        let html = shown.text().expect("a page is text");
        let csrf = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut form = vec![("csrf", csrf.expect("the page has a form"))];
        form.extend(fields);
        let sent = client.post(format!("{address}{path}")).header("cookie", &cookie).form(&form).send().expect("sent");
        assert!(sent.status().as_u16() < 400, "{path}: {}", sent.status());
        keep_cookie(&sent, &mut cookie);
    }
}

fn keep_cookie(response: &reqwest::blocking::Response, cookie: &mut String) {
    let set = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    if let Some(set) = set.and_then(|set| set.split(';').next()) {
        *cookie = set.to_owned();
    }
}

/// Packs, checks by the portal's policy and submits a design; the project's id.
fn submit(person: &Person, name: &str, design: &Path, title: &str) -> String {
    let meta = META.replace("NAME", name).replacen('{', &format!("{{\"title\": \"{title}\", "), 1);
    std::fs::write(person.home.path().join("meta.json"), meta).expect("a file can be written");
    let package = format!("{title}.studpkg");
    person.run(&["pack", &design.display().to_string(), "-o", &package, "--meta", "meta.json"]);
    let report = person.run(&["verify", &package, "--policy", &person.address, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("a report");
    assert_eq!(report["passed"], true, "{report:#}");
    let page = person.run(&["submit", &package]);
    assert_eq!(person.run(&["submit", &package]), page, "it is sent once");
    page.trim().rsplit('/').next().expect("the page of a project").to_owned()
}

#[test]
fn two_people_submit_and_copy_from_the_command_line() {
    let Some(portal) = executable() else { return };
    let folder = folder_with("empty", "");
    let place = folder.path().join("portal");
    let serving = serve(&portal, &place);
    create(&portal, &place, "ada@example.com", "Ada");
    create(&portal, &place, "grace@example.com", "Grace");
    let ada = Person::sign_in(&serving.address, "ada@example.com");
    let grace = Person::sign_in(&serving.address, "grace@example.com");
    assert!(ada.run(&["portal", "status"]).contains("signed in     Ada"));

    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/welcome.ron");
    let id = submit(&ada, "Ada", &scene, "A small house");
    if let Some(models) = data("STUDWORK_MODELS") {
        submit(&ada, "Ada", &models.join("6080 - Kings Castle.mpd"), "A castle of the king");
    }

    // Grace loads a copy, builds on it, and submits that.
    let loaded = grace.run(&["portal", "download", &format!("{}/projects/{id}", serving.address), "-o", "copy.ron"]);
    assert!(loaded.contains("a copy of A small house by Ada"), "{loaded}");
    grace.run(&["portal", "download", &id, "-o", "original.studpkg"]);
    grace.run(&["info", "original.studpkg"]);
    let path = grace.home.path().join("copy.ron");
    let mut copy = from_ron(&std::fs::read_to_string(&path).expect("it was written")).expect("a design").value;
    let lineage = copy.lineage().cloned().expect("a copy names its original");
    assert_eq!((lineage.title.as_str(), lineage.author.as_str()), ("A small house", "Ada"));
    let pose = Pose { position: glam::Vec3::new(600.0, -24.0, 600.0), ..Pose::IDENTITY };
    let pieces = vec![NewPiece::part("3001", ColorRef::Code(4), pose)];
    copy.apply(Edit::AddPieces { submodel: copy.main(), step: None, pieces }).expect("a brick can be added");
    std::fs::write(&path, to_ron(&copy)).expect("a file can be written");
    let copy_id = submit(&grace, "Grace", &path, "The same with a brick");

    let lineage: serde_json::Value = Client::new()
        .get(format!("{}/api/v1/projects/{copy_id}/lineage", serving.address))
        .send()
        .and_then(reqwest::blocking::Response::json)
        .expect("a lineage");
    assert_eq!(lineage["ancestors"][0]["id"], id, "{lineage:#}");
    let list = grace.run(&["portal", "list", "--json", "house"]);
    assert!(list.contains(&format!("\"id\": \"{id}\"")), "{list}");
    assert!(grace.run(&["portal", "logout"]).contains("signed out"));
}
