//! Everything that is true of a design at all times, checked from scratch.

use crate::apply::{MAX_DEPTH, MAX_PIECES};
use crate::design::name_key;
use crate::{Content, Design, PieceId, StepId, StepItem, SubmodelId};
use std::collections::{BTreeMap, BTreeSet};
use studwork_ldraw::Line;

impl Design {
    /// What is wrong, a sentence each; empty when every invariant holds, as it does after every edit.
    pub fn validate(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        self.check_submodels(&mut wrong);
        self.check_pieces(&mut wrong);
        self.check_groups(&mut wrong);
        self.check_counters(&mut wrong);
        if let Some(loop_) = self.find_loop() {
            wrong.push(format!("submodels hold each other: {}", loop_.join(" → ")));
        } else {
            let mut known = BTreeMap::new();
            for &id in &self.order {
                let (depth, _) = self.measure(id, &mut known);
                if depth > MAX_DEPTH + 1 {
                    wrong.push(format!("{id} is nested {depth} deep"));
                }
            }
            if self.slots.len() as u64 > MAX_PIECES {
                wrong.push(format!("{} pieces are too many", self.slots.len()));
            }
        }
        wrong
    }

    fn check_submodels(&self, wrong: &mut Vec<String>) {
        if self.order.is_empty() {
            wrong.push("there is no main submodel".to_owned());
        }
        let listed: BTreeSet<SubmodelId> = self.order.iter().copied().collect();
        if listed.len() != self.order.len() || !listed.iter().eq(self.shelves.keys()) {
            wrong.push("the order of submodels does not name each of them once".to_owned());
        }
        let mut names = BTreeSet::new();
        let mut steps = BTreeSet::new();
        for (&id, shelf) in &self.shelves {
            let submodel = &shelf.submodel;
            if submodel.id != id {
                wrong.push(format!("{id} says it is {}", submodel.id));
            }
            if name_key(&submodel.name).is_empty() || !names.insert(name_key(&submodel.name)) {
                wrong.push(format!("{id}: the name {:?} is empty or taken", submodel.name));
            }
            if submodel.steps.is_empty() {
                wrong.push(format!("{id} has no step"));
            }
            let (mut parts, mut placements) = (0, BTreeSet::new());
            for (index, step) in submodel.steps.iter().enumerate() {
                self.check_step(id, step.id, index, wrong);
                if !steps.insert(step.id) {
                    wrong.push(format!("{} stands in two places", step.id));
                }
                for piece in step.pieces().filter_map(|piece| self.piece(piece)) {
                    match piece.content {
                        Content::Part(_) => parts += 1,
                        Content::Submodel(_) => drop(placements.insert(piece.id)),
                    }
                }
            }
            if parts != shelf.parts || placements != shelf.placements {
                wrong.push(format!("{id}: its count of pieces is wrong"));
            }
            let placed = |piece: &&crate::Piece| piece.content == Content::Submodel(id);
            let occurrences: BTreeSet<PieceId> = self.pieces().filter(placed).map(|piece| piece.id).collect();
            if occurrences != shelf.occurrences {
                wrong.push(format!("{id}: its occurrences are wrong"));
            }
        }
        if !steps.iter().eq(self.steps.keys()) {
            wrong.push("the index of steps does not name each of them once".to_owned());
        }
    }

    fn check_step(&self, submodel: SubmodelId, step: StepId, index: usize, wrong: &mut Vec<String>) {
        if self.place_of_step(step) != Some((submodel, index)) {
            wrong.push(format!("{step} is not found where it stands"));
        }
        for item in self.step(step).map_or(&[][..], |step| &step.items) {
            match item {
                StepItem::Piece(id) => match self.slots.get(id) {
                    None => wrong.push(format!("{step} names {id}, which is not there")),
                    Some(slot) if slot.step != step => wrong.push(format!("{id} stands in {step} and {}", slot.step)),
                    Some(_) => {}
                },
                StepItem::Line(line) if matches!(**line, Line::Reference(_)) => {
                    wrong.push(format!("{step} holds a reference as a line"));
                }
                StepItem::Line(_) => {}
            }
        }
    }

