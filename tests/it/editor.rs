//! The editor without a window: actions go in, the design and the projection come out.

use bevy::prelude::*;
use studwork::StudworkPlugin;
use studwork::document::action::EditorAction;
use studwork::document::{Act, Document, Selection};
use studwork::feedback::{Jobs, Notices, OpenDialog};
use studwork::files::Background;
use studwork::projection::{Parts, Projection};
use studwork::tools::ToolState;
use studwork::viewport::ViewState;
use studwork_core::{ColorRef, Design, Edit, NewPiece, PieceId, Pose};

/// An editor without a window.
pub struct Editor {
    pub app: App,
}

impl Editor {
    /// An empty design and the built-in parts.
    pub fn new() -> Self {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, StudworkPlugin));
        app.world_mut().resource_mut::<Background>().own_dialogs = true;
        app.update();
        Self { app }
    }

    /// Takes an action and checks everything that must always hold.
    pub fn act(&mut self, action: EditorAction) {
        let told = format!("{action:?}");
        self.app.world_mut().write_message(Act(action));
        self.app.update();
        self.sweep(&told);
    }

    /// Lets threads finish.
    pub fn wait(&mut self) {
        self.wait_quietly();
        self.sweep("waiting");
    }

    /// Lets threads finish, without a look at what must hold.
    pub fn wait_quietly(&mut self) {
        for _ in 0..2000 {
            self.app.update();
            let busy = !self.get::<Jobs>().running.is_empty() || self.get::<Background>().library_pending;
            if !busy {
                self.app.update();
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("work in the background did not end");
    }

    /// Every invariant of the editor.
    pub fn sweep(&self, after: &str) {
        let document = self.get::<Document>();
        let problems = document.design().validate();
        assert!(problems.is_empty(), "after {after}: {problems:?}");
        let mut fresh = Projection::new(self.get::<Parts>());
        fresh.rebuild(document, &mut Vec::new());
        assert_eq!(
            self.get::<Projection>().listing(),
            fresh.listing(),
            "after {after}: the projection is not the design"
        );
        for piece in self.get::<Selection>().iter() {
            let place = document.design().place_of(piece).map(|(submodel, _)| submodel);
            assert_eq!(
                place,
                Some(document.active()),
                "after {after}: {piece} is selected but not in the open submodel"
            );
        }
    }

    pub fn get<R: Resource>(&self) -> &R {
        self.app.world().resource::<R>()
    }

    pub fn design(&self) -> &Design {
        self.get::<Document>().design()
    }

    pub fn ron(&self) -> String {
        studwork_core::to_ron(self.design())
    }

    pub fn pieces(&self) -> Vec<PieceId> {
        self.design().pieces_in(self.get::<Document>().active()).map(|piece| piece.id).collect()
    }

    pub fn selected(&self) -> Vec<PieceId> {
        self.get::<Selection>().to_vec()
    }

    pub fn add(&mut self, part: &str, color: u32, at: Vec3) -> PieceId {
        let submodel = self.get::<Document>().active();
        let pieces = vec![NewPiece::part(part, ColorRef::Code(color), Pose::at(at))];
        self.act(EditorAction::Edit(Edit::AddPieces { submodel, step: None, pieces }));
        self.pieces()[self.pieces().len() - 1]
    }

    pub fn errors(&self) -> Vec<String> {
        self.get::<Notices>().shown.iter().map(|notice| notice.text.clone()).collect()
    }

    pub fn dialog(&self) -> Option<studwork::feedback::Dialog> {
        self.get::<OpenDialog>().0.clone()
    }

    pub fn tools(&self) -> &ToolState {
        self.get::<ToolState>()
    }

    pub fn view(&self) -> &ViewState {
        self.get::<ViewState>()
    }
}
