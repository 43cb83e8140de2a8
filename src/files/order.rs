//! The order in which a model comes apart, found on a thread: for taking apart, and for building steps.

use super::{Desk, Finished};
use crate::document::Act;
use crate::document::action::{EditorAction as A, Panel};
use studwork_core::take_apart::{BuildSession, Removal, removal_order, steps_from_order};

impl Desk<'_> {
    /// Begins to take apart, goes on, or leaves.
    pub(super) fn take_apart(&mut self) {
        if self.mode.active {
            self.acts.write(Act(A::LeaveTakeApart));
            return;
        }
        if let Some(session) = self.document.design().build_session() {
            self.acts.write(Act(A::StartTakeApart(Box::new(session.clone()))));
            return;
        }
        self.panels.0.push(A::ShowPanel(Panel::TakeApart));
        if std::mem::replace(&mut self.mode.finding, true) {
            return;
        }
        self.find_order("Finding the order", |desk, order| {
            desk.mode.finding = false;
            if let Some(order) = order {
                desk.acts.write(Act(A::StartTakeApart(Box::new(BuildSession::new(order)))));
            }
        });
    }

    /// Makes building steps from the order.
    pub(super) fn make_steps(&mut self, most: usize) {
        let generation = self.document.generation();
        self.find_order("Making building steps", move |desk, order| {
            let Some(order) = order else { return };
            if desk.document.generation() != generation {
                desk.notices.warning("The design has changed meanwhile: make the steps again", Vec::new());
                return;
            }
            match steps_from_order(desk.document.design(), &order, most) {
                Some(edit) => {
                    desk.acts.write(Act(A::Edit(edit)));
                    desk.notices.info("Made building steps; Undo takes them back");
                }
                None => desk.notices.info("Every submodel has its steps already"),
            }
        });
    }

    fn find_order(&mut self, label: &str, then: impl FnOnce(&mut Desk<'_>, Option<Vec<Removal>>) + Send + 'static) {
        let progress = self.job(label.to_owned());
        let (design, catalog) = (self.document.design().clone(), self.parts.0.clone());
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let order = removal_order(&design, &catalog, &mut |done, all| {
                shared.set(done as u64, all as u64);
                !shared.is_canceled()
            });
            Finished::then(move |desk| then(desk, order))
        });
    }
}
