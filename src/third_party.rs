//! Every third-party plugin's set-up, in one place.

use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::window::{PresentMode, WindowResolution};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};
use bevy_egui::{EguiGlobalSettings, EguiPlugin, PrimaryEguiContext};
use std::sync::Arc;
use std::time::Duration;

/// The window's first size in points.
const SIZE: (u32, u32) = (1440, 900);

/// Adds Bevy with a window, and egui.
pub(crate) fn plugin(app: &mut App) {
    let window = Window {
        title: "Studwork".into(),
        name: Some("studwork".into()),
        resolution: WindowResolution::new(SIZE.0, SIZE.1),
        present_mode: PresentMode::AutoVsync,
        ..Window::default()
    };
    // What drivers and windows remark is of no use to a builder; RUST_LOG shows it.
    let log = LogPlugin { filter: "error,studwork=info,wgpu_hal=off".into(), ..LogPlugin::default() };
    app.add_plugins(DefaultPlugins.set(log).set(WindowPlugin {
        primary_window: Some(window),
        // Unsaved changes are asked about first.
        close_when_requested: false,
        ..WindowPlugin::default()
    }))
    .add_plugins(EguiPlugin::default())
    // Nothing is drawn unless something happened; background work wakes the window itself.
    .insert_resource(WinitSettings {
        focused_mode: UpdateMode::reactive(Duration::from_secs(3600)),
        unfocused_mode: UpdateMode::reactive_low_power(Duration::from_secs(3600)),
    })
    .insert_resource(ClearColor(Color::srgb(0.12, 0.13, 0.15)));
    if let Some(mut settings) = app.world_mut().get_resource_mut::<EguiGlobalSettings>() {
        settings.auto_create_primary_context = false;
    }
    app.add_systems(Startup, |mut commands: Commands| {
        commands.spawn((Camera2d, PrimaryEguiContext));
    });
}

/// Something that wakes the window from any thread.
pub(crate) fn waker(app: &App) -> crate::files::Waker {
    let proxy = app.world().get_resource::<EventLoopProxyWrapper>().map(|proxy| (**proxy).clone());
    crate::files::Waker(proxy.map(|proxy| {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            // The window may be closing.
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        });
        wake
    }))
}
