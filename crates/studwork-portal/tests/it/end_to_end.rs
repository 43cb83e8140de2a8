//! The whole way, against the real executable: two people sign in, one submits a starter scene and a real model, the other
//! supports, downloads, makes a copy, changes it and submits that; the lineage shows both.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::blocking::Client;
use studwork_client::{
    BrowserSignIn, DeviceSignIn, Engagement, JobState, NewJob, Outbox, Portal, PortalAddress, Progress, ProjectQuery,
    Stop, TokenStore, UploadTarget, lineage_of,
};
use studwork_core::package::{
    Context, LDRAW, MODEL, Manifest, Meta, PARTS, Pictures, Policy, listed_parts, pack, read_package, verify,
};
use studwork_core::{Catalog, ColorRef, Design, Edit, InfoField, NewPiece, Palette, Pose, from_ldraw, from_ron};

const PASSWORD: &str = "correct horse battery";

/// The executable, serving; killed in the end.
struct Executable {
    child: Child,
    address: PortalAddress,
}

impl Executable {
    fn serve(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_studwork-portal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env_remove("STUDWORK_LDRAW")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = PortalAddress::new(line.trim().rsplit(' ').next().unwrap()).unwrap();
        Self { child, address }
    }

    fn create(data: &Path, email: &str, name: &str) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_studwork-portal"))
            .args(["admin", "--data"])
            .arg(data)
            .args(["create", email, "--name", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(child.wait().unwrap().success(), "an account for {email}");
    }
}

impl Drop for Executable {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser as far as these pages need one: a cookie, forms with a hidden token, redirects by hand.
struct Browser {
    client: Client,
    address: PortalAddress,
    cookie: String,
}

impl Browser {
    fn new(address: &PortalAddress) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, address: address.clone(), cookie: String::new() }
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.address) }
    }

    fn keep_cookie(&mut self, response: &reqwest::blocking::Response) {
        let set = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        if let Some(cookie) = set.and_then(|set| set.split(';').next()) {
            self.cookie = cookie.to_owned();
        }
    }

    fn page(&mut self, path: &str) -> String {
        let response = self.client.get(self.url(path)).header("cookie", &self.cookie).send().unwrap();
        self.keep_cookie(&response);
        assert_eq!(response.status(), 200, "{path}");
        response.text().unwrap()
    }

    /// Sends a form with the token of the page it stands on; where it leads, if anywhere.
    fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Option<String> {
        let mut form: Vec<(&str, &str)> = vec![("csrf", hidden(page, "csrf"))];
        form.extend(fields);
        let request = self.client.post(self.url(path)).header("cookie", &self.cookie).form(&form);
        let response = request.send().unwrap();
        self.keep_cookie(&response);
        let status = response.status();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        assert!(status == 200 || status == 303, "{path}: {status} {}", response.text().unwrap());
        location
    }

    fn sign_in(&mut self, email: &str) {
        let page = self.page("/signin");
        let to = self.submit(&page, "/signin", &[("email", email), ("password", PASSWORD), ("next", "/")]);
        assert_eq!(to.as_deref(), Some("/"));
    }

    /// Opens the page of an app that wants to sign in, and agrees.
    fn allow_app(&mut self, url: &str) {
        let page = self.page(url);
        let names = [
            "response_type",
            "client_id",
            "redirect_uri",
            "code_challenge",
            "code_challenge_method",
            "state",
            "device_name",
        ];
        let fields = names.map(|name| (name, unescaped(hidden(&page, name))));
        let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.push(("allow", "1"));
        let back = self.submit(&page, "/oauth/authorize", &form).unwrap();
        let shown = Client::new().get(back).send().unwrap().text().unwrap();
        assert!(shown.contains("You are signed in"), "{shown}");
    }

    /// Types the code of a device, and agrees.
    fn allow_device(&mut self, code: &str) {
        let page = self.page(&format!("/device?code={code}"));
        self.submit(&page, "/device", &[("code", code), ("allow", "1")]);
    }
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let at = page.find(&start).unwrap_or_else(|| panic!("no field {name} in {page}")) + start.len();
    &page[at..at + page[at..].find('"').unwrap()]
}

