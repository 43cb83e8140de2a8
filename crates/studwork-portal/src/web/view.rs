//! What pages say about projects, as texts that templates only have to place.

use crate::api::shape::media_url;
use crate::clock::{DAY, SECOND};
use crate::projects::{Listing, State};

/// A project as a card.
#[derive(Debug)]
pub struct CardView {
    /// Its page.
    pub url: String,
    /// Its picture.
    pub cover: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Who submitted it.
    pub creator: String,
    /// Their page.
    pub creator_url: String,
    /// Its state.
    pub support: SupportView,
    /// `1,204 pieces`.
    pub pieces: String,
}

/// How a project's support stands.
#[derive(Debug)]
pub struct SupportView {
    /// The state's name.
    pub state: &'static str,
    /// The state for people.
    pub label: &'static str,
    /// How many.
    pub supports: i64,
    /// The same, with separators.
    pub count: String,
    /// How many it needs.
    pub goal: i64,
    /// The same, with separators.
    pub goal_text: String,
    /// `212 days left`, or empty.
    pub left: String,
    /// Whether it gathers.
    pub open: bool,
}

impl SupportView {
    /// How support stands at `now`.
    #[must_use]
    pub fn new(state: State, supports: i64, goal: i64, deadline: Option<i64>, now: i64) -> Self {
        let open = state == State::Gathering;
        Self {
            state: state.name(),
            label: state.label(),
            supports: supports.min(goal),
            count: grouped(supports),
            goal,
            goal_text: grouped(goal),
            left: deadline.filter(|_| open).map(|deadline| left(deadline - now)).unwrap_or_default(),
            open,
        }
    }
}

/// `212 days left` for milliseconds.
fn left(millis: i64) -> String {
    let (count, unit) = match millis {
        ..=0 => return "time is up".into(),
        // Begun days count: a window of 365 days does not look like one of 364 a moment later.
        millis if millis >= 2 * DAY => ((millis + DAY - 1) / DAY, "day"),
        millis if millis >= 2 * 3_600 * SECOND => (millis / (3_600 * SECOND), "hour"),
        millis => ((millis / (60 * SECOND)).max(1), "minute"),
    };
    format!("{} {unit}{} left", grouped(count), if count == 1 { "" } else { "s" })
}

/// `12,345`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    if number < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1.4 MB`.
#[must_use]
pub fn bytes_text(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Listings as cards.
#[must_use]
pub fn cards(listings: Vec<Listing>, goal: i64, now: i64) -> Vec<CardView> {
    listings
        .into_iter()
        .map(|listing| CardView {
            url: format!("/projects/{}", listing.id),
            cover: media_url(&listing.media.card),
            creator_url: format!("/creators/{}", listing.creator),
            support: SupportView::new(listing.state, listing.supports, goal, listing.deadline_at, now),
            pieces: format!("{} pieces", grouped(listing.pieces)),
            title: listing.title,
            summary: listing.summary,
            creator: listing.creator_name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(-1_000), "−1,000");
        assert_eq!(bytes_text(1_450_000), "1.4 MB");
        assert_eq!(left(365 * DAY), "365 days left");
        assert_eq!(left(3 * 3_600 * SECOND), "3 hours left");
        assert_eq!(left(90 * SECOND), "1 minute left");
        assert_eq!(left(0), "time is up");
    }
}
