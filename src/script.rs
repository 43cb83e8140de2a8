//! Scripts: named actions, pointer moves and screenshots from a RON file, run in the real window.
//!
//! ```ron
//! [
//!     Do("view.front"),
//!     Act(Take("3001")),
//!     Pointer(0.5, 0.6), Click,
//!     Wait(10),
//!     Shot("house.png"),
//! ]
//! ```

use crate::document::Act;
use crate::document::action::{self, EditorAction};
use crate::feedback::Jobs;
use crate::files::Background;
use crate::viewport::{PointerInput, Viewport};
use anyhow::Context as _;
use bevy::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One line of a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Takes an action by its name in the table, such as `edit.undo`.
    Do(String),
    /// Takes any action.
    Act(EditorAction),
    /// Moves the pointer in the view: shares of its width and height from the upper left corner.
    Pointer(f32, f32),
    /// Clicks the main button where the pointer is.
    Click,
    /// Presses the main button.
    Press,
    /// Lets the main button go.
    Release,
    /// Waits so many frames.
    Wait(u32),
    /// Waits until nothing is loading any more.
    WaitForJobs,
    /// Writes a picture of the window to a PNG.
    Shot(PathBuf),
    /// Closes the program, unsaved changes or not.
    Quit,
}

/// A list of commands.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    commands: Vec<Command>,
}

impl Script {
    /// Reads a script file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the script {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not a script", path.display()))
    }

    /// Reads a script from its text. Unknown action names are refused before anything runs.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let commands: Vec<Command> = ron::from_str(text)?;
        for command in &commands {
            if let Command::Do(id) = command {
                anyhow::ensure!(action::by_id(id).is_some(), "there is no action {id:?}");
            }
        }
        Ok(Self { commands })
    }
}

/// Runs a script, a command a frame.
#[derive(Resource)]
pub struct Player {
    script: Script,
    next: usize,
    waiting: u32,
    pointer: Vec2,
    /// What the pointer does in this frame, in the place of the real one.
    pub input: Option<PointerInput>,
    held: bool,
    clicking: bool,
}

impl Player {
    /// A player at the start of a script.
    pub fn new(script: Script) -> Self {
        // The window needs some frames to show.
        Self { script, next: 0, waiting: 10, pointer: Vec2::splat(0.5), input: None, held: false, clicking: false }
    }

    /// Whether there are commands left.
    pub fn is_running(&self) -> bool {
        self.next < self.script.commands.len() || self.clicking
    }
}

fn play(
    player: Option<ResMut<Player>>,
    viewport: Res<Viewport>,
    jobs: Res<Jobs>,
    background: Res<Background>,
    mut acts: MessageWriter<Act>,
    mut exit: MessageWriter<AppExit>,
    mut commands: Commands,
) {
    let Some(mut player) = player else { return };
    if !player.is_running() {
        player.input = None;
        return;
    }
    let position = player.pointer * viewport.size.as_vec2();
    let mut input = PointerInput { position: Some(position), held: player.held, zoom: 1.0, ..PointerInput::default() };
    if std::mem::take(&mut player.clicking) {
        input.released = true;
        player.input = Some(input);
        return;
    }
    if player.waiting > 0 {
        player.waiting -= 1;
        player.input = Some(input);
        return;
    }
    let command = player.script.commands[player.next].clone();
    player.next += 1;
    match command {
        Command::Do(id) => {
            if let Some(info) = action::by_id(&id) {
                acts.write(Act(info.action.clone()));
            }
        }
        Command::Act(action) => {
            acts.write(Act(action));
        }
        Command::Pointer(x, y) => {
            let to = Vec2::new(x, y);
            input.delta = (to - player.pointer) * viewport.size.as_vec2();
            player.pointer = to;
            input.position = Some(to * viewport.size.as_vec2());
        }
        Command::Click => {
            input.pressed = true;
            player.clicking = true;
        }
        Command::Press => {
            input.pressed = true;
            input.held = true;
            player.held = true;
        }
        Command::Release => {
            input.held = false;
            input.released = true;
            player.held = false;
        }
        Command::Wait(frames) => player.waiting = frames,
        Command::WaitForJobs => {
            if !jobs.running.is_empty() || background.library_pending {
                player.next -= 1;
            }
        }
        Command::Shot(path) => {
            use bevy::render::view::screenshot::{Screenshot, save_to_disk};
            commands.spawn(Screenshot::primary_window()).observe(save_to_disk(path));
            player.waiting = 5;
        }
        Command::Quit => {
            exit.write(AppExit::Success);
        }
    }
    player.input = Some(input);
}

/// Puts the script's pointer in the place of the real one.
fn point(player: Option<Res<Player>>, mut viewport: ResMut<Viewport>) {
    if let Some(input) = player.and_then(|player| player.input.clone()) {
        viewport.input = input;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, (play, point).chain());
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_whole_or_refused() {
        let script =
            Script::parse(r#"[Do("view.front"), Act(Take("3001")), Pointer(0.5, 0.6), Click, Shot("a.png")]"#).unwrap();
        assert_eq!(script.commands.len(), 5);
        assert_eq!(script.commands[1], Command::Act(EditorAction::Take("3001".into())));
        assert!(Script::parse(r#"[Do("view.sideways")]"#).unwrap_err().to_string().contains("view.sideways"));
        assert!(Script::parse("[Jump]").is_err());
    }
}
