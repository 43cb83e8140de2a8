//! Whether what is left holds together when a piece goes: asked for one piece at a time while pieces go.

use crate::connect::ConnectionGraph;

/// The pieces that are left, and who grips whom. Keys are 0 to the number of pieces.
pub struct Hold {
    partners: Vec<Vec<u32>>,
    there: Vec<bool>,
    /// Marks of the last search: which search and which front reached a piece.
    marks: Vec<(u32, u32)>,
    search: u32,
}

impl Hold {
    /// All pieces are there.
    pub fn new(graph: &ConnectionGraph, count: usize) -> Self {
        let partners = (0..count as u32).map(|key| graph.partners(key).collect()).collect();
        Self { partners, there: vec![true; count], marks: vec![(0, 0); count], search: 0 }
    }

    /// Whether a piece is still there.
    pub fn has(&self, key: u32) -> bool {
        self.there[key as usize]
    }

    /// The pieces that grip one and are still there.
    pub fn partners(&self, key: u32) -> impl Iterator<Item = u32> {
        self.partners[key as usize].iter().copied().filter(|&partner| self.has(partner))
    }

    /// A piece goes.
    pub fn remove(&mut self, key: u32) {
        self.there[key as usize] = false;
    }

    /// How many pieces would come loose from the largest rest of their island if a piece went (about, when it is many);
    /// 0 when what is left holds together as before. Costs what the smaller parts have.
    pub fn loosened_by(&mut self, key: u32) -> usize {
        let starts: Vec<u32> = self.partners(key).collect();
        if starts.len() < 2 {
            return 0;
        }
        self.search += 1;
        let search = self.search;
        self.marks[key as usize] = (search, u32::MAX);
        // A front from each partner, all at the same pace: those that meet are one, one that ends is loose.
        let mut fronts: Vec<Vec<u32>> = Vec::new();
        let mut root: Vec<usize> = (0..starts.len()).collect();
        let mut size = vec![1_usize; starts.len()];
        for (front, &start) in starts.iter().enumerate() {
            self.marks[start as usize] = (search, front as u32);
            fronts.push(vec![start]);
        }
        let find = |root: &[usize], mut front: usize| {
            while root[front] != front {
                front = root[front];
            }
            front
        };
        let mut alive = starts.len();
        let mut loose = 0;
        while alive > 1 {
            for front in 0..fronts.len() {
                if root[front] != front {
                    continue;
                }
                let Some(next) = fronts[front].pop() else {
                    // Nothing left to go to: this part is on its own.
                    if size[front] > 0 {
                        loose += size[front];
                        size[front] = 0;
                        alive -= 1;
                    }
                    if alive <= 1 {
                        break;
                    }
                    continue;
                };
                for index in 0..self.partners[next as usize].len() {
                    let partner = self.partners[next as usize][index];
                    if !self.there[partner as usize] || partner == key {
                        continue;
                    }
                    let (seen, by) = self.marks[partner as usize];
                    if seen != search {
                        self.marks[partner as usize] = (search, front as u32);
                        size[front] += 1;
                        fronts[front].push(partner);
                        continue;
                    }
                    let other = find(&root, by as usize);
                    if other != front {
                        let waiting = std::mem::take(&mut fronts[other]);
                        fronts[front].extend(waiting);
                        size[front] += std::mem::take(&mut size[other]);
                        root[other] = front;
                        alive -= 1;
                    }
                }
            }
        }
        loose
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;
    use std::collections::BTreeSet;

    fn hold(count: usize, links: &[(u32, u32)]) -> Hold {
        let mut partners = vec![Vec::new(); count];
        for &(a, b) in links {
            partners[a as usize].push(b);
            partners[b as usize].push(a);
        }
        Hold { partners, there: vec![true; count], marks: vec![(0, 0); count], search: 0 }
    }

    /// How many parts the island around a piece falls into without it.
    fn parts_without(hold: &Hold, key: u32) -> usize {
        let mut seen = BTreeSet::from([key]);
        let mut parts = 0;
        for start in hold.partners(key) {
            if seen.insert(start) {
                parts += 1;
                let mut open = vec![start];
                while let Some(next) = open.pop() {
                    open.extend(hold.partners(next).filter(|partner| seen.insert(*partner)));
                }
            }
        }
        parts
    }

    #[test]
    fn the_middle_of_a_chain_holds_its_ends() {
        let mut chain = hold(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        assert_eq!((0..5).map(|key| chain.loosened_by(key)).collect::<Vec<_>>(), [0, 1, 2, 1, 0]);
        let mut ring = hold(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]);
        assert_eq!(ring.loosened_by(2), 0);
        ring.remove(0);
        assert_eq!(ring.loosened_by(2), 1);
    }

    #[test]
    fn random_models_fall_apart_where_a_full_search_says_so() {
        let mut rng = Rng::new(3);
        for _ in 0..300 {
            let count = 2 + rng.below(30);
            let links: BTreeSet<(u32, u32)> = (0..rng.below(2 * count))
                .map(|_| (rng.below(count) as u32, rng.below(count) as u32))
                .filter(|(a, b)| a < b)
                .collect();
            let mut model = hold(count, &links.into_iter().collect::<Vec<_>>());
            for _ in 0..count {
                let key = rng.below(count) as u32;
                if !model.has(key) {
                    continue;
                }
                let expected = parts_without(&model, key) > 1;
                assert_eq!(model.loosened_by(key) > 0, expected);
                if rng.one_in(3) {
                    model.remove(key);
                }
            }
        }
    }
}
