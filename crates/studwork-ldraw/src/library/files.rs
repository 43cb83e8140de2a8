//! The files of a library by the names that references use, as one table that is written to the cache and read back
//! as it lies: every start needs it, and 27,000 names and places are too many to unpack one by one.

use super::store::StoredFile;
use crate::normalized_name;
use bytemuck::{Pod, Zeroable};

/// One file; its name and path are in the table's text.
#[repr(C)]
#[derive(Copy, Clone, Debug, Pod, Zeroable)]
struct Record {
    offset: u64,
    stored_size: u64,
    size: u64,
    crc: u32,
    name_at: u32,
    path_at: u32,
    name_length: u16,
    path_length: u16,
    deflated: u32,
    unused: u32,
}

/// All files, sorted by the names that references use.
#[derive(Debug, Default)]
pub(super) struct Files {
    records: Vec<Record>,
    text: String,
}

impl Files {
    /// Where two files have the same name, that of the earlier folder of the search is kept.
    pub fn new(files: &[StoredFile]) -> Self {
        let mut order: Vec<(String, u8, u32)> = Vec::with_capacity(files.len());
        for (index, file) in files.iter().enumerate() {
            let (name, rank) = name_and_rank(&file.path);
            // What does not fit the table is no name of a part.
            if name.len() <= usize::from(u16::MAX) && file.path.len() <= usize::from(u16::MAX) {
                order.push((name, rank, index as u32));
            }
        }
        order.sort_unstable();
        order.dedup_by(|later, kept| later.0 == kept.0);
        let mut out = Self { records: Vec::with_capacity(order.len()), text: String::new() };
        for (name, _, index) in order {
            let file = &files[index as usize];
            let mut keep = |text: &str| {
                let at = out.text.len() as u32;
                out.text.push_str(text);
                (at, text.len() as u16)
            };
            let ((name_at, name_length), (path_at, path_length)) = (keep(&name), keep(&file.path));
            let StoredFile { offset, stored_size, size, crc, deflated, .. } = *file;
            let deflated = u32::from(deflated);
            out.records.push(Record {
                offset,
                stored_size,
                size,
                crc,
                name_at,
                path_at,
                name_length,
                path_length,
                deflated,
                unused: 0,
            });
        }
        out
    }

    /// A file by its normalized name.
    pub fn get(&self, name: &str) -> Option<StoredFile> {
        self.record(name).map(|record| self.stored(record))
    }

    /// Whether there is a file of a normalized name.
    pub fn contains(&self, name: &str) -> bool {
        self.record(name).is_some()
    }

    /// All files, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = StoredFile> {
        self.records.iter().map(|record| self.stored(record))
    }

    fn record(&self, name: &str) -> Option<&Record> {
        let name_of = |record: &Record| text_at(&self.text, record.name_at, record.name_length);
        let at = self.records.binary_search_by(|record| name_of(record).unwrap_or_default().cmp(name)).ok()?;
        self.records.get(at)
    }

    fn stored(&self, record: &Record) -> StoredFile {
        StoredFile {
            path: text_at(&self.text, record.path_at, record.path_length).unwrap_or_default().to_owned(),
            offset: record.offset,
            stored_size: record.stored_size,
            size: record.size,
            deflated: record.deflated != 0,
            crc: record.crc,
        }
    }

    /// As it is written to the cache.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = self.records.len() as u64;
        [&count.to_le_bytes(), bytemuck::cast_slice(&self.records), self.text.as_bytes()].concat()
    }

    /// What [`Files::to_bytes`] made; `None` where the bytes are not that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let (records, text) = rest.split_at_checked(count.checked_mul(size_of::<Record>())?)?;
        let mut out = Self { records: vec![Record::zeroed(); count], text: std::str::from_utf8(text).ok()?.to_owned() };
        bytemuck::cast_slice_mut(&mut out.records).copy_from_slice(records);
        let sound = out.records.iter().all(|record| {
            text_at(&out.text, record.name_at, record.name_length).is_some()
                && text_at(&out.text, record.path_at, record.path_length).is_some()
        });
        sound.then_some(out)
    }
}

fn text_at(text: &str, at: u32, length: u16) -> Option<&str> {
    text.get(at as usize..at as usize + usize::from(length))
}

/// The name of a file as references use it, and the rank of its folder.
fn name_and_rank(path: &str) -> (String, u8) {
    let mut name = normalized_name(path);
    let mut rank = 0;
    if let Some(rest) = name.strip_prefix("unofficial/") {
        name = rest.to_owned();
        rank = 4;
    }
    for (at, folder) in ["parts/", "p/", "models/"].iter().enumerate() {
        if name.starts_with(folder) {
            name.drain(..folder.len());
            rank += at as u8;
            break;
        }
    }
    (name, rank)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn file(path: &str, offset: u64) -> StoredFile {
        StoredFile { path: path.to_owned(), offset, stored_size: 5, size: 9, deflated: true, crc: 77 }
    }

    #[test]
    fn files_are_found_by_the_names_of_references() {
        let stored = [
            file("UnOfficial/parts/3001.dat", 1),
            file("parts/3001.DAT", 2),
            file("p/48/4-4cyli.dat", 3),
            file("parts/s/3001s01.dat", 4),
            file("LDConfig.ldr", 5),
            file("p/ä.dat", 6),
        ];
        let files = Files::from_bytes(&Files::new(&stored).to_bytes()).unwrap();
        let offset = |name: &str| files.get(name).map(|file| file.offset);
        assert_eq!(offset("3001.dat"), Some(2), "an official part hides the unofficial one");
        assert_eq!(offset("48/4-4cyli.dat"), Some(3));
        assert_eq!(offset("s/3001s01.dat"), Some(4));
        assert_eq!(offset("ldconfig.ldr"), Some(5));
        assert_eq!(offset("ä.dat"), Some(6));
        assert_eq!(offset("3002.dat"), None);
        assert!(files.contains("3001.dat") && !files.contains("parts/3001.dat"));
        let found = files.get("3001.dat").unwrap();
        assert_eq!((found.path.as_str(), found.size, found.deflated, found.crc), ("parts/3001.DAT", 9, true, 77));
        assert_eq!(files.iter().count(), 5);
    }

    #[test]
    fn bytes_that_are_no_table_are_refused() {
        let good = Files::new(&[file("parts/3001.dat", 2)]).to_bytes();
        for length in 0..good.len() {
            assert!(Files::from_bytes(&good[..length]).is_none(), "cut at {length}");
        }
        let mut bad = good;
        bad[0] = 200;
        assert!(Files::from_bytes(&bad).is_none());
    }
}