    fn check_pieces(&self, wrong: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        for id in self.submodels().flat_map(|submodel| &submodel.steps).flat_map(|step| step.pieces()) {
            if !seen.insert(id) {
                wrong.push(format!("{id} stands in two places"));
            }
        }
        for (&id, slot) in &self.slots {
            if slot.piece.id != id {
                wrong.push(format!("{id} says it is {}", slot.piece.id));
            }
            if !seen.contains(&id) {
                wrong.push(format!("{id} stands in no step"));
            }
            match self.place_of(id) {
                Some((submodel, _)) => {
                    if let Err(error) = self.check_piece(&slot.piece, submodel) {
                        wrong.push(format!("{id}: {error}"));
                    }
                }
                None => wrong.push(format!("{id} stands nowhere")),
            }
        }
    }

    fn check_groups(&self, wrong: &mut Vec<String>) {
        let mut members: BTreeMap<_, BTreeSet<PieceId>> = BTreeMap::new();
        for piece in self.pieces() {
            if let Some(group) = piece.group {
                members.entry(group).or_default().insert(piece.id);
            }
        }
        for (&id, slot) in &self.groups {
            if members.remove(&id).unwrap_or_default() != slot.pieces {
                wrong.push(format!("{id}: its pieces are wrong"));
            }
            let children = self.groups().filter(|child| child.parent == Some(id)).map(|child| child.id);
            if !children.eq(slot.children.iter().copied()) {
                wrong.push(format!("{id}: the groups in it are wrong"));
            }
            if slot.pieces.is_empty() && slot.children.is_empty() {
                wrong.push(format!("{id} is empty"));
            }
            let mut above = slot.group.parent;
            for _ in 0..=self.groups.len() {
                above = above.and_then(|id| self.group(id)).and_then(|group| group.parent);
            }
            if above.is_some() {
                wrong.push(format!("{id} holds itself"));
            }
        }
        wrong.extend(members.keys().map(|id| format!("{id} has pieces, but is not there")));
    }

    fn check_counters(&self, wrong: &mut Vec<String>) {
        let last = [
            self.slots.last_key_value().map_or(0, |(id, _)| id.0),
            self.shelves.last_key_value().map_or(0, |(id, _)| id.0),
            self.steps.last_key_value().map_or(0, |(id, _)| id.0),
            self.groups.last_key_value().map_or(0, |(id, _)| id.0),
        ];
        let [next, unused] = [self.next, self.unused].map(|c| [c.piece, c.submodel, c.step, c.group]);
        for ((last, next), unused) in last.into_iter().zip(next).zip(unused) {
            if last >= next || next > unused {
                wrong.push(format!(
                    "the number {last} is in use, {next} is saved as next, {unused} is the next to give"
                ));
            }
        }
    }

    /// The names of submodels that hold each other, from one back to itself.
    pub(crate) fn find_loop(&self) -> Option<Vec<String>> {
        let placed = |id: SubmodelId| {
            let placements = self.shelf(id).into_iter().flat_map(|shelf| &shelf.placements);
            placements.filter_map(|&piece| match self.piece(piece)?.content {
                Content::Submodel(inner) => Some(inner),
                Content::Part(_) => None,
            })
        };
        let mut safe = BTreeSet::new();
        for &start in &self.order {
            if safe.contains(&start) {
                continue;
            }
            // Each entry is a submodel on the way down with those it places and that are still to be looked into.
            let mut way: Vec<(SubmodelId, Vec<SubmodelId>)> = vec![(start, placed(start).collect())];
            let mut on_way = BTreeSet::from([start]);
            while let Some((id, rest)) = way.last_mut() {
                match rest.pop() {
                    Some(inner) if on_way.contains(&inner) => {
                        let from = way.iter().position(|(id, _)| *id == inner).unwrap_or_default();
                        let ids = way[from..].iter().map(|(id, _)| *id).chain([inner]);
                        return Some(ids.filter_map(|id| Some(self.submodel(id)?.name.clone())).collect());
                    }
                    Some(inner) if safe.contains(&inner) => {}
                    Some(inner) => {
                        on_way.insert(inner);
                        let below = placed(inner).collect();
                        way.push((inner, below));
                    }
                    None => {
                        on_way.remove(id);
                        safe.insert(*id);
                        way.pop();
                    }
                }
            }
        }
        None
    }
}
