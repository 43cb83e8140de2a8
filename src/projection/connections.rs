//! The connection graph of what is drawn: found on a thread when a tool first asks for it, then kept up to date with
//! every change. Keys are slots.

use super::Projection;
use glam::Affine3A;
use std::sync::Arc;
use studwork_core::connect::{ConnectionGraph, PartBody};
use studwork_core::space::Space;

/// How much is known of the connections.
#[derive(Default)]
pub(super) enum Connections {
    /// Nobody asked yet.
    #[default]
    Unknown,
    /// A thread is finding them; these slots have changed since it began.
    Wanted(Vec<u32>),
    /// All of them.
    Known(Box<ConnectionGraph>),
}

impl Connections {
    /// Follows a slot that is new, moved or gone.
    pub fn touch(&mut self, space: &Space, slot: u32) {
        match self {
            Self::Unknown => {}
            Self::Wanted(touched) => touched.push(slot),
            Self::Known(graph) => graph.update(space, slot),
        }
    }
}

impl Projection {
    /// Which slots grip which, once it is known.
    pub fn connections(&self) -> Option<&ConnectionGraph> {
        match &self.connections {
            Connections::Known(graph) => Some(graph),
            _ => None,
        }
    }

    /// Whether connections are being found.
    pub fn finds_connections(&self) -> bool {
        matches!(self.connections, Connections::Wanted(_))
    }

    /// The work of finding the connections, for a thread; `None` if they are known or being found.
    pub fn find_connections(&mut self) -> Option<impl FnOnce() -> ConnectionGraph + Send + 'static> {
        if !matches!(self.connections, Connections::Unknown) {
            return None;
        }
        self.connections = Connections::Wanted(Vec::new());
        let pieces: Vec<(u32, Arc<PartBody>, Affine3A)> =
            self.space.iter().map(|piece| (piece.key, piece.body.clone(), piece.transform)).collect();
        Some(move || ConnectionGraph::build(&Space::from_pieces(pieces)))
    }

    /// Takes what a thread has found, unless everything is different since.
    pub fn found_connections(&mut self, graph: ConnectionGraph, edition: u64) {
        if edition != self.edition {
            return;
        }
        if let Connections::Wanted(touched) = std::mem::take(&mut self.connections) {
            let mut graph = Box::new(graph);
            for slot in touched {
                graph.update(&self.space, slot);
            }
            self.connections = Connections::Known(graph);
        }
    }

    /// Counts the times that everything was made anew.
    pub fn edition(&self) -> u64 {
        self.edition
    }
}
