//! Plays the building steps: one after the other, at the speed of the settings, until the model is whole.

use super::ViewState;
use crate::document::action::EditorAction;
use crate::document::{Act, Document};
use crate::settings::Settings;
use bevy::prelude::*;
use std::time::{Duration, Instant};

/// Goes one step further when its time has come.
pub(super) fn play(
    document: Res<Document>,
    settings: Res<Settings>,
    mut view: ResMut<ViewState>,
    mut acts: MessageWriter<Act>,
    mut last: Local<Option<Instant>>,
) {
    if !view.playing {
        *last = None;
        return;
    }
    let steps = document.design().submodel(document.active()).map_or(0, |submodel| submodel.steps.len());
    let Some(shown) = view.up_to_step.filter(|&shown| shown < steps) else {
        view.playing = false;
        return;
    };
    let pause = Duration::from_secs_f32(1.0 / settings.steps_per_second.clamp(0.1, 20.0));
    let since = last.get_or_insert_with(Instant::now);
    if since.elapsed() >= pause {
        *since = Instant::now();
        acts.write(Act(EditorAction::ShowStep(Some(shown + 1))));
    }
}