fn unescaped(text: &str) -> String {
    let names = [
        ("&amp;", "&"),
        ("&#38;", "&"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    names.iter().fold(text.to_owned(), |text, (name, sign)| text.replace(name, sign))
}

fn starter(name: &str) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes").join(name).with_extension("ron");
    from_ron(&std::fs::read_to_string(path).unwrap()).unwrap().value
}

fn pictures() -> Pictures {
    let png = |side: u32, shade: u8| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let image = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([shade, (x % 256) as u8, (y % 256) as u8]));
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    Pictures {
        cover: png(1080, 40),
        pictures: vec![png(640, 90)],
        turntable: (0..24).map(|frame| png(256, frame * 10)).collect(),
    }
}

/// A package by somebody, which the portal's own policy passes.
fn package_of(design: &Design, creator: &str, title: &str, policy: &Policy) -> Vec<u8> {
    let meta: Meta = serde_json::from_value(serde_json::json!({
        "title": title,
        "summary": "Built to be looked at from every side, with doors that open.",
        "description": "A model **with** details.",
        "tags": ["house", "end to end"],
        "license": "CC0-1.0",
        "audience": "Everybody with a shelf.",
        "problem": "Empty shelves.",
        "creators": [{"name": creator, "consent": true}],
    }))
    .unwrap();
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    let manifest = Manifest::from_design(design).with(meta);
    let packed = pack(design, &manifest, &pictures(), &catalog, &palette).unwrap();
    let report = verify(&packed.bytes, policy, &Context { catalog: &catalog, palette: &palette, parent: None }).report;
    assert!(report.passed, "{:#?}", report.errors().map(ToString::to_string).collect::<Vec<_>>());
    packed.bytes
}

/// Sends through an outbox; the project's id.
fn submit(outbox: &Outbox, portal: &Portal, title: &str, package: &[u8]) -> String {
    let new = NewJob {
        portal: portal.address().clone(),
        title: title.to_owned(),
        package: package.to_vec(),
        target: UploadTarget::default(),
    };
    let id = outbox.add(&new).unwrap().id;
    let mut last = Progress::default();
    let job = outbox.send(&id, portal, &Stop::new(), &mut |progress| last = progress).unwrap();
    assert_eq!(job.state, JobState::Sent, "{:?}", job.error);
    assert!(last.total == package.len() as u64);
    // Asking again sends nothing again.
    assert_eq!(outbox.add(&new).unwrap().project, job.project);
    job.project.unwrap()
}

/// A model of the field between 200 and 5,000 pieces, where the environment names a folder of models.
fn real_model() -> Option<Design> {
    let folder = std::env::var_os("STUDWORK_MODELS")?;
    let path = Path::new(&folder).join("6080 - Kings Castle.mpd");
    let bytes = std::fs::read(path).ok()?;
    let document = studwork_ldraw::parse(&bytes, "castle.mpd").unwrap().value;
    let design = from_ldraw(&document, &|_| true).unwrap().value;
    (200..=5_000).contains(&design.part_count()).then_some(design)
}

