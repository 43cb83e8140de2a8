//! Where the panels are, as data that settings keep, and back.

use crate::document::action::Panel;
use egui_dock::{DockState, Node, NodeIndex, Split, Tree};
use serde::{Deserialize, Serialize};

/// An arrangement of panels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Layout {
    /// Tabs, one of them in front.
    Tabs {
        /// From left to right.
        panels: Vec<Panel>,
        /// Which is in front.
        front: usize,
    },
    /// Two arrangements side by side.
    Beside(f32, Box<Layout>, Box<Layout>),
    /// Two arrangements, one above the other.
    Above(f32, Box<Layout>, Box<Layout>),
}

impl Layout {
    /// As it is at first, in an area of this width in points.
    pub fn standard(width: f32) -> Self {
        let width = width.max(640.0);
        let side = |points: f32| (points / width).clamp(0.14, 0.27);
        let tabs = |panels: &[Panel]| Box::new(Self::Tabs { panels: panels.to_vec(), front: 0 });
        let (left, right) = (side(286.0), side(304.0));
        let palettes = Self::Above(0.6, tabs(&[Panel::Parts]), tabs(&[Panel::Colors]));
        let rest = 1.0 - left;
        Self::Beside(
            left,
            Box::new(palettes),
            Box::new(Self::Beside(
                1.0 - right / rest,
                tabs(&[Panel::View]),
                tabs(&[Panel::Properties, Panel::Steps, Panel::PartsList]),
            )),
        )
    }

    /// The arrangement of a dock.
    pub fn from_dock(dock: &DockState<Panel>) -> Option<Self> {
        Self::from_node(dock.main_surface(), NodeIndex::root())
    }

    fn from_node(tree: &Tree<Panel>, at: NodeIndex) -> Option<Self> {
        if at.0 >= tree.len() {
            return None;
        }
        let pair = |fraction: f32, make: fn(f32, Box<Self>, Box<Self>) -> Self| {
            match (Self::from_node(tree, at.left()), Self::from_node(tree, at.right())) {
                (Some(first), Some(second)) => {
                    // A thousandth is finer than a pixel and does not flicker in the settings file.
                    Some(make((fraction * 1000.0).round() / 1000.0, Box::new(first), Box::new(second)))
                }
                (one, other) => one.or(other),
            }
        };
        match &tree[at] {
            Node::Empty => None,
            Node::Leaf(leaf) => Some(Self::Tabs { panels: leaf.tabs.clone(), front: leaf.active.0 }),
            Node::Horizontal(split) => pair(split.fraction, Self::Beside),
            Node::Vertical(split) => pair(split.fraction, Self::Above),
        }
    }

    /// Every panel in it.
    fn panels(&self) -> Vec<Panel> {
        match self {
            Self::Tabs { panels, .. } => panels.clone(),
            Self::Beside(_, first, second) | Self::Above(_, first, second) => {
                let mut all = first.panels();
                all.extend(second.panels());
                all
            }
        }
    }

    /// A dock in this arrangement; `None` if it is not one: the view is missing, a panel stands twice, or tabs are empty.
    pub fn to_dock(&self) -> Option<DockState<Panel>> {
        let mut panels = self.panels();
        let count = panels.len();
        panels.sort_by_key(|panel| Panel::ALL.iter().position(|p| p == panel));
        panels.dedup();
        if panels.len() != count || !panels.contains(&Panel::View) || !self.is_sound(0) {
            return None;
        }
        let mut dock = DockState::new(self.any_tabs());
        self.build(dock.main_surface_mut(), NodeIndex::root());
        Some(dock)
    }

    fn is_sound(&self, depth: usize) -> bool {
        match self {
            Self::Tabs { panels, .. } => !panels.is_empty(),
            Self::Beside(fraction, first, second) | Self::Above(fraction, first, second) => {
                depth < 6 && (0.02..=0.98).contains(fraction) && first.is_sound(depth + 1) && second.is_sound(depth + 1)
            }
        }
    }

