//! Which pieces hang together with the selected ones.

use crate::projection::Projection;
use std::collections::BTreeSet;
use studwork_core::PieceId;
use studwork_core::connect::joints_between;

/// The pieces that are joined with `start`, directly or through others, with `start` itself.
pub fn connected(projection: &Projection, start: impl IntoIterator<Item = PieceId>) -> Vec<PieceId> {
    let mut found: BTreeSet<PieceId> = start.into_iter().collect();
    let mut waiting: Vec<PieceId> = found.iter().copied().collect();
    while let Some(piece) = waiting.pop() {
        for &slot in projection.slots_of(piece) {
            let Some(one) = projection.space.get(slot) else { continue };
            for key in projection.space.keys_in(one.bounds.grown(1.0)) {
                let (Some(root), Some(other)) = (projection.root_of(key), projection.space.get(key)) else { continue };
                if !found.contains(&root)
                    && !joints_between(&one.body, &other.body, &(one.inverse * other.transform)).is_empty()
                {
                    found.insert(root);
                    waiting.push(root);
                }
            }
        }
    }
    found.into_iter().collect()
}
