//! Talks to a co-creation portal: sign in, browse, download, take part, submit.
//!
//! All of it blocks; [`Worker`] runs it on threads of its own and tells a window what happened through a channel.
//! Nothing here knows a user interface or draws. `docs/portal-api.md` describes the protocol.

mod address;
mod error;
mod http;
mod model;
mod outbox;
mod portal;
mod secret;
mod sign_in;
mod tokens;
mod upload;
mod worker;

pub use address::PortalAddress;
pub use error::{ClientError, Problem};
pub use model::{
    Account, Ancestor, Card, Change, CreatorName, Engagement, Lineage, Milestone, PackageFile, Page, PartRow,
    PortalInfo, PortalPolicy, Project, ProjectCreator, Sort, SupportPolicy, Supported, Version, You,
};
pub use outbox::{Job, JobId, JobState, NewJob, Outbox, OutboxError};
pub use portal::{Download, Portal, ProjectQuery, lineage_of};
pub use sign_in::{BrowserSignIn, DeviceSignIn, Token};
pub use tokens::{SavedIn, TokenError, TokenStore};
pub use upload::{Progress, Stop, UploadSession, UploadTarget};
pub use worker::{Answer, Event, Request, RequestId, Worker, WorkerFolders};