    /// The tabs of the leaf that ends up first.
    fn any_tabs(&self) -> Vec<Panel> {
        match self {
            Self::Tabs { panels, .. } => panels.clone(),
            Self::Beside(_, first, _) | Self::Above(_, first, _) => first.any_tabs(),
        }
    }

    /// Makes the leaf at `at`, which holds [`Self::any_tabs`], this arrangement.
    fn build(&self, tree: &mut Tree<Panel>, at: NodeIndex) {
        match self {
            Self::Tabs { front, panels } => {
                if let Node::Leaf(leaf) = &mut tree[at] {
                    let front = (*front).min(panels.len().saturating_sub(1));
                    leaf.active = egui_dock::TabIndex(front);
                }
            }
            Self::Beside(fraction, first, second) => {
                let [old, new] = tree.split(at, Split::Right, *fraction, Node::leaf_with(second.any_tabs()));
                first.build(tree, old);
                second.build(tree, new);
            }
            Self::Above(fraction, first, second) => {
                let [old, new] = tree.split(at, Split::Below, *fraction, Node::leaf_with(second.any_tabs()));
                first.build(tree, old);
                second.build(tree, new);
            }
        }
    }
}

/// Keeps the width of what stands beside the view when the window's width changes: the view takes or gives the
/// difference, as in other editors.
pub fn keep_side_widths(tree: &mut Tree<Panel>, at: NodeIndex, new_width: f32) {
    if at.0 >= tree.len() {
        return;
    }
    let in_left = has_view(tree, at.left());
    let in_right = has_view(tree, at.right());
    match &mut tree[at] {
        Node::Vertical(_) => {
            keep_side_widths(tree, at.left(), new_width);
            keep_side_widths(tree, at.right(), new_width);
        }
        Node::Horizontal(split) => {
            let old_width = split.rect.width();
            if !old_width.is_finite() || old_width < 1.0 || new_width < 1.0 {
                return;
            }
            let most = 0.3 * new_width;
            if in_left {
                let side = (old_width * (1.0 - split.fraction)).min(most);
                split.fraction = 1.0 - side / new_width;
                keep_side_widths(tree, at.left(), new_width - side);
            } else if in_right {
                let side = (old_width * split.fraction).min(most);
                split.fraction = side / new_width;
                keep_side_widths(tree, at.right(), new_width - side);
            }
        }
        Node::Empty | Node::Leaf(_) => {}
    }
}

fn has_view(tree: &Tree<Panel>, at: NodeIndex) -> bool {
    at.0 < tree.len()
        && match &tree[at] {
            Node::Empty => false,
            Node::Leaf(leaf) => leaf.tabs.contains(&Panel::View),
            Node::Horizontal(_) | Node::Vertical(_) => has_view(tree, at.left()) || has_view(tree, at.right()),
        }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn an_arrangement_comes_back_from_a_dock_and_from_text() {
        let standard = Layout::standard(1440.0);
        let dock = standard.to_dock().unwrap();
        let again = Layout::from_dock(&dock).unwrap();
        assert_eq!(again.panels(), standard.panels());
        let text = ron::to_string(&again).unwrap();
        let read: Layout = ron::from_str(&text).unwrap();
        assert_eq!(Layout::from_dock(&read.to_dock().unwrap()).unwrap(), again);
    }

    #[test]
    fn a_broken_arrangement_is_refused() {
        let tabs = |panels: &[Panel]| Layout::Tabs { panels: panels.to_vec(), front: 7 };
        assert!(tabs(&[Panel::View]).to_dock().is_some());
        assert!(tabs(&[Panel::Parts]).to_dock().is_none(), "without the view");
        assert!(tabs(&[Panel::View, Panel::View]).to_dock().is_none(), "a panel twice");
        let empty = Layout::Beside(0.5, Box::new(tabs(&[Panel::View])), Box::new(tabs(&[])));
        assert!(empty.to_dock().is_none(), "empty tabs");
        let squeezed = Layout::Beside(1.4, Box::new(tabs(&[Panel::View])), Box::new(tabs(&[Panel::Parts])));
        assert!(squeezed.to_dock().is_none(), "no room");
    }
}
