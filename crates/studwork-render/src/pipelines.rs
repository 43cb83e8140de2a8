//! Shader modules and pipelines, each made when it is first needed: on software Vulkan each costs milliseconds.

use std::collections::HashMap;

/// What is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Opaque faces of pieces.
    Piece,
    /// Transparent faces of pieces.
    Clear,
    /// Edges, a pixel wide.
    Line,
    /// Edges of any width.
    Wide,
    /// Outlines of curved faces.
    Conditional,
    /// What casts shadows, into the shadow map.
    Shadow,
    /// A gradient behind everything.
    Backdrop,
    /// The shadow on the ground.
    Ground,
    /// Where selected pieces are.
    Mask,
    /// The line around selected pieces.
    Outline,
    /// The average of a picture drawn twice as large.
    Shrink,
    /// The editor's lines; whether before everything.
    OverlayLine(bool),
    /// The editor's quads; whether before everything.
    OverlayQuad(bool),
}

/// The format of depth buffers and shadow maps.
pub(crate) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

const COMMON: &str = include_str!("../../../assets/shaders/common.wgsl");
const PIECE: &str = include_str!("../../../assets/shaders/piece.wgsl");
const LINE: &str = include_str!("../../../assets/shaders/line.wgsl");
const SHRINK: &str = include_str!("../../../assets/shaders/shrink.wgsl");
const SCENERY: &str = include_str!("../../../assets/shaders/scenery.wgsl");

/// The format of the mask of selected pieces.
pub(crate) const MASK: wgpu::TextureFormat = wgpu::TextureFormat::R8Unorm;

/// The bytes of a vertex of a piece's faces.
pub(crate) const VERTEX_SIZE: u64 = 20;

/// Pipelines by kind and sample count.
pub(crate) struct Pipelines {
    format: wgpu::TextureFormat,
    pub frame_layout: wgpu::BindGroupLayout,
    pub lines_layout: wgpu::BindGroupLayout,
    pub shrink_layout: wgpu::BindGroupLayout,
    layout: wgpu::PipelineLayout,
    lines: wgpu::PipelineLayout,
    shrink: wgpu::PipelineLayout,
    modules: HashMap<&'static str, wgpu::ShaderModule>,
    pipelines: HashMap<(Kind, u32), wgpu::RenderPipeline>,
}

impl Pipelines {
    pub(crate) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        use wgpu::ShaderStages as Stages;
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let buffer = |binding, visibility, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let frame_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("frame"),
            entries: &[
                buffer(0, Stages::VERTEX_FRAGMENT, wgpu::BufferBindingType::Uniform),
                buffer(1, Stages::VERTEX, storage),
                buffer(2, Stages::VERTEX, storage),
                wgpu::BindGroupLayoutEntry {
                    binding: 3,
                    visibility: Stages::FRAGMENT,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Depth,
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                    count: None,
                },
                wgpu::BindGroupLayoutEntry {
                    binding: 4,
                    visibility: Stages::FRAGMENT,
                    ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Comparison),
                    count: None,
                },
                buffer(5, Stages::VERTEX, storage),
            ],
        });
        let lines_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("lines"),
            entries: &[buffer(0, Stages::VERTEX, storage)],
        });
        let shrink_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("shrink"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: Stages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: false },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            }],
        });
        let layout = |label, groups: &[Option<&wgpu::BindGroupLayout>]| {
            device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(label),
                bind_group_layouts: groups,
                immediate_size: 0,
            })
        };
        let plain = layout("faces", &[Some(&frame_layout)]);
        let lines = layout("lines", &[Some(&frame_layout), Some(&lines_layout)]);
        let shrink = layout("shrink", &[Some(&shrink_layout)]);
        Self {
            format,
            shrink_layout,
            shrink,
            frame_layout,
            lines_layout,
            layout: plain,
            lines,
            modules: HashMap::new(),
            pipelines: HashMap::new(),
        }
    }

    /// Makes a pipeline unless it exists.
    pub(crate) fn prepare(&mut self, device: &wgpu::Device, kind: Kind, samples: u32) {
        let flat = matches!(kind, Kind::Shadow | Kind::Shrink | Kind::Mask | Kind::Outline);
        let samples = if flat { 1 } else { samples };
        if self.pipelines.contains_key(&(kind, samples)) {
            return;
        }
        let source = match kind {
            Kind::Piece | Kind::Clear | Kind::Shadow | Kind::Mask => PIECE,
            Kind::Line | Kind::Wide | Kind::Conditional => LINE,
            Kind::Shrink | Kind::Outline => SHRINK,
            _ => SCENERY,
        };
        let module = self.modules.entry(source).or_insert_with(|| {
            device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("studwork"),
                source: wgpu::ShaderSource::Wgsl(if kind == Kind::Shrink {
                    source.into()
                } else {
                    [COMMON, source].concat().into()
                }),
            })
        });
        let layout = match kind {
            Kind::Line | Kind::Wide | Kind::Conditional => &self.lines,
            Kind::Shrink | Kind::Outline => &self.shrink,
            _ => &self.layout,
        };
        let pipeline = make(device, kind, samples, self.format, module, layout);
        self.pipelines.insert((kind, samples), pipeline);
    }

    /// The shadow map's pipeline, whatever the picture's sample count is.
    pub(crate) fn get_shadow(&self) -> Option<&wgpu::RenderPipeline> {
        self.get(Kind::Shadow, 1)
    }

    /// A pipeline that was prepared.
    pub(crate) fn get(&self, kind: Kind, samples: u32) -> Option<&wgpu::RenderPipeline> {
        self.pipelines.get(&(kind, samples))
    }
}

