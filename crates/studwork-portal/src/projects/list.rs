//! Lists of projects: filters, orders, pages by cursor. A cursor holds the sorted value and the id of the last row, so
//! that a page costs the same wherever it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{FromQueryResult, Value};

use super::{Media, State};
use crate::db::{like_escaped, rows};
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The most supported first.
    Supports,
    /// The most support of late first.
    Rising,
}

/// Which projects, in which order, from where.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words in title, summary, tags or creator's name; all must be there.
    pub words: String,
    /// A tag.
    pub tag: Option<String>,
    /// A state.
    pub state: Option<State>,
    /// At least so many pieces.
    pub min_pieces: Option<i64>,
    /// At most so many pieces.
    pub max_pieces: Option<i64>,
    /// The account that submitted them.
    pub creator: Option<String>,
    /// Copies of this project.
    pub parent: Option<String>,
    /// The order.
    pub sort: Sort,
    /// From where.
    pub cursor: Option<String>,
    /// How many, 1 to 100.
    pub limit: usize,
    /// Also those that only their creator sees: only ever with `creator` set to who asks.
    pub own: bool,
}

/// A project in a list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// The account that submitted it.
    pub creator: String,
    /// Its name.
    pub creator_name: String,
    /// Where it is on its way.
    pub state: State,
    /// How many support it.
    pub supports: i64,
    /// When it must have the next count, milliseconds.
    pub deadline_at: Option<i64>,
    /// How many pieces.
    pub pieces: i64,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// SPDX.
    pub license: String,
    /// Pictures.
    pub media: Media,
    /// Milliseconds.
    pub created_at: i64,
    /// The newest version.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct Raw {
    id: String,
    title: String,
    summary: String,
    creator: String,
    creator_name: String,
    state: String,
    supports: i64,
    deadline_at: Option<i64>,
    pieces: i64,
    tags: String,
    license: String,
    media: String,
    created_at: i64,
    version: i64,
    rising: f64,
    joined_at: i64,
}

const COLUMNS: &str = "p.id, p.title, p.summary, p.creator, a.name AS creator_name, p.state, p.supports, p.deadline_at, \
     p.pieces, p.tags, p.license, p.media, p.created_at, p.version, p.rising";

impl TryFrom<Raw> for Listing {
    type Error = Problem;

    fn try_from(raw: Raw) -> Answer<Self> {
        Ok(Self {
            state: raw.state.parse().map_err(|error: String| Problem::internal(anyhow::anyhow!(error)))?,
            tags: serde_json::from_str(&raw.tags)?,
            media: serde_json::from_str(&raw.media)?,
            id: raw.id,
            title: raw.title,
            summary: raw.summary,
            creator: raw.creator,
            creator_name: raw.creator_name,
            supports: raw.supports,
            deadline_at: raw.deadline_at,
            pieces: raw.pieces,
            license: raw.license,
            created_at: raw.created_at,
            version: raw.version,
        })
    }
}

enum Key {
    Whole(i64),
    Real(f64),
}

impl Key {
    fn value(&self) -> Value {
        match self {
            Self::Whole(whole) => Value::from(*whole),
            Self::Real(real) => Value::from(*real),
        }
    }

    /// Reals travel as their bits, so that they come back as they were.
    fn write(&self, id: &str) -> String {
        let text = match self {
            Self::Whole(whole) => format!("i{whole}/{id}"),
            Self::Real(real) => format!("r{:x}/{id}", real.to_bits()),
        };
        URL_SAFE_NO_PAD.encode(text)
    }

    fn read(cursor: &str, real: bool) -> Answer<(Self, String)> {
        let wrong = || Problem::bad_request("cursor: it does not belong to this list.");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (key, id) = text.split_once('/').ok_or_else(wrong)?;
        if id.len() > 64 || id.contains('\0') {
            return Err(wrong());
        }
        let key = match (key.strip_prefix('i'), key.strip_prefix('r')) {
            (Some(whole), _) if !real => Self::Whole(whole.parse().map_err(|_| wrong())?),
            (_, Some(bits)) if real => {
                let value = f64::from_bits(u64::from_str_radix(bits, 16).map_err(|_| wrong())?);
                if !value.is_finite() {
                    return Err(wrong());
                }
                Self::Real(value)
            }
            _ => return Err(wrong()),
        };
        Ok((key, id.to_owned()))
    }
}

/// Conditions and their parameters.
#[derive(Default)]
struct Where {
    sql: String,
    params: Vec<Value>,
}

impl Where {
    /// Adds a condition; every `?` stands for the next value.
    fn and(&mut self, condition: &str, values: Vec<Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        let mut values = values.into_iter();
        for letter in condition.chars() {
            if letter == '?' {
                self.params.extend(values.next());
                self.sql.push('$');
                self.sql.push_str(&self.params.len().to_string());
            } else {
                self.sql.push(letter);
            }
        }
    }
}

