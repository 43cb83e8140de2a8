//! Finding parts by words, dimensions and numbers. It knows only what [`PartInfo`] says.

use super::PartInfo;
use std::collections::BTreeMap;

/// All parts with the text that is searched.
pub(super) struct SearchIndex {
    items: Vec<Item>,
}

struct Item {
    info: PartInfo,
    /// Lower-case words of the name, with dimensions joined: `brick`, `2x4`.
    words: Vec<String>,
    /// Lower-case words of the category and the keywords.
    more: Vec<String>,
}

impl SearchIndex {
    pub fn new(mut infos: Vec<PartInfo>) -> Self {
        infos.sort_by(|a, b| b.popularity.cmp(&a.popularity).then_with(|| a.id.cmp(&b.id)));
        let item = |info: PartInfo| Item {
            words: words(&info.name),
            more: std::iter::once(&info.category).chain(&info.keywords).flat_map(|text| words(text)).collect(),
            info,
        };
        Self { items: infos.into_iter().map(item).collect() }
    }

    pub fn search(&self, query: &str, category: Option<&str>) -> Vec<PartInfo> {
        let wanted = words(query);
        let mut found: Vec<(u32, usize)> = Vec::new();
        for (i, item) in self.items.iter().enumerate() {
            if category.is_some_and(|c| !item.info.category.eq_ignore_ascii_case(c)) {
                continue;
            }
            // Each word has to be found; the whole is as good as the sum.
            let score = wanted.iter().enumerate().try_fold(0, |sum, (k, word)| Some(sum + item.score(word, k)?));
            if let Some(score) = score {
                found.push((score, i));
            }
        }
        // The items are in order of use, and sorting keeps that among equals.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, i)| self.items[i].info.clone()).collect()
    }

    pub fn categories(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for item in &self.items {
            *counts.entry(&item.info.category).or_default() += 1;
        }
        counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    }
}

impl Item {
    fn score(&self, word: &str, position: usize) -> Option<u32> {
        let number = self.info.id.as_str();
        if number == word {
            return Some(1000);
        }
        if number.starts_with(word) && word.len() >= 3 {
            return Some(100);
        }
        if self.words.get(position).is_some_and(|w| w == word) {
            return Some(60);
        }
        if self.words.iter().any(|w| w == word) {
            return Some(40);
        }
        if is_dimension(word) {
            let turned: Vec<&str> = word.rsplit('x').collect();
            if turned.len() == 2 && self.words.iter().any(|w| *w == turned.join("x")) {
                return Some(30);
            }
            // `2x4` also finds `2x4x2`.
            return self.words.iter().any(|w| w.strip_prefix(word).is_some_and(|r| r.starts_with('x'))).then_some(15);
        }
        if self.words.iter().any(|w| w.starts_with(word)) {
            return Some(20);
        }
        if self.more.iter().any(|w| w.starts_with(word)) {
            return Some(10);
        }
        (word.len() >= 3 && self.words.iter().any(|w| w.contains(word))).then_some(5)
    }
}

fn is_dimension(word: &str) -> bool {
    word.contains('x') && word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'x' | '.' | '/'))
}

/// Lower-case words with dimensions joined to one: `Brick  2 x 4` and `brick 2x4` both give `brick`, `2x4`.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    let mut joining = false;
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"');
    for word in lower.split(separators).filter(|w| !w.is_empty()) {
        let number = |w: &str| w.starts_with(|c: char| c.is_ascii_digit());
        let after_number =
            words.last().is_some_and(|last| number(last) && (is_dimension(last) || last.parse::<f32>().is_ok()));
        match words.last_mut() {
            Some(last) if joining && number(word) => {
                last.push_str(word);
                joining = false;
            }
            Some(last) if matches!(word, "x" | "×" | "by") && after_number => {
                last.push('x');
                joining = true;
            }
            _ => {
                joining = false;
                words.push(word.replace('×', "x"));
            }
        }
    }
    // A dimension still being typed: `2 x` finds what `2` finds.
    for word in &mut words {
        if word.len() > 1 && word.starts_with(|c: char| c.is_ascii_digit()) {
            word.truncate(word.trim_end_matches('x').len());
        }
    }
    words
}
