//! The parts list of a design: how many of which part in which color, submodels spread out.
//!
//! It is kept up to date by the changes of each edit. Within a submodel every part is counted once; the list of the
//! whole is then put together from these counts, which costs the kinds of parts, not the pieces.

use crate::{Change, ColorRef, Content, Design, PartId, PieceId, SubmodelId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One line of a parts list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PartsRow {
    /// The part.
    pub part: PartId,
    /// Its color; still 16 where no piece on the way says another.
    pub color: ColorRef,
    /// How many.
    pub count: u64,
}

/// How often each thing is placed in a submodel.
type Bill = BTreeMap<(Content, ColorRef), u64>;

/// The counts from which parts lists are made.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartsList {
    bills: BTreeMap<SubmodelId, Bill>,
    /// What each piece counts as, to take it back when it changes.
    counted: HashMap<PieceId, (SubmodelId, Content, ColorRef)>,
}

impl PartsList {
    /// Counts all pieces of a design.
    pub fn new(design: &Design) -> Self {
        let mut list = Self::default();
        for piece in design.pieces() {
            list.add(design, piece.id);
        }
        list
    }

    /// Brings the counts up to date after an edit.
    pub fn update(&mut self, design: &Design, changes: &[Change]) {
        for change in changes {
            match change {
                Change::PieceRemoved(id, ..) => self.remove(*id),
                Change::PieceAdded(id) | Change::PieceChanged(id) => {
                    self.remove(*id);
                    self.add(design, *id);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, design: &Design, id: PieceId) {
        let Some((piece, (submodel, _))) = design.piece(id).zip(design.place_of(id)) else { return };
        let key = (piece.content.clone(), piece.color);
        *self.bills.entry(submodel).or_default().entry(key.clone()).or_default() += 1;
        self.counted.insert(id, (submodel, key.0, key.1));
    }

    fn remove(&mut self, id: PieceId) {
        let Some((submodel, content, color)) = self.counted.remove(&id) else { return };
        let Some(bill) = self.bills.get_mut(&submodel) else { return };
        let key = (content, color);
        if let Some(count) = bill.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                bill.remove(&key);
            }
        }
        if bill.is_empty() {
            self.bills.remove(&submodel);
        }
    }

    /// The list of a submodel with all it places, by part and color.
    pub fn rows(&self, submodel: SubmodelId) -> Vec<PartsRow> {
        let mut totals: BTreeMap<(PartId, ColorRef), u64> = BTreeMap::new();
        // How often each submodel comes up in each color, from the outside in.
        let mut times: BTreeMap<(SubmodelId, ColorRef), u64> = BTreeMap::from([((submodel, ColorRef::MAIN), 1)]);
        for id in self.outside_in(submodel) {
            let Some(bill) = self.bills.get(&id) else { continue };
            let every = (id, ColorRef::Code(0))..=(id, ColorRef::Direct { rgb: [255; 3], transparent: true });
            let colors: Vec<(ColorRef, u64)> = times.range(every).map(|((_, color), count)| (*color, *count)).collect();
            for (outer, often) in colors {
                for ((content, own), count) in bill {
                    let color = if *own == ColorRef::MAIN { outer } else { *own };
                    let count = count.saturating_mul(often);
                    let total = match content {
                        Content::Part(part) => totals.entry((part.clone(), color)).or_default(),
                        Content::Submodel(inner) => times.entry((*inner, color)).or_default(),
                    };
                    *total = total.saturating_add(count);
                }
            }
        }
        totals.into_iter().map(|((part, color), count)| PartsRow { part, color, count }).collect()
    }

    /// How many different parts and colors the list of a submodel has, and how many pieces in all.
    pub fn totals(&self, submodel: SubmodelId) -> (usize, u64) {
        let rows = self.rows(submodel);
        (rows.len(), rows.iter().map(|row| row.count).sum())
    }

    /// A submodel and all it places, each before those that it places.
    fn outside_in(&self, submodel: SubmodelId) -> Vec<SubmodelId> {
        let mut done = BTreeSet::new();
        let mut order = Vec::new();
        let mut waiting = vec![(submodel, false)];
        while let Some((id, below_done)) = waiting.pop() {
            if below_done {
                order.push(id);
            } else if done.insert(id) {
                waiting.push((id, true));
                let placed = self.bills.get(&id).into_iter().flatten().filter_map(|((content, _), _)| match content {
                    Content::Submodel(inner) => Some((*inner, false)),
                    Content::Part(_) => None,
                });
                waiting.extend(placed);
            }
        }
        order.reverse();
        order
    }
}
