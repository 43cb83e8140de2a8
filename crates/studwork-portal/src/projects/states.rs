//! The states of a project and the one table of ways between them. Who may go a way stands here; what else happens on
//! the way does not.

use std::fmt;
use std::str::FromStr;

/// Where a project is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Uploaded, seen by its creator only.
    Draft,
    /// Waits for a reviewer's first look.
    Submitted,
    /// A reviewer asked for changes.
    ChangesRequested,
    /// Gathers support.
    Gathering,
    /// Reached the count; waits for review.
    Qualified,
    /// Being reviewed.
    InReview,
    /// Will be made.
    Approved,
    /// Will not be made.
    Declined,
    /// Is being made.
    InProduction,
    /// Did not reach the count in time.
    Expired,
    /// Taken back by its creator.
    Withdrawn,
}

/// Who may go a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Who submitted the project.
    Creator,
    /// Reviewers and admins.
    Reviewer,
    /// The portal itself, by count and clock.
    Portal,
}

impl State {
    /// All states, in the order of the way.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Submitted,
        Self::ChangesRequested,
        Self::Gathering,
        Self::Qualified,
        Self::InReview,
        Self::Approved,
        Self::Declined,
        Self::InProduction,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::ChangesRequested => "changes_requested",
            Self::Gathering => "gathering",
            Self::Qualified => "qualified",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::InProduction => "in_production",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Submitted => "Submitted",
            Self::ChangesRequested => "Changes requested",
            Self::Gathering => "Gathering support",
            Self::Qualified => "Qualified",
            Self::InReview => "In review",
            Self::Approved => "Approved",
            Self::Declined => "Declined",
            Self::InProduction => "In production",
            Self::Expired => "Expired",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// Whether everybody may see a project in this state.
    #[must_use]
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Draft | Self::Submitted | Self::ChangesRequested | Self::Withdrawn)
    }

    /// Whether a project in this state may get a new version.
    #[must_use]
    pub fn takes_versions(self) -> bool {
        matches!(self, Self::Draft | Self::Submitted | Self::ChangesRequested | Self::Gathering)
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| format!("`{text}` is no state of a project"))
    }
}

/// The table: who may go from `from` to `to`; empty where nobody may.
#[must_use]
pub fn who_may(from: State, to: State) -> &'static [Who] {
    use State as S;
    use Who::{Creator, Portal, Reviewer};
    match (from, to) {
        (S::Draft, S::Submitted | S::Withdrawn)
        | (S::ChangesRequested, S::Submitted | S::Withdrawn)
        | (S::Submitted | S::Gathering, S::Withdrawn) => &[Creator],
        (S::Submitted, S::Gathering) => &[Reviewer, Portal],
        (S::Submitted, S::ChangesRequested | S::Declined)
        | (S::Qualified, S::InReview)
        | (S::InReview, S::Declined)
        | (S::Approved, S::InProduction) => &[Reviewer],
        (S::Gathering, S::Qualified | S::Expired) | (S::Qualified, S::Approved) => &[Portal],
        (S::InReview, S::Approved) => &[Reviewer, Portal],
        _ => &[],
    }
}

/// Where a project may go from `from` when `who` decides.
#[must_use]
pub fn ways(from: State, who: &[Who]) -> Vec<State> {
    State::ALL.into_iter().filter(|to| who_may(from, *to).iter().any(|allowed| who.contains(allowed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in State::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
    }

    #[test]
    fn the_table_has_the_ways_that_are_documented_and_no_other() {
        let document = include_str!("../../../../docs/portal-api.md");
        let table = document.split("| from | to | who |").nth(1).unwrap_or_default();
        let table = table.split("\n\n").next().unwrap_or_default();
        let mut documented = std::collections::HashSet::new();
        for line in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("|---")) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            for from in cells[0].split(", ") {
                for to in cells[1].split(", ") {
                    documented.insert((from.to_owned(), to.to_owned()));
                }
            }
        }
        let mut real = std::collections::HashSet::new();
        for from in State::ALL {
            for to in State::ALL {
                if !who_may(from, to).is_empty() {
                    real.insert((from.name().to_owned(), to.name().to_owned()));
                }
            }
        }
        assert_eq!(real, documented);
    }

    #[test]
    fn ends_have_no_way_out() {
        for state in [State::Declined, State::InProduction, State::Expired, State::Withdrawn] {
            assert!(ways(state, &[Who::Creator, Who::Reviewer, Who::Portal]).is_empty(), "{state}");
        }
    }
}
