//! `cargo xtask fuzz`: schemathesis on the portal's interface. The portal's own test starts the servers and judges; here the
//! program is set up, in an environment of its own.

use crate::machine::{C_COMPILER, POSTGRESQL, PYTHON, agreed, is_root, set_up};
use crate::process::{cargo, succeeds, target_dir};
use anyhow::{Result, bail};
use std::process::Command;

/// The release that the test is written for.
const FUZZER: &str = "schemathesis==4.32.5";

/// Set-up, then the test; true when it passed.
pub fn fuzz(yes: bool) -> Result<bool> {
    set_up(&[&C_COMPILER, &POSTGRESQL, &PYTHON], yes)?;
    let folder = target_dir().join(FUZZER);
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        println!("set-up: python3 -m venv {0} && {0}/bin/pip install {FUZZER}", folder.display());
        if !(yes || is_root() || agreed()?) {
            bail!("there is no fuzzer");
        }
        let made = succeeds(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?
            && succeeds(Command::new(folder.join("bin/pip")).args(["install", "--quiet", FUZZER]))?;
        if !made || !program.is_file() {
            bail!("{FUZZER} was not installed; the lines above say why");
        }
    }
    let test = ["test", "--package", "studwork-portal", "--test", "it", "fuzz::", "--", "--nocapture"];
    succeeds(cargo().args(test).env("STUDWORK_SCHEMATHESIS", &program))
}