#[test]
fn from_the_designer_to_supporters_and_to_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("portal");
    let server = Executable::serve(&data);
    Executable::create(&data, "ada@example.com", "Ada");
    Executable::create(&data, "grace@example.com", "Grace");
    let policy = Portal::new(server.address.clone(), None).unwrap().policy().unwrap().package;

    // Ada signs in with her browser, Grace by a code.
    let tokens = TokenStore::in_folder(&folder.path().join("ada"));
    let sign_in = BrowserSignIn::start(&server.address, "Ada's laptop").unwrap();
    let (url, address) = (sign_in.url.clone(), server.address.clone());
    let browsing = std::thread::spawn(move || {
        let mut browser = Browser::new(&address);
        browser.sign_in("ada@example.com");
        browser.allow_app(&url);
    });
    let token = sign_in.wait(&Stop::new()).unwrap();
    browsing.join().unwrap();
    tokens.save(&server.address, &token).unwrap();
    let kept = tokens.load(&server.address).unwrap();
    let ada = Portal::new(server.address.clone(), Some(kept.secret)).unwrap();
    assert_eq!(ada.me().unwrap().name, "Ada");

    let sign_in = DeviceSignIn::start(&server.address, "Grace's classroom").unwrap();
    let mut browser = Browser::new(&server.address);
    browser.sign_in("grace@example.com");
    browser.allow_device(&sign_in.user_code);
    let token = sign_in.wait(&Stop::new()).unwrap();
    let grace = Portal::new(server.address.clone(), Some(token.secret)).unwrap();
    assert_eq!(grace.me().unwrap().name, "Grace");

    // Ada submits a starter scene, and a real model where there is one.
    let ada_outbox = Outbox::in_folder(&folder.path().join("ada-outbox"));
    let house = package_of(&starter("welcome"), "Ada", "A small house with a garden", &policy);
    let id = submit(&ada_outbox, &ada, "A small house", &house);
    if let Some(castle) = real_model() {
        let castle_package = package_of(&castle, "Ada", "A castle of the king", &policy);
        let castle_id = submit(&ada_outbox, &ada, "A castle", &castle_package);
        let shown = grace.project(&castle_id).unwrap();
        assert_eq!(shown.card.pieces, castle.part_count() as u64);
        let list = listed_parts(&castle, &Catalog::built_in(), &Palette::built_in());
        let parts = grace.parts(&castle_id).unwrap();
        assert_eq!(parts.iter().map(|row| row.count).sum::<u64>(), list.iter().map(|row| row.quantity).sum::<u64>());
    } else {
        eprintln!("STUDWORK_MODELS is not set; no real model was submitted");
    }

    // Grace finds it, looks at it, supports it.
    let found = grace.projects(&ProjectQuery { words: "garden".to_owned(), ..ProjectQuery::default() }).unwrap();
    assert_eq!(found.items.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    let project = grace.project(&id).unwrap();
    assert_eq!((project.card.state.as_str(), project.turntable.len()), ("gathering", 24));
    assert_eq!(project.card.pieces, starter("welcome").part_count() as u64);
    for picture in project.images.iter().chain(&project.turntable).take(3) {
        assert!(image::load_from_memory(&grace.picture(picture).unwrap()).is_ok(), "{picture}");
    }
    assert_eq!(grace.engage(&id, Engagement::Support, true).unwrap().supports, 1);
    assert_eq!(grace.engage(&id, Engagement::Support, true).unwrap().supports, 1, "once each");
    let own = ada.engage(&id, Engagement::Support, true).unwrap_err();
    assert!(own.has_code("own_project"), "{own}");
    assert!(grace.project(&id).unwrap().you.unwrap().supported);

    // She downloads it: the very bytes, in which the same design is.
    let sha256 = project.package.sha256.clone();
    let download = grace.download(&id, None, Some(&sha256), &Stop::new(), &mut |_| {}).unwrap();
    assert!(download.bytes == house, "what was submitted is what is downloaded");
    let original = read_package(&download.bytes, &policy).unwrap();
    for path in [MODEL, LDRAW, PARTS] {
        assert!(original.file(path).is_some(), "{path}");
    }
    let mut copy = original.design().unwrap().value;
    assert_eq!(copy, starter("welcome"));

    // She makes a copy, changes it, submits it.
    let lineage = lineage_of(&server.address, &id, project.card.version, &original);
    copy.apply(Edit::SetInfo(InfoField::Lineage(Some(lineage)))).unwrap();
    let pose = Pose { position: glam::Vec3::new(600.0, -24.0, 600.0), ..Pose::IDENTITY };
    let pieces = vec![NewPiece::part("3001", ColorRef::Code(4), pose)];
    copy.apply(Edit::AddPieces { submodel: copy.main(), step: None, pieces }).unwrap();
    let changed = package_of(&copy, "Grace", "The same house with a brick", &policy);
    let grace_outbox = Outbox::in_folder(&folder.path().join("grace-outbox"));
    let copy_id = submit(&grace_outbox, &grace, "The same house", &changed);

    // Both show the other.
    let of_copy = ada.project(&copy_id).unwrap();
    let parent = of_copy.parent.clone().unwrap();
    assert_eq!((parent.id.as_deref(), parent.sha256.as_str()), (Some(id.as_str()), sha256.as_str()));
    assert_eq!(of_copy.card.pieces, project.card.pieces + 1);
    let ancestors = ada.lineage(&copy_id).unwrap().ancestors;
    assert_eq!(ancestors.iter().map(|ancestor| ancestor.id.as_deref()).collect::<Vec<_>>(), [Some(id.as_str())]);
    let children = ada.lineage(&id).unwrap().children;
    assert_eq!(children.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), [copy_id.as_str()]);
    let mut visitor = Browser::new(&server.address);
    let page = visitor.page(&format!("/projects/{id}"));
    assert!(page.contains(&format!("/projects/{copy_id}")) && page.contains("og:image"), "the page shows the copy");
    assert!(visitor.page(&format!("/projects/{copy_id}")).contains(&format!("/projects/{id}")));

    // A copy that does not keep to the original's terms, or hides it, is refused with the rule's code.
    let mut hidden_origin = Manifest::from_design(&copy);
    hidden_origin.parent = None;
    let error = send_refused(&grace_outbox, &grace, &copy, hidden_origin);
    assert!(error.contains("P304"), "{error}");
}

