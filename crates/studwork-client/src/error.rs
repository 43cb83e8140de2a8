//! What can go wrong between here and a portal, each with what to do about it.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use studwork_core::package::{Finding, Severity};

/// What a portal answers when it refuses (RFC 9457).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// For programs; its meaning is fixed by the protocol.
    pub code: String,
    /// For people, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For people, about this case.
    pub detail: String,
    /// What the rules found, when a package is refused.
    pub findings: Vec<Finding>,
}

/// Why something did not work. The text says what was wrong, [`ClientError::advice`] what to do.
#[derive(Clone, PartialEq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientError {
    /// An address that cannot be that of a portal.
    #[error("{address:?} is not the address of a portal: {why}")]
    BadAddress {
        /// As it was typed.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// The portal cannot be reached.
    #[error("{portal} cannot be reached: {cause}")]
    Offline {
        /// Its address.
        portal: String,
        /// What the network says.
        cause: String,
    },
    /// What answers there is no portal, or one of another make.
    #[error("the portal answered something unexpected: {what}")]
    Protocol {
        /// What was unexpected.
        what: String,
    },
    /// Nobody is signed in, or no longer.
    #[error("you are not signed in: {why}")]
    SignInNeeded {
        /// Why.
        why: String,
    },
    /// The sign-in did not come to its end.
    #[error("the sign-in failed: {why}")]
    SignInFailed {
        /// Why.
        why: String,
    },
    /// The portal's rules found errors in the package.
    #[error("the portal refuses the package: {}", first_of(findings))]
    PackageRefused {
        /// All that was found.
        findings: Vec<Finding>,
    },
    /// The portal has too much to do.
    #[error("the portal has too much to do just now")]
    Busy {
        /// When to ask again.
        retry_after: Option<Duration>,
    },
    /// The portal refuses.
    #[error("{}", words_of(.0))]
    Refused(Problem),
    /// What came is not what was announced.
    #[error("{what} was damaged on its way")]
    Damaged {
        /// What was loaded.
        what: String,
    },
    /// The file to send is not the one that was put into the outbox.
    #[error("the file to send cannot be used: {why}")]
    File {
        /// Why.
        why: String,
    },
    /// The answer is larger than such an answer may be.
    #[error("the portal sends more than {limit} bytes for {what}")]
    TooLarge {
        /// What was loaded.
        what: String,
        /// Bytes.
        limit: u64,
    },
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}

impl ClientError {
    /// Whether the same may work later by itself.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Offline { .. } | Self::Busy { .. } | Self::Damaged { .. } => true,
            Self::Refused(problem) => problem.status >= 500 || problem.code == "in_flight",
            _ => false,
        }
    }

    /// What to do about it, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::BadAddress { .. } => "Type the address as your portal gives it, such as https://portal.example.".into(),
            Self::Offline { .. } => {
                "Check that you are online and that the address is right. What waits in the outbox goes out by itself later."
                    .into()
            }
            Self::Protocol { .. } => {
                "Check the address. If it is right, portal and program may be of different versions: update Studwork.".into()
            }
            Self::SignInNeeded { .. } => "Sign in and try again.".into(),
            Self::SignInFailed { .. } => "Start the sign-in again.".into(),
            Self::PackageRefused { findings } => match errors(findings).next() {
                Some(finding) => format!("{} Then pack and submit again.", finding.advice),
                None => "Mend what the portal names, then pack and submit again.".into(),
            },
            Self::Busy { retry_after: Some(wait) } => format!("Try again in {} seconds.", wait.as_secs().max(1)),
            Self::Busy { retry_after: None } => "Try again in a minute.".into(),
            Self::Refused(problem) => advice_for(problem).into(),
            Self::Damaged { .. } => "Load it again.".into(),
            Self::File { .. } => "Pack the design again and submit the new file.".into(),
            Self::TooLarge { .. } => "Tell the people who run the portal.".into(),
            Self::Stopped => "Start it again when you want to go on.".into(),
        }
    }

    /// What the portal answered, if it refused.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether the portal answered with this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.problem().is_some_and(|problem| problem.code == code)
    }
}

fn errors(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error)
}

fn first_of(findings: &[Finding]) -> String {
    let count = errors(findings).count();
    match errors(findings).next() {
        None => "it does not say why".to_owned(),
        Some(first) if count == 1 => first.message.clone(),
        Some(first) => format!("{} (and {} more)", first.message, count - 1),
    }
}

fn words_of(problem: &Problem) -> String {
    match (problem.title.as_str(), problem.detail.as_str()) {
        ("", "") => format!("the portal refuses (status {})", problem.status),
        (title, "") => format!("the portal refuses: {title}"),
        ("", detail) => format!("the portal refuses: {detail}"),
        (title, detail) => format!("the portal refuses: {title}: {detail}"),
    }
}

fn advice_for(problem: &Problem) -> &'static str {
    match problem.code.as_str() {
        "own_project" => "Ask others to support your project.",
        "support_closed" => "The project gathers no support at the moment; follow it to see how it goes on.",
        "not_found" => "It may have been taken away; look for it in the list.",
        "forbidden" => "Sign in with the account that may do this.",
        "too_large" => "Use smaller or fewer pictures, pack again and submit the new file.",
        "stale" | "transition_not_allowed" => "The project has changed meanwhile: load it again.",
        "upload_finished" | "idempotency_mismatch" => "It was sent already: look at your projects.",
        _ if problem.status >= 500 => "The portal has a fault; try again later.",
        _ => "Mend what the portal names and try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_was_wrong_and_what_to_do() {
        let problem = Problem {
            code: "own_project".to_owned(),
            title: "This is your own project".to_owned(),
            status: 409,
            ..Problem::default()
        };
        let error = ClientError::Refused(problem);
        assert_eq!(error.to_string(), "the portal refuses: This is your own project");
        assert!(error.advice().contains("others") && !error.is_temporary());
        let error = ClientError::Offline { portal: "https://p".to_owned(), cause: "no route".to_owned() };
        assert!(error.is_temporary() && error.to_string().contains("https://p"));
        assert!(ClientError::Refused(Problem { status: 502, ..Problem::default() }).is_temporary());
    }
}
