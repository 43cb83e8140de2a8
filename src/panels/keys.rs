//! Keys become actions here and nowhere else.
//!
//! egui matches shortcuts loosely (Ctrl+Shift+S also answers to Ctrl+S), so events are compared with the exact
//! modifiers. While a text field has the focus only what cannot be meant for the text is taken: files, windows, help.

use super::{PanelState, Shown};
use crate::document::action::{ACTIONS, ActionInfo, EditorAction, Menu};
use bevy_egui::egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};

/// Takes every shortcut out of the input and sends its action.
pub fn take_shortcuts(ctx: &Context, shown: &mut Shown, state: &mut PanelState) {
    if shown.dialog.0.is_some() {
        return;
    }
    let typing = ctx.text_edit_focused();
    let popup = Popup::is_any_open(ctx);
    let mut pressed = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, repeat, .. } = *event else { return true };
            let Some(info) = action_of(key, modifiers) else { return true };
            let reserved = (typing && !stays_while_typing(info)) || (popup && key == Key::Escape);
            if reserved {
                return true;
            }
            if !repeat || repeats(&info.action) {
                pressed.push((info, key));
            }
            false
        });
    });
    for (info, key) in pressed {
        match (info.available)(&shown.availability) {
            Ok(()) => shown.send(info.action.clone()),
            Err(reason) => state.say(format!("{}: {reason}", info.label)),
        }
        if key == Key::Tab {
            // egui has moved its focus already; Tab means something else while a piece is in hand.
            state.view.drop_focus = true;
        }
    }
}

/// The entry that these keys are for.
pub fn action_of(key: Key, modifiers: Modifiers) -> Option<&'static ActionInfo> {
    ACTIONS.iter().find(|info| info.shortcuts.iter().any(|shortcut| matches(shortcut, key, modifiers)))
}

fn matches(shortcut: &KeyboardShortcut, key: Key, modifiers: Modifiers) -> bool {
    // Plus needs Shift on many keyboards.
    let shift_may_differ = key == Key::Plus;
    let wanted = shortcut.modifiers;
    shortcut.logical_key == key
        && wanted.alt == modifiers.alt
        && (wanted.shift == modifiers.shift || shift_may_differ)
        && wanted.command == (modifiers.command || modifiers.ctrl)
}

fn stays_while_typing(info: &ActionInfo) -> bool {
    matches!(info.menu, Menu::File | Menu::Window | Menu::Help)
}

/// Whether holding the key down does it again and again.
fn repeats(action: &EditorAction) -> bool {
    matches!(
        action,
        EditorAction::Nudge { .. }
            | EditorAction::Undo
            | EditorAction::Redo
            | EditorAction::StepForward
            | EditorAction::StepBack
            | EditorAction::ZoomIn
            | EditorAction::ZoomOut
    )
}

/// How a menu writes a shortcut: `Ctrl+Shift+S`.
pub fn shortcut_text(ctx: &Context, info: &ActionInfo) -> String {
    info.shortcuts.first().map_or_else(String::new, |shortcut| key_text(ctx, shortcut))
}

/// How one shortcut is written.
pub fn key_text(ctx: &Context, shortcut: &KeyboardShortcut) -> String {
    let mut text = String::new();
    let mac = matches!(ctx.os(), bevy_egui::egui::os::OperatingSystem::Mac);
    for (held, name) in [
        (shortcut.modifiers.command, if mac { "Cmd+" } else { "Ctrl+" }),
        (shortcut.modifiers.alt, "Alt+"),
        (shortcut.modifiers.shift, "Shift+"),
    ] {
        if held {
            text.push_str(name);
        }
    }
    text.push_str(match shortcut.logical_key {
        Key::ArrowLeft => "Left",
        Key::ArrowRight => "Right",
        Key::ArrowUp => "Up",
        Key::ArrowDown => "Down",
        Key::PageUp => "Page up",
        Key::PageDown => "Page down",
        Key::Escape => "Esc",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Backslash => "\\",
        Key::Plus => "+",
        Key::Minus => "-",
        Key::Equals => "=",
        key => key.name(),
    });
    text
}