const FACE: [wgpu::VertexAttribute; 3] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Snorm8x4, 2 => Uint32];
const POSITION: [wgpu::VertexAttribute; 1] = wgpu::vertex_attr_array![0 => Float32x3];
const EDGE: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x3, 2 => Uint32];
const MARK: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Unorm8x4];
const INDEX: [wgpu::VertexAttribute; 1] = wgpu::vertex_attr_array![3 => Uint32x2];

fn make(
    device: &wgpu::Device,
    kind: Kind,
    samples: u32,
    format: wgpu::TextureFormat,
    module: &wgpu::ShaderModule,
    layout: &wgpu::PipelineLayout,
) -> wgpu::RenderPipeline {
    use wgpu::PrimitiveTopology as Topology;
    use wgpu::VertexStepMode::{Instance, Vertex};
    let (vertex, fragment) = match kind {
        Kind::Piece | Kind::Clear => ("vs_piece", Some("fs_piece")),
        Kind::Shadow => ("vs_shadow", None),
        Kind::Line => ("vs_line", Some("fs_line")),
        Kind::Wide => ("vs_wide", Some("fs_line")),
        Kind::Conditional => ("vs_conditional", Some("fs_line")),
        Kind::Backdrop => ("vs_backdrop", Some("fs_backdrop")),
        Kind::Shrink => ("vs_shrink", Some("fs_shrink")),
        Kind::Outline => ("vs_shrink", Some("fs_outline")),
        Kind::Mask => ("vs_mask", Some("fs_mask")),
        Kind::Ground => ("vs_ground", Some("fs_ground")),
        Kind::OverlayLine(_) | Kind::OverlayQuad(_) => ("vs_overlay", Some("fs_overlay")),
    };
    let buffer =
        |stride, step_mode, attributes| wgpu::VertexBufferLayout { array_stride: stride, step_mode, attributes };
    let index = buffer(8, Instance, &INDEX);
    let buffers: &[wgpu::VertexBufferLayout] = match kind {
        Kind::Piece | Kind::Clear => &[buffer(VERTEX_SIZE, Vertex, &FACE), index],
        Kind::Shadow | Kind::Mask => &[buffer(VERTEX_SIZE, Vertex, &POSITION), index],
        Kind::Line => &[buffer(16, Vertex, &EDGE), index],
        Kind::Wide | Kind::Conditional => &[index],
        Kind::Backdrop | Kind::Ground | Kind::Shrink | Kind::Outline => &[],
        Kind::OverlayLine(_) | Kind::OverlayQuad(_) => &[buffer(16, Vertex, &MARK)],
    };
    let topology = match kind {
        Kind::Line | Kind::OverlayLine(_) => Topology::LineList,
        Kind::Ground => Topology::TriangleStrip,
        _ => Topology::TriangleList,
    };
    let cull_mode = match kind {
        Kind::Piece | Kind::Clear | Kind::Shadow => Some(wgpu::Face::Back),
        _ => None,
    };
    let (write, compare) = match kind {
        Kind::Shadow => (true, wgpu::CompareFunction::LessEqual),
        Kind::Piece | Kind::Line | Kind::Wide | Kind::Conditional => (true, wgpu::CompareFunction::GreaterEqual),
        Kind::OverlayLine(true) | Kind::OverlayQuad(true) => (false, wgpu::CompareFunction::Always),
        _ => (false, wgpu::CompareFunction::GreaterEqual),
    };
    let blend = match kind {
        Kind::Clear | Kind::Ground | Kind::Outline | Kind::OverlayLine(_) | Kind::OverlayQuad(_) => {
            Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING)
        }
        _ => None,
    };
    let format = if kind == Kind::Mask { MASK } else { format };
    let targets = [Some(wgpu::ColorTargetState { format, blend, write_mask: wgpu::ColorWrites::ALL })];
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(vertex),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(vertex),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers,
        },
        primitive: wgpu::PrimitiveState {
            topology,
            front_face: wgpu::FrontFace::Ccw,
            cull_mode,
            ..wgpu::PrimitiveState::default()
        },
        depth_stencil: (!matches!(kind, Kind::Shrink | Kind::Mask | Kind::Outline)).then(|| wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(write),
            depth_compare: Some(compare),
            stencil: wgpu::StencilState::default(),
            bias: wgpu::DepthBiasState::default(),
        }),
        multisample: wgpu::MultisampleState { count: samples, ..wgpu::MultisampleState::default() },
        fragment: fragment.map(|entry_point| wgpu::FragmentState {
            module,
            entry_point: Some(entry_point),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &targets,
        }),
        multiview_mask: None,
        cache: None,
    })
}
