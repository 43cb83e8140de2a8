//! Taking apart and rebuilding: the session changes here, in Commit, since it belongs to the design; the model does not.

use super::action::EditorAction as A;
use super::commit::Editor;
use crate::take_apart::free_way;
use crate::tools::Tool;
use bevy::prelude::*;
use studwork_core::take_apart::{BuildSession, FreePlacement, Phase, Placement, Symmetry};
use studwork_core::{ColorRef, PartId};

/// What Undo calls a piece of the tray that was put where the builder likes.
const BUILD_FREELY: &str = "Build freely";

impl Editor<'_> {
    /// Does what was asked for in the mode.
    pub(super) fn take_apart(&mut self, action: A) {
        match action {
            A::StartTakeApart(session) => self.start(*session),
            A::LeaveTakeApart => {
                self.mode.leave();
                self.tools.choose(Tool::Select);
                self.tools.hint.clear();
            }
            A::ForgetTakeApart => {
                self.mode.leave();
                self.tools.choose(Tool::Select);
                self.keep_session(None);
            }
            A::TakeOff(index) => self.take_off(index),
            A::TakeOffNext => self.session(|session| session.take_next()),
            A::PutBackLast => self.session(|session| session.put_back_last()),
            A::PutBack(index) => self.session(|session| session.put_back(index)),
            A::TakeApartTo(count) => self.session(|session| session.go_to(count)),
            A::Rebuild(back) => {
                self.mode.chosen = None;
                self.mode.playing = false;
                self.tools.choose(Tool::TakeApart);
                self.session(|session| session.phase = if back { Phase::Rebuilding } else { Phase::TakingApart });
                self.tools.hint = match back {
                    true => "Click a heap of the tray, then where its pieces belong".into(),
                    false => "Click a piece to take it off".into(),
                };
            }
            A::PlayTakeApart => self.mode.playing = !self.mode.playing && self.mode.active,
            A::Explode(amount) => self.mode.explode = amount.clamp(0.0, 1.0),
            A::OnlyFreeWays(only) => self.mode.only_free = only,
            A::BuildFreely(freely) => {
                self.mode.freely = freely;
                self.choose_heap(None);
            }
            A::ChooseHeap(heap) => self.choose_heap(heap),
            other => warn!("{other:?} is not about taking apart"),
        }
    }

    /// Begins the mode, or goes on where it was left.
    fn start(&mut self, mut session: BuildSession) {
        self.mode.finding = false;
        session.reconcile(self.document.design());
        self.open_submodel(self.document.design().main());
        self.selection.replace([]);
        self.view.up_to_step = None;
        self.view.hidden.clear();
        self.mode.active = true;
        self.compare.shown = None;
        self.tools.choose(Tool::TakeApart);
        self.tools.hint = "Click a piece to take it off".into();
        self.panels.0.push(A::ShowPanel(super::action::Panel::TakeApart));
        self.keep_session(Some(session));
    }

    fn session<R>(&mut self, change: impl FnOnce(&mut BuildSession) -> R) {
        if !self.mode.active {
            return;
        }
        let Some(mut session) = self.document.design().build_session().cloned() else { return };
        session.elapsed += self.mode.time_since_last();
        // What it did shows in the session itself.
        let _ = change(&mut session);
        self.keep_session(Some(session));
    }

    fn keep_session(&mut self, session: Option<BuildSession>) {
        if self.document.design.build_session() == session.as_ref() {
            return;
        }
        // An order alone is no work: it is found again.
        let idle = |session: Option<&BuildSession>| session.is_none_or(|session| session.taken.is_empty());
        let is_work = !(idle(self.document.design.build_session()) && idle(session.as_ref()));
        if let Some(journal) = self.keep.journal_mut().filter(|_| is_work) {
            journal.record_session(session.clone());
        }
        self.document.design.set_build_session(session);
        if is_work {
            self.document.mark_unsaved();
        }
        self.frame.dirty = true;
    }

    /// Takes a piece off that was clicked, if it can be pulled out.
    fn take_off(&mut self, index: u32) {
        let removal = self.document.design().build_session().and_then(|session| session.order.get(index as usize));
        let Some(removal) = removal else { return };
        let slot = self.mode.slot_of(&removal.path);
        if self.mode.only_free && slot.is_some_and(|slot| free_way(&self.projection, slot, removal.direction).is_none())
        {
            self.tools.hint = "It cannot be pulled out straight yet: something holds or covers it".into();
            return;
        }
        self.session(|session| session.take(index));
        self.tools.hint = "Click a piece to take it off".into();
    }

    /// Takes a piece of a heap of the tray in hand.
    fn choose_heap(&mut self, heap: Option<(PartId, ColorRef)>) {
        self.mode.chosen.clone_from(&heap);
        match heap {
            Some((part, color)) => {
                let content = studwork_core::Content::Part(part);
                let mut hand = crate::tools::Hand::one(content, color);
                hand.follows_brush = false;
                self.take_in_hand(hand);
                self.tools.hint = match self.mode.freely {
                    true => "Put it where you like".into(),
                    false => "Put it where it belongs: the places are shown".into(),
                };
            }
            None => self.tools.choose(Tool::TakeApart),
        }
    }

    /// Puts a piece of the tray where the builder likes: it moves there, and is on.
    fn place_freely(&mut self, mut session: BuildSession, part: &PartId, color: ColorRef, at: studwork_core::Pose) {
        match session.place_freely(self.document.design(), part, color, &at.to_affine()) {
            FreePlacement::On(index, edit) => {
                if self.apply(BUILD_FREELY, edit, None).is_none() {
                    return;
                }
                self.mode.placed_freely.push(index);
                let more = !session.ghosts(self.document.design(), part, color).is_empty();
                self.keep_session(Some(session));
                if !more {
                    self.choose_heap(None);
                }
            }
            FreePlacement::Shared(name) => {
                self.tools.hint = format!("It belongs to “{name}”, which is placed several times: inline that first");
            }
            FreePlacement::NotInTray => self.tools.hint = "None of these lies in the tray".into(),
        }
    }

    /// Undo in the mode: a piece that went elsewhere comes back into the tray, else the last piece off goes back on.
    pub(super) fn undo_in_mode(&mut self) {
        let was_freely = self.document.history.undo_label() == Some(BUILD_FREELY);
        match self.mode.placed_freely.pop().filter(|_| was_freely) {
            Some(index) => {
                self.travel(true);
                self.session(|session| session.take(index));
            }
            None => self.take_apart(A::PutBackLast),
        }
    }

    /// Puts a piece of the tray somewhere: `true` if that was what the click meant.
    pub(super) fn place_from_tray(&mut self, at: studwork_core::Pose) -> bool {
        let Some((part, color)) = self.mode.chosen.clone().filter(|_| self.mode.active) else { return false };
        let Some(mut session) = self.document.design().build_session().cloned() else { return false };
        session.elapsed += self.mode.time_since_last();
        if self.mode.freely {
            self.place_freely(session, &part, color, at);
            return true;
        }
        let design = self.document.design();
        let symmetry = Symmetry::of(&self.parts.0.design_view(design).mesh_or_placeholder(&part));
        match session.place(design, &part, color, &at.to_affine(), &symmetry) {
            Placement::Right(_) => {
                let (off, all) = session.progress();
                self.tools.hint = format!("Right! {} of {all} are on", all - off);
                let more = !session.ghosts(design, &part, color).is_empty();
                self.keep_session(Some(session));
                if !more {
                    self.choose_heap(None);
                }
            }
            Placement::Wrong(_, far) => {
                let studs = crate::panels::widgets::number((far / 20.0 * 10.0).round() / 10.0);
                self.tools.hint = format!("Not there: the nearest place for it is {studs} studs away");
            }
            Placement::NotInTray => self.tools.hint = "None of these lies in the tray".into(),
        }
        true
    }
}
