//! A graphics device without a window, for the command line and tests.

use crate::RenderError;

/// A device and its queue. The app hands the renderer its own instead.
#[derive(Clone, Debug)]
pub struct Gpu {
    /// Makes buffers, textures, pipelines.
    pub device: wgpu::Device,
    /// Takes work.
    pub queue: wgpu::Queue,
    /// Which adapter and driver it is.
    pub adapter_info: wgpu::AdapterInfo,
}

impl Gpu {
    /// Opens the best adapter there is; software Vulkan counts.
    ///
    /// # Errors
    /// When no adapter is found or it refuses a device.
    pub fn headless() -> Result<Self, RenderError> {
        let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
        match Self::from_backends(backends) {
            Err(RenderError::NoAdapter(_)) => Self::from_backends(wgpu::Backends::GL),
            other => other,
        }
    }

    fn from_backends(backends: wgpu::Backends) -> Result<Self, RenderError> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends.with_env();
        // Validation layers and debug names cost start-up time; wgpu's own checks stay on.
        descriptor.flags = wgpu::InstanceFlags::empty().with_env();
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&options))
            .map_err(|e| RenderError::NoAdapter(e.to_string()))?;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("studwork"),
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|e| RenderError::NoDevice(e.to_string()))?;
        Ok(Self { device, queue, adapter_info: adapter.get_info() })
    }

    /// Whether the adapter computes on the processor.
    pub fn is_software(&self) -> bool {
        self.adapter_info.device_type == wgpu::DeviceType::Cpu
    }

    /// What [`crate::Quality`] suits the adapter.
    pub fn quality(&self) -> crate::Quality {
        crate::Quality::for_adapter(&self.adapter_info)
    }
}