/// Sends a package that the portal refuses; the codes of what it found.
fn send_refused(outbox: &Outbox, portal: &Portal, design: &Design, manifest: Manifest) -> String {
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    let package = pack(design, &manifest, &pictures(), &catalog, &palette).unwrap().bytes;
    let new = NewJob {
        portal: portal.address().clone(),
        title: "Refused".to_owned(),
        package,
        target: UploadTarget::default(),
    };
    let id = outbox.add(&new).unwrap().id;
    let job = outbox.send(&id, portal, &Stop::new(), &mut |_| {}).unwrap();
    assert_eq!(job.state, JobState::Refused);
    match job.error {
        Some(studwork_client::ClientError::PackageRefused { findings }) => {
            findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_upload_goes_on_after_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("portal");
    let server = Executable::serve(&data);
    Executable::create(&data, "ada@example.com", "Ada");
    let policy = Portal::new(server.address.clone(), None).unwrap().policy().unwrap().package;
    let sign_in = BrowserSignIn::start(&server.address, "here").unwrap();
    let (url, address) = (sign_in.url.clone(), server.address.clone());
    let browsing = std::thread::spawn(move || {
        let mut browser = Browser::new(&address);
        browser.sign_in("ada@example.com");
        browser.allow_app(&url);
    });
    let token = sign_in.wait(&Stop::new()).unwrap().secret;
    browsing.join().unwrap();

    let package = package_of(&starter("lighthouse"), "Ada", "A lighthouse by the sea", &policy);
    let outbox = Outbox::in_folder(&folder.path().join("outbox"));
    let new = |address: &PortalAddress| NewJob {
        portal: address.clone(),
        title: "A lighthouse".to_owned(),
        package: package.clone(),
        target: UploadTarget::default(),
    };
    let id = outbox.add(&new(&server.address)).unwrap().id;
    let port = server.address.as_str().rsplit(':').next().unwrap().to_owned();
    let mut running = Some(server);
    let mut deaths = 0;
    let job = loop {
        let address = running.as_ref().unwrap().address.clone();
        let portal = Portal::new(address, Some(token.clone())).unwrap();
        let stop = Stop::new();
        let mut died = false;
        let job = outbox
            .send(&id, &portal, &stop, &mut |progress| {
                // Somewhere in the middle, each time a little later.
                if deaths < 5 && !died && progress.done > progress.total * (deaths + 1) / 8 {
                    died = true;
                    drop(running.take());
                }
            })
            .unwrap();
        if job.state == JobState::Sent {
            break job;
        }
        assert_eq!(job.state, JobState::Waiting, "{:?}", job.error);
        assert!(died, "it waits only for a server that died: {:?}", job.error);
        deaths += 1;
        running = Some(serve_again(&data, &port));
    };
    let project = job.project.unwrap();
    let portal = Portal::new(running.as_ref().unwrap().address.clone(), Some(token)).unwrap();
    let mine = portal.my_projects(None).unwrap().items;
    assert_eq!(mine.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), [project.as_str()], "exactly once");
    let download = portal.download(&project, None, None, &Stop::new(), &mut |_| {}).unwrap();
    assert!(download.bytes == package, "the bytes are the same");
}

/// Serves the same data at the same port.
fn serve_again(data: &Path, port: &str) -> Executable {
    let mut child = Command::new(env!("CARGO_BIN_EXE_studwork-portal"))
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .env_remove("STUDWORK_LDRAW")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        panic!("it does not serve again: {errors}");
    }
    // What it logs goes nowhere from here on.
    let mut log = child.stderr.take().unwrap();
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    std::thread::sleep(Duration::from_millis(50));
    Executable { child, address: PortalAddress::new(line.trim().rsplit(' ').next().unwrap()).unwrap() }
}
