//! How a picture is drawn, apart from what is on it and from where.

/// What is behind the model.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Background {
    /// One color (sRGB, straight alpha).
    Color([u8; 4]),
    /// From the upper border to the lower one (sRGB).
    Gradient([u8; 3], [u8; 3]),
    /// Nothing: the picture's alpha says where the model is.
    Transparent,
}

/// Settings of a picture.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Look {
    /// What is behind the model.
    pub background: Background,
    /// Whether the edges of parts are drawn as lines.
    pub edges: bool,
    /// Whether the outlines of curved faces are drawn as well (they cost more than all other lines).
    pub conditional_edges: bool,
    /// Whether pieces cast shadows on each other and on the ground.
    pub shadows: bool,
    /// Whether the ground below the model shows the model's shadow.
    pub ground: bool,
    /// Samples a pixel: 1, or 4 for smooth borders.
    pub samples: u32,
    /// Whether the key light turns with the camera (a picture) or stays where it is (an editor: shadows are then drawn
    /// anew only when the model changes).
    pub light_follows_camera: bool,
    /// Whether selected pieces have an outline that shows through what is before them.
    pub outline: bool,
    /// Whether what is hidden or a few pixels wide may be left out or drawn more simply.
    pub simplify: bool,
    /// Width of edge lines in pixels; 0 lets it grow with the picture (1 pixel at 800×600).
    pub edge_width: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            background: Background::Gradient([0xF4, 0xF6, 0xF8], [0xC9, 0xD1, 0xDA]),
            edges: true,
            conditional_edges: false,
            shadows: true,
            ground: true,
            samples: 4,
            light_follows_camera: false,
            outline: true,
            simplify: true,
            edge_width: 0.0,
        }
    }
}

impl Look {
    /// For a picture to show: as the default, lit from beside the camera.
    pub fn picture() -> Self {
        Self { light_follows_camera: true, ..Self::default() }
    }

    /// Only what covers pixels: no ground, no shadows, nothing behind. For silhouettes and thumbnails.
    pub fn cutout() -> Self {
        Self { background: Background::Transparent, shadows: false, ground: false, ..Self::picture() }
    }
}

/// What a renderer spends on a picture.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum Quality {
    /// For software rendering: small shadow maps, and smooth borders by drawing twice as large, which costs a quarter of
    /// multisampling there.
    Fast,
    /// The default.
    #[default]
    Normal,
    /// Large shadow maps.
    High,
}

impl Quality {
    /// What suits an adapter: [`Quality::Fast`] where the processor does the drawing.
    pub fn for_adapter(info: &wgpu::AdapterInfo) -> Self {
        if info.device_type == wgpu::DeviceType::Cpu { Self::Fast } else { Self::Normal }
    }

    /// Width and height of the shadow map in texels.
    pub(crate) fn shadow_size(self) -> u32 {
        match self {
            Self::Fast => 1024,
            Self::Normal => 2048,
            Self::High => 4096,
        }
    }
}
