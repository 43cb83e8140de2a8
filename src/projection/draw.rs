//! Carries what changed to the render world and draws the 3D view into a texture there, only when something changed.
//!
//! The texture is an egui image, so panels cover it and pointer input reaches it as it does any other widget. The
//! renderer is Studwork's own, on the device that Bevy opened.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::TextureFormat;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::render::{ExtractSchedule, MainWorld, Render, RenderApp, RenderSystems};
use std::sync::Arc;
use studwork_core::Mesh;
use studwork_render::{Camera, Instance, Look, MeshKey, OverlayLine, Quality, Renderer, Slot};

/// The format of the view's texture.
pub const VIEW_FORMAT: TextureFormat = TextureFormat::Rgba8UnormSrgb;

/// One change of what is drawn.
#[derive(Clone)]
pub enum DrawChange {
    /// A part's mesh.
    Mesh(MeshKey, Arc<Mesh>),
    /// An instance is new or different.
    Set(Slot, Instance),
    /// An instance is gone.
    Remove(Slot),
    /// All instances are gone; meshes stay.
    Clear,
    /// The palette for printed colors.
    Palette(Arc<studwork_core::Palette>),
}

/// What the next frame of the 3D view shows.
#[derive(Resource, Default)]
pub struct ViewFrame {
    /// Changes since the last frame.
    pub changes: Vec<DrawChange>,
    /// Lines and boxes, when they changed.
    pub overlay: Option<Vec<OverlayLine>>,
    /// From where.
    pub camera: Camera,
    /// How.
    pub look: Look,
    /// The texture.
    pub image: Handle<Image>,
    /// Its size in pixels.
    pub size: UVec2,
    /// The texture as egui knows it.
    pub texture: Option<bevy_egui::egui::TextureId>,
    /// Whether it must be drawn again.
    pub dirty: bool,
}

/// Counts the pictures drawn of the 3D view; an idle window draws none.
#[derive(Resource, Clone, Default)]
pub struct DrawCount(pub Arc<std::sync::atomic::AtomicU64>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ViewFrame>().init_resource::<DrawCount>();
    let count = app.world().resource::<DrawCount>().clone();
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    render_app
        .insert_resource(count)
        .init_resource::<Scene>()
        .add_systems(ExtractSchedule, take_frame)
        .add_systems(Render, draw.in_set(RenderSystems::Queue));
}

/// Makes a texture for the view.
pub fn view_image(size: UVec2) -> Image {
    let mut image = Image::new_target_texture(size.x.max(1), size.y.max(1), VIEW_FORMAT, None);
    image.asset_usage = RenderAssetUsages::RENDER_WORLD;
    image
}

#[derive(Resource, Default)]
struct Scene {
    renderer: Option<Renderer>,
    frame: ViewFrame,
}

fn take_frame(mut main: ResMut<MainWorld>, mut scene: ResMut<Scene>) {
    let mut source = main.resource_mut::<ViewFrame>();
    if !source.dirty && source.changes.is_empty() && source.overlay.is_none() {
        return;
    }
    let frame = &mut scene.frame;
    frame.changes.append(&mut source.changes);
    if let Some(overlay) = source.overlay.take() {
        frame.overlay = Some(overlay);
    }
    frame.camera = source.camera;
    frame.look = source.look;
    frame.image = source.image.clone();
    frame.size = source.size;
    frame.dirty = true;
    source.dirty = false;
}

fn draw(
    mut scene: ResMut<Scene>,
    images: Res<RenderAssets<GpuImage>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    adapter: Res<RenderAdapterInfo>,
    count: Res<DrawCount>,
) {
    let Scene { renderer, frame } = &mut *scene;
    if !frame.dirty {
        return;
    }
    let quality = Quality::for_adapter(&adapter);
    let renderer = renderer.get_or_insert_with(|| Renderer::new(device.wgpu_device(), &queue, VIEW_FORMAT, quality));
    for change in frame.changes.drain(..) {
        match change {
            DrawChange::Mesh(key, mesh) => renderer.add_mesh(key, &mesh),
            DrawChange::Set(slot, instance) => renderer.set(slot, instance),
            DrawChange::Remove(slot) => {
                renderer.remove(slot);
            }
            DrawChange::Clear => renderer.clear(),
            DrawChange::Palette(palette) => renderer.set_palette(&palette.iter().cloned().collect::<Vec<_>>()),
        }
    }
    if let Some(overlay) = frame.overlay.take() {
        renderer.set_overlay(overlay);
    }
    // The texture of this size is ready in this frame or the next.
    let Some(image) = images.get(&frame.image) else { return };
    if image.texture_descriptor.size.width != frame.size.x || image.texture_descriptor.size.height != frame.size.y {
        return;
    }
    renderer.render(&frame.camera, &frame.look, frame.size.into(), &image.texture_view);
    frame.dirty = false;
    count.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}