fn conditions(filter: &Filter) -> Where {
    let mut conditions = Where::default();
    if filter.own {
        conditions.and("p.deleted_at IS NULL", vec![]);
    } else {
        conditions.and("p.listed = 1", vec![]);
    }
    for word in filter.words.split_whitespace().take(8) {
        let pattern = format!("%{}%", like_escaped(&word.to_lowercase()));
        conditions.and("p.search LIKE ? ESCAPE '\\'", vec![pattern.into()]);
    }
    if let Some(tag) = &filter.tag {
        conditions.and(
            "EXISTS (SELECT 1 FROM project_tags t WHERE t.project = p.id AND t.tag = ?)",
            vec![tag.to_lowercase().into()],
        );
    }
    if let Some(state) = filter.state {
        conditions.and("p.state = ?", vec![state.name().into()]);
    }
    if let Some(least) = filter.min_pieces {
        conditions.and("p.pieces >= ?", vec![least.into()]);
    }
    if let Some(most) = filter.max_pieces {
        conditions.and("p.pieces <= ?", vec![most.into()]);
    }
    if let Some(creator) = &filter.creator {
        conditions.and("p.creator = ?", vec![creator.clone().into()]);
    }
    if let Some(parent) = &filter.parent {
        conditions.and("p.parent_id = ?", vec![parent.clone().into()]);
    }
    conditions
}

/// A page of projects and the cursor of the next.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list(portal: &Portal, filter: &Filter) -> Answer<(Vec<Listing>, Option<String>)> {
    let column = match filter.sort {
        Sort::Newest => "p.created_at",
        Sort::Supports => "p.supports",
        Sort::Rising => "p.rising",
    };
    let mut conditions = conditions(filter);
    if let Some(cursor) = &filter.cursor {
        let (key, id) = Key::read(cursor, filter.sort == Sort::Rising)?;
        conditions.and(&format!("({column}, p.id) < (?, ?)"), vec![key.value(), id.into()]);
    }
    let sql = format!(
        "SELECT {COLUMNS}, p.created_at AS joined_at FROM projects p JOIN accounts a ON a.id = p.creator{} \
         ORDER BY {column} DESC, p.id DESC LIMIT {}",
        conditions.sql,
        filter.limit.clamp(1, 100) + 1
    );
    let found: Vec<Raw> = rows(portal.db.read(), &sql, conditions.params).await?;
    page(found, filter.limit.clamp(1, 100), |raw| match filter.sort {
        Sort::Newest => Key::Whole(raw.created_at),
        Sort::Supports => Key::Whole(raw.supports),
        Sort::Rising => Key::Real(raw.rising),
    })
}

fn page(mut found: Vec<Raw>, limit: usize, key: impl Fn(&Raw) -> Key) -> Answer<(Vec<Listing>, Option<String>)> {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| key(last).write(&last.id));
    let items = found.into_iter().map(Listing::try_from).collect::<Answer<Vec<_>>>()?;
    Ok((items, next))
}

async fn joined(
    portal: &Portal,
    table: &str,
    account: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<(Vec<Listing>, Option<String>)> {
    let limit = limit.clamp(1, 100);
    let mut conditions = Where::default();
    conditions.and("p.listed = 1", vec![]);
    conditions.and("j.account = ?", vec![account.into()]);
    if let Some(cursor) = cursor {
        let (key, id) = Key::read(cursor, false)?;
        conditions.and("(j.created_at, p.id) < (?, ?)", vec![key.value(), id.into()]);
    }
    let sql = format!(
        "SELECT {COLUMNS}, j.created_at AS joined_at FROM {table} j JOIN projects p ON p.id = j.project \
         JOIN accounts a ON a.id = p.creator{} ORDER BY j.created_at DESC, p.id DESC LIMIT {}",
        conditions.sql,
        limit + 1
    );
    let found: Vec<Raw> = rows(portal.db.read(), &sql, conditions.params).await?;
    page(found, limit, |raw| Key::Whole(raw.joined_at))
}

/// The projects an account supports, the newest support first.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list_supported(
    portal: &Portal,
    account: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<(Vec<Listing>, Option<String>)> {
    joined(portal, "supports", account, cursor, limit).await
}

/// The projects an account follows, the newest first.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list_followed(
    portal: &Portal,
    account: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<(Vec<Listing>, Option<String>)> {
    joined(portal, "follows", account, cursor, limit).await
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_were() {
        let (key, id) = Key::read(&Key::Real(577.123_456_789).write("abc"), true).unwrap();
        assert!(matches!(key, Key::Real(real) if real.to_bits() == 577.123_456_789_f64.to_bits()));
        assert_eq!(id, "abc");
        let (key, _) = Key::read(&Key::Whole(-5).write("abc"), false).unwrap();
        assert!(matches!(key, Key::Whole(-5)));
        assert!(Key::read("x", false).is_err());
        assert!(Key::read(&Key::Whole(5).write("a"), true).is_err());
        assert!(Key::read(&URL_SAFE_NO_PAD.encode("r7ff0000000000000/x"), true).is_err());
    }

    #[test]
    fn conditions_number_their_parameters() {
        let filter =
            Filter { words: "Red 50%".into(), tag: Some("City".into()), min_pieces: Some(5), ..Filter::default() };
        let built = conditions(&filter);
        assert_eq!(built.params.len(), 4);
        assert!(built.sql.contains("p.search LIKE $2 ESCAPE '\\'"), "{}", built.sql);
        assert_eq!(built.params[1], Value::from("%50\\%%"));
        assert!(built.sql.ends_with("p.pieces >= $4"), "{}", built.sql);
    }
}
